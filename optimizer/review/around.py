"""Small programs around a few counties, the rest of the plan standing still: what a change of partners is worth.

A change of pairs touches a few blocks (counties). Two programs over these blocks hold its worth between them:

- *priced*: rows shared with the rest are priced at the optimum's duals. By weak duality no plan that differs in these
  blocks' whole decisions alone is worth more (Geoffrion, "Lagrangean relaxation for integer programming", 1974). Rows that
  nobody else can move in, such as a donor's money, stay as they are.
- *kept*: rows shared with the rest leave these blocks, and some neighbours that can give way, what they have now. Its
  optimum with the rest of the plan is a whole plan, so worth no more than the best.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from optimizer.engine.piece import Piece
from optimizer.engine.program import Bools, Floats, Ints
from optimizer.review.standing import SLIP, Standing

FEW, MANY = 25, 160  # blocks up to which a shared row takes all of them into a small program, and into one that tightens a bound
NODES, EXACTLY = 500, 1e-7  # of a small integer program
REPRICED = 1e-6  # by which a price is another


@dataclass(frozen=True)
class Move:
    """A change of pairs: numbers of those that end and those that begin, each in the order of ``Standing.pairs``."""

    off: tuple[int, ...] = ()
    on: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Local:
    """What came of a small program, in units of ``cost``.

    Attributes
    ----------
    gain : value of the point found less that of the optimum; −∞ without one
    bound : proved upper bound of that
    columns, values : columns that have (or may have) other values now, and these
    repriced : shared rows whose price is another now, where a linear program says so
    """

    gain: float
    bound: float
    columns: Ints
    values: Floats
    repriced: Ints = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(eq=False)
class Around:
    """Small programs around moves; one process may use it at a time."""

    at: Standing
    _low: Floats = field(init=False, repr=False)
    _high: Floats = field(init=False, repr=False)
    _inside: Bools = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._low, self._high = self.at.low.copy(), self.at.high.copy()
        self._inside = np.zeros(self.at.problem.n_blocks + 1, bool)
        p = self.at.problem.program
        self._is_pair = np.zeros(p.n_columns, bool)
        self._is_pair[self.at.pairs] = True
        linking = np.flatnonzero(self.at.problem.linking & (np.abs(self.at.dual) > 0))
        self._slack = self._interior(linking)
        self._kin = self._kin_of()

    def _interior(self, linking: Ints) -> dict[int, Ints]:
        """For each shared row that has a price, its blocks by how many columns they can move in it, most first."""
        at, p = self.at, self.at.problem.program
        margin = SLIP * np.maximum(1.0, np.abs(at.x))
        free = at.movable & (at.x > at.low + margin) & (at.x < at.high - margin)
        out = {}
        for row in linking.tolist():
            columns = at.problem.rows.indices[at.problem.rows.indptr[row] : at.problem.rows.indptr[row + 1]]
            blocks = p.col_block[columns[free[columns]]]
            names, counts = np.unique(blocks[blocks >= 0], return_counts=True)
            out[row] = names[np.argsort(-counts, kind="stable")]
        return out

    def _kin_of(self) -> sparse.csr_matrix:
        """Blocks that share a row of few, such as the counties of one donor."""
        of = self.at.blocks_of_row
        few = of[np.flatnonzero((np.diff(of.indptr) > 1) & (np.diff(of.indptr) <= FEW))].sign()
        return sparse.csr_matrix(few.T @ few)

    # -- which counties ---------------------------------------------------------------------------------------------

    def moved(self, move: Move) -> Ints:
        """The blocks whose pairs change."""
        return np.unique(self.at.problem.program.col_block[self.at.pairs[list(move.off + move.on)]])

    def touched(self, move: Move) -> Ints:
        """The moved blocks and those that share a row of few with what the pairs switch: a donor's other counties."""
        return self._sharing(self.moved(move), move)

    def _sharing(self, moved: Ints, move: Move, *, kin: bool = True) -> Ints:
        """``kin``: with those that share a row of few with them, whose prices would move."""
        at = self.at
        switches = at.pairs[list(move.off + move.on)]
        blocks = {int(block) for block in moved}
        for block in moved:
            columns = at.columns[block]
            columns = columns[np.isin(at.problem.program.switch[columns], switches)]
            for row in np.unique(at.problem.columns[:, columns].indices):
                own = at.blocks_of_row.indices[at.blocks_of_row.indptr[row] : at.blocks_of_row.indptr[row + 1]]
                if len(own) <= FEW:
                    blocks.update(own.tolist())
        if kin:
            for block in sorted(blocks):
                blocks.update(self._kin.indices[self._kin.indptr[block] : self._kin.indptr[block + 1]].tolist())
        blocks.discard(at.problem.n_blocks)
        return np.array(sorted(blocks), dtype=np.int64)

    def neighbours(self, blocks: Ints, count: int) -> Ints:
        """The blocks with ``count`` others for each shared row that has a price: those that can move most in it."""
        at = self.at
        columns = np.concatenate([at.columns[block] for block in blocks])
        rows = np.unique(at.problem.columns[:, columns].indices)
        extra = [self._slack[row][:count] for row in rows.tolist() if row in self._slack]
        return np.unique(np.concatenate([blocks, *extra])).astype(np.int64)

    # -- small programs ---------------------------------------------------------------------------------------------

    def estimate(self, move: Move) -> float:
        """About what a move brings: as `priced`, with the moved blocks' own whole decisions held where they can be."""
        with self._set(move, None, held=True) as moved:
            gain = self._solved(self._sharing(moved, move, kin=False), priced=True, relaxed=True).gain
        return gain if np.isfinite(gain) else self.priced(move, relaxed=True).bound

    def priced(self, move: Move, *, relaxed: bool = False, rows: Ints | None = None, gap: float = EXACTLY) -> Local:
        """The most that a move can bring: whole decisions of the moved blocks chosen anew, shared rows priced.

        ``rows``: shared rows whose blocks all stand in the program, as far as they are not too many, so that no price of
        theirs is needed.
        """
        with self._set(move, None) as moved:
            blocks = self._sharing(moved, move)
            return self._solved(blocks if rows is None else self.with_all(blocks, rows), priced=True, relaxed=relaxed, gap=gap)

    def with_all(self, blocks: Ints, rows: Ints) -> Ints:
        """The blocks with all that share these rows, rows of fewest blocks first, as far as they are not too many."""
        of = self.at.blocks_of_row
        for row in sorted(rows.tolist(), key=lambda row: int(of.indptr[row + 1] - of.indptr[row])):
            more = np.union1d(blocks, of.indices[of.indptr[row] : of.indptr[row + 1]])
            if len(more) > MANY:
                break
            blocks = more
        return blocks[blocks < self.at.problem.n_blocks]

    def kept(self, move: Move, whole: Local | None, blocks: Ints) -> Local:
        """The best plan after a move in which nothing changes but what these blocks do.

        ``whole``: whole decisions of the moved blocks as an earlier program chose them; None: chosen anew.
        """
        with self._set(move, whole):
            return self._solved(blocks, priced=False, relaxed=False)

    @contextmanager
    def _set(self, move: Move, whole: Local | None, *, held: bool = False) -> Iterator[Ints]:
        """Bounds under a move for a while; ``held``: the moved blocks' whole decisions stay as they are."""
        at, moved = self.at, self.moved(move)
        columns = np.concatenate([at.columns[block] for block in moved])
        free = columns[at.whole[columns] & ~self._is_pair[columns]]
        off, on = at.pairs[list(move.off)], at.pairs[list(move.on)]
        if not held:
            self._low[free], self._high[free] = at.open_low[free], at.open_high[free]
        self._low[off] = self._high[off] = 0.0
        self._low[on] = self._high[on] = 1.0
        if whole is not None:
            known = np.isin(whole.columns, free)
            values = np.round(whole.values[known])
            self._low[whole.columns[known]] = self._high[whole.columns[known]] = values
        try:
            yield moved
        finally:
            back = np.concatenate([free, off, on])
            self._low[back], self._high[back] = at.low[back], at.high[back]

    def _solved(self, blocks: Ints, *, priced: bool, relaxed: bool, gap: float = EXACTLY) -> Local:
        at, p = self.at, self.at.problem.program
        loose = [] if priced else [at.loose]
        columns = np.concatenate([*(at.columns[block] for block in blocks), *loose])
        low, high, switch = self._low[columns], self._high[columns], p.switch[columns]
        off = (switch >= 0) & (self._high[switch] <= 0)
        can = (low < high) & ~off
        fixed = columns[~can]
        change = np.where(off, 0.0, low)[~can] - at.x[fixed]
        fixed, change = fixed[np.abs(change) > 0], change[np.abs(change) > 0]
        free = columns[can]
        part = at.problem.columns[:, free]
        aside = at.problem.columns[:, fixed]
        rows = np.unique(np.concatenate([part.indices, aside.indices]))
        shared = self._open(rows[at.problem.linking[rows]], blocks) if priced else rows[:0]
        cost, shift = at.problem.cost[free], float(at.problem.cost[fixed] @ change)
        if len(shared):
            price = np.zeros(p.n_rows)
            price[shared] = at.dual[shared]
            cost = cost - part.T @ price
            shift -= float((aside.T @ price) @ change)
            rows = np.setdiff1d(rows, shared, assume_unique=True)
        part, aside = _rows(part, rows), _rows(aside, rows)
        here = part @ at.x[free]
        rest = at.activity[rows] - here + aside @ change
        slip = SLIP * np.maximum(1.0, np.abs(at.activity[rows]))
        lower, upper = p.row_lower[rows] - rest, p.row_upper[rows] - rest
        untouched = np.diff(aside.tocsr().indptr) == 0
        lower = np.where(untouched & (lower > here) & (lower <= here + slip), here, lower)
        upper = np.where(untouched & (upper < here) & (upper >= here - slip), here, upper)
        values = np.concatenate([np.zeros(0), at.x[fixed] + change])
        empty = np.diff(part.tocsr().indptr) == 0
        if ((lower[empty] > slip[empty]) | (upper[empty] < -slip[empty])).any():
            return Local(-np.inf, -np.inf, fixed, values)
        base = shift - float(cost @ at.x[free])
        if not len(free):
            return Local(shift, shift, fixed, values)
        full = ~empty
        piece = _quick(Piece(cost, part[np.flatnonzero(full)].tocsc(), lower[full], upper[full], low[can], high[can],
                             None if relaxed else at.whole[free]))
        answer = piece.solve(gap=gap, nodes=NODES)
        bound = piece.proved() + base
        if answer is None:
            return Local(-np.inf, bound, fixed, values)
        repriced = np.empty(0, np.int64)
        if answer.row_dual is not None and not priced:
            own = rows[full]
            apart = np.abs(answer.row_dual - at.dual[own]) > REPRICED * np.maximum(1.0, np.abs(at.dual[own]))
            repriced = own[apart & at.problem.linking[own]]
        return Local(answer.value + base, max(bound, answer.value + base), np.concatenate([fixed, free]),
                     np.concatenate([values, answer.x]), repriced)

    def _open(self, rows: Ints, blocks: Ints) -> Ints:
        """Those of the shared rows in which other blocks than these can move."""
        self._inside[:] = False
        self._inside[blocks] = True
        of = self.at.blocks_of_row
        others = [not self._inside[of.indices[of.indptr[row] : of.indptr[row + 1]]].all() for row in rows.tolist()]
        return np.asarray(rows[np.array(others, dtype=bool)])


def _quick(piece: Piece) -> Piece:
    """A piece without what costs more than it saves in so small a program; its optimum is the same.

    Jumps for a first point take half the time of an integer one, presolve a quarter of that of a linear one.
    """
    name, value = ("mip_heuristic_run_feasibility_jump", False) if piece.whole else ("presolve", "off")
    piece.highs.setOptionValue(name, value)
    return piece


def _rows(part: sparse.csc_matrix, rows: Ints) -> sparse.csc_matrix:
    """These rows (ascending) of a matrix by columns; entries of others are dropped."""
    at = np.searchsorted(rows, part.indices)
    known = at < len(rows)
    known[known] = rows[at[known]] == part.indices[known]
    column = np.repeat(np.arange(part.shape[1]), np.diff(part.indptr))
    return sparse.csc_matrix((part.data[known], (at[known], column[known])), shape=(len(rows), part.shape[1]))
