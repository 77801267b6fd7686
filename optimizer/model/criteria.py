"""Criteria: numbers to make large or small, one function each (FORMAT, CRITERION)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Criterion, Measure, OutcomeDef
from optimizer.model.algebra import Algebra, Linear
from optimizer.model.equity import equity_criterion
from optimizer.model.measures import measure_terms, total_terms
from optimizer.model.outcomes import outcome_denominators
from optimizer.model.rules.common import broken_terms
from optimizer.model.rules.pairs import changed_terms


def coverage(model: Algebra, data: Data) -> Linear:
    """Σ period weight · need weight · people covered (weighted person-periods)."""
    return Linear("coverage", "max", total_terms(model, data, Measure(sum="covered", weighted=True)), "person-periods")


def coverage_share(model: Algebra, data: Data) -> Linear:
    """Mean over needs of the share of people covered."""
    terms = measure_terms(model, data, Measure(sum="covered"))
    weight = data.needs["period"].map(dict(data.weight))
    people = (data.needs["people"] * weight).groupby(data.needs["need"]).sum()
    people = people[people > 0]
    share = terms.keys["period"].map(dict(data.weight)) / terms.keys["need"].map(people) / max(len(people), 1)
    return Linear("coverage_share", "max", terms.times(np.nan_to_num(share.to_numpy(float))), "share")


def gap(model: Algebra, data: Data) -> Linear:
    """Σ period weight · people in need and not covered."""
    return Linear("gap", "min", total_terms(model, data, Measure(sum="gap")), "person-periods")


def spend(model: Algebra, data: Data) -> Linear:
    """Money paid by all streams."""
    return Linear("spend", "min", total_terms(model, data, Measure(sum="money")), data.settings.money.unit)


def exited(model: Algebra, data: Data) -> Linear:
    """Σ period weight · counties that pass the exit rules."""
    return Linear("exited", "max", total_terms(model, data, Measure(sum="exited")), "county-periods")


def fit(model: Algebra, data: Data) -> Linear:
    """Σ fit·support: fit weighted by the money that flows."""
    terms = model.terms_of("support")
    if len(terms):
        pair = model.columns["support"].switch - model.columns["pair"].first
        terms = terms.times(np.nan_to_num(data.pairs["fit"].to_numpy(float)[pair]))
    return Linear("fit", "max", terms, f"fit × {data.settings.money.unit}")


def fit_pairs(model: Algebra, data: Data) -> Linear:
    """Σ fit·pair."""
    terms = model.terms_of("pair")
    return Linear("fit_pairs", "max", terms.times(np.nan_to_num(data.pairs["fit"].to_numpy(float))) if len(terms) else terms,
                  "fit")


def disruption(model: Algebra, data: Data) -> Linear:
    """Existing pairs that end."""
    return Linear("disruption", "min", changed_terms(model, data), "pairs")


def broken(model: Algebra, data: Data) -> Linear:
    """Points of soft rules that are broken: Σ price × units broken."""
    return Linear("broken", "min", broken_terms(model, data), "points")


BUILT_IN: dict[str, Callable[[Algebra, Data], Linear]] = {
    made.__name__: made
    for made in (coverage, coverage_share, gap, spend, exited, fit, fit_pairs, disruption, broken)
}


def linear_criterion(model: Algebra, data: Data, name: str) -> Linear:
    """The criterion ``name``, declared in the instance or built in."""
    declared = data.settings.criteria.get(name)
    if declared is None:
        return BUILT_IN[name](model, data)
    if declared.equity is not None:
        return equity_criterion(model, data, name, declared)
    return _measured(model, data, name, declared)


def _measured(model: Algebra, data: Data, name: str, declared: Criterion) -> Linear:
    """Σ of the measure over the product of the ``per`` columns summed over counties; 0 where that is 0."""
    assert declared.of is not None
    terms = total_terms(model, data, declared.of)
    if declared.per:
        whole = pd.DataFrame(index=range(1))
        per = outcome_denominators(data, OutcomeDef(of=declared.of, per=declared.per), "all", whole)[0]
        terms = terms.times(1.0 / per if per > 0 else 0.0)
    return Linear(name, declared.sense or "max", terms, "")


def wanted_criteria(data: Data) -> list[str]:
    """Criteria the program carries: those the method names, and every linear one that is built in or declared."""
    named = [level.criterion for level in data.settings.method.levels] or ["coverage"]
    linear = [name for name, c in data.settings.criteria.items() if c.equity is None]
    return list(dict.fromkeys([*named, *BUILT_IN, *linear]))


