"""How each row of each rule stands, one function a rule type, worked out from the plan's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.settings import BandRule, BoundRule, EquityRule, ExitRule, Measure, PairsRule, ShareRule
from optimizer.plan.audit.baseline import baseline, budget
from optimizer.plan.audit.cells import cells
from optimizer.plan.audit.exact import exact, exact_or_none, known
from optimizer.plan.audit.exits import limits
from optimizer.plan.audit.measure import Meter, Row
from optimizer.plan.audit.outcomes import equity

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Standing:
    """One row of a rule: low ≤ value ≤ high.

    Attributes
    ----------
    names : how the row is called, and a second way to call it (empty = none)
    value, low, high : in the unit of the rule; None = no such limit
    free : nothing at all is given, and that is allowed: ``low`` is not asked for
    amounts : how many amounts of money it sums (0 = it is not about money)
    off : the rule does not speak of this row
    """

    names: tuple[str, str]
    value: Fraction
    low: Fraction | None
    high: Fraction | None
    free: bool = False
    amounts: int = 0
    off: bool = False

    @property
    def slack(self) -> Fraction | None:
        """What is to spare, at least 0; None if nothing is asked for."""
        spare = [] if self.low is None or self.free else [self.value - self.low]
        spare += [] if self.high is None else [self.high - self.value]
        return max(ZERO, min(spare)) if spare else None

    @property
    def broken_by(self) -> Fraction:
        below = ZERO if self.low is None or self.free else self.low - self.value
        above = ZERO if self.high is None else self.value - self.high
        return max(ZERO, below, above)


def spelled(names: Sequence[str], row: Row) -> str:
    """``county=A;period=2026``."""
    parts = [f"{name}={unit}" for name, unit in zip(names, row.units, strict=True)]
    return ";".join([*parts, f"period={row.period}"] if row.period is not None else parts)


def _names(names: Sequence[str], row: Row, last: bool) -> tuple[str, str]:
    """How a row is called; a row of the last period only may be called with or without it."""
    return (spelled(names, Row(row.units, None)), spelled(names, row)) if last else (spelled(names, row), "")


def _each(each: str) -> tuple[str, ...]:
    return () if each == "all" else (each,)


def _last(measure: Measure, periods: Any) -> bool:
    return (measure.periods if measure.periods is not None else periods) == "last"


def _timed(rows: Sequence[Row]) -> bool:
    return any(row.period is not None for row in rows)


def _amounts(meter: Meter, measure: Measure, each: Sequence[str], timed: bool) -> dict[Row, int]:
    """How many amounts of money each row sums; none where it is not about money."""
    return meter.counted(measure, each, timed) if _about_money(measure) else {}


def _about_money(measure: Measure) -> bool:
    return measure.sum in ("money", "support") or (measure.sum == "projects" and measure.column == "cost")


def _times(share: Fraction | None, amount: Fraction) -> Fraction | None:
    return None if share is None else share * amount


def bound(meter: Meter, rule: BoundRule) -> list[Standing]:
    """min ≤ of / per ≤ max; rows without a denominator are left out; ``or_zero``: nothing at all is allowed too."""
    each = _each(rule.each)
    rows = meter.rows(rule.of, each, rule.periods)
    timed, last = _timed(rows), _last(rule.of, rule.periods)
    sums, counts = meter.sums(rule.of, each, timed), _amounts(meter, rule.of, each, timed)
    per = meter.per(rule.of, rule.per, each, timed) if rule.per else {}
    low, high = exact_or_none(rule.min), exact_or_none(rule.max)
    about_money = _about_money(rule.of)
    out = []
    for row in rows:
        divisor = per.get(row, per.get(Row(row.units, None), ZERO)) if rule.per else ONE
        if divisor > 0:
            value = sums.get(row, ZERO) / divisor
            out.append(Standing(
                _names(each, row, last), value, low, high, free=rule.or_zero and value == 0,
                amounts=max(1, counts.get(row, 0)) if about_money else 0))
    return out


def share(meter: Meter, rule: ShareRule) -> list[Standing]:
    """min·whole ≤ part ≤ max·whole, in the unit of the part; of increases over a baseline with ``increase_over``."""
    each = _each(rule.each)
    rows = meter.rows(rule.whole, each, rule.periods)
    timed, last = _timed(rows), _last(rule.whole, rule.periods)
    parted = () if rule.part_each is None else (rule.part_each,)
    kinds: list[tuple[str, ...]] = [(kind,) for name in parted for kind in meter.units(rule.part, name)]
    kinds = kinds if parted else [()]
    names = (*each, *parted)
    parts, wholes = meter.sums(rule.part, names, timed), meter.sums(rule.whole, each, timed)
    counts, about_money = _amounts(meter, rule.whole, each, timed), _about_money(rule.whole)
    before_part: dict[Row, Fraction] = {}
    before_whole: dict[Row, Fraction] = {}
    off = False
    if rule.increase_over is not None:
        before_part = baseline(meter, rule.part, rule.increase_over, names, timed)
        before_whole = baseline(meter, rule.whole, rule.increase_over, each, timed)
        off = not grows(meter, rule.whole, rule.increase_over)
    few = candidates(meter, rule) if rule.from_ else None
    low, high = exact_or_none(rule.min), exact_or_none(rule.max)
    out = []
    for row in rows:
        whole = wholes.get(row, ZERO) - before_whole.get(row, ZERO)
        missing = few is not None and few[row.units[0] if each else ""] < rule.from_
        for kind in kinds:
            key = Row((*row.units, *kind), row.period)
            value = parts.get(key, ZERO) - before_part.get(key, ZERO)
            out.append(Standing(
                _names(names, key, last), value, _times(low, whole), _times(high, whole), off=off or missing,
                amounts=max(1, counts.get(row, 0)) if about_money else 0))
    return out


def grows(meter: Meter, whole: Measure, which: str) -> bool:
    """Whether the whole's budget exceeds its baseline, over the horizon."""
    before = baseline(meter, whole, which, (), False).get(Row((), None), ZERO)
    return budget(meter, whole, False)[None] > before


