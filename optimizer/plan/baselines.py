"""Money to compare with, in exact numbers: last year's and the factor method's (因素法).

The figures themselves are the instance's (`optimizer.instance.baselines`); here they are put beside the rows of a
rule, and made into tables that stand beside a plan's funds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.baselines import budget_of, factor_money, last_money
from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.plan.exact import Exact, locate
from optimizer.plan.measure import Rows, as_list, group_values, members

SPLITS = ("stream", "category")


def county_money(data: Data, which: str, streams: Sequence[str] | None, categories: Sequence[str] | None) -> pd.DataFrame:
    """county, period, money of the baseline ``last`` or ``factor``, for some streams and categories (None = all).

    Raises
    ------
    ValueError : the factor method is asked for by category; it shares out money by stream and county only
    """
    if which == "factor":
        if categories is not None:
            raise ValueError("the factor method shares money by stream and county; it has no categories")
        rows = factor_money(data)
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
    """stream, county, period, money of a baseline, as the funds of a plan; stream ``""`` = the whole."""
    if which == "factor":
        return factor_money(data)
    rows = data.baseline
    whole = rows["category"] == ""
    keep = whole | ~rows.set_index(["county", "stream"]).index.isin(rows[whole].set_index(["county", "stream"]).index)
    chosen = rows[keep]
    keys = chosen[["stream", "county"]].drop_duplicates().sort_values(["stream", "county"], ignore_index=True)
    money = Exact.of(chosen["money"]).sum_by(locate(chosen, keys, ["stream", "county"]), len(keys))
    out = keys.assign(money=money.floats()).merge(pd.DataFrame({"period": list(data.periods)}), how="cross")
    return out[["stream", "county", "period", "money"]]
