"""Bound: a measure, per unit and period, between a least and a most."""

from __future__ import annotations

import numpy as np

from optimizer.instance.data import Data
from optimizer.instance.settings import BoundRule
from optimizer.model.algebra import Algebra
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.measures import in_periods, measure_terms, with_unit
from optimizer.model.rules.common import denominators, money_total, rule_index, state_rule


def state_bound(model: Algebra, data: Data, rule: BoundRule) -> None:
    """min ≤ of / per ≤ max for each unit and period; with ``or_zero`` nothing at all is allowed too.

    Rows: min·per ≤ Σ of ≤ max·per.  ``or_zero``: min·per·granted ≤ Σ of ≤ top·granted, granted ∈ {0,1}.
    A unit whose denominator is zero has no row.
    """
    index = rule_index(data, rule.of, rule.each, rule.periods)
    per = denominators(data, rule.of, rule.each, rule.per, index, rule.periods)
    index, per = index[per > 0].reset_index(drop=True), per[per > 0]
    terms = with_unit(data, in_periods(data, rule.of, measure_terms(model, data, rule.of), rule.periods), rule.each)
    lower = None if rule.min is None else rule.min * per
    upper = None if rule.max is None else rule.max * per
    if rule.or_zero and lower is not None:
        granted = model.declare(f"granted_{rule.id}", index, upper=1.0, integer=True, stage=RULE_STAGE)
        top = upper if upper is not None else np.full(len(index), _ceiling(data, rule, per))
        state_rule(model, rule, "least", index, [terms, granted.terms(-lower)], lower=0.0, unit=per)
        state_rule(model, rule, "most", index, [terms, granted.terms(-top)], upper=0.0, unit=per)
        return
    state_rule(model, rule, "", index, [terms], lower=lower, upper=upper, unit=per)


def _ceiling(data: Data, rule: BoundRule, per: np.ndarray) -> float:
    """A sum that no plan exceeds: all money, all pairs, all projects or all people, whichever is counted."""
    if rule.of.sum in ("money", "support") or rule.of.column == "cost":
        return money_total(data)
    if rule.of.sum in ("covered", "gap"):
        return float((data.needs["people"] * np.maximum(data.needs["weight"], 1.0)).sum())
    table = data.pairs if rule.of.sum == "pairs" else data.projects
    return float(table[rule.of.column].abs().sum()) if rule.of.column else float(len(table))
