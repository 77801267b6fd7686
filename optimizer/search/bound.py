"""A bound that knows of whole decisions: linking rows priced, every block solved as an integer program.

By weak duality, Σ_blocks max(cost − duals·linking part) + duals·limits is no less than any whole point's value, and
no more than the linear relaxation's where the duals are its own (Geoffrion, "Lagrangean relaxation for integer
programming", 1974). Blocks are small, so this costs seconds where branching on the whole would not end.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from optimizer.engine.certificate import implied_bounds
from optimizer.engine.piece import Piece
from optimizer.engine.program import Floats, Ints
from optimizer.search.problem import Problem

SMALL = 1e-9


def block_bound(problem: Problem, dual: Floats, *, workers: int = 1, nodes: int = 2000) -> float:
    """Upper bound on the value of any whole point, at duals of the linking rows; ∞ where they prove nothing."""
    price = np.where(problem.linking, dual, 0.0)
    limit = _limits(problem, price)
    cost = problem.priced(dual, problem.linking)
    alone = _unblocked(problem, cost)
    if not np.isfinite(limit + alone):
        return np.inf
    p = problem.program
    columns = problem.members(p.col_block, np.ones(p.n_columns, bool))
    rows = problem.members(p.row_block, np.ones(p.n_rows, bool))
    with ThreadPoolExecutor(workers) as pool:
        bounds = list(pool.map(lambda b: _bound(problem, cost, columns[b], rows[b], nodes), range(problem.n_blocks)))
    return float(limit + alone + np.sum(bounds))


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


def _bound(problem: Problem, cost: Floats, columns: Ints, rows: Ints, nodes: int) -> float:
    """Proved upper bound of one block."""
    p = problem.program
    if not len(columns):
        return 0.0
    piece = Piece(cost[columns], problem.rows[rows][:, columns].tocsc(), p.row_lower[rows], p.row_upper[rows],
                  p.col_lower[columns], p.col_upper[columns], p.integer[columns])
    return piece.bound(gap=1e-5, nodes=nodes)
