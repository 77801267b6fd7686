"""A program cut into parts that have no column in common, by leaving out the rows that join most of it.

What cannot hold in a part cannot hold in the program, and a part is solved in a fraction of the time: two dozen
provinces one by one take seconds where the nation takes half a minute. That every part has a point proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from optimizer.engine.arrays import Bools, Ints
from optimizer.engine.conflicts import Clause
from optimizer.engine.program import Program

SHARE = 0.2  # of all columns, that the largest part may have
WIDE = 0.03  # of all columns, from which on a row joins much of the program
LEAST = 0.02  # of all columns, below which parts are taken together


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a program.

    Parameters
    ----------
    program : its rows and columns.
    columns, rows : where they stand in the whole program.
    clauses : with positions in the part.
    at : by clause, which of the whole clause's bounds lie in the part, in the part's order.
    """

    program: Program
    columns: Ints
    rows: Ints
    clauses: tuple[Clause, ...]
    at: dict[str, Ints]


def parts_apart(program: Program, clauses: Sequence[Clause], *, widest: bool, share: float = SHARE) -> list[Part]:
    """Parts of a program, each with at most a share of its columns; empty where it does not fall apart like that.

    The rows that link blocks are left out one after the other and no more of them than it takes: the widest first, or
    else those that join much of all columns and then the narrowest first (what donors give joins provinces, but the
    budget of a province is what its counties are short of).
    """
    joins = _movable(program)
    width = np.diff(joins.indptr)
    linking = np.flatnonzero((program.row_block < 0) & (width > 1))
    broad = width[linking] > WIDE * program.n_columns
    linking = linking[np.lexsort((np.where(broad | widest, -width[linking], width[linking]), ~broad))]
    few, many = -1, len(linking)  # the fewest rows that do lie in (few, many]
    if _largest(_labels(joins, linking)) > share * program.n_columns:
        return []
    while many - few > 1:
        middle = (few + many) // 2
        fits = _largest(_labels(joins, linking[:middle])) <= share * program.n_columns
        few, many = (few, middle) if fits else (middle, many)
    label = _labels(joins, linking[:many])
    inside = width > 0
    inside[linking[:many]] = False
    row_label = np.where(inside, label[joins.indices[np.minimum(joins.indptr[:-1], max(joins.nnz - 1, 0))]], -1)
    bin_of = _bins(np.bincount(label), int(LEAST * program.n_columns))
    label, row_label = bin_of[label], np.where(row_label >= 0, bin_of[row_label], -1)
    bare = replace(program, criteria={})
    return [part(bare, clauses, row_label == number, label == number) for number in np.unique(row_label[row_label >= 0])]


def part(program: Program, clauses: Sequence[Clause], rows: Bools, columns: Bools) -> Part:
    """The rows and columns of a program that masks name; columns that go lie in no row that stays, or are fixed."""
    made, column_map, row_map = program.restricted(columns, rows, np.where(columns, 0.0, _finite(program)))
    row_place, column_place = _places(program.n_rows, row_map), _places(program.n_columns, column_map)
    mine: list[Clause] = []
    at: dict[str, Ints] = {}
    for clause in clauses:
        sides = [row_place[clause.row_lower], row_place[clause.row_upper],
                 column_place[clause.col_lower], column_place[clause.col_upper]]
        where = np.flatnonzero(np.concatenate(sides) >= 0)
        if len(where):
            low, high, left, right = (side[side >= 0] for side in sides)
            mine.append(replace(clause, row_lower=low, row_upper=high, col_lower=left, col_upper=right))
            at[clause.name] = where
    return Part(made, column_map, row_map, tuple(mine), at)


def _movable(program: Program) -> sparse.csr_matrix:
    """The matrix without the columns that are fixed, which join nothing."""
    free = (program.col_upper > program.col_lower).astype(float)
    joins: sparse.csr_matrix = (program.matrix @ sparse.diags(free)).tocsr()
    joins.eliminate_zeros()
    return joins


def _labels(joins: sparse.csr_matrix, out: Ints) -> Ints:
    """A number for each column, the same for those that rows join, without the rows that are out."""
    keep = np.ones(joins.shape[0])
    keep[out] = 0.0
    cells = sparse.diags(keep) @ joins
    cells.eliminate_zeros()
    cells = cells.tocoo()
    size = sum(joins.shape)
    graph = sparse.csr_matrix((np.ones(cells.nnz), (cells.row, joins.shape[0] + cells.col)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][joins.shape[0] :], dtype=np.int64)


def _largest(label: Ints) -> int:
    return int(np.bincount(label).max(initial=0))


def _bins(sizes: Ints, least: int) -> Ints:
    """A number for each part, small ones together until they have as many columns as is worth a call of the solver."""
    out = np.zeros(len(sizes), dtype=np.int64)
    number, filled = 0, 0
    for n in np.argsort(-sizes, kind="stable"):
        out[n], filled = number, filled + int(sizes[n])
        if filled >= least:
            number, filled = number + 1, 0
    return out


def _finite(program: Program) -> np.ndarray:
    """What a fixed column is fixed at; nothing for all others."""
    return np.where(program.col_upper <= program.col_lower, program.col_lower, 0.0)


def _places(size: int, where: Ints) -> Ints:
    place = np.full(size, -1, dtype=np.int64)
    place[where] = np.arange(len(where))
    return place
