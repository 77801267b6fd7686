"""Outcomes of units as whole numbers over one denominator, the worst unit first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

One = Fraction(1)


@dataclass(frozen=True)
class Units:
    """What the forms look at: the outcome and weight of each unit, worst first.

    Sums over hundreds of quotients with different denominators are slow as fractions; over one common denominator they
    are sums of whole numbers.

    Attributes
    ----------
    values : numerators of the outcomes, from the worst unit to the best
    scale : their denominator
    weights : numerators of the weights, in the same order; all above 0
    weight_scale : their denominator
    better : ``high`` or ``low``: which outcome is good
    """

    values: tuple[int, ...]
    scale: int
    weights: tuple[int, ...]
    weight_scale: int
    better: str

    @classmethod
    def of(cls, values: Sequence[Fraction], weights: Sequence[Fraction] | None = None, better: str = "high") -> Units:
        """Units from outcomes and weights (1 each where None); a unit of weight 0 counts for nothing and is left out.

        Raises
        ------
        ValueError : a weight is negative, or there are not as many weights as outcomes
        """
        given = [One] * len(values) if weights is None else list(weights)
        if any(weight < 0 for weight in given):
            raise ValueError("a weight is negative")
        kept = [(value, weight) for value, weight in zip(values, given, strict=True) if weight]
        scale = math.lcm(*(value.denominator for value, _ in kept))
        weight_scale = math.lcm(*(weight.denominator for _, weight in kept))
        pairs = sorted(((value.numerator * (scale // value.denominator), weight.numerator * (weight_scale // weight.denominator))
                        for value, weight in kept), reverse=better == "low")
        return cls(tuple(value for value, _ in pairs), scale, tuple(weight for _, weight in pairs), weight_scale, better)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def total(self) -> int:
        """Σ weights, over ``weight_scale``."""
        return sum(self.weights)

    @property
    def mass(self) -> int:
        """Σ weight · value, over ``weight_scale · scale``."""
        return sum(weight * value for weight, value in zip(self.weights, self.values, strict=True))

    @property
    def mean(self) -> Fraction:
        """Weighted mean outcome; there has to be a unit."""
        return Fraction(self.mass, self.total * self.scale)

    @property
    def least(self) -> int:
        """Numerator of the smallest outcome, worst or best."""
        return min(self.values)

    @property
    def equal(self) -> bool:
        """Whether all units have the same outcome."""
        return len(set(self.values)) <= 1

    def rising(self) -> list[tuple[int, int]]:
        """(value, weight) from the smallest outcome to the largest."""
        pairs = list(zip(self.values, self.weights, strict=True))
        return pairs if self.better == "high" else pairs[::-1]

    def outcomes(self) -> list[Fraction]:
        """The outcomes as reduced fractions, worst first."""
        return [Fraction(value, self.scale) for value in self.values]
