"""Asking with rows on demand: what is found is looked at, the rows it breaks are added, and it is asked again.

The rows hold for every plan, so each answer's bound holds too (outer approximation: Kelley 1960 for linear programs,
Duran & Grossmann 1986 with integers). Between two searches the integers found are held and the linear program over the
rest is refined until it breaks nothing: a point that keeps the condition, and rows around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from optimizer.engine.cutting import Cutting
from optimizer.engine.derive import ExtraRows
from optimizer.engine.outcome import Status, relative_gap
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.session import Session
from optimizer.methods.levels import Ask
from optimizer.search.drive import Found
from optimizer.search.limits import Limits

ROUNDS, LP_ROUNDS = 30, 200
RELAXED_FIRST = 20_000  # columns up to which the relaxation is refined before the first search


@dataclass(eq=False)
class Refined:
    """An ask that adds rows; ``rows`` are those found so far, by whatever question: they hold for all.

    Parameters
    ----------
    ask : what is asked with these rows
    cutting : the conditions
    limits : when to stop; ``gap`` is what the value of a point that keeps the conditions may lack of the bound
    whole : whether the ask gives points in whole steps, which a linear program would take it away from
    """

    ask: Ask
    cutting: Sequence[Cutting]
    limits: Limits
    rows: list[ExtraRows] = field(default_factory=list)
    whole: bool = False

    def __call__(self, program: Program, linear: Linear, start: Floats | None) -> Found:
        """As `Ask`: the best point that keeps the conditions within their tolerance, and a bound."""
        if not self.cutting:
            return self.ask(program, linear, start)
        if program.n_columns <= RELAXED_FIRST and not self.whole:
            self._settled(program, linear, None)
        found = self.ask(self.with_rows(program), linear, start)
        best: Found | None = None
        for _ in range(ROUNDS):
            if found.x is None:
                return found if best is None else best
            bound = found.outcome.bound
            broken = self._broken(found.x)
            if not broken:
                return found if best is None else _better(found, best, linear, self.limits.gap)
            self.rows.extend(broken)
            x = None if self.whole else self._settled(program, linear, found.x)
            if x is not None:
                point = _at(found, linear, x, bound, self.limits.gap)
                best = point if best is None else _better(point, best, linear, self.limits.gap)
                if best.outcome.gap <= self.limits.gap:
                    return best
            if self.limits.over():
                break
            found = self.ask(self.with_rows(program), linear, found.x if best is None else best.x)
        return _stopped(found if best is None else best)

    def with_rows(self, program: Program) -> Program:
        """A program with every row found so far."""
        return program.extended(rows=self.rows) if self.rows else program

    def _broken(self, x: Floats) -> list[ExtraRows]:
        return [rows for one in self.cutting if (rows := one.cut(x)) is not None]

    def _settled(self, program: Program, linear: Linear, x: Floats | None) -> Floats | None:
        """The linear program, with the integers of ``x`` held or all of them free, refined until it breaks nothing.

        None where it has no optimum or the rounds run out; the rows found stay.
        """
        asked = self.with_rows(program).with_criteria({"refined": linear})
        if x is not None:
            low, high = asked.col_lower.copy(), asked.col_upper.copy()
            low[asked.integer] = high[asked.integer] = np.round(x[asked.integer])
            asked = asked.with_bounds(col_lower=low, col_upper=high)
        session = Session(asked, "refined", threads=self.limits.threads, seed=self.limits.seed)
        for _ in range(LP_ROUNDS):
            result = session.solve("lp", time_limit=self.limits.left, should_stop=self.limits.stop)
            if result.status is not Status.OPTIMAL or result.x is None:
                return None
            new = self._broken(result.x)
            if not new:
                return result.x
            self.rows.extend(new)
            for rows in new:
                session.add_rows(_widened(rows.matrix, asked.n_columns), rows.lower, rows.upper)
        return None


def _widened(matrix: sparse.csr_matrix, columns: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], columns))


def _at(found: Found, linear: Linear, x: Floats, bound: float, gap: float) -> Found:
    """What was found, at a point that keeps the conditions."""
    value = linear.at(x)
    apart = relative_gap(value, bound)
    status = Status.OPTIMAL if apart <= 0 else Status.WITHIN_GAP if apart <= gap else Status.LIMIT
    return replace(found, x=x, outcome=replace(found.outcome, objective=value, gap=apart, status=status), basis=None)


def _better(new: Found, old: Found, linear: Linear, gap: float) -> Found:
    """The better point of two under the better bound."""
    sign = 1.0 if linear.sense == "max" else -1.0
    bound = sign * min(sign * new.outcome.bound, sign * old.outcome.bound)
    kept = new if sign * new.outcome.objective >= sign * old.outcome.objective else old
    assert kept.x is not None
    out = _at(kept, linear, kept.x, bound, gap)
    return replace(out, outcome=replace(out.outcome, bound=bound))


def _stopped(found: Found) -> Found:
    """An answer whose refinement ended early is not proved."""
    if not found.outcome.status.proved:
        return found
    return replace(found, outcome=replace(found.outcome, status=Status.LIMIT))
