"""What all rule types share: units, periods, denominators and the softness of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.measures import ENTITIES, admitted, listed_periods

PEOPLE = "people"


def units(data: Data, measure: Measure, each: str) -> list[Any]:
    """The values for which a rule has a row: every unit that the measure's filters admit."""
    if each in measure.filters and each not in ENTITIES:
        return admitted(data, each, measure.filters[each])
    if each in ENTITIES:
        table: pd.DataFrame = getattr(data, ENTITIES[each])
        wanted = measure.filters.get(each)
        return list(table.index) if wanted is None else admitted(data, each, wanted)
    if each in ("category", "stream", "need"):
        return list({"category": data.settings.categories, "stream": data.streams, "need": data.settings.needs}[each])
    for key, name in ENTITIES.items():
        frame: pd.DataFrame = getattr(data, name)
        if each in frame.columns:
            chosen = frame.loc[admitted(data, key, measure.filters[key])] if key in measure.filters else frame
            return sorted(chosen[each].dropna().unique().tolist())
    raise KeyError(f"no table has a column {each}")


def rule_index(data: Data, measure: Measure, each: str, periods: Any) -> pd.DataFrame:
    """One row for each unit and period of a rule; no column for what the rule does not part."""
    index = pd.DataFrame({each: units(data, measure, each)}) if each != "all" else pd.DataFrame(index=range(1))
    if periods == "total" or measure.sum == "pairs":
        return index
    return index.merge(pd.DataFrame({"period": listed_periods(data, periods)}), how="cross")


def unit_of(data: Data, counties: pd.Index | pd.Series, each: str) -> pd.Series:
    """The value of ``each`` for each county (for ``all`` always 0)."""
    ids = pd.Series(list(counties), dtype="str")
    if each == "county":
        return ids
    return pd.Series(0, index=ids.index) if each == "all" else ids.map(data.counties[each])


def denominators(data: Data, measure: Measure, each: str, per: Any, index: pd.DataFrame, periods: Any) -> np.ndarray:
    """What each row is divided by: Σ over its units of the product of the ``per`` columns, or its people in need."""
    if per in (None, [], ()):
        return np.ones(len(index))
    if per == PEOPLE or list(per) == [PEOPLE]:
        return _people(data, measure, each, index, periods)
    table = data.donors if each == "donor" else data.counties
    key = "donor" if each == "donor" else "county"
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


def _people(data: Data, measure: Measure, each: str, index: pd.DataFrame, periods: Any) -> np.ndarray:
    """People in need of the measure's needs in each row."""
    rows = data.needs
    for name in ("need", "county"):
        if name in measure.filters:
            rows = rows[rows[name].isin(admitted(data, name, measure.filters[name]))]
    weight = rows["weight"] if measure.weighted else 1.0
    people = rows["people"] * weight
    keys = pd.DataFrame(index=rows.index)
    if each != "all":
        keys[each] = rows["need"] if each == "need" else unit_of(data, rows["county"], each).to_numpy()
    if "period" in index:
        keys["period"] = rows["period"]
    else:
        people = people * rows["period"].map(dict(data.weight))
    if not len(keys.columns):
        return np.full(len(index), float(people.sum()))
    sums = people.groupby([keys[c] for c in keys.columns]).sum()
    at = pd.MultiIndex.from_frame(index[list(keys.columns)]) if len(keys.columns) > 1 else pd.Index(index[keys.columns[0]])
    return np.asarray(sums.reindex(at).fillna(0.0).to_numpy(float))


def state_rule(
    model: Algebra, rule: Any, suffix: str, index: pd.DataFrame, terms: list[Terms], *,
    lower: np.ndarray | float | None = None, upper: np.ndarray | float | None = None, unit: np.ndarray | float = 1.0,
) -> None:
    """State rows of a rule; a soft rule may be broken at ``price`` points for each unit (``unit`` in the row's terms)."""
    name = f"rule_{rule.id}_{suffix}" if suffix else f"rule_{rule.id}"
    if not len(index):
        return
    if not rule.hard:
        family = f"broken_{rule.id}_{suffix}" if suffix else f"broken_{rule.id}"
        broken = model.declare(family, index)
        slack = broken.terms(np.broadcast_to(np.asarray(unit, float), len(index)))
        if lower is not None:
            model.state(f"{name}_min" if upper is not None else name, index, [*terms, slack], lower=lower, role="rule")
        if upper is not None:
            model.state(f"{name}_max" if lower is not None else name, index, [*terms, slack.times(-1)], upper=upper,
                        role="rule")
        return
    model.state(name, index, terms, lower=lower, upper=upper, role="rule")


def broken_terms(model: Algebra, data: Data) -> Terms:
    """Points of soft rules: Σ price × broken."""
    parts = []
    for rule in data.settings.rules:
        if rule.active and not rule.hard:
            for name, family in model.columns.items():
                if name == f"broken_{rule.id}" or name in (f"broken_{rule.id}_min", f"broken_{rule.id}_max"):
                    parts.append(family.terms(float(rule.price or 1.0)))
    return Terms.concat(parts)


def money_total(data: Data) -> float:
    """All money that can be spent over the horizon: a ceiling for any sum of money."""
    return float(data.budgets["amount"].sum() + data.donor_money["money"].sum())
