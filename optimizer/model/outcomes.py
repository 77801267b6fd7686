"""Outcomes: what equity looks at, one number for each county, donor or group, as linear expressions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.arrays import Floats
from optimizer.engine.units import UnitOutcomes
from optimizer.instance.data import Data
from optimizer.instance.settings import Measure, OutcomeDef
from optimizer.model.algebra import CONSTANT, Algebra, Terms, lookup
from optimizer.model.ceilings import ceiling, money_total
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.measures import over_horizon, rule_periods, total_terms, with_unit
from optimizer.model.rules.common import denominators, units


@dataclass(frozen=True, eq=False)
class Outcome:
    """Value of unit u = Σ terms of u / ``per`` of u; ``better`` says which direction is good.

    Attributes
    ----------
    unit : the column that tells units apart (``county``, ``donor``, a text column)
    units : one row for each unit with a defined outcome
    terms : under the key ``unit``
    better : ``high`` or ``low``
    largest : a size that no unit's outcome exceeds, for each row of ``units``
    left_out : units without a defined outcome (denominator zero or unknown) or without weight
    weight : how much each row of ``units`` counts
    measured_in : what the values are counted in
    """

    unit: str
    units: pd.DataFrame
    terms: Terms
    better: str
    largest: np.ndarray
    left_out: tuple[str, ...]
    weight: np.ndarray
    measured_in: str = ""


BUILT_IN = {
    "covered_share": OutcomeDef(of=Measure(sum="covered", weighted=True), per=("people",), better="high"),
    "gap_per_1000": OutcomeDef(of=Measure(sum="gap"), per=("population",), better="low"),
    "money": OutcomeDef(of=Measure(sum="money"), per=(), better="high"),
    "money_per_head": OutcomeDef(of=Measure(sum="money"), per=("population",), better="high"),
    "burden": OutcomeDef(of=Measure(sum="support"), per=("revenue",), better="low"),
}


def outcome(model: Algebra, data: Data, name: str, over: str, weight: str | None = None) -> Outcome:
    """The outcome ``name`` over ``counties``, ``donors`` or a text column of either, its units weighted by a column.

    ``loss`` = max(0, claim − money) adds a column and two rows for each county. Units whose denominator is zero are
    left out and listed.
    """
    each = {"counties": "county", "donors": "donor"}.get(over, over)
    defined = data.settings.outcomes.get(name)
    if defined is None and name == "loss":
        return _loss(model, data, each, weight)
    defined = defined or BUILT_IN[name]
    scale = 1000.0 if name == "gap_per_1000" and name not in data.settings.outcomes else 1.0
    terms = with_unit(data, defined.of, total_terms(model, data, defined.of), each)
    listed = pd.DataFrame({each: units(data, defined.of, each)})
    per = outcome_denominators(data, defined, each, listed)
    weights = _weights(data, defined.of, each, listed, weight)
    at = terms.keys[each].map(pd.Series(per, index=listed[each])).to_numpy(float) if len(terms) else np.empty(0)
    good, kept = at > 0, (per > 0) & (weights > 0)
    largest = np.abs(scale * ceiling(data, defined.of) / per[kept])
    return Outcome(each, listed[kept].reset_index(drop=True), terms.where(good).times(scale / at[good]), defined.better,
                   largest, tuple(listed.loc[~kept, each].astype(str)), weights[kept],
                   _measured_in(data, name))


def _weights(data: Data, of: Measure, each: str, listed: pd.DataFrame, weight: str | None) -> np.ndarray:
    """How much each unit counts: a column summed over its members; 1 without one."""
    if weight is None:
        return np.ones(len(listed))
    return outcome_denominators(data, OutcomeDef(of=of, per=(weight,)), each, listed)


def _measured_in(data: Data, name: str) -> str:
    money = data.settings.money.unit
    units = {"covered_share": "share", "gap_per_1000": "people per 1,000", "money": money, "loss": money,
             "money_per_head": f"{money} per head", "burden": "share"}
    return "" if name in data.settings.outcomes else units[name]


def outcome_denominators(data: Data, defined: OutcomeDef, each: str, listed: pd.DataFrame) -> np.ndarray:
    """What each unit's outcome is divided by; people are those of the periods that the measure names."""
    spans = rule_periods(data, defined.of.model_copy(update={"periods": over_horizon(defined.of)}), "total")
    if spans is None or list(defined.per) != ["people"]:
        return denominators(data, defined.of, each, defined.per, listed)
    return np.asarray(np.sum([denominators(data, defined.of, each, defined.per, listed.assign(period=t)) for t in spans], axis=0))


def _loss(model: Algebra, data: Data, each: str, weight: str | None) -> Outcome:
    """loss[i] ≥ claim[i] − Σ money[i], loss[i] ≥ 0; summed over the counties of a group."""
    known = data.counties["claim"].notna()
    keys = data.counties[known].reset_index()[["county"]]
    claim = data.counties.loc[known, "claim"]
    if "loss" not in model.columns:
        loss = model.declare("loss", keys)
        money = total_terms(model, data, Measure(sum="money"))
        model.state("loss_covers", keys, [loss.terms(), money], lower=claim.to_numpy(float), role="equity")
    of_money = Measure(sum="money")
    terms = with_unit(data, of_money, model.columns["loss"].terms(), each)
    listed = pd.DataFrame({each: sorted(terms.keys[each].dropna().unique())})
    sums = claim.groupby(np.asarray(terms.keys[each])).sum()
    weights = _weights(data, of_money, each, listed, weight)
    listed, weights = listed[weights > 0].reset_index(drop=True), weights[weights > 0]
    return Outcome(each, listed, terms, "low", listed[each].map(sums).to_numpy(float), tuple(data.counties.index[~known]),
                   weights, _measured_in(data, "loss"))


def loss_no_larger(model: Algebra, data: Data) -> None:
    """Losses are no larger than they are: loss[i] ≤ max(0, claim[i] − Σ money[i]), with a binary for each county.

    Asked for only where someone's loss must reach an amount, or where losses are to be alike; everything else makes
    losses small by itself.
    """
    if "lost" in model.columns:
        return
    model.reads_budgets = True
    loss = model.columns["loss"]
    claim = data.counties.loc[loss.keys["county"], "claim"].to_numpy(float)
    lost = model.declare("lost", loss.keys, upper=1.0, integer=True, stage=RULE_STAGE)
    money = total_terms(model, data, Measure(sum="money"))
    model.state("loss_if_lost", loss.keys, [loss.terms(), lost.terms(-claim)], upper=0.0, role="equity")
    model.state("loss_no_larger", loss.keys, [loss.terms(), money, lost.terms(money_total(data))],
                upper=claim + money_total(data), role="equity")


def unit_outcomes(of: Outcome, width: int) -> UnitOutcomes:
    """The values of the units over a compiled program of ``width`` columns."""
    count = len(of.units)
    row = lookup(of.units, of.terms.keys) if len(of.terms) else np.empty(0, int)
    number = (row >= 0) & (of.terms.column == CONSTANT)
    real = (row >= 0) & (of.terms.column != CONSTANT)
    constant: Floats = np.bincount(row[number], weights=of.terms.coefficient[number], minlength=count).astype(float)
    matrix = sparse.csr_matrix((of.terms.coefficient[real], (row[real], of.terms.column[real])), shape=(count, width))
    labels = tuple(of.units[of.unit].astype(str))
    return UnitOutcomes(labels, matrix, constant, "high" if of.better == "high" else "low", of.weight, of.measured_in)
