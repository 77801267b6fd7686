"""The arrays of a loaded model as they are now, so that every point HiGHS returns can be checked against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from optimizer.engine.arrays import Bools, Floats, Ints, dot, longer
from optimizer.engine.outcome import Sense
from optimizer.engine.program import Linear, Program
from optimizer.engine.scaling import factor_for


@dataclass
class Mirror:
    """Arrays of a model that changes; the fields are as in `Program`, `cost` and `offset` as in `Linear`.

    ``scale``: by what the objective is multiplied in the solver (`optimizer.engine.scaling`).
    """

    matrix: sparse.csr_matrix
    row_lower: Floats
    row_upper: Floats
    col_lower: Floats
    col_upper: Floats
    integer: Bools
    cost: Floats
    sense: Sense
    offset: float
    scale: float = 1.0
    _owns_matrix: bool = False

    @classmethod
    def of(cls, program: Program, linear: Linear | None) -> Mirror:
        """A mirror of a program; the matrix is shared until a coefficient changes."""
        matrix = program.matrix
        if not matrix.has_sorted_indices:
            matrix = matrix.sorted_indices()
        cost = np.zeros(program.n_columns) if linear is None else linear.vector.copy()
        return cls(
            matrix=matrix,
            row_lower=program.row_lower.copy(),
            row_upper=program.row_upper.copy(),
            col_lower=program.col_lower.copy(),
            col_upper=program.col_upper.copy(),
            integer=program.integer.copy(),
            cost=cost,
            sense="min" if linear is None else linear.sense,
            offset=0.0 if linear is None else float(linear.constant),
            scale=factor_for(cost),
        )

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.matrix.shape[0])

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return int(self.matrix.shape[1])

    def objective(self, x: Floats) -> float:
        """Value of the objective at `x`."""
        return dot(self.cost, x) + self.offset

    def residual(self, x: Floats) -> float:
        """Largest violation of a row or a bound, each divided by max(1, |its bound|, its largest |a·x|).

        A row that adds up amounts of 1e6 cannot hold to 1e-7; one that adds up persons can.
        """
        if len(x) != self.n_columns or not np.isfinite(x).all():
            return np.inf
        terms = np.abs(self.matrix.data * x[self.matrix.indices])
        largest = np.ones(self.n_rows)
        filled = np.flatnonzero(np.diff(self.matrix.indptr))
        if len(filled):
            largest[filled] = np.maximum(1.0, np.maximum.reduceat(terms, self.matrix.indptr[filled]))
        rows = _scaled(self.matrix @ x, self.row_lower, self.row_upper, largest)
        return max(rows, _scaled(x, self.col_lower, self.col_upper, np.ones(len(x))))

    def fractional_bounds(self) -> Ints:
        """Positions of integer columns with a bound that is not whole."""
        at: Ints = np.flatnonzero(self.integer)
        low, high = self.col_lower[at], self.col_upper[at]
        with np.errstate(invalid="ignore"):
            off = (np.isfinite(low) & (low != np.rint(low))) | (np.isfinite(high) & (high != np.rint(high)))
        return np.asarray(at[off], dtype=np.int64)

    def change_coefficient(self, row: int, column: int, value: float) -> None:
        """Change one coefficient; the program's own matrix stays as it was."""
        if not self._owns_matrix:
            self.matrix, self._owns_matrix = self.matrix.copy(), True
        start, stop = self.matrix.indptr[row], self.matrix.indptr[row + 1]
        at = start + np.searchsorted(self.matrix.indices[start:stop], column)
        if at < stop and self.matrix.indices[at] == column:
            self.matrix.data[at] = value
        else:
            cell = sparse.csr_matrix(([value], ([row], [column])), shape=self.matrix.shape)
            self.matrix = (self.matrix + cell).tocsr().sorted_indices()

    def add_rows(self, matrix: Any, lower: ArrayLike, upper: ArrayLike) -> sparse.csr_matrix:
        """Append rows; returns them as csr with sorted indices."""
        added = sparse.csr_matrix(matrix, dtype=np.float64).sorted_indices()
        if added.shape[1] != self.n_columns:
            raise ValueError(f"rows over {added.shape[1]} columns, the model has {self.n_columns}")
        self.matrix = sparse.vstack([self.matrix, added], format="csr")
        self._owns_matrix = True
        self.row_lower = longer(self.row_lower, lower, added.shape[0])
        self.row_upper = longer(self.row_upper, upper, added.shape[0])
        return added

    def add_columns(
        self, matrix: Any, cost: ArrayLike, lower: ArrayLike, upper: ArrayLike, integer: ArrayLike
    ) -> sparse.csc_matrix:
        """Append columns; returns them as csc."""
        added = sparse.csc_matrix(matrix, dtype=np.float64).sorted_indices()
        if added.shape[0] != self.n_rows:
            raise ValueError(f"columns over {added.shape[0]} rows, the model has {self.n_rows}")
        count = added.shape[1]
        self.matrix = sparse.hstack([self.matrix, added], format="csr").sorted_indices()
        self._owns_matrix = True
        self.cost = longer(self.cost, cost, count)
        self.col_lower = longer(self.col_lower, lower, count)
        self.col_upper = longer(self.col_upper, upper, count)
        self.integer = longer(self.integer, integer, count)
        return added

    def truncate_rows(self, count: int) -> None:
        """Forget the rows from `count` on."""
        self.matrix, self._owns_matrix = self.matrix[:count], True
        self.row_lower, self.row_upper = self.row_lower[:count].copy(), self.row_upper[:count].copy()

    def truncate_columns(self, count: int) -> None:
        """Forget the columns from `count` on."""
        self.matrix, self._owns_matrix = self.matrix[:, :count].tocsr(), True
        self.cost, self.integer = self.cost[:count].copy(), self.integer[:count].copy()
        self.col_lower, self.col_upper = self.col_lower[:count].copy(), self.col_upper[:count].copy()


def _scaled(values: Floats, lower: Floats, upper: Floats, scale: Floats) -> float:
    if not len(values):
        return 0.0
    below = (lower - values) / np.maximum(scale, np.where(np.isfinite(lower), np.abs(lower), 0.0))
    above = (values - upper) / np.maximum(scale, np.where(np.isfinite(upper), np.abs(upper), 0.0))
    return max(0.0, float(np.max(np.maximum(below, above))))
