"""A budget curve in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.sensitivity.curves.concave import Sandwich
from optimizer.sensitivity.curves.span import million_of
from optimizer.sensitivity.figures import figure

if TYPE_CHECKING:
    from optimizer.sensitivity.curves.curve import BudgetCurve

TIERS = {
    "exact": "exact",
    "relaxation": "with pairs and projects taken in parts, so that no plan is better",
    "selection": "for the pairs and projects of one plan, held, before whole steps of money",
    "solved": "whole plans, each solved and audited",
}
NO_GAP = 1e-9
FIRST = 3  # how many needs and counties a sentence names


def sentences_of(
    found: BudgetCurve, instance: Instance, drawn: Sandwich | None, ends: tuple[float, float], why: str
) -> tuple[str, ...]:
    """What a planner takes from a curve: its ends, the price at both, the knee, and what the next money buys."""
    unit = f"{found.label} of budget"
    tiers = found.table[found.table["value"].notna()]
    out = [_ends(found, ends, unit)]
    for tier, rows in tiers.groupby("tier", sort=False):
        out.append(_spread(str(tier), rows, found, instance))
    if why:
        out.append(f"Without a bound between the points: the instance {why}.")
    out += _selection(found)
    out += [*_precision(found, drawn), *_knee(found, tiers), *_gains(found)]
    if "nested_cost" in found.table and found.table["nested_cost"].notna().any():
        out += _nested(found)
    return tuple(out)


def _ends(found: BudgetCurve, ends: tuple[float, float], unit: str) -> str:
    low, high = ends[0] * found.total, ends[1] * found.total
    text = f"Budgets from {low:,.0f} to {high:,.0f} {unit}"
    text += f" ({100 * ends[0]:.4g} % to {100 * ends[1]:.4g} % of the instance's own)."
    if found.band is None and found.smooth is not None and found.smooth.soft:
        first, last = (end * found.total for end in found.smooth.ends)
        return f"{text} Only from {first:,.1f} to {last:,.1f} can all soft rules hold; the curve says nothing of other budgets."
    seen = found.table.loc[found.table["value"].notna(), "budget"]
    if seen.min() > low * (1 + 1e-6):
        exactly = found.smooth is not None and found.band is None
        text += f" The smallest budget with a plan is {'' if exactly else 'at most '}{seen.min():,.1f}"
        text += "; below it the rules cannot hold." if exactly else "."
        if exactly and found.smooth is not None and found.smooth.tier == "relaxation":
            text += " With whole pairs and projects it may be larger."
    if seen.max() < high * (1 - 1e-6):
        text += f" Above {seen.max():,.1f} there is no plan."
    return text


def _spread(tier: str, rows: pd.DataFrame, found: BudgetCurve, instance: Instance) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    text = f"{found.criterion} ({TIERS[tier]}): {figure(first['value'])} at {first['budget']:,.0f}, {figure(last['value'])} at "
    text += f"{last['budget']:,.0f}"
    if len(rows) > 1:
        per = (last["value"] - first["value"]) / (last["budget"] - first["budget"]) * million_of(instance)
        text += f"; on average {figure(per, 5)} {found.unit} a million {found.currency}".replace("  ", " ")
    if tier == "solved":
        gap = rows["gap"].max()
        text += f"; gaps up to {100 * gap:.2g} %" if gap > NO_GAP else "; no gaps"
    return text + "."


def _selection(found: BudgetCurve) -> list[str]:
    """Where the range ends for one selection of pairs and projects."""
    if found.selection is None or found.smooth is None:
        return []
    (least, most), (first, last) = found.selection.ends, found.smooth.ends
    below = [f"need at least {least * found.total:,.1f}"] if least > first * (1 + 1e-6) else []
    above = [f"can use no more than {most * found.total:,.1f}"] if most < last * (1 - 1e-6) else []
    return [f"The pairs and projects held {' and '.join([*below, *above])}."] if below or above else []


def _precision(found: BudgetCurve, drawn: Sandwich | None) -> list[str]:
    if drawn is None or len(drawn.touches) < 2:
        return []
    apart = found.table.loc[found.table["tier"] == found.table["tier"].iloc[0], "apart"].max()
    text = f"Between the {len(drawn.touches)} points of the curve its bounds are at most {100 * apart:.2g} % apart."
    return [text if drawn.complete else text + " The run was stopped before they came as near as asked for."]


def _knee(found: BudgetCurve, table: pd.DataFrame) -> list[str]:
    """Where returns fall off: the point furthest from the straight line between the ends (Satopää et al. 2011)."""
    rows = table[table["tier"] == table["tier"].iloc[0]]
    if len(rows) < 3:
        return []
    at, value = rows["budget"].to_numpy(float), rows["value"].to_numpy(float)
    straight = np.interp(at, at[[0, -1]], value[[0, -1]])
    away = np.abs(value - straight)
    knee = int(away.argmax())
    step = rows["next_per_million"].to_numpy(float)
    if knee in (0, len(rows) - 1) or away[knee] <= 1e-6 * np.abs(value).max():
        return ["Every million buys the same over the whole range."]
    before, after = (value[knee] - value[0]) / (at[knee] - at[0]), (value[-1] - value[knee]) / (at[-1] - at[knee])
    scale = step[0] / ((value[1] - value[0]) / (at[1] - at[0])) if value[1] != value[0] else np.nan
    if not np.isfinite(scale):
        return []
    below, above = figure(before * scale, 5), figure(after * scale, 5)
    return [f"Returns fall off most around {at[knee]:,.0f}: a million {found.currency} brings {below} on average below it and "
            f"{above} above it ({figure(step[0], 5)} at the beginning, {figure(step[-2], 5)} at the end)."]


def _gains(found: BudgetCurve) -> list[str]:
    """What the first and the last step of the range buy, and for whom."""
    table = found.next
    steps = table[["from", "to"]].drop_duplicates().sort_values("from").to_numpy(float)
    out = []
    for low, high in steps[[0, -1]] if len(steps) > 1 else steps:
        rows = table[(table["from"] == low) & (table["to"] == high)]
        people = rows.loc[rows["by"] == "need", "covered_per_million"].sum()
        named = []
        for part in ("need", "county"):
            top = rows[(rows["by"] == part) & (rows["covered_change"] > 0)].head(FIRST)
            if len(top):
                named.append(", ".join(f"{name} {people_:+,.0f}" for name, people_ in zip(top["name"], top["covered_change"],
                                                                                        strict=True)))
        losing = int(((rows["by"] == "county") & (rows["money_change"] < -1)).sum())
        total = rows.loc[rows["by"] == "need", "covered_change"].sum()
        if abs(total) < 1:
            out.append(f"From {low:,.0f} to {high:,.0f} no more people are covered.")
            continue
        text = f"From {low:,.0f} to {high:,.0f}: {total:+,.0f} people, weighted alike"
        text += f" ({figure(people, 4)} a million {found.currency})"
        text += f"; most of them {'; '.join(named)}" if named else ""
        lose = "" if not losing else f"; {losing} {'counties get' if losing > 1 else 'county gets'} less money than before"
        out.append(f"{text}{lose}.")
    return out


def _nested(found: BudgetCurve) -> list[str]:
    rows = found.table[found.table["nested_cost"].notna()]
    worst = rows.iloc[int(rows["nested_cost"].to_numpy(float).argmax())]
    gap = rows["gap"].max()
    known = f" as far as gaps of up to {100 * gap:.2g} % let it be seen" if gap > NO_GAP else ""
    if worst["nested_cost"] <= 0:
        return [f"That no county gets less money when the budget grows costs nothing in this range{known}."]
    return [f"That no county gets less money when the budget grows costs at most {figure(worst['nested_cost'], 5)} {found.unit} "
            f"({worst['nested_cost_percent']:.2g} %), at {worst['budget']:,.0f}{known}."]
