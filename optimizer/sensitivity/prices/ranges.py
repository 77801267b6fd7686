"""One-sided prices where a basis is degenerate, and the whole length over which a price holds.

`Tangent` is the program of all directions that an optimum leaves open: bounds that are not reached are gone, those that are
reached stand at 0. Its least value when a limit moves by one unit is the price that way, exactly; its dual is the set of all
optimal duals. `Ends` looks for the last point at which the value still lies on the line that a price describes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from optimizer.engine.outcome import Status
from optimizer.engine.program import Floats, Ints, Linear
from optimizer.engine.session import Basis, Session
from optimizer.sensitivity.prices.directions import Direction, reach
from optimizer.sensitivity.prices.prices import AT_LOWER, BASIC, Optimum, Price

PRIMAL = {"simplex_strategy": 4}
INSIDE = 1e-7  # a range shorter than this share of the limit is no range
GAINED = 1e-9  # share by which the end of a price must lie further out to count as further


class Tangent:
    """The directions an optimum leaves open, loaded once with the optimum's basis.

    Parameters
    ----------
    optimum : where they start
    """

    def __init__(self, optimum: Optimum) -> None:
        self.optimum = optimum
        program, n = optimum.program, optimum.program.n_columns
        low, high = np.where(optimum.at_low, 0.0, -np.inf), np.where(optimum.at_high, 0.0, np.inf)
        at_both = optimum.low == optimum.high
        low[at_both] = high[at_both] = 0.0
        open_ = program.with_bounds(col_lower=low[:n], col_upper=high[:n], row_lower=low[n:], row_upper=high[n:])
        self._low, self._high = low, high
        linear = Linear("min", optimum.cost)
        self._session = Session(open_.with_criteria({"priced": linear}), "priced", threads=optimum.session.threads)
        self._session.set_basis(optimum.basis)

    def slope(self, direction: Direction, time_limit: float) -> tuple[float, float] | None:
        """Change of the criterion for a unit along a direction, and how far at least it holds.

        Infinite (for the worse) where no plan is left that way; None where the time was over.
        """
        low, high = self._low.copy(), self._high.copy()
        for k in direction.positions:
            if np.isfinite(low[k]):
                low[k] = direction.lower.get(k, 0.0)
            if np.isfinite(high[k]):
                high[k] = direction.upper.get(k, 0.0)
            if low[k] > high[k]:
                return self._worse(), 0.0
        answer = self._asked(direction.positions, low, high, time_limit)
        if answer is None or not len(answer[1]):
            return None if answer is None else (self._worse(), 0.0)
        value, move = answer
        optimum = self.optimum
        step = np.concatenate([move, optimum.program.activity(move)])
        free_low, free_high = np.where(optimum.at_low, -np.inf, optimum.low), np.where(optimum.at_high, np.inf, optimum.high)
        return optimum.in_own_sense(value), reach(optimum.point, step, free_low, free_high, direction)

    def cost_room(self, column: int, time_limit: float) -> tuple[float, float] | None:
        """By how much the criterion's coefficient of a column may fall and rise with the optimum still optimal.

        The optimum stays optimal as long as no open direction gains: the least loss of one that moves the column by a unit.
        None where the time was over.
        """
        rooms = []
        for by in (1.0, -1.0):
            bound = self._high[column] if by > 0 else -self._low[column]
            if bound == 0.0:
                rooms.append(np.inf)
                continue
            low, high = self._low.copy(), self._high.copy()
            low[column] = high[column] = by
            answer = self._asked([column], low, high, time_limit)
            if answer is None:
                return None
            rooms.append(np.inf if not len(answer[1]) else max(0.0, answer[0] / self.optimum.scale))
        falls, rises = rooms if self.optimum.sign > 0 else rooms[::-1]
        return falls, rises

    def _asked(self, positions: list[int], low: Floats, high: Floats, time_limit: float) -> tuple[float, Floats] | None:
        """Least value and direction with some bounds moved for a while; no direction where there is none, None past time."""
        n = self.optimum.program.n_columns
        columns = np.array([k for k in positions if k < n], dtype=np.int64)
        rows = np.array([k for k in positions if k >= n], dtype=np.int64)
        self._bounds(columns, rows, low, high)
        try:
            result = self._session.solve("lp", method="simplex", time_limit=time_limit)
        finally:
            self._bounds(columns, rows, self._low, self._high)
        if result.status is Status.INFEASIBLE:
            return np.inf, np.empty(0)
        if result.status is not Status.OPTIMAL or result.x is None:
            return None
        return float(result.objective), result.x

    def _bounds(self, columns: Ints, rows: Ints, low: Floats, high: Floats) -> None:
        n = self.optimum.program.n_columns
        if len(columns):
            self._session.set_col_bounds(columns, low[columns], high[columns])
        if len(rows):
            self._session.set_row_bounds(rows - n, low[rows], high[rows])

    def _worse(self) -> float:
        return self.optimum.in_own_sense(np.inf)


class Ends:
    """Where prices end: the program with one more column, how far a limit has moved, and one more row, the price's line."""

    def __init__(self, optimum: Optimum) -> None:
        self.optimum = optimum
        program, n = optimum.program, optimum.program.n_columns
        self._session = Session(program, None, threads=optimum.session.threads)
        self._session.set_basis(optimum.basis)
        free = sparse.csc_matrix((program.n_rows, 1))
        self._theta = int(self._session.add_columns(free, 0.0, 0.0, np.inf)[0])
        self._session.set_objective(np.append(np.zeros(n), 1.0), "max")
        line = sparse.csr_matrix(np.append(optimum.cost, 0.0)[None, :])
        self._line = int(self._session.add_rows(line, -np.inf, float(optimum.cost @ optimum.x))[0])
        columns, rows = optimum.basis.columns, optimum.basis.rows
        self._start = Basis(np.append(columns, AT_LOWER).astype(columns.dtype), np.append(rows, BASIC).astype(rows.dtype))

    def end(self, direction: Direction, slope: float, time_limit: float) -> float | None:
        """The last step along a direction at which the value is on the line of a slope; None where it was not found."""
        optimum, n, session = self.optimum, self.optimum.program.n_columns, self._session
        loaded = slope / optimum.sign * optimum.scale
        rows = session.n_rows
        session.set_basis(self._start)  # a step of 0 is feasible: from there the primal simplex only goes on
        extra, below, above, was = [], [], [], []
        changed: list[tuple[int, int]] = []
        for k in direction.positions:
            by_low, by_high = direction.lower.get(k), direction.upper.get(k)
            if k >= n and _moves_whole(optimum, k, by_low, by_high):
                by = by_low if by_low is not None else by_high
                assert by is not None
                session.change_coefficient(k - n, self._theta, -by)
                changed.append((k - n, self._theta))
                continue
            entries = program_row(optimum, k)
            for by, bound, side in ((by_low, optimum.low[k], "low"), (by_high, optimum.high[k], "high")):
                if by is None or not np.isfinite(bound):
                    continue
                extra.append(sparse.hstack([entries, sparse.csr_matrix([[-by]])], format="csr"))
                below.append(bound if side == "low" else -np.inf)
                above.append(bound if side == "high" else np.inf)
            was.append((k, optimum.low[k], optimum.high[k]))
            self._set(k, -np.inf if by_low is not None else optimum.low[k], np.inf if by_high is not None else optimum.high[k])
        session.change_coefficient(self._line, self._theta, -loaded)
        if extra:
            session.add_rows(sparse.csr_matrix(sparse.vstack(extra)), below, above)
        try:
            result = session.solve("lp", method="simplex", time_limit=time_limit, options=PRIMAL)
        finally:
            session.truncate_rows(rows)
            for row, column in changed:
                session.change_coefficient(row, column, 0.0)
            for k, low, high in was:
                self._set(k, low, high)
        if result.status is Status.UNBOUNDED:
            return np.inf
        return float(result.objective) if result.status is Status.OPTIMAL else None

    def _set(self, k: int, low: float, high: float) -> None:
        n = self.optimum.program.n_columns
        if k < n:
            self._session.set_col_bounds([k], low, high)
        else:
            self._session.set_row_bounds([k - n], low, high)


