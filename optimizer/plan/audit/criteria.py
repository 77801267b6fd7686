"""criteria.csv: every value recomputed, and bounds and gaps that follow from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from optimizer.instance.settings import Criterion, EquityFields, EquityRule, Measure
from optimizer.plan.audit.baseline import baseline_funds
from optimizer.plan.audit.cells import cells, records
from optimizer.plan.audit.equity import FORMS
from optimizer.plan.audit.exact import UnknownValueError, exact, spells, total
from optimizer.plan.audit.measure import Meter, Row
from optimizer.plan.audit.outcomes import equity
from optimizer.plan.audit.report import Tallies

ZERO = Fraction(0)
#: A bound is worked out in floating point to the solver's feasibility tolerance; relative.
BOUND_TOLERANCE = Fraction(1, 10**6)
#: Methods that make one number of several criteria.
TOGETHER = ("weighted", "goal", "reference")
#: Weight of the sum beside the worst criterion, for a reference point.
SMALL_PART = Fraction(1, 10**4)


class Valued(NamedTuple):
    """A criterion's value (None = not defined) and sense."""

    value: Fraction | None
    sense: str


def coverage_share(meter: Meter) -> Fraction:
    """Mean over needs of covered / people, both summed by period weight; needs that nobody has are left out."""
    covered = meter.sums(Measure(sum="covered"), ("need",), False)
    gaps = meter.sums(Measure(sum="gap"), ("need",), False)
    people = {row: covered.get(row, ZERO) + gaps.get(row, ZERO) for row in {*covered, *gaps}}
    shares = [covered.get(row, ZERO) / count for row, count in people.items() if count > 0]
    return sum(shares, ZERO) / len(shares) if shares else ZERO


def ended(meter: Meter) -> Fraction:
    """Existing pairs that are not chosen."""
    pairs = meter.data.pairs
    existing = pairs[(pairs["existing"] == 1).to_numpy()]
    return Fraction(sum(pair not in meter.books.chosen for pair in cells(existing, "donor", "county")))


def fit(meter: Meter) -> Fraction:
    """Σ fit · support: fit weighted by the money that flows."""
    cells, rows = meter.data.pairs["fit"], meter.books.pair_rows
    given = meter.books.tables.support
    return total(exact(cells.iat[rows[row.donor, row.county]]) * row.money for row in given)


BUILT_IN: dict[str, tuple[str, Callable[[Meter], Fraction]]] = {
    "coverage": ("max", lambda meter: meter.total(Measure(sum="covered", weighted=True))),
    "coverage_share": ("max", coverage_share),
    "gap": ("min", lambda meter: meter.total(Measure(sum="gap"))),
    "spend": ("min", lambda meter: meter.total(Measure(sum="money"))),
    "exited": ("max", lambda meter: meter.total(Measure(sum="exited"))),
    "fit": ("max", fit),
    "fit_pairs": ("max", lambda meter: meter.total(Measure(sum="pairs", column="fit"))),
    "disruption": ("min", ended),
}


