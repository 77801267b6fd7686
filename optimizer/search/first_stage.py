"""The first stage: its relaxed master problem, which also prices what the linear relaxation left out, and its best point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.engine.piece import Answer, Piece
from optimizer.engine.program import Bools, Floats
from optimizer.search.candidates import Candidates, best_of
from optimizer.search.curves import first_tangents, value_curves
from optimizer.search.limits import Limits
from optimizer.search.master import Master, master_of
from optimizer.search.neighbourhood import Neighbourhoods
from optimizer.search.problem import Problem
from optimizer.search.relaxation import Relaxation

ENOUGH = 1e-3  # promises below this share of the master's value may stay out of it: prices are all that is asked of it
ENTER = 8  # candidates of each block that enter in one round


class FirstStage:
    """The first stage's master problem and the best point of it.

    ``relaxed`` is the relaxation with, where it was not exact, the rows of the first stage priced by the master over all
    candidates: the same bound for a fraction of the time.
    """

    def __init__(
        self, problem: Problem, candidates: Candidates, relaxed: Relaxation, start: Floats | None, limits: Limits
    ) -> None:
        self.problem, self.candidates, self.limits = problem, candidates, limits
        self.curves = value_curves(problem, relaxed.dual)
        self.cuts = first_tangents(problem, self.curves, relaxed.x)
        self.price = relaxed.dual  # of the rows that hold more than the first stage
        self._ideal: Answer | None = None
        self.relaxed = relaxed if relaxed.exact else self._priced(relaxed)
        listed = candidates.columns(self.relaxed.listed)
        self.kept = listed if start is None else listed | (start > 0.5)
        self.master = master_of(problem, self.cuts, self.price, self.kept)
        self.x: Floats = np.empty(0)
        self.turn = 0
        self.done = False

    def _priced(self, relaxed: Relaxation) -> Relaxation:
        """The relaxation with first-stage rows priced by the relaxed master, candidates entering until none could."""
        problem, p = self.problem, self.problem.program
        whole = master_of(problem, self.cuts, self.price, np.ones(p.n_columns, bool))
        listed = relaxed.listed.copy()
        gains = np.ones(len(whole.cost) - len(whole.columns), bool)
        while True:
            inside = np.append(self.candidates.columns(listed)[whole.columns], gains)
            answer = _relaxed(whole, inside)
            if answer is None or answer.row_dual is None:
                return relaxed
            reduced = np.zeros(p.n_columns)
            reduced[whole.columns] = (whole.cost - whole.rows.T @ answer.row_dual)[: len(whole.columns)]
            promise = np.where(listed, 0.0, np.maximum(self.candidates.promise(problem, reduced), 0.0))
            if promise.sum() <= ENOUGH * max(abs(answer.value), 1.0):
                break
            listed |= best_of(promise, self.candidates.block, ENTER) & (promise > 0)
        self._ideal = answer
        x, dual = relaxed.x.copy(), relaxed.dual.copy()
        at = np.flatnonzero(inside)
        at = at[at < len(whole.columns)]
        x[whole.columns] = 0.0
        x[whole.columns[at]] = answer.x[: len(at)]
        own = np.flatnonzero(problem.rows_with(problem.first) & ~problem.rows_with(~problem.first))
        dual[own] = answer.row_dual[: len(own)]
        return replace(relaxed, x=x, dual=dual, listed=listed)

    def begin(self, start: Floats | None) -> bool:
        """Find a feasible first stage: the start's, or the whole one closest to the relaxed point."""
        master = self.master
        top = self._ideal if self._ideal is not None and len(self._ideal.x) == len(master.cost) else None
        top = top or _relaxed(master, np.ones(len(master.cost), bool))
        point = self._given(start) if start is not None else None
        if point is None:
            closest = _closest(master, self.relaxed.x[master.columns[np.flatnonzero(master.integer)]])
            point = None if closest is None else master.with_integers(closest)
        if point is None:
            piece = Piece(master.cost, master.rows.tocsc(), master.row_lower, master.row_upper, master.col_lower,
                          master.col_upper, master.integer, seed=self.limits.seed)
            answer = piece.solve(gap=0.05, nodes=1000, seconds=self.limits.left / 3)
            point = None if answer is None else answer.x
        if point is None or top is None:
            return False
        self.x, self.ideal, self.top = point, top.x, top.value
        return True

    def _given(self, start: Floats) -> Floats | None:
        x = np.zeros(len(self.master.cost))
        x[: len(self.master.columns)] = np.round(start[self.master.columns])
        return self.master.with_integers(x)

    def improve(self, rounds: int, reserve: float = 0.0) -> None:
        """Neighbourhoods for some rounds; ``done`` once the master can offer next to nothing more."""
        hunt = Neighbourhoods(self.master, self.limits.seed + self.turn, self.ideal, workers=self.limits.threads)
        least = 0.02 * max(self.limits.gap, 1e-5) * max(abs(self.relaxed.bound), 1.0)
        self.x = hunt.improve(self.x, rounds=rounds, enough=lambda value: self.top - value <= least,
                              stop=lambda: self.limits.stop() or self.limits.left <= reserve)
        self.done = self.top - self.master.value(self.x) <= least
        self.turn += 1

    def values(self) -> Floats:
        """Values of all columns of the program: those of the first stage, zero elsewhere."""
        return self.master.expanded(self.x, self.problem.program.n_columns)

    def refresh(self) -> None:
        """Tangents at the point reached, so that the curves are exact where the search stands."""
        values = self.values()
        new = [cut for curve in self.curves if (cut := curve.tangent(values[curve.given])) is not None]
        self.cuts += new
        self.master = master_of(self.problem, self.cuts, self.price, self.kept)
        point = self.master.with_integers(self.x)
        if point is not None:
            self.x = point


def _relaxed(master: Master, inside: Bools) -> Answer | None:
    """The linear relaxation of a master over some of its columns."""
    rows = master.rows[:, np.flatnonzero(inside)] if not inside.all() else master.rows
    piece = Piece(master.cost[inside], rows.tocsc(), master.row_lower, master.row_upper, master.col_lower[inside],
                  master.col_upper[inside])
    return piece.solve_relaxed()


def _closest(master: Master, wanted: Floats) -> Floats | None:
    """The whole first stage that agrees most with the relaxed one, by the rows that hold nothing else."""
    whole = np.flatnonzero(master.integer)
    counts = np.diff(master.rows.indptr)
    integer_entries = np.bincount(np.repeat(np.arange(len(counts)), counts), weights=master.integer[master.rows.indices],
                                  minlength=len(counts))
    rows = np.flatnonzero((counts > 0) & (integer_entries == counts))
    piece = Piece(wanted, master.rows[rows][:, whole].tocsc(), master.row_lower[rows], master.row_upper[rows],
                  master.col_lower[whole], master.col_upper[whole], master.integer[whole])
    answer = piece.solve(gap=1e-3, nodes=200)
    if answer is None:
        return None
    x = np.zeros(len(master.cost))
    x[whole] = np.round(answer.x)
    return x
