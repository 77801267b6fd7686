"""The master problem: decisions of stage 1, with every block's gain bounded by tangents of its value curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.engine.piece import Piece
from optimizer.engine.program import Bools, Floats, Ints
from optimizer.search.curves import Cut
from optimizer.search.problem import Problem

INTERIOR_ROWS = 20_000  # past which the interior point is quicker once the integers are held
FAR = 1e9  # a bound on a block's gain where no tangent gives one


@dataclass(frozen=True, eq=False)
class Master:
    """max cost·x over stage-1 columns (``columns`` of the program) followed by one gain a block."""

    cost: Floats
    rows: sparse.csr_matrix
    row_lower: Floats
    row_upper: Floats
    col_lower: Floats
    col_upper: Floats
    integer: Bools
    block: Ints
    columns: Ints

    @property
    def by_column(self) -> sparse.csc_matrix:
        return self.rows.tocsc()

    def value(self, x: Floats) -> float:
        return float(self.cost @ x)

    def with_integers(self, x: Floats) -> Floats | None:
        """The best point with the integers of ``x``; None if there is none."""
        low, high = self.col_lower.copy(), self.col_upper.copy()
        low[self.integer] = high[self.integer] = np.round(x[self.integer])
        piece = Piece(self.cost, self.rows.tocsc(), self.row_lower, self.row_upper, low, high)
        answer = piece.solve_relaxed() if len(self.row_lower) > INTERIOR_ROWS else piece.solve()
        return None if answer is None else answer.x

    def expanded(self, x: Floats, size: int) -> Floats:
        """Values of the program's columns: those of stage 1, zero elsewhere."""
        out = np.zeros(size)
        out[self.columns] = x[: len(self.columns)]
        return out


def master_of(problem: Problem, cuts: list[Cut], dual: Floats, listed: Bools) -> Master:
    """The master over the ``listed`` columns of stage 1 (a mask of the program's columns)."""
    p, first = problem.program, problem.first
    others = problem.rows_with(~first)
    kept = problem.rows_with(first) & ~others
    columns = np.flatnonzero(first & listed)
    number = np.full(p.n_columns, -1)
    number[columns] = np.arange(len(columns))
    blocks = np.unique([cut.block for cut in cuts])
    gain = {int(block): len(columns) + n for n, block in enumerate(blocks)}
    tangents = _tangent_rows(cuts, number, gain, len(columns) + len(blocks))
    own = sparse.csr_matrix(problem.rows[np.flatnonzero(kept)][:, columns])
    own = sparse.hstack([own, sparse.csr_matrix((own.shape[0], len(blocks)))], format="csr")
    cost = problem.priced(dual, problem.linking & others)
    return Master(
        cost=np.concatenate([cost[columns], np.ones(len(blocks))]),
        rows=sparse.vstack([own, tangents], format="csr"),
        row_lower=np.concatenate([p.row_lower[kept], np.full(len(cuts), -np.inf)]),
        row_upper=np.concatenate([p.row_upper[kept], [cut.constant for cut in cuts]]),
        col_lower=np.concatenate([p.col_lower[columns], np.full(len(blocks), -FAR)]),
        col_upper=np.concatenate([p.col_upper[columns], np.full(len(blocks), FAR)]),
        integer=np.concatenate([p.integer[columns], np.zeros(len(blocks), bool)]),
        block=np.concatenate([p.col_block[columns], blocks]).astype(int),
        columns=columns,
    )


def _tangent_rows(cuts: list[Cut], number: Ints, gain: dict[int, int], width: int) -> sparse.csr_matrix:
    """gain[block] − slope·x ≤ constant, one row a cut."""
    rows, columns, values = [], [], []
    for n, cut in enumerate(cuts):
        at = number[cut.columns]
        real = (at >= 0) & (np.abs(cut.slope) > 1e-9)
        rows.append(np.full(int(real.sum()) + 1, n))
        columns.append(np.append(at[real], gain[cut.block]))
        values.append(np.append(-cut.slope[real], 1.0))
    if not cuts:
        return sparse.csr_matrix((0, width))
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(entries, shape=(len(cuts), width))
