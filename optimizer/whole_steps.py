"""From the point a method ends with to whole steps of money and whole people, and the hard rules that none can meet."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.outcome import Outcome, SolveError, Status
from optimizer.engine.program import Bools, Floats, Linear, Program
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Ask, Reached
from optimizer.model.answer import least_amounts, movements, people_columns, rule_rows, unit_costs
from optimizer.model.compile import Compiled
from optimizer.search.drive import Found
from optimizer.search.exact_steps import exact_point
from optimizer.search.rounding import Whole, round_point
from optimizer.search.unroundable import between_steps, least_missed

CUT_ROUNDS = 20
LEVELS_GIVE = 0.3  # share of the gap asked for by which a level of leximin may fall in whole steps; the search leaves that
LEAST_SECONDS = 2.0  # even where the whole run is given less
EXACT_COLUMNS = 30_000  # past which an integer program over every amount finds nothing in minutes
EXACT_SECONDS = 20.0  # for whole steps exactly, on programs small enough; past it they are rounded


@dataclass(frozen=True, eq=False)
class Stepped:
    """A point in whole steps; ``optimum`` = its value where it is proved to be the best of all such points."""

    x: Floats
    optimum: float | None


class Steps:
    """Whole steps for one program.

    ``built`` is the program with rules widened that no whole number of steps can meet; it is what a method must solve,
    so that its bound holds for the plan.
    """

    def __init__(self, instance: Instance, built: Compiled) -> None:
        self.data, self.threads = instance.data, instance.settings.settings.threads
        self.gap = instance.settings.settings.gap
        limit = instance.settings.settings.time_limit
        self.seconds = EXACT_SECONDS if limit is None else min(EXACT_SECONDS, max(float(limit), LEAST_SECONDS))
        step = f"{self.data.step:g} {self.data.settings.money.unit}"
        wide = between_steps(built.program, self._whole(built.program, built), step)
        self.built = replace(built, program=wide.program)
        self.proof = dict(wide.proof)

    def of(self, reached: Reached, method: Callable[[Ask], Reached] | None = None) -> Stepped | None:
        """The point in whole steps; None after widening rules that together leave none.

        Parameters
        ----------
        method : runs the method anew with another way to answer its questions. It is asked where the levels held leave no
            whole-unit point: then every level is solved in whole steps from the start.

        Raises
        ------
        SolveError : no point in whole steps was found
        """
        assert reached.x is not None
        program, people = reached.program, people_columns(reached.program)
        whole = self._whole(program, self.built)
        exact, proved = self._exactly(program, reached, whole, people)
        if exact is None and proved and self._widen(reached):
            return None
        if exact is None and method is not None and program.n_rows > self.built.program.n_rows:
            exact, proved = self._level_by_level(method, reached.x), False
        if exact is None:
            exact, proved = self._by_rounding(reached, whole, people), False
        value = float(reached.linear.vector @ exact) + reached.linear.constant if proved else None
        return Stepped(exact[: self.built.program.n_columns], value)

    def _exactly(self, program: Program, reached: Reached, whole: Whole, people: Bools) -> tuple[Floats | None, bool]:
        """`exact_point`, with the rows that equity forms find broken there, until none is."""
        assert reached.x is not None
        exact: Floats | None = None
        for _ in range(CUT_ROUNDS):
            exact, proved = exact_point(program, reached.linear, reached.x, whole, people, seconds=self.seconds)
            new = [] if exact is None else [rows for one in self.built.cutting if (rows := one.cut(exact)) is not None]
            if not new:
                return exact, proved
            program = program.extended(rows=new)
        return exact, False

    def unmet(self) -> dict[tuple[str, str], str]:
        """Proofs by rule and index, as ``rules.csv`` writes them."""
        return rule_rows(self.built.program, self.proof, [rule.id for rule in self.data.settings.rules])

    def _level_by_level(self, method: Callable[[Ask], Reached], x: Floats) -> Floats | None:
        """The end of the method with every question answered in whole steps; integers held as in ``x`` where too many."""
        n = self.built.program.n_columns

        def ask(program: Program, linear: Linear, point: Floats | None) -> Found:
            at = np.concatenate([x[:n], np.zeros(program.n_columns - n)])
            exact, proved = exact_point(program, linear, at, self._whole(program, self.built), people_columns(program),
                                        seconds=self.seconds)
            status = Status.OPTIMAL if exact is not None else Status.INFEASIBLE if proved else Status.LIMIT_WITHOUT_PLAN
            value = math.nan if exact is None else float(linear.vector @ exact) + linear.constant
            return Found(Outcome(status, value, value, 0.0, 0.0, 0, linear.sense), exact, {})

        return method(ask).x

    def _by_rounding(self, reached: Reached, whole: Whole, people: Bools) -> Floats:
        """Rounded; where the levels of leximin leave no such point, they give way by what the gap keeps for whole steps."""
        assert reached.x is not None
        basis = reached.levels[-1].found.basis
        try:
            return round_point(reached.program, reached.linear, reached.x, whole, threads=self.threads, basis=basis)
        except SolveError:
            loose = _levels_loosened(reached.program, LEVELS_GIVE * self.gap)
            if loose is not None:
                with suppress(SolveError):
                    return round_point(loose, reached.linear, reached.x, whole, threads=self.threads, basis=basis)
            if reached.program.n_columns > EXACT_COLUMNS:
                raise
            exact, _ = exact_point(reached.program, reached.linear, reached.x, whole, people,
                                   seconds=10 * self.seconds, most=reached.program.n_columns)
            if exact is None:
                raise
            return exact

    def _widen(self, reached: Reached) -> bool:
        """Widen rules that together leave no whole-unit point by the least they must be missed; whether that was so.

        Levels held by the method are left aside: they ask for what the program reached before whole steps.
        """
        assert reached.x is not None
        program, n = self.built.program, self.built.program.n_columns
        linear = replace(reached.linear, vector=reached.linear.vector[:n])
        whole, people, x = self._whole(program, self.built), people_columns(program), reached.x[:n]
        exact, proved = exact_point(program, linear, x, whole, people, seconds=self.seconds)
        if exact is not None or not proved:
            return False
        missed = least_missed(program, x, whole, people, seconds=self.seconds)
        if missed is None:
            return False
        self.built = replace(self.built, program=missed.program)
        self.proof |= missed.proof
        return True

    def _whole(self, program: Program, built: Compiled) -> Whole:
        unit = unit_costs(program, self.data)
        money = np.concatenate([built.money, np.zeros(program.n_columns - len(built.money), bool)])
        return Whole(self.data.step, money, unit, least_amounts(program, self.data),
                     movements(program, self.data, money, unit), built.role)


def _levels_loosened(program: Program, share: float) -> Program | None:
    """The program with the levels of leximin loosened by a share of their limits; None where that changes nothing."""
    low, high = program.row_lower.copy(), program.row_upper.copy()
    for family in program.rows:
        if family.name.startswith("leximin_"):
            at = slice(family.start, family.stop)
            low[at] -= np.where(np.isfinite(low[at]), share * np.abs(low[at]), 0.0)
            high[at] += np.where(np.isfinite(high[at]), share * np.abs(high[at]), 0.0)
    same = np.array_equal(low, program.row_lower) and np.array_equal(high, program.row_upper)
    return None if same else program.with_bounds(row_lower=low, row_upper=high)
