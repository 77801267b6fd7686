"""Integers that rows of a single entry decide, such as a count that a rule asks to be reached."""

from __future__ import annotations

import numpy as np

from optimizer.engine.program import Program

NEAR = 1e-9


def with_single_rows_in_bounds(program: Program) -> Program:
    """The program with the bounds of integer columns drawn in to what rows of a single entry leave; the rows stay."""
    low, high = program.col_lower.copy(), program.col_upper.copy()
    matrix = program.matrix
    rows = np.flatnonzero(np.diff(matrix.indptr) == 1)
    column, value = matrix.indices[matrix.indptr[rows]], matrix.data[matrix.indptr[rows]]
    use = program.integer[column] & (value != 0)
    rows, column, value = rows[use], column[use], value[use]
    ends = np.sort(np.vstack([program.row_lower[rows] / value, program.row_upper[rows] / value]), axis=0)
    np.maximum.at(low, column, np.ceil(ends[0] - NEAR))
    np.minimum.at(high, column, np.floor(ends[1] + NEAR))
    crossed = low > high  # no point: the program as it is says so
    low[crossed], high[crossed] = program.col_lower[crossed], program.col_upper[crossed]
    return program.with_bounds(col_lower=low, col_upper=high)
