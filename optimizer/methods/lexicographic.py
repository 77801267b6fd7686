"""Criteria in order: each is made as good as it can be while those before it stay within their tolerance.

The loop runs over one program, to which a row is added for each level held; HiGHS's own lexicographic mode ignores
starts and gives no duals. Where a level had a tolerance, what the later ones left of it is won back at the end: the
earlier criteria are optimised again, in order, with every other one held where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.engine.units import UnitOutcomes
from optimizer.instance.settings import Level
from optimizer.methods.levels import SLACK, Answered, Ask, Reached, WorstLevel, held, room_of
from optimizer.methods.leximin import leximin
from optimizer.search.limits import Limits

GAINED = 1e-7  # share of a level's value that must be left to gain before it is optimised again
TRACE = 1e-5  # size of an earlier criterion's largest coefficient beside the last one's, where only ties are decided


@dataclass(frozen=True, eq=False)
class Ordered:
    """Levels that are leximin: outcomes by criterion, and how many of the worst to settle (None: all).

    ``alone`` as in `optimizer.methods.leximin.leximin`.
    """

    outcomes: Mapping[str, UnitOutcomes] = field(default_factory=dict)
    most: Mapping[str, float | None] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    alone: bool = True


def lexicographic(
    program: Program, levels: Sequence[Level], ask: Ask, start: Floats | None, ordered: Ordered | None = None
) -> Reached:
    """Solve level by level. A tolerance is a share of the level's best plan found, or an amount in its unit."""
    run = _Run(ask, ordered or Ordered())
    return run.reached(program, levels, start)


class _Run:
    def __init__(self, ask: Ask, ordered: Ordered) -> None:
        self.ask, self.ordered = ask, ordered
        self.answered: list[Answered] = []
        self.worst: dict[str, tuple[WorstLevel, ...]] = {}

    def reached(self, program: Program, levels: Sequence[Level], start: Floats | None) -> Reached:
        x, limits = start, self.ordered.limits
        for n, level in enumerate(levels):
            last = level is levels[-1]
            limits.give(1.0 / (len(levels) - n))  # what a level leaves of its time is shared by those after it
            after, linear, found_x = self._level(program, level, x, last)
            if found_x is None and limits.turn_over():  # no plan in its turn: once more, with all the time
                limits.give(1.0)
                del self.answered[-1]
                after, linear, found_x = self._level(program, level, x, last)
            program = after
            if found_x is None:
                return Reached(program, linear, x if len(self.answered) > 1 else None, tuple(self.answered), {}, self.worst)
            x = found_x
        limits.give(1.0)
        reached = Reached(program, linear, x, tuple(self.answered), {}, self.worst)
        return self._again(reached, levels)

    def _level(
        self, program: Program, level: Level, x: Floats | None, last: bool
    ) -> tuple[Program, Linear, Floats | None]:
        """One level from a point: the program that holds what it reached (unless it is the last), its objective, its point."""
        if level.criterion in self.ordered.outcomes:
            return self._leximin(program, level, x)
        linear = program.criteria[level.criterion]
        found = self.ask(program, linear, x)
        self.answered.append(Answered(level.criterion, found))
        if found.x is None or last:
            return program, linear, found.x
        value = found.outcome.objective
        return held(program, level.criterion, linear, value, room_of(level, value)), linear, found.x

    def _leximin(self, program: Program, level: Level, x: Floats | None) -> tuple[Program, Linear, Floats | None]:
        ordered, name = self.ordered, level.criterion
        done = leximin(program, ordered.outcomes[name], level, self.ask, x, ordered.limits,
                       most=ordered.most.get(name), alone=ordered.alone)
        self.answered.append(Answered(name, done.found))
        self.worst[name] = done.levels
        return done.program, done.linear, done.x

    def _again(self, reached: Reached, levels: Sequence[Level]) -> Reached:
        """Win back what later levels left of the tolerance of earlier ones, every other criterion held where it is.

        What is handed on is the last level's program: whole steps must not be asked to hold the last level exactly. They
        go by its criterion, with a trace of the earlier ones.
        """
        x = reached.x
        assert x is not None
        linears = {level.criterion: reached.program.criteria[level.criterion] for level in levels
                   if level.criterion not in self.ordered.outcomes}
        loose = [level.criterion for level in levels[:-1] if room_of(level, 1.0) > 0 and level.criterion in linears
                 and not isinstance(linears[level.criterion], Ratio)]  # a quotient takes a sequence of programs to win back
        linear = reached.linear
        for name in loose:
            best = next(one.found.outcome.objective for one in reached.levels if one.criterion == name)
            linear = _with_trace(linear, linears[name])
            if abs(best - reached.program.objective(name, x)) <= GAINED * max(1.0, abs(best)):
                continue
            if _all_taken(reached, name):
                continue
            kept = reached.program
            for other, criterion in linears.items():
                kept = held(kept, f"{other}_kept", criterion, kept.objective(other, x), 0.0)
            found = self.ask(kept, linears[name], x)
            x = x if found.x is None else found.x
        return replace(reached, linear=linear, x=x)


def _all_taken(reached: Reached, name: str) -> bool:
    """Whether the last level's linear program has a price on what it took of an earlier one.

    By complementary slackness all its optima then take the whole tolerance; what holding the last level leaves open is worth
    less than would be looked for.
    """
    last = reached.levels[-1].found
    row = next((family.start for family in reached.program.rows if family.name == f"level_{name}"), None)
    if last.dual is None or row is None or row >= len(last.dual):
        return False
    open_ = SLACK * max(1.0, abs(last.outcome.objective)) / max(abs(float(last.dual[row])), 1e-300)
    return open_ <= GAINED


def _with_trace(linear: Linear, other: Linear) -> Linear:
    """A criterion with so little of another that it only decides between equals."""
    size, most = float(np.abs(other.vector).max(initial=0.0)), float(np.abs(linear.vector).max(initial=0.0))
    part = (TRACE * most / size if size else 0.0) * (1.0 if other.sense == linear.sense else -1.0)
    return replace(linear, vector=linear.vector + part * other.vector)
