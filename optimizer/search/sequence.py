"""Block by block: settle the integers of each block inside what the relaxed point gives it.

Each block is a small integer program that may use of every linking row what it used at the relaxed point, and what
the blocks before it left over; linking rows are priced by their duals, so that nothing is used up for its own sake.
The blocks' points together keep every row, and one linear program afterwards spreads the continuous amounts anew.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.engine.piece import Answer, Piece
from optimizer.engine.program import Floats, Ints
from optimizer.search.problem import Problem

WHOLE = 1e-6
LOOSE = 0.5  # of its amounts in a linking row that a block may use more or less where it has no whole point otherwise
BATCH = 16  # blocks that are solved on the same leftovers, so that their order does not depend on threads


@dataclass(frozen=True, eq=False)
class Block:
    columns: Ints
    local: Ints
    linking: Ints
    local_part: sparse.csr_matrix
    linking_part: sparse.csr_matrix


def settle(problem: Problem, x: Floats, dual: Floats, low: Floats, high: Floats, *, seed: int, workers: int,
           gap: float = 1e-4, nodes: int = 400) -> tuple[Floats, list[int]]:
    """Whole values for the integers of all blocks that are not whole at ``x``.

    Parameters
    ----------
    x, dual : the relaxed point and its duals
    low, high : column bounds (those already settled are held by equal bounds)

    Returns
    -------
    x : the new point; blocks that could not be settled are as before
    unsettled : their numbers
    """
    p = problem.program
    x = x.copy()
    whole = ~p.integer | (np.abs(x - np.round(x)) <= WHOLE)
    todo = np.unique(p.col_block[~whole])
    todo = todo[todo >= 0]
    np.random.default_rng(seed).shuffle(todo)
    blocks = _cut(problem, todo)
    cost = problem.priced(dual, problem.linking)
    activity = p.activity(x)
    above = np.where(p.row_upper - activity > WHOLE, p.row_upper - activity, 0.0)
    below = np.where(activity - p.row_lower > WHOLE, activity - p.row_lower, 0.0)
    unsettled: list[int] = []
    with ThreadPoolExecutor(workers) as pool:
        for first in range(0, len(todo), BATCH):
            batch = [int(b) for b in todo[first : first + BATCH]]
            share = 1.0 / len(batch)  # leftovers are divided, so that blocks side by side cannot both take them
            answers = pool.map(
                lambda b, share=share: _solved(problem, blocks[b], x, cost, low, high, above * share, below * share,
                                               gap, nodes, seed), batch)
            for b, answer in zip(batch, list(answers), strict=True):
                if answer is None:  # let its amounts move; the linear program afterwards spreads them anew, if it can
                    loose = _amounts(problem, blocks[b], x) * LOOSE
                    answer = _solved(problem, blocks[b], x, cost, low, high, above * share + loose, below * share + loose,
                                     gap, nodes, seed)
                if answer is None:
                    unsettled.append(b)
                    continue
                _take(problem, blocks[b], x, answer.x, above, below)
    return x, unsettled


def _cut(problem: Problem, wanted: Ints) -> dict[int, Block]:
    p = problem.program
    columns = problem.members(p.col_block, np.ones(p.n_columns, bool))
    rows = problem.members(p.row_block, np.ones(p.n_rows, bool))
    linking = np.flatnonzero(problem.linking)
    slab = problem.rows[linking].tocsc()
    out = {}
    for b in wanted:
        part = slab[:, columns[b]].tocsr()
        touched = np.flatnonzero(np.diff(part.indptr) > 0)
        out[int(b)] = Block(columns[b], rows[b], linking[touched], problem.rows[rows[b]][:, columns[b]], part[touched])
    return out


def _solved(problem: Problem, block: Block, x: Floats, cost: Floats, low: Floats, high: Floats, above: Floats,
            below: Floats, gap: float, nodes: int, seed: int) -> Answer | None:
    p = problem.program
    used = block.linking_part @ x[block.columns]
    row_lower = np.concatenate([p.row_lower[block.local], used - below[block.linking]])
    row_upper = np.concatenate([p.row_upper[block.local], used + above[block.linking]])
    matrix = sparse.vstack([block.local_part, block.linking_part], format="csc")
    at = block.columns
    piece = Piece(cost[at], matrix, row_lower, row_upper, low[at], high[at], p.integer[at], seed=seed)
    return piece.solve(gap=gap, nodes=nodes)


def _amounts(problem: Problem, block: Block, x: Floats) -> Floats:
    """What the continuous columns of a block move in each linking row, in absolute value."""
    continuous = np.where(problem.program.integer[block.columns], 0.0, np.abs(x[block.columns]))
    out = np.zeros(problem.program.n_rows)
    out[block.linking] = abs(block.linking_part) @ continuous
    return out


def _take(problem: Problem, block: Block, x: Floats, new: Floats, above: Floats, below: Floats) -> None:
    """Put a block's point in and book what it uses more or less of the linking rows."""
    at = block.columns
    new = np.where(problem.program.integer[at], np.round(new), new)
    more = block.linking_part @ (new - x[at])
    above[block.linking] = np.maximum(above[block.linking] - more, 0.0)
    below[block.linking] = np.maximum(below[block.linking] + more, 0.0)
    x[at] = new
