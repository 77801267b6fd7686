"""Equity forms, worked out by the audit itself: by other formulas than the plan's own values, in exact numbers.

Whatever is rational stays so; roots and logarithms are evaluated to more than ``DIGITS`` digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

from optimizer.instance.settings import EquityFields
from optimizer.plan.audit.exact import DIGITS, exact

ZERO, ONE = Fraction(0), Fraction(1)
HALF = Fraction(1, 2)
REAL = Context(prec=2 * DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX)


@dataclass(frozen=True)
class Spread:
    """The distribution of an outcome over units.

    ``units`` are the outcomes in rising order, each with its weight, as whole numbers over ``scale`` and over ``per``.
    """

    units: list[tuple[int, int]]
    scale: int
    per: int
    better: str

    @property
    def whole(self) -> int:
        return sum(weight for _, weight in self.units)

    @property
    def sum(self) -> int:
        return sum(value * weight for value, weight in self.units)

    def levels(self) -> list[tuple[int, int]]:
        """(value, weight at or below it), each value once."""
        upto = accumulate(weight for _, weight in self.units)
        return list({value: (value, weight) for (value, _), weight in zip(self.units, upto, strict=True)}.values())

    def turned(self) -> Spread:
        """The distribution of −u."""
        return Spread([(-value, weight) for value, weight in reversed(self.units)], self.scale, self.per, "high")


def spread(values: Sequence[Fraction], weights: Sequence[Fraction], better: str) -> Spread:
    """The distribution of outcomes; a unit of weight 0 is left out."""
    kept = [(value, weight) for value, weight in zip(values, weights, strict=True) if weight > 0]
    scale = math.lcm(*{value.denominator for value, _ in kept})
    per = math.lcm(*{weight.denominator for _, weight in kept})
    return Spread(sorted((int(value * scale), int(weight * per)) for value, weight in kept), scale, per, better)


Form = Callable[[Spread, EquityFields], Fraction | None]


def _by_direction(high: Form) -> Form:
    """A form defined for outcomes of which more is better; where less is, that of −u with its sign turned."""

    def form(of: Spread, given: EquityFields) -> Fraction | None:
        if of.better == "high":
            return high(of, given)
        value = high(of.turned(), given)
        return None if value is None else -value

    return form


def _above_zero(index: Form) -> Form:
    """An index relative to the mean, which has to be above 0."""
    return lambda of, given: index(of, given) if of.sum > 0 else None


def worst(of: Spread, _: EquityFields) -> Fraction | None:
    """The least outcome."""
    return Fraction(min(of.units)[0], of.scale) if of.units else None


def _mean_of_worst(of: Spread, amount: Fraction) -> Fraction:
    """t − Σ w·max(0, t − u) / amount at the quantile t: the value of the linear program of conditional value at risk."""
    at = next((value for value, upto in of.levels() if upto >= amount), of.units[-1][0])
    short = sum(weight * (at - value) for value, weight in of.units if value < at)
    return (at - short / amount) / of.scale


def worst_m(of: Spread, given: EquityFields) -> Fraction | None:
    """Mean outcome of the worst m: a share of all weight below 1, else an amount of it, at most all."""
    if not of.units:
        return None
    m, whole = exact(given.m or 1), Fraction(of.whole)
    return _mean_of_worst(of, min(whole, m * whole if m < 1 else m * of.per))


def ordered_average(of: Spread, given: EquityFields) -> Fraction | None:
    """Σ_k (ω_k − ω_{k+1})·k·(mean of the worst k/n of the weight) / Σ ω."""
    count = len(of.units)
    listed = [exact(weight) for weight in given.weights or (1,)]
    slots = [listed[min(k, len(listed) - 1)] for k in range(count)]
    if not any(slots):
        return None
    steps = [here - later for here, later in pairwise([*slots, ZERO])]
    parts = [step * k * _mean_of_worst(of, Fraction(k * of.whole, count)) for k, step in enumerate(steps, start=1) if step]
    return sum(parts, ZERO) / sum(slots)


def mean_difference(of: Spread, _: EquityFields) -> Fraction | None:
    """Half of Gini's mean difference as an area: ∫ F(u)·(1 − F(u)) du."""
    if not of.units:
        return None
    whole = of.whole
    area = sum((after - here) * upto * (whole - upto) for (here, upto), (after, _) in pairwise(of.levels()))
    return Fraction(area, whole * whole * of.scale)


