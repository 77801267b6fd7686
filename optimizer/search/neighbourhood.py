"""Large-neighbourhood search: free some related blocks, hold the rest, solve that exactly, keep what is better.

Source: Shaw, "Using constraint programming and local search methods to solve vehicle routing problems" (CP 1998), with
relatedness read off the linking rows. Two neighbourhoods that share no row are solved side by side. Every step is
limited by nodes and chosen by a seeded generator, so a search can be repeated exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.engine.piece import Answer, Piece
from optimizer.engine.program import Bools, Floats, Ints
from optimizer.search.master import Master

NARROW = 40  # blocks of a linking row within which one block's integers may hang on another's
WIDE = 400  # linking rows over more blocks than this say nothing about who is related to whom


@dataclass(eq=False)
class Neighbourhoods:
    """Large-neighbourhood search on a master problem.

    ``size`` blocks are freed at a time; ``gap`` and ``nodes`` limit each solve. ``ideal``: a relaxed point; blocks that
    fall furthest behind it are looked at most.
    """

    master: Master
    seed: int
    ideal: Floats | None = None
    size: int = 18
    gap: float = 1e-3
    nodes: int = 1
    workers: int = 2

    def __post_init__(self) -> None:
        m = self.master
        self.by_column = m.by_column
        self.n_blocks = int(m.block.max(initial=-1)) + 1
        entry_row = np.repeat(np.arange(m.rows.shape[0]), np.diff(m.rows.indptr))
        block = m.block[m.rows.indices]
        pattern = sparse.csr_matrix((np.ones(len(block)), (entry_row, np.maximum(block, 0))),
                                    shape=(m.rows.shape[0], max(self.n_blocks, 1)))
        pattern.data[:] = 1.0
        breadth = np.asarray(pattern.sum(axis=1)).ravel()
        self.links = np.flatnonzero((breadth > 1) & (breadth <= WIDE))
        self.could_use = sparse.csr_matrix(pattern[self.links].multiply(1.0 / breadth[self.links][:, None]))
        self.active = np.unique(m.block[m.integer & (m.col_upper > m.col_lower) & (m.block >= 0)])
        self.random = np.random.default_rng(self.seed)
        self.wished = None if self.ideal is None else self._by_block(self.ideal)

    def _by_block(self, x: Floats) -> Floats:
        """Value of each block at ``x``."""
        m = self.master
        inside = m.block >= 0
        return np.asarray(np.bincount(m.block[inside], weights=(m.cost * x)[inside], minlength=self.n_blocks), float)

    def _weights(self, x: Floats, blocks: Ints) -> Floats:
        """Chances of the blocks to be the seed of a neighbourhood."""
        if self.wished is None:
            return np.full(len(blocks), 1.0 / len(blocks))
        behind = np.maximum(self.wished - self._by_block(x), 0.0)[blocks]
        behind = behind + max(float(behind.mean()), 1e-9) * 0.2
        return np.asarray(behind / behind.sum())

    def improve(self, x: Floats, *, rounds: int, enough: Callable[[float], bool], stop: Callable[[], bool]) -> Floats:
        """Improve a feasible point for some rounds, or until ``enough`` (of the value) or ``stop``."""
        x = x.copy()
        with ThreadPoolExecutor(self.workers) as pool:
            for _ in range(rounds):
                if stop() or enough(self.master.value(x)):
                    break
                free = self._disjoint(x)
                before = x.copy()  # all of a round start from the same point, however long each takes
                answers = list(pool.map(lambda blocks, at=before: self._solved(at, blocks), free))
                for columns, answer in answers:
                    self._adopt(x, columns, answer)
        return x

    def _disjoint(self, x: Floats) -> list[Bools]:
        """A neighbourhood for each worker, no block in two of them."""
        used = self._in_use(x)
        taken = np.zeros(self.n_blocks, bool)
        out = []
        for _ in range(self.workers):
            open_blocks = self.active[~taken[self.active]]
            if not len(open_blocks):
                break
            seed = int(self.random.choice(open_blocks, p=self._weights(x, open_blocks)))
            chosen = self._related(seed, used, taken)
            taken |= chosen
            out.append(chosen)
        return out

    def _in_use(self, x: Floats) -> sparse.csr_matrix:
        """Which block uses which linking row at ``x``."""
        m = self.master
        at = np.flatnonzero((x > 1e-6) & m.integer & (m.block >= 0))
        slab = self.by_column[:, at].tocsr()[self.links].tocoo()
        return sparse.csr_matrix((np.ones(slab.nnz), (slab.row, m.block[at][slab.col])),
                                shape=(len(self.links), self.n_blocks))

    def _related(self, seed: int, used: sparse.csr_matrix, taken: Bools) -> Bools:
        """The seed and the blocks that could take its place in a row, or whose place it could take."""
        could, uses = self.could_use[:, [seed]], used[:, [seed]]
        score = np.asarray((could.T @ used).todense()).ravel() + np.asarray((uses.T @ self.could_use).todense()).ravel()
        score = score * np.sqrt(self.random.random(self.n_blocks))
        score[taken] = 0.0
        score[seed] = np.inf
        best = np.argsort(-score, kind="stable")[: self.size]
        chosen = np.zeros(self.n_blocks, bool)
        chosen[best[score[best] > 0]] = True
        return chosen

    def solved_around(self, x: Floats, block: int) -> tuple[Ints, Answer | None]:
        """The best for a block and those that share a linking row of at most `NARROW` blocks with it, the rest held."""
        rows = self.could_use[:, [block]].nonzero()[0]
        rows = rows[np.diff(self.could_use.indptr)[rows] <= NARROW]
        blocks = np.zeros(self.n_blocks, bool)
        blocks[block] = True
        blocks[np.unique(self.could_use[rows].indices)] = True
        return self._solved(x, blocks, begin=False)

    def _solved(self, x: Floats, blocks: Bools, begin: bool = True) -> tuple[Ints, Answer | None]:
        """The best the freed blocks can do while everything else stands still."""
        m = self.master
        columns = np.flatnonzero(np.append(blocks, False)[m.block])
        slab = self.by_column[:, columns]
        rows = np.unique(slab.indices)
        part = slab.tocsr()[rows]
        others = m.rows[rows] @ x - part @ x[columns]
        piece = Piece(m.cost[columns], part.tocsc(), m.row_lower[rows] - others, m.row_upper[rows] - others,
                      m.col_lower[columns], m.col_upper[columns], m.integer[columns], seed=self.seed)
        if begin:
            piece.start_from(x[columns])
        return columns, piece.solve(gap=self.gap, nodes=self.nodes)

    def _adopt(self, x: Floats, columns: Ints, answer: Answer | None) -> None:
        """Take an answer over if it is better and still fits beside what was taken over before."""
        m = self.master
        if answer is None or answer.value <= float(m.cost[columns] @ x[columns]) + 1e-7:
            return
        new = np.where(m.integer[columns], np.round(answer.x), answer.x)
        before = x[columns].copy()
        x[columns] = new
        rows = np.unique(self.by_column[:, columns].indices)
        activity = m.rows[rows] @ x
        room = 1e-6 * np.maximum(1.0, np.abs(activity))
        if (activity > m.row_upper[rows] + room).any() or (activity < m.row_lower[rows] - room).any():
            x[columns] = before
