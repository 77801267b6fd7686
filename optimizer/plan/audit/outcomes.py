"""Outcomes: one number for each county, donor or group, and the equity forms of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from optimizer.instance.settings import EquityFields, Measure, OutcomeDef
from optimizer.plan.audit.cells import by_name
from optimizer.plan.audit.equity import BOUNDLESS, FORMS, least_share, sense, spread
from optimizer.plan.audit.exact import exact
from optimizer.plan.audit.measure import STOCKS, Atoms, Meter, Row

ZERO = Fraction(0)

BUILT_IN: dict[str, tuple[OutcomeDef, int]] = {
    "covered_share": (OutcomeDef(of=Measure(sum="covered", weighted=True), per=("people",), better="high"), 1),
    "gap_per_1000": (OutcomeDef(of=Measure(sum="gap"), per=("population",), better="low"), 1000),
    "money": (OutcomeDef(of=Measure(sum="money"), per=(), better="high"), 1),
    "money_per_head": (OutcomeDef(of=Measure(sum="money"), per=("population",), better="high"), 1),
    "burden": (OutcomeDef(of=Measure(sum="support"), per=("revenue",), better="low"), 1),
}


@dataclass(frozen=True)
class Outcome:
    """The outcome of each unit that has one, and whether high is good."""

    values: dict[str, Fraction]
    better: str


def outcome(meter: Meter, name: str, over: str) -> Outcome:
    """An outcome, declared or built in, over ``counties``, ``donors`` or a text column of either."""
    each = {"counties": "county", "donors": "donor"}.get(over, over)
    declared = meter.data.settings.outcomes.get(name)
    if declared is None and name == "loss":
        return _loss(meter, each)
    definition, factor = (declared, 1) if declared is not None else BUILT_IN[name]
    of = definition.of
    top = _tops(meter, of, each)
    low = meter.per(
        of, definition.per, (each,), False, skip_blank=True, spans=meter.named(of)) if definition.per else None
    values: dict[str, Fraction] = {}
    for unit in meter.units(of, each):
        divisor = Fraction(1) if low is None else low.get(Row((unit,), None), ZERO)
        if divisor > 0:
            values[unit] = top.get(unit, ZERO) * factor / divisor
    return Outcome(values, definition.better)


def _tops(meter: Meter, of: Measure, each: str) -> dict[str, Fraction]:
    """The measure by unit, over the periods it names."""
    spans = meter.named(of)
    if spans is None:
        return {row.units[0]: value for row, value in meter.sums(of, (each,), False).items()}
    out: dict[str, Fraction] = {}
    for row, value in meter.sums(of, (each,), True).items():
        if row.period in spans:
            out[row.units[0]] = out.get(row.units[0], ZERO) + value
    return out


def _loss(meter: Meter, each: str) -> Outcome:
    """Σ over counties of max(0, claim − money); counties without a claim are left out."""
    claims = {county: exact(claim) for county, claim in by_name(meter.data.counties["claim"]).items() if claim == claim}
    money = _tops(meter, Measure(sum="money"), "county")
    losses = [max(ZERO, claim - money.get(county, ZERO)) for county, claim in claims.items()]
    sums = meter.grouped(Atoms({"county": list(claims)}, losses), "loss" in STOCKS, (each,), False)
    return Outcome({row.units[0]: value for row, value in sums.items()}, "low")


class Read(NamedTuple):
    """An equity form as the audit reads it; ``boundless``: no number, because it is worse than any."""

    value: Fraction | None
    sense: str
    boundless: bool


def equity(meter: Meter, given: EquityFields) -> Read:
    """The value of an equity form and which way it is good.

    Raises
    ------
    KeyError
        If the form is not one that this audit can recompute.
    """
    form = given.equity or "maximin"
    found = outcome(meter, given.outcome or "covered_share", given.over)
    if form == "kalai":
        ideals = meter.ideals.get((given.outcome or "covered_share", given.over), {})
        return Read(least_share(found.values, ideals), "max", False)
    weights = _weights(meter, given, found)
    of = spread(list(found.values.values()), weights, found.better)
    value = FORMS[form](of, given)
    return Read(value, sense(form, found.better), value is None and form in BOUNDLESS and bool(of.units))


def _weights(meter: Meter, given: EquityFields, found: Outcome) -> list[Fraction]:
    """The weight column summed over each unit; people are counted as the outcome's denominator counts them."""
    if given.weight is None:
        return [Fraction(1)] * len(found.values)
    each = {"counties": "county", "donors": "donor"}.get(given.over, given.over)
    name = given.outcome or "covered_share"
    declared = meter.data.settings.outcomes.get(name)
    of = declared.of if declared is not None else Measure(sum="money") if name == "loss" else BUILT_IN[name][0].of
    sums = meter.per(of, (given.weight,), (each,), False, skip_blank=True, spans=meter.named(of))
    return [sums.get(Row((unit,), None), ZERO) for unit in found.values]
