"""Money to compare with, in exact numbers: last year's and the factor method's (因素法).

The figures themselves are the instance's (`optimizer.instance.baselines`); here they are put beside the rows of a
rule, and made into tables that stand beside a plan's funds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from optimizer.instance.baselines import budget_of, factor_money, last_money
from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.plan.exact import Exact, locate
from optimizer.plan.measure import Rows, as_list, group_values, members

SPLITS = ("stream", "category")
_FACTOR: WeakKeyDictionary[Data, pd.DataFrame] = WeakKeyDictionary()


def factor_of(data: Data) -> pd.DataFrame:
    """stream, county, period, money of the factor method, worked out once for each instance."""
    if data not in _FACTOR:
        _FACTOR[data] = factor_money(data)
    return _FACTOR[data]


def county_money(data: Data, which: str, streams: Sequence[str] | None, categories: Sequence[str] | None) -> pd.DataFrame:
    """county, period, money of the baseline ``last`` or ``factor``, for some streams and categories (None = all).

    Raises
    ------
    ValueError : the factor method is asked for by category; it shares out money by stream and county only
    """
    if which == "factor":
        if categories is not None:
            raise ValueError("the factor method shares money by stream and county; it has no categories")
        rows = factor_of(data)
        rows = rows if streams is None else rows[rows["stream"].isin(list(streams))]
        return _summed(rows)
    money = last_money(data, None if streams is None else list(streams), None if categories is None else list(categories))
    known = pd.DataFrame({"county": money.index.to_numpy(dtype=object), "money": money.to_numpy(float)})
    return known.merge(pd.DataFrame({"period": list(data.periods)}), how="cross")[["county", "period", "money"]]


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    keys = rows[["county", "period"]].drop_duplicates().sort_values(["county", "period"], ignore_index=True)
    money = Exact.of(rows["money"]).sum_by(locate(rows, keys, ["county", "period"]), len(keys))
    return keys.assign(money=money.floats())


def baseline_values(data: Data, measure: Measure, rows: Rows, which: str) -> tuple[Exact, np.ndarray]:
    """Baseline of each row of a money rule, and whether anything is known of it."""
    names = [name for name in rows.keys.columns if name != "period"]
    table = _split_money(data, measure, rows, which)
    counties = measure.filters.get("county")
    if counties is not None:
        table = table[table["county"].isin(members(data, "county", counties))].reset_index(drop=True)
    frame = pd.DataFrame({name: group_values(data, name, table) for name in names}, index=range(len(table)))
    if "period" in rows.keys.columns:
        frame = frame.assign(period=table["period"].to_numpy())
    keys = list(rows.keys.columns)
    codes = locate(frame, rows.keys, keys) if keys else np.zeros(len(table), dtype=np.int64)
    known = np.bincount(codes[codes >= 0], minlength=len(rows)) > 0
    return Exact.of(table["money"]).sum_by(codes, len(rows)), known


def _split_money(data: Data, measure: Measure, rows: Rows, which: str) -> pd.DataFrame:
    """Baseline by county and period, and by stream or category where the rule has a row for each of them."""
    wanted: dict[str, Any] = {name: _listed(measure.filters.get(name)) for name in SPLITS}
    split = [name for name in SPLITS if name in rows.keys.columns]
    if not split:
        return county_money(data, which, wanted["stream"], wanted["category"])
    name = split[0]
    frames = []
    for value in rows.keys[name].unique():
        asked = wanted | {name: [value]}
        frames.append(county_money(data, which, asked["stream"], asked["category"]).assign(**{name: value}))
    return pd.concat(frames, ignore_index=True)


def _listed(value: Any) -> list[str] | None:
    return None if value is None else [str(one) for one in as_list(value)]


def budget_scale(data: Data, measure: Measure, rows: Rows, which: str) -> tuple[Exact, Exact]:
    """Budget and baseline total of the measure's streams for each row, as (top, low): the scale is their quotient."""
    streams = _listed(measure.filters.get("stream"))
    total = county_money(data, which, streams, None)
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
        return factor_of(data)
    whole = county_money(data, "last", None, None).assign(stream="")
    return whole[["stream", "county", "period", "money"]]


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
        return set(data.streams) == set(factor_of(data)["stream"].unique())
    whole = data.baseline.loc[data.baseline["stream"] == "", "county"]
    needed = data.reach[~data.reach["county"].isin(whole)]
    return bool((locate(needed, data.baseline[["county", "stream"]].drop_duplicates(), ["county", "stream"]) >= 0).all())


def _same_streams(data: Data, funds: pd.DataFrame, which: str) -> np.ndarray:
    """Rows of ``funds`` of streams that the baseline speaks of in their county."""
    if which == "factor":
        named = set(data.settings.factor.streams) if data.settings.factor else set()
        return np.asarray(funds["stream"].isin(named or factor_of(data)["stream"].unique()), dtype=bool)
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
