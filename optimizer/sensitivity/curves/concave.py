"""A concave function known only at points, with a tangent at each: bounds between them, and its linear pieces.

Between two points the chord lies below the function and both tangents above it; where the tangents meet the two are
furthest apart, and there the function is looked at next. With a tolerance of zero this ends once every piece is known
(Eisner & Severance, "Mathematical techniques for efficient record segmentation", JACM 23, 1976); with a tolerance it is
the sandwich of Burkard, Hamacher & Rote, "Sandwich approximation of univariate convex functions", Naval Research
Logistics 38 (1991).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SAME = 1e-8  # share of the largest value below which two values cannot be told apart: what a solver's answer is good for
NARROW = 1e-9  # share of the range below which an interval is not cut again
MOST = 20_000  # points that are looked at, at most


@dataclass(frozen=True)
class Touch:
    """A point of a concave function.

    Attributes
    ----------
    at, value : where, and the value there
    bound : no less than the value, by the proof at hand
    slope : of a line through (at, bound) that lies above the function everywhere
    beyond : how far above that line something else may lie that the function stands for
    """

    at: float
    value: float
    bound: float
    slope: float
    beyond: float = 0.0

    def line(self, at: float) -> float:
        """The tangent at another point."""
        return self.bound + self.slope * (at - self.at)


@dataclass(frozen=True, eq=False)
class Sandwich:
    """What is known of a concave function: points in order, and bounds between them.

    Attributes
    ----------
    touches : the points looked at, from left to right
    complete : whether every interval is within the tolerance asked for
    """

    touches: tuple[Touch, ...]
    complete: bool

    def low(self, at: float) -> float:
        """The chord: the function is nowhere below it."""
        return float(np.interp(at, [touch.at for touch in self.touches], [touch.value for touch in self.touches]))

    def high(self, at: float) -> float:
        """The least tangent: neither the function nor what it stands for is above it."""
        return min(touch.line(at) + touch.beyond for touch in self.touches)

    def apart(self) -> list[float]:
        """The largest distance of tangents and chord between each point and the next."""
        return [_widest(left, right)[1] + max(left.beyond, right.beyond) for left, right in pairwise(self.touches)]

    def knots(self, keep: Collection[float] = ()) -> Sandwich:
        """The points where the slope changes, both ends and those to ``keep``; others on a straight piece are left out."""
        room, last = SAME * _size(self.touches), len(self.touches) - 1
        kept: list[Touch] = []
        passed: list[Touch] = []  # left out since the last one kept: none may lie off the straight piece
        for n, touch in enumerate(self.touches):
            if kept and n < last and touch.at not in keep:
                after = self.touches[n + 1]
                if all(one.value - _chord(kept[-1], after, one.at) <= room for one in (*passed, touch)):
                    passed.append(touch)
                    continue
            kept.append(touch)
            passed.clear()
        return Sandwich(tuple(kept), self.complete)


def sandwich(
    touch: Callable[[float], Touch], ends: tuple[float, float], tolerance: float, *, also: Sequence[float] = (),
    should_stop: Callable[[], bool] | None = None, most: int = MOST,
) -> Sandwich:
    """Look at a concave function until it is known to a tolerance between its ends.

    Parameters
    ----------
    touch : the function
    ends : both are looked at first
    tolerance : share of the largest absolute value that chord and tangents may be apart (0: every piece)
    also : further points to look at
    """
    first, last = ends
    known = {at: touch(at) for at in sorted({first, last, *also})}
    room = max(tolerance, SAME) * _size(list(known.values()))
    heap: list[tuple[float, float, float, float]] = []

    def put(left: Touch, right: Touch) -> None:
        at, apart = _widest(left, right)
        if apart > room and NARROW * (last - first) < at - left.at and NARROW * (last - first) < right.at - at:
            heapq.heappush(heap, (-apart, at, left.at, right.at))

    points = [known[at] for at in sorted(known)]
    for left, right in pairwise(points):
        put(left, right)
    while heap and len(known) < most and not (should_stop is not None and should_stop()):
        _, at, left_at, right_at = heapq.heappop(heap)
        known[at] = touch(at)
        put(known[left_at], known[at])
        put(known[at], known[right_at])
    return Sandwich(tuple(known[at] for at in sorted(known)), not heap)


def _size(touches: Sequence[Touch]) -> float:
    return max((abs(touch.value) for touch in touches), default=0.0)


def _chord(left: Touch, right: Touch, at: float) -> float:
    return left.value + (right.value - left.value) * (at - left.at) / (right.at - left.at)


def _widest(left: Touch, right: Touch) -> tuple[float, float]:
    """Where the tangents of two points meet, and how far above the chord that is."""
    bend = left.slope - right.slope
    if bend <= 0:
        middle = (left.at + right.at) / 2
    else:
        middle = (right.bound - left.bound + left.slope * left.at - right.slope * right.at) / bend
    at = min(max(middle, left.at), right.at)
    return at, max(0.0, min(left.line(at), right.line(at)) - _chord(left, right, at))
