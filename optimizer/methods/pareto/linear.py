"""The exact front of a linear program under two criteria, by weights found from neighbouring points.

Y. Aneja, K. Nair, "Bicriteria transportation problem" (Management Science 25, 1979); J. Cohon, *Multiobjective
Programming and Planning* (1978), calls it NISE. The front is a chain of segments. Between two points of it the weights
are set square to the line through them: if the optimum lies below the line it is a new point, else the line is an edge,
and that is the proof. Each point costs one linear program, each edge another, all warm on one basis.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Floats
from optimizer.engine.session import RawResult, Session
from optimizer.methods.pareto.every import Limits
from optimizer.methods.pareto.question import Question

FLAT = 1e-7  # share of the ranges by which a point must lie below a line to count as a new one
SAME = 1e-9  # share of the ranges within which two points are one

Point = tuple[Floats, Floats | None]
"""Costs of a point, and the point (None where it was read from a file)."""


@dataclass(frozen=True, eq=False)
class Weighing:
    """One linear program of the search: weights on the costs (or the point it was asked about) and how it ended."""

    asked: tuple[float, ...]
    status: Status
    value: float
    seconds: float
    message: str = ""


@dataclass(frozen=True, eq=False)
class Chain:
    """Costs and points of the vertices from the smallest first cost on; ``proved[i]``: edge i to i + 1 is."""

    costs: tuple[Floats, ...]
    x: tuple[Floats | None, ...]
    proved: tuple[bool, ...]
    weighings: tuple[Weighing, ...]
    why_not: str


class Weigher:
    """Weighted linear programs on one loaded program."""

    def __init__(self, question: Question, limits: Limits) -> None:
        self.question, self.limits = question, limits
        self.session = Session(question.limited, seed=limits.seed)
        self.log: list[Weighing] = []
        self.rows = np.arange(question.program.n_rows, question.program.n_rows + question.size)

    def weigh(self, weights: Floats, limits: Floats | None = None) -> RawResult:
        """Make the weighted sum of costs small, with costs at most ``limits``."""
        q = self.question
        limits = np.full(q.size, np.inf) if limits is None else (limits - q.constant) / q.unit
        self.session.set_row_bounds(self.rows, -np.inf, limits)
        self.session.set_objective(np.asarray(weights) @ q.matrix, "min", float(np.asarray(weights) @ q.constant))
        return self.run(tuple(map(float, weights)))

    def run(self, asked: tuple[float, ...]) -> RawResult:
        """Solve what is loaded now and note it."""
        left = max(0.0, self.limits.deadline - time.monotonic())
        result = self.session.solve("lp", time_limit=left, should_stop=self.limits.stop)
        self.log.append(Weighing(asked, result.status, result.objective, result.seconds, result.message))
        return result

    def over(self) -> str:
        """Why to stop now; empty while there is no reason."""
        return self.limits.over(len(self.log))

    def first(self, least: int) -> tuple[Floats, Floats]:
        """The lexicographic optimum that begins with one cost: its costs and point.

        Raises
        ------
        SolveError : there is none, and why
        """
        q, others = self.question, [k for k in range(self.question.size) if k != least]
        limits = np.full(q.size, np.inf)
        result = self.weigh(np.eye(q.size)[least] / q.unit)
        for k in (*others, None):
            if result.status is not Status.OPTIMAL or result.x is None:
                raise SolveError(refusal(result.status, q.names[least]), result.outcome)
            costs = q.costs(result.x)
            if k is None:
                break
            held = least if k == others[0] else others[others.index(k) - 1]
            limits[held] = costs[held]
            result = self._held(np.eye(q.size)[k] / q.unit, limits, result)
        assert result.x is not None
        return q.costs(result.x), result.x

    def _held(self, weights: Floats, limits: Floats, before: RawResult) -> RawResult:
        """The next stage; the stage before it where the solver finds its own point infeasible by a rounding error."""
        result = self.weigh(weights, limits)
        return before if result.status is Status.INFEASIBLE else result


def refusal(status: Status, name: str) -> str:
    """Why there is no front, by how the question for the best value of one criterion ended."""
    return {
        Status.INFEASIBLE: "No plan can hold all hard rules of this instance (proved).",
        Status.UNBOUNDED: f"The criterion '{name}' can get better without limit: a budget or a ceiling is missing.",
        Status.LIMIT_WITHOUT_PLAN: f"The limit was reached before a plan was found for '{name}'.",
    }.get(status, f"The best value of '{name}' was not found ({status}).")


def chain(question: Question, weigher: Weigher, known: Sequence[tuple[Floats, bool]] = ()) -> Chain:
    """The front of a continuous problem with two criteria.

    Parameters
    ----------
    known : costs of points found before, from the best first cost to the best second one, and whether the segment to the
        next is proved to be an edge

    Raises
    ------
    SolveError : there is no front: infeasible, or a criterion without limit
    """
    points: list[Point] = [(costs, None) for costs, _ in known]
    if not points:
        points = [weigher.first(0), weigher.first(1)]
    left, right = points[0], points[-1]
    size = np.maximum(np.abs(left[0] - right[0]), 0.0)
    near = SAME * np.maximum(np.abs(left[0]), np.abs(right[0])) + 1e-12
    if (size <= near).any():
        better = left if (left[0] <= right[0] + near).all() else right
        return Chain((better[0],), (better[1],), (), tuple(weigher.log), "")
    why = ""
    done: list[tuple[Point, Point, bool]] = []
    sure = [proved for _, proved in known] or [False]
    stack = [(a, b, edge) for (a, b), edge in zip(pairwise(points), sure, strict=False)][::-1]
    while stack:
        a, b, edge = stack.pop()
        why = why or ("" if edge else weigher.over())
        between, reason = (None, why) if why or edge else _between(question, weigher, a, b, size)
        why = why or reason
        if between is None:
            done.append((a, b, edge or not why))
        else:
            stack += [(between, b, False), (a, between, False)]
    return _joined(done, tuple(weigher.log), size, why)


def _between(question: Question, weigher: Weigher, a: Point, b: Point, size: Floats) -> tuple[Point | None, str]:
    """A point below the line through two, or None if the line is an edge; and why it is not known."""
    drop = (a[0] - b[0]) / size
    weights = np.array([drop[1], -drop[0]]) / size
    total = weights * size
    weights = weights / total.sum()
    if (total <= SAME).any():
        return None, ""
    result = weigher.weigh(weights)
    if result.status is not Status.OPTIMAL or result.x is None:
        return None, f"a linear program ended with '{result.status}'"
    costs = question.costs(result.x)
    if float(weights @ costs) >= float(weights @ a[0]) - FLAT:
        return None, ""
    return (costs, result.x), ""


def _joined(done: list[tuple[Point, Point, bool]], log: tuple[Weighing, ...], size: Floats, why: str) -> Chain:
    """The chain of segments in order, without vertices that lie on the line through their neighbours."""
    points, proved = [done[0][0]], list[bool]()
    for a, b, sure in done:
        if len(points) > 1 and sure and proved[-1] and _straight(points[-2][0], a[0], b[0], size):
            points[-1] = b
            continue
        points.append(b)
        proved.append(sure)
    return Chain(tuple(p[0] for p in points), tuple(p[1] for p in points), tuple(proved), log, why)


def _straight(a: Floats, b: Floats, c: Floats, size: Floats) -> bool:
    u, v = (b - a) / size, (c - a) / size
    return abs(float(u[0] * v[1] - u[1] * v[0])) <= FLAT * float(np.hypot(*v))
