"""Share: a part of a whole, or of the increase of a whole over last year or the factor method."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.baselines import budget_of
from optimizer.instance.data import Data
from optimizer.instance.settings import Measure, ShareRule
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.measures import admitted, in_periods, measure_terms, with_unit
from optimizer.model.rules.band import baseline_of
from optimizer.model.rules.common import rule_index, state_rule, units


def state_share(model: Algebra, data: Data, rule: ShareRule) -> None:
    """min·whole ≤ part ≤ max·whole for each unit, value of ``part_each`` and period.

    With ``from`` only where the whole has at least that many candidate projects; with ``increase_over`` of amounts
    minus the baseline, and only where the whole's budget exceeds its baseline.
    """
    index = rule_index(data, rule.whole, rule.each, rule.periods)
    index = index[_enough(data, rule, index)].reset_index(drop=True)
    if rule.increase_over is not None:
        index = index[grows(data, rule, index)].reset_index(drop=True)
    whole = _grouped(model, data, rule.whole, rule)
    part = _grouped(model, data, rule.part, rule)
    shift = (np.zeros(len(index)), np.zeros(len(index)))
    if rule.increase_over is not None:
        shift = (baseline_of(data, rule.part, rule.each, rule.increase_over, index),
                 baseline_of(data, rule.whole, rule.each, rule.increase_over, index))
    if rule.part_each is not None:
        values = pd.DataFrame({rule.part_each: units(data, rule.part, rule.part_each)})
        part = with_unit(data, part, rule.part_each)
        whole, index, shift = _repeated(whole, values, index, shift)
    for suffix, share in (("min", rule.min), ("max", rule.max)):
        if share is not None:
            limit = shift[0] - share * shift[1]
            limits = {"lower": limit} if suffix == "min" else {"upper": limit}
            state_rule(model, rule, suffix, index, [part, whole.times(-share)], **limits)


def _grouped(model: Algebra, data: Data, measure: Measure, rule: ShareRule) -> Terms:
    return with_unit(data, in_periods(data, measure, measure_terms(model, data, measure), rule.periods), rule.each)


def _enough(data: Data, rule: ShareRule, index: pd.DataFrame) -> np.ndarray:
    """Rows whose whole has at least ``from`` candidate projects."""
    if not rule.from_:
        return np.ones(len(index), bool)
    projects = candidates(data, rule.whole)
    if rule.each == "all":
        return np.full(len(index), len(projects) >= rule.from_)
    unit = projects[rule.each] if rule.each in projects else projects["county"].map(data.counties[rule.each])
    return (index[rule.each].map(unit.value_counts()).fillna(0) >= rule.from_).to_numpy()


def candidates(data: Data, measure: Measure) -> pd.DataFrame:
    """Projects that may be chosen and that the measure's filters admit."""
    projects = data.projects[data.projects["status"] != "forbid"]
    for name in ("county", "category", "sector", "project"):
        if name in measure.filters:
            values = admitted(data, name, measure.filters[name])
            projects = projects[(projects.index if name == "project" else projects[name]).isin(values)]
    return projects


def grows(data: Data, rule: ShareRule, index: pd.DataFrame) -> np.ndarray:
    """Rows whose whole has a budget above its baseline: only there is there an increase to share."""
    streams = admitted(data, "stream", rule.whole.filters["stream"]) if "stream" in rule.whole.filters else None
    budget = sum(budget_of(data, streams, period) for period in data.periods)
    baseline = baseline_of(data, rule.whole, "all", str(rule.increase_over), pd.DataFrame(index=range(1)))
    return np.full(len(index), bool(budget > baseline[0]))


def _repeated(
    whole: Terms, values: pd.DataFrame, index: pd.DataFrame, shift: tuple[np.ndarray, np.ndarray]
) -> tuple[Terms, pd.DataFrame, tuple[np.ndarray, np.ndarray]]:
    """The whole and its rows once for each value of the part."""
    at = whole.keys.reset_index(names="term").merge(values, how="cross", suffixes=("_of", ""))
    whole = whole.at(at["term"].to_numpy(), at.drop(columns="term"))
    rows = index.reset_index(names="row").merge(values, how="cross")
    n = rows["row"].to_numpy()
    return whole, rows.drop(columns="row"), (shift[0][n], shift[1][n])
