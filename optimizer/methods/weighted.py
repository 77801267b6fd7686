"""Weighted sum of criteria, each divided by its range so that weights mean what they say."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.engine.program import Floats, Program
from optimizer.instance.settings import Level
from optimizer.methods.levels import Answered, Ask, Reached, combined

WEIGHTED = "weighted"


def weighted(program: Program, levels: Sequence[Level], ask: Ask, start: Floats | None) -> Reached:
    """The best point under Σ weight · criterion / range.

    A range is the level's own, or best minus worst of the criterion over the optima of each criterion alone.
    """
    ranges = {level.criterion: level.range for level in levels if level.range is not None}
    open_levels = [level for level in levels if level.range is None]
    if open_levels:
        points = [found.x for level in levels if (found := ask(program, program.criteria[level.criterion], start)).x is not None]
        for level in open_levels:
            values = [program.objective(level.criterion, point) for point in points]
            spread = max(values, default=0.0) - min(values, default=0.0)
            ranges[level.criterion] = spread if spread > 0 else 1.0
        start = points[0] if points else start
    linear = combined(program, [(level.criterion, level.weight / float(ranges[level.criterion] or 1.0)) for level in levels])
    found = ask(program, linear, start)
    return Reached(program, linear, found.x, (Answered(WEIGHTED, found),), {k: float(v or 1.0) for k, v in ranges.items()})
