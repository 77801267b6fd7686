"""Seconds and peak memory by stage, and when the first and the good points came."""

from __future__ import annotations

import math
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from optimizer.engine.outcome import relative_gap
from optimizer.engine.progress import Quiet

SHORT = 2.0  # seconds; what takes less is measured again
TIMES = 5

Result = TypeVar("Result")
Fresh = TypeVar("Fresh")


def peak_mib() -> float:
    """The most memory this process has held so far, MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)  # bytes there, KiB elsewhere


@dataclass
class Stage:
    """One stage of the main job: seconds, peak memory of the process when it ended, number of measurements."""

    name: str
    seconds: float
    peak: float
    times: int = 1


class Recorder(Quiet):
    """A `Progress` that keeps times: of stages, of bounds and of better plans, all counted from ``began``."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.stages: dict[str, Stage] = {}
        self.trace: list[tuple[float, float, float]] = []
        self.first: float | None = None
        self.renamed: dict[str, str] = {}
        self._name, self._since = "", began

    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def stage(self, name: str) -> None:
        """End the stage before and begin this one ("" = none)."""
        now = time.monotonic()
        if self._name:
            stage = self.stages.setdefault(self._name, Stage(self._name, 0.0, 0.0))
            stage.seconds += now - self._since
            stage.peak = peak_mib()
        self._name, self._since = self.renamed.get(name, name), now

    def update(self, bound: float, best: float, seconds: float = math.nan) -> None:
        """Keep bound and best plan with the time, where one of them is new."""
        if self.first is None and math.isfinite(best):
            self.first = self.now()
        if not self.trace or (bound, best) != self.trace[-1][1:]:
            self.trace.append((self.now(), bound, best))

    def reached(self, percent: float) -> float | None:
        """Seconds to the first point within so many percent of the bound; None = never."""
        return next((t for t, bound, best in self.trace if 100 * relative_gap(best, bound) <= percent), None)


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds and result."""
    since = time.perf_counter()
    result = work()
    return time.perf_counter() - since, result


def median_of(
    work: Callable[[Fresh], object], fresh: Callable[[], Fresh], *, known: tuple[float, ...] = (), times: int = TIMES
) -> tuple[float, int]:
    """Median seconds of ``work(fresh())``, ``fresh`` not counted, and how often it was measured.

    ``known`` are measurements there are already; what is long is not repeated.
    """
    seconds = list(known)
    while not seconds or (len(seconds) < times and sum(seconds) < SHORT):
        given = fresh()
        seconds.append(timed(partial(work, given))[0])
    return statistics.median(seconds), len(seconds)


def nothing() -> None:
    """What work is given that needs nothing fresh."""
