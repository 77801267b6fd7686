"""Polish: free all integers of some related blocks of the whole program, hold the rest, keep what is better."""

from __future__ import annotations

import numpy as np

from optimizer.engine.program import Bools, Floats
from optimizer.search.master import Master
from optimizer.search.problem import Problem


def whole_master(problem: Problem, low: Floats, high: Floats, kept: Bools) -> Master:
    """The program itself in the shape the neighbourhood search works on, without the columns that are not ``kept``."""
    p = problem.program
    columns = np.flatnonzero(kept)
    return Master(
        cost=problem.cost[columns], rows=problem.rows[:, columns].tocsr(), row_lower=p.row_lower, row_upper=p.row_upper,
        col_lower=low[columns], col_upper=high[columns], integer=p.integer[columns],
        block=p.col_block[columns], columns=columns,
    )
