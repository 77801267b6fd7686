"""One question of a front: make one cost small while the others stay within limits, then the others too.

The second stage (the others, with the first held) keeps weakly dominated points out. Where costs come in steps and few
of them, both stages are one: ``W·cost_k + Σ_j≠k cost_j`` with W above the largest possible sum of the others, all
in steps, has the same optimum as the two in order (Ehrgott, *Multicriteria Optimization*, 2005, sections 4.1, 5.1).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.engine.outcome import Status
from optimizer.engine.program import Floats
from optimizer.engine.session import RawResult, Session
from optimizer.methods.pareto.question import Question

ONE_STAGE = 20_000.0  # largest W; past it two stages keep the numbers small
HELD = 1e-6  # room left to a cost that is held, in units of its row
PROVED = 1e-6  # share of the objective by which a bound may miss it and still prove it


@dataclass(frozen=True)
class Sub:
    """Make cost ``least`` small; ``limits`` on all costs (inf: none)."""

    least: int
    limits: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Answer:
    """How a subproblem ended.

    Attributes
    ----------
    status : ``optimal`` (the point is proved and nondominated), ``infeasible`` (proved), anything else proves nothing
    costs, x : the point, None without one
    bound : no point within the limits has a smaller cost ``least``
    """

    sub: Sub
    status: Status
    costs: Floats | None
    x: Floats | None
    bound: float
    seconds: float
    message: str = ""

    @property
    def settled(self) -> bool:
        """Whether something is proved: the optimum, or that there is none."""
        return self.status in (Status.OPTIMAL, Status.INFEASIBLE)


class Solver:
    """Answers subproblems one after another on one loaded program."""

    def __init__(self, question: Question, *, seed: int = 0, deadline: float = math.inf,
                 stop: Callable[[], bool] = lambda: False) -> None:
        self.question, self.deadline, self.stop = question, deadline, stop
        self.session = Session(question.limited, seed=seed)
        self._at = np.arange(question.program.n_rows, question.program.n_rows + question.size)

    def answer(self, sub: Sub, start: Floats | None = None) -> Answer:
        """Solve one subproblem; ``start``: a point within its limits, if one is known."""
        began, q = time.monotonic(), self.question
        limits = (np.array(sub.limits) - q.constant) / q.unit
        most = self._spread(sub)
        others = np.where(np.arange(q.size) == sub.least, 0.0, 1.0)
        if most + 1.0 <= ONE_STAGE:
            result = self._solved(np.where(others > 0, 1.0, most + 1.0), limits, start)
        else:
            result = self._solved(1.0 - others, limits, start)
            if _proved(result):
                assert result.x is not None
                held = (q.costs(result.x)[sub.least] - q.constant[sub.least]) / q.unit[sub.least]
                limits[sub.least] = min(limits[sub.least], held + HELD)
                result = self._solved(others, limits, result.x)
        return self._read(sub, result, time.monotonic() - began)

    def _spread(self, sub: Sub) -> float:
        """The largest possible sum of the other costs, in steps; infinite where one has none."""
        q, (low, high) = self.question, self.question.reach
        if not (q.step > 0).all():
            return math.inf
        span = (np.minimum(high, np.array(sub.limits)) - low) / q.unit
        return float(np.delete(np.maximum(span, 0.0), sub.least).sum()) + q.size

    def _solved(self, weights: Floats, limits: Floats, start: Floats | None) -> RawResult:
        q = self.question
        self.session.set_row_bounds(self._at, -np.inf, limits)
        self.session.set_objective((weights / q.unit) @ q.matrix, "min")
        if start is not None:
            self.session.set_solution(start)
        return self.session.solve("mip", time_limit=max(0.0, self.deadline - time.monotonic()), should_stop=self.stop)

    def _read(self, sub: Sub, result: RawResult, seconds: float) -> Answer:
        q, status = self.question, result.status
        if result.x is None:
            bound = math.inf if status is Status.INFEASIBLE else -math.inf
            return Answer(sub, status, None, None, bound, seconds, result.message)
        costs = q.costs(result.x)
        over = costs - np.array(sub.limits)
        if (over > 0.5 * q.apart).any():
            return Answer(sub, Status.FAILED, None, None, -math.inf, seconds, "the solver's point breaks a limit")
        if not _proved(result):
            status = status if status in (Status.LIMIT, Status.INTERRUPTED) else Status.FAILED
            return Answer(sub, status, costs, result.x, -math.inf, seconds, result.message)
        return Answer(sub, Status.OPTIMAL, costs, result.x, float(costs[sub.least]), seconds)


_worker = threading.local()  # in a worker: the fingerprint of the last question asked there, and its solver


def answered(question: Question, name: str, sub: Sub, start: Floats | None, seconds: float, seed: int) -> Answer:
    """One subproblem in a worker of an executor, which keeps the program loaded for the next one.

    Parameters
    ----------
    name : the question's fingerprint
    seconds : how long it may take; clocks of processes need not agree
    """
    if getattr(_worker, "name", None) != name:
        _worker.name, _worker.solver = name, Solver(question, seed=seed)
    solver: Solver = _worker.solver
    solver.deadline = time.monotonic() + seconds
    return solver.answer(sub, start)


def _proved(result: RawResult) -> bool:
    """Whether bound and value agree; the solver's own word for it is not enough."""
    if not result.status.proved or result.x is None:
        return False
    return abs(result.objective - result.bound) <= max(PROVED, 1e-9 * abs(result.objective))
