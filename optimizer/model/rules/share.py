"""Share: a part of a whole, or of the increase of a whole over last year or the factor method."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.baselines import budget_of
from optimizer.instance.data import Data
from optimizer.instance.settings import Measure, ShareRule
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.measures import admitted, grouping, with_unit
from optimizer.model.rules.band import baseline_of
from optimizer.model.rules.common import broken, rule_index, rule_terms, state_rows, units


def state_share(model: Algebra, data: Data, rule: ShareRule) -> None:
    """min·whole ≤ part ≤ max·whole for each unit, value of ``part_each`` and period.

    With ``from`` only where the whole has at least that many candidate projects; with ``increase_over`` of amounts
    minus the baseline (unknown = 0), and only where the whole's budget exceeds its baseline. The periods are those of
    the whole.
    """
    periods = rule.whole.periods if rule.whole.periods is not None else rule.periods
    part_of = rule.part.model_copy(update={"periods": periods})
    index = rule_index(data, rule.whole, rule.each, periods)
    index = index[_enough(data, rule, index)].reset_index(drop=True)
    if rule.increase_over is not None and not grows(data, rule.whole, rule.increase_over):
        return
    whole = rule_terms(model, data, rule.whole, rule.each, periods)
    part = rule_terms(model, data, part_of, rule.each, periods)
    of_whole = index
    if rule.part_each is not None:
        values = pd.DataFrame({rule.part_each: units(data, rule.part, rule.part_each)})
        part = with_unit(data, rule.part, part, rule.part_each)
        whole, index = _repeated(whole, values), index.merge(values, how="cross")
        of_whole = index.drop(columns=rule.part_each)
    part_before = whole_before = np.zeros(len(index))
    if rule.increase_over is not None:
        part_before = np.nan_to_num(baseline_of(data, rule.part, rule.increase_over, index))
        whole_before = np.nan_to_num(baseline_of(data, rule.whole, rule.increase_over, of_whole))
    missed = broken(model, rule, "", index)
    for suffix, share in (("min", rule.min), ("max", rule.max)):
        if share is not None:
            limit = part_before - share * whole_before
            limits = {"lower": limit} if suffix == "min" else {"upper": limit}
            state_rows(model, rule, suffix, index, [part, whole.times(-share)], missed, **limits)


def _enough(data: Data, rule: ShareRule, index: pd.DataFrame) -> np.ndarray:
    """Rows whose whole has at least ``from`` candidate projects."""
    if not rule.from_:
        return np.ones(len(index), bool)
    projects = candidates(data, rule.whole)
    if rule.each == "all":
        return np.full(len(index), len(projects) >= rule.from_)
    if rule.each in ("project", "county", "category", "sector"):
        unit = projects.index.to_series() if rule.each == "project" else projects[rule.each]
    else:
        key, values = grouping(data, rule.whole, rule.each)
        unit = (projects.index.to_series() if key == "project" else projects["county"]).map(values)
    return (index[rule.each].map(unit.value_counts()).fillna(0) >= rule.from_).to_numpy()


def candidates(data: Data, measure: Measure) -> pd.DataFrame:
    """Projects that may be chosen and that the measure's filters admit."""
    projects = data.projects[data.projects["status"] != "forbid"]
    for name in ("county", "category", "sector", "project"):
        if name in measure.filters:
            values = admitted(data, name, measure.filters[name])
            projects = projects[(projects.index if name == "project" else projects[name]).isin(values)]
    return projects


def grows(data: Data, whole: Measure, which: str) -> bool:
    """Whether the whole's budget exceeds its baseline over the horizon: only then is there an increase to share."""
    streams = admitted(data, "stream", whole.filters["stream"]) if "stream" in whole.filters else None
    budget = sum(budget_of(data, streams, period) for period in data.periods)
    before = baseline_of(data, whole, which, pd.DataFrame(index=range(1)))[0]
    return bool(budget > np.nan_to_num(before))


def _repeated(whole: Terms, values: pd.DataFrame) -> Terms:
    """The whole once for each value of the part."""
    at = whole.keys.reset_index(names="term").merge(values, how="cross", suffixes=("_of", ""))
    return whole.at(at["term"].to_numpy(), at.drop(columns="term"))
