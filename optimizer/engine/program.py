"""A linear or integer program as arrays whose rows and columns carry names, blocks and stages.

    row_lower <= matrix @ x <= row_upper,   col_lower <= x <= col_upper,   x[integer] whole

Rows and columns come in families (one clause or decision each, contiguous), so a name such as
``transfer[central,A,industry,2026]`` is made when somebody asks, not stored 50,000 times. A Program never changes:
`with_bounds`, `restricted` and `extended` return new ones that share what they can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.arrays import Bools, Floats, Ints, dot, excess
from optimizer.engine.derive import ExtraColumns, ExtraRows, extended, restricted
from optimizer.engine.family import Family, position_of, renumbered
from optimizer.engine.outcome import Sense

__all__ = ["Bools", "ExtraColumns", "ExtraRows", "Family", "Floats", "Ints", "Linear", "Program"]


@dataclass(frozen=True, eq=False)
class Linear:
    """A linear criterion ``vector @ x + constant`` with its sense and unit."""

    sense: Sense
    vector: Floats
    constant: float = 0.0
    unit: str = ""

    def at(self, x: Floats) -> float:
        """Its value at a point."""
        return dot(self.vector, x[: len(self.vector)]) + self.constant

    def less(self, value: float) -> Linear:
        """A linear expression that is 0 where the criterion has this value, and grows with it."""
        return Linear(self.sense, self.vector, self.constant - value, self.unit)


@dataclass(frozen=True, eq=False)
class Program:
    """The compiled program.

    Parameters
    ----------
    columns, rows : families in order; each covers ``start:stop`` and together they cover everything.
    matrix : rows × columns, csr.
    row_lower, row_upper, col_lower, col_upper : bounds, ±inf where there is none.
    integer : which columns must be whole.
    criteria : linear criteria by name.
    col_block, row_block : the block (a county) of each column and row; -1 links blocks.
    col_stage : 0 continuous; 1, 2, … the order in which a search fixes integer families.
    switch : position of the binary column without which this column must be zero; -1 none.
    """

    columns: tuple[Family, ...]
    rows: tuple[Family, ...]
    matrix: sparse.csr_matrix
    row_lower: Floats
    row_upper: Floats
    col_lower: Floats
    col_upper: Floats
    integer: Bools
    criteria: Mapping[str, Linear]
    col_block: Ints
    row_block: Ints
    col_stage: Ints
    switch: Ints

    def __post_init__(self) -> None:
        n_rows, n_columns = self.matrix.shape
        by_row = (self.row_lower, self.row_upper, self.row_block)
        by_column = (self.col_lower, self.col_upper, self.integer, self.col_block, self.col_stage, self.switch)
        vectors = tuple(linear.vector for linear in self.criteria.values())
        if any(len(array) != n_rows for array in by_row) or any(len(a) != n_columns for a in by_column + vectors):
            raise ValueError(f"arrays do not fit a matrix of {n_rows} rows and {n_columns} columns")
        for families, count in ((self.columns, n_columns), (self.rows, n_rows)):
            edges = [0, *(family.stop for family in families)]
            if edges[:-1] != [family.start for family in families] or edges[-1] != count:
                raise ValueError("families must cover all rows and columns in order, without gaps")

    @classmethod
    def build(
        cls,
        columns: Sequence[tuple[str, pd.DataFrame]],
        rows: Sequence[tuple[str, pd.DataFrame]],
        matrix: sparse.csr_matrix,
        *,
        row_lower: Floats,
        row_upper: Floats,
        col_lower: Floats,
        col_upper: Floats,
        integer: Bools | None = None,
        criteria: Mapping[str, Linear] | None = None,
        col_block: Ints | None = None,
        row_block: Ints | None = None,
        col_stage: Ints | None = None,
        switch: Ints | None = None,
    ) -> Program:
        """Make a Program from (name, keys) pairs; what is left out is continuous, unblocked and unswitched."""
        n_rows, n_columns = matrix.shape

        def filled(values: Any, count: int, default: int, kind: type) -> Any:
            return np.full(count, default, dtype=kind) if values is None else np.asarray(values, dtype=kind)

        return cls(
            columns=renumbered(columns),
            rows=renumbered(rows),
            matrix=sparse.csr_matrix(matrix, dtype=np.float64),
            row_lower=np.asarray(row_lower, dtype=np.float64),
            row_upper=np.asarray(row_upper, dtype=np.float64),
            col_lower=np.asarray(col_lower, dtype=np.float64),
            col_upper=np.asarray(col_upper, dtype=np.float64),
            integer=filled(integer, n_columns, 0, np.bool_),
            criteria=dict(criteria or {}),
            col_block=filled(col_block, n_columns, -1, np.int64),
            row_block=filled(row_block, n_rows, -1, np.int64),
            col_stage=filled(col_stage, n_columns, 0, np.int64),
            switch=filled(switch, n_columns, -1, np.int64),
        )

    # -- names -----------------------------------------------------------------------------------------------------

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.matrix.shape[0])

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return int(self.matrix.shape[1])

    def column(self, name: str) -> int:
        """Position of a column by its full name; KeyError if there is none."""
        return position_of(self.columns, name)

    def row(self, name: str) -> int:
        """Position of a row by its full name; KeyError if there is none."""
        return position_of(self.rows, name)

    def column_names(self) -> list[str]:
        """The names of all columns, in order."""
        return [name for family in self.columns for name in family.names()]

    def row_names(self) -> list[str]:
        """The names of all rows, in order."""
        return [name for family in self.rows for name in family.names()]

    def column_name(self, position: int) -> str:
        """The name of one column."""
        return self._at(self.columns, position)

    def row_name(self, position: int) -> str:
        """The name of one row."""
        return self._at(self.rows, position)

    @staticmethod
    def _at(families: tuple[Family, ...], position: int) -> str:
        for family in families:
            if family.start <= position < family.stop:
                return family.name_of(position)
        raise IndexError(f"no position {position}")

    def columns_of(self, name: str) -> pd.DataFrame:
        """The keys of all columns of families called `name`; the index holds their positions."""
        return _frame(self.columns, name)

    def rows_of(self, name: str) -> pd.DataFrame:
        """The keys of all rows of families called `name`; the index holds their positions."""
        return _frame(self.rows, name)

    # -- values ----------------------------------------------------------------------------------------------------

    def activity(self, x: Floats) -> Floats:
        """Row activities ``matrix @ x``."""
        return np.asarray(self.matrix @ x, dtype=np.float64)

    def violation(self, x: Floats) -> float:
        """The largest amount by which `x` breaks a row or a column bound (0 where it breaks none)."""
        return max(
            excess(self.activity(x), self.row_lower, self.row_upper), excess(x, self.col_lower, self.col_upper)
        )

    def objective(self, criterion: str, x: Floats) -> float:
        """Value of a criterion at `x`."""
        return self.criteria[criterion].at(x)

    @cached_property
    def by_column(self) -> sparse.csc_matrix:
        """The matrix column by column (made once)."""
        return self.matrix.tocsc()

    # -- new programs out of this one ------------------------------------------------------------------------------

    def with_bounds(
        self,
        *,
        col_lower: Floats | None = None,
        col_upper: Floats | None = None,
        row_lower: Floats | None = None,
        row_upper: Floats | None = None,
        integer: Bools | None = None,
    ) -> Program:
        """The same program with other bounds (full-length arrays) or integrality."""
        given = {
            "col_lower": col_lower,
            "col_upper": col_upper,
            "row_lower": row_lower,
            "row_upper": row_upper,
            "integer": integer,
        }
        changes: dict[str, Any] = {name: array for name, array in given.items() if array is not None}
        return replace(self, **changes)

    def with_criteria(self, criteria: Mapping[str, Linear]) -> Program:
        """The same program with these criteria added or replaced."""
        return replace(self, criteria={**self.criteria, **criteria})

    def restricted(
        self, columns: Bools | None = None, rows: Bools | None = None, at: Floats | None = None
    ) -> tuple[Program, Ints, Ints]:
        """The sub-program of the masked columns and rows, the other columns held at fixed values.

        Parameters
        ----------
        columns, rows : masks of what stays (None: all).
        at : full-length values of the columns that go (None: zero). What they add to a row moves into its bounds,
            what they add to a criterion into its constant.

        Returns
        -------
        program, column_map, row_map : ``column_map[j]`` is the position in this program of the sub-program's
            column j, so ``x[column_map] = sub_x`` puts an answer back; the same for rows.
        """
        return restricted(self, columns, rows, at)

    def extended(self, columns: Iterable[ExtraColumns] = (), rows: Iterable[ExtraRows] = ()) -> Program:
        """This program with families of columns, then rows, put at the end; old positions stay as they are."""
        return extended(self, columns, rows)

    def __getstate__(self) -> dict[str, Any]:
        # the column-wise copy is cheap to make again and would double what goes to a worker
        return {name: value for name, value in self.__dict__.items() if name != "by_column"}

    def __copy__(self) -> Self:
        return self


def _frame(families: tuple[Family, ...], name: str) -> pd.DataFrame:
    parts = [f.keys.set_axis(pd.RangeIndex(f.start, f.stop), axis=0) for f in families if f.name == name]
    if not parts:
        return pd.DataFrame(index=pd.RangeIndex(0))
    return parts[0] if len(parts) == 1 else pd.concat(parts)
