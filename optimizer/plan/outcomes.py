"""Outcomes: the one number for each county, group or donor that equity looks at.

An outcome is a quotient `top / low` of exact sums, so the worst unit is found without rounding. Units without a
defined outcome (no need, population 0, revenue unknown) are left out and listed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.instance.settings import Measure
from optimizer.plan.exact import Exact
from optimizer.plan.grouping import Rows, group_units, group_values, in_periods, per_values
from optimizer.plan.measure import Measures

BUILT_IN = ("covered_share", "gap_per_1000", "money", "money_per_head", "loss", "burden")


@dataclass(frozen=True, eq=False)
class Outcome:
    """An outcome by unit.

    Attributes
    ----------
    name, better : the outcome and its direction, ``high`` or ``low``
    units : identifiers (or values of a text column), in order, of the units with a defined outcome
    top, low : exact numerator and denominator; the outcome is their quotient times ``factor``
    unit : unit of the value
    left_out : units without a defined outcome
    """

    name: str
    better: str
    units: list[str]
    top: Exact
    low: Exact
    unit: str
    left_out: list[str]

    def values(self) -> np.ndarray:
        """The outcome of each unit as floats."""
        return self.top.ratio(self.low)


def outcome(measures: Measures, name: str, over: str = "counties") -> Outcome:
    """Evaluate an outcome, built in or declared, over counties, donors or a text column of counties."""
    group = {"counties": "county", "donors": "donor"}.get(over, over)
    data = measures.data
    declared = data.settings.outcomes.get(name)
    if declared is not None:
        per = list(declared.per)
        return _quotient(measures, name, declared.better, declared.of, per, group, data.settings.money.unit)
    if name == "covered_share":
        return _quotient(measures, name, "high", Measure(sum="covered", weighted=True), ["people"], group, "share")
    if name == "gap_per_1000":
        found = _quotient(measures, name, "low", Measure(sum="gap"), ["population"], group, "people per 1,000")
        return Outcome(name, "low", found.units, found.top.times(1000), found.low, found.unit, found.left_out)
    if name == "money":
        return _quotient(measures, name, "high", Measure(sum="money"), [], group, data.settings.money.unit)
    if name == "money_per_head":
        unit = f"{data.settings.money.unit} per head"
        return _quotient(measures, name, "high", Measure(sum="money"), ["population"], group, unit)
    if name == "loss":
        return _loss(measures, group)
    if name == "burden":
        return _quotient(measures, name, "low", Measure(sum="support"), ["revenue"], group, "share")
    raise ValueError(f"no outcome '{name}'; there are {', '.join([*BUILT_IN, *data.settings.outcomes])}")


def _rows(measures: Measures, measure: Measure, group: str) -> Rows:
    units = pd.DataFrame({group: group_units(measures.data, group, measure)})
    if measure.periods == "each":
        measure = measure.model_copy(update={"periods": None})
    return in_periods(measures.data, measure, units, "total")


def _quotient(
    measures: Measures, name: str, better: str, of: Measure, per: list[str], group: str, unit: str
) -> Outcome:
    rows = _rows(measures, of, group)
    top = measures.values(of, rows)
    low = per_values(measures.data, per, of, rows) if per else Exact.whole([1] * len(rows))
    if "period" in rows.keys:  # the periods that the measure names, as one
        at = pd.Index(rows.keys[group]).unique().get_indexer(pd.Index(rows.keys[group]))
        first = np.unique(at, return_index=True)[1]
        low = low.sum_by(at, len(first)) if "people" in per else low[first]
        top, rows = top.sum_by(at, len(first)), Rows(rows.keys.loc[first, [group]].reset_index(drop=True), "total")
    return _defined(name, better, rows, top, low, unit, group)


def _defined(name: str, better: str, rows: Rows, top: Exact, low: Exact, unit: str, group: str) -> Outcome:
    good = low.positive()
    units = rows.keys[group].astype(str).to_numpy(dtype=object)
    return Outcome(name, better, list(units[good]), top[good], low[good], unit, list(units[~good]))


def _loss(measures: Measures, group: str) -> Outcome:
    """Σ over counties of max(0, claim − money); counties without a claim are left out."""
    data, measure = measures.data, Measure(sum="money")
    counties = _rows(measures, measure, "county")
    known = data.counties["claim"].notna().to_numpy()
    claim = Exact.of(data.counties["claim"])
    loss = (claim - measures.values(measure, counties)).most(Exact.constant(0, len(counties)))[known]
    frame = counties.keys[known].reset_index(drop=True)
    unit = data.settings.money.unit
    left = [str(county) for county in counties.keys["county"][~known]]
    if group == "county":
        return Outcome("loss", "low", [str(c) for c in frame["county"]], loss, Exact.whole([1] * len(frame)), unit, left)
    values = pd.Series(group_values(data, group, frame))
    units = sorted(values.dropna().unique())
    sums = loss.sum_by(pd.Index(units).get_indexer(pd.Index(values)), len(units))
    return Outcome("loss", "low", [str(one) for one in units], sums, Exact.whole([1] * len(units)), unit, left)
