"""A small problem handed to HiGHS straight from arrays: for the thousands of pieces that a search solves.

`Session` watches a long run from another thread; that costs more than a piece takes. A piece is solved in the
caller's thread, maximises, and is limited by nodes rather than by the clock, so that its answer can be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from optimizer.engine.arrays import inward
from optimizer.engine.program import Bools, Floats, Ints

_KINDS = {False: highspy.HighsVarType.kContinuous, True: highspy.HighsVarType.kInteger}
_OPTIMAL = highspy.HighsModelStatus.kOptimal
_FEASIBLE = 2  # HiGHS's SolutionStatus for a feasible primal point


@dataclass(frozen=True, eq=False)
class Answer:
    """A feasible point with its value; ``row_dual`` for LPs solved to optimality."""

    x: Floats
    value: float
    optimal: bool
    row_dual: Floats | None


class Piece:
    """max cost·x, row_lower ≤ matrix·x ≤ row_upper, col_lower ≤ x ≤ col_upper, x[integer] whole."""

    def __init__(
        self, cost: Floats, matrix: sparse.csc_matrix, row_lower: Floats, row_upper: Floats, col_lower: Floats,
        col_upper: Floats, integer: Bools | None = None, *, seed: int = 0,
    ) -> None:
        columns = sparse.csc_matrix(matrix)
        if integer is not None:
            low, high = inward(col_lower, col_upper)
            col_lower, col_upper = np.where(integer, low, col_lower), np.where(integer, high, col_upper)
        lp: Any = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = columns.shape
        lp.col_cost_, lp.sense_ = cost, highspy.ObjSense.kMaximize
        lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_ = col_lower, col_upper, row_lower, row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = columns.indptr, columns.indices, columns.data
        self.whole = integer is not None and bool(integer.any())
        if integer is not None and self.whole:
            lp.integrality_ = [_KINDS[bool(flag)] for flag in integer]
        make: Any = highspy.Highs
        self.highs: Any = make()
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", seed)):
            self.highs.setOptionValue(name, value)
        self.highs.passModel(lp)

    def limit_rows(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Change the bounds of some rows."""
        self.highs.changeRowsBounds(len(rows), rows.astype(np.int32), lower, upper)

    def start_from(self, x: Floats) -> None:
        """Give a MIP a feasible point to start from."""
        solution = highspy.HighsSolution()
        solution.col_value = x.tolist()
        self.highs.setSolution(solution)

    def solve(self, *, gap: float = 1e-4, nodes: int = 200, seconds: float = 20.0) -> Answer | None:
        """The best point found within the node limit; None if there is none. ``seconds`` only guards against a stall."""
        if self.whole:
            for name, value in (("mip_rel_gap", gap), ("mip_max_nodes", nodes), ("time_limit", seconds)):
                self.highs.setOptionValue(name, value)
        self.highs.run()
        info, status = self.highs.getInfo(), self.highs.getModelStatus()
        if int(info.primal_solution_status) != _FEASIBLE:
            return None
        solution = self.highs.getSolution()
        dual = np.array(solution.row_dual) if status == _OPTIMAL and not self.whole else None
        return Answer(np.array(solution.col_value), float(info.objective_function_value), status == _OPTIMAL, dual)

    def solve_relaxed(self) -> Answer | None:
        """The optimum of a large LP by the interior point with crossover, far quicker there than the simplex method."""
        self.highs.setOptionValue("solver", "ipx")
        try:
            return self.solve()
        finally:
            self.highs.setOptionValue("solver", "choose")

    def bound(self, *, gap: float = 1e-4, nodes: int = 200) -> float:
        """Proved upper bound; ∞ where nothing is proved, −∞ where there is no point."""
        self.solve(gap=gap, nodes=nodes)
        return self.proved()

    def proved(self) -> float:
        """The upper bound that the last solve proved; ∞ where it proved nothing, −∞ where there is no point."""
        info, status = self.highs.getInfo(), self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return -float("inf")
        if self.whole:
            return float(info.mip_dual_bound)
        return float(info.objective_function_value) if status == _OPTIMAL else float("inf")
