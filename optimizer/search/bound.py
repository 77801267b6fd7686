"""A bound that knows of whole decisions: linking rows priced, every block solved as an integer program.

By weak duality, Σ_blocks max(cost − duals·linking part) + duals·limits is no less than any whole point's value, and
no more than the linear relaxation's where the duals are its own (Geoffrion, "Lagrangean relaxation for integer
programming", 1974). Blocks are small, so this costs seconds where branching on the whole would not end.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from optimizer.engine.certificate import implied_bounds
from optimizer.engine.piece import Piece
from optimizer.engine.program import Floats, Ints
from optimizer.search.candidates import Candidates
from optimizer.search.dominance import Dominance
from optimizer.search.problem import Problem
from optimizer.search.relaxation import Relaxation

SMALL = 1e-9
NEAREST = 8  # candidates of a block that its integer program begins with; others join while they could matter


def block_bound(
    problem: Problem, relaxed: Relaxation, candidates: Candidates, *, workers: int = 1, nodes: int = 2000,
    stop: Callable[[], bool] = lambda: False,
) -> float:
    """Upper bound on the value of any whole point, at the relaxation's duals; ∞ where they prove nothing.

    A block's integer program begins with the candidates nearest to entering. A point that takes another one is worth no
    more than the block's relaxed value and that candidate's promise (not above zero); those for which that is more than
    the integer program found join it. Where the relaxation is not exact, all do that no other can always replace.
    """
    limit = _limits(problem, np.where(problem.linking, relaxed.dual, 0.0))
    cost = problem.priced(relaxed.dual, problem.linking)
    alone = _unblocked(problem, cost)
    if not np.isfinite(limit + alone):
        return np.inf
    blocks = _Blocks(problem, candidates, relaxed, cost, nodes)
    with ThreadPoolExecutor(workers) as pool:
        bounds = list(pool.map(lambda b: np.inf if stop() else blocks.bound(b), range(problem.n_blocks)))
    # what candidates left out of an exact relaxation could still add; from another, none is left out here
    entering = float(relaxed.bound - relaxed.value) if relaxed.exact else 0.0
    return float(limit + alone + np.sum(bounds) + entering)


class _Blocks:
    """The blocks as integer programs of their own, linking rows priced."""

    def __init__(
        self, problem: Problem, candidates: Candidates, relaxed: Relaxation, cost: Floats, nodes: int
    ) -> None:
        p = problem.program
        self.problem, self.candidates, self.cost, self.nodes = problem, candidates, cost, nodes
        promise = candidates.promise(problem, problem.priced(relaxed.dual, np.ones(p.n_rows, bool)))
        forced = (p.col_lower[candidates.switch] > 0) | (np.round(relaxed.x[candidates.switch], 9) > 0)
        self.promise = np.where(forced, 0.0, np.minimum(promise, 0.0))
        worth = np.bincount(np.maximum(p.col_block, 0), minlength=problem.n_blocks,
                            weights=np.where(p.col_block >= 0, cost * relaxed.x, 0.0))
        self.worth = worth if relaxed.exact else np.full(problem.n_blocks, np.inf)
        self.dominance = Dominance(problem, candidates, cost)
        self.of_block = problem.members(candidates.block, np.ones(len(candidates), bool))
        self.columns = problem.members(p.col_block, np.ones(p.n_columns, bool))
        self.rows = problem.members(p.row_block, np.ones(p.n_rows, bool))

    def bound(self, block: int) -> float:
        """Proved upper bound of one block."""
        own = self.dominance.needed(self.of_block[block]) if len(self.of_block[block]) > NEAREST else self.of_block[block]
        own = own[np.argsort(-self.promise[own], kind="stable")]
        count = max(NEAREST, int((self.promise[own] > -SMALL).sum()))
        while True:
            found = self._solved(block, own[:count])
            if count >= len(own) or self.worth[block] + self.promise[own[count]] <= found:
                return found
            count = max(count + NEAREST, int((self.worth[block] + self.promise[own] > found).sum()))

    def _solved(self, block: int, kept: Ints) -> float:
        """Bound of the integer program over the candidates ``kept``."""
        p = self.problem.program
        inside = np.zeros(len(self.candidates) + 1, bool)
        inside[kept] = inside[-1] = True
        columns = self.columns[block][inside[self.candidates.of_column[self.columns[block]]]]
        rows = self.rows[block][inside[self.candidates.of_row[self.rows[block]]]]
        if not len(columns):
            return 0.0
        piece = Piece(self.cost[columns], self.problem.rows[rows][:, columns].tocsc(), p.row_lower[rows], p.row_upper[rows],
                      p.col_lower[columns], p.col_upper[columns], p.integer[columns])
        return piece.bound(gap=1e-5, nodes=self.nodes)


def _limits(problem: Problem, price: Floats) -> float:
    """duals · limits of the linking rows; ∞ where a price stands on a side that has no limit."""
    p = problem.program
    side = np.where(price > 0, p.row_upper, p.row_lower)
    real = np.abs(price) > SMALL
    return float(price[real] @ side[real]) if np.isfinite(side[real]).all() else np.inf


def _unblocked(problem: Problem, cost: Floats) -> float:
    """The best that columns outside all blocks can bring at priced costs, within the bounds that the rows imply."""
    p = problem.program
    at = np.flatnonzero((p.col_block < 0) & (np.abs(cost) > SMALL))
    if not len(at):
        return 0.0
    low, high = implied_bounds(p)
    side = np.where(cost[at] > 0, high[at], low[at])
    return float(cost[at] @ side) if np.isfinite(side).all() else np.inf
