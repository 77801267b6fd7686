"""From a point of the program back to decisions under their names, and what rounding must know of each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from optimizer.engine.family import Family
from optimizer.engine.program import Floats, Program
from optimizer.instance.data import Data
from optimizer.model.equity.units import DEFINES

TABLES = {
    "transfers": ("transfer", "money"), "placed": ("placed", "money"), "support": ("support", "money"),
    "direct": ("direct", "money"),
}


def decisions_of(program: Program, x: Floats, step: float) -> dict[str, pd.DataFrame]:
    """Tables of whole-unit decisions: transfers, placed, support, direct (money), pairs, starts (amount)."""
    out = {}
    for table, (family, value) in TABLES.items():
        keys, values = _family(program, family, x)
        steps = np.round(values / step)
        out[table] = keys.assign(**{value: [_money(n, step) for n in steps.astype(int)]})[steps > 0]
    pairs, chosen = _family(program, "pair", x)
    out["pairs"] = pairs[chosen > 0.5]
    starts = []
    for family in ("start", "amount"):
        keys, values = _family(program, family, x)
        starts.append(keys.assign(amount=np.round(values) if family == "start" else values)[values > 1e-9])
    out["starts"] = pd.concat(starts, ignore_index=True)
    return out


def _family(program: Program, name: str, x: Floats) -> tuple[pd.DataFrame, Floats]:
    for family in program.columns:
        if family.name == name:
            return family.keys, x[family.start : family.stop]
    return pd.DataFrame(), np.empty(0)


def _money(steps: int, step: float) -> float:
    """A whole number of steps as money that prints short."""
    return float(round(steps * step, 10))


def unit_costs(program: Program, data: Data) -> Floats:
    """Accounted cost in the horizon of one unit of each scalable project's column; 0 for all other columns."""
    unit = np.zeros(program.n_columns)
    cost = data.project_money.groupby(["project", "start"])["money"].sum()
    for family in program.columns:
        if family.name == "amount" and len(family.keys):
            keys = pd.MultiIndex.from_frame(family.keys[["project", "start"]])
            unit[family.start : family.stop] = cost.reindex(keys).fillna(0.0).to_numpy(float)
    return unit


def least_amounts(program: Program, data: Data) -> Floats:
    """Least amount of each scalable project's column if it is started at all; 0 for all other columns."""
    least = np.zeros(program.n_columns)
    for family in program.columns:
        if family.name == "amount" and len(family.keys):
            least[family.start : family.stop] = data.projects.loc[family.keys["project"], "least"].to_numpy(float)
    return least


def movements(program: Program, data: Data, money: np.ndarray, unit: Floats) -> Floats:
    """How far rounding to whole steps and whole people may move each column.

    Money: one step. People reached or held: what a step buys in their tier, and one person a period for rounding down.
    People through projects: one a period, and what a scalable amount loses.
    """
    give = np.where(money, data.step, 0.0)
    scaled = unit > 0
    give[scaled] = data.step / unit[scaled]
    cost = data.tiers.set_index(["county", "need", "tier", "period"])["cost"]
    periods = len(data.periods)
    for family in program.columns:
        if family.name in ("reach", "held") and len(family.keys):
            each = cost.reindex(pd.MultiIndex.from_frame(family.keys)).to_numpy(float)
            give[family.start : family.stop] = periods * (1.0 + data.step / np.maximum(each, 1e-9))
        elif family.name == "built":
            give[family.start : family.stop] = periods + _lost(program, family, np.where(scaled, give, 0.0))
    for family in program.columns:  # those that stand for a sum of others, in order: they move with them
        defining = [rows for rows in program.rows if rows.name == family.name + DEFINES]
        if defining:
            give[family.start : family.stop] = abs(program.matrix[defining[0].start : defining[0].stop]) @ give
    return give


def _lost(program: Program, built: Family, give: Floats) -> Floats:
    """People that scalable amounts lose, by column of those reached through projects."""
    rows = next((rows for rows in program.rows if rows.name == "built_from_projects"), None)
    if rows is None:
        return np.zeros(built.stop - built.start)
    part = abs(program.matrix[rows.start : rows.stop])
    return np.asarray(part[:, built.start : built.stop].sign().T @ (part @ give))


def people_columns(program: Program) -> np.ndarray:
    """Which columns count people."""
    out = np.zeros(program.n_columns, bool)
    for family in program.columns:
        if family.name in ("reach", "held", "built"):
            out[family.start : family.stop] = True
    return out


def rule_rows(program: Program, text: Mapping[int, str], rules: Sequence[str]) -> dict[tuple[str, str], str]:
    """Text by row of the program, under (rule, index) as ``rules.csv`` writes them."""
    out = {}
    for family in program.rows:
        inside = [row for row in text if family.start <= row < family.stop]
        if not inside:
            continue
        named = [rule for rule in rules if family.name == f"rule_{rule}" or family.name.startswith(f"rule_{rule}_")]
        for row in inside:
            keys = family.keys.iloc[row - family.start]
            out[max(named, key=len), ";".join(f"{name}={value}" for name, value in keys.items())] = text[row]
    return out
