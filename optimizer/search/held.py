"""The linear program that is left once some decisions are held, loaded once and solved warm as more of them are."""

from __future__ import annotations

import numpy as np

from optimizer.engine.program import Bools, Floats, Linear
from optimizer.engine.session import Basis, Method, Session
from optimizer.search.limits import Limits
from optimizer.search.problem import Problem

INTERIOR_ROWS = 5_000  # past which the interior point is quicker from scratch (half the time at 50,000 rows)


class Held:
    """The program over the columns ``kept``, the others zero, within bounds that are drawn in from solve to solve.

    From scratch 50,000 rows take some 6 s and 120,000 a minute; after holding the projects too, warm, a tenth of that.
    """

    def __init__(self, problem: Problem, low: Floats, high: Floats, kept: Bools, limits: Limits) -> None:
        self.problem, self.limits = problem, limits
        program = problem.program.with_bounds(col_lower=low, col_upper=high)
        filled = np.asarray(np.diff(problem.rows[:, np.flatnonzero(kept)].indptr) > 0)
        filled |= (program.row_lower > 0) | (program.row_upper < 0)  # an empty row may still say that there is no point
        part, self.columns, self.rows = program.restricted(kept, filled)
        part = part.with_criteria({"search": Linear("max", problem.cost[self.columns])})
        self.session = Session(part, "search", threads=limits.threads, seed=limits.seed)
        self.solved = False

    def solve(self, low: Floats, high: Floats) -> tuple[Floats, Floats] | None:
        """Point and duals within these bounds of all columns, full length; None if there is no optimum."""
        self.session.set_col_bounds(np.arange(len(self.columns)), low[self.columns], high[self.columns])
        method: Method = "ipx" if len(self.rows) > INTERIOR_ROWS and not self.solved else "simplex"
        result = self.session.solve("lp", method=method, should_stop=self.limits.stop)
        if result.x is None or result.row_dual is None:
            return None
        self.solved = True
        x, dual = np.zeros(self.problem.program.n_columns), np.zeros(self.problem.program.n_rows)
        x[self.columns], dual[self.rows] = result.x, result.row_dual
        return x, dual

    def basis(self) -> Basis | None:
        """The basis of the last solve for the whole program: other columns at zero, other rows slack."""
        own = self.session.get_basis()
        if own is None:
            return None
        columns = np.zeros(self.problem.program.n_columns, np.int8)
        rows = np.ones(self.problem.program.n_rows, np.int8)
        columns[self.columns], rows[self.rows] = own.columns, own.rows
        return Basis(columns, rows)
