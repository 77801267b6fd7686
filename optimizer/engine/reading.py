"""What HiGHS reports, turned into a result that was checked against the arrays.

"Optimal" alone is never believed: the point is multiplied out again, and "infeasible" is not accepted where a
feasible start had been handed over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from optimizer.engine.mirror import Mirror
from optimizer.engine.outcome import Outcome, Sense, Status, relative_gap
from optimizer.engine.program import Floats
from optimizer.engine.watch import Ending

FEASIBILITY = 1e-5
"""Largest scaled residual with which a point is still believed."""

_MODEL = highspy.HighsModelStatus
_EARLY = (_MODEL.kInterrupt, _MODEL.kTimeLimit)
_LIMITS = (_MODEL.kTimeLimit, _MODEL.kIterationLimit, _MODEL.kSolutionLimit, _MODEL.kMemoryLimit)


@dataclass(frozen=True, eq=False)
class RawResult:
    """What a solve returned; the signs of duals are explained in `session`.

    Parameters
    ----------
    status : how it ended.
    x : the best feasible point, or None.
    row_dual, col_dual : duals of an LP solved to optimality, else None.
    objective : value of `x` (nan without one).
    bound : proved bound (±inf where nothing is proved).
    gap : share of the objective.
    seconds, nodes, iterations : what it took (iterations of simplex and interior point together).
    sense : "max" or "min".
    residual : largest scaled violation of a row, a bound or integrality by `x` (nan without a point).
    message : what HiGHS said, for messages and logs.
    """

    status: Status
    x: Floats | None
    row_dual: Floats | None
    col_dual: Floats | None
    objective: float
    bound: float
    gap: float
    seconds: float
    nodes: int
    iterations: int
    sense: Sense
    residual: float
    message: str

    @property
    def outcome(self) -> Outcome:
        """The same without arrays."""
        return Outcome(self.status, self.objective, self.bound, self.gap, self.seconds, self.nodes, self.sense)


def no_bound(sense: Sense) -> float:
    """The bound when nothing is proved: +inf when maximising, -inf when minimising."""
    return math.inf if sense == "max" else -math.inf


@dataclass(frozen=True, eq=False)
class _Report:
    """What came back, from HiGHS or, if it had to be left behind, from its last words."""

    model: Any
    x: Floats | None
    bound: float
    nodes: int = 0
    iterations: int = 0
    message: str = ""
    duals: tuple[Floats | None, Floats | None] = (None, None)


def read(
    highs: Any, mirror: Mirror, ending: Ending, *, mip: bool, seconds: float, start: Floats | None = None,
    tolerance: float = FEASIBILITY,
) -> RawResult:
    """Read status, point, bound and duals of a run that has ended or was abandoned.

    Parameters
    ----------
    highs, mirror : the model and its arrays.
    ending : how the run came back.
    mip : whether integrality counted.
    seconds : what the whole call took so far.
    start : the start that was handed over, if any.
    tolerance : largest scaled residual with which a point is believed.
    """
    report = _last_words(ending, mirror) if ending.abandoned else _full_report(highs, mirror, ending, mip)
    x, residual = _believed(report.x, mirror, mip, tolerance)
    if x is None and start is not None and report.model in _EARLY:
        x, residual = _believed(start, mirror, mip, tolerance)  # stopped before it looked at the start
    objective = math.nan if x is None else mirror.objective(x)
    bound = report.bound
    if report.model == _MODEL.kModelEmpty or (not mip and report.model == _MODEL.kOptimal):
        bound = objective
    if not math.isfinite(bound):
        bound = no_bound(mirror.sense)
    gap = relative_gap(objective, bound)
    status = _status(mirror, report.model, ending, x, gap, start)
    row_dual, col_dual = report.duals if status is Status.OPTIMAL and not mip else (None, None)
    if not status.has_plan:
        x, objective, gap = None, math.nan, math.inf
    if status in (Status.INFEASIBLE, Status.UNBOUNDED, Status.FAILED):
        bound = no_bound(mirror.sense)
    return RawResult(
        status=status,
        x=x,
        row_dual=row_dual,
        col_dual=col_dual,
        objective=objective,
        bound=bound,
        gap=gap,
        seconds=seconds,
        nodes=report.nodes,
        iterations=report.iterations,
        sense=mirror.sense,
        residual=residual,
        message=report.message,
    )


def _full_report(highs: Any, mirror: Mirror, ending: Ending, mip: bool) -> _Report:
    info, model, solution = highs.getInfo(), highs.getModelStatus(), highs.getSolution()
    x: Floats | None = None
    if model == _MODEL.kModelEmpty:  # no columns: HiGHS does not look at the rows, `_believed` will
        x = np.zeros(0)
    elif info.primal_solution_status != highspy.kSolutionStatusNone:
        x = np.array(solution.col_value, dtype=np.float64)
    proved = mip and ending.status != highspy.HighsStatus.kError
    return _Report(
        model=model,
        x=x,
        bound=float(info.mip_dual_bound) / mirror.scale if proved else math.nan,
        nodes=max(0, int(info.mip_node_count)),
        iterations=max(0, int(info.simplex_iteration_count)) + max(0, int(info.ipm_iteration_count)),
        message=str(highs.modelStatusToString(model)),
        duals=_duals(solution, mirror.scale),
    )


def _last_words(ending: Ending, mirror: Mirror) -> _Report:
    best = None if ending.best is None else ending.best[0]
    return _Report(_MODEL.kInterrupt, best, ending.bound / mirror.scale, message="left to end by itself")


def _believed(x: Floats | None, mirror: Mirror, mip: bool, tolerance: float) -> tuple[Floats | None, float]:
    """The point, if it holds against the arrays, and its scaled residual; integers rounded if that holds too."""
    if x is None or len(x) != mirror.n_columns:
        return None, math.nan
    residual = mirror.residual(x)
    if mip:
        whole = np.where(mirror.integer, np.rint(x), x)
        off = float(np.abs(whole - x).max(initial=0.0))
        rounded = mirror.residual(whole)
        if off <= tolerance and rounded <= tolerance:
            x, residual = whole, rounded
        else:
            residual = max(residual, off)
    return (x, residual) if residual <= tolerance else (None, residual)


def _duals(solution: Any, scale: float) -> tuple[Floats | None, Floats | None]:
    if not solution.dual_valid:
        return None, None
    return np.array(solution.row_dual, dtype=np.float64) / scale, np.array(solution.col_dual, dtype=np.float64) / scale


def _status(
    mirror: Mirror, model: Any, ending: Ending, x: Floats | None, gap: float, start: Floats | None
) -> Status:
    if model == _MODEL.kInfeasible:
        refuted = start is not None and mirror.residual(start) <= FEASIBILITY / 10
        return Status.FAILED if refuted else Status.INFEASIBLE
    if model in (_MODEL.kUnbounded, _MODEL.kUnboundedOrInfeasible):
        return Status.UNBOUNDED
    if model == _MODEL.kModelEmpty and x is None:
        return Status.INFEASIBLE
    if model == _MODEL.kInterrupt or model in _LIMITS:
        if x is None:
            return Status.LIMIT_WITHOUT_PLAN
        return Status.INTERRUPTED if ending.stopped else Status.LIMIT
    if model not in (_MODEL.kOptimal, _MODEL.kModelEmpty) or x is None:
        return Status.FAILED
    return Status.OPTIMAL if gap == 0.0 else Status.WITHIN_GAP
