"""Weighted sum of criteria, each divided by its range so that weights mean what they say."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.engine.program import Floats, Program
from optimizer.instance.settings import Level
from optimizer.methods.levels import Answered, Ask, Reached, combined, ranges_of

WEIGHTED = "weighted"


def weighted(program: Program, levels: Sequence[Level], ask: Ask, start: Floats | None) -> Reached:
    """The best point under Σ weight · criterion / range.

    A range is the level's own, or best minus worst of the criterion over the optima of each criterion alone.
    """
    ranges, start = ranges_of(program, levels, ask, start)
    linear = combined(program, [(level.criterion, level.weight / ranges[level.criterion]) for level in levels])
    found = ask(program, linear, start)
    return Reached(program.with_criteria({WEIGHTED: linear}), linear, found.x, (Answered(WEIGHTED, found),), ranges)
