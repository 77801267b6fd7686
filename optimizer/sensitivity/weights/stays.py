"""How far one weight can move until another point is better: exactly, by where the lines of two points cross.

The best value under ``cost + step·direction`` is the upper edge of one straight line for each point, convex in ``step``.
The line of the known best point leaves that edge where the line of some other point crosses it. That other point is
found by asking for the best one far out, then where its line crosses, until nothing is better there (Newton's method on
a convex function of finitely many pieces; the same steps as in Eisner & Severance, JACM 23, 1976).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.engine.arrays import dot
from optimizer.engine.program import Floats

SAME = 1e-8  # share of a value below which two cannot be told apart
ROUNDS = 60


@dataclass(frozen=True, eq=False)
class Best:
    """The best point that was found for a cost, and what no point exceeds, both made large."""

    x: Floats
    bound: float


@dataclass(frozen=True, eq=False)
class End:
    """Where a range ends.

    Attributes
    ----------
    step : from the present weight; infinite where the point stays best for good
    beyond : the point that is better past the end; None where there is none
    gap : how much better than the known point another could still be at the end, as a share of what the value sums
    """

    step: float
    beyond: Floats | None
    gap: float


def end(
    best: Callable[[Floats], Best], cost: Floats, direction: Floats, x: Floats, farthest: float = math.inf
) -> End:
    """Until which step in a direction a point stays best.

    Parameters
    ----------
    best : the best point for a cost to be made large
    cost : at which ``x`` is best
    farthest : the largest step of interest, above 0 (infinite: as far as it goes)
    """
    here, rate = dot(cost, x), dot(direction, x)
    infinite = math.isinf(farthest)
    at = farthest
    found = best(direction if infinite else cost + at * direction)
    if not _better(found, direction if infinite else cost + at * direction, x):
        return End(farthest, None, _gap(found, direction if infinite else cost + at * direction, x))
    beyond = found.x
    for _ in range(ROUNDS):
        gain = dot(direction, beyond) - rate
        if gain <= 0:  # better by a solver's rounding only
            break
        at = max(0.0, (here - dot(cost, beyond)) / gain)
        found = best(cost + at * direction)
        if not _better(found, cost + at * direction, x) or dot(direction, found.x) - rate <= 0:
            break
        following = max(0.0, (here - dot(cost, found.x)) / (dot(direction, found.x) - rate))
        if following >= at:
            break
        beyond = found.x
    return End(at, beyond, _gap(found, cost + at * direction, x))


def _better(found: Best, cost: Floats, x: Floats) -> bool:
    return dot(cost, found.x) - dot(cost, x) > SAME * _size(cost, found.x, x)


def _gap(found: Best, cost: Floats, x: Floats) -> float:
    apart, size = found.bound - dot(cost, x), _size(cost, found.x, x)
    return apart / size if apart > SAME * size else 0.0


def _size(cost: Floats, *points: Floats) -> float:
    """How large a value can be said to be, even where its parts cancel."""
    return max(dot(np.abs(cost), np.abs(point)) for point in points)
