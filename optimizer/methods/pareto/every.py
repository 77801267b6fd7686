"""Every nondominated point of an integer problem, with the proof that there is no other.

One question after another is put to the zones where points may still lie (`zones`), until none is left. With one worker
and two criteria this is the ε-constraint method: one question for each point and one more. Further workers ask about
other zones, or about the same zone from another criterion, at the same time; an answer is true whatever else has been
found meanwhile, so nothing needs to be taken back.
"""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from optimizer.engine.outcome import Outcome, SolveError, Status
from optimizer.engine.program import Floats
from optimizer.methods.pareto.question import Question
from optimizer.methods.pareto.subproblem import Answer, Solver, Sub, answered
from optimizer.methods.pareto.zones import Key, Zones

POLL = 0.2  # seconds between two looks at whether to stop, while questions are under way


@dataclass(frozen=True, eq=False)
class Known:
    """What is known from before: points, and questions that were settled ((cost, limits, value); inf: none)."""

    costs: tuple[Floats, ...] = ()
    x: tuple[Floats | None, ...] = ()
    closed: tuple[tuple[int, tuple[float, ...], float], ...] = ()


@dataclass(frozen=True, eq=False)
class Every:
    """What was found: costs and points, every answer, how many zones stay open and why (``""``: none does)."""

    costs: tuple[Floats, ...]
    x: tuple[Floats | None, ...]
    answers: tuple[tuple[Key, Answer], ...]
    open: int
    why_not: str


@dataclass
class Limits:
    """When to stop: seconds on the clock of ``time.monotonic``, questions, or a wish; how many ask at once, and where.

    ``executor``: of processes, for ``workers`` questions at once; without one threads ask.
    """

    deadline: float = math.inf
    questions: int | None = None
    stop: Callable[[], bool] = field(default=lambda: False)
    workers: int = 1
    seed: int = 0
    executor: Executor | None = None

    def over(self, asked: int) -> str:
        """Why to stop now; empty while there is no reason."""
        if self.stop():
            return "it was interrupted"
        if time.monotonic() >= self.deadline:
            return "the time limit was reached"
        if self.questions is not None and asked >= self.questions:
            return f"the limit of {self.questions} subproblems was reached"
        return ""


def every_point(question: Question, limits: Limits, known: Known | None = None) -> Every:
    """All nondominated points of an integer problem; what limits or failures leave open is said.

    Raises
    ------
    SolveError : the program has no point at all (proved), or none was found
    """
    run = _Run(question, limits, known or Known())
    run.go()
    return run.found()


