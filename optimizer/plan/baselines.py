"""Money to compare with, in exact numbers: last year's and the factor method's (因素法).

The figures themselves are the instance's (`optimizer.instance.baselines`); here they are put beside the rows of a
rule, and made into tables that stand beside a plan's funds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.baselines import baseline_rows, budget_of, factor_money
from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.plan.exact import Exact, locate
from optimizer.plan.grouping import Rows, as_list, group_values, members

SPLITS = ("stream", "category")


def baseline_values(data: Data, measure: Measure, rows: Rows, which: str) -> tuple[Exact, np.ndarray]:
    """Baseline of each row of a money rule, and whether anything is known of it."""
    keys = list(rows.keys.columns)
    streams, categories = (_listed(measure.filters.get(name)) for name in SPLITS)
    table = baseline_rows(data, which, streams, categories, [name for name in keys if name in SPLITS])
    counties = measure.filters.get("county")
    if counties is not None:
        table = table[table["county"].isin(members(data, "county", counties))]
    periods = measure.filters.get("period")
    if periods is not None:
        table = table[table["period"].isin([int(period) for period in as_list(periods)])]
    table = table.reset_index(drop=True)
    frame = pd.DataFrame({name: group_values(data, name, table) for name in keys if name != "period"}, index=range(len(table)))
    if "period" in keys:
        frame = frame.assign(period=table["period"].to_numpy())
    codes = locate(frame, rows.keys, keys) if keys else np.zeros(len(table), dtype=np.int64)
    known = np.bincount(codes[codes >= 0], minlength=len(rows)) > 0
    return Exact.of(table["money"]).sum_by(codes, len(rows)), known


def _listed(value: Any) -> list[str] | None:
    return None if value is None else [str(one) for one in as_list(value)]


def budget_scale(data: Data, measure: Measure, rows: Rows, which: str) -> tuple[Exact, Exact]:
    """Budget and baseline total of the measure's streams for each row, as (top, low): the scale is their quotient."""
    streams = _listed(measure.filters.get("stream"))
    total = baseline_rows(data, which, streams, None)
    periods = list(data.periods)
    budget = Exact.of([budget_of(data, streams, period) for period in periods])
    base = Exact.of(total["money"]).sum_by(pd.Index(periods).get_indexer(pd.Index(total["period"])), len(periods))
    if "period" in rows.keys.columns:
        at = pd.Index(periods).get_indexer(pd.Index(rows.keys["period"]))
        return budget[at], base[at]
    zeros = np.zeros(len(periods), dtype=np.int64)
    spread = np.zeros(len(rows), dtype=np.int64)
    return budget.sum_by(zeros, 1)[spread], base.sum_by(zeros, 1)[spread]


def grows(data: Data, measure: Measure, which: str) -> bool:
    """Whether the budgets behind a whole exceed its baseline over the horizon: only then is there an increase to share."""
    streams = _listed(measure.filters.get("stream"))
    budget = Exact.of([budget_of(data, streams, period) for period in data.periods]).total()
    value, _ = baseline_values(data, measure, Rows(pd.DataFrame(index=range(1)), "total"), which)
    return budget > value.at(0)


def baseline_table(data: Data, which: str) -> pd.DataFrame:
    """stream, county, period, money of a baseline, as the funds of a plan; stream ``""`` = all streams together."""
    if which == "factor":
        return factor_money(data)
    rows = baseline_rows(data, "last", None, None)
    keys = rows[["county", "period"]].drop_duplicates().sort_values(["county", "period"], ignore_index=True)
    money = Exact.of(rows["money"]).sum_by(locate(rows, keys, ["county", "period"]), len(keys))
    return keys.assign(stream="", money=money.floats())[["stream", "county", "period", "money"]]


def compared_money(data: Data, funds: pd.DataFrame, which: str) -> pd.DataFrame | None:
    """Baseline and plan by county over the horizon, for the same streams; None if there is no such baseline.

    Returns
    -------
    DataFrame : index county, in the order of ``counties``; ``baseline`` (NaN = unknown) and ``plan``, the money of the
        streams that the baseline speaks of there: all of them where it gives the whole, else those it names
    """
    if (which == "factor" and data.settings.factor is None) or (which == "last" and not len(data.baseline)):
        return None
    counties = pd.DataFrame({"county": data.counties.index.to_numpy(dtype=object)})
    table = baseline_table(data, which)
    at = locate(table, counties, ["county"])
    base = Exact.of(table["money"]).sum_by(at, len(counties)).floats()
    known = np.bincount(at[at >= 0], minlength=len(counties)) > 0
    same = _same_streams(data, funds, which)
    plan = Exact.of(funds["money"][same]).sum_by(locate(funds[same], counties, ["county"]), len(counties)).floats()
    if which == "factor":
        known = np.ones(len(counties), dtype=bool)
    return pd.DataFrame({"baseline": np.where(known, base, np.nan), "plan": plan}, index=data.counties.index)


