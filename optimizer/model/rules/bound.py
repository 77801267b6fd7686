"""Bound: a measure, per unit and period, between a least and a most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import BoundRule
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.ceilings import ceiling
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.rules.common import broken, denominators, rule_index, rule_terms, state_rows, state_rule


def state_bound(model: Algebra, data: Data, rule: BoundRule) -> None:
    """min ≤ of / per ≤ max for each unit and period; with ``or_zero`` nothing at all is allowed too.

    Rows: min·per ≤ Σ of ≤ max·per. A unit whose denominator is zero has no row.
    """
    index = rule_index(data, rule.of, rule.each, rule.periods)
    per = denominators(data, rule.of, rule.each, rule.per, index)
    index, per = index[per > 0].reset_index(drop=True), per[per > 0]
    terms = rule_terms(model, data, rule.of, rule.each, rule.periods)
    lower = None if rule.min is None else rule.min * per
    upper = None if rule.max is None else rule.max * per
    if rule.or_zero and lower is not None:
        _or_zero(model, data, rule, index, terms, per, lower, upper)
    else:
        state_rule(model, rule, "", index, [terms], lower=lower, upper=upper, unit=per)


def _or_zero(
    model: Algebra, data: Data, rule: BoundRule, index: pd.DataFrame, terms: Terms, per: np.ndarray, lower: np.ndarray,
    upper: np.ndarray | None,
) -> None:
    """min·per·granted ≤ Σ of ≤ top·granted, granted ∈ {0,1}, top = max·per or, if that may be broken, all there is.

    A soft rule is broken by min − of wherever anything is granted at all, and by of − max.
    """
    if not len(index):
        return
    granted = model.declare(f"granted_{rule.id}", index, upper=1.0, integer=True, stage=RULE_STAGE)
    missed = broken(model, rule, "", index)
    whole = np.full(len(index), ceiling(data, rule.of))
    top = whole if upper is None or missed is not None else np.minimum(upper, whole)
    state_rows(model, rule, "least", index, [terms, granted.terms(-lower)], missed, lower=0.0, unit=per)
    state_rows(model, rule, "most", index, [terms, granted.terms(-top)], None, upper=0.0)
    if missed is not None and upper is not None:
        state_rows(model, rule, "max", index, [terms], missed, upper=upper, unit=per)
