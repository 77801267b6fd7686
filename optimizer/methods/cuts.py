"""Asking with rows on demand: what is found is looked at, the rows it breaks are added, and it is asked again.

The rows hold for every plan, so each answer's bound holds too (outer approximation: Kelley 1960 for linear programs,
Duran & Grossmann 1986 with integers). The linear relaxation is refined first, where that is cheap; between two searches
the integers found are held and the linear program over the rest is refined (`optimizer.methods.refining`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.engine.cutting import Cutting
from optimizer.engine.derive import ExtraRows
from optimizer.engine.outcome import Outcome, Status, relative_gap
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.methods.following import PART, Following, Settled, better_value, follows, points_around
from optimizer.methods.levels import Ask
from optimizer.methods.quotients import with_quotients
from optimizer.methods.refining import Optimum, Refining
from optimizer.methods.relaxed_quotient import Least, relaxed_quotient
from optimizer.search.drive import Found
from optimizer.search.limits import Limits

ROUNDS = 30
RELAXED_FIRST = 150_000  # columns up to which the relaxation is refined before the first search


@dataclass(eq=False)
class Refined:
    """An ask that adds rows; ``rows`` are those found so far, by whatever question: they hold for all.

    Parameters
    ----------
    ask : what is asked with these rows
    cutting : the conditions
    limits : when to stop; ``gap`` is what the value of a point that keeps the conditions may lack of the bound
    whole : whether the ask gives points in whole steps, which a linear program would take it away from
    settled : which integers follow from the other columns, and the point with them as they follow
    """

    ask: Ask
    cutting: Sequence[Cutting]
    limits: Limits
    rows: list[ExtraRows] = field(default_factory=list)
    whole: bool = False
    settled: Settled | None = None
    _relaxation: tuple[Program, Refining] | None = None

    def __call__(self, program: Program, linear: Linear, start: Floats | None) -> Found:
        """As `Ask`: the best point that keeps the conditions within their tolerance, and a bound."""
        following = self._following(program)
        if following is not None:
            near = following.best(self.relaxation(program), program, linear, start)
            if near is not None:
                return near
        if not self.cutting:
            return self.ask(program, linear, start)
        if following is None and program.n_columns <= RELAXED_FIRST and not self.whole:
            relaxed = self.relaxation(program).optimum(linear, start, share=PART * self.limits.gap)
            if relaxed is not None:
                near = self._near(program, linear, relaxed, start)
                if near is not None:
                    return near
                start = relaxed.x if start is None else start
        best: Found | None = None
        for _ in range(ROUNDS):
            found = self.ask(self.with_rows(program), linear, start if best is None else best.x)
            if found.x is None:
                return found if best is None else best
            broken = [rows for one in self.cutting if (rows := one.cut(found.x)) is not None]
            if not broken:
                return found if best is None else _better(found, best, linear, self.limits.gap)
            self.rows.extend(broken)
            x = None if self.whole else self._best_around(program, linear, found.x)
            if x is not None:
                point = _at(found, linear, x, found.outcome.bound, self.limits.gap)
                best = point if best is None else _better(point, best, linear, self.limits.gap)
                if best.outcome.gap <= self.limits.gap:
                    return best
            if self.limits.over():
                break
        return _stopped(found if best is None else best)

    def _near(self, program: Program, linear: Linear, relaxed: Optimum, start: Floats | None) -> Found | None:
        """The relaxation's point with its integers rounded, where that is as good as was asked for.

        The conditions' tolerances say how exactly the value is to be known: what is apart by less is not searched for.
        """
        began, best = time.monotonic(), None
        for point in points_around(self.settled, program, relaxed.x, start, self.limits):
            basis = self.relaxation(program).basis()
            held = Refining(self.with_rows(program), self.cutting, self.rows, self.limits, point, basis)
            found = held.optimum(linear, share=PART * self.limits.gap)
            if found is not None and (best is None or better_value(found, best[0], linear)):
                best = found, held
        if best is None:
            return None
        found, held = best
        gap = relative_gap(found.value, relaxed.bound)
        if gap > self.limits.gap and abs(found.value - relaxed.bound) > held.allowed(linear, found.x):
            return None
        x = np.where(program.integer, np.round(found.x), found.x)
        status = Status.OPTIMAL if gap <= 0 else Status.WITHIN_GAP
        outcome = Outcome(status, found.value, relaxed.bound, gap, time.monotonic() - began, 0, linear.sense)
        return Found(outcome, x, {}, basis=held.basis())

    def answering(self, exact: float = 0.0) -> Ask:
        """This ask, which then answers questions for quotients too; ``exact`` as in `with_quotients`."""
        return with_quotients(self, self.limits.gap, self.least_quotient, exact, self.near_quotient)

    def least_quotient(self, program: Program, ratio: Ratio, start: Floats | None) -> Least:
        """The least quotient of the linear relaxation, and a point that has it."""
        if not (program.integer & (program.col_upper > program.col_lower)).any():
            return Least()  # the search for the best is this very sequence
        following = self._following(program)
        until = 0.0 if following is None else following.kept()
        return relaxed_quotient(self.relaxation(program), program, ratio, start, self.limits.gap, until)

    def near_quotient(self, program: Program, ratio: Ratio, x: Floats | None, start: Floats | None) -> Found | None:
        """A point of small quotient that needs no search (None: there is none); ``x`` is the relaxation's."""
        following = self._following(program)
        if following is None:
            return None
        return following.least(self.relaxation(program), program, ratio, x, start)

    def _following(self, program: Program) -> Following | None:
        """How points are found without a search, where the program is one for that."""
        if self.whole or self.settled is None or not follows(self.settled, program):
            return None
        return Following(self.settled, self.cutting, self.rows, self.limits)

    def with_rows(self, program: Program) -> Program:
        """A program with every row found so far."""
        return program.extended(rows=self.rows) if self.rows else program

    def relaxation(self, program: Program) -> Refining:
        """The linear relaxation of a program, loaded once as long as no other is asked for."""
        if self._relaxation is None or self._relaxation[0] is not program:
            rows = self.with_rows(program)
            relaxed = rows if self.settled is None else self.settled.relaxed(rows)
            self._relaxation = program, Refining(relaxed, self.cutting, self.rows, self.limits)
        return self._relaxation[1]

    def _best_around(self, program: Program, linear: Linear, x: Floats) -> Floats | None:
        """The best point with the integers of ``x`` held; None where that is not known in time."""
        held = Refining(self.with_rows(program), self.cutting, self.rows, self.limits, x)
        found = held.optimum(linear, share=PART * self.limits.gap)
        return None if found is None else found.x


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