def candidates(meter: Meter, rule: ShareRule) -> Counter[str]:
    """Projects that may be started, by the unit of the rule (under ``""`` all of them)."""
    projects = meter.data.projects[meter.data.projects["status"] != "forbid"]
    for name in ("project", "county", "category", "sector"):
        if name in rule.whole.filters:
            inside = meter.admitted(name, rule.whole.filters[name])
            cells = projects.index if name == "project" else projects[name]
            projects = projects[cells.isin(inside)]
    if rule.each == "all":
        return Counter({"": len(projects)})
    columns = {"project": projects.index.tolist(), "county": projects["county"].tolist(),
               "category": projects["category"].tolist(), "sector": projects["sector"].tolist()}
    return Counter(str(value) for value in meter.labels(rule.each, columns))


def band(meter: Meter, rule: BandRule) -> list[Standing]:
    """low·b ≤ of ≤ high·b around last year or the factor method; a row without a baseline is off."""
    each = _each(rule.each)
    rows = meter.rows(rule.of, each, rule.periods)
    timed, last = _timed(rows), _last(rule.of, rule.periods)
    sums, counts = meter.sums(rule.of, each, timed), meter.counted(rule.of, each, timed)
    base = baseline(meter, rule.of, rule.to, each, timed)
    scale = _scale(meter, rule, timed) if rule.scaled else {}
    low, high = exact_or_none(rule.low), exact_or_none(rule.high)
    out = []
    for row in rows:
        b = base.get(row)
        factor = scale.get(row.period) if rule.scaled else ONE
        off = b is None or factor is None
        around = ZERO if b is None or factor is None else b * factor
        out.append(Standing(
            _names(each, row, last), sums.get(row, ZERO), _times(low, around), _times(high, around),
            amounts=max(1, counts.get(row, 0)), off=off))
    return out


