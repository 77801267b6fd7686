"""Criteria in order: each is made as good as it can be while those before it stay within their tolerance.

The loop runs over one program, to which a row is added for each level held; HiGHS's own lexicographic mode ignores
starts and gives no duals. Where a level had a tolerance, what the later ones left of it is won back at the end: the
earlier criteria are optimised again, in order, with every other one held where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.units import UnitOutcomes
from optimizer.instance.settings import Level
from optimizer.methods.leximin import leximin, room_of
from optimizer.methods.levels import Answered, Ask, Reached, WorstLevel, held
from optimizer.search.limits import Limits

GAINED = 1e-7  # share of a level's value that must be left to gain before it is optimised again


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
        x = start
        for level in levels:
            last = level is levels[-1]
            if level.criterion in self.ordered.outcomes:
                program, linear, found_x = self._leximin(program, level, x)
            else:
                linear = program.criteria[level.criterion]
                found = self.ask(program, linear, x)
                self.answered.append(Answered(level.criterion, found))
                found_x = found.x
                if found_x is not None and not last:
                    value = found.outcome.objective
                    program = held(program, level.criterion, linear, value, room_of(level, value))
            if found_x is None:
                return Reached(program, linear, x if len(self.answered) > 1 else None, tuple(self.answered), {}, self.worst)
            x = found_x
        reached = Reached(program, linear, x, tuple(self.answered), {}, self.worst)
        return self._again(reached, levels)

    def _leximin(self, program: Program, level: Level, x: Floats | None) -> tuple[Program, Linear, Floats | None]:
        ordered, name = self.ordered, level.criterion
        done = leximin(program, ordered.outcomes[name], level, self.ask, x, ordered.limits,
                       most=ordered.most.get(name), alone=ordered.alone)
        self.answered.append(Answered(name, done.found))
        self.worst[name] = done.levels
        return done.program, done.linear, done.x

    def _again(self, reached: Reached, levels: Sequence[Level]) -> Reached:
        """Win back what later levels left of the tolerance of earlier ones, every other criterion held where it is."""
        program, linear, x = reached.program, reached.linear, reached.x
        assert x is not None
        loose = [level for level in levels[:-1] if room_of(level, 1.0) > 0 and level.criterion not in self.ordered.outcomes]
        linears = {level.criterion: reached.program.criteria[level.criterion] for level in levels
                   if level.criterion not in self.ordered.outcomes}
        for level in loose:
            best = next(one.found.outcome.objective for one in reached.levels if one.criterion == level.criterion)
            here = reached.program.objective(level.criterion, x)
            if abs(best - here) <= GAINED * max(1.0, abs(best)):
                continue
            kept = reached.program
            for name, other in linears.items():
                kept = held(kept, f"{name}_kept", other, kept.objective(name, x), 0.0)
            found = self.ask(kept, linears[level.criterion], x)
            if found.x is not None:
                program, linear, x = kept, linears[level.criterion], found.x
        return Reached(program, linear, x, reached.levels, reached.ranges, reached.worst)
