"""Rounding a flow to whole steps without breaking a total.

Fractional amounts on arcs become whole ones such that every arc *and every group total* ends at the floor or the
ceiling of what it was. Where the groups form two laminar families (a supply tree: amount, stream in a county, stream,
donor; and accounts: county by category), each arc lies in one chain of either, the rows are a network matrix and
hence totally unimodular: the linear program that maximises the gain has a whole optimum, which the simplex method
returns. Source: A. Schrijver, *Combinatorial Optimization* (2003), theorems 13.20 and 13.21 (network matrices), and
the rounding of laminar families in K. Jain, "A factor 2 approximation algorithm for the generalized Steiner network
problem" (Combinatorica 21, 2001).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Floats, Ints, Linear, Program
from optimizer.engine.session import Session

WHOLE = 1e-6
"""An amount this near to a whole number is that number: its floor and its ceiling."""


def round_flow(
    values: Floats,
    groups: sparse.csr_matrix,
    group_lower: Floats,
    group_upper: Floats,
    arc_lower: Floats,
    arc_upper: Floats,
    gain: Floats,
) -> Ints:
    """Whole amounts near fractional ones, with every arc and every group total at its floor or ceiling.

    Parameters
    ----------
    values : fractional amounts in steps, one for each arc.
    groups : groups × arcs with entries 0, 1 and -1 (-1 for what flows out, as in a conservation row).
    group_lower, group_upper : bounds on the group totals in steps, ±inf where there are none. They win over floor
        and ceiling: where [floor, ceiling] and the bounds have no whole number in common, the bounds alone count.
    arc_lower, arc_upper : the same for single arcs.
    gain : what one more step on each arc is worth; the sum over all arcs is maximised.

    Returns
    -------
    ndarray of int64 : the whole amounts.

    Raises
    ------
    SolveError : no such amounts exist within the bounds given, or the groups are no network and the optimum is not
        whole.
    """
    values = np.asarray(values, dtype=np.float64)
    groups = sparse.csr_matrix(groups, dtype=np.float64)
    low, high = _window(values, arc_lower, arc_upper)
    total_low, total_high = _window(groups @ values, group_lower, group_upper)
    program = Program.build(
        [("arc", pd.DataFrame(index=range(len(values))))],
        [("group", pd.DataFrame(index=range(groups.shape[0])))],
        groups,
        row_lower=total_low,
        row_upper=total_high,
        col_lower=low,
        col_upper=high,
        criteria={"gain": Linear("max", np.asarray(gain, dtype=np.float64))},
    )
    result = Session(program, "gain").solve("lp", method="simplex")
    if result.x is None or result.status is not Status.OPTIMAL:
        raise SolveError(
            f"no rounding to whole steps within the bounds given ({result.status})", result.outcome
        )
    whole = np.rint(result.x)
    off = np.abs(whole - result.x)
    if off.max(initial=0.0) > WHOLE or program.violation(whole) > 0.0:
        worst = int(off.argmax()) if len(off) else -1
        raise SolveError(
            f"the rounding is not whole (arc {worst} got {result.x[worst]:.6g}): the groups cross each other, "
            "so they are no network"
        )
    return whole.astype(np.int64)


def _window(
    values: Floats, lower: Floats, upper: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Whole bounds: floor and ceiling where the given bounds allow, else the given bounds rounded inward."""
    near = np.rint(values)
    is_whole = np.abs(values - near) <= WHOLE
    floor, ceiling = np.where(is_whole, near, np.floor(values)), np.where(is_whole, near, np.ceil(values))
    given_low = np.ceil(np.asarray(lower, dtype=np.float64) - WHOLE)
    given_high = np.floor(np.asarray(upper, dtype=np.float64) + WHOLE)
    low, high = np.maximum(floor, given_low), np.minimum(ceiling, given_high)
    apart = low > high
    return np.where(apart, given_low, low), np.where(apart, given_high, high)