def _scale(meter: Meter, rule: BandRule, timed: bool) -> dict[int | None, Fraction]:
    """Budget of the measure's streams over their whole baseline, in each period."""
    streams = {name: wanted for name, wanted in rule.of.filters.items() if name == "stream"}
    whole = baseline(meter, rule.of.model_copy(update={"filters": streams}), rule.to, (), timed)
    return {period: amount / before for period, amount in budget(meter, rule.of, timed).items()
            if (before := whole.get(Row((), period), ZERO)) > 0}


def pairs(meter: Meter, rule: PairsRule) -> list[Standing]:
    """Existing pairs that end, at most ``max_changed`` (none for ``keep: all``); new ones only for a gain."""
    frame, chosen = meter.data.pairs, meter.books.chosen
    existing = frame[(frame["existing"] == 1).to_numpy()]
    out = []
    if rule.keep == "all" or rule.max_changed is not None:
        ended = sum(pair not in chosen for pair in cells(existing, "donor", "county"))
        most = 0 if rule.keep == "all" or rule.max_changed is None else rule.max_changed
        out.append(Standing(("", ""), Fraction(ended), None, Fraction(most)))
    if rule.min_gain is not None:
        out.extend(_gains(meter, rule, existing))
    return out


def _gains(meter: Meter, rule: PairsRule, existing: pd.DataFrame) -> list[Standing]:
    """New pairs that do not exceed the best existing pair of their county by ``min_gain``: none, county by county.

    Candidates near the limit are compared exactly; the many that are far from it by their floats.
    """
    frame, gain = meter.data.pairs, exact(rule.min_gain or 0.0)
    best: dict[str, Fraction] = {}
    for county, cell in cells(existing, "county", rule.column):
        value = known(cell, f"pairs.csv, {county}", rule.column)
        best[county] = max(value, best.get(county, value))
    limit = frame["county"].map({county: float(value + gain) for county, value in best.items()}).to_numpy(float)
    fresh = (frame["existing"] != 1).to_numpy()
    with np.errstate(invalid="ignore"):
        near = fresh & (frame[rule.column].to_numpy(float) <= limit + 1e-6)
    barred: dict[str, int] = {}
    rows = frame[near]
    for donor, county, cell in cells(rows, "donor", "county", rule.column):
        if exact(cell) < best[county] + gain:
            barred[county] = barred.get(county, 0) + ((donor, county) in meter.books.chosen)
    return [Standing((f"county={county}", ""), Fraction(count), None, ZERO) for county, count in sorted(barred.items())]


def exit_(meter: Meter, rule: ExitRule) -> list[Standing]:
    """By a period (the last), all counties the rule speaks of, or at least n of them, have exited."""
    by = rule.by if rule.by is not None else meter.data.periods[-1]
    spoken = sorted(limits(meter.books, rule))
    if rule.at_least == "all":
        return [Standing((f"county={c};period={by}", ""), Fraction(meter.exited[c, by]), ONE, None) for c in spoken]
    count = sum(meter.exited[county, by] for county in spoken)
    return [Standing((f"period={by}", ""), Fraction(count), Fraction(rule.at_least), None)]


def equity_rule(meter: Meter, rule: EquityRule) -> list[Standing]:
    """The value of an equity form, between min and max; off where it is not defined.

    Worse than any number is one below ``min``, or ``max``.
    """
    value, _, boundless = equity(meter, rule)
    low, high = exact_or_none(rule.min), exact_or_none(rule.max)
    if boundless:
        value = low - ONE if low is not None else high
    return [Standing(("", ""), value or ZERO, low, high, off=value is None)]


TYPES: dict[str, Callable[[Meter, Any], list[Standing]]] = {
    "bound": bound, "share": share, "band": band, "pairs": pairs, "exit": exit_, "equity": equity_rule,
}
