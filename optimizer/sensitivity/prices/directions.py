"""Directions in which limits move, and how far a point can follow them.

Columns and rows of a program stand in one numbering here: column j is j, row i is ``n_columns + i``. A row's value is its
activity. So a limit is a bound of one or several of these, whatever it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from optimizer.engine.program import Floats

ROUND_OFF = 1e-9  # rates below this share of the largest are round-off


@dataclass(frozen=True)
class Direction:
    """By how much each bound moves for one more unit of what a planner can change.

    Parameters
    ----------
    lower, upper : amount by position (columns first, then rows); what is not named stays
    """

    lower: Mapping[int, float] = field(default_factory=dict)
    upper: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def of_upper(cls, position: int) -> Direction:
        """One upper bound."""
        return cls(upper={position: 1.0})

    @classmethod
    def of_lower(cls, position: int) -> Direction:
        """One lower bound."""
        return cls(lower={position: 1.0})

    @property
    def positions(self) -> list[int]:
        """Every position of which a bound moves, in order."""
        return sorted({*self.lower, *self.upper})

    def times(self, factor: float) -> Direction:
        """The same direction, faster or the other way."""
        return Direction({k: factor * v for k, v in self.lower.items()}, {k: factor * v for k, v in self.upper.items()})

    def over(self, positions: list[int]) -> Direction:
        """The same direction in a numbering of these positions alone."""
        number = {k: n for n, k in enumerate(positions)}
        return Direction({number[k]: v for k, v in self.lower.items()}, {number[k]: v for k, v in self.upper.items()})


def reach(value: Floats, step: Floats, low: Floats, high: Floats, moved: Direction) -> float:
    """How many steps a point can go while the bounds move with it; inf where nothing stops it.

    Parameters
    ----------
    value, step : the point and its step
    low, high : bounds at the start
    moved : what the bounds move by in a step
    """
    least = ROUND_OFF * max(1.0, float(np.abs(step).max(initial=0.0)))
    rises, falls = step.copy(), -step
    for k, by in moved.upper.items():
        rises[k] -= by
    for k, by in moved.lower.items():
        falls[k] += by
    ends = []
    for rate, room in ((rises, high - value), (falls, value - low)):
        hit = (rate > least) & np.isfinite(room)
        if hit.any():
            ends.append(float((np.maximum(room[hit], 0.0) / rate[hit]).min()))
    return min(ends, default=np.inf)
