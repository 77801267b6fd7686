"""Names of array types and the few computations on bounds that several modules share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def dot(a: Floats, b: Floats) -> float:
    """The scalar product without BLAS, whose threads split long sums differently on each machine and fight for cores."""
    return float(np.sum(a * b))


def excess(values: Floats, lower: Floats, upper: Floats) -> float:
    """The largest amount by which `values` leave [lower, upper]; nan counts as infinite."""
    if not len(values):
        return 0.0
    worst = float(np.max(np.maximum(lower - values, values - upper)))
    return np.inf if np.isnan(worst) else max(0.0, worst)


def inward(lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Bounds of whole-number columns rounded inward; a bound within 1e-9 of a whole number is that number.

    Solvers do not agree about fractional bounds of integer columns: GLPK refuses them, and HiGHS 1.15.1 called a
    feasible model with one infeasible (an integer in [-0.25, 1] in a row ``0 <= 2.5 x + 0.25 y <= 2.25``).
    """
    return np.ceil(lower - 1e-9), np.floor(upper + 1e-9)


def longer(old: NDArray[Any], new: ArrayLike, count: int) -> NDArray[Any]:
    """An array with `count` values put at its end, from one value or from one for each."""
    return np.concatenate([old, np.broadcast_to(np.asarray(new, dtype=old.dtype), (count,))])
