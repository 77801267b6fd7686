"""Outcomes: what equity looks at, one number for each county, donor or group, as linear expressions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Measure, OutcomeDef
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.measures import total_terms, with_unit
from optimizer.model.rules.common import denominators


@dataclass(frozen=True, eq=False)
class Outcome:
    """Value of unit u = Σ terms of u / ``per`` of u; ``better`` says which direction is good."""

    unit: str
    units: pd.DataFrame
    terms: Terms
    better: str
    left_out: tuple[str, ...]


BUILT_IN = {
    "covered_share": OutcomeDef(of=Measure(sum="covered", weighted=True), per=("people",), better="high"),
    "gap_per_1000": OutcomeDef(of=Measure(sum="gap"), per=("population",), better="low"),
    "money": OutcomeDef(of=Measure(sum="money"), per=(), better="high"),
    "money_per_head": OutcomeDef(of=Measure(sum="money"), per=("population",), better="high"),
    "burden": OutcomeDef(of=Measure(sum="support"), per=("revenue",), better="low"),
}


def outcome(model: Algebra, data: Data, name: str, over: str) -> Outcome:
    """The outcome ``name`` over ``counties``, ``donors`` or a text column of either.

    ``loss`` = max(0, claim − money) adds a column and two rows for each county. Units whose denominator is zero are
    left out and listed.
    """
    each = {"counties": "county", "donors": "donor"}.get(over, over)
    if name == "loss":
        return _loss(model, data, each)
    defined = data.settings.outcomes.get(name) or BUILT_IN[name]
    scale = 1000.0 if name == "gap_per_1000" else 1.0
    terms = with_unit(data, total_terms(model, data, defined.of), each)
    terms = Terms(terms.keys.drop(columns=["period"], errors="ignore"), terms.column, terms.coefficient)
    units = pd.DataFrame({each: _units(data, each)})
    per = denominators(data, defined.of, each, defined.per, units, "total")
    if list(defined.per) == ["people"]:
        per = np.asarray(per)
    at = terms.keys[each].map(pd.Series(per, index=units[each])).to_numpy(float) if len(terms) else np.empty(0)
    good = at > 0
    kept = units[per > 0].reset_index(drop=True)
    scaled = terms.where(good).times(scale / at[good])
    return Outcome(each, kept, scaled, defined.better, tuple(units.loc[~(per > 0), each]))


def _units(data: Data, each: str) -> list[str]:
    if each == "county":
        return list(data.counties.index)
    if each == "donor":
        return list(data.donors.index)
    table = data.counties if each in data.counties.columns else data.donors
    return sorted(table[each].dropna().unique())


def _loss(model: Algebra, data: Data, each: str) -> Outcome:
    """loss[i] ≥ claim[i] − Σ money[i], loss[i] ≥ 0; summed over the counties of a group."""
    known = data.counties["claim"].notna()
    keys = data.counties[known].reset_index()[["county"]]
    if "loss" not in model.columns:
        loss = model.declare("loss", keys)
        money = total_terms(model, data, Measure(sum="money"))
        model.state("loss_covers", keys, [loss.terms(), money], lower=data.counties.loc[known, "claim"].to_numpy(float),
                    role="equity")
    terms = with_unit(data, model.columns["loss"].terms(), each)
    units = pd.DataFrame({each: sorted(terms.keys[each].dropna().unique())})
    return Outcome(each, units, terms, "low", tuple(data.counties.index[~known]))
