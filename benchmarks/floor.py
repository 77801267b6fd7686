"""The floor: the compiled matrix handed to highspy by hand, and solved by nothing but HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import highspy
import numpy as np

from benchmarks.clock import TIMES, median_of, nothing, timed
from optimizer.engine.program import Linear, Program

_OPTIMAL = highspy.HighsModelStatus.kOptimal
_MAXIMIZE, _MINIMIZE = highspy.ObjSense.kMaximize, highspy.ObjSense.kMinimize


@dataclass(frozen=True)
class Solved:
    """How HiGHS alone ended: seconds, whether it got there, value and (of integers) bound."""

    method: str
    seconds: float
    done: bool
    value: float | None
    bound: float | None = None

    @property
    def gap_percent(self) -> float | None:
        """Gap of value and bound in percent."""
        if self.value is None or self.bound is None or not self.value:
            return None
        return 100 * abs(self.bound - self.value) / abs(self.value)


def quiet(threads: int = 1) -> Any:
    """A HiGHS that says nothing."""
    make: Any = highspy.Highs
    highs = make()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", threads)
    return highs


def ran(highs: Any) -> float:
    """Seconds of a run.

    HiGHS keeps one pool of threads for each thread that calls it, with as many as were asked for first; so the pool is
    ended before and after.

    Raises
    ------
    RuntimeError : HiGHS refused
    """
    highspy.Highs.resetGlobalScheduler(True)
    seconds, status = timed(highs.run)
    highspy.Highs.resetGlobalScheduler(True)
    if status == highspy.HighsStatus.kError:
        raise RuntimeError("HiGHS could not run the model")
    return seconds


def by_lp(program: Program, linear: Linear, threads: int = 1) -> Any:
    """numpy arrays → HighsLp → passModel, without integrality: the linear program."""
    lp: Any = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = program.matrix.shape
    lp.sense_ = _MAXIMIZE if linear.sense == "max" else _MINIMIZE
    lp.col_cost_, lp.offset_ = linear.vector, linear.constant
    lp.col_lower_, lp.col_upper_ = program.col_lower, program.col_upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = program.matrix.indptr, program.matrix.indices
    lp.a_matrix_.value_ = program.matrix.data
    highs = quiet(threads)
    highs.passModel(lp)
    return highs


def by_buffers(program: Program, linear: Linear, threads: int = 1) -> Any:
    """numpy arrays → passModel straight from their buffers, with integrality; quicker than through HighsLp."""
    highs = quiet(threads)
    highs.passModel(
        program.n_columns, program.n_rows, int(program.matrix.nnz), int(highspy.MatrixFormat.kRowwise.value),
        (_MAXIMIZE if linear.sense == "max" else _MINIMIZE).value, linear.constant, linear.vector,
        program.col_lower, program.col_upper, program.row_lower, program.row_upper,
        program.matrix.indptr.astype(np.int32), program.matrix.indices.astype(np.int32), program.matrix.data,
        program.integer.astype(np.int32),
    )
    return highs


def handing_over(program: Program, linear: Linear, times: int = TIMES) -> dict[str, float]:
    """Median seconds of handing the arrays over, in both ways."""
    return {
        "arrays": median_of(lambda _: by_lp(program, linear), nothing, times=times)[0],
        "buffers": median_of(lambda _: by_buffers(program, linear), nothing, times=times)[0],
    }


def quickest(program: Program, linear: Linear, limit: float, threads: int, times: int = TIMES) -> tuple[list[Solved], Any]:
    """The linear program by HiGHS alone, cold, by "simplex" (its default) and by "ipx", each the median where short.

    Returns
    -------
    answers : both
    warm : the solved model of the quicker one; None if neither ended
    """
    answers: list[Solved] = []
    models: list[tuple[float, int, Any]] = []
    for method in ("simplex", "ipx"):
        fresh = partial(_asked, program, linear, method, limit, threads)
        highs = fresh()
        seconds = ran(highs)
        done = highs.getModelStatus() == _OPTIMAL
        if done:
            seconds, _ = median_of(ran, fresh, known=(seconds,), times=times)
            models.append((seconds, len(models), highs))
        answers.append(Solved(method, seconds, done, float(highs.getInfo().objective_function_value) if done else None))
    return answers, min(models)[2] if models else None


def _asked(program: Program, linear: Linear, method: str, limit: float, threads: int) -> Any:
    highs = by_lp(program, linear, threads)
    highs.setOptionValue("solver", method)
    highs.setOptionValue("time_limit", limit)
    return highs


def integer_program(program: Program, linear: Linear, gap: float, limit: float, threads: int, seed: int) -> Solved:
    """The integer program by HiGHS alone, to the same gap (share) or a limit in seconds."""
    highs = by_buffers(program, linear, threads)
    for name, value in (("mip_rel_gap", gap), ("time_limit", limit), ("random_seed", seed)):
        highs.setOptionValue(name, value)
    seconds = ran(highs)
    info = highs.getInfo()
    found = int(info.primal_solution_status) == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    bound = float(info.mip_dual_bound)
    return Solved("mip", seconds, highs.getModelStatus() == _OPTIMAL, float(info.objective_function_value) if found else None,
                  bound if np.isfinite(bound) else None)


def change(highs: Any, old: Program, new: Program) -> float:
    """Seconds to give a solved model the bounds and entries of a changed program and solve it again, warm."""
    rows = np.flatnonzero((old.row_lower != new.row_lower) | (old.row_upper != new.row_upper)).astype(np.int32)
    columns = np.flatnonzero((old.col_lower != new.col_lower) | (old.col_upper != new.col_upper)).astype(np.int32)
    entries = np.flatnonzero(old.matrix.data != new.matrix.data)
    entry_rows = (np.searchsorted(new.matrix.indptr, entries, side="right") - 1).tolist()
    entry_columns, values = new.matrix.indices[entries].tolist(), new.matrix.data[entries].tolist()
    highs.setOptionValue("solver", "simplex")
    highs.setOptionValue("time_limit", highs.getRunTime() + 600.0)

    def changed() -> None:
        highs.changeRowsBounds(len(rows), rows, new.row_lower[rows], new.row_upper[rows])
        highs.changeColsBounds(len(columns), columns, new.col_lower[columns], new.col_upper[columns])
        for row, column, value in zip(entry_rows, entry_columns, values, strict=True):
            highs.changeCoeff(row, column, value)

    return timed(changed)[0] + ran(highs)
