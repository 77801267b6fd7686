"""The distribution table officials expect: money by province, prefecture and county, subtotals first.

Columns: population, money by stream and by category, total, per head, last year and the factor method with the change
against each. A change is shown only where the baseline is known of every county in the row, and against the plan's
money of the same streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.plan.baselines import compared_money
from optimizer.plan.exact import Exact, codes_of, locate

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

LEVELS = ("province", "prefecture")


def distribution(plan: Plan) -> pd.DataFrame:
    """One row for the whole, each province, each prefecture and each county.

    Returns
    -------
    DataFrame : level (``all``/``province``/``prefecture``/``county``), province, prefecture, county, name, counties,
        population, ``stream:S`` and ``category:C`` (money), money, per_head (yuan over the horizon), and where known
        last, last_change, last_change_percent, factor, factor_change, factor_change_percent (money over the horizon;
        change = the plan's money of the same streams minus the baseline)
    """
    data = plan.data
    table = by_county(plan)
    for name in LEVELS:
        table[name] = data.counties[name].fillna("").to_numpy(dtype=object)
    sums = [str(name) for name in table.columns if name not in ("county", *LEVELS)]
    present = [name for name in LEVELS if (table[name] != "").any()]
    pieces = [_subtotals(table, sums, [], "all", 0)]
    for rank, level in enumerate(present, start=1):
        pieces.append(_subtotals(table[table[level] != ""], sums, present[:rank], level, rank))
    pieces.append(table.assign(level="county", rank=len(LEVELS) + 1))
    out = pd.concat(pieces, ignore_index=True)
    first = (out["rank"] != 0).to_numpy()
    order = out.assign(first=first).sort_values(["first", *LEVELS, "rank", "county"], kind="stable").index
    out = out.loc[order].reset_index(drop=True)
    names = out["county"].map(data.counties["name"])
    place = np.where(out["level"] == "prefecture", out["prefecture"], out["province"])
    out["name"] = np.where(out["level"] == "county", names, np.where(out["level"] == "all", "", place))
    return _rates(data, out)


def _subtotals(table: pd.DataFrame, sums: list[str], keys: list[str], level: str, rank: int) -> pd.DataFrame:
    """Exact sums by ``keys``; unknown where one county's figure is."""
    codes, groups = codes_of(table, keys) if keys else (np.zeros(len(table), dtype=np.int64), pd.DataFrame(index=range(1)))
    out = groups.assign(level=level, rank=rank, county="", **{name: "" for name in LEVELS if name not in keys})
    for name in sums:
        unknown = np.bincount(codes[table[name].isna().to_numpy()], minlength=len(groups)) > 0
        out[name] = np.where(unknown, np.nan, Exact.of(table[name]).sum_by(codes, len(groups)).floats())
    return out


def by_county(plan: Plan) -> pd.DataFrame:
    """county, counties (1), population, stream:S, category:C, money, last, last_same, factor, factor_same."""
    data, funds = plan.data, plan.funds
    index = pd.DataFrame({"county": data.counties.index.to_numpy(dtype=object)})
    money, at = Exact.of(funds["money"]), locate(funds, index, ["county"])
    out = index.assign(counties=1, population=data.counties["population"].to_numpy(float))
    for prefix, column, values in (("stream", "stream", data.streams), ("category", "category", data.settings.categories)):
        for value in values:
            out[f"{prefix}:{value}"] = money.sum_by(np.where(funds[column] == value, at, -1), len(index)).floats()
    out["money"] = money.sum_by(at, len(index)).floats()
    for which in ("last", "factor"):
        compared = compared_money(data, funds, which)
        if compared is not None:
            out[which] = compared["baseline"].to_numpy(float)
            out[f"{which}_same"] = compared["plan"].to_numpy(float)
    return out


def _rates(data: Data, table: pd.DataFrame) -> pd.DataFrame:
    """Per head, changes and the final order of columns."""
    out = table.copy()
    people = out["population"].to_numpy(float)
    out["per_head"] = np.round(_divided(out["money"].to_numpy(float) * data.yuan, people), 2)
    for which in ("last", "factor"):
        if which in out:
            change = Exact.of(out[f"{which}_same"]) - Exact.of(out[which])
            out[f"{which}_change"] = np.where(out[which].isna(), np.nan, change.floats())
            out[f"{which}_change_percent"] = np.round(_divided(100 * out[f"{which}_change"].to_numpy(float),
                                                               out[which].to_numpy(float)), 2)
    first = ["level", *LEVELS, "county", "name", "counties", "population"]
    split = [name for name in out if str(name).startswith(("stream:", "category:"))]
    last = [f"{which}{end}" for which in ("last", "factor") if which in out for end in ("", "_change", "_change_percent")]
    return out[[*first, *split, "money", "per_head", *last]]


def _divided(top: np.ndarray, low: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(top, low, out=np.full(len(top), np.nan), where=low > 0))
