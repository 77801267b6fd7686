"""What counties would have by a claims rule, worked out by the audit itself: awards as functions of one common level.

Constrained equal awards are min(c, λ) for the λ at which they use up the estate; equal losses are what is left of the
claims after equal awards of the shortfall (the two rules are dual), and the Talmud rule does one below half of all claims
and the other above (Aumann & Maschler 1985).
"""

from __future__ import annotations

from fractions import Fraction

from optimizer.plan.audit.cells import by_name, cells
from optimizer.plan.audit.exact import UnknownValueError, exact_or_none
from optimizer.plan.audit.measure import Meter

ZERO = Fraction(0)
NAMES = ("proportional", "cea", "cel", "talmud")


def claimants(meter: Meter, streams: set[str]) -> dict[str, Fraction]:
    """The claims of counties that money of the streams can reach; blank claims are unknown and left out."""
    data = meter.data
    inside = {county for stream, county in cells(data.reach, "stream", "county") if stream in streams}
    read = {county: exact_or_none(claim) for county, claim in by_name(data.counties["claim"]).items() if county in inside}
    return {county: read[county] or ZERO for county in sorted(read) if read[county] is not None}


def awards(name: str, claims: dict[str, Fraction], estate: Fraction) -> dict[str, Fraction]:
    """What each claimant is awarded of an estate.

    Raises
    ------
    UnknownValueError
        If there is no such rule.
    """
    whole = sum(claims.values(), ZERO)
    if estate >= whole:
        return dict(claims)
    if name == "proportional":
        return {one: estate / whole * claim for one, claim in claims.items()}
    if name == "cea":
        return _up_to(claims, estate)
    if name == "cel":
        return _after(claims, whole - estate)
    if name != "talmud":
        raise UnknownValueError(f"there is no claims rule {name}")
    halves = {one: claim / 2 for one, claim in claims.items()}
    if 2 * estate <= whole:
        return _up_to(halves, estate)
    short = _up_to(halves, whole - estate)
    return {one: claim - short[one] for one, claim in claims.items()}


def _up_to(claims: dict[str, Fraction], estate: Fraction) -> dict[str, Fraction]:
    """min(claim, λ), adding up to the estate."""
    level = ZERO
    for top in sorted(set(claims.values())):
        if sum((min(claim, top) for claim in claims.values()), ZERO) >= estate:
            above = [claim for claim in claims.values() if claim >= top]
            below = sum((claim for claim in claims.values() if claim < top), ZERO)
            level = (estate - below) / len(above)
            break
        level = top
    return {one: min(claim, level) for one, claim in claims.items()}


def _after(claims: dict[str, Fraction], short: Fraction) -> dict[str, Fraction]:
    """What is left of the claims after equal losses that add up to ``short``."""
    lost = _up_to(claims, short)
    return {one: claim - lost[one] for one, claim in claims.items()}
