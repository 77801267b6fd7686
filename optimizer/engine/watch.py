"""One run of HiGHS in a thread of its own: Ctrl-C, deadlines and progress while it works.

``Highs.run()`` releases the GIL, so the caller's thread stays free to hear Ctrl-C and to report. What HiGHS says in
its callbacks is only noted there; everything the caller gave (progress, log, stop) is called from the caller's own
thread, so an exception in it ends the run cleanly. HiGHS keeps its task scheduler per thread: a fresh thread for
each run means that two sessions never share one and that the number of threads may differ from run to run.

HiGHS does not look up while it works on a sub-MIP or a presolve, which can last seconds. A run that has been told to
stop and does not is therefore left to end by itself in its thread: the best point it reported is the answer, and its
``Highs`` must not be touched any more (`Ending.abandoned`).
"""

from __future__ import annotations

import atexit
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

POLL_SECONDS = 0.05
GRACE_SECONDS = 0.5
"""How long past the time limit HiGHS may stay before it is told to stop."""
PATIENCE_SECONDS = 0.4
"""How long HiGHS may take to stop once it has been told to."""
FAREWELL_SECONDS = 2.0
"""How long the end of the program waits for runs that were left to end by themselves."""

_left_behind: list[threading.Thread] = []

_TYPE = highspy.cb.HighsCallbackType
_INTERRUPTS = {int(_TYPE.kCallbackSimplexInterrupt), int(_TYPE.kCallbackIpmInterrupt), int(_TYPE.kCallbackMipInterrupt)}
_IMPROVING = int(_TYPE.kCallbackMipImprovingSolution)
_MIP_LOG = int(_TYPE.kCallbackMipLogging)
_LOG = int(_TYPE.kCallbackLogging)

ProgressCall = Callable[[float, float, float], None]
SolutionCall = Callable[[NDArray[np.float64], float], None]


@dataclass
class Hooks:
    """What the caller wants to hear and say while a run lasts.

    Parameters
    ----------
    progress : called with (bound, incumbent, seconds) whenever they change; nan where unknown.
    on_solution : called with (x, objective) for each better point of a MIP.
    should_stop : asked about twenty times a second; True ends the run with the best point so far.
    log : receives the solver's log, line by line.
    scale : the solver's objective is the caller's times this.
    """

    progress: ProgressCall | None = None
    on_solution: SolutionCall | None = None
    should_stop: Callable[[], bool] | None = None
    log: Callable[[str], None] | None = None
    scale: float = 1.0


@dataclass
class Ending:
    """How a run came back.

    Parameters
    ----------
    status : what ``Highs.run`` returned; None if abandoned.
    stopped : the caller or Ctrl-C wanted the end.
    abandoned : the solver is still busy in its thread.
    best : the best point it reported with its objective, for an abandoned run.
    bound, seconds : the last bound it reported (nan: none) and the wall clock.
    """

    status: Any = None
    stopped: bool = False
    abandoned: bool = False
    best: tuple[NDArray[np.float64], float] | None = None
    bound: float = math.nan
    seconds: float = 0.0


@dataclass
class _Notes:
    """What the callbacks noted; written by the solver's thread, read by the caller's."""

    cancel: bool = False
    latest: tuple[float, float, float] | None = None
    best: tuple[NDArray[np.float64], float] | None = None
    bound: float = math.nan
    solutions: deque[tuple[NDArray[np.float64], float]] = field(default_factory=deque)
    lines: deque[str] = field(default_factory=deque)

    def hear(self, kind: int, message: str, out: Any, answer: Any, _data: Any) -> None:
        """The HiGHS callback: note and return at once."""
        kind = int(kind)
        if kind in _INTERRUPTS:
            if self.cancel:
                answer.user_interrupt = True
        elif kind == _LOG:
            self.lines.append(message)
        else:
            self.bound = float(out.mip_dual_bound)
            self.latest = (self.bound, float(out.mip_primal_bound), float(out.running_time))
            if kind == _IMPROVING:
                self.best = (np.array(out.mip_solution, dtype=np.float64), float(out.objective_function_value))
                self.solutions.append(self.best)


