"""One loaded HiGHS model that is changed and solved again, instead of being built again.

Signs of duals, the same for both senses (tested):
``row_dual[i]`` is the change of the optimal objective, in its own sense, for one more unit on the active bound of
row i, and ``col_dual = cost - matrix.T @ row_dual`` the same for the active bound of a column. So when maximising, a
binding budget ``row <= b`` has ``row_dual >= 0`` and a column kept out at its lower bound has ``col_dual <= 0``;
when minimising both signs turn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from optimizer.engine.mirror import Mirror
from optimizer.engine.outcome import Outcome, Sense, SolveError, Status, relative_gap
from optimizer.engine.program import Floats, Ints, Program
from optimizer.engine.watch import Ending, Hooks, ProgressCall, SolutionCall, run

Kind = Literal["lp", "mip"]
Method = Literal["choose", "simplex", "ipx"]

FEASIBILITY = 1e-5
"""Largest scaled residual with which a point is still believed."""

_MODEL = highspy.HighsModelStatus
_LIMITS = (_MODEL.kTimeLimit, _MODEL.kIterationLimit, _MODEL.kSolutionLimit, _MODEL.kMemoryLimit)
_START_NODES = 500  # nodes spent on completing a partial start, HiGHS's own default


@dataclass(frozen=True)
class Basis:
    """A simplex basis as small integers (HiGHS's codes); travels between sessions and processes."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class RawResult:
    """What a solve returned; see the module for the signs of duals.

    Parameters
    ----------
    status : how it ended.
    x : the best feasible point, or None.
    row_dual, col_dual : duals of an LP solved to optimality, else None.
    objective : value of `x` (nan without one).
    bound : proved bound (±inf where nothing is proved).
    gap : share of the objective.
    seconds, nodes, iterations : what it took (iterations of simplex, or of the interior point before crossover).
    sense : "max" or "min".
    residual : largest scaled violation of a row or bound by `x`.
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
        return Outcome(
            self.status, self.objective, self.bound, self.gap, self.seconds, self.nodes, self.sense
        )


class Session:
    """A Program loaded into HiGHS once.

    Everything that changes goes through the methods, which keep a mirror of the arrays: every point that HiGHS
    returns is checked against it.

    Parameters
    ----------
    program : what to load; it is not changed.
    criterion : name of the criterion to start with (None: a zero objective).
    threads, seed : for all solves, unless a solve says otherwise.
    """

    def __init__(
        self, program: Program, criterion: str | None = None, *, threads: int = 1, seed: int = 0
    ) -> None:
        self.program = program
        self.threads = threads
        self._mirror = Mirror.of(program, None if criterion is None else program.criteria[criterion])
        self._highs: Any = highspy.Highs()
        self._highs.disableCallbacks()  # highspy's own callback holds the object in a cycle
        self._option("output_flag", False)
        self._option("random_seed", seed)
        self._start: tuple[Ints | None, Floats] | None = None
        self._basis: tuple[int, int, Any] | None = None
        self._load()

    # -- what is loaded --------------------------------------------------------------------------------------------

    @property
    def n_rows(self) -> int:
        """Rows now, added ones included."""
        return self._mirror.n_rows

    @property
    def n_columns(self) -> int:
        """Columns now, added ones included."""
        return self._mirror.n_columns

    @property
    def sense(self) -> Sense:
        """Sense of the objective now."""
        return self._mirror.sense

    def _load(self) -> None:
        m = self._mirror
        status = self._highs.passModel(
            m.n_columns,
            m.n_rows,
            int(m.matrix.nnz),
            int(highspy.MatrixFormat.kRowwise.value),
            _sense(m.sense).value,
            m.offset,
            m.cost,
            m.col_lower,
            m.col_upper,
            m.row_lower,
            m.row_upper,
            m.matrix.indptr.astype(np.int32),
            m.matrix.indices.astype(np.int32),
            m.matrix.data,
            m.integer.astype(np.int32),
        )
        _checked(status, "loading the model", warn=True)  # a warning: entries below 1e-9 are dropped

    def _option(self, name: str, value: bool | int | float | str) -> None:
        _checked(self._highs.setOptionValue(name, value), f"option {name} = {value}")

    # -- changes ---------------------------------------------------------------------------------------------------

    def set_objective(self, vector: ArrayLike, sense: Sense, offset: float = 0.0) -> None:
        """Replace the objective; only coefficients that differ are sent."""
        new = np.asarray(vector, dtype=np.float64)
        changed = np.flatnonzero(new != self._mirror.cost).astype(np.int32)
        if len(changed):
            _checked(self._highs.changeColsCost(len(changed), changed, new[changed]), "changing costs")
        if sense != self._mirror.sense:
            _checked(self._highs.changeObjectiveSense(_sense(sense)), "changing the sense")
        if offset != self._mirror.offset:
            _checked(self._highs.changeObjectiveOffset(offset), "changing the offset")
        self._mirror.cost, self._mirror.sense, self._mirror.offset = new.copy(), sense, float(offset)

    def set_criterion(self, name: str) -> None:
        """Make a criterion of the program the objective (zero on added columns)."""
        linear = self.program.criteria[name]
        vector = np.zeros(self.n_columns)
        vector[: len(linear.vector)] = linear.vector
        self.set_objective(vector, linear.sense, linear.constant)

    def set_col_bounds(self, indices: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """Change bounds of columns; `indices` are positions or a mask, bounds numbers or one for each."""
        at, low, high = _bounds(indices, lower, upper)
        _checked(self._highs.changeColsBounds(len(at), at, low, high), "changing column bounds")
        self._mirror.col_lower[at], self._mirror.col_upper[at] = low, high

    def set_row_bounds(self, indices: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """Change bounds of rows; `indices` are positions or a mask, bounds numbers or one for each."""
        at, low, high = _bounds(indices, lower, upper)
        _checked(self._highs.changeRowsBounds(len(at), at, low, high), "changing row bounds")
        self._mirror.row_lower[at], self._mirror.row_upper[at] = low, high

    def set_integer(self, mask: ArrayLike) -> None:
        """Say which columns must be whole (full-length mask)."""
        new = np.asarray(mask, dtype=np.bool_)
        changed = np.flatnonzero(new != self._mirror.integer).astype(np.int32)
        if len(changed):
            kinds = new[changed].astype(np.uint8)
            _checked(self._highs.changeColsIntegrality(len(changed), changed, kinds), "integrality")
        self._mirror.integer = new.copy()

    def change_coefficient(self, row: int, column: int, value: float) -> None:
        """Change one coefficient of the matrix."""
        _checked(self._highs.changeCoeff(row, column, float(value)), "changing a coefficient")
        self._mirror.change_coefficient(row, column, float(value))

    def add_rows(self, matrix: sparse.csr_matrix, lower: ArrayLike, upper: ArrayLike) -> Ints:
        """Add rows (csr over the columns there are now); returns their positions."""
        added = self._mirror.add_rows(matrix, lower, upper)
        low, high = self._mirror.row_lower[-added.shape[0] :], self._mirror.row_upper[-added.shape[0] :]
        if added.shape[0]:
            starts, indices = added.indptr[:-1].astype(np.int32), added.indices.astype(np.int32)
            status = self._highs.addRows(added.shape[0], low, high, int(added.nnz), starts, indices, added.data)
            _checked(status, "adding rows", warn=True)
        return np.arange(self.n_rows - added.shape[0], self.n_rows)

    def add_columns(
        self,
        matrix: sparse.csc_matrix,
        cost: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        integer: ArrayLike = False,
    ) -> Ints:
        """Add columns (rows there are now × new columns); returns their positions."""
        added = self._mirror.add_columns(matrix, cost, lower, upper, integer)
        count, m = added.shape[1], self._mirror
        new = np.arange(m.n_columns - count, m.n_columns)
        if count:
            status = self._highs.addCols(
                count,
                m.cost[new],
                m.col_lower[new],
                m.col_upper[new],
                int(added.nnz),
                added.indptr[:-1].astype(np.int32),
                added.indices.astype(np.int32),
                added.data,
            )
            _checked(status, "adding columns", warn=True)
            kinds = m.integer[new].astype(np.uint8)
            _checked(self._highs.changeColsIntegrality(count, new.astype(np.int32), kinds), "integrality")
        return new

    def truncate_rows(self, count: int) -> None:
        """Delete all rows from position `count` on (cuts of an earlier question)."""
        gone = np.arange(count, self.n_rows, dtype=np.int32)
        if len(gone):
            _checked(self._highs.deleteRows(len(gone), gone), "deleting rows")
            self._mirror.truncate_rows(count)

    def truncate_columns(self, count: int) -> None:
        """Delete all columns from position `count` on."""
        gone = np.arange(count, self.n_columns, dtype=np.int32)
        if len(gone):
            _checked(self._highs.deleteCols(len(gone), gone), "deleting columns")
            self._mirror.truncate_columns(count)

    # -- starts ----------------------------------------------------------------------------------------------------

    def set_solution(self, x: ArrayLike, indices: ArrayLike | None = None) -> None:
        """Start the next MIP solve from a point: all columns, or those at `indices` (the rest is completed)."""
        values = np.asarray(x, dtype=np.float64).copy()
        self._start = (None if indices is None else _positions(indices).astype(np.int64), values)

    def get_basis(self) -> Basis | None:
        """The basis of the last LP, or None if there is none."""
        self._keep_basis()
        if self._basis is None:
            return None
        native = self._basis[2]
        columns = np.array([int(status) for status in native.col_status], dtype=np.int8)
        return Basis(columns, np.array([int(status) for status in native.row_status], dtype=np.int8))

    def set_basis(self, basis: Basis) -> None:
        """Start the next LP from a basis; rows added since count as basic, columns as nonbasic."""
        codes = [highspy.HighsBasisStatus(code) for code in range(5)]
        native = highspy.HighsBasis()
        native.col_status = [codes[code] for code in basis.columns.tolist()]
        native.row_status = [codes[code] for code in basis.rows.tolist()]
        native.valid = True
        self._basis = (len(basis.rows), len(basis.columns), native)
        self._highs.clearSolver()

    def _keep_basis(self) -> None:
        native = self._highs.getBasis()
        if native.valid:
            self._basis = (self.n_rows, self.n_columns, native)

    def _give_basis(self) -> None:
        """Hand HiGHS the kept basis if a MIP or a reload has made it forget its own."""
        if self._basis is None or self._highs.getBasis().valid:
            return
        rows, columns, native = self._basis
        if rows > self.n_rows or columns > self.n_columns:
            return
        status = highspy.HighsBasisStatus
        if rows < self.n_rows or columns < self.n_columns:
            native.row_status = list(native.row_status) + [status.kBasic] * (self.n_rows - rows)
            native.col_status = list(native.col_status) + [status.kNonbasic] * (self.n_columns - columns)
            self._basis = (self.n_rows, self.n_columns, native)
        if self._highs.setBasis(native) != highspy.HighsStatus.kOk:
            self._basis = None  # only speed is lost: the LP starts from scratch

    # -- solving ---------------------------------------------------------------------------------------------------

    def solve(
        self,
        kind: Kind = "mip",
        *,
        method: Method = "choose",
        time_limit: float = math.inf,
        gap: float = 0.0,
        node_limit: int | None = None,
        threads: int | None = None,
        progress: ProgressCall | None = None,
        on_solution: SolutionCall | None = None,
        should_stop: Callable[[], bool] | None = None,
        log: Callable[[str], None] | None = None,
        options: Mapping[str, bool | int | float | str] | None = None,
    ) -> RawResult:
        """Solve what is loaded.

        Parameters
        ----------
        kind : "lp" ignores integrality (warm from the last basis with the simplex method); "mip" keeps it.
        method : for LPs; "ipx" is the interior point with crossover, always from scratch.
        time_limit : seconds for this call.
        gap : relative gap at which a MIP counts as done (share).
        node_limit : branch-and-bound nodes; ends a run at the same place on every machine.
        threads : for this call only.
        progress, on_solution, should_stop, log : see `watch.Hooks`; called in the caller's thread.
        options : further HiGHS options for this call only.

        Raises
        ------
        SolveError : HiGHS refused an option or a change (never for how a solve ended: that is the status).
        """
        deadline = time.monotonic() + time_limit
        hooks = Hooks(progress, on_solution, should_stop, log)
        chosen: dict[str, bool | int | float | str] = {
            "solver": method if kind == "lp" or not self._mirror.integer.any() else "choose",
            "threads": self.threads if threads is None else threads,
            "mip_rel_gap": float(gap),
            "mip_max_nodes": 2**31 - 1 if node_limit is None else int(node_limit),
            **(options or {}),
        }
        if kind == "lp" or not self._mirror.integer.any():
            return self._lp(chosen, hooks, deadline, relax=bool(self._mirror.integer.any()))
        return self._mip(chosen, hooks, deadline)

    def _lp(
        self, chosen: Mapping[str, bool | int | float | str], hooks: Hooks, deadline: float, relax: bool
    ) -> RawResult:
        began = time.monotonic()
        if chosen["solver"] == "ipx":
            self._highs.clearSolver()
        else:
            self._give_basis()
        with self._options({**chosen, "solve_relaxation": relax}):
            ending = self._run(hooks, deadline, mip=False)
            result = self._read(ending, mip=False, began=began, start=None)
            if result.status is Status.FAILED and not ending.stopped and time.monotonic() < deadline:
                # numerical trouble: once more from scratch with the other method
                self._highs.clearSolver()
                self._option("solver", "simplex" if chosen["solver"] == "ipx" else "ipx")
                result = self._read(self._run(hooks, deadline, mip=False), mip=False, began=began, start=None)
            if result.status is Status.UNBOUNDED:
                result = self._told_apart(result, hooks, deadline, mip=False)
        self._keep_basis()
        return result

    def _mip(
        self, chosen: Mapping[str, bool | int | float | str], hooks: Hooks, deadline: float
    ) -> RawResult:
        began = time.monotonic()
        self._keep_basis()
        given, self._start = self._start, None
        start = None
        with self._options(chosen):
            if given is not None:
                start = given[1] if given[0] is None else self._completed(given[0], given[1], hooks, deadline)
            self._highs.clearSolver()  # a MIP starts from what it was given, not from what happened before
            if start is not None:
                solution = highspy.HighsSolution()
                solution.col_value = start.tolist()
                _checked(self._highs.setSolution(solution), "handing over a start", warn=True)
            result = self._read(self._run(hooks, deadline, mip=True), mip=True, began=began, start=start)
            if result.status is Status.UNBOUNDED:
                result = self._told_apart(result, hooks, deadline, mip=True)
        return result

    def _completed(self, at: Ints, values: Floats, hooks: Hooks, deadline: float) -> Floats | None:
        """A full point that agrees with a partial start, found by fixing it; None if there is none quickly."""
        low, high = self._mirror.col_lower[at].copy(), self._mirror.col_upper[at].copy()
        quiet = Hooks(should_stop=hooks.should_stop, log=hooks.log)
        self.set_col_bounds(at, values, values)
        self._highs.clearSolver()
        try:
            with self._options({"mip_max_nodes": _START_NODES}):
                ending = self._run(quiet, deadline, mip=True)
                return self._read(ending, mip=True, began=time.monotonic(), start=None).x
        finally:
            self.set_col_bounds(at, low, high)

    def _told_apart(self, result: RawResult, hooks: Hooks, deadline: float, mip: bool) -> RawResult:
        """Unbounded only if there is a feasible point at all: the same model with a zero objective says so."""
        m = self._mirror
        cost, sense, offset = m.cost, m.sense, m.offset
        began = time.monotonic() - result.seconds
        self.set_objective(np.zeros(self.n_columns), sense, 0.0)
        try:
            self._highs.clearSolver()
            quiet = Hooks(should_stop=hooks.should_stop, log=hooks.log)
            trial = self._read(self._run(quiet, deadline, mip=mip), mip=mip, began=began, start=None)
        finally:
            self.set_objective(cost, sense, offset)
        status = Status.UNBOUNDED if trial.status.has_plan else trial.status
        worst = math.inf if sense == "max" else -math.inf
        return RawResult(
            status, None, None, None, math.nan, worst, math.inf, trial.seconds, trial.nodes, trial.iterations,
            sense, math.nan, f"{result.message}; feasible point asked for: {trial.message}",
        )  # fmt: skip

    def _run(self, hooks: Hooks, deadline: float, mip: bool) -> Ending:
        left = max(0.0, deadline - time.monotonic())
        # for LPs HiGHS counts its clock from the first run on, for MIPs from this one
        used = 0.0 if mip else self._highs.getRunTime()
        self._option("time_limit", used + left if math.isfinite(left) else math.inf)
        return run(self._highs, hooks, left)

    @contextmanager
    def _options(self, wanted: Mapping[str, bool | int | float | str]) -> Iterator[None]:
        before: dict[str, Any] = {}
        try:
            for name, value in wanted.items():
                status, old = self._highs.getOptionValue(name)
                _checked(status, f"option {name}")
                if old != value:
                    self._option(name, value)
                    before[name] = old
            yield
        finally:
            for name, value in before.items():
                self._option(name, value)

    def _read(self, ending: Ending, *, mip: bool, began: float, start: Floats | None) -> RawResult:
        """Turn what HiGHS reports into a result that has been checked against the arrays."""
        info, model = self._highs.getInfo(), self._highs.getModelStatus()
        m, seconds = self._mirror, time.monotonic() - began
        worst = math.inf if m.sense == "max" else -math.inf
        x, residual = self._point(info, model, mip)
        objective = math.nan if x is None else m.objective(x)
        row_dual = col_dual = None
        bound = worst
        if mip and model != _MODEL.kInfeasible and ending.status != highspy.HighsStatus.kError:
            bound = float(info.mip_dual_bound)
        if not mip and model == _MODEL.kOptimal and x is not None:
            bound = objective
            row_dual, col_dual = self._duals()
        if model == _MODEL.kModelEmpty and x is not None:
            bound = objective
        bound = bound if math.isfinite(bound) else worst
        gap = relative_gap(objective, bound)
        status = self._status(model, ending, x, gap, start)
        if not status.has_plan:
            x = row_dual = col_dual = None
            objective, gap = math.nan, math.inf
        if status in (Status.INFEASIBLE, Status.UNBOUNDED, Status.FAILED):
            bound = worst
        iterations = max(0, int(info.simplex_iteration_count)) + max(0, int(info.ipm_iteration_count))
        return RawResult(
            status, x, row_dual, col_dual, objective, bound, gap, seconds, max(0, int(info.mip_node_count)),
            iterations, m.sense, residual, self._highs.modelStatusToString(model),
        )  # fmt: skip

    def _point(self, info: Any, model: Any, mip: bool) -> tuple[Floats | None, float]:
        """The primal point, if HiGHS has one that holds against the arrays, and its scaled residual."""
        if model == _MODEL.kModelEmpty:
            x = np.zeros(0)
        elif info.primal_solution_status == highspy.kSolutionStatusNone:
            return None, math.nan
        else:
            x = np.array(self._highs.getSolution().col_value, dtype=np.float64)
        if len(x) != self.n_columns:
            return None, math.nan
        residual = self._mirror.residual(x)
        if mip:
            whole = np.where(self._mirror.integer, np.rint(x), x)
            rounded = self._mirror.residual(whole)
            if float(np.abs(whole - x).max(initial=0.0)) <= FEASIBILITY and rounded <= FEASIBILITY:
                x, residual = whole, rounded
            else:
                residual = max(residual, float(np.abs(whole - x).max(initial=0.0)))
        return (x, residual) if residual <= FEASIBILITY else (None, residual)

    def _duals(self) -> tuple[Floats | None, Floats | None]:
        solution = self._highs.getSolution()
        if not solution.dual_valid:
            return None, None
        return np.array(solution.row_dual), np.array(solution.col_dual)

    def _status(self, model: Any, ending: Ending, x: Floats | None, gap: float, start: Floats | None) -> Status:
        if model in (_MODEL.kOptimal, _MODEL.kModelEmpty):
            if x is None:  # "optimal" with a point that does not hold; an empty model may break a row
                return Status.INFEASIBLE if model == _MODEL.kModelEmpty else Status.FAILED
            return Status.OPTIMAL if gap == 0.0 else Status.WITHIN_GAP
        if model == _MODEL.kInfeasible:
            refuted = start is not None and self._mirror.residual(start) <= FEASIBILITY / 10
            return Status.FAILED if refuted else Status.INFEASIBLE
        if model in (_MODEL.kUnbounded, _MODEL.kUnboundedOrInfeasible):
            return Status.UNBOUNDED
        if model == _MODEL.kInterrupt or model in _LIMITS:
            if x is None:
                return Status.LIMIT_WITHOUT_PLAN
            return Status.INTERRUPTED if ending.stopped else Status.LIMIT
        return Status.FAILED


def _sense(sense: Sense) -> Any:
    return highspy.ObjSense.kMaximize if sense == "max" else highspy.ObjSense.kMinimize


def _checked(status: Any, action: str, warn: bool = False) -> None:
    if status == highspy.HighsStatus.kError or (status == highspy.HighsStatus.kWarning and not warn):
        raise SolveError(f"the solver refused: {action}")


def _positions(indices: ArrayLike) -> NDArray[np.int32]:
    array = np.asarray(indices)
    if array.dtype == np.bool_:
        array = np.flatnonzero(array)
    return np.atleast_1d(array).astype(np.int32)


def _bounds(indices: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> tuple[NDArray[np.int32], Floats, Floats]:
    at = _positions(indices)
    low = np.broadcast_to(np.asarray(lower, dtype=np.float64), at.shape)
    high = np.broadcast_to(np.asarray(upper, dtype=np.float64), at.shape)
    return at, np.ascontiguousarray(low), np.ascontiguousarray(high)
