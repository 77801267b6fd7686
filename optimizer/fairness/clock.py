"""How the senses of a table share the time that the whole may take."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

LEAST = 5.0  # seconds that a sense is given in any case
SPARE = 0.1  # of the whole is kept for what no limit counts and nobody foresees: a busy machine, a long step of the solver
MORE = 2.0  # what a plan under a sense takes besides the search, in times of what the first plan took


@dataclass(frozen=True)
class Part:
    """One sense's part of the time: what is left, shared by it and those that come after it, less what no limit counts.

    Attributes
    ----------
    ends : when the whole ends (``time.time``, which processes share)
    share : of the time left that this sense may take
    beside : seconds that the first plan took besides the search
    """

    ends: float
    share: float
    beside: float

    def seconds(self) -> float:
        """Time limit of the search, if it begins now."""
        if math.isinf(self.ends):
            return math.inf
        return max(LEAST, self.share * (self.ends - time.time()) - MORE * self.beside)


@dataclass(frozen=True)
class Clock:
    """When the senses' time ends, and how many share the time until then, so many at a time."""

    ends: float
    workers: int
    count: int

    @classmethod
    def started(cls, within: float, workers: int, count: int) -> Clock:
        """A clock for a table that may take so many seconds from now."""
        return cls(time.time() + (1 - SPARE) * within, workers, count)

    def part(self, place: int, beside: float) -> Part:
        """The part of the sense at a place, counted from 0."""
        return Part(self.ends, min(1.0, self.workers / (self.count - place)), beside)