def whole_baseline(data: Data, which: str) -> bool:
    """Whether a baseline speaks of all money of every county, and not of some streams only."""
    if which == "factor":
        return set(data.streams) == set(factor_money(data)["stream"].unique())
    whole = data.baseline.loc[data.baseline["stream"] == "", "county"]
    needed = data.reach[~data.reach["county"].isin(whole)]
    return bool((locate(needed, data.baseline[["county", "stream"]].drop_duplicates(), ["county", "stream"]) >= 0).all())


def _same_streams(data: Data, funds: pd.DataFrame, which: str) -> np.ndarray:
    """Rows of ``funds`` of streams that the baseline speaks of in their county."""
    if which == "factor":
        named = set(data.settings.factor.streams) if data.settings.factor else set()
        return np.asarray(funds["stream"].isin(named or factor_money(data)["stream"].unique()), dtype=bool)
    whole = data.baseline.loc[data.baseline["stream"] == "", "county"].unique()
    split = data.baseline[["county", "stream"]].drop_duplicates()
    return np.asarray(funds["county"].isin(whole) | (locate(funds, split, ["county", "stream"]) >= 0), dtype=bool)


def coverage_estimate(data: Data, money: pd.Series) -> pd.Series | None:
    """Weighted people that each county's money could cover if spent within the county on what covers most per money.

    An estimate from above, to put baselines and plans beside each other: categories, rules and whole projects are not
    minded, and each project or tier may be taken in part. Only for one period; None otherwise.

    Parameters
    ----------
    money : money by county
    """
    if len(data.periods) > 1:
        return None
    options = _options(data).sort_values(["county", "rate", "option"], ascending=[True, False, True])
    people = data.needs.set_index(["county", "need"])["people"].to_dict()
    weights = data.needs.drop_duplicates("need").set_index("need")["weight"].to_dict()
    out = {}
    for county, rows in options.groupby("county", sort=False):
        left, total = float(money.get(county, 0.0)), 0.0
        room: dict[str, float] = {}
        for cost, effects in zip(rows["cost"], rows["effects"], strict=True):
            useful = max((room.setdefault(need, people.get((county, need), 0.0)) / count
                          for need, count in effects.items() if count > 0), default=0.0)
            share = min(1.0, useful, left / cost if cost > 0 else 1.0)
            left -= share * cost
            for need, count in effects.items():
                gain = min(share * count, room.get(need, 0.0))
                room[need] = room.get(need, 0.0) - gain
                total += weights[need] * gain
        out[county] = total
    return pd.Series(out, dtype=float).reindex(data.counties.index).fillna(0.0)


def _options(data: Data) -> pd.DataFrame:
    """county, option, cost, effects (need → people), rate (weighted people per money): tiers and projects."""
    weights = data.needs.drop_duplicates("need").set_index("need")["weight"].to_dict()
    needs = data.needs[["county", "need", "people"]]
    rows: list[tuple[str, str, float, dict[str, float]]] = []
    tiers = data.tiers.merge(needs, on=["county", "need"])
    reach = (tiers["width"] * tiers["people"]).to_numpy(float)
    for county, need, tier, count, cost in zip(
        tiers["county"], tiers["need"], tiers["tier"], reach.tolist(), tiers["cost"].tolist(), strict=True
    ):
        rows.append((county, f"{need}/{tier}", count * cost, {need: count}))
    costs = data.project_money.groupby("project")["money"].sum().to_dict()
    home = data.projects.loc[data.projects["status"] != "forbid", "county"].to_dict()
    served: dict[str, dict[str, float]] = {}
    for project, county, need, count in zip(
        data.served["project"], data.served["county"], data.served["need"], data.served["people"].tolist(), strict=True
    ):
        if home.get(project) == county:
            served.setdefault(project, {})[need] = count
    rows += [(home[project], project, float(costs.get(project, 0.0)), effects) for project, effects in served.items()]
    out = pd.DataFrame(rows, columns=["county", "option", "cost", "effects"])
    value = [sum(weights[need] * count for need, count in effects.items()) for effects in out["effects"]]
    out["rate"] = [gain / cost if cost > 0 else np.inf for gain, cost in zip(value, out["cost"], strict=True)]
    return out
