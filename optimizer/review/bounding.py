"""What a change of pairs can bring at most, from prices alone: who need not be looked at.

By weak duality no plan after a change is worth more than the optimum and the reduced costs of what changes. A donor's
money is not priced but kept: what it gives is worth its counties' own prices, dearest first, as far as it has money. So a
small donor cannot take a large one's place, however dear its money would be elsewhere. Whole decisions other than pairs
are held as they are.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from optimizer.review.around import Move
from optimizer.review.moves import NEAR, Moves
from optimizer.review.standing import Standing

Item = TypeVar("Item")


class Bounds:
    """Upper bounds of what moves bring, in units of ``cost``."""

    def __init__(self, at: Standing, moves: Moves) -> None:
        self.at, self.moves = at, moves
        problem, p = at.problem, at.problem.program
        reduced = problem.cost - problem.columns.T @ at.dual
        self._own = reduced[at.pairs]
        rows = p.rows_of("donor_money").index.to_numpy(dtype=np.int64)
        self._limit = {int(row): float(p.row_upper[row]) for row in rows}
        part = problem.rows[rows].tocoo()
        self._row = dict(zip(part.col.tolist(), rows[part.row].tolist(), strict=True))
        self._columns: dict[int, list[int]] = {}
        for column in np.flatnonzero(moves.pair_of >= 0).tolist():
            self._columns.setdefault(int(moves.pair_of[column]), []).append(column)
        self._worth = reduced.copy()  # of a unit of a column, its donor's money not priced
        for column, row in self._row.items():
            self._worth[column] += at.dual[row]
        self._most, self._x = p.col_upper, at.x
        fixed = np.flatnonzero((np.diff(problem.rows.indptr) > 0) & (abs(problem.rows).sign() @ at.movable.astype(float) == 0))
        self._fixed = problem.rows[fixed][:, at.pairs].tocsc()
        self._below, self._above = p.row_lower[fixed] - at.activity[fixed], p.row_upper[fixed] - at.activity[fixed]

    def of(self, move: Move) -> float:
        """The most that a move can bring; ∞ where whole decisions that are held stand against it: others must be looked for."""
        if self._breaks(move):
            return np.inf
        gain = float(self._own[list(move.on)].sum() - self._own[list(move.off)].sum())
        rows: set[int] = set()
        for k in (*move.off, *move.on):
            for column in self._columns.get(k, []):
                row = self._row.get(column)
                if row is None:  # nobody's money: the column alone
                    gain += max(0.0, float(self._worth[column] * self._most[column])) if k in move.on else 0.0
                    gain -= float(self._worth[column] * self._x[column]) if k in move.off else 0.0
                else:
                    rows.add(row)
        return gain + sum(self._given(row, move) for row in rows)

    def _breaks(self, move: Move) -> bool:
        """Whether a row in which nothing but pairs can move, such as a project's need of a donor with its sector, is broken."""
        change: dict[int, float] = {}
        for pairs, sign in ((move.off, -1.0), (move.on, 1.0)):
            for k in pairs:
                part = slice(self._fixed.indptr[k], self._fixed.indptr[k + 1])
                for row, entry in zip(self._fixed.indices[part].tolist(), self._fixed.data[part].tolist(), strict=True):
                    change[row] = change.get(row, 0.0) + sign * entry
        return any(by and not self._below[row] - NEAR <= by <= self._above[row] + NEAR for row, by in change.items())

    def _given(self, row: int, move: Move) -> float:
        """What a donor's money in a period can be worth after a move, less what it is worth now."""
        donor = self.moves.donor[self._pair(row)]
        now = self.moves.of_donor.get(donor, [])
        after = [*(k for k in now if k not in move.off), *(k for k in move.on if self.moves.donor[k] == donor)]
        before = sum(float(self._worth[c] * self._x[c]) for k in now for c in self._columns.get(k, []) if self._row.get(c) == row)
        left, worth = self._limit[row], 0.0
        columns = [c for k in after for c in self._columns.get(k, []) if self._row.get(c) == row]
        for column in sorted(columns, key=lambda c: -self._worth[c]):
            if self._worth[column] <= 0 or left <= 0:
                break
            amount = min(left, float(self._most[column]))
            worth, left = worth + amount * float(self._worth[column]), left - amount
        return worth - before

    def _pair(self, row: int) -> int:
        """A pair of the donor whose money a row counts."""
        part = slice(self.at.problem.rows.indptr[row], self.at.problem.rows.indptr[row + 1])
        return int(next(self.moves.pair_of[c] for c in self.at.problem.rows.indices[part] if self.moves.pair_of[c] >= 0))


def foremost(
    bounded: Iterable[tuple[float, Item]], value: Callable[[Item], float], count: int, least: float = -np.inf,
) -> list[tuple[float, Item]]:
    """The ``count`` items of greatest value, greatest first; only those are valued whose bound says that they can be among them.

    Parameters
    ----------
    bounded : each item with an upper bound of its value
    least : items worth no more are left out
    """
    found: list[tuple[float, int, Item]] = []
    ordered = sorted(enumerate(bounded), key=lambda each: (-each[1][0], each[0]))
    for number, (bound, item) in ordered:
        if bound <= least or (len(found) >= count and bound <= -found[count - 1][0]):
            break
        worth = value(item)
        if worth > least:
            insort(found, (-worth, number, item), key=lambda each: each[:2])
    return [(-worth, item) for worth, _, item in found[:count]]


__all__ = ["Bounds", "foremost"]
