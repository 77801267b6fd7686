"""Exit: a county has left poverty when its uncovered people are few among its rural population."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import ExitRule
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.coverage import covered_terms
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.rules.common import per_value, state_rule


def exit_rules(data: Data) -> list[Any]:
    return [rule for rule in data.settings.rules if rule.active and rule.type == "exit"]


def declare_exits(model: Algebra, data: Data) -> None:
    """``exited[i,t]`` ∈ {0,1}: the county passes every exit rule; only where a rule or a criterion counts it."""
    rules = exit_rules(data)
    if not rules:
        return
    keys = data.counties.reset_index()[["county"]].merge(pd.DataFrame({"period": list(data.periods)}), how="cross")
    model.declare("exited", keys, upper=1.0, integer=True, stage=RULE_STAGE)
    if len(data.periods) > 1 and all(rule.stay for rule in rules):
        later = keys[keys["period"] != data.periods[0]].reset_index(drop=True)
        exited = model.terms_of("exited")
        model.state("exited_stays", later, [exited, exited.keyed(period=exited.keys["period"] + 1).times(-1)], lower=0.0,
                    role="rule")


def thresholds(data: Data, rule: ExitRule) -> pd.Series:
    """Threshold of each county: one share, or the first entry of a list whose ``where`` holds."""
    if isinstance(rule.threshold, (int, float)):
        return pd.Series(float(rule.threshold), index=data.counties.index)
    out = pd.Series(np.nan, index=data.counties.index)
    for entry in rule.threshold:
        mask = data.group_mask(entry.where, "counties") & out.isna().to_numpy()
        out[mask] = entry.value
    return out


def state_exit(model: Algebra, data: Data, rule: ExitRule) -> None:
    """Counted as exited only if the uncovered people over rural population are at or below the threshold.

    gap[i,k,t] (each need, or their sum) ≤ threshold·per[i] + (people − threshold·per)·(1 − exited[i,t]);
    by a period, all counties or at least n are exited.
    """
    limit = thresholds(data, rule) * per_value(data, data.counties, [rule.per])
    wanted = list(rule.needs or data.settings.needs)
    needs = data.needs[data.needs["need"].isin(wanted)]
    keys = ["county", "need", "period"] if rule.combine == "max" else ["county", "period"]
    people = needs.groupby(keys, as_index=False)["people"].sum()
    room = people["county"].map(limit).to_numpy(float)
    tight = people["people"].to_numpy(float) > room
    index, excess = people.loc[tight, keys].reset_index(drop=True), (people["people"].to_numpy(float) - room)[tight]
    covered = covered_terms(model, data)
    covered = covered.where(covered.keys["need"].isin(wanted))
    exited = model.columns["exited"]
    by_row = index.merge(exited.keys.assign(n=np.arange(len(exited))), on=["county", "period"], how="left")["n"]
    switch = exited.terms().at(by_row.to_numpy(int), index)
    # covered ≥ (people − threshold·per)·exited, the same as the line above with gap = people − covered
    model.state(f"rule_{rule.id}_counts", index, [covered, switch.times(-excess)], lower=0.0, role="rule")
    _at_least(model, data, rule, exited.terms())


def _at_least(model: Algebra, data: Data, rule: ExitRule, exited: Terms) -> None:
    """By period ``by`` (the last one if none is named) all counties, or at least n, are exited."""
    if rule.at_least is None:
        return
    by = rule.by if rule.by is not None else data.periods[-1]
    late = exited.where(exited.keys["period"] == by)
    if rule.at_least == "all":
        state_rule(model, rule, "all", late.keys[["county", "period"]], [late], lower=1.0)
    else:
        state_rule(model, rule, "number", pd.DataFrame({"period": [by]}), [late], lower=float(rule.at_least))
