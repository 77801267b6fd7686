"""Welfare and the inequality it implies: α-fairness, Nash (proportional fairness), Atkinson, Theil; to fifty digits.

Sources: Atkinson, "On the measurement of inequality", J. of Economic Theory 2 (1970); Mo & Walrand, "Fair end-to-end
window-based congestion control", IEEE/ACM Trans. Networking 8 (2000), for α-fairness; Nash, "The bargaining problem",
Econometrica 18 (1950), and Kelly, Maulloo & Tan, J. of the OR Society 49 (1998), for proportional fairness; Theil,
"Economics and Information Theory" (1967). Outcomes must not be negative: none of these is defined below 0.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from optimizer.instance.settings import EquityFields
from optimizer.plan.equity.decimals import WORK, decimal, power, rounded, weighted_mean
from optimizer.plan.equity.units import Units
from optimizer.plan.exact import fraction


def _aversion(fields: EquityFields) -> Fraction:
    assert fields.alpha is not None
    return fraction(fields.alpha)


def alpha_fairness(units: Units, fields: EquityFields) -> Fraction | None:
    """Mean welfare Σ w·u^(1−α)/(1−α) / W; at α = 1 the mean of ln u. None without units.

    α = 0 is the mean outcome, and the larger α is, the nearer to maximin. For α ≥ 1 a unit with nothing makes it worse
    than any number, so that there is none.
    """
    alpha = _aversion(fields)
    if alpha == 1:
        return nash(units, fields)
    if not len(units):
        return None
    if alpha == 0:
        return units.mean
    if units.least < 0 or (alpha > 1 and units.least == 0):
        return None
    left = decimal(1 - alpha)
    welfare = [power(decimal(value), left) for value in units.outcomes()]
    return rounded(WORK.divide(weighted_mean(welfare, units.weights), left))


def nash(units: Units, _: EquityFields) -> Fraction | None:
    """Mean of ln u: the Nash welfare (the geometric mean) on the scale that adds up. None if a unit has nothing."""
    if not len(units) or units.least <= 0:
        return None
    return rounded(weighted_mean([WORK.ln(decimal(value)) for value in units.outcomes()], units.weights))


def atkinson(units: Units, fields: EquityFields) -> Fraction | None:
    """1 − (equally distributed equivalent) / mean, the equivalent being (Σ w·u^(1−α) / W)^(1/(1−α)).

    At α = 1 the equivalent is the geometric mean. For α ≥ 1 it falls to 0 as a unit's outcome does, so that a unit with
    nothing gives 1. None where the mean is not above 0, or an outcome is negative.
    """
    alpha = _aversion(fields)
    if not len(units) or units.mass <= 0 or units.least < 0:
        return None
    if alpha == 0 or units.equal:
        return Fraction(0)
    if alpha >= 1 and units.least == 0:
        return Fraction(1)
    ratios = _over_mean(units)
    if alpha == 1:
        same = WORK.exp(weighted_mean([WORK.ln(ratio) for ratio in ratios], units.weights))
    else:
        left = decimal(1 - alpha)
        mean = weighted_mean([power(ratio, left) for ratio in ratios], units.weights)
        same = power(mean, WORK.divide(Decimal(1), left))
    return rounded(WORK.subtract(Decimal(1), same))


def theil(units: Units, _: EquityFields) -> Fraction | None:
    """Theil's T: Σ w·(u/ū)·ln(u/ū) / W, a unit with nothing adding 0; from 0 (equal) to ln n.

    None where the mean is not above 0, or an outcome is negative.
    """
    if not len(units) or units.mass <= 0 or units.least < 0:
        return None
    if units.equal:
        return Fraction(0)
    parts = [WORK.multiply(ratio, WORK.ln(ratio)) if ratio else Decimal(0) for ratio in _over_mean(units)]
    return rounded(weighted_mean(parts, units.weights))


def _over_mean(units: Units) -> list[Decimal]:
    """Each outcome over the mean."""
    mean = decimal(units.mean)
    return [WORK.divide(decimal(value), mean) for value in units.outcomes()]
