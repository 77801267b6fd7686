"""What amounts are compared with: last year's money, the factor method and claims rules, worked out by the audit itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from optimizer.instance.data import Data
from optimizer.instance.settings import FactorPart, Measure
from optimizer.plan.audit.books import Books
from optimizer.plan.audit.cells import by_name, cells
from optimizer.plan.audit.estates import NAMES as CLAIMS_RULES
from optimizer.plan.audit.estates import awards, claimants
from optimizer.plan.audit.exact import UnknownValueError, exact, floor, known
from optimizer.plan.audit.measure import Atoms, Meter, Row
from optimizer.plan.audit.tables import Fund

ZERO = Fraction(0)


def baseline(meter: Meter, measure: Measure, which: str, each: Sequence[str], timed: bool) -> dict[Row, Fraction]:
    """Baseline of a measure of money by the columns ``each`` (and period); rows of which nothing is known are missing.

    ``which`` is ``last`` (the same amount in every period), ``factor`` or a claims rule, for which a filter on streams
    says what the estate is.
    """
    if measure.sum != "money":
        raise UnknownValueError(f"there is no baseline for {measure.sum}, only for money")
    if which in CLAIMS_RULES:
        atoms = _claimed(meter, measure, which)
    else:
        atoms = _factor(meter.data) if which == "factor" else _last(meter, measure, each)
    keep = [True] * len(atoms.values)
    for name, wanted in measure.filters.items():
        if name == "stream" and which in CLAIMS_RULES:
            continue
        if name not in atoms.columns:
            raise UnknownValueError(f"the baseline {which} does not know {name}")
        inside = meter.admitted(name, wanted)
        keep = [k and value in inside for k, value in zip(keep, atoms.columns[name], strict=True)]
    return meter.grouped(atoms.chosen(keep), False, each, timed)


def _last(meter: Meter, measure: Measure, each: Sequence[str]) -> Atoms:
    """Rows of the table baseline at the level the question asks for, repeated for each period.

    Where a stream (category) is named by a filter or a grouping, its own rows; else the row of the whole, or, where
    there is none, the rows of the parts.
    """
    table = meter.data.baseline
    rows = [(*key, exact(money)) for *key, money in cells(table, "county", "stream", "category", "money")]
    asked = {*measure.filters, *each}
    if "stream" in asked:
        rows = [r for r in rows if r[1] != ""]
    else:
        whole = {r[0] for r in rows if r[1] == ""}
        rows = [r for r in rows if r[1] == "" or r[0] not in whole]
    if "category" in asked:
        rows = [r for r in rows if r[2] != ""]
    else:
        wholes = {(r[0], r[1]) for r in rows if r[2] == ""}
        rows = [r for r in rows if r[2] == "" or (r[0], r[1]) not in wholes]
    periods = meter.data.periods
    return Atoms(
        {"county": [r[0] for r in rows for _ in periods], "stream": [r[1] for r in rows for _ in periods],
         "category": [r[2] for r in rows for _ in periods], "period": [p for _ in rows for p in periods]},
        [r[3] for r in rows for _ in periods],
    )


def _claimed(meter: Meter, measure: Measure, which: str) -> Atoms:
    """Awards by a claims rule out of all the streams' money, paid out as their budgets fall to the periods."""
    data = meter.data
    streams = set(meter.admitted("stream", measure.filters["stream"])) if "stream" in measure.filters else set(data.streams)
    claims = claimants(meter, streams)
    amounts = budget(meter, measure, True)
    estate = sum((amounts[period] for period in data.periods), ZERO)
    award = awards(which, claims, estate)
    paid = sum(award.values(), ZERO)
    columns: dict[str, list[Any]] = {"county": [], "period": []}
    values: list[Fraction] = []
    for period in data.periods:
        part = paid * amounts[period] / estate if estate else ZERO
        columns["county"] += list(award)
        columns["period"] += [period] * len(award)
        values += _by_remainder(list(award.values()), part, exact(data.step))
    return Atoms(columns, values)


