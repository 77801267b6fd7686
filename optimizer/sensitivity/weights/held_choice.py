"""The program of a plan with its pairs and projects held, and the same with them free to move."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.engine.program import Floats, Program
from optimizer.plan.plan import Plan


def chosen(plan: Plan, program: Program) -> tuple[Floats, Floats]:
    """Bounds of all columns with the pairs and projects of a plan held at what it chose."""
    pairs = plan.pairings[plan.pairings["status"].isin(["kept", "new"])]
    taken = {
        "pair": pd.MultiIndex.from_frame(pairs[["donor", "county"]]),
        "start": pd.MultiIndex.from_frame(plan.projects[["project", "start"]]),
    }
    taken["started"] = taken["start"]
    low, high = program.col_lower.copy(), program.col_upper.copy()
    for family in program.columns:
        if family.name in taken and len(family):
            keys = pd.MultiIndex.from_frame(family.keys[list(taken[family.name].names)])
            held = keys.isin(taken[family.name]).astype(float)
            low[family.start : family.stop] = high[family.start : family.stop] = held
    return low, high


def with_whole_at(program: Program, x: Floats) -> Program:
    """The program with every whole column held at a point."""
    low, high = program.col_lower.copy(), program.col_upper.copy()
    low[program.integer] = high[program.integer] = np.round(x[program.integer])
    return program.with_bounds(col_lower=low, col_upper=high)
