"""The linear relaxation, over a short list of candidates priced against the rest; it gives bound and prices."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.engine.arrays import dot
from optimizer.engine.outcome import Status
from optimizer.engine.program import Bools, Floats, Ints, Linear
from optimizer.engine.session import Basis, RawResult, Session, method_for
from optimizer.search.candidates import Candidates, best_of, shortlist
from optimizer.search.problem import Problem

SHORT = 4  # candidates of each block and linking row to begin with
ROUNDS = 40
PRIMAL = 4  # HiGHS's number of the primal simplex method
MANY_ENTRIES = 20_000  # changed coefficients past which loading anew is quicker
ENTER = 4  # candidates of each block that enter in one round
ROUGH = 1e-3  # scaled residual up to which a relaxed point will do: it gives prices and a bound, not a plan
LOOSE, LOOSE_IF_LARGE = 1e-7, 1e-5  # promises below this share of the value in all may be left out: the bound counts them


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Optimum of the relaxation. ``bound`` holds for every candidate; ``x`` and ``dual`` are full length.

    ``exact``: nothing left out could enter, and ``x`` and ``dual`` are one optimum; otherwise they only come near.
    """

    status: Status
    x: Floats
    dual: Floats
    value: float
    bound: float
    listed: Bools
    rounds: int
    exact: bool = True


class Relaxer:
    """The relaxation of a problem, loaded once over a short list of candidates and solved warm after every change."""

    def __init__(self, problem: Problem, *, seed: int = 0, threads: int = 1) -> None:
        self.problem, self.candidates, self.seed, self.threads = problem, Candidates.of(problem), seed, threads
        listed = np.ones(len(self.candidates), bool)
        if len(self.candidates) > 2 * SHORT * max(problem.n_blocks, 1):
            listed = shortlist(problem, self.candidates, SHORT, seed)
        self._loaded = _Loaded(problem, self.candidates, listed, threads, seed)
        self._solved = False

    @property
    def large(self) -> bool:
        """Whether another round over the whole would cost so much that the first stage alone is priced instead."""
        return method_for(self._loaded.session.n_rows) != "simplex"

    def solve(
        self, *, time_limit: float = np.inf, stop: Callable[[], bool] | None = None, most: int = ROUNDS
    ) -> Relaxation | RawResult:
        """Solve it; a RawResult comes back where there is no optimum to speak of.

        ``bound`` = value + Σ of the promises left out, which is zero once nothing left out could enter. Candidates enter
        ``most`` - 1 times.
        """
        p, candidates = self.problem.program, self.candidates
        until = time.monotonic() + time_limit
        for rounds in range(1, ROUNDS + 1):
            loaded = self._loaded
            options = {"simplex_strategy": PRIMAL} if rounds > 1 else None  # columns have entered: the point stays feasible
            method = "simplex" if self._solved else method_for(loaded.session.n_rows)
            result = loaded.session.solve("lp", method=method, time_limit=max(0.0, until - time.monotonic()),
                                          should_stop=stop, options=options)
            if result.status is Status.INFEASIBLE and not loaded.listed.all():
                wider = shortlist(self.problem, candidates, SHORT * 2**rounds, self.seed)
                self._loaded, self._solved = _Loaded(self.problem, candidates, wider, self.threads, self.seed), False
                continue
            if result.x is None or result.row_dual is None:
                return result
            self._solved = True
            x, dual = np.zeros(p.n_columns), np.zeros(p.n_rows)
            x[loaded.columns], dual[loaded.rows] = result.x, result.row_dual
            promise = candidates.promise(self.problem, self.problem.priced(dual, np.ones(p.n_rows, bool)))
            promise = np.where(loaded.listed, 0.0, np.maximum(promise, 0.0))
            value = dot(self.problem.cost, x)
            exact = promise.sum() <= (LOOSE_IF_LARGE if self.large else LOOSE) * max(abs(value), 1.0)
            if exact or rounds >= most:
                break
            loaded.add(best_of(promise, candidates.block, ENTER) & (promise > 0))
        return Relaxation(Status.OPTIMAL, x, dual, value, value + float(promise.sum()), loaded.listed.copy(), rounds, exact)

    def change(self, problem: Problem) -> bool:
        """Take a changed problem over into the loaded model; False if it is another one (other columns, rows, entries)."""
        old, new = self.problem.program, problem.program
        same = old.matrix.shape == new.matrix.shape and np.array_equal(old.matrix.indptr, new.matrix.indptr)
        if not same or not np.array_equal(old.matrix.indices, new.matrix.indices):
            return False
        entries = np.flatnonzero(old.matrix.data != new.matrix.data)
        if len(entries) > MANY_ENTRIES:
            return False
        loaded = self._loaded
        columns, rows = _positions(loaded.columns, new.n_columns), _positions(loaded.rows, new.n_rows)
        session = loaded.session
        moved = np.flatnonzero((old.row_lower != new.row_lower) | (old.row_upper != new.row_upper))
        moved = moved[rows[moved] >= 0]
        session.set_row_bounds(rows[moved], new.row_lower[moved], new.row_upper[moved])
        moved = np.flatnonzero((old.col_lower != new.col_lower) | (old.col_upper != new.col_upper))
        moved = moved[columns[moved] >= 0]
        session.set_col_bounds(columns[moved], new.col_lower[moved], new.col_upper[moved])
        entry_row = np.searchsorted(new.matrix.indptr, entries, side="right") - 1
        for entry, row in zip(entries, entry_row, strict=True):
            at = (rows[row], columns[new.matrix.indices[entry]])
            if min(at) >= 0:
                session.change_coefficient(int(at[0]), int(at[1]), float(new.matrix.data[entry]))
        session.set_objective(problem.cost[loaded.columns], "max")
        self.problem = problem
        loaded.problem = problem
        forced = (new.col_lower[self.candidates.switch] > 0) & ~loaded.listed
        if forced.any():  # what was left out stood at zero, which these no longer may
            loaded.add(forced)
        return True

    def mark(self) -> Mark:
        """Where this stands, for `rewind`."""
        loaded = self._loaded
        return Mark(loaded, loaded.listed.copy(), loaded.columns, loaded.rows, loaded.session.get_basis(), self._solved)

    def rewind(self, mark: Mark) -> None:
        """Go back to the candidates and the basis of a mark of this relaxer; a `change` to the problem wanted comes next.

        What is solved then depends on the mark and that problem alone, not on what was solved in between.
        """
        loaded = self._loaded = mark.loaded
        loaded.session.truncate_rows(len(mark.rows))
        loaded.session.truncate_columns(len(mark.columns))
        loaded.listed, loaded.columns, loaded.rows = mark.listed.copy(), mark.columns, mark.rows
        if mark.basis is not None:
            loaded.session.set_basis(mark.basis)
        self.problem, self._solved = loaded.problem, mark.solved


