"""A bound that needs no faith in a solver: weak duality multiplied out on the arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.engine.arrays import Floats, dot
from optimizer.engine.outcome import Sense
from optimizer.engine.program import Program

_SAFETY = 1e-9  # relative and absolute widening of derived bounds, against rounding errors


def dual_bound(
    program: Program, vector: Floats, sense: Sense, row_dual: Floats, constant: float = 0.0, *, passes: int = 4
) -> float:
    """The bound on ``vector @ x + constant`` that any row prices prove by weak duality.

    For every feasible x, ``c·x = y·(Ax) + (c - A'y)·x``; each term is at most (when maximising) its value at the
    better bound of its row or column. Holds for the LP and so for every integer point; the closer `row_dual` is to
    optimal duals, the tighter. A price on a side where a row has no bound is set to zero first. A reduced cost that
    points to a missing column bound (a solver's duals do, by 1e-9) takes a bound that the rows imply instead;
    where they imply none the result is infinite.

    Parameters
    ----------
    program : the arrays.
    vector, sense, constant : the objective.
    row_dual : prices, signs as in `session`.
    passes : rounds of deriving bounds from rows; 0 uses the stated bounds only.

    Returns
    -------
    float : an upper bound when maximising, a lower bound when minimising.
    """
    flip = 1.0 if sense == "max" else -1.0
    y = flip * np.asarray(row_dual, dtype=np.float64)
    y = np.where((y > 0) & ~np.isfinite(program.row_upper), 0.0, y)
    y = np.where((y < 0) & ~np.isfinite(program.row_lower), 0.0, y)
    reduced = flip * vector - program.matrix.T @ y
    low, high = implied_bounds(program, passes) if passes else (program.col_lower, program.col_upper)
    # derived bounds only where none is stated: they are a little wide
    low = np.where(np.isfinite(program.col_lower), program.col_lower, low)
    high = np.where(np.isfinite(program.col_upper), program.col_upper, high)
    total = _best(y, program.row_lower, program.row_upper) + _best(reduced, low, high)
    return flip * total + constant


def implied_bounds(program: Program, passes: int = 4) -> tuple[Floats, Floats]:
    """Column bounds that the rows imply together with the stated bounds, by activity arguments.

    For a row ``Σ a_k x_k <= b`` and a column j with ``a_j > 0``: ``x_j <= (b - least value of the rest) / a_j``, and
    likewise for the other signs and sides. Source: A. Brearley, G. Mitra, H. Williams, "Analysis of mathematical
    programming problems prior to applying the simplex algorithm" (Mathematical Programming 8, 1975).

    Parameters
    ----------
    program : the arrays.
    passes : rounds; each uses the bounds of the one before.

    Returns
    -------
    lower, upper : never tighter than what every feasible point satisfies.
    """
    low, high = program.col_lower.copy(), program.col_upper.copy()
    for _ in range(passes):
        before = (low.copy(), high.copy())
        for matrix, side in ((program.matrix, program.row_upper), (-program.matrix, -program.row_lower)):
            _tighten(matrix, side, low, high)
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return low, high


def _tighten(matrix: sparse.csr_matrix, upper: Floats, low: Floats, high: Floats) -> None:
    """One pass over rows ``matrix @ x <= upper``, in place."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column, value = matrix.indices, matrix.data
    keep = np.isfinite(upper[row]) & (value != 0.0)
    row, column, value = row[keep], column[keep], value[keep]
    least = value * np.where(value > 0, low[column], high[column])
    endless = ~np.isfinite(least)
    finite = np.where(endless, 0.0, least)
    count = matrix.shape[0]
    total = np.bincount(row, weights=finite, minlength=count)
    size = np.bincount(row, weights=np.abs(finite), minlength=count)
    missing = np.bincount(row, weights=endless, minlength=count)
    known = missing[row] == endless  # every other term of the row has a least value
    row, column, value, rest = row[known], column[known], value[known], (total[row] - finite)[known]
    room = upper[row] - rest
    room = room + _SAFETY * (1.0 + np.abs(upper[row]) + size[row])
    bound = room / value
    np.minimum.at(high, column[value > 0], bound[value > 0])
    np.maximum.at(low, column[value < 0], bound[value < 0])


def _best(price: Floats, lower: Floats, upper: Floats) -> float:
    """The largest value of price·v over lower <= v <= upper."""
    at: NDArray[np.float64] = np.where(price > 0, upper, lower)
    if np.any((price != 0) & ~np.isfinite(at)):
        return float(np.inf)
    return dot(price, np.where(price != 0, at, 0.0))
