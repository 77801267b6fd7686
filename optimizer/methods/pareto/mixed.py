"""Mixed problems: as many points as were asked for, the proved bound of each, and the region that no plan can reach.

Each point answers one question (`epsilon`). With two criteria the next limit halves the widest gap between neighbours;
with more, limits form grids between the best and the worst of the best points, each finer than the one before.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Floats
from optimizer.methods.levels import Ask
from optimizer.methods.pareto.epsilon import Epsilon, Reached
from optimizer.methods.pareto.linear import refusal
from optimizer.methods.pareto.question import Question

WIDE = 1e-6  # share of a range below which a gap between neighbours is not halved again
CELLS = 5000  # limits of the finest grid: past it looking for one that is worth a question takes longer than asking
TRIES = 4  # questions for each point asked for, where many lead to the same point


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
    if len(run.answered_alone()) == question.size:
        run.between(points)
    return tuple(run.answers), run.why


class _Run:
    def __init__(self, question: Question, ask: Ask, over: Callable[[], str], answers: list[Reached]) -> None:
        self.question, self.over, self.answers = question, over, answers
        self.epsilon = Epsilon(question, ask)
        self.lead, self.others = self.epsilon.lead, self.epsilon.others
        self.why = ""

    def answered_alone(self) -> set[int]:
        """The criteria whose best is known."""
        return {a.least for a in self.answers if a.alone and a.costs is not None}

    def ends(self) -> None:
        """The best of each criterion, then of the others with it held: what the ranges are taken from."""
        for k in range(self.question.size):
            if k in self.answered_alone():
                continue
            if self._stopped():
                return
            answer = self.epsilon.alone(k, next((a.x for a in self.answers if a.x is not None), None))
            ends = answer.status in (Status.INFEASIBLE, Status.UNBOUNDED)
            if answer.costs is None and (ends or not self.answered_alone()):
                raise SolveError(refusal(answer.status, self.question.names[k]))
            self._keep(answer)

    def between(self, points: int) -> None:
        """Further points until there are as many as asked for, or nothing is left to ask."""
        for limits in self._limits(points):
            if self._stopped():
                return
            low, high = self._range()
            start = next((a.x for a in self.answers if a.costs is not None and (a.costs <= limits).all()), None)
            answer = self.epsilon.within(limits, np.where(high > low, high - low, 1.0), start)
            best = max(a.bound for a in self.answers if a.least == self.lead and a.alone)
            self._keep(replace(answer, bound=max(answer.bound, best)))

    def _answered(self, limits: Floats) -> bool:
        """Whether nothing new can come of a question: it was asked, or one with weaker limits had an answer within them."""
        same = [a for a in self.answers if a.least == self.lead and (a.limits >= limits).all()]
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
        for fineness in itertools.count(1):
            count = 2**fineness + 1
            if count ** len(self.others) > CELLS:
                return
            levels = [np.linspace(low[k], high[k], count if high[k] > low[k] else 1) for k in self.others]
            for chosen in itertools.product(*levels):
                if len(self._front()) >= points or len(self.answers) >= TRIES * points:
                    return
                limits = self._at(*chosen)
                if not self._answered(limits):
                    yield limits

    def _at(self, *chosen: float) -> Floats:
        """Limits on all costs but the leading one."""
        out = np.full(self.question.size, np.inf)
        out[self.others] = chosen
        return out

    def _halving(self, size: Floats) -> Floats | None:
        """Limits in the middle of the widest gap that was not asked about yet."""
        lead, other = self.lead, int(self.others[0])
        front = sorted(self._front(), key=lambda y: float(y[lead]))
        asked = [a.limits[other] for a in self.answers if np.isinf(a.limits[lead]) and np.isfinite(a.limits[other])]
        best: tuple[float, float] | None = None
        for a, b in itertools.pairwise(front):
            edges = sorted({float(a[other]), float(b[other]), *(float(v) for v in asked if b[other] < v < a[other])})
            for low, high in itertools.pairwise(edges):
                gap = (high - low) / size[other]
                if gap <= WIDE or b[lead] - a[lead] <= WIDE * size[lead] or (best is not None and gap <= best[0]):
                    continue
                if not self._answered(self._at(high - WIDE * size[other])):
                    best = gap, (low + high) / 2
        return None if best is None else self._at(best[1])

    def _range(self) -> tuple[Floats, Floats]:
        costs = np.array([a.costs for a in self.answers if a.costs is not None and a.alone])
        return costs.min(axis=0), costs.max(axis=0)

    def _front(self) -> list[Floats]:
        return nondominated([a.costs for a in self.answers if a.costs is not None], self.question.apart)

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
