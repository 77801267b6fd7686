"""Reference point: the plan that does best, in the worst of its criteria, against what the planner aspires to.

Wierzbicki, "The use of reference objectives in multiobjective optimization" (1980): maximise the achievement

    min_i w_i (f_i − r_i) / range_i  +  ε Σ_i w_i (f_i − r_i) / range_i

with criteria to be made small counted negative. Aspirations may lie within reach or beyond it; thanks to ε > 0 the
optimum is never dominated, and every properly efficient plan is the optimum for some aspirations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.instance.settings import Level
from optimizer.methods.levels import Answered, Ask, Reached, ranges_of

REFERENCE = "reference"
EPSILON = 1e-4  # weight of the sum beside the worst criterion


def reference_point(program: Program, levels: Sequence[Level], ask: Ask, start: Floats | None) -> Reached:
    """The point of the largest achievement; a level's ``target`` is its aspiration, ranges as in `weighted`.

    Raises
    ------
    ValueError : a level without a target, or with weight 0 (the worst of weighted criteria would never exceed 0)
    """
    missing = [level.criterion for level in levels if level.target is None or not level.weight > 0]
    if missing:
        raise ValueError(f"there is no aspiration (target), or no weight above 0, for {', '.join(missing)}")
    ranges, start = ranges_of(program, levels, ask, start)
    wide, linear = with_achievement(program, levels, ranges)
    if start is not None and len(start) == program.n_columns:
        start = np.append(start, min(_achieved(program, level, ranges, start) for level in levels))
    found = ask(wide, linear, start)
    return Reached(wide, linear, found.x, (Answered(REFERENCE, found),), ranges)


def with_achievement(program: Program, levels: Sequence[Level], ranges: dict[str, float]) -> tuple[Program, Linear]:
    """A column z for the worst achievement, a row z ≤ w (f − r) / range for each level, and z + ε Σ as a criterion."""
    n = program.n_columns
    rows, most, total, constant = [], [], np.zeros(n), 0.0
    for level in levels:
        given = program.criteria[level.criterion]
        scale = (1.0 if given.sense == "max" else -1.0) * level.weight / ranges[level.criterion]
        shift = scale * (given.constant - float(level.target or 0.0))
        rows.append(np.append(-scale * given.vector, 1.0))
        most.append(shift)
        total, constant = total + scale * given.vector, constant + shift
    keys = pd.DataFrame({"criterion": [level.criterion for level in levels]})
    column = ExtraColumns("achievement", pd.DataFrame(index=range(1)), lower=-np.inf)
    row = ExtraRows("achieved", keys, sparse.csr_matrix(np.vstack(rows)), upper=np.array(most))
    wide = program.extended([column], [row])
    linear = Linear("max", np.append(EPSILON * total, 1.0), EPSILON * constant, "points")
    return wide.with_criteria({REFERENCE: linear}), linear


def _achieved(program: Program, level: Level, ranges: dict[str, float], x: Floats) -> float:
    sign = 1.0 if program.criteria[level.criterion].sense == "max" else -1.0
    away = program.objective(level.criterion, x) - float(level.target or 0.0)
    return sign * level.weight * away / ranges[level.criterion]