def _moves_whole(optimum: Optimum, k: int, by_low: float | None, by_high: float | None) -> bool:
    """Whether every finite bound of a row moves alike, so that the row itself can be shifted."""
    moves = [by for by, bound in ((by_low, optimum.low[k]), (by_high, optimum.high[k])) if np.isfinite(bound)]
    return all(by is not None and by == moves[0] for by in moves)


def program_row(optimum: Optimum, k: int) -> sparse.csr_matrix:
    """The row that gives what stands at a position: a unit row for a column."""
    n = optimum.program.n_columns
    if k >= n:
        return sparse.csr_matrix(optimum.program.matrix[k - n])
    return sparse.csr_matrix(([1.0], ([0], [k])), shape=(1, n))


class Priced:
    """Prices of limits: from the basis where it says them, from the open directions where it does not.

    Parameters
    ----------
    optimum : where the prices hold
    deadline : on the monotonic clock; past it prices of limits that bind stay unknown
    stop : asked now and then; True counts as past it
    """

    def __init__(self, optimum: Optimum, deadline: float = np.inf, stop: Callable[[], bool] = lambda: False) -> None:
        self.optimum, self.deadline, self.stop = optimum, deadline, stop
        self._tangent: Tangent | None = None
        self._ends: Ends | None = None

    def price(self, direction: Direction, at: float, *, exact: bool = True) -> Price:
        """The price of a limit that stands at a value and moves its bounds along a direction, as far as this basis goes.

        Parameters
        ----------
        exact : whether a program is solved for a way that the basis says nothing of
        """
        least = INSIDE * max(1.0, abs(at))
        cheap = bool(self.optimum.basic[direction.positions].all())  # what is not used up needs no system solved
        known = self.optimum.along(direction) if cheap or self._left() > 0 else None
        sides = []
        for way in (1.0, -1.0):
            slope, length = (np.nan, 0.0) if known is None else (way * known[0], known[1 if way > 0 else 2])
            if length <= least:
                slope, length = (np.nan, 0.0) if not exact else self._open(direction.times(way))
            sides.append((slope, length))
        (up, above), (down, below) = sides
        return Price(up + 0.0, -down + 0.0, above, below)

    def followed(self, direction: Direction, price: Price, most: float = np.inf) -> tuple[Price, bool]:
        """The price with the ends of its range looked for past this basis, and whether both ends were found.

        Parameters
        ----------
        most : seconds for each way
        """
        above, top = self._end(direction, price.up, price.above, most)
        below, bottom = self._end(direction.times(-1.0), -price.down, price.below, most)
        return replace(price, above=above, below=below), top and bottom

    def cost_room(self, column: int) -> tuple[float, float] | None:
        """As `Tangent.cost_room`, within the time left."""
        left = self._left()
        return None if left <= 0 else self.tangent.cost_room(column, left)

    @property
    def tangent(self) -> Tangent:
        """The open directions, loaded when first asked for."""
        if self._tangent is None:
            self._tangent = Tangent(self.optimum)
        return self._tangent

    def _open(self, direction: Direction) -> tuple[float, float]:
        left = self._left()
        found = None if left <= 0 else self.tangent.slope(direction, left)
        return (np.nan, 0.0) if found is None else found

    def _end(self, direction: Direction, slope: float, length: float, most: float) -> tuple[float, bool]:
        if not (np.isfinite(slope) and np.isfinite(length)):
            return length, True
        left = min(self._left(), most)
        if left <= 0:
            return length, False
        if self._ends is None:
            self._ends = Ends(self.optimum)
        end = self._ends.end(direction, slope, left)
        return (length, False) if end is None else (end if end > length * (1 + GAINED) else length, True)

    def _left(self) -> float:
        return 0.0 if self.stop() else self.deadline - time.monotonic()
