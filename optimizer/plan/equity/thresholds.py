"""Equity up to a threshold, efficiency past it: Hooker–Williams and Chen–Hooker.

Sources: Hooker & Williams, "Combining equity and utilitarianism in a mathematical programming model", Management Science
58 (2012); V. X. Chen & Hooker, "Combining leximax fairness and efficiency in a mathematical programming model", European
J. of OR 299 (2022). Units within Δ of the worst are treated by need, those better off by what they gain. Where a low
outcome is good, both are taken of −u, and the value is turned round again: a cost, to be made small.
"""

from __future__ import annotations

from fractions import Fraction

from optimizer.instance.settings import EquityFields
from optimizer.plan.equity.units import Units
from optimizer.plan.exact import fraction


def _utilities(units: Units) -> tuple[list[Fraction], int]:
    """Outcomes as utilities, worst first, and the sign that turns welfare back into the outcome's direction."""
    sign = 1 if units.better == "high" else -1
    return [Fraction(sign * value) for value in units.values], sign


def hooker_williams(units: Units, fields: EquityFields) -> Fraction | None:
    """[(N−1)·Δ + N·u_min + Σ w·max(0, u − u_min − Δ)] / N, N = Σ w; None without units.

    Δ is ``threshold``, in the outcome's unit. With weights a unit stands for that many persons of equal outcome. Δ = 0
    is the mean, a Δ that none exceeds is the worst outcome and a constant.
    """
    if not len(units):
        return None
    assert fields.threshold is not None
    utilities, sign = _utilities(units)
    gap, worst = fraction(fields.threshold) * units.scale, utilities[0]
    extra = sum((weight * (utility - worst - gap) for utility, weight in zip(utilities, units.weights, strict=True)
                 if utility > worst + gap), Fraction(0))
    value = gap * (1 - Fraction(units.weight_scale, units.total)) + worst + extra / units.total
    return sign * value / units.scale


def chen_hooker(units: Units, fields: EquityFields) -> Fraction | None:
    """The k-th function of the sequence that is maximised one after the other, over n; k = ``m``. None without units.

    F_1 is Hooker–Williams; for k ≥ 2, with u_(1) ≤ … ≤ u_(n),
    F_k = Σ_{i<k} (n−i+1)·u_(i) + (n−k+1)·min(u_(1) + Δ, u_(k)) + Σ_{i≥k} max(0, u_(i) − u_(1) − Δ).
    A k beyond n is n. Each is continuous and grows under Chateauneuf–Moyes transfers (an equal amount from each of the best
    off to each of the worst off, ranks kept), as the authors ask of it.
    """
    count = len(units)
    if not count:
        return None
    assert fields.m is not None and fields.threshold is not None
    k = min(int(fields.m), count)
    if k == 1:
        return hooker_williams(units, fields)
    utilities, sign = _utilities(units)
    line = utilities[0] + fraction(fields.threshold) * units.scale
    earlier = sum(((count - i) * utility for i, utility in enumerate(utilities[: k - 1])), Fraction(0))
    later = sum((utility - line for utility in utilities[k - 1:] if utility > line), Fraction(0))
    value = earlier + (count - k + 1) * min(line, utilities[k - 1]) + later
    return sign * value / (count * units.scale)
