"""A criterion that is a quotient of two linear expressions, such as an inequality index over its mean."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.engine.arrays import Floats, dot
from optimizer.engine.program import Linear

NOTHING = 1e-9  # denominators up to this are 0


@dataclass(frozen=True, eq=False)
class Ratio(Linear):
    """``(vector @ x + constant) / (below @ x + below_constant)``, both at least 0; made small, or large where it is at most 1.

    ``below`` may be shorter than a program that was extended later: new columns count as 0.
    """

    below: Floats = field(default_factory=lambda: np.empty(0))
    below_constant: float = 0.0

    def under(self, x: Floats) -> float:
        """The denominator at a point."""
        return dot(self.below, x[: len(self.below)]) + self.below_constant

    def at(self, x: Floats) -> float:
        """The quotient at a point; nan where the denominator is not above 0 by more than a solver's rounding."""
        below = self.under(x)
        return super().at(x) / below if below > NOTHING else float("nan")

    def less(self, value: float) -> Linear:
        """Numerator − value × denominator."""
        vector = self.vector.copy()
        vector[: len(self.below)] -= value * self.below
        return Linear(self.sense, vector, self.constant - value * self.below_constant, self.unit)

    def complement(self) -> Ratio:
        """What the quotient lacks of 1, the other way round."""
        vector = -self.vector
        vector[: len(self.below)] += self.below
        return Ratio("min" if self.sense == "max" else "max", vector, self.below_constant - self.constant, self.unit,
                     self.below, self.below_constant)

    def numerator(self, size: int) -> Linear:
        """The numerator as something to be made small, over ``size`` columns."""
        return Linear("min", np.append(self.vector, np.zeros(size - len(self.vector))), self.constant)

    def divisor(self, size: int) -> Linear:
        """The denominator as something to be made large, over ``size`` columns."""
        return Linear("max", np.append(self.below, np.zeros(size - len(self.below))), self.below_constant)
