"""Exact leximin: the worst outcome as good as can be, then the second worst, and so on (Sen 1970; Rawls's principle in order).

Linear programs are solved by saturation (`optimizer.methods.saturation`). With integers saturation is wrong: of the
outcomes (1, 5) and (5, 1) no unit is blocked at 1. There the sums of the k worst outcomes are made large one after another
(`optimizer.methods.ordered_sums`), which is exact for any program.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.outcome import Outcome, Sense, Status
from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.engine.single_rows import with_single_rows_in_bounds
from optimizer.engine.units import UnitOutcomes
from optimizer.instance.settings import Level
from optimizer.methods.levels import Ask, WorstLevel, room_of
from optimizer.methods.ordered_sums import Summed, by_sums
from optimizer.methods.saturation import Saturated, saturate
from optimizer.search.drive import Found
from optimizer.search.limits import Limits


@dataclass(frozen=True, eq=False)
class Leximin:
    """What was reached: the program with every level held, the worst outcome as found, the point and the levels."""

    program: Program
    linear: Linear
    x: Floats | None
    found: Found
    levels: tuple[WorstLevel, ...]


def leximin(program: Program, units: UnitOutcomes, level: Level, ask: Ask, start: Floats | None, limits: Limits, *,
            most: float | None = None, alone: bool = True) -> Leximin:
    """The leximin optimum over the outcomes of units.

    Parameters
    ----------
    level : its tolerance is what later levels may take from each outcome
    most : how many of the worst outcomes to settle (below 1: share of the units; None: all)
    alone : whether the program's rows are all there is; False if the ask adds rows as they are found to be violated,
        which the sums respect and saturation would not
    """
    count = len(units)
    asked = count if most is None else min(count, max(1, math.ceil(most * count if most < 1 else most)))
    settled = without_bystanders(program, units)
    movable = settled.integer & (settled.col_lower < settled.col_upper)
    if not count or movable.any() or not alone:
        done = by_sums(program, units, level, ask, start, limits, asked, alone=alone)
        return _summed(program, units, done, ask, start, limits, asked)
    began = time.monotonic()
    fixed = saturate(settled, units, asked, limits)
    return _saturated(program, units, level, fixed, limits, asked, time.monotonic() - began)


def without_bystanders(program: Program, units: UnitOutcomes) -> Program:
    """The program with integers held at a bound that no outcome sees and to which every row lets them go.

    Counting binaries (a county that has exited, or must) are of this kind: none of them can keep an outcome from rising,
    so that with all other integers held a linear program is left (dual fixing, after rows of one column).
    """
    program = with_single_rows_in_bounds(program)
    low, high = program.col_lower, program.col_upper
    seen = np.zeros(program.n_columns, bool)
    seen[np.unique(units.matrix.indices)] = True
    entries = program.by_column
    column = np.repeat(np.arange(program.n_columns), np.diff(entries.indptr))
    bounded_below = np.isfinite(program.row_lower)[entries.indices]
    bounded_above = np.isfinite(program.row_upper)[entries.indices]
    rising = entries.data > 0
    keeps_up = np.where(rising, bounded_below, bounded_above)  # rows that going down would bring nearer to their limit
    keeps_down = np.where(rising, bounded_above, bounded_below)
    up = np.bincount(column, weights=keeps_up, minlength=program.n_columns) > 0
    down = np.bincount(column, weights=keeps_down, minlength=program.n_columns) > 0
    to_low = program.integer & ~seen & ~up & np.isfinite(low)
    to_high = program.integer & ~seen & ~down & ~to_low & np.isfinite(high)
    return program.with_bounds(col_lower=np.where(to_high, high, low), col_upper=np.where(to_low, low, high))


def total_of(units: UnitOutcomes, columns: int) -> Linear:
    """Mean outcome over units, as a criterion in the outcome's sense."""
    count = max(len(units), 1)
    sums = np.asarray(units.matrix.sum(axis=0)).ravel() / count
    vector = np.concatenate([sums, np.zeros(columns - len(sums))])
    return Linear("max" if units.better == "high" else "min", vector, float(units.constant.sum()) / count, units.unit)


def _saturated(program: Program, units: UnitOutcomes, level: Level, done: Saturated, limits: Limits, asked: int,
               seconds: float) -> Leximin:
    high = units.better == "high"
    sense: Sense = "max" if high else "min"
    linear = total_of(units, program.n_columns)
    if done.x is None or not done.levels:
        outcome = replace(done.result.outcome, sense=sense)
        return Leximin(program, linear, None, Found(outcome, None, {"leximin": seconds}, done.result.message), ())
    first = done.levels[0]
    status = Status.OPTIMAL
    if int(done.fixed.sum()) < asked:
        status = Status.INTERRUPTED if limits.stop() else Status.LIMIT
    outcome = Outcome(status, first.value, first.bound, 0.0, seconds, 0, sense)
    sign = 1.0 if high else -1.0
    room = np.array([room_of(level, value) for value in done.floor]) + 1e-7 * np.maximum(1.0, np.abs(done.floor))
    least = done.floor - room
    keys = pd.DataFrame({"unit": list(units.labels)})
    low = least - sign * units.constant
    row = ExtraRows(f"leximin_{level.criterion}", keys, sparse.csr_matrix(sign * units.matrix), low)
    return Leximin(program.extended(rows=[row]), linear, done.x, Found(outcome, done.x, {"leximin": seconds}), done.levels)


def _summed(program: Program, units: UnitOutcomes, done: Summed, ask: Ask, start: Floats | None, limits: Limits,
            asked: int) -> Leximin:
    sign = 1.0 if units.better == "high" else -1.0
    linear = total_of(units, done.program.n_columns)
    if done.first is None:  # no unit has an outcome: every plan is as good as any other
        found = ask(program, linear, start)
        return Leximin(program, linear, found.x, replace(found, basis=None), ())
    found = _in_own_sense(done.first, sign, units)
    if done.levels:
        first = done.levels[0]
        outcome = replace(found.outcome, objective=first.value, bound=first.bound, gap=first.gap)
        if not (len(done.levels) == asked and done.levels[-1].proved):
            outcome = replace(outcome, status=Status.INTERRUPTED if limits.stop() else Status.LIMIT)
        elif max(level.gap for level in done.levels) > 0:
            outcome = replace(outcome, status=Status.WITHIN_GAP)
        found = replace(found, outcome=outcome)
    return Leximin(done.program, linear, done.x, replace(found, x=done.x, basis=None), done.levels)


def _in_own_sense(found: Found, sign: float, units: UnitOutcomes) -> Found:
    """The first level (the worst outcome) in the outcome's own sense."""
    outcome = replace(found.outcome, objective=sign * found.outcome.objective, bound=sign * found.outcome.bound,
                      sense="max" if units.better == "high" else "min")
    return replace(found, outcome=outcome)