class _Run:
    """The search: zones, answers so far, and the questions under way."""

    def __init__(self, question: Question, limits: Limits, known: Known) -> None:
        self.question, self.limits = question, limits
        low, high = question.reach
        self.zones = Zones(high + 2 * question.unit, low - question.unit, question.apart)
        self.costs, self.x = list(known.costs), list(known.x)
        self.answers: list[tuple[Key, Answer]] = []
        self.failed: dict[Key, Answer] = {}
        for y in known.costs:
            self.zones.insert(y)
        for least, at, value in known.closed:
            self.zones.close((least, at), value)
        self._solvers: queue.SimpleQueue[Solver] = queue.SimpleQueue()
        self.why_not = ""

    def go(self) -> None:
        """Ask until no zone is left, nothing can be asked, or a limit is reached."""
        workers = max(1, self.limits.workers)
        if workers > 1 and self.limits.executor is not None:
            try:
                self._side_by_side(workers, partial(self._elsewhere, self.limits.executor))
            except BrokenExecutor:  # Ctrl-C in a terminal reaches the workers too
                self.why_not = self.limits.over(len(self.answers)) or "a worker process ended before its answer"
            return
        for _ in range(workers):
            self._solvers.put(Solver(self.question, seed=self.limits.seed, deadline=self.limits.deadline, stop=self.limits.stop))
        if workers == 1:
            while (key := self._next(())) is not None:
                self._take(key, self._ask(key))
            return
        with ThreadPoolExecutor(workers) as pool:
            self._side_by_side(workers, lambda key: pool.submit(self._ask, key))

    def _side_by_side(self, workers: int, submit: Callable[[Key], Future[Answer]]) -> None:
        """Keep as many questions under way as there are workers: when one is answered the next zone is asked about."""
        asked: dict[Future[Answer], Key] = {}
        while True:
            while len(asked) < workers and (key := self._next(tuple(asked.values()))) is not None:
                asked[submit(key)] = key
            if not asked:
                return
            for future in wait(asked, POLL, FIRST_COMPLETED).done:
                self._take(asked.pop(future), future.result())
            if self.limits.executor is not None and asked and self.limits.stop():
                self.why_not = self.limits.over(len(self.answers))
                return  # other processes do not hear the wish; what they answer now is not waited for

    def _elsewhere(self, executor: Executor, key: Key) -> Future[Answer]:
        """A question handed to another process, with the point known to be best so far."""
        sub = self._sub(key)
        seconds = max(0.0, self.limits.deadline - time.monotonic())
        start = self._start(sub.least, sub.limits)
        return executor.submit(answered, self.question, self.question.fingerprint, sub, start, seconds, self.limits.seed)

    def _next(self, busy: Sequence[Key]) -> Key | None:
        if not len(self.zones):
            return None
        self.why_not = self.limits.over(len(self.answers) + len(busy))
        return None if self.why_not else self.zones.choose({*busy, *self.failed})

    def _ask(self, key: Key) -> Answer:
        sub = self._sub(key)
        solver = self._solvers.get()
        try:
            return solver.answer(sub, self._start(sub.least, sub.limits))
        finally:
            self._solvers.put(solver)

    def _sub(self, key: Key) -> Sub:
        return Sub(key[0], tuple(float(value) for value in np.array(key[1]) - self.question.apart))

    def _start(self, least: int, limits: tuple[float, ...]) -> Floats | None:
        """The known point within the limits that is best so far."""
        best: Floats | None = None
        value = math.inf
        for y, x in zip(tuple(self.costs), tuple(self.x), strict=False):
            if x is not None and y[least] < value and (y <= np.array(limits)).all():
                best, value = x, float(y[least])
        return best

    def _take(self, key: Key, answer: Answer) -> None:
        self.answers.append((key, answer))
        if answer.status is Status.INFEASIBLE:
            if not self.costs and len(self.answers) == 1:
                raise SolveError("No plan can hold all hard rules of this instance (proved).", _outcome(answer))
            self.zones.close(key, math.inf)
        elif answer.settled:
            assert answer.costs is not None
            if self.zones.insert(answer.costs):
                self.costs.append(answer.costs)
                self.x.append(answer.x)
            self.zones.close(key, float(answer.costs[key[0]]))
        else:
            self.failed[key] = answer

    def found(self) -> Every:
        """The end of it."""
        if not self.costs:
            answer = next(iter(self.failed.values()), None)
            raise SolveError(f"No point of the front was found: {_reasons(self.failed) or self.why_not}.",
                             None if answer is None else _outcome(answer))
        why = self.why_not
        if len(self.zones) and self.failed and not why:
            why = _reasons(self.failed)
        if len(self.zones):
            why = f"{why}; {len(self.zones)} zones may hold further points"
        return Every(tuple(self.costs), tuple(self.x), tuple(self.answers), len(self.zones), why if len(self.zones) else "")


def _reasons(failed: dict[Key, Answer]) -> str:
    """Subproblems that proved nothing, by how they ended."""
    counts: dict[str, int] = {}
    for answer in failed.values():
        counts[str(answer.status)] = counts.get(str(answer.status), 0) + 1
    return ", ".join(f"{count} subproblem(s) ended with '{status}'" for status, count in counts.items())


def _outcome(answer: Answer) -> Outcome:
    return Outcome(answer.status, math.nan, answer.bound, math.inf, answer.seconds, 0, "min")
