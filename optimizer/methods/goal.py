"""Goal programming: as little short of the targets as can be, and past them where that costs no goal.

Charnes & Cooper, "Management Models and Industrial Applications of Linear Programming" (1961): minimise the weighted
sum of deviations from targets. Deviations are one-sided, in the sense of each criterion: more than the target of a
criterion that is made large is no fault. Among plans with the same deviations the one with the most of the weighted
criteria is taken, so that targets set too low do not lead to a dominated plan (Romero, "Handbook of Critical Issues in
Goal Programming", 1991, chapter 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.instance.settings import Level
from optimizer.methods.levels import Answered, Ask, Reached, combined, held

GOAL = "goal"


def goal(program: Program, levels: Sequence[Level], ask: Ask, start: Floats | None) -> Reached:
    """The point with the least Σ weight · deviation / size, size = the level's range or \\|target\\|.

    Raises
    ------
    ValueError : a level without a target, or with target 0 and no range
    """
    sizes = {level.criterion: size_of(level) for level in levels}
    wide, linear = with_deviations(program, levels, sizes)
    found = ask(wide, linear, _with_deviations_of(program, levels, start))
    if found.x is None:
        return Reached(wide, linear, None, (Answered(GOAL, found),), sizes)
    rest = combined(wide, [(level.criterion, level.weight / sizes[level.criterion]) for level in levels])
    kept = held(wide, GOAL, linear, found.outcome.objective, 0.0)
    better = ask(kept, rest, found.x)
    x = found.x if better.x is None else better.x
    return Reached(kept, rest, x, (Answered(GOAL, replace(found, basis=better.basis)),), sizes)


def size_of(level: Level) -> float:
    """What a deviation is divided by: the level's range, or else its target without sign.

    Raises
    ------
    ValueError : there is no target, or neither is above 0
    """
    if level.target is None:
        raise ValueError(f"the goal for {level.criterion} has no target")
    size = abs(level.target) if level.range is None else level.range
    if not size > 0:
        raise ValueError(f"the goal for {level.criterion} is 0, so a range must say what a deviation is divided by")
    return float(size)


def with_deviations(program: Program, levels: Sequence[Level], sizes: dict[str, float]) -> tuple[Program, Linear]:
    """A column for each deviation: criterion + deviation ≥ target (max), criterion − deviation ≤ target (min)."""
    n, count = program.n_columns, len(levels)
    keys = pd.DataFrame({"criterion": [level.criterion for level in levels]})
    rows, low, high = [], np.full(count, -np.inf), np.full(count, np.inf)
    for at, level in enumerate(levels):
        given = program.criteria[level.criterion]
        deviation = np.zeros(count)
        deviation[at] = 1.0 if given.sense == "max" else -1.0
        rows.append(np.concatenate([given.vector, deviation]))
        (low if given.sense == "max" else high)[at] = float(level.target or 0.0) - given.constant
    row = ExtraRows("goal", keys, sparse.csr_matrix(np.vstack(rows)), low, high)
    wide = program.extended([ExtraColumns("deviation", keys)], [row])
    price = np.array([level.weight / sizes[level.criterion] for level in levels])
    linear = Linear("min", np.concatenate([np.zeros(n), price]), 0.0, "points")
    return wide.with_criteria({GOAL: linear}), linear


def _with_deviations_of(program: Program, levels: Sequence[Level], x: Floats | None) -> Floats | None:
    """A point of the program with the deviations it has."""
    if x is None or len(x) != program.n_columns:
        return None
    return np.concatenate([x, [_short(program, level, x) for level in levels]])


def _short(program: Program, level: Level, x: Floats) -> float:
    short = float(level.target or 0.0) - program.objective(level.criterion, x)
    return max(0.0, short if program.criteria[level.criterion].sense == "max" else -short)
