"""Three and more criteria of a linear program: the front between an inner and an outer approximation.

Benson's outer approximation (H. Benson, "An outer approximation algorithm for generating all efficient extreme points in
the outcome set of a multiple objective linear programming problem", Journal of Global Optimization 13, 1998), with the
stopping rule of L. Shao, M. Ehrgott, "Approximately solving multiobjective linear programmes in objective space"
(Mathematical Methods of Operations Research 68, 2008). From each vertex v of the outer polyhedron one linear program asks
how far it must be moved, min t: costs(x) ≤ v + t·range. If t is within the tolerance the vertex stays; else the prices
of the rows are a half-space that holds every plan and cuts the vertex off. At the end every vertex of the outer
polyhedron, moved by tolerance × range, is reached or surpassed by a plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.spatial import HalfspaceIntersection

from optimizer.engine.outcome import Status
from optimizer.engine.program import Floats
from optimizer.methods.pareto.linear import Point, Weigher
from optimizer.methods.pareto.question import Question

MOST = 2000  # linear programs


@dataclass(frozen=True, eq=False)
class Between:
    """The front lies above the half-spaces ``normal·cost ≥ least`` and, moved by ``error`` of each range, below the points.

    ``error``: the largest share of the ranges by which a vertex of the outer polyhedron must be moved; inf if unknown.
    """

    costs: tuple[Floats, ...]
    x: tuple[Floats | None, ...]
    normals: Floats
    least: Floats
    error: float
    why_not: str


@dataclass(frozen=True, eq=False)
class Before:
    """What was found before: costs of points, and half-spaces ``normal·cost ≥ least`` that hold every plan."""

    costs: Floats
    normals: Floats
    least: Floats


def between(question: Question, weigher: Weigher, tolerance: float, known: Before | None = None) -> Between:
    """Points and half-spaces that enclose the front of a continuous problem to a tolerance (share of each range).

    Raises
    ------
    SolveError : there is no front: infeasible, or a criterion without limit
    """
    ends = [weigher.first(k) for k in range(question.size)]
    costs = np.array([end[0] for end in ends])
    ideal, worst = costs.min(axis=0), costs.max(axis=0)
    size = np.where(worst - ideal > 1e-9 * np.maximum(1.0, np.abs(worst)), worst - ideal, 1.0)
    run = _Outer(question, weigher, tolerance, ideal, size, ends)
    if known is not None:
        run.goes_on_from(known)
    return run.go()


class _Outer:
    """The polyhedron in shares of the ranges (0 = ideal), cut at ``TOP`` so that it has vertices only."""

    TOP = 4.0

    def __init__(self, question: Question, weigher: Weigher, tolerance: float, ideal: Floats, size: Floats,
                 ends: list[tuple[Floats, Floats]]) -> None:
        self.question, self.weigher, self.tolerance, self.ideal, self.size = question, weigher, tolerance, ideal, size
        self.points: list[Point] = list(ends)
        self.normals, self.least = list(np.eye(question.size)), [0.0] * question.size
        rows = sparse.csc_matrix((-size / question.unit)[:, None])
        empty = sparse.csc_matrix((question.program.n_rows, 1))
        self.width = weigher.session.n_columns
        self.asked = 0
        self._column = sparse.vstack([empty, rows], format="csc")

    def goes_on_from(self, known: Before) -> None:
        """Begin with the points and half-spaces found before."""
        self.points += [(costs, None) for costs in known.costs]
        scale = (known.normals * self.size).sum(axis=1)
        self.normals += list(known.normals * self.size / scale[:, None])
        self.least += list((known.least - known.normals @ self.ideal) / scale)

    def go(self) -> Between:
        """Cut vertices off until each is near enough."""
        session = self.weigher.session
        session.add_columns(self._column, [0.0], [-np.inf], [np.inf])
        good: list[Floats] = []
        error, why = 0.0, ""
        while True:
            far = [v for v in self._vertices() if not any(np.abs(v - known).max() <= 1e-9 for known in good)]
            if not far or why:
                break
            for vertex in far:
                moved = self._moved(vertex)
                if isinstance(moved, str):
                    why = moved
                    break
                t, normal = moved
                if t <= self.tolerance:
                    good.append(vertex)
                    error = max(error, t)
                else:
                    self.normals.append(normal)
                    self.least.append(float(normal @ (vertex + t)))
                    break
        session.truncate_columns(self.width)
        normals = np.array(self.normals) / self.size
        least = np.array(self.least) + normals @ self.ideal
        found = self._nondominated()
        return Between(tuple(f[0] for f in found), tuple(f[1] for f in found), normals, least, np.inf if why else error, why)

    def _vertices(self) -> list[Floats]:
        """Vertices of the outer polyhedron, in a fixed order."""
        p = self.question.size
        lower = np.hstack([-np.array(self.normals), np.array(self.least)[:, None]])
        upper = np.hstack([np.eye(p), np.full((p, 1), -self.TOP)])
        inside = np.full(p, self.TOP - 0.5)
        found = HalfspaceIntersection(np.vstack([lower, upper]), inside).intersections
        found = np.unique(np.round(found[np.isfinite(found).all(axis=1)], 10), axis=0)
        return list(found)

    def _moved(self, vertex: Floats) -> tuple[float, Floats] | str:
        """How far a vertex lies from what can be reached, and the half-space that says so; or why that is not known."""
        if self.asked >= MOST:
            return f"the limit of {MOST} linear programs was reached"
        if over := self.weigher.over():
            return over
        self.asked += 1
        q, session = self.question, self.weigher.session
        limits = (self.ideal + vertex * self.size - q.constant) / q.unit
        session.set_row_bounds(self.weigher.rows, -np.inf, limits)
        cost = np.zeros(session.n_columns)
        cost[-1] = 1.0
        session.set_objective(cost, "min")
        result = self.weigher.run(tuple(map(float, vertex)))
        if result.status is not Status.OPTIMAL or result.x is None or result.row_dual is None:
            return f"a linear program ended with '{result.status}'"
        price = np.maximum(-result.row_dual[self.weigher.rows], 0.0) * self.size / q.unit
        self.points.append((q.costs(result.x), result.x[: self.width]))
        return float(result.x[-1]), price / price.sum()

    def _nondominated(self) -> list[Point]:
        """The points met, each made nondominated by one more linear program; those that coincide once."""
        q, out = self.question, list[Point]()
        for costs, x in self.points:
            result = self.weigher.weigh(1.0 / self.size, costs)
            best: Point = (costs, x) if result.status is not Status.OPTIMAL or result.x is None else (q.costs(result.x), result.x)
            if not any((np.abs(best[0] - other[0]) <= 1e-7 * self.size).all() for other in out):
                out.append(best)
        return out
