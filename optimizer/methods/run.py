"""The method of an instance, run: which of the methods, over which levels, in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from optimizer.engine.program import Floats, Program
from optimizer.instance.settings import Level, Settings
from optimizer.methods.goal import GOAL, goal, with_deviations
from optimizer.methods.levels import Ask, Reached, combined, held
from optimizer.methods.lexicographic import Ordered, lexicographic
from optimizer.methods.reference_point import REFERENCE, reference_point, with_achievement
from optimizer.methods.single import single
from optimizer.methods.weighted import WEIGHTED, weighted

Together = Callable[[Program, Sequence[Level], Ask, Floats | None], Reached]
#: Methods that make one criterion of several.
TOGETHER: dict[str, Together] = {WEIGHTED: weighted, GOAL: goal, REFERENCE: reference_point}
#: Forms that speak of the worst units; past these, many plans are equally good.
OF_THE_WORST = ("maximin", "leximin", "cvar", "owa")


def reached_by(settings: Settings, program: Program, ask: Ask, start: Floats | None, ordered: Ordered | None = None) -> Reached:
    """What the method of an instance reaches; points of soft rules are made few first, unless a level names them."""
    levels = levels_of(settings)
    soft = any(rule.active and not rule.hard for rule in settings.rules)
    first = soft and all(level.criterion != "broken" for level in levels)
    together = TOGETHER.get(settings.method.type)
    if together is not None:
        return broken_first(together, program, levels, ask, start) if first else together(program, levels, ask, start)
    if first:
        levels = [Level(criterion="broken"), *levels]
    if len(levels) == 1 and levels[0].criterion in program.criteria:
        return single(program, levels[0].criterion, ask, start)
    return lexicographic(program, levels, ask, start, ordered)


def with_composite(settings: Settings, program: Program, ranges: Mapping[str, float]) -> Program:
    """The program with the one criterion that the method makes of its levels, under the method's name."""
    levels, kind, sizes = settings.method.levels, settings.method.type, dict(ranges)
    if kind == WEIGHTED:
        parts = [(level.criterion, level.weight / sizes[level.criterion]) for level in levels]
        return program.with_criteria({WEIGHTED: combined(program, parts)})
    if kind in TOGETHER:
        return (with_deviations if kind == GOAL else with_achievement)(program, levels, sizes)[0]
    return program


def levels_of(settings: Settings) -> list[Level]:
    """The levels of the method; coverage comes last where every level speaks of the worst units alone.

    The worst units' optimum leaves open what everybody else gets: maximin alone covered 28 % fewer people than the same
    optimum with coverage made large in a second step.
    """
    method, criteria = settings.method, settings.criteria
    levels = list(method.levels)
    forms = [criteria[level.criterion].equity if level.criterion in criteria else None for level in levels]
    if method.type not in TOGETHER and all(form in OF_THE_WORST for form in forms):
        levels.append(Level(criterion="coverage"))
    return levels


def ordered_levels(settings: Settings) -> dict[str, float | None]:
    """How many of the worst units each leximin level settles (None: all), by criterion."""
    criteria = settings.criteria
    return {level.criterion: level.worst for level in settings.method.levels
            if level.criterion in criteria and criteria[level.criterion].equity == "leximin"}


def broken_first(together: Together, program: Program, levels: Sequence[Level], ask: Ask, start: Floats | None) -> Reached:
    """Points of soft rules as few as can be, then the method with these held."""
    first = single(program, "broken", ask, start)
    if first.x is None:
        return first
    found = first.levels[0].found
    rest = together(held(program, "broken", program.criteria["broken"], found.outcome.objective, 0.0), levels, ask, first.x)
    return replace(rest, levels=(*first.levels, *rest.levels))
