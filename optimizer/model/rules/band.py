"""Band: amounts close to last year's or to the factor method's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.baselines import budget_of, factor_money, last_money
from optimizer.instance.data import Data
from optimizer.instance.settings import BandRule, Measure
from optimizer.model.algebra import Algebra
from optimizer.model.measures import admitted, in_periods, measure_terms, with_unit
from optimizer.model.rules.common import rule_index, state_rule, unit_of


def state_band(model: Algebra, data: Data, rule: BandRule) -> None:
    """low·b ≤ of ≤ high·b for each unit with a known baseline b; ``scaled``: b scaled to the budget of its streams."""
    index = rule_index(data, rule.of, rule.each, rule.periods)
    baseline = baseline_of(data, rule.of, rule.each, rule.to, index)
    known = ~np.isnan(baseline)
    index, baseline = index[known].reset_index(drop=True), baseline[known]
    if rule.scaled:
        baseline = baseline * budget_scale(data, rule.of, rule.to, index)
    terms = with_unit(data, in_periods(data, rule.of, measure_terms(model, data, rule.of), rule.periods), rule.each)
    lower = None if rule.low is None else rule.low * baseline
    upper = None if rule.high is None else rule.high * baseline
    state_rule(model, rule, "", index, [terms], lower=lower, upper=upper)


def _wanted(data: Data, measure: Measure, name: str) -> list[Any] | None:
    return admitted(data, name, measure.filters[name]) if name in measure.filters else None


def baseline_of(data: Data, measure: Measure, each: str, to: str, index: pd.DataFrame) -> np.ndarray:
    """Baseline money of each row of ``index``; NaN where it is unknown. A row without a period holds all periods."""
    streams, categories = _wanted(data, measure, "stream"), _wanted(data, measure, "category")
    if each in ("stream", "category"):
        kinds = index[each].unique()
        money = {v: _county_money(data, to, [v] if each == "stream" else streams,
                                  [v] if each == "category" else categories) for v in kinds}
        by_county = pd.concat([m.assign(**{each: v}) for v, m in money.items()])
    else:
        by_county = _county_money(data, to, streams, categories)
        if each != "all":
            by_county[each] = unit_of(data, by_county["county"], each).to_numpy()
    counties = _wanted(data, measure, "county")
    if counties is not None:
        by_county = by_county[by_county["county"].isin(counties)]
    keys = [each] if each != "all" else []
    if "period" in index:
        keys.append("period")
    if not keys:
        return np.full(len(index), by_county["money"].sum())
    sums = by_county.groupby(keys)["money"].sum()
    at = pd.MultiIndex.from_frame(index[keys]) if len(keys) > 1 else pd.Index(index[keys[0]])
    return np.asarray(sums.reindex(at).to_numpy(float))


def _county_money(data: Data, to: str, streams: list[str] | None, categories: list[str] | None) -> pd.DataFrame:
    """county, period, money of the baseline."""
    if to == "factor":
        rows = factor_money(data)
        rows = rows if streams is None else rows[rows["stream"].isin(streams)]
        return rows.groupby(["county", "period"], as_index=False)["money"].sum()
    money = last_money(data, streams, categories).rename("money").reset_index()
    return money.merge(pd.DataFrame({"period": list(data.periods)}), how="cross")


def budget_scale(data: Data, measure: Measure, to: str, index: pd.DataFrame) -> np.ndarray:
    """Budget over baseline total of the measure's streams, for each row (over all periods where it has none)."""
    streams = _wanted(data, measure, "stream")
    total = _county_money(data, to, streams, None).groupby("period")["money"].sum()
    budget = pd.Series({period: budget_of(data, streams, period) for period in data.periods})
    if "period" not in index:
        return np.full(len(index), budget.sum() / total.sum())
    return (index["period"].map(budget) / index["period"].map(total)).to_numpy(float)
