"""The linear relaxation, over a short list of candidates priced against the rest; it gives bound and prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.engine.outcome import Status
from optimizer.engine.program import Bools, Floats, Linear
from optimizer.engine.session import RawResult, Session
from optimizer.search.candidates import Candidates, best_of, shortlist
from optimizer.search.problem import Problem

SHORT = 6  # candidates of each block and linking row to begin with
ROUNDS = 40
ENTER = 4  # candidates of each block that enter in one round
LOOSE = 1e-7  # a promise below this share of the value adds nothing that the certificate does not count


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Optimum of the relaxation. ``bound`` holds for every candidate; ``x`` and ``dual`` are full length."""

    status: Status
    x: Floats
    dual: Floats
    value: float
    bound: float
    listed: Bools
    rounds: int


def relax(problem: Problem, candidates: Candidates, run: Run, seed: int, threads: int = 1) -> Relaxation | RawResult:
    """Solve the relaxation; a RawResult comes back where there is no optimum to speak of.

    ``bound`` = value + Σ of the promises left out, which is zero once nothing left out could enter.
    """
    p = problem.program
    listed = np.ones(len(candidates), bool)
    if len(candidates) > 2 * SHORT * max(problem.n_blocks, 1):
        listed = shortlist(problem, candidates, SHORT, seed)
    loaded = _Loaded(problem, candidates, listed, threads, seed)
    for rounds in range(1, ROUNDS + 1):
        result = run(loaded.session, rounds)
        if result.status is Status.INFEASIBLE and not loaded.listed.all():
            wider = shortlist(problem, candidates, SHORT * 8**rounds, seed)
            loaded = _Loaded(problem, candidates, wider, threads, seed)
            continue
        if result.x is None or result.row_dual is None:
            return result
        x, dual = np.zeros(p.n_columns), np.zeros(p.n_rows)
        x[loaded.columns], dual[loaded.rows] = result.x, result.row_dual
        promise = candidates.promise(problem, problem.priced(dual, np.ones(p.n_rows, bool)))
        promise = np.where(loaded.listed, 0.0, np.maximum(promise, 0.0))
        value = float(problem.cost @ x)
        if promise.sum() <= LOOSE * max(abs(value), 1.0) or rounds == ROUNDS:
            break
        loaded.add(best_of(promise, candidates.block, ENTER) & (promise > 0))
    return Relaxation(Status.OPTIMAL, x, dual, value, value + float(promise.sum()), loaded.listed, rounds)


class _Loaded:
    """The relaxation over the listed candidates, loaded once and extended as candidates enter."""

    def __init__(self, problem: Problem, candidates: Candidates, listed: Bools, threads: int, seed: int) -> None:
        self.problem, self.candidates, self.listed = problem, candidates, listed.copy()
        part, self.columns, self.rows = problem.program.restricted(candidates.columns(listed), candidates.rows(listed))
        part = part.with_criteria({"search": Linear("max", problem.cost[self.columns])})
        self.session = Session(part, "search", threads=threads, seed=seed)

    def add(self, new: Bools) -> None:
        """Put candidates in: their columns, then the rows that are theirs alone."""
        p = self.problem.program
        self.listed |= new
        columns = np.flatnonzero(self.candidates.columns(new) & (self.candidates.of_column >= 0))
        rows = np.flatnonzero(self.candidates.rows(new) & (self.candidates.of_row >= 0))
        slab = self.problem.columns[:, columns].tocsr()
        self.session.add_columns(slab[self.rows], self.problem.cost[columns], p.col_lower[columns], p.col_upper[columns],
                                 p.integer[columns])
        self.columns = np.concatenate([self.columns, columns])
        self.session.add_rows(self.problem.rows[rows][:, self.columns], p.row_lower[rows], p.row_upper[rows])
        self.rows = np.concatenate([self.rows, rows])


Run = Callable[[Session, int], RawResult]