def gini(of: Spread, given: EquityFields) -> Fraction | None:
    """Half the mean difference over the mean."""
    half = mean_difference(of, given)
    return None if half is None else half * of.whole * of.scale / of.sum


def hoover(of: Spread, _: EquityFields) -> Fraction | None:
    """What units below the mean are short of it, of all there is."""
    whole, total = of.whole, of.sum
    short = sum(weight * (total - whole * value) for value, weight in of.units if whole * value < total)
    return Fraction(short, whole * total)


def deviation(of: Spread, _: EquityFields) -> Fraction | None:
    """Twice what units above the mean exceed it by, per weight."""
    if not of.units:
        return None
    whole, total = of.whole, of.sum
    over = sum(weight * (whole * value - total) for value, weight in of.units if whole * value > total)
    return Fraction(2 * over, whole * whole * of.scale)


def extent(of: Spread, _: EquityFields) -> Fraction | None:
    """The largest outcome over the mean less the least over the mean."""
    return Fraction((of.units[-1][0] - of.units[0][0]) * of.whole, of.sum)


def lower_half(of: Spread, _: EquityFields) -> Fraction | None:
    """McLoone: the sum of the outcomes up to the median, over what it would be were they all the median."""
    if not of.units:
        return None
    half = Fraction(of.whole, 2)
    first = next(value for value, upto in of.levels() if upto >= half)
    last = next(value for value, upto in of.levels() if upto > half)
    median = (first + last) * HALF
    if median <= 0:
        return None
    below = [(value, weight) for value, weight in of.units if value <= median]
    return Fraction(sum(value * weight for value, weight in below)) / (median * sum(weight for _, weight in below))


# -- roots and logarithms


def _real(value: Fraction) -> Decimal:
    return REAL.divide(Decimal(value.numerator), Decimal(value.denominator))


def _read(value: Decimal) -> Fraction:
    return Fraction(Context(prec=DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX).plus(value))


def _mean(of: Spread, function: Callable[[Decimal], Decimal]) -> Decimal:
    """Mean of a function of the outcome."""
    out = Decimal(0)
    for value, weight in of.units:
        out = REAL.fma(function(_real(Fraction(value, of.scale))), Decimal(weight), out)
    return REAL.divide(out, Decimal(of.whole))


def _to_the(exponent: Decimal) -> Callable[[Decimal], Decimal]:
    return lambda value: REAL.exp(REAL.multiply(exponent, REAL.ln(value))) if value else Decimal(0)


def _power_mean(of: Spread, exponent: Fraction) -> Decimal:
    return _to_the(_real(1 / exponent))(_mean(of, _to_the(_real(exponent))))


def log_welfare(of: Spread, _: EquityFields) -> Fraction | None:
    """Mean of ln u; none where a unit has nothing."""
    return _read(_mean(of, REAL.ln)) if of.units and of.units[0][0] > 0 else None


def welfare(of: Spread, given: EquityFields) -> Fraction | None:
    """Mean of u^(1−α) / (1−α), for α = 1 of ln u."""
    alpha = exact(given.alpha or 0)
    if alpha == 1:
        return log_welfare(of, given)
    if not of.units:
        return None
    least = of.units[0][0]
    if alpha and (least < 0 or (least == 0 and alpha > 1)):
        return None
    if alpha == 0:
        return Fraction(of.sum, of.whole * of.scale)
    return _read(REAL.divide(_mean(of, _to_the(_real(1 - alpha))), _real(1 - alpha)))


