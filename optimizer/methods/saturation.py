"""Leximin over a linear program: raise the worst units together, fix those that are blocked, go on with the rest.

The classical scheme (Ogryczak, Pióro & Tomaszewski, "Telecommunications network design and max-min optimization
problem", 2005; Nace & Pióro, "Max-min fairness and its applications to routing and load-balancing", 2008), on one
loaded model in which every change is one of bounds or costs, so that each solve starts from the last basis:

    y_u = outcome of u (negated where low is good),   y_u − θ − s_u = 0,   s_u ≥ 0 while u is undecided

1. max θ. A unit whose s_u has a reduced cost is at θ in *every* optimum (complementary slackness): it is blocked, y_u ≥ θ
   is held and s_u set free. That is enough to go on: a blocked unit without a reduced cost shows up in the next round.
2. Only where θ did not rise (many units blocked at one value) all units at θ are tested at once: with θ held,
   max Σ min(s_u, δ). Units that rise are undecided still; once the sum is 0, all the others are blocked together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.outcome import Status
from optimizer.engine.program import Bools, ExtraColumns, ExtraRows, Floats, Ints, Linear, Program
from optimizer.engine.session import RawResult, Session, method_for
from optimizer.engine.units import UnitOutcomes
from optimizer.methods.levels import WorstLevel
from optimizer.search.limits import Limits

PRICED = 1e-6  # reduced cost past which a unit is blocked; those of one optimum add up to 1
SAME = 1e-7  # outcomes closer than this (as a share of their size) are at one level
ROOMS = (1e-9, 1e-8, SAME, 1e-6)  # by which what is fixed may be missed: more where a solver's rounding leaves no point
PRIMAL = 4  # HiGHS's number of the primal simplex method: the last point stays feasible under every change


@dataclass(frozen=True, eq=False)
class Saturated:
    """What was reached: the least each unit is held to, which were fixed, the levels, the last point, how it ended."""

    floor: Floats
    fixed: Bools
    levels: tuple[WorstLevel, ...]
    x: Floats | None
    result: RawResult

    @property
    def complete(self) -> bool:
        """Whether every unit is fixed."""
        return bool(self.fixed.all())


def saturate(program: Program, units: UnitOutcomes, most: int, limits: Limits) -> Saturated:
    """Fix at least the ``most`` worst units, one level after another, or as many as the limits allow.

    Parameters
    ----------
    program : a linear program; integer columns must be held at one value each
    """
    return _Saturation(program, units, limits).run(most)


class _Saturation:
    def __init__(self, program: Program, units: UnitOutcomes, limits: Limits) -> None:
        self.units, self.limits, self.count = units, limits, len(units)
        self.sign = 1.0 if units.better == "high" else -1.0
        self.full, n = program, program.n_columns
        free = program.col_lower < program.col_upper
        wide = with_levels(program.with_bounds(integer=np.zeros(n, bool)), units)
        part, self.columns, _ = wide.restricted(np.concatenate([free, np.ones(wide.n_columns - n, bool)]), None,
                                                np.concatenate([program.col_lower, np.zeros(wide.n_columns - n)]))
        first = part.n_columns - (2 * self.count + 1)
        self.y, self.theta, self.s = (np.arange(first, first + self.count), first + self.count,
                                      np.arange(first + self.count + 1, part.n_columns))
        self.session = Session(part, "worst", threads=limits.threads, seed=limits.seed)
        self.goal = part.criteria["worst"].vector
        self.undecided = np.ones(self.count, bool)
        self.floor = np.full(self.count, -np.inf)
        self.point: Floats | None = None
        self.warm = False
        self.room = ROOMS[0]

    def run(self, most: int) -> Saturated:
        levels: list[WorstLevel] = []
        before = -np.inf
        result = self._raised()
        while result.status is Status.OPTIMAL and result.x is not None and result.col_dual is not None:
            self._keep(result)
            theta = float(result.x[self.theta])
            size = SAME * max(1.0, abs(theta))
            blocked = self.undecided & (np.abs(result.col_dual[self.s]) > PRICED) & (result.x[self.s] <= size)
            if theta - before <= size or not blocked.any():
                blocked = self._tested(theta, size, blocked, result.x)
            if not blocked.any():
                break  # a limit in the middle of a test
            self._fix(blocked, theta)
            names = tuple(self.units.labels[u] for u in np.flatnonzero(blocked))
            if levels and theta - before <= size:
                names = (*levels.pop().units, *names)
            value, bound = self.sign * theta, self.sign * result.bound
            levels.append(WorstLevel(len(levels) + 1, value, value, bound, names, True))
            before = theta
            if not self.undecided.any() or self.count - int(self.undecided.sum()) >= most or self.limits.over():
                break
            result = self._raised()
        rest = np.where(self.undecided, before, self.floor)
        return Saturated(rest, ~self.undecided, tuple(levels), self.point, result)

    def _raised(self) -> RawResult:
        """The largest θ; what is fixed has been reached by a point, so that "no point" is a solver's rounding and given room."""
        result = self._solve()
        for room in ROOMS:
            if result.status is not Status.INFEASIBLE or not self.warm or self.limits.over():
                break
            if room > self.room:
                self.room = room
                self._held(np.flatnonzero(~self.undecided))
                result = self._solve()
        return result

    def _solve(self) -> RawResult:
        options = {"simplex_strategy": PRIMAL} if self.warm else None
        method = "simplex" if self.warm else method_for(self.session.n_rows)
        result = self.session.solve("lp", method=method, time_limit=self.limits.left, should_stop=self.limits.stop,
                                    options=options)
        self.warm = self.warm or result.status is Status.OPTIMAL
        return result

    def _keep(self, result: RawResult) -> None:
        assert result.x is not None
        inside = self.columns < self.full.n_columns
        x = self.full.col_lower.copy()
        x[self.columns[inside]] = result.x[: int(inside.sum())]
        self.point = x

    def _fix(self, blocked: Bools, theta: float) -> None:
        """Hold these units at θ for good."""
        at = np.flatnonzero(blocked)
        self.undecided[at] = False
        self.floor[at] = theta
        self._held(at)
        self.session.set_col_bounds(self.s[at], -np.inf, np.inf)

    def _held(self, at: Ints) -> None:
        """Units at no less than they are fixed at, with the room that rounding takes."""
        floor = self.floor[at]
        self.session.set_col_bounds(self.y[at], floor - self.room * np.maximum(1.0, np.abs(floor)), np.inf)

    def _tested(self, theta: float, size: float, blocked: Bools, x: Floats) -> Bools:
        """All units that cannot rise above θ, found together; those known to be blocked need no test."""
        session, step = self.session, 1e3 * size
        open_ = self.undecided & ~blocked & (x[self.s] <= size)
        session.set_col_bounds([self.theta], theta - self.room * max(1.0, abs(theta)), theta)
        answer = blocked.copy()
        while open_.any():
            cost = np.zeros(len(self.goal))
            cost[self.s[open_]] = 1.0
            session.set_col_bounds(self.s[self.undecided], 0.0, np.where(open_, step, np.inf)[self.undecided])
            session.set_objective(cost, "max")
            result = self._solve()
            if result.status is not Status.OPTIMAL or result.x is None:
                answer = blocked.copy()
                break
            risen = open_ & (result.x[self.s] > size)
            if not risen.any():
                answer |= open_
                break
            open_ &= ~risen
        session.set_col_bounds(self.s[self.undecided], 0.0, np.inf)
        session.set_col_bounds([self.theta], -np.inf, np.inf)
        session.set_objective(self.goal, "max")
        return answer


def with_levels(program: Program, units: UnitOutcomes) -> Program:
    """The program with columns y, θ and s, their rows, and θ as the criterion ``worst``."""
    n, count = program.n_columns, len(units)
    sign = 1.0 if units.better == "high" else -1.0
    keys = pd.DataFrame({"unit": list(units.labels)})
    one = pd.DataFrame(index=range(1))
    columns = [ExtraColumns("outcome", keys, lower=-np.inf), ExtraColumns("level", one, lower=-np.inf),
               ExtraColumns("above", keys)]
    same = sparse.identity(count, format="csr")
    width = units.matrix.shape[1]
    value = sparse.hstack([sign * units.matrix, sparse.csr_matrix((count, n - width)), -same], format="csr")
    above = sparse.hstack([sparse.csr_matrix((count, n)), same, sparse.csr_matrix(-np.ones((count, 1))), -same], format="csr")
    rows = [ExtraRows("outcome_is", keys, value, -sign * units.constant, -sign * units.constant),
            ExtraRows("above_level", keys, above, 0.0, 0.0)]
    wide = program.extended(columns, rows)
    worst = np.zeros(wide.n_columns)
    worst[n + count] = 1.0
    return wide.with_criteria({"worst": Linear("max", worst)})
