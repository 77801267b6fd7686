"""Band: amounts close to last year's or to the factor method's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.baselines import baseline_rows, budget_of
from optimizer.instance.data import Data
from optimizer.instance.settings import BandRule, Measure
from optimizer.model.algebra import Algebra
from optimizer.model.measures import admitted
from optimizer.model.rules.common import keyed, rule_index, rule_terms, state_rule

SPLITS = ("stream", "category")


def state_band(model: Algebra, data: Data, rule: BandRule) -> None:
    """low·b ≤ of ≤ high·b for each unit with a known baseline b; ``scaled``: b scaled to the budget of its streams."""
    index = rule_index(data, rule.of, rule.each, rule.periods)
    baseline = baseline_of(data, rule.of, rule.to, index)
    if rule.scaled:
        baseline = baseline * budget_scale(data, rule.of, rule.to, index)
    known = ~np.isnan(baseline)
    index, baseline = index[known].reset_index(drop=True), baseline[known]
    terms = rule_terms(model, data, rule.of, rule.each, rule.periods)
    lower = None if rule.low is None else rule.low * baseline
    upper = None if rule.high is None else rule.high * baseline
    state_rule(model, rule, "", index, [terms], lower=lower, upper=upper)


def _wanted(data: Data, measure: Measure, name: str) -> list[Any] | None:
    return admitted(data, name, measure.filters[name]) if name in measure.filters else None


def baseline_of(data: Data, measure: Measure, to: str, index: pd.DataFrame) -> np.ndarray:
    """Baseline money of each row of ``index``; NaN where it is unknown. A row without a period holds all periods."""
    return np.asarray(np.round(_by_row(data, measure, to, index, "sum"), 9))


def rounding_of(data: Data, rule: BandRule) -> np.ndarray:
    """How far, at most, whole steps move the bounds of each row of `state_band` from shares of the budget.

    Money is shared out by largest remainders: each county gets its share to a step, of a budget that is whole steps too.
    Last year's money is no share of anything.
    """
    index = rule_index(data, rule.of, rule.each, rule.periods)
    known = ~np.isnan(baseline_of(data, rule.of, rule.to, index))
    if rule.to == "last":
        return np.zeros(int(known.sum()))
    amounts = _by_row(data, rule.of, rule.to, index, "count")
    scale = budget_scale(data, rule.of, rule.to, index) if rule.scaled else 1.0
    most = max(abs(rule.low or 0.0), abs(rule.high or 0.0))
    return np.asarray((2 * data.step * most * scale * amounts)[known], dtype=float)


def _by_row(data: Data, measure: Measure, to: str, index: pd.DataFrame, how: str) -> np.ndarray:
    """The amounts of a baseline that belong to each row of ``index``, summed or counted; NaN where there is none."""
    names = list(index.columns)
    streams, categories = (_wanted(data, measure, name) for name in SPLITS)
    rows = baseline_rows(data, to, streams, categories, [name for name in SPLITS if name in names])
    for name in ("county", "period"):
        inside = _wanted(data, measure, name)
        if inside is not None:
            rows = rows[rows[name].isin(inside)]
    if not names:
        return np.full(len(index), float(rows["money"].agg(how)) if len(rows) else np.nan)
    for name in set(names) - set(rows.columns):
        rows = rows.assign(**{name: rows["county"].map(data.counties[name])})
    found = rows.groupby(names)["money"].agg(how)
    return found.reindex(keyed(index, names)).to_numpy(float)


def budget_scale(data: Data, measure: Measure, to: str, index: pd.DataFrame) -> np.ndarray:
    """Budget over baseline total of the measure's streams for each row, over all periods where it has none; NaN: no total."""
    streams = _wanted(data, measure, "stream")
    total = baseline_rows(data, to, streams, None).groupby("period")["money"].sum().reindex(list(data.periods)).fillna(0.0)
    budget = pd.Series({period: budget_of(data, streams, period) for period in data.periods})
    if "period" not in index:
        return np.full(len(index), budget.sum() / total.sum() if total.sum() > 0 else np.nan)
    return (index["period"].map(budget) / index["period"].map(total.where(total > 0))).to_numpy(float)
