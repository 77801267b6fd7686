"""Outcomes and equity forms: one number for each county, donor or group, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from optimizer.instance.settings import EquityFields, Measure, OutcomeDef
from optimizer.plan.audit.cells import by_name
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


def maximin(found: Outcome) -> Fraction | None:
    """The worst unit's outcome; None if no unit has one."""
    if not found.values:
        return None
    return min(found.values.values()) if found.better == "high" else max(found.values.values())


FORMS: dict[str, Callable[[Outcome], Fraction | None]] = {"maximin": maximin}


def equity(meter: Meter, given: EquityFields) -> tuple[Fraction | None, str]:
    """The value of an equity form, and the direction of its outcome.

    Raises
    ------
    KeyError
        If the form is not one that this audit can recompute.
    """
    found = outcome(meter, given.outcome or "covered_share", given.over)
    return FORMS[given.equity or "maximin"](found), found.better
