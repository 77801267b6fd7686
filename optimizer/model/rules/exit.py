"""Exit: a county has left poverty when its uncovered people are few among its rural population."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import ExitRule
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.coverage import covered_terms
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.rules.common import per_value, state_rule


def exit_rules(data: Data) -> list[ExitRule]:
    """The exit rules that are switched on."""
    return [rule for rule in data.settings.rules if isinstance(rule, ExitRule) and rule.active]


def limits(data: Data, rule: ExitRule) -> pd.Series:
    """Uncovered people that still count as exited, of each county the rule speaks of: threshold × ``per``.

    The threshold is one share, or that of the first entry whose ``where`` holds; counties that none holds are left out.
    """
    share = pd.Series(np.nan, index=data.counties.index)
    if isinstance(rule.threshold, (int, float)):
        share[:] = float(rule.threshold)
    else:
        for entry in rule.threshold:
            share[data.group_mask(entry.where, "counties") & share.isna().to_numpy()] = entry.value
    return (share * per_value(data, data.counties, [rule.per])).dropna()


def declare_exits(model: Algebra, data: Data) -> None:
    """``exited[i,t]`` ∈ {0,1}: the county passes every exit rule that speaks of it; none where no rule does.

    Where every rule asks for staying out, exited[i,t] ≤ exited[i,t+1].
    """
    rules = exit_rules(data)
    if not rules:
        return
    spoken = set().union(*(limits(data, rule).index for rule in rules))
    counties = data.counties.index[data.counties.index.isin(spoken)]
    keys = pd.DataFrame({"county": counties}).merge(pd.DataFrame({"period": list(data.periods)}), how="cross")
    model.declare("exited", keys, upper=1.0, integer=True, stage=RULE_STAGE)
    if len(data.periods) > 1 and all(rule.stay for rule in rules):
        later = keys[keys["period"] != data.periods[0]].reset_index(drop=True)
        exited = model.terms_of("exited")
        before = exited.keyed(period=exited.keys["period"] + 1)
        model.state("exited_stays", later, [exited, before.times(-1)], lower=0.0, role="rule")


def state_exit(model: Algebra, data: Data, rule: ExitRule) -> None:
    """Counted as exited only if the uncovered people over rural population are at or below the threshold.

    gap[i,k,t] (each need, or their sum) ≤ threshold·per[i] + (people − threshold·per)·(1 − exited[i,t]), in the form
    covered ≥ (people − threshold·per)·exited; by a period, all counties the rule speaks of or at least n are exited.
    """
    limit = limits(data, rule)
    wanted = list(rule.needs or data.settings.needs)
    rows = data.needs[data.needs["need"].isin(wanted) & data.needs["county"].isin(limit.index)]
    keys = ["county", "need", "period"] if rule.combine == "max" else ["county", "period"]
    people = pd.DataFrame(rows.groupby(keys, as_index=False)["people"].sum())
    people["excess"] = people["people"] - people["county"].map(limit)
    people = _counted_from(data, rule, people[people["excess"] > 0].reset_index(drop=True))
    index = people[[*keys, "since"] if "since" in people else keys]
    covered = covered_terms(model, data)
    covered = covered.where(covered.keys["need"].isin(wanted))
    if "since" in people:
        covered = _from_each(data, covered)
    exited = model.columns["exited"]
    asked = people[["county"]].assign(period=people["since" if "since" in people else "period"])
    at = asked.merge(exited.keys.assign(n=np.arange(len(exited))), on=["county", "period"], how="left")["n"]
    switch = exited.terms().at(at.to_numpy(int), index)
    model.state(f"rule_{rule.id}_counts", index, [covered, switch.times(-people["excess"].to_numpy(float))], lower=0.0,
                role="rule")
    _at_least(model, data, rule, exited.terms().where(exited.keys["county"].isin(limit.index)))


def _counted_from(data: Data, rule: ExitRule, people: pd.DataFrame) -> pd.DataFrame:
    """Rows once for each earlier period ``since`` which a county may count as out, where only some rules ask for staying.

    Where all do, ``exited_stays`` says it with fewer rows; where this one does not, a period concerns itself alone.
    """
    if len(data.periods) == 1 or not rule.stay or all(other.stay for other in exit_rules(data)):
        return people
    people = people.merge(pd.DataFrame({"since": list(data.periods)}), how="cross")
    return people[people["since"] <= people["period"]].reset_index(drop=True)


def _from_each(data: Data, terms: Terms) -> Terms:
    """Terms once for each period ``since``."""
    keys = terms.keys.reset_index(names="term").merge(pd.DataFrame({"since": list(data.periods)}), how="cross")
    return terms.at(keys["term"].to_numpy(), keys.drop(columns="term"))


def _at_least(model: Algebra, data: Data, rule: ExitRule, exited: Terms) -> None:
    """By period ``by`` (the last one if none is named) all counties the rule speaks of, or at least n, are exited."""
    by = rule.by if rule.by is not None else data.periods[-1]
    late = exited.where(exited.keys["period"] == by)
    if rule.at_least == "all":
        state_rule(model, rule, "all", late.keys[["county", "period"]], [late], lower=1.0)
    else:
        state_rule(model, rule, "number", pd.DataFrame({"period": [by]}), [late], lower=float(rule.at_least))
