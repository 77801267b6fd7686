"""Candidates of a block that another one can always replace.

Two candidates that stand in the same rows of their block with the same coefficients differ only in what they cost at
the prices of linking rows and in how much they can bring. Where a block takes at most n candidates, one that n others
match or better in every respect is never needed: if it is used, one of those is not, and can take its place.
"""

from __future__ import annotations

import numpy as np

from optimizer.engine.program import Floats, Ints
from optimizer.search.candidates import Candidates
from optimizer.search.problem import Problem


class Dominance:
    """Which candidates of a block are needed, at priced costs."""

    def __init__(self, problem: Problem, candidates: Candidates, cost: Floats) -> None:
        self.problem, self.candidates, self.cost = problem, candidates, cost
        p = problem.program
        members = np.flatnonzero(candidates.of_column >= 0)
        members = members[np.argsort(candidates.of_column[members], kind="stable")]
        self.columns_of = np.split(members, np.searchsorted(candidates.of_column[members], np.arange(1, len(candidates))))
        self.local = p.row_block >= 0

    def needed(self, own: Ints) -> Ints:
        """Those of ``own`` that fewer than n others match or better, n being how many the block may take at most."""
        most = self._at_most(own)
        if not np.isfinite(most) or len(own) <= most:
            return own
        groups: dict[object, list[int]] = {}
        for candidate in own:
            groups.setdefault(self._pattern(int(candidate)), []).append(int(candidate))
        kept = [self._front(np.asarray(group), int(most)) for group in groups.values()]
        return np.sort(np.concatenate(kept))

    def _at_most(self, own: Ints) -> float:
        """How many of the candidates the block may take: the limit of a row of its own over all their switches."""
        matrix, p = self.problem.columns, self.problem.program
        switches = self.candidates.switch[own]
        counts: dict[int, int] = {}
        for column in switches:
            for at in range(matrix.indptr[column], matrix.indptr[column + 1]):
                row = int(matrix.indices[at])
                if self.local[row] and matrix.data[at] >= 1.0:
                    counts[row] = counts.get(row, 0) + 1
        limits = [p.row_upper[row] for row, count in counts.items() if count == len(own)]
        return float(np.floor(min(limits, default=np.inf)))

    def _pattern(self, candidate: int) -> object:
        """The entries of a candidate's columns in rows it shares inside its block, and whether it is of the plain kind.

        Plain: each switched column has one row of its own, which ties it to the switch by its bound.
        """
        matrix, p = self.problem.columns, self.problem.program
        columns = self.columns_of[candidate]
        shared: list[tuple[int, int, float]] = []
        owned = 0
        for n, column in enumerate(columns):
            for at in range(matrix.indptr[column], matrix.indptr[column + 1]):
                row = int(matrix.indices[at])
                if self.candidates.of_row[row] == candidate:
                    owned += 1
                elif self.local[row]:
                    shared.append((n, row, float(matrix.data[at])))
        switched = len(columns) - 1
        switch = self.candidates.switch[candidate]
        plain = owned == 2 * switched and p.col_lower[switch] == 0 and p.col_upper[switch] == 1
        return (len(columns), tuple(shared)) if plain else candidate

    def _front(self, group: Ints, most: int) -> Ints:
        """Members of a group that fewer than ``most`` others match or better; ties are settled by position."""
        if len(group) <= most:
            return group
        values = np.array([self._values(int(candidate)) for candidate in group])
        better = (values[None, :, :] >= values[:, None, :]).all(axis=2)
        same = (values[None, :, :] == values[:, None, :]).all(axis=2)
        position = np.arange(len(group))
        better &= ~same | (position[None, :] < position[:, None])
        np.fill_diagonal(better, False)
        kept: Ints = group[better.sum(axis=1) < most]
        return kept

    def _values(self, candidate: int) -> Floats:
        """Priced costs of the candidate's columns and what the switched ones can bring at most."""
        columns = self.columns_of[candidate]
        return np.concatenate([self.cost[columns], self.problem.program.col_upper[columns]])
