"""One loaded linear program whose further rows are found as they are needed (outer approximation: Kelley 1960).

An optimum over the rows found so far bounds the true one. The point itself breaks a condition somewhere; put right (its
index set to the true value, or drawn towards a point that keeps the conditions: Veinott, "The supporting hyperplane
method for unimodal programming", 1967), it is a value that can be had. When the two are near each other the question is
answered, long before an optimum itself keeps every condition.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.engine.cutting import Cutting
from optimizer.engine.derive import ExtraRows
from optimizer.engine.outcome import Status
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.scaling import readable
from optimizer.engine.session import Basis, Method, Session
from optimizer.search.limits import Limits

ROUNDS = 200
PATIENCE = 25  # rounds after which the conditions' own tolerances are good enough
LARGE = 20_000  # columns from which another objective is given to the interior point: from the old basis the way is longer
KEPT = 1e-9  # by which a row over a condition's own columns may be missed, as a share of its size
HALVINGS = 30


@dataclass(frozen=True, eq=False)
class Optimum:
    """A point that keeps every condition (within its tolerance), and a bound that no point passes."""

    x: Floats
    value: float
    bound: float


class Refining:
    """A linear program under conditions, asked for one objective after another.

    Parameters
    ----------
    program : with the rows found before
    cutting : the conditions
    rows : where new rows are added: they hold for every plan
    held : a point whose integers are held (None: all are free to be fractions)
    basis : to begin with, of the same rows and columns
    """

    def __init__(
        self, program: Program, cutting: Sequence[Cutting], rows: list[ExtraRows], limits: Limits,
        held: Floats | None = None, basis: Basis | None = None,
    ) -> None:
        if held is not None:
            low, high = program.col_lower.copy(), program.col_upper.copy()
            low[program.integer] = high[program.integer] = np.round(held[program.integer])
            program = program.with_bounds(col_lower=low, col_upper=high)
        self.program, self.cutting, self.rows, self.limits = program, cutting, rows, limits
        self._session = Session(program, threads=limits.threads, seed=limits.seed)
        self._afresh, self._last = basis is None, Linear("max", np.empty(0))
        self.dual: Floats | None = None  # of the last linear program, rows added on demand last
        if basis is not None:
            self._session.set_basis(basis)
        own = np.unique(np.concatenate([np.empty(0, int), *(one.columns for one in cutting)]))
        self._own = np.unique(program.by_column[:, own].indices)
        self._part = program.matrix[self._own]

    def optimum(self, linear: Linear, inner: Floats | None = None, worth: float = 0.0, share: float = 0.0,
                until: float = 0.0) -> Optimum | None:
        """The best point under the conditions, and what no point passes; None if that is not known in time.

        Parameters
        ----------
        inner : a point that keeps the conditions, if there is one
        worth, share : amount or share of the objective within which a point is as good as the best
        until : seconds of the time left that must remain; what is known then is given
        """
        large, _ = readable(linear)
        self._session.set_objective(self._padded(large.vector), large.sense)
        sign = 1.0 if linear.sense == "max" else -1.0
        self._afresh |= bool(len(self._last.vector)) and not _same(self._last, large)
        self._last = large
        best, bound = None, math.nan
        for n in range(ROUNDS):
            x = self._solved(until)
            if x is None:
                return None if best is None else Optimum(best, linear.at(best), bound)
            bound = linear.at(x)
            excess = max((one.excess(x) for one in self.cutting), default=0.0)
            point, allowed = self._put_right(x, inner), self.allowed(linear, x)
            if point is not None and (best is None or sign * linear.at(point) > sign * linear.at(best)):
                best = inner = point
            if best is None and excess <= 1.0:
                best = x
            if best is not None:
                short = sign * (bound - linear.at(best))
                if short <= max(worth, share * abs(bound)) or (short <= allowed and n >= PATIENCE):
                    return Optimum(best, linear.at(best), bound)
            if not self._cut(x, point):
                return None if best is None else Optimum(best, linear.at(best), bound)
        return None

    def _solved(self, until: float) -> Floats | None:
        """The point of the linear program; None where it has none, or where less than ``until`` seconds are left."""
        method: Method = "ipx" if self._afresh and self.program.n_columns > LARGE else "choose"
        left = max(self.limits.left - until, 0.0)
        result = self._session.solve("lp", method=method, time_limit=left, should_stop=self.limits.stop)
        self._afresh = False
        self.dual = result.row_dual
        return result.x if result.status is Status.OPTIMAL else None

    def basis(self) -> Basis | None:
        """The basis of the last linear program, over all rows found so far."""
        return self._session.get_basis()

    def allowed(self, linear: Linear, x: Floats) -> float:
        """What the tolerances of the conditions are worth in an objective."""
        return sum(one.worth(self._padded(linear.vector), x) for one in self.cutting)

    def _put_right(self, x: Floats, inner: Floats | None) -> Floats | None:
        """A point near ``x`` that keeps the conditions, if one is found."""
        right = self._repaired(x)
        if self._keeps(right):
            return right
        if inner is None:
            return None
        inside, low, high = self._repaired(inner), 0.0, 1.0
        if not self._keeps(inside):
            return None
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            between = self._repaired(inside + middle * (x - inside))
            low, high = (middle, high) if self._keeps(between) else (low, middle)
        return self._repaired(inside + low * (x - inside))

    def _repaired(self, x: Floats) -> Floats:
        for one in self.cutting:
            x = one.repaired(x)
        return x

    def _keeps(self, x: Floats) -> bool:
        """Whether the rows over the conditions' own columns hold: the others do not change."""
        activity = self._part @ x
        p = self.program
        room = KEPT * (1.0 + np.asarray(abs(self._part) @ np.abs(x)))
        return bool(np.all(activity >= p.row_lower[self._own] - room) and np.all(activity <= p.row_upper[self._own] + room))

    def _cut(self, *points: Floats | None) -> bool:
        """Add what these points break; whether it was anything."""
        before = len(self.rows)
        for x in points:
            for one in self.cutting:
                new = None if x is None else one.cut(x)
                if new is not None:
                    self.rows.append(new)
                    self._session.add_rows(widened(new.matrix, self.program.n_columns), new.lower, new.upper)
        return len(self.rows) > before

    def _padded(self, vector: Floats) -> Floats:
        return np.append(vector, np.zeros(self.program.n_columns - len(vector)))


def _same(one: Linear, other: Linear) -> bool:
    return one.sense == other.sense and np.array_equal(one.vector, other.vector)


def widened(matrix: sparse.csr_matrix, columns: int) -> sparse.csr_matrix:
    """The same rows over more columns."""
    return sparse.csr_matrix((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], columns))
