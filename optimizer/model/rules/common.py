"""What all rule types share: units, periods, denominators and the softness of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.measures import ENTITIES, admitted, grouping, in_periods, measure_terms, rule_periods, with_unit

PEOPLE = "people"


def units(data: Data, measure: Measure, each: str) -> list[Any]:
    """The values for which a rule has a row: every unit that the measure's filters admit."""
    wanted = None if each not in measure.filters else admitted(data, each, measure.filters[each])
    if each in ENTITIES:
        table: pd.DataFrame = getattr(data, ENTITIES[each])
        found = list(table.index)
    elif each in ("category", "stream", "need"):
        found = list({"category": data.settings.categories, "stream": data.streams, "need": data.settings.needs}[each])
    else:
        key, values = grouping(data, measure, each)
        chosen = values.loc[admitted(data, key, measure.filters[key])] if key in measure.filters else values
        found = sorted(chosen.dropna().unique().tolist())
    if wanted is None:
        return found
    inside = set(wanted)
    return [unit for unit in found if unit in inside]


def rule_index(data: Data, measure: Measure, each: str, periods: Any) -> pd.DataFrame:
    """One row for each unit and period of a rule; no column for what the rule does not part."""
    index = pd.DataFrame({each: units(data, measure, each)}) if each != "all" else pd.DataFrame(index=range(1))
    listed = rule_periods(data, measure, periods)
    return index if listed is None else index.merge(pd.DataFrame({"period": listed}), how="cross")


def rule_terms(model: Algebra, data: Data, measure: Measure, each: str, periods: Any) -> Terms:
    """The terms of a measure under the keys of :func:`rule_index`."""
    return with_unit(data, measure, in_periods(data, measure, measure_terms(model, data, measure), periods), each)


def denominators(data: Data, measure: Measure, each: str, per: Any, index: pd.DataFrame) -> np.ndarray:
    """What each row is divided by: Σ over its units of the product of the ``per`` columns, or its people in need.

    Cells that are blank count as nothing; where a rule reads one, ``check`` has refused the instance.
    """
    if not per:
        return np.ones(len(index))
    if list(per) == [PEOPLE]:
        return _people(data, measure, each, index)
    key = "donor" if each == "donor" else "county"
    table: pd.DataFrame = getattr(data, ENTITIES[key])
    chosen = table.loc[admitted(data, key, measure.filters[key])] if key in measure.filters else table
    value = per_value(data, chosen, list(per))
    if each == "all":
        return np.full(len(index), float(value.sum()))
    by = chosen.index if each == key else chosen[each]
    sums = value.groupby(np.asarray(by)).sum()
    return index[each].map(sums).fillna(0.0).to_numpy(float)


def per_value(data: Data, table: pd.DataFrame, per: list[str]) -> pd.Series:
    """Product of columns for each unit; income, in yuan a person, is put into the instance's money."""
    value = pd.Series(1.0, index=table.index)
    for column in per:
        value = value * table[column].astype(float) / (data.yuan if column == "income" else 1.0)
    return value


def _people(data: Data, measure: Measure, each: str, index: pd.DataFrame) -> np.ndarray:
    """People in need of the measure's needs in each row; over all periods, if it has none, by their weight."""
    rows = data.needs
    for name in ("need", "county"):
        if name in measure.filters:
            rows = rows[rows[name].isin(admitted(data, name, measure.filters[name]))]
    people = rows["people"] * (rows["weight"] if measure.weighted else 1.0)
    keys = pd.DataFrame(index=rows.index)
    if each == "need" or each == "county":
        keys[each] = rows[each]
    elif each != "all":
        keys[each] = rows["county"].map(data.counties[each])
    if "period" in index:
        keys["period"] = rows["period"]
    else:
        people = people * rows["period"].map(dict(data.weight))
    if not len(keys.columns):
        return np.full(len(index), float(people.sum()))
    sums = people.groupby([keys[c] for c in keys.columns]).sum()
    return np.asarray(sums.reindex(keyed(index, list(keys.columns))).fillna(0.0).to_numpy(float))


def keyed(index: pd.DataFrame, names: list[str]) -> pd.Index:
    """The rows of ``index`` by some of its columns, as pandas indexes them."""
    return pd.MultiIndex.from_frame(index[names]) if len(names) > 1 else pd.Index(index[names[0]])


def broken(model: Algebra, rule: Any, suffix: str, index: pd.DataFrame) -> Terms | None:
    """``broken[row]`` ≥ 0, in the rule's unit, at the rule's price: what a soft rule may be missed by; None if it is hard."""
    if rule.hard or not len(index):
        return None
    missed = model.declare(f"broken_{rule.id}_{suffix}" if suffix else f"broken_{rule.id}", index).terms()
    model.points.append(missed.times(float(rule.price)))
    return missed


def state_rule(
    model: Algebra, rule: Any, suffix: str, index: pd.DataFrame, terms: list[Terms], *,
    lower: np.ndarray | float | None = None, upper: np.ndarray | float | None = None, unit: np.ndarray | float = 1.0,
) -> None:
    """State rows of a rule; a soft one may be missed by ``unit`` (in the row's terms) for each unit broken."""
    if len(index):
        state_rows(model, rule, suffix, index, terms, broken(model, rule, suffix, index), lower=lower, upper=upper, unit=unit)


def state_rows(
    model: Algebra, rule: Any, suffix: str, index: pd.DataFrame, terms: list[Terms], missed: Terms | None, *,
    lower: np.ndarray | float | None = None, upper: np.ndarray | float | None = None, unit: np.ndarray | float = 1.0,
) -> None:
    """State rows of a rule that may be missed by ``missed``, one term for each row (None: by nothing)."""
    name = f"rule_{rule.id}_{suffix}" if suffix else f"rule_{rule.id}"
    if missed is None:
        model.state(name, index, terms, lower=lower, upper=upper, role="rule")
        return
    slack = missed.times(np.broadcast_to(np.asarray(unit, float), len(index)))
    if lower is not None:
        model.state(f"{name}_min" if upper is not None else name, index, [*terms, slack], lower=lower, role="rule")
    if upper is not None:
        model.state(f"{name}_max" if lower is not None else name, index, [*terms, slack.times(-1)], upper=upper, role="rule")


def broken_terms(model: Algebra, data: Data) -> Terms:
    """Points of soft rules: Σ price × broken."""
    return Terms.concat(model.points)