def _positions(listed: Ints, size: int) -> Ints:
    """Where each row or column of the program stands among those loaded; -1 = it is not."""
    out = np.full(size, -1)
    out[listed] = np.arange(len(listed))
    return out


class _Loaded:
    """The relaxation over the listed candidates, loaded once and extended as candidates enter."""

    def __init__(self, problem: Problem, candidates: Candidates, listed: Bools, threads: int, seed: int) -> None:
        self.problem, self.candidates, self.listed = problem, candidates, listed.copy()
        part, self.columns, self.rows = problem.program.restricted(candidates.columns(listed), candidates.rows(listed))
        part = part.with_criteria({"search": Linear("max", problem.cost[self.columns])})
        self.session = Session(part, "search", threads=threads, seed=seed)
        self.session.tolerance = ROUGH

    def add(self, new: Bools) -> None:
        """Put candidates in: their columns, then the rows that are theirs alone."""
        p = self.problem.program
        self.listed |= new
        columns = np.flatnonzero(self.candidates.columns(new) & (self.candidates.of_column >= 0))
        rows = np.flatnonzero(self.candidates.rows(new) & (self.candidates.of_row >= 0))
        slab = self.problem.columns[:, columns].tocsr()
        self.session.add_columns(slab[self.rows].tocsc(), self.problem.cost[columns], p.col_lower[columns], p.col_upper[columns],
                                 p.integer[columns])
        self.columns = np.concatenate([self.columns, columns])
        self.session.add_rows(self.problem.rows[rows][:, self.columns], p.row_lower[rows], p.row_upper[rows])
        self.rows = np.concatenate([self.rows, rows])


@dataclass(frozen=True, eq=False)
class Mark:
    """Where a `Relaxer` stood: what was loaded, and the basis it had reached."""

    loaded: _Loaded
    listed: Bools
    columns: Ints
    rows: Ints
    basis: Basis | None
    solved: bool
