"""What a user sees while a solve runs: one live line on a terminal, nothing in a pipe, plain lines when asked.

Everything goes to standard error; standard output belongs to results.
"""

from __future__ import annotations

import math
import sys
import time
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from optimizer.engine.outcome import relative_gap


class Progress(Protocol):
    """What a solve tells about itself. A context manager: leaving it takes the live line away."""

    def stage(self, name: str) -> None:
        """A new stage begins ("linear program", "pairs", "whole steps")."""

    def update(self, bound: float, best: float, seconds: float = math.nan) -> None:
        """The bound and the best plan now, nan where unknown; fits `Session.solve(progress=…)`."""

    def note(self, message: str) -> None:
        """A line for those who asked for details; fits `Session.solve(log=…)`."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""


class Quiet:
    """Says nothing; the default in a pipe."""

    def stage(self, name: str) -> None:
        """Say nothing."""

    def update(self, bound: float, best: float, seconds: float = math.nan) -> None:
        """Say nothing."""

    def note(self, message: str) -> None:
        """Say nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


BEGINNINGS = ("build", "linear relaxation")  # stages with which a new question begins


class _State(Quiet):
    """Where a solve stands, as one line of text."""

    def __init__(self, unit: str = "") -> None:
        self.unit = unit
        self.name = ""
        self.bound = math.nan
        self.best = math.nan
        self.began = time.monotonic()

    def stage(self, name: str) -> None:
        """Remember the stage; bound and best plan stay, but for those of another question."""
        if name in BEGINNINGS:
            self.bound = self.best = math.nan
        self.name = name

    def update(self, bound: float, best: float, seconds: float = math.nan) -> None:
        """Remember what is known; nan leaves the earlier figure."""
        self.bound = self.bound if math.isnan(bound) else bound
        self.best = self.best if math.isnan(best) else best

    def line(self) -> str:
        """``pairs · best 12,345 people · bound 12,360 · gap 0.12 % · 14 s``."""
        unit = f" {self.unit}" if self.unit else ""
        parts = [self.name or "solving"]
        if math.isfinite(self.best):
            parts.append(f"best {figure(self.best)}{unit}")
        if math.isfinite(self.bound):
            parts.append(f"bound {figure(self.bound)}{unit}")
        gap = relative_gap(self.best, self.bound)
        if math.isfinite(gap):
            parts.append(f"gap {100 * gap:.3g} %")
        parts.append(f"{time.monotonic() - self.began:.0f} s")
        return " · ".join(parts)


class TerminalProgress(_State):
    """One live line on a terminal.

    Parameters
    ----------
    unit : of bound and best plan.
    verbose : print notes and finished stages above the live line.
    stream : standard error unless a test says otherwise.
    """

    def __init__(self, unit: str = "", *, verbose: bool = False, stream: TextIO | None = None) -> None:
        super().__init__(unit)
        self.verbose = verbose
        self._console = Console(file=stream or sys.stderr, highlight=False)
        self._live = Live(
            get_renderable=self._shown,
            console=self._console,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,  # results on standard output stay untouched
        )

    def _shown(self) -> Text:
        return Text(self.line(), no_wrap=True, overflow="ellipsis")

    def stage(self, name: str) -> None:
        """Show the new stage; with details, leave a line for the one that ends."""
        if self.verbose and self.name:
            self.note(self.line())
        super().stage(name)

    def note(self, message: str) -> None:
        """Print a line above the live one, if details were asked for."""
        if self.verbose:
            self._console.print(Text(message))

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()


class LogProgress(_State):
    """Plain lines, for ``--verbose`` in a pipe or a log file: each stage, each note, and figures at most every 2 s."""

    def __init__(self, unit: str = "", *, stream: TextIO | None = None, every: float = 2.0) -> None:
        super().__init__(unit)
        self._stream = stream
        self._every = every
        self._last = -math.inf

    def _say(self, message: str) -> None:
        print(message, file=self._stream or sys.stderr, flush=True)

    def stage(self, name: str) -> None:
        """Log how the last stage ended and what begins."""
        if self.name:
            self._say(self.line())
        super().stage(name)
        self._say(f"{name} …")

    def update(self, bound: float, best: float, seconds: float = math.nan) -> None:
        """Log the figures if they are new and the last ones are old enough."""
        before = (self.bound, self.best)
        super().update(bound, best, seconds)
        now = time.monotonic()
        if (self.bound, self.best) != before and now - self._last >= self._every:
            self._last = now
            self._say(self.line())

    def note(self, message: str) -> None:
        """Log a line."""
        self._say(message)


def progress_for(stream: TextIO | None = None, *, unit: str = "", verbose: bool = False, quiet: bool = False) -> Progress:
    """The progress that fits where standard error goes: a terminal, a log that was asked for, or nothing."""
    stream = stream or sys.stderr
    if quiet:
        return Quiet()
    if stream.isatty():
        return TerminalProgress(unit, verbose=verbose, stream=stream)
    return LogProgress(unit, stream=stream) if verbose else Quiet()


def figure(value: float) -> str:
    """A number for people: ``12,345,678``, ``98.76``, ``0.0123``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
