"""Candidates: switches of stage 1 with what they switch, most of which a good point never uses.

A linear program over a short list of them, priced against the rest until nothing left out could enter, has the same
optimum as the whole and a certificate for it (delayed column generation, Dantzig & Wolfe 1960).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.engine.program import Bools, Floats, Ints
from optimizer.search.problem import Problem

FEW = 500  # a linking row with a least amount over at most this many candidates has all of them listed


@dataclass(frozen=True, eq=False)
class Candidates:
    """``of_column``, ``of_row``: the candidate that owns a column or a row (-1: none, it is always there)."""

    switch: Ints
    of_column: Ints
    of_row: Ints
    block: Ints

    @classmethod
    def of(cls, problem: Problem) -> Candidates:
        """The candidates of a problem: each integer column of stage 1 with the columns it switches."""
        p = problem.program
        switch = np.flatnonzero(p.col_stage == 1)
        number = np.full(p.n_columns, -1)
        number[switch] = np.arange(len(switch))
        of_column = number.copy()
        switched = np.flatnonzero(p.switch >= 0)
        of_column[switched] = number[p.switch[switched]]
        owner = of_column[problem.rows.indices]
        low, high = np.full(p.n_rows, len(switch) + 1), np.full(p.n_rows, -1)
        np.minimum.at(low, problem.entry_row, owner)
        np.maximum.at(high, problem.entry_row, owner)
        return cls(switch, of_column, np.where((low == high) & (low >= 0), low, -1), p.col_block[switch])

    def __len__(self) -> int:
        return len(self.switch)

    def columns(self, listed: Bools) -> Bools:
        """Columns that are there when only the ``listed`` candidates are."""
        return np.append(listed, True)[self.of_column]

    def rows(self, listed: Bools) -> Bools:
        return np.append(listed, True)[self.of_row]

    def promise(self, problem: Problem, reduced: Floats) -> Floats:
        """What one unit of each candidate could add at reduced costs: its switch plus the best of what it switches.

        Between 0 and its bound a switched column is worth at most max(0, reduced·bound).
        """
        p = problem.program
        gain = reduced[self.switch].copy()
        switched = np.flatnonzero((p.switch >= 0) & (self.of_column >= 0))
        top = np.where(np.isfinite(p.col_upper[switched]), p.col_upper[switched], 0.0)
        np.add.at(gain, self.of_column[switched], np.maximum(reduced[switched] * top, 0.0))
        return gain

    def reach(self, problem: Problem) -> Floats:
        """Sum of the bounds of what each candidate switches: a first guess at how much it could matter."""
        p = problem.program
        out = np.zeros(len(self))
        switched = np.flatnonzero((p.switch >= 0) & (self.of_column >= 0))
        np.add.at(out, self.of_column[switched], np.where(np.isfinite(p.col_upper[switched]), p.col_upper[switched], 0.0))
        return out


def shortlist(problem: Problem, candidates: Candidates, size: int, seed: int) -> Bools:
    """The ``size`` candidates of widest reach in each block and in each linking row, and all that a row may need."""
    p = problem.program
    score = candidates.reach(problem) * (1 + 1e-3 * np.random.default_rng(seed).random(len(candidates)))
    listed = best_of(score, candidates.block, size)
    own = problem.columns[:, candidates.switch].tocsr()
    for row in np.flatnonzero(problem.linking & (np.diff(own.indptr) > 0)):
        members = own.indices[own.indptr[row] : own.indptr[row + 1]]
        needed = len(members) <= FEW and np.isfinite(p.row_lower[row])
        listed[members if needed else members[np.argsort(-score[members], kind="stable")[:size]]] = True
    return listed | (p.col_lower[candidates.switch] > 0)


def best_of(score: Floats, group: Ints, size: int) -> Bools:
    """The ``size`` best of each group."""
    order = np.lexsort((-score, group))
    sorted_group = group[order]
    start = np.flatnonzero(np.concatenate([[True], sorted_group[1:] != sorted_group[:-1]])) if len(order) else np.empty(0, int)
    rank = np.arange(len(order)) - np.repeat(start, np.diff(np.append(start, len(order))))
    out = np.zeros(len(score), bool)
    out[order[rank < size]] = True
    return out
