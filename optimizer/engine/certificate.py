"""A bound that needs no faith in a solver: weak duality multiplied out on the arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.engine.outcome import Sense
from optimizer.engine.program import Floats, Program


def dual_bound(program: Program, vector: Floats, sense: Sense, row_dual: Floats, constant: float = 0.0) -> float:
    """The bound on ``vector @ x + constant`` that any row prices prove by weak duality.

    For every feasible x, ``c·x = y·(Ax) + (c - A'y)·x``; each term is at most (when maximising) its value at the
    better bound of its row or column. Holds for the LP and so for every integer point; the closer `row_dual` is to
    optimal duals, the tighter. Prices on a side where a row has no bound are set to zero first; a reduced cost that
    points to a missing column bound makes the result infinite.

    Parameters
    ----------
    program : the arrays.
    vector, sense, constant : the objective.
    row_dual : prices, signs as in `session`.

    Returns
    -------
    float : an upper bound when maximising, a lower bound when minimising.
    """
    flip = 1.0 if sense == "max" else -1.0
    y = flip * np.asarray(row_dual, dtype=np.float64)
    y = np.where((y > 0) & ~np.isfinite(program.row_upper), 0.0, y)
    y = np.where((y < 0) & ~np.isfinite(program.row_lower), 0.0, y)
    rows = _best(y, program.row_lower, program.row_upper)
    reduced = flip * vector - program.matrix.T @ y
    columns = _best(reduced, program.col_lower, program.col_upper)
    return flip * float(rows.sum() + columns.sum()) + constant


def _best(price: Floats, lower: Floats, upper: Floats) -> NDArray[np.float64]:
    """The largest value of price·v over lower <= v <= upper, term by term."""
    at = np.where(price > 0, upper, lower)
    return np.multiply(price, at, out=np.zeros(len(price)), where=price != 0)
