"""The worst unit, as a criterion and as a bound."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.instance.data import Data
from optimizer.instance.settings import EquityFields
from optimizer.model.algebra import Algebra, Linear, Terms
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.equity.extent import extent
from optimizer.model.equity.units import NO_KEYS
from optimizer.model.outcomes import Outcome, loss_no_larger
from optimizer.model.rules.common import broken, state_rows


def maximin(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """The worst unit's outcome: max z with z ≤ outcome[u] for all u (min z with z ≥ outcome[u] where low is good).

    Rawls's difference principle as a linear program; Chen & Hooker, "A guide to formulating fairness in an
    optimization model", Annals of Operations Research (2023), section on maximin. Without units it is 0.
    """
    high = of.better == "high"
    sense = "max" if high else "min"
    if not len(of.units):
        return Linear(name, sense, Terms.concat([]), "")
    worst = model.declare(f"worst_{name}", NO_KEYS, lower=-np.inf)
    each = Terms(of.units, np.full(len(of.units), worst.first), np.ones(len(of.units)))
    model.state(f"worst_of_{name}", of.units, [each, of.terms.times(-1)],
                upper=0.0 if high else None, lower=None if high else 0.0, role="equity")
    return Linear(name, sense, worst.terms(), "")


def bound_maximin(model: Algebra, data: Data, rule: Any, of: Outcome) -> None:
    """The worst unit's outcome lies between ``min`` and ``max``; a soft rule is broken once, by the worst unit.

    Where high is good, ``min`` asks every unit to reach it and ``max`` at least one not to exceed it; where low is good
    it is the other way round.
    """
    if not len(of.units):
        return
    missed = broken(model, rule, "", NO_KEYS)
    spread = None if missed is None else Terms(
        of.units, np.full(len(of.units), missed.column[0]), np.ones(len(of.units)))
    high = of.better == "high"
    for all_units, limit in ((high, rule.min), (not high, rule.max)):
        if limit is not None and all_units:
            ends = {"lower": limit} if high else {"upper": limit}
            state_rows(model, rule, "", of.units, [of.terms], spread, **ends)
    limit = rule.max if high else rule.min
    if limit is not None:
        if of.better == "low" and (rule.outcome == "loss" and "loss" not in data.settings.outcomes):
            loss_no_larger(model, data)
        _some_unit(model, rule, of, float(limit), spread)


def _some_unit(model: Algebra, rule: Any, of: Outcome, limit: float, spread: Terms | None) -> None:
    """At least one unit is as badly off as ``limit``.  outcome[u] ≤ limit + apart[u]·(1 − some[u]),  Σ_u some[u] ≥ 1

    Where low is good: outcome[u] ≥ limit − apart[u]·(1 − some[u]), apart being what separates limit and any outcome.
    """
    some = model.declare(f"some_{rule.id}", of.units, upper=1.0, integer=True, stage=RULE_STAGE)
    low, high = extent(model, of)
    apart = np.maximum(high - limit if of.better == "high" else limit - low, 0.0)
    if of.better == "high":
        state_rows(model, rule, "some", of.units, [of.terms, some.terms(apart)], spread, upper=limit + apart)
    else:
        state_rows(model, rule, "some", of.units, [of.terms, some.terms(-apart)], spread, lower=limit - apart)
    model.state(f"rule_{rule.id}_any", NO_KEYS, [some.terms()], lower=1.0, role="rule")
