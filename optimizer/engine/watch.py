"""One run of HiGHS in a thread of its own: Ctrl-C, deadlines and progress while it works.

``Highs.run()`` releases the GIL, so the caller's thread stays free to hear Ctrl-C and to report. What HiGHS says in
its callbacks is only noted there; everything the caller gave (progress, log, stop) is called from the caller's own
thread, so an exception in it ends the run cleanly. HiGHS keeps its task scheduler per thread: a fresh thread for
each run means that two sessions never share one and that the number of threads may differ from run to run.
"""

from __future__ import annotations

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
    """

    progress: ProgressCall | None = None
    on_solution: SolutionCall | None = None
    should_stop: Callable[[], bool] | None = None
    log: Callable[[str], None] | None = None


@dataclass
class Ending:
    """How a run came back."""

    status: Any
    stopped: bool = False
    out_of_time: bool = False
    seconds: float = 0.0


@dataclass
class _Notes:
    """What the callbacks noted; written by the solver's thread, read by the caller's."""

    want_solutions: bool
    cancel: bool = False
    latest: tuple[float, float, float] | None = None
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
            self.latest = (out.mip_dual_bound, out.mip_primal_bound, out.running_time)
            if kind == _IMPROVING and self.want_solutions:
                x = np.array(out.mip_solution, dtype=np.float64)
                self.solutions.append((x, float(out.objective_function_value)))


def run(highs: Any, hooks: Hooks, time_limit: float = math.inf) -> Ending:
    """Run HiGHS to its end, to the time limit or until stopped.

    Ctrl-C stops the run and is not raised again: the ending says ``stopped``. A second Ctrl-C while HiGHS is still
    on its way out is raised.

    Parameters
    ----------
    highs : a loaded ``highspy.Highs`` whose options are set.
    hooks : the caller's wishes.
    time_limit : seconds; HiGHS is told to stop `GRACE_SECONDS` later in case it does not look at its own clock.
    """
    notes = _Notes(want_solutions=hooks.on_solution is not None)
    kinds = set(_INTERRUPTS)
    if hooks.progress is not None or hooks.on_solution is not None:
        kinds |= {_IMPROVING, _MIP_LOG}
    if hooks.log is not None:
        kinds.add(_LOG)
    # HiGHS calls back about a MIP only while output is on; nothing reaches the console
    highs.setOptionValue("output_flag", len(kinds) > len(_INTERRUPTS))
    highs.setOptionValue("log_to_console", False)
    highs.setCallback(notes.hear, None)
    for kind in sorted(kinds):
        highs.startCallbackInt(kind)
    try:
        return _wait(highs, hooks, notes, time_limit)
    finally:
        highs.setCallback(None, None)  # also breaks the cycle callback -> notes


def _wait(highs: Any, hooks: Hooks, notes: _Notes, time_limit: float) -> Ending:
    result: list[Any] = []
    done = threading.Event()

    def work() -> None:
        try:
            result.append(highs.run())
        except Exception as error:  # carried over to the caller's thread
            result.append(error)
        finally:
            highspy.Highs.resetGlobalScheduler(True)  # ends the worker threads that belong to this thread
            done.set()

    began = time.monotonic()
    thread = threading.Thread(target=work, name="highs", daemon=True)
    ending = Ending(status=None)
    thread.start()
    try:
        while not done.is_set():
            try:
                done.wait(POLL_SECONDS)
                _tell(hooks, notes)
                if hooks.should_stop is not None and not notes.cancel and hooks.should_stop():
                    notes.cancel = ending.stopped = True
            except KeyboardInterrupt:
                if ending.stopped:
                    raise
                notes.cancel = ending.stopped = True
            if time.monotonic() - began > time_limit + GRACE_SECONDS and not notes.cancel:
                notes.cancel = ending.out_of_time = True
        thread.join()
    except BaseException:
        notes.cancel = True  # whatever the caller's code raised, HiGHS must not go on behind its back
        thread.join(timeout=10 * GRACE_SECONDS)
        raise
    _tell(hooks, notes)
    if isinstance(result[0], Exception):
        raise result[0]
    ending.status = result[0]
    ending.seconds = time.monotonic() - began
    return ending


def _tell(hooks: Hooks, notes: _Notes) -> None:
    while notes.lines:
        line = notes.lines.popleft().rstrip()
        if hooks.log is not None and line:
            hooks.log(line)
    while notes.solutions:
        x, objective = notes.solutions.popleft()
        if hooks.on_solution is not None:
            hooks.on_solution(x, objective)
    latest, notes.latest = notes.latest, None
    if latest is not None and hooks.progress is not None:
        hooks.progress(*(value if math.isfinite(value) else math.nan for value in latest))
