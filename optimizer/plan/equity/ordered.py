"""Forms of the ordered outcomes: the worst unit, the mean of the worst, ordered weighted averages.

Sources: Rawls, "A Theory of Justice" (1971), as formulated by Chen & Hooker, "A guide to formulating fairness in an
optimization model", Annals of Operations Research 326 (2023); Ogryczak & Ruszczyński, "Dual stochastic dominance and
related mean-risk models", SIAM J. Optimization 13 (2002), for the worst-m mean; Yager, "On ordered weighted averaging
aggregation operators", IEEE Trans. SMC 18 (1988); with weights of units: Torra, "The weighted OWA operator", Int. J. of
Intelligent Systems 12 (1997), and Ogryczak & Śliwiński, "On efficient WOWA optimization", Int. J. of Approximate
Reasoning 50 (2009).
"""

from __future__ import annotations

import math
from fractions import Fraction

from optimizer.instance.settings import EquityFields
from optimizer.plan.equity.units import Units
from optimizer.plan.exact import fraction


def maximin(units: Units, _: EquityFields) -> Fraction | None:
    """The worst unit's outcome: the least where high is good, the largest where low is good; None without units."""
    return Fraction(units.values[0], units.scale) if len(units) else None


def cvar(units: Units, fields: EquityFields) -> Fraction | None:
    """Mean outcome of the worst ``m``: a number of units (of weight) from 1 on, a share of all below 1.

    The last unit counts in part; more than there are is all of them, so that the value is the mean. None without units.
    """
    if not len(units):
        return None
    assert fields.m is not None
    m = fraction(fields.m)
    return worst_mean(units, m * units.total if m < 1 else m * units.weight_scale)


def worst_mean(units: Units, amount: Fraction) -> Fraction:
    """Mean outcome of the worst ``amount`` of weight, counted in numerators of the weights; above 0."""
    amount = min(amount, Fraction(units.total))
    left, mass = amount, 0
    for value, weight in zip(units.values, units.weights, strict=True):
        if weight >= left:
            return (mass + left * value) / (amount * units.scale)
        mass, left = mass + weight * value, left - weight
    return Fraction(mass) / (amount * units.scale)


def owa(units: Units, fields: EquityFields) -> Fraction | None:
    """Ordered weighted average Σ_k ω_k·u_(k) / Σ_k ω_k, u_(1) being the worst outcome; None without units.

    ω are the listed ``weights``, the last one repeated; of n units only the first n are used. Where units have weights of
    their own, ω_k is spread evenly over the k-th n-th of the whole weight in order from the worst (WOWA): units of equal
    weight give the plain average back, and for non-increasing ω it is Σ_k (ω_k − ω_{k+1})·k·(mean of the worst k/n of
    weight) / Σ_k ω_k.
    """
    count = len(units)
    if not count:
        return None
    assert fields.weights is not None
    listed = [fraction(weight) for weight in fields.weights][:count]
    shape = math.lcm(*(weight.denominator for weight in listed))
    slots = [int(weight * shape) for weight in listed]
    slots += slots[-1:] * (count - len(slots))
    if not sum(slots):
        return None
    total, mass, slot, room = units.total, 0, 0, units.total
    for value, weight in zip(units.values, units.weights, strict=True):  # weight is counted n times, so slots hold a whole
        left = count * weight
        while left:
            part = min(left, room)
            mass += part * slots[slot] * value
            left, room = left - part, room - part
            if not room and slot + 1 < count:
                slot, room = slot + 1, total
    return Fraction(mass, sum(slots) * total * units.scale)


def leximin_order(units: Units) -> list[Fraction]:
    """What leximin compares, one after the other: the outcomes from the worst to the best."""
    return units.outcomes()