def atkinson(of: Spread, given: EquityFields) -> Fraction | None:
    """1 − (the outcome which, had by all, is as good) / mean; 1 where that outcome is 0."""
    alpha, least = exact(given.alpha or 0), of.units[0][0]
    if least < 0:
        return None
    if alpha == 0 or least == of.units[-1][0]:
        return ZERO
    if least == 0 and alpha >= 1:
        return ONE
    same = REAL.exp(_mean(of, REAL.ln)) if alpha == 1 else _power_mean(of, 1 - alpha)
    return _read(REAL.subtract(Decimal(1), REAL.divide(same, _real(Fraction(of.sum, of.whole * of.scale)))))


def theil(of: Spread, _: EquityFields) -> Fraction | None:
    """(mean of u·ln u) / mean − ln mean."""
    if of.units[0][0] < 0:
        return None
    if of.units[0][0] == of.units[-1][0]:
        return ZERO
    mean = _real(Fraction(of.sum, of.whole * of.scale))
    entropy = _mean(of, lambda value: REAL.multiply(value, REAL.ln(value)) if value else Decimal(0))
    return _read(REAL.subtract(REAL.divide(entropy, mean), REAL.ln(mean)))


# -- thresholds


def threshold_welfare(of: Spread, given: EquityFields) -> Fraction | None:
    """Σ over persons of max(u_min, u − Δ), and Δ for all but one of them; over the number of persons."""
    if not of.units:
        return None
    gap, least, persons = exact(given.threshold or 0) * of.scale, of.units[0][0], Fraction(of.whole, of.per)
    mean = sum((weight * max(Fraction(least), value - gap) for value, weight in of.units), ZERO) / of.whole
    return (mean + gap * (persons - 1) / persons) / of.scale


def threshold_leximax(of: Spread, given: EquityFields) -> Fraction | None:
    """The m-th function of Chen and Hooker's sequence over n, written as one sum over the units."""
    count, m = len(of.units), int(given.m or 1)
    if not count:
        return None
    place = min(m, count)
    if place == 1:
        return threshold_welfare(of, given)
    values = [Fraction(value, of.scale) for value, _ in of.units]
    line = values[0] + exact(given.threshold or 0)
    total = ZERO
    for rank, value in enumerate(values, start=1):
        if rank < place:
            total += (count - rank + 1) * value
        else:
            total += min(line, values[place - 1]) + max(ZERO, value - line)
    return total / count


def least_share(outcomes: Mapping[str, Fraction], ideals: Mapping[str, float]) -> Fraction | None:
    """Kalai–Smorodinsky: the largest z with z·ideal ≤ outcome for every unit whose ideal is above 0."""
    z: Fraction | None = None
    for unit, outcome in outcomes.items():
        ideal = exact(ideals.get(unit, 0.0))
        if ideal > 0 and (z is None or z * ideal > outcome):
            z = outcome / ideal
    return z


FORMS: dict[str, Form] = {
    "maximin": _by_direction(worst), "leximin": _by_direction(worst), "cvar": _by_direction(worst_m),
    "owa": _by_direction(ordered_average), "gini": _above_zero(gini), "gini_absolute": mean_difference,
    "hoover": _above_zero(hoover), "mad": deviation, "range": _above_zero(extent), "mcloone": _above_zero(lower_half),
    "atkinson": _above_zero(atkinson), "alpha": welfare, "nash": log_welfare, "theil": _above_zero(theil),
    "hooker_williams": _by_direction(threshold_welfare), "chen_hooker": _by_direction(threshold_leximax),
}
#: Made small whichever outcome is good, and made large whichever is.
SMALL = ("gini", "gini_absolute", "hoover", "mad", "range", "atkinson", "theil")
LARGE = ("mcloone",)
#: Without a number where a unit has nothing, because they are worse than any.
BOUNDLESS = ("alpha", "nash")


def sense(form: str, better: str) -> str:
    """``max`` or ``min``."""
    if form in SMALL or form in LARGE:
        return "min" if form in SMALL else "max"
    return "max" if better == "high" else "min"