def _factor(data: Data) -> Atoms:
    """The factor method's money by stream, county and period."""
    factor = data.settings.factor
    if factor is None:
        raise UnknownValueError("the instance has no factor method")
    streams = set(factor.streams) or {name for name, s in data.streams.items() if s.kind == "transfer"}
    columns: dict[str, list[Any]] = {"stream": [], "county": [], "period": []}
    values: list[Fraction] = []
    shares: dict[tuple[str, str], list[tuple[str, Fraction]]] = {}
    for stream, scope, period, amount in cells(data.budgets, "stream", "scope", "period", "amount"):
        if stream not in streams:
            continue
        if (stream, scope) not in shares:
            reach = data.reach[(data.reach["stream"] == stream) & (data.reach["scope"] == scope)]
            shares[stream, scope] = _shares(data, sorted(reach["county"].tolist()))
        split = shares[stream, scope]
        parts = _by_remainder([share for _, share in split], exact(amount), exact(data.step))
        for (county, _), money in zip(split, parts, strict=True):
            columns["stream"].append(stream)
            columns["county"].append(county)
            columns["period"].append(period)
            values.append(money)
    return Atoms(columns, values)


def _shares(data: Data, counties: list[str]) -> list[tuple[str, Fraction]]:
    """share_i = Σ_f w_f · n_i·g_i / Σ_j n_j·g_j over the counties."""
    factor = data.settings.factor
    assert factor is not None
    shares = dict.fromkeys(counties, ZERO)
    for part in factor.factors:
        points = _points(data, part, counties)
        whole = sum(points, ZERO)
        for county, point in zip(counties, points, strict=True):
            shares[county] += exact(part.weight) * point / whole if whole else ZERO
    return list(shares.items())


def _points(data: Data, part: FactorPart, counties: list[str]) -> list[Fraction]:
    """n·g of each county; where all counties are alike in a ``low`` factor, n alone."""
    x = _cells(data, part.column, counties)
    n = _cells(data, part.scale, counties) if part.scale else [Fraction(1)] * len(counties)
    top = max(x, default=ZERO)
    points = [scale * (value if part.direction == "high" else top - value) for scale, value in zip(n, x, strict=True)]
    return points if any(points) else n


def _cells(data: Data, name: str, counties: list[str]) -> list[Fraction]:
    given = by_name(data.counties[name])
    return [known(given[county], f"counties.csv, {county}", name) for county in counties]


def _by_remainder(shares: list[Fraction], amount: Fraction, step: Fraction) -> list[Fraction]:
    """Whole steps for each share: all floors, then a step each by largest remainder, ties to the earlier."""
    whole, steps = sum(shares, ZERO), floor(amount / step)
    if not whole:
        return [ZERO] * len(shares)
    due = [share / whole * steps for share in shares]
    given = [floor(part) for part in due]
    first = sorted(range(len(due)), key=lambda n: (given[n] - due[n], n))[: steps - sum(given)]
    for n in first:
        given[n] += 1
    return [part * step for part in given]


def budget(meter: Meter, measure: Measure, timed: bool) -> dict[int | None, Fraction]:
    """Money that the streams of a measure may pay: budgets, and donors' money of pairing streams; by period."""
    data = meter.data
    streams = meter.admitted("stream", measure.filters["stream"]) if "stream" in measure.filters else set(data.streams)
    out: dict[int | None, Fraction] = {None: ZERO} | dict.fromkeys(data.periods, ZERO)
    of = by_name(data.donors["stream"])
    rows = list(cells(data.budgets, "stream", "period", "amount"))
    rows += [(of[donor], period, money) for donor, period, money in cells(data.donor_money, "donor", "period", "money")]
    for stream, period, amount in rows:
        if stream in streams:
            out[period if timed else None] += exact(amount)
    return out


def baseline_funds(meter: Meter, which: str) -> Meter | None:
    """A meter that reads a baseline as if it were the plan's funds; None unless it is known of every county."""
    data = meter.data
    if (which == "factor" and data.settings.factor is None) or (which == "last" and not len(data.baseline)):
        return None
    atoms = _factor(data) if which == "factor" else _last(meter, Measure(sum="money"), ())
    if set(data.counties.index) - set(atoms.columns["county"]):
        return None
    streams, counties, periods = (atoms.columns[name] for name in ("stream", "county", "period"))
    funds = tuple(
        Fund(stream, county, "", period, money)
        for stream, county, period, money in zip(streams, counties, periods, atoms.values, strict=True)
    )
    books = meter.books
    return Meter(Books(books.data, replace(books.tables, funds=funds)), meter.state, meter.ideals)