@dataclass
class _Run:
    """The solver's thread and what came out of it."""

    highs: Any
    done: threading.Event = field(default_factory=threading.Event)
    status: Any = None
    error: Exception | None = None

    def work(self) -> None:
        try:
            self.status = self.highs.run()
        except Exception as error:  # carried over to the caller's thread
            self.error = error
        finally:
            highspy.Highs.resetGlobalScheduler(True)  # ends the worker threads that belong to this thread
            self.done.set()


def run(highs: Any, hooks: Hooks, *, mip: bool, time_limit: float = math.inf) -> Ending:
    """Run HiGHS to its end, to the time limit or until stopped.

    Ctrl-C stops the run and is not raised again: the ending says ``stopped``.

    Parameters
    ----------
    highs : a loaded ``highspy.Highs`` whose options are set.
    hooks : the caller's wishes.
    mip : whether it is a MIP, which reports points while it works.
    time_limit : seconds; HiGHS is told to stop `GRACE_SECONDS` later in case it does not look at its own clock.
    """
    notes = _Notes()
    kinds = set(_INTERRUPTS)
    if mip:
        kinds |= {_IMPROVING, _MIP_LOG}
    if hooks.log is not None:
        kinds.add(_LOG)
    # HiGHS calls back about a MIP only while output is on; nothing reaches the console
    highs.setOptionValue("output_flag", len(kinds) > len(_INTERRUPTS))
    highs.setOptionValue("log_to_console", False)
    highs.setCallback(notes.hear, None)
    for kind in sorted(kinds):
        highs.startCallbackInt(kind)
    ending = Ending()
    try:
        _attend(_Run(highs), hooks, notes, ending, time_limit)
    finally:
        if not ending.abandoned:
            highs.setCallback(None, None)  # also breaks the cycle callback -> notes
    return ending


def _attend(job: _Run, hooks: Hooks, notes: _Notes, ending: Ending, time_limit: float) -> None:
    began = time.monotonic()
    give_up = math.inf
    # a daemon, since the LP of a MIP's root node hears nothing until its own time limit, which may be never
    thread = threading.Thread(target=job.work, name="highs", daemon=True)
    thread.start()
    try:
        while not job.done.is_set() and time.monotonic() < give_up:
            try:
                job.done.wait(POLL_SECONDS)
                _tell(hooks, notes)
                if hooks.should_stop is not None and not ending.stopped and hooks.should_stop():
                    ending.stopped = True
            except KeyboardInterrupt:
                ending.stopped = True
            late = time.monotonic() - began > time_limit + GRACE_SECONDS
            if (ending.stopped or late) and not notes.cancel:
                notes.cancel = True
                give_up = time.monotonic() + PATIENCE_SECONDS
    except BaseException:
        notes.cancel = True  # whatever the caller's code raised, HiGHS must not go on behind its back
        ending.abandoned = not job.done.wait(PATIENCE_SECONDS)
        _part(thread, ending)
        raise
    ending.abandoned = not job.done.is_set()
    _part(thread, ending)
    _tell(hooks, notes)
    if job.error is not None:
        raise job.error
    ending.status, ending.best, ending.bound = job.status, notes.best, notes.bound
    ending.seconds = time.monotonic() - began


def _part(thread: threading.Thread, ending: Ending) -> None:
    """Wait for the thread, or remember it for the end of the program."""
    if not ending.abandoned:
        thread.join()
        return
    _left_behind[:] = [other for other in _left_behind if other.is_alive()]
    _left_behind.append(thread)


@atexit.register
def _farewell() -> None:
    deadline = time.monotonic() + FAREWELL_SECONDS
    for thread in _left_behind:
        thread.join(max(0.0, deadline - time.monotonic()))


def _tell(hooks: Hooks, notes: _Notes) -> None:
    while notes.lines:
        line = notes.lines.popleft().rstrip()
        if hooks.log is not None and line:
            hooks.log(line)
    while notes.solutions:
        x, objective = notes.solutions.popleft()
        if hooks.on_solution is not None:
            hooks.on_solution(x, objective / hooks.scale)
    latest, notes.latest = notes.latest, None
    if latest is not None and hooks.progress is not None:
        bound, best, seconds = (value if math.isfinite(value) else math.nan for value in latest)
        hooks.progress(bound / hooks.scale, best / hooks.scale, seconds)
