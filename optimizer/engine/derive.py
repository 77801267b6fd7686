"""Programs out of programs: cut down to some rows and columns, or extended by more of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.arrays import Bools, Floats, Ints, dot, longer
from optimizer.engine.family import Family, cut

if TYPE_CHECKING:
    from optimizer.engine.program import Program


@dataclass(frozen=True, eq=False)
class ExtraColumns:
    """A family of columns to add.

    Parameters
    ----------
    name, keys : the family; one row of `keys` for each new column.
    matrix : old rows × new columns (None: no old row sees them).
    lower, upper : bounds; a number or one for each.
    integer, block, stage, switch : as in `Program`; a scalar or one for each.
    criteria : coefficients by criterion, for those that see the new columns.
    """

    name: str
    keys: pd.DataFrame
    matrix: sparse.csr_matrix | None = None
    lower: Floats | float = 0.0
    upper: Floats | float = np.inf
    integer: Bools | bool = False
    block: Ints | int = -1
    stage: Ints | int = 0
    switch: Ints | int = -1
    criteria: Mapping[str, Floats] | None = None


@dataclass(frozen=True, eq=False)
class ExtraRows:
    """A family of rows to add: `matrix` is new rows × all columns (the extra ones last; missing ones count as 0)."""

    name: str
    keys: pd.DataFrame
    matrix: sparse.csr_matrix
    lower: Floats | float = -np.inf
    upper: Floats | float = np.inf
    block: Ints | int = -1


def restricted(
    program: Program, columns: Bools | None, rows: Bools | None, at: Floats | None
) -> tuple[Program, Ints, Ints]:
    """`Program.restricted`."""
    keep = np.arange(program.n_columns) if columns is None else np.flatnonzero(columns)
    stay = np.arange(program.n_rows) if rows is None else np.flatnonzero(rows)
    fixed = np.zeros(program.n_columns) if at is None else np.array(at, dtype=np.float64)
    fixed[keep] = 0.0
    slab = program.matrix if rows is None else program.matrix[stay]
    moved = np.asarray(slab @ fixed)
    inverse = np.full(program.n_columns + 1, -1, dtype=np.int64)
    inverse[keep] = np.arange(len(keep))
    sub = replace(
        program,
        columns=cut(program.columns, keep),
        rows=cut(program.rows, stay),
        matrix=slab if columns is None else _pick_columns(slab, inverse, len(keep)),
        row_lower=program.row_lower[stay] - moved,
        row_upper=program.row_upper[stay] - moved,
        col_lower=program.col_lower[keep],
        col_upper=program.col_upper[keep],
        integer=program.integer[keep],
        criteria={
            name: replace(c, vector=c.vector[keep], constant=c.constant + dot(c.vector, fixed))
            for name, c in program.criteria.items()
        },
        col_block=program.col_block[keep],
        row_block=program.row_block[stay],
        col_stage=program.col_stage[keep],
        switch=inverse[program.switch[keep]],  # -1 reads the last cell, which is -1
    )
    return sub, keep, stay


def extended(program: Program, columns: Iterable[ExtraColumns], rows: Iterable[ExtraRows]) -> Program:
    """`Program.extended`."""
    for extra in columns:
        program = _with_columns(program, extra)
    for block in rows:
        program = _with_rows(program, block)
    return program


def _with_columns(program: Program, extra: ExtraColumns) -> Program:
    count = len(extra.keys)
    added = sparse.csr_matrix((program.n_rows, count)) if extra.matrix is None else extra.matrix
    given = extra.criteria or {}
    unknown = set(given) - set(program.criteria)
    if unknown:
        raise KeyError(f"no criterion called {', '.join(sorted(unknown))}")

    return replace(
        program,
        columns=(*program.columns, Family(extra.name, extra.keys, program.n_columns, program.n_columns + count)),
        matrix=sparse.hstack([program.matrix, added], format="csr"),
        col_lower=longer(program.col_lower, extra.lower, count),
        col_upper=longer(program.col_upper, extra.upper, count),
        integer=longer(program.integer, extra.integer, count),
        criteria={n: replace(c, vector=longer(c.vector, given.get(n, 0.0), count)) for n, c in program.criteria.items()},
        col_block=longer(program.col_block, extra.block, count),
        col_stage=longer(program.col_stage, extra.stage, count),
        switch=longer(program.switch, extra.switch, count),
    )


def _with_rows(program: Program, extra: ExtraRows) -> Program:
    count = len(extra.keys)
    height, width = extra.matrix.shape
    if height != count:
        raise ValueError(f"{extra.name}: {height} rows in the matrix, {count} keys")
    missing = sparse.csr_matrix((count, program.n_columns - width))
    added = sparse.hstack([extra.matrix, missing], format="csr")

    return replace(
        program,
        rows=(*program.rows, Family(extra.name, extra.keys, program.n_rows, program.n_rows + count)),
        matrix=sparse.vstack([program.matrix, added], format="csr"),
        row_lower=longer(program.row_lower, extra.lower, count),
        row_upper=longer(program.row_upper, extra.upper, count),
        row_block=longer(program.row_block, extra.block, count),
    )


def _pick_columns(slab: sparse.csr_matrix, inverse: Ints, count: int) -> sparse.csr_matrix:
    """Columns of a csr matrix by a position map; faster than slicing where few of many columns stay."""
    target = inverse[slab.indices]
    inside = target >= 0
    before = np.concatenate([[0], np.cumsum(inside)])
    return sparse.csr_matrix(
        (slab.data[inside], target[inside], before[slab.indptr]), shape=(slab.shape[0], count)
    )