class Criteria:
    """Evaluates the criteria of a plan by name; ``points`` are those of its soft rules."""

    def __init__(self, meter: Meter, points: Fraction, ranges: Mapping[str, float]) -> None:
        self.meter, self.points, self.ranges = meter, points, ranges

    def __call__(self, name: str, role: str = "indicator") -> Valued:
        """The value of a criterion.

        Raises
        ------
        KeyError
            If there is no such criterion.
        """
        settings = self.meter.data.settings
        if role == "bounded":
            rule = next((r for r in settings.rules if isinstance(r, EquityRule) and r.active and r.id == name), None)
            if rule is None:
                raise KeyError(name)
            return self._equity(rule, None)
        if name in settings.criteria:
            return self._declared(settings.criteria[name])
        if name == "broken":
            return Valued(self.points, "min")
        if name in TOGETHER and role == "objective":
            return self._together(name)
        if name in FORMS:
            return self._equity(EquityFields.model_validate({"equity": name, "outcome": "covered_share"}), None)
        sense, function = BUILT_IN[name]
        return Valued(function(self.meter), sense)

    def _equity(self, given: EquityFields, sense: str | None) -> Valued:
        read = equity(self.meter, given)
        return Valued(read.value, sense or read.sense)

    def _declared(self, criterion: Criterion) -> Valued:
        if criterion.equity is not None:
            return self._equity(criterion, criterion.sense)
        assert criterion.of is not None
        value = self.meter.total(criterion.of)
        sense = criterion.sense or "max"
        if not criterion.per:
            return Valued(value, sense)
        divisor = self.meter.per(
            criterion.of, criterion.per, (), False, spans=self.meter.named(criterion.of)).get(Row((), None), ZERO)
        return Valued(value / divisor if divisor else None, sense)

    def _together(self, method: str) -> Valued:
        """What a method makes of its levels: a weighted sum, what goals miss in all, or the achievement."""
        past = []
        for level in self.meter.data.settings.method.levels:
            found = self(level.criterion, "objective")
            size = exact(self.ranges.get(level.criterion) or level.range or 1.0)
            sign = 1 if found.sense == "max" else -1
            target = ZERO if method == "weighted" else exact(level.target or 0.0)
            past.append(sign * exact(level.weight) * ((found.value or ZERO) - target) / size)
        if method == "weighted":
            return Valued(sum(past, ZERO), "max")
        if method == "goal":
            return Valued(sum((-each for each in past if each < 0), ZERO), "min")
        return Valued(min(past) + SMALL_PART * sum(past, ZERO), "max")


def audit_criteria(criteria: Criteria, complete: bool, tallies: Tallies) -> None:
    """Every row of criteria.csv; ``complete`` is False if the points of soft rules could not be worked out."""
    rows = records(criteria.meter.books.tables.criteria)
    _listed(criteria, rows, tallies)
    for row in rows:
        name, role = row["criterion"], row["role"]
        at = f"criterion {name} ({role})"
        try:
            found = criteria(name, role)
        except KeyError:
            tallies["criterion_rows"].margin(-1, at, "there is no such criterion")
            continue
        except UnknownValueError as unknown:
            tallies["known_values"].margin(-1, at, str(unknown))
            continue
        tallies["known_values"].holds(True, at)
        tallies["criterion_rows"].holds(row["sense"] == found.sense, at, f"sense {row['sense']} should be {found.sense}")
        if complete or name not in ("broken", *TOGETHER):
            _value(row["value"], found.value, at, tallies)
        _bound(row, found, _earlier_held(criteria, rows, row), at, tallies)
    _baselines(criteria, rows, tallies)


def _listed(criteria: Criteria, rows: list[dict[str, Any]], tallies: Tallies) -> None:
    """Each level of the method and each equity rule has its row."""
    settings = criteria.meter.data.settings
    listed = {(row["criterion"], row["role"]): row["level"] for row in rows}
    for number, level in enumerate(settings.method.levels, start=1):
        place = 1 if settings.method.type in TOGETHER else number
        found = listed.get((level.criterion, "objective"))
        tallies["criterion_rows"].holds(found == place, f"criterion {level.criterion}", f"no objective of level {place}")
    for rule in settings.rules:
        if isinstance(rule, EquityRule) and rule.active:
            tallies["criterion_rows"].holds((rule.id, "bounded") in listed, f"rule {rule.id}", "not among the bounded criteria")


def _value(claimed: float, true: Fraction | None, at: str, tallies: Tallies) -> None:
    tally = tallies["criterion_values"]
    if true is None or math.isnan(claimed):
        tally.holds(true is None and math.isnan(claimed), at, "blank, or not defined")
    elif spells(claimed, true):
        tally.holds(True, at)
    else:
        tally.equal(exact(claimed), true, at, "value")


