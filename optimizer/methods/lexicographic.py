"""Criteria in order: each is made as good as it can be while those before it stay within their tolerance.

The loop runs over one program, to which a row is added for each level held; HiGHS's own lexicographic mode ignores
starts and gives no duals.
"""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.engine.program import Floats, Program
from optimizer.instance.settings import Level
from optimizer.methods.levels import Answered, Ask, Reached, held


def lexicographic(program: Program, levels: Sequence[Level], ask: Ask, start: Floats | None) -> Reached:
    """Solve level by level. A tolerance is a share of the level's best plan found, or an amount in its unit."""
    answered: list[Answered] = []
    x = start
    for level in levels:
        linear = program.criteria[level.criterion]
        found = ask(program, linear, x)
        answered.append(Answered(level.criterion, found))
        if found.x is None:
            return Reached(program, linear, x if len(answered) > 1 else None, tuple(answered), {})
        x = found.x
        if level is not levels[-1]:
            value = found.outcome.objective
            program = held(program, level.criterion, linear, value, _room(level, value))
    return Reached(program, linear, x, tuple(answered), {})


def _room(level: Level, value: float) -> float:
    if level.tolerance is None:
        return 0.0
    return level.tolerance.amount * abs(value) if level.tolerance.relative else level.tolerance.amount
