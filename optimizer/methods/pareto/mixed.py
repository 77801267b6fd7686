"""Mixed problems: as many points as were asked for, the proved bound of each, and the region that no plan can reach.

Each point is the answer to an ε-constraint question: the first cost is made small while the others stay within limits,
``min cost_1 + ρ Σ_j range_1/range_j · cost_j``, so that no other point within the limits dominates it (G. Mavrotas,
"Effective implementation of the ε-constraint method", Applied Mathematics and Computation 213, 2009). The bound that
the search proves for this sum, less what its second part can at most amount to, bounds cost_1 itself: no plan lies
below the corner (bound, limits). With two criteria the next limit halves the widest gap between neighbours; with more,
limits form grids between the best and the worst of the best points, each finer than the one before.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import ExtraRows, Floats, Linear
from optimizer.methods.levels import Ask
from optimizer.methods.pareto.linear import refusal
from optimizer.methods.pareto.question import Question
from optimizer.search.drive import Found

SHARE = 1e-3  # ρ: what a whole range of all the others together is worth, in ranges of the first
WIDE = 1e-6  # share of a range below which a gap between neighbours is not halved again
FINEST = 12  # times a grid is made finer
TRIES = 4  # questions for each point asked for, where many lead to the same point
FIRST = 0  # the cost that is made small


@dataclass(frozen=True, eq=False)
class Reached:
    """One question and its answer, in costs.

    Attributes
    ----------
    limits : on the costs (inf: none); the cost made small has none
    least : which cost is made small
    bound : no plan within the limits has a smaller cost ``least``
    costs, x : the best plan found, None without one
    """

    least: int
    limits: Floats
    status: Status
    bound: float
    costs: Floats | None
    x: Floats | None
    seconds: float
    message: str = ""

    @property
    def corner(self) -> Floats:
        """No plan has costs below this corner in every criterion."""
        out = self.limits.copy()
        out[self.least] = self.bound
        return out


def spread_points(question: Question, ask: Ask, points: int, over: Callable[[], str], known: tuple[Reached, ...] = ()
                  ) -> tuple[tuple[Reached, ...], str]:
    """At most ``points`` points of the front, spread over it, and why there are fewer (empty: there are not).

    Parameters
    ----------
    ask : how one objective over a program is answered, within its own gap
    over : why to stop now; empty while there is no reason
    known : questions answered before

    Raises
    ------
    SolveError : there is no plan, or a criterion can get better without limit
    """
    run = _Run(question, ask, over, list(known))
    run.ends()
    if all(any(a.least == k and np.isinf(a.limits).all() for a in run.answers) for k in range(question.size)):
        run.between(points)
    return tuple(run.answers), run.why


class _Run:
    def __init__(self, question: Question, ask: Ask, over: Callable[[], str], answers: list[Reached]) -> None:
        self.question, self.ask, self.over, self.answers = question, ask, over, answers
        self.why = ""

    def ends(self) -> None:
        """The best of each criterion, then of the others with it held: what the ranges are taken from."""
        q = self.question
        for k in range(q.size):
            limits = np.full(q.size, np.inf)
            if any(a.least == k and np.isinf(a.limits).all() for a in self.answers):
                continue
            if self._stopped():
                return
            alone = self._asked(k, limits, np.eye(q.size)[k], 0.0)
            if alone.costs is None:
                raise SolveError(refusal(alone.status, q.names[k]))
            limits = np.where(np.arange(q.size) == k, alone.costs[k] + 0.1 * q.apart[k], np.inf)
            weights = np.where(np.arange(q.size) == k, 0.0, 1.0 / q.unit)
            second = self._asked(k, limits, weights, math.nan, alone.x)
            best = second if second.costs is not None else alone
            self._keep(Reached(k, np.full(q.size, np.inf), alone.status, alone.bound, best.costs, best.x,
                               alone.seconds + second.seconds, alone.message))

    def between(self, points: int) -> None:
        """Further points until there are as many as asked for, or nothing is left to ask."""
        for limits in self._limits(points):
            if self._stopped():
                return
            self._keep(self._within(limits))

    def _answered(self, limits: Floats) -> bool:
        """Whether nothing new can come of a question: it was asked, or one with weaker limits had an answer within them."""
        same = [a for a in self.answers if a.least == FIRST and (a.limits >= limits).all()]
        return any((a.limits == limits).all() or a.costs is None or (a.costs <= limits).all() for a in same)

    def _limits(self, points: int) -> Iterator[Floats]:
        low, high = self._range()
        size = high - low
        if self.question.size == 2:
            while len(self._front()) < points and len(self.answers) < TRIES * points:
                if (limits := self._halving(size)) is None:
                    return
                yield limits
            return
        for fineness in range(1, FINEST):
            count = 2**fineness + 1
            levels = [np.linspace(a, b, count if b > a else 1) for a, b in zip(low[1:], high[1:], strict=True)]
            for chosen in itertools.product(*levels):
                if len(self._front()) >= points or len(self.answers) >= TRIES * points:
                    return
                limits = np.array([np.inf, *chosen])
                if not self._answered(limits):
                    yield limits

    def _halving(self, size: Floats) -> Floats | None:
        """Limits in the middle of the widest gap that was not asked about yet."""
        front = sorted(self._front(), key=lambda y: float(y[0]))
        asked = [a.limits[1] for a in self.answers if np.isinf(a.limits[0]) and np.isfinite(a.limits[1])]
        best: tuple[float, float] | None = None
        for a, b in itertools.pairwise(front):
            edges = sorted({float(a[1]), float(b[1]), *(float(v) for v in asked if b[1] < v < a[1])})
            for low, high in itertools.pairwise(edges):
                gap = (high - low) / size[1]
                if gap <= WIDE or b[0] - a[0] <= WIDE * size[0] or (best is not None and gap <= best[0]):
                    continue
                if not self._answered(np.array([np.inf, high - WIDE * size[1]])):
                    best = gap, (low + high) / 2
        return None if best is None else np.array([np.inf, best[1]])

    def _range(self) -> tuple[Floats, Floats]:
        costs = np.array([a.costs for a in self.answers if a.costs is not None and np.isinf(a.limits).all()])
        return costs.min(axis=0), costs.max(axis=0)

    def _front(self) -> list[Floats]:
        return nondominated([a.costs for a in self.answers if a.costs is not None], self.question.apart)

    def _within(self, limits: Floats) -> Reached:
        """The smallest first cost within limits; its bound is that of the sum less the most that the rest can be."""
        low, high = self._range()
        size = np.where(high > low, high - low, 1.0)
        weights = SHARE * size[FIRST] / size / (self.question.size - 1)
        weights[FIRST] = 1.0
        best = np.array([self._best(k) for k in range(self.question.size)])
        others = np.arange(self.question.size) != FIRST
        most = float((weights * np.where(others, limits, 0.0))[others].sum())
        start = next((a.x for a in self.answers if a.costs is not None and (a.costs <= limits).all()), None)
        reached = self._asked(FIRST, limits, weights, most, start)
        bound = max(reached.bound, best[FIRST])
        return Reached(reached.least, limits, reached.status, bound, reached.costs, reached.x, reached.seconds, reached.message)

    def _best(self, k: int) -> float:
        """What is proved of a cost without limits."""
        return max(a.bound for a in self.answers if a.least == k and np.isinf(a.limits).all())

    def _asked(self, least: int, limits: Floats, weights: Floats, most: float, start: Floats | None = None) -> Reached:
        q, began = self.question, time.monotonic()
        limited = np.flatnonzero(np.isfinite(limits))
        program = q.program
        if len(limited):
            rows = sparse.csr_matrix(q.matrix[limited] / q.unit[limited, None])
            keys = pd.DataFrame({"criterion": [q.names[k] for k in limited]})
            upper = (limits[limited] - q.constant[limited]) / q.unit[limited]
            program = program.extended(rows=[ExtraRows("front_limit", keys, rows, upper=upper)])
        found = self.ask(program, Linear("min", weights @ q.matrix, float(weights @ q.constant)), start)
        costs = None if found.x is None else q.costs(found.x)
        status, bound = found.outcome.status, self._bound(found) - most
        return Reached(least, limits, status, bound, costs, found.x, time.monotonic() - began, found.message)

    @staticmethod
    def _bound(found: Found) -> float:
        if found.outcome.status is Status.INFEASIBLE:
            return math.inf
        return found.outcome.bound if math.isfinite(found.outcome.bound) else -math.inf

    def _keep(self, answer: Reached) -> None:
        self.answers.append(answer)
        if not (answer.status.proved or answer.status is Status.INFEASIBLE) and not self.why:
            self.why = self.over() or f"a subproblem ended with '{answer.status}'"

    def _stopped(self) -> bool:
        over = self.over()
        self.why = over or self.why
        return bool(over)


def nondominated(costs: list[Floats], apart: Floats) -> list[Floats]:
    """Costs that no other of them dominates; of those that are the same within ``apart`` the first."""
    out: list[Floats] = []
    for n, y in enumerate(costs):
        others = [z for m, z in enumerate(costs) if m != n]
        worse = any((z <= y).all() and (z < y - apart).any() for z in others)
        if not worse and not any((np.abs(z - y) <= apart).all() for z in out):
            out.append(y)
    return out
