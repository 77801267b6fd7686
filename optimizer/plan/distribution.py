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
from optimizer.plan.exact import Exact, locate

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
    present = [name for name in LEVELS if data.counties[name].notna().any()]
    for name in LEVELS:
        table[name] = data.counties[name].fillna("").to_numpy(dtype=object) if name in data.counties else ""
    table = table.sort_values([*present, "county"], ignore_index=True)
    sums = [name for name in table.columns if name not in ("county", *LEVELS)]
    pieces = [_row(table, sums, "all", {})]
    for _, block in (table.groupby(present[0], sort=False) if present else [("", table)]):
        if present:
            pieces.append(_row(block, sums, present[0], {present[0]: block[present[0]].iloc[0]}))
        inner = block.groupby(present[1], sort=False) if len(present) > 1 else [("", block)]
        for _, part in inner:
            if len(present) > 1 and part[present[1]].iloc[0]:
                pieces.append(_row(part, sums, present[1], {name: part[name].iloc[0] for name in present}))
            pieces.append(part.assign(level="county"))
    out = pd.concat(pieces, ignore_index=True)
    out["name"] = [_name(data, row) for row in out[["level", *LEVELS, "county"]].itertuples(index=False)]
    return _rates(data, out)


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


def _row(part: pd.DataFrame, sums: list[str], level: str, place: dict[str, str]) -> pd.DataFrame:
    row = {name: _total(part[name]) for name in sums}
    return pd.DataFrame([{"level": level, "county": "", **dict.fromkeys(LEVELS, ""), **place, **row}])


def _total(values: pd.Series) -> float:
    """Exact sum; unknown if one is unknown."""
    return float("nan") if values.isna().any() else float(Exact.of(values).total())


def _name(data: Data, row: tuple[str, ...]) -> str:
    level, province, prefecture, county = row
    if level == "county":
        return str(data.counties.at[county, "name"])
    return {"all": "", "province": province, "prefecture": prefecture}[level]


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
