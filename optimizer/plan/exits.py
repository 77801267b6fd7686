"""Exit from the list of poor counties: who passes the `exit` rules, and when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import ExitRule
from optimizer.plan.exact import Exact, locate


def exit_rules(data: Data) -> list[ExitRule]:
    """The exit rules that are switched on."""
    return [rule for rule in data.settings.rules if isinstance(rule, ExitRule) and rule.active]


def thresholds(data: Data, rule: ExitRule) -> tuple[np.ndarray, Exact]:
    """Which counties an exit rule speaks of, and the threshold of each (first `where` that matches)."""
    count = len(data.counties)
    if isinstance(rule.threshold, int | float):
        return np.ones(count, dtype=bool), Exact.constant(rule.threshold, count)
    applies, values = np.zeros(count, dtype=bool), np.zeros(count)
    for case in rule.threshold:
        new = np.asarray(data.group_mask(case.where, "counties"), dtype=bool) & ~applies
        values[new] = case.value
        applies |= new
    return applies, Exact.of(values)


def passes(data: Data, rule: ExitRule, coverage: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Counties an exit rule speaks of, and whether each passes in each period, shape (counties, periods).

    Passed: largest (or summed) gap over the rule's needs ≤ threshold × `per`. With ``stay`` only from the period on
    after which the county passes to the end.
    """
    applies, limit = thresholds(data, rule)
    per = data.counties[rule.per].to_numpy(float)
    applies, limit = applies & ~np.isnan(per), limit * Exact.of(per)
    counties = data.counties.index.to_frame(index=False, name="county")
    out = np.zeros((len(counties), len(data.periods)), dtype=bool)
    for t, period in enumerate(data.periods):
        rows = coverage[(coverage["period"] == period) & coverage["need"].isin(rule.needs or list(data.settings.needs))]
        gap = _combined(rows, counties, rule)
        out[:, t] = ~limit.below(gap) & applies
    if rule.stay:
        out = np.flip(np.logical_and.accumulate(np.flip(out, axis=1), axis=1), axis=1)
    return applies, out


def _combined(rows: pd.DataFrame, counties: pd.DataFrame, rule: ExitRule) -> Exact:
    at = locate(rows, counties, ["county"])
    if rule.combine == "sum":
        return Exact.of(rows["gap"]).sum_by(at, len(counties))
    out = np.zeros(len(counties))
    np.maximum.at(out, at, rows["gap"].to_numpy(float))
    return Exact.of(out)


def at_threshold(data: Data, rule: ExitRule, coverage: pd.DataFrame) -> list[str]:
    """Counties whose gap, by the rule's period, lies within two people or half a percent under their threshold."""
    applies, limit = thresholds(data, rule)
    top = limit.floats() * data.counties[rule.per].to_numpy(float)
    by = rule.by if rule.by is not None else data.periods[-1]
    rows = coverage[(coverage["period"] == by) & coverage["need"].isin(rule.needs or list(data.settings.needs))]
    gap = _combined(rows, data.counties.index.to_frame(index=False, name="county"), rule).floats()
    near = applies & (gap > 0) & (gap <= top) & (gap >= top - np.maximum(2.0, 0.005 * top))
    return [str(county) for county in data.counties.index[near]]


def exited_table(data: Data, coverage: pd.DataFrame) -> pd.DataFrame:
    """county, period, exited: 1 where a county passes every exit rule that speaks of it (and one does)."""
    shape = (len(data.counties), len(data.periods))
    spoken, good = np.zeros(shape[0], dtype=bool), np.ones(shape, dtype=bool)
    for rule in exit_rules(data):
        applies, passed = passes(data, rule, coverage)
        spoken |= applies
        good &= passed | ~applies[:, None]
    exited = good & spoken[:, None]
    return pd.DataFrame({
        "county": np.repeat(data.counties.index.to_numpy(dtype=object), shape[1]),
        "period": np.tile(np.asarray(data.periods, dtype=np.int64), shape[0]),
        "exited": exited.reshape(-1).astype("int64"),
    })