def _earlier_held(criteria: Criteria, rows: list[dict[str, Any]], row: Mapping[str, Any]) -> bool:
    """Whether the plan holds every level before this one: the bound of a level is over plans that do.

    Whole steps may cost an earlier level a little; then a later one may come out above its bound. Points of soft rules
    come before the first level where no level names them; any other indicator with a bound was asked for last.
    """
    levels = criteria.meter.data.settings.method.levels
    if row["role"] != "objective" and row["criterion"] == "broken":
        return True
    for other in rows:
        last = row["role"] != "objective" or other["level"] < row["level"]
        before = last if other["role"] == "objective" else other["criterion"] == "broken"
        if not before or math.isnan(other["bound"]) or math.isnan(other["modelled_value"]):
            continue
        true, sense = criteria(other["criterion"], other["role"])
        reached = exact(other["modelled_value"])
        given = next((level.tolerance for level in levels if level.criterion == other["criterion"]), None)
        room = ZERO if given is None else exact(given.amount) * (abs(reached) if given.relative else 1)
        lost = (reached - (true or ZERO)) * (1 if sense == "max" else -1)
        if lost > room + BOUND_TOLERANCE * max(abs(reached), Fraction(1)):
            return False
    return True


def _bound(row: Mapping[str, Any], found: Valued, earlier_held: bool, at: str, tallies: Tallies) -> None:
    """No plan is better than the bound; the gap is the distance from it, in percent of the value."""
    bound, true = row["bound"], found.value
    if math.isnan(bound) or true is None:
        for name in ("gap", "gap_percent"):
            tallies["criterion_gaps"].holds(math.isnan(row[name]), at, f"{name} without a bound")
        return
    distance = (exact(bound) - true) * (1 if found.sense == "max" else -1)
    slack = BOUND_TOLERANCE * max(abs(true), Fraction(1))
    margin = distance if distance >= 0 else min(ZERO, distance + slack)
    tallies["criterion_bounds"].margin(
        margin if earlier_held else max(ZERO, margin), at, f"bound {bound!r} is worse than the value {float(true)!r}")
    gap = max(ZERO, distance)
    _gap(row["gap"], gap, at, "gap", tallies)
    if true:
        _gap(row["gap_percent"], 100 * gap / abs(true), at, "gap_percent", tallies)


def _gap(claimed: float, true: Fraction, at: str, name: str, tallies: Tallies) -> None:
    tally = tallies["criterion_gaps"]
    if math.isnan(claimed):
        tally.margin(-1, at, f"{name} is blank")
    elif spells(claimed, true):
        tally.holds(True, at)
    else:
        tally.equal(exact(claimed), true, at, name)


def _baselines(criteria: Criteria, rows: list[dict[str, Any]], tallies: Tallies) -> None:
    """What criteria that money alone decides come to under last year's money and the factor method."""
    for which in ("last", "factor"):
        claims = [row for row in rows if not math.isnan(row[which])]
        if not claims:
            continue
        try:
            meter = baseline_funds(criteria.meter, which)
        except UnknownValueError as unknown:
            tallies["known_values"].margin(-1, f"criteria.csv, {which}", str(unknown))
            continue
        under = Criteria(meter, ZERO, {}) if meter is not None else None
        for row in claims:
            claimed = row[which]
            at, name = f"criterion {row['criterion']}, {which}", row["criterion"]
            if under is None or not money_alone(criteria.meter, name):
                tallies["criterion_baselines"].margin(-1, at, "nothing is known of it; leave it blank")
                continue
            try:
                true = under(name, row["role"]).value
            except UnknownValueError as unknown:
                tallies["known_values"].margin(-1, at, str(unknown))
                continue
            if true is not None and spells(claimed, true):
                tallies["criterion_baselines"].holds(True, at)
            else:
                tallies["criterion_baselines"].equal(exact(claimed), true or ZERO, at)


def money_alone(meter: Meter, name: str) -> bool:
    """Whether a criterion depends on nothing but money by county."""
    criterion = meter.data.settings.criteria.get(name)
    if criterion is None:
        return name == "spend"
    if criterion.equity is not None:
        return criterion.outcome in ("money", "money_per_head", "loss") and criterion.outcome not in meter.data.settings.outcomes
    return criterion.of is not None and criterion.of.sum == "money" and not {"stream", "category"} & set(criterion.of.filters)
