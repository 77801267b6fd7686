"""Indices of inequality that are rational: Gini, Hoover, mean deviation, relative range, McLoone.

Sources: Gini, "Variabilità e mutabilità" (1912), as half the (relative) mean difference; Hoover, "Interstate
redistribution of population, 1850–1940", J. of Economic History 1 (1941); McLoone's index after Berne & Stiefel, "The
measurement of equity in school finance" (1984); relative range after Chen & Hooker (2023). All keep Dalton's principle of
transfers (weakly: Hoover, mean deviation and range see no transfer on one side of the mean or between the ends, McLoone
none above the median) and do not change when every unit is doubled.
"""

from __future__ import annotations

from fractions import Fraction

from optimizer.instance.settings import EquityFields
from optimizer.plan.equity.units import Units


def gini_absolute(units: Units, _: EquityFields) -> Fraction | None:
    """Half the mean difference, in the outcome's unit: Σ_i Σ_j w_i·w_j·|u_i − u_j| / (2·W²); None without units.

    With the outcomes in rising order and B_i the weight before unit i it is Σ_i w_i·u_i·(2·B_i + w_i − W) / W².
    """
    if not len(units):
        return None
    total, before, top = units.total, 0, 0
    for value, weight in units.rising():
        top += weight * value * (2 * before + weight - total)
        before += weight
    return Fraction(top, total * total * units.scale)


def gini(units: Units, fields: EquityFields) -> Fraction | None:
    """Relative Gini index: the absolute one over the mean, 0 = equal; None where the mean is not above 0."""
    half = gini_absolute(units, fields)
    return None if half is None or units.mass <= 0 else half / units.mean


def mean_deviation(units: Units, _: EquityFields) -> Fraction | None:
    """Mean absolute deviation from the mean, in the outcome's unit: Σ w·|u − ū| / W; None without units."""
    if not len(units):
        return None
    total, mass = units.total, units.mass
    top = sum(weight * abs(total * value - mass) for value, weight in zip(units.values, units.weights, strict=True))
    return Fraction(top, total * total * units.scale)


def hoover(units: Units, fields: EquityFields) -> Fraction | None:
    """Share of the whole that would have to move for all to be equal: Σ w·|u − ū| / (2·W·ū); None unless the mean is > 0."""
    apart = mean_deviation(units, fields)
    return None if apart is None or units.mass <= 0 else apart / (2 * units.mean)


def relative_range(units: Units, _: EquityFields) -> Fraction | None:
    """Largest less smallest outcome, over the mean; None where the mean is not above 0."""
    if not len(units) or units.mass <= 0:
        return None
    return Fraction(abs(units.values[-1] - units.values[0]), units.scale) / units.mean


def mcloone(units: Units, _: EquityFields) -> Fraction | None:
    """What the units at or below the median have, over what they would have at the median: 1 = equal among them.

    The median is the middle of all values with at most half of the weight on either side. None where it is not above 0.
    """
    if not len(units):
        return None
    median = _median(units)
    if median <= 0:
        return None
    below = [(value, weight) for value, weight in units.rising() if value <= median]
    return Fraction(sum(weight * value for value, weight in below)) / (median * sum(weight for _, weight in below))


def _median(units: Units) -> Fraction:
    """The median's numerator, over the units' scale."""
    rising, total, before = units.rising(), units.total, 0
    for at, (value, weight) in enumerate(rising):
        before += weight
        if 2 * before > total:
            return Fraction(value)
        if 2 * before == total:
            return Fraction(value + rising[at + 1][0], 2)
    raise ValueError("there is no unit")
