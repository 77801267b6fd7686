"""Outcomes: the one number for each county, group or donor that equity looks at.

An outcome is a quotient `top / low` of exact sums, so the worst unit is found without rounding. Units without a
defined outcome (no need, population 0, revenue unknown) are left out and listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from optimizer.instance.settings import Measure
from optimizer.plan.exact import Exact
from optimizer.plan.grouping import Rows, group_units, group_values, in_periods, per_values
from optimizer.plan.measure import Measures

#: What the built-in outcomes count.
MEASURES: dict[str, Measure] = {
    "covered_share": Measure(sum="covered", weighted=True), "gap_per_1000": Measure(sum="gap"), "money": Measure(sum="money"),
    "money_per_head": Measure(sum="money"), "loss": Measure(sum="money"), "burden": Measure(sum="support"),
}
GROUPS = {"counties": "county", "donors": "donor"}


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

    def fractions(self) -> list[Fraction]:
        """The outcome of each unit, exact."""
        return [self.top.at(n) / self.low.at(n) for n in range(len(self.units))]


def outcome(measures: Measures, name: str, over: str = "counties") -> Outcome:
    """Evaluate an outcome, built in or declared, over counties, donors or a text column of counties."""
    group = GROUPS.get(over, over)
    data = measures.data
    declared = data.settings.outcomes.get(name)
    if declared is not None:
        per = list(declared.per)
        return _quotient(measures, name, declared.better, declared.of, per, group, data.settings.money.unit)
    if name == "loss":
        return _loss(measures, group)
    if name in MEASURES:
        return _built_in(measures, name, group)
    raise ValueError(f"no outcome '{name}'; there are {', '.join([*MEASURES, *data.settings.outcomes])}")


def _built_in(measures: Measures, name: str, group: str) -> Outcome:
    money = measures.data.settings.money.unit
    better, per, unit = {
        "covered_share": ("high", ["people"], "share"), "gap_per_1000": ("low", ["population"], "people per 1,000"),
        "money": ("high", [], money), "money_per_head": ("high", ["population"], f"{money} per head"),
        "burden": ("low", ["revenue"], "share"),
    }[name]
    found = _quotient(measures, name, better, MEASURES[name], per, group, unit)
    return replace(found, top=found.top.times(1000)) if name == "gap_per_1000" else found


def _rows(measures: Measures, measure: Measure, group: str) -> Rows:
    units = pd.DataFrame({group: group_units(measures.data, group, measure)})
    if measure.periods == "each":
        measure = measure.model_copy(update={"periods": None})
    return in_periods(measures.data, measure, units, "total")


def _quotient(
    measures: Measures, name: str, better: str, of: Measure, per: list[str], group: str, unit: str
) -> Outcome:
    timed = _rows(measures, of, group)
    at, rows = _units(timed, group)
    top = measures.values(of, timed).sum_by(at, len(rows))
    return _defined(name, better, rows, top, _per_unit(measures, of, per, timed, at, len(rows)), unit, group)


def _units(timed: Rows, group: str) -> tuple[np.ndarray, Rows]:
    """The unit of each row, and one row for each unit: the periods that the measure names, as one."""
    names = pd.Index(timed.keys[group])
    at = names.unique().get_indexer(names)
    first = np.unique(at, return_index=True)[1]
    return at, Rows(timed.keys.loc[first, [group]].reset_index(drop=True), "total")


def _per_unit(measures: Measures, of: Measure, per: list[str], timed: Rows, at: np.ndarray, count: int) -> Exact:
    """The product of columns summed over each unit; people in need are those of all the periods."""
    if not per:
        return Exact.whole([1] * count)
    value = per_values(measures.data, per, of, timed)
    return value.sum_by(at, count) if "people" in per else value[np.unique(at, return_index=True)[1]]


def unit_weights(measures: Measures, name: str, over: str, column: str, units: list[str]) -> list[Fraction]:
    """How much each unit of an outcome counts: a column of counties (donors) summed over the unit; blank counts 0.

    ``people`` are the people in need of the needs that the outcome speaks of, counted as its denominator counts them.
    """
    group = GROUPS.get(over, over)
    declared = measures.data.settings.outcomes.get(name)
    of = declared.of if declared is not None else MEASURES[name]
    timed = _rows(measures, of, group)
    at, rows = _units(timed, group)
    value = _per_unit(measures, of, [column], timed, at, len(rows))
    found = {str(unit): value.at(n) for n, unit in enumerate(rows.keys[group])}
    return [found[unit] for unit in units]


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
