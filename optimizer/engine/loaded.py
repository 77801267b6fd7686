"""A HiGHS model that was loaded once from arrays and changes in place.

Every change goes through here, so that the mirror of the arrays stays true and every return value is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from optimizer.engine.mirror import Mirror
from optimizer.engine.outcome import Sense, SolveError
from optimizer.engine.program import Floats, Ints, Program
from optimizer.engine.scaling import factor_for


@dataclass(frozen=True)
class Basis:
    """A simplex basis as small integers (HiGHS's codes); travels between sessions and processes."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class BasisRanges:
    """Least and largest cost of each column, and least and largest active bound of each nonbasic row."""

    cost_low: Floats
    cost_high: Floats
    row_low: Floats
    row_high: Floats


class LoadedModel:
    """A Program loaded into HiGHS once; see `session.Session`, which solves it.

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
        self._seed = seed
        self._start: tuple[Ints | None, Floats] | None = None
        self._basis: tuple[int, int, Any] | None = None
        self._highs: Any = None
        self._reload()

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

    def _reload(self) -> None:
        """Load the arrays as they are now into a new HiGHS."""
        make: Any = highspy.Highs
        self._highs = make()
        self._highs.disableCallbacks()  # highspy's own callback holds the object in a cycle
        self._option("output_flag", False)
        self._option("random_seed", self._seed)
        m = self._mirror
        status = self._highs.passModel(
            m.n_columns,
            m.n_rows,
            int(m.matrix.nnz),
            int(highspy.MatrixFormat.kRowwise.value),
            _sense(m.sense).value,
            m.offset * m.scale,
            m.cost * m.scale,
            m.col_lower,
            m.col_upper,
            m.row_lower,
            m.row_upper,
            m.matrix.indptr.astype(np.int32),
            m.matrix.indices.astype(np.int32),
            m.matrix.data,
            m.integer.astype(np.int32),
        )
        checked(status, "loading the model", warn=True)  # a warning: entries below 1e-9 are dropped

    def _option(self, name: str, value: bool | int | float | str) -> None:
        checked(self._highs.setOptionValue(name, value), f"option {name} = {value}")

    # -- changes ---------------------------------------------------------------------------------------------------

    def set_objective(self, vector: ArrayLike, sense: Sense, offset: float = 0.0) -> None:
        """Replace the objective; only coefficients that differ are sent."""
        new, m = np.asarray(vector, dtype=np.float64).copy(), self._mirror
        scale = factor_for(new)
        changed = np.flatnonzero(new * scale != m.cost * m.scale).astype(np.int32)
        if len(changed):
            checked(self._highs.changeColsCost(len(changed), changed, new[changed] * scale), "changing costs")
        if sense != m.sense:
            checked(self._highs.changeObjectiveSense(_sense(sense)), "changing the sense")
        if offset * scale != m.offset * m.scale:
            checked(self._highs.changeObjectiveOffset(offset * scale), "changing the offset")
        m.cost, m.sense, m.offset, m.scale = new, sense, float(offset), scale

    def set_criterion(self, name: str) -> None:
        """Make a criterion of the program the objective (zero on added columns)."""
        linear = self.program.criteria[name]
        vector = np.zeros(self.n_columns)
        vector[: len(linear.vector)] = linear.vector
        self.set_objective(vector, linear.sense, linear.constant)

    def set_col_bounds(self, indices: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """Change bounds of columns; `indices` are positions or a mask, bounds numbers or one for each."""
        at, low, high = _bounds(indices, lower, upper)
        checked(self._highs.changeColsBounds(len(at), at, low, high), "changing column bounds")
        self._mirror.col_lower[at], self._mirror.col_upper[at] = low, high

    def set_row_bounds(self, indices: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """Change bounds of rows; `indices` are positions or a mask, bounds numbers or one for each."""
        at, low, high = _bounds(indices, lower, upper)
        checked(self._highs.changeRowsBounds(len(at), at, low, high), "changing row bounds")
        self._mirror.row_lower[at], self._mirror.row_upper[at] = low, high

    def set_integer(self, mask: ArrayLike) -> None:
        """Say which columns must be whole (full-length mask)."""
        new = np.asarray(mask, dtype=np.bool_)
        changed = np.flatnonzero(new != self._mirror.integer).astype(np.int32)
        if len(changed):
            kinds = new[changed].astype(np.uint8)
            checked(self._highs.changeColsIntegrality(len(changed), changed, kinds), "integrality")
        self._mirror.integer = new.copy()

    def change_coefficient(self, row: int, column: int, value: float) -> None:
        """Change one coefficient of the matrix."""
        checked(self._highs.changeCoeff(row, column, float(value)), "changing a coefficient")
        self._mirror.change_coefficient(row, column, float(value))

    def add_rows(self, matrix: sparse.csr_matrix, lower: ArrayLike, upper: ArrayLike) -> Ints:
        """Add rows (csr over the columns there are now); returns their positions."""
        added = self._mirror.add_rows(matrix, lower, upper)
        low, high = self._mirror.row_lower[-added.shape[0] :], self._mirror.row_upper[-added.shape[0] :]
        if added.shape[0]:
            starts, indices = added.indptr[:-1].astype(np.int32), added.indices.astype(np.int32)
            status = self._highs.addRows(added.shape[0], low, high, int(added.nnz), starts, indices, added.data)
            checked(status, "adding rows", warn=True)
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
                m.cost[new] * m.scale,
                m.col_lower[new],
                m.col_upper[new],
                int(added.nnz),
                added.indptr[:-1].astype(np.int32),
                added.indices.astype(np.int32),
                added.data,
            )
            checked(status, "adding columns", warn=True)
            kinds = m.integer[new].astype(np.uint8)
            checked(self._highs.changeColsIntegrality(count, new.astype(np.int32), kinds), "integrality")
        return new

    def truncate_rows(self, count: int) -> None:
        """Delete all rows from position `count` on (cuts of an earlier question)."""
        gone = np.arange(count, self.n_rows, dtype=np.int32)
        if len(gone):
            checked(self._highs.deleteRows(len(gone), gone), "deleting rows")
            self._mirror.truncate_rows(count)

    def truncate_columns(self, count: int) -> None:
        """Delete all columns from position `count` on."""
        gone = np.arange(count, self.n_columns, dtype=np.int32)
        if len(gone):
            checked(self._highs.deleteCols(len(gone), gone), "deleting columns")
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

    def basic_variables(self) -> Ints:
        """The basic columns and rows of the last LP in the order of `basis_solve`; row i stands at ``n_columns + i``.

        Raises
        ------
        SolveError : there is no basis
        """
        status, order = self._highs.getBasicVariables()
        checked(status, "basic variables")
        found = np.asarray(order, dtype=np.int64)
        return np.where(found >= 0, found, self.n_columns - 1 - found)

    def basis_solve(self, right: Floats) -> Floats:
        """The basic variables, in the order of `basic_variables`, by which the matrix comes to ``right`` row by row.

        A row's variable is minus its activity, as in HiGHS. To be asked after `basic_variables`.
        """
        status, value = self._highs.getBasisSolve(right)
        checked(status, "basis solve")
        return np.asarray(value, dtype=np.float64)

    def basis_ranges(self) -> BasisRanges:
        """How far costs and active bounds can move, one at a time, with the basis of the last LP staying optimal.

        Raises
        ------
        SolveError : there is no optimal basis
        """
        status, found = self._highs.getRanging()
        checked(status, "ranging")
        n = self.n_columns
        names = ("col_cost_dn", "col_cost_up", "row_bound_dn", "row_bound_up")
        low, high, below, above = (np.array(getattr(found, name).value_, dtype=np.float64) for name in names)
        return BasisRanges(low[:n] / self._mirror.scale, high[:n] / self._mirror.scale, below, above)

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



def _sense(sense: Sense) -> Any:
    return highspy.ObjSense.kMaximize if sense == "max" else highspy.ObjSense.kMinimize


def checked(status: Any, action: str, warn: bool = False) -> None:
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
