"""The three reports of Excel's Solver (answer, sensitivity, limits) over every decision and every limit of a program.

They say what those reports say, under the same names: planners know them. Shadow prices and allowable changes are those of
the optimal basis, as there; where a limit is degenerate the two prices of ``sensitivity.csv`` say more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.engine.program import Floats, Ints
from optimizer.sensitivity.prices.choices import DECISIONS, NOTHING, cost_ranges
from optimizer.sensitivity.prices.prices import AT_UPPER, Optimum
from optimizer.sensitivity.prices.question import Question


@dataclass(frozen=True, eq=False)
class Reports:
    """The reports of one optimum.

    Attributes
    ----------
    answer : part (``objective``, ``decision``, ``constraint``), name, original value, final value, type (of a decision),
        formula, status, slack (of a constraint)
    variables : name, final value, reduced cost, objective coefficient, allowable increase, allowable decrease
    constraints : name, final value, shadow price, right-hand side, allowable increase, allowable decrease
    limits : name, value, lower limit, objective result, upper limit, objective result: each decision moved alone
    """

    answer: pd.DataFrame
    variables: pd.DataFrame
    constraints: pd.DataFrame
    limits: pd.DataFrame


def reports(asked: Question, optimum: Optimum) -> Reports:
    """The three reports; every row of the program is a constraint, decisions are what a planner decides."""
    program = asked.program
    at = np.concatenate([np.arange(f.start, f.stop) for f in program.columns if f.name in DECISIONS] + [np.empty(0, int)])
    names = [name for f in program.columns if f.name in DECISIONS for name in f.names()]
    rows = program.row_names()
    constraints = _constraints(asked, optimum, rows)
    return Reports(_answer(asked, optimum, at, names, constraints), _variables(asked, optimum, at, names), constraints,
                   _limits(asked, optimum, at, names))


def _answer(asked: Question, optimum: Optimum, at: Ints, names: list[str], constraints: pd.DataFrame) -> pd.DataFrame:
    program, nothing = asked.program, np.zeros(asked.program.n_columns)
    objective = pd.DataFrame({
        "part": "objective", "name": [f"{asked.criterion} ({asked.linear.sense})"],
        "original value": asked.linear.at(nothing), "final value": optimum.value, "type": "", "formula": "", "status": "",
        "slack": np.nan,
    })
    whole = asked.compiled.program.integer
    kinds = ["binary" if j < len(whole) and whole[j] else "continuous" for j in at]
    decisions = pd.DataFrame({
        "part": "decision", "name": names, "original value": 0.0, "final value": optimum.x[at], "type": kinds, "formula": "",
        "status": "", "slack": np.nan,
    })
    activity = optimum.point[program.n_columns :]
    low, high = program.row_lower, program.row_upper
    slack = np.minimum(activity - low, high - activity)
    binding = optimum.at_low[program.n_columns :] | optimum.at_high[program.n_columns :]
    stated = pd.DataFrame({
        "part": "constraint", "name": constraints["name"], "original value": 0.0, "final value": activity, "type": "",
        "formula": [_formula(a, b) for a, b in zip(low, high, strict=True)],
        "status": np.where(binding, "binding", "not binding"), "slack": np.where(binding, 0.0, slack),
    })
    return pd.concat([objective, decisions, stated], ignore_index=True)


def _formula(low: float, high: float) -> str:
    """What a constraint says."""
    if low == high:
        return f"= {low:.10g}"
    ends = [f">= {low:.10g}"] if np.isfinite(low) else []
    ends += [f"<= {high:.10g}"] if np.isfinite(high) else []
    return " and ".join(ends)


def _variables(asked: Question, optimum: Optimum, at: Ints, names: list[str]) -> pd.DataFrame:
    cost = asked.linear.vector[at]
    low, high = cost_ranges(optimum)
    reduced = optimum.reduced[at]
    return pd.DataFrame({
        "name": names, "final value": optimum.x[at],
        "reduced cost": np.where(np.abs(reduced) * optimum.scale < NOTHING, 0.0, reduced), "objective coefficient": cost,
        "allowable increase": _room(high[at] - cost), "allowable decrease": _room(cost - low[at]),
    })


def _constraints(asked: Question, optimum: Optimum, names: list[str]) -> pd.DataFrame:
    program, n = asked.program, asked.program.n_columns
    found = optimum.session.basis_ranges()
    activity, basic = optimum.point[n:], optimum.basic[n:]
    at_high = (optimum.code[n:] == AT_UPPER) | ~np.isfinite(program.row_lower)
    nearer = (program.row_upper - activity) <= (activity - program.row_lower)
    upper = np.where(basic, nearer | ~np.isfinite(program.row_lower), at_high) & np.isfinite(program.row_upper)
    right = np.where(upper, program.row_upper, program.row_lower)
    room = np.abs(right - activity)
    rises = np.where(basic, np.where(upper, np.inf, room), found.row_high - right)
    falls = np.where(basic, np.where(upper, room, np.inf), right - found.row_low)
    shadow = np.where(basic, 0.0, optimum.dual)
    return pd.DataFrame({
        "name": names, "final value": activity, "shadow price": shadow, "right-hand side": right,
        "allowable increase": _room(rises), "allowable decrease": _room(falls),
    })


def _room(values: Floats) -> Floats:
    """Allowable changes are not negative, round-off aside."""
    return np.maximum(values, 0.0)


def _limits(asked: Question, optimum: Optimum, at: Ints, names: list[str]) -> pd.DataFrame:
    """How far each decision can go alone, every other one held, and what the objective is there."""
    program, n = asked.program, asked.program.n_columns
    columns = program.by_column[:, at].tocsc()
    count = np.diff(columns.indptr)
    entry, row, of = columns.data, columns.indices, np.repeat(np.arange(len(at)), count)
    activity = optimum.point[n:][row]
    with np.errstate(divide="ignore", invalid="ignore"):
        to_high, to_low = (program.row_upper[row] - activity) / entry, (program.row_lower[row] - activity) / entry
    up, down = np.where(entry > 0, to_high, to_low), np.where(entry > 0, to_low, to_high)
    x = optimum.x[at]
    rise, fall = program.col_upper[at] - x, program.col_lower[at] - x
    np.minimum.at(rise, of, np.maximum(up, 0.0))
    np.maximum.at(fall, of, np.minimum(down, 0.0))
    rise, fall = np.maximum(rise, 0.0), np.minimum(fall, 0.0)
    cost = asked.linear.vector[at]

    def result(move: Floats) -> Floats:
        return optimum.value + np.where(cost == 0, 0.0, cost * np.where(cost == 0, 0.0, move))

    return pd.DataFrame({
        "name": names, "value": x, "lower limit": x + fall, "objective at lower limit": result(fall),
        "upper limit": x + rise, "objective at upper limit": result(rise),
    })
