"""Value curves: what a block gains from the decisions of stage 1, as a concave function bounded by tangents.

With linking rows priced by their duals, a block is a small linear program whose right-hand sides move with its columns
of stage 1. Its optimal value is concave in them, and the duals at any point give a tangent that lies above it
everywhere (Benders 1962; Kelley's cutting planes). A curve, unlike a single price, knows that the first million is
worth more than the tenth.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from optimizer.engine.piece import Piece
from optimizer.engine.program import Floats, Ints
from optimizer.search.problem import Problem

LEVELS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0)  # of what the block's widest candidate can bring


@dataclass(frozen=True, eq=False)
class Cut:
    """value of ``block`` ≤ constant + slope · x[columns]."""

    block: int
    constant: float
    columns: Ints
    slope: Floats


@dataclass(eq=False)
class Curve:
    """One block's linear program beside its columns of stage 1 (``given``)."""

    number: int
    given: Ints
    rows: Ints
    touched: Ints
    effect: sparse.csr_matrix
    lower: Floats
    upper: Floats
    piece: Piece = field(repr=False)

    def tangent(self, at: Floats) -> Cut | None:
        """The tangent at values ``at`` of the given columns; None where the block has no point."""
        shift = self.effect @ at
        self.piece.limit_rows(self.touched, self.lower[self.touched] - shift, self.upper[self.touched] - shift)
        answer = self.piece.solve()
        if answer is None or answer.row_dual is None:
            return None
        slope = -(self.effect.T @ answer.row_dual[self.touched])
        return Cut(self.number, answer.value - float(slope @ at), self.given, slope)


def value_curves(problem: Problem, dual: Floats) -> list[Curve]:
    """The curve of each block that has columns of stage 1 and others, linking rows priced by ``dual``."""
    p, first = problem.program, problem.first
    others = problem.rows_with(~first)
    cost = problem.priced(dual, problem.linking & others)
    own = problem.members(p.col_block, ~first)
    given = problem.members(p.col_block, first)
    rows = problem.members(p.row_block, others)
    curves = []
    for block in range(problem.n_blocks):
        if not len(own[block]) or not len(given[block]) or not len(rows[block]):
            continue
        slab = problem.rows[rows[block]]
        effect = slab[:, given[block]].tocsr()
        touched = np.flatnonzero(np.diff(effect.indptr) > 0)
        low, high, at = p.row_lower[rows[block]], p.row_upper[rows[block]], own[block]
        piece = Piece(cost[at], slab[:, at].tocsc(), low, high, p.col_lower[at], p.col_upper[at])
        curves.append(Curve(block, given[block], rows[block], touched, effect[touched], low, high, piece))
    return curves


def first_tangents(problem: Problem, curves: list[Curve], x: Floats) -> list[Cut]:
    """Tangents of each curve at the relaxed point and at levels of what its widest candidate can bring."""
    p = problem.program
    cuts = []
    for curve in curves:
        here = x[curve.given]
        switched = p.switch[curve.given] >= 0
        top = np.where(switched & np.isfinite(p.col_upper[curve.given]), p.col_upper[curve.given], 0.0)
        reach = np.bincount(np.maximum(p.switch[curve.given], 0), weights=top)
        widest = switched & (p.switch[curve.given] == int(np.argmax(reach)))
        points = [here] + [np.where(widest, level * top, np.where(switched, 0.0, here)) for level in LEVELS]
        cuts += [cut for point in points if (cut := curve.tangent(point)) is not None]
    return cuts
