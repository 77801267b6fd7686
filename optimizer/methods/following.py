"""Points of programs with thousands of integers that follow from the other columns: from the relaxation, without a search.

Which tiers of a need are full, and which needs are met, is settled by money and projects; branching on it would not end.
The linear relaxation gives a bound and a point; with these integers as its other columns have them, a linear program
gives the best of the points that share them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from optimizer.engine.cutting import Cutting
from optimizer.engine.derive import ExtraRows
from optimizer.engine.outcome import Outcome, Status, relative_gap
from optimizer.engine.program import Bools, Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.engine.session import Basis
from optimizer.engine.single_rows import with_single_rows_in_bounds
from optimizer.methods.refining import Optimum, Refining
from optimizer.methods.relaxed_quotient import least_met
from optimizer.search.drive import SMALL, Found
from optimizer.search.limits import Limits

WHOLE = 1e-6  # by which a whole number may be missed
HALF = 0.5  # of the time left that a relaxation may take: the rest is for points of the whole problem
NEAR = 0.01  # gap from which another point is not tried
PART = 0.5  # of the gap asked for, to which linear programs are refined


class Settled(Protocol):
    """Integers that follow from the other columns."""

    def columns(self, program: Program) -> Bools:
        """Which they are."""

    def point(self, program: Program, x: Floats) -> Floats:
        """The point with them as they follow."""

    def relaxed(self, program: Program) -> Program:
        """The program without the rows that say nothing while they are fractions."""


def follows(settled: Settled, program: Program) -> bool:
    """Whether such integers are too many to branch on, and nearly all that can move."""
    drawn = with_single_rows_in_bounds(program)
    movable = program.integer & (drawn.col_upper > drawn.col_lower)
    own = settled.columns(program)
    return int((movable & own).sum()) > SMALL >= int((movable & ~own).sum())


def points_around(
    settled: Settled | None, program: Program, x: Floats | None, start: Floats | None, limits: Limits
) -> Iterator[Floats]:
    """Points whose integers are worth holding: those of the relaxation, and of where a search would begin."""
    own = None if settled is None else settled.columns(program)
    if settled is None or own is None or not own.any():
        if x is not None:
            yield x
        return
    others = program.integer & ~own
    if x is not None:
        yield settled.point(program, np.where(others, np.floor(x + WHOLE), x))
    if start is not None and len(start) == program.n_columns and not limits.over():
        yield start


@dataclass(frozen=True, eq=False)
class Following:
    """The points of such a program: ``cutting``, ``rows`` and ``limits`` as of `optimizer.methods.cuts.Refined`."""

    settled: Settled
    cutting: Sequence[Cutting]
    rows: list[ExtraRows]
    limits: Limits

    def kept(self) -> float:
        """Seconds that a relaxation must leave."""
        return HALF * self.limits.left if math.isfinite(self.limits.left) else 0.0

    def best(self, relaxation: Refining, program: Program, linear: Linear, start: Floats | None) -> Found | None:
        """The best of the points, under the bound of the relaxation; None where there is none.

        Where the relaxation is not solved in time nothing is proved, and the start's integers are held.
        """
        began, best = time.monotonic(), None
        share = PART * self.limits.gap
        relaxed = relaxation.optimum(linear, start, share=share, until=self.kept())
        bound = (math.inf if linear.sense == "max" else -math.inf) if relaxed is None else relaxed.bound
        for point in points_around(self.settled, program, None if relaxed is None else relaxed.x, start, self.limits):
            held = self._held(program, point)
            found = held.optimum(linear, share=share)
            if found is not None and (best is None or better_value(found, best[0], linear)):
                best = found, held
            if best is not None and relative_gap(best[0].value, bound) <= NEAR:
                break
        if best is None:
            return self._begun_with(program, linear, start, bound, began)
        found, held = best
        gap = relative_gap(found.value, bound)
        close = gap <= self.limits.gap or abs(found.value - bound) <= held.allowed(linear, found.x)
        status = Status.OPTIMAL if gap <= 0 else Status.WITHIN_GAP if close else Status.LIMIT
        outcome = Outcome(status, found.value, bound, gap, time.monotonic() - began, 0, linear.sense)
        return replace(_found(program, outcome, found.x, held.basis()), dual=held.dual)

    def _begun_with(
        self, program: Program, linear: Linear, start: Floats | None, bound: float, began: float
    ) -> Found | None:
        """The start, where there was no time for more and it is a point."""
        if start is None or len(start) != program.n_columns or program.violation(start) > WHOLE:
            return None
        value = linear.at(start)
        outcome = Outcome(Status.LIMIT, value, bound, relative_gap(value, bound), time.monotonic() - began, 0, linear.sense)
        return _found(program, outcome, start, None)

    def least(
        self, relaxation: Refining, program: Program, ratio: Ratio, x: Floats | None, start: Floats | None
    ) -> Found | None:
        """The point of least quotient with the integers held that follow from what ``x`` or the start has besides.

        Then with those that follow from the point found, as long as that makes it smaller. Where none of these leaves a
        point, those where the denominator is largest; None where these do not either. Its bound is 0: the caller may know
        more.
        """
        began, best = time.monotonic(), _point(program, ratio, start)
        for point in self._quotient_points(relaxation, program, ratio, x, start):
            found = self._least_around(program, ratio, point)
            while found is not None and (best is None or found.value < best.value):
                smaller = best is None or found.value < (1 - NEAR) * best.value
                best = found
                found = None
                if smaller and not self.limits.over():
                    found = self._least_around(program, ratio, self.settled.point(program, best.x))
        if best is None:
            return None
        outcome = Outcome(Status.LIMIT, best.value, 0.0, math.inf, time.monotonic() - began, 0, "min")
        return _found(program, outcome, best.x, best.basis)

    def _least_around(self, program: Program, ratio: Ratio, point: Floats) -> _Point | None:
        """The point of least quotient with the integers of a point held; never worse than that point itself."""
        held = self._held(program, point)
        own = _point(program, ratio, point)
        at = least_met(held, program, ratio, None if own is None else own.x, self.limits.gap).x
        value = math.nan if at is None else ratio.at(at)
        return own if at is None or math.isnan(value) else _Point(at, value, held.basis())

    def _quotient_points(
        self, relaxation: Refining, program: Program, ratio: Ratio, x: Floats | None, start: Floats | None
    ) -> Iterator[Floats]:
        yield from points_around(self.settled, program, x, start, self.limits)
        if start is None or len(start) != program.n_columns:
            largest = relaxation.optimum(ratio.divisor(program.n_columns), share=PART * self.limits.gap)
            yield from points_around(self.settled, program, None if largest is None else largest.x, None, self.limits)

    def _held(self, program: Program, point: Floats) -> Refining:
        """The linear program with the integers of a point; its basis is far from that of the relaxation."""
        program = program.extended(rows=self.rows) if self.rows else program
        return Refining(program, self.cutting, self.rows, self.limits, point)


@dataclass(frozen=True, eq=False)
class _Point:
    """A point of the whole problem and its quotient."""

    x: Floats
    value: float
    basis: Basis | None = None


def _point(program: Program, ratio: Ratio, x: Floats | None) -> _Point | None:
    """A point, where it is one of the program and has a quotient."""
    if x is None or len(x) != program.n_columns or program.violation(x) > WHOLE:
        return None
    value = ratio.at(x)
    return None if math.isnan(value) else _Point(x, value)


def better_value(one: Optimum, other: Optimum, linear: Linear) -> bool:
    """Whether one is better than the other."""
    return one.value > other.value if linear.sense == "max" else one.value < other.value


def _found(program: Program, outcome: Outcome, x: Floats, basis: Basis | None) -> Found:
    return Found(outcome, np.where(program.integer, np.round(x), x), {}, basis=basis)
