"""Which rows a rule or criterion has, which parts belong to them, and what they are divided by.

Filters on counties, donors and projects admit identifiers, groups and FILTERs; rows are made for every value of the
grouping columns, whether or not anything was paid there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.plan.exact import Exact, fraction, locate

UNTIMED = frozenset({"pairs"})
GROUPS = {"county": "counties", "donor": "donors", "project": "projects"}


@dataclass(frozen=True, eq=False)
class Rows:
    """The sums a rule or criterion asks for.

    Attributes
    ----------
    keys : one row a sum; grouping columns and, unless summed over periods, ``period``
    span : ``each`` (keys have a period) or ``total``
    """

    keys: pd.DataFrame
    span: str

    def __len__(self) -> int:
        return len(self.keys)

    def labels(self) -> list[str]:
        """``county=A;period=2026`` for each row; empty for a single sum over everything."""
        names = list(self.keys.columns)
        return [
            ";".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
            for row in self.keys.itertuples(index=False)
        ] if names else [""] * len(self.keys)


def period_weights(data: Data, periods: np.ndarray) -> Exact:
    """The weight of each period in ``periods``."""
    return Exact.of([data.weight[int(period)] for period in periods])


def members(data: Data, name: str, wanted: Any) -> pd.Index[Any]:
    """Identifiers that a filter on ``county``, ``donor`` or ``project`` admits: one, a list, a group or a FILTER."""
    frame: pd.DataFrame = getattr(data, GROUPS[name])
    if isinstance(wanted, str) and wanted in frame.index and wanted not in data.settings.groups:
        return pd.Index([wanted])
    if isinstance(wanted, list | tuple) and not any(isinstance(part, Mapping) for part in wanted):
        inside: pd.Index[Any] = pd.Index([])
        for part in wanted:
            inside = inside.union(members(data, name, part))
        return inside
    return frame.index[data.group_mask(wanted, GROUPS[name])]


def filter_mask(data: Data, measure: Measure, keys: pd.DataFrame) -> np.ndarray:
    """Which contributions the filters of a measure admit."""
    mask = np.ones(len(keys), dtype=bool)
    for name, wanted in measure.filters.items():
        if name not in keys.columns:
            raise ValueError(f"a measure of {measure.sum} has no filter '{name}'")
        if name in GROUPS:
            mask &= keys[name].isin(members(data, name, wanted)).to_numpy()
        else:
            mask &= keys[name].astype(str).isin([str(_plain(one)) for one in as_list(wanted)]).to_numpy()
    return mask


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool | float) and float(value).is_integer() else value


def as_list(value: Any) -> list[Any]:
    """A scalar or a sequence as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def group_values(data: Data, name: str, keys: pd.DataFrame) -> np.ndarray:
    """The value of grouping column ``name`` for each row of ``keys``."""
    if name in keys.columns:
        return keys[name].to_numpy(dtype=object)
    for key, table in GROUPS.items():
        frame: pd.DataFrame = getattr(data, table)
        if key in keys.columns and name in frame.columns:
            return np.asarray(keys[key].map(frame[name]).to_numpy(dtype=object))
    raise ValueError(f"no column '{name}' to group by")


def group_units(data: Data, name: str, measure: Measure) -> list[Any]:
    """Every value of grouping column ``name`` for which a rule has a row, its measure's filter applied."""
    if name in GROUPS:
        wanted = measure.filters.get(name)
        frame: pd.DataFrame = getattr(data, GROUPS[name])
        return list(frame.index if wanted is None else frame.index[frame.index.isin(members(data, name, wanted))])
    settings = data.settings
    named: dict[str, Mapping[str, Any]] = {
        "category": settings.categories, "need": settings.needs, "stream": data.streams,
    }
    if name in named:
        wanted = measure.filters.get(name)
        return [one for one in named[name] if wanted is None or one in as_list(wanted)]
    for key in _group_keys(measure):
        frame = getattr(data, GROUPS[key])
        if name in frame.columns:
            wanted = measure.filters.get(key)
            inside = frame if wanted is None else frame[frame.index.isin(members(data, key, wanted))]
            found = sorted(inside[name].dropna().unique())
            chosen = measure.filters.get(name)
            return found if chosen is None else [one for one in found if one in as_list(chosen)]
    raise ValueError(f"no column '{name}' to group by")


def _group_keys(measure: Measure) -> tuple[str, ...]:
    if measure.sum == "projects":
        return ("county", "project")
    return ("county", "donor") if measure.sum in ("support", "pairs") else ("county",)


def rows_for(data: Data, measure: Measure, each: Sequence[str], periods: Any) -> Rows:
    """The rows of a rule: every combination of the values of ``each``, in each period that the rule names."""
    keys = pd.DataFrame(index=range(1))
    for name in each:
        frame = pd.DataFrame({name: group_units(data, name, measure)})
        keys = keys.merge(frame, how="cross") if len(keys.columns) else frame
    return in_periods(data, measure, keys, periods)


def in_periods(data: Data, measure: Measure, keys: pd.DataFrame, periods: Any) -> Rows:
    """Rows for every key in each period that a rule names; one a key where it counts the total, or no periods.

    A measure's own ``periods`` go before the rule's; a filter on periods leaves no rows outside it.
    """
    periods = measure.periods if measure.periods is not None else periods
    if measure.sum in UNTIMED or periods == "total":
        return Rows(keys.reset_index(drop=True), "total")
    if periods == "last":
        listed = [data.periods[-1]]
    else:
        listed = list(data.periods) if periods in (None, "each") else [int(period) for period in as_list(periods)]
    chosen = measure.filters.get("period")
    if chosen is not None:
        inside = {int(period) for period in as_list(chosen)}
        listed = [period for period in listed if period in inside]
    timed = pd.DataFrame({"period": pd.Series(listed, dtype="int64")})
    return Rows(keys.merge(timed, how="cross") if len(keys.columns) else timed, "each")


def per_values(data: Data, per: Sequence[str], measure: Measure, rows: Rows) -> Exact:
    """Denominators: Σ over the units of each row of the product of the columns ``per``.

    ``people`` counts people in need of the needs the measure names (by period weight where periods are summed);
    income, in yuan a person, is turned into money. Units are donors where there is a row for each donor, else counties.
    """
    key = "donor" if "donor" in rows.keys.columns else "county"
    frame: pd.DataFrame = getattr(data, GROUPS[key])
    timed = "period" in rows.keys.columns
    periods = sorted(set(rows.keys["period"])) if timed else list(data.periods)
    ids = group_units(data, key, measure)
    units = pd.DataFrame({key: np.repeat(np.asarray(ids, dtype=object), len(periods)),
                          "period": np.tile(np.asarray(periods, dtype=np.int64), len(ids))})
    by_need = "need" in rows.keys.columns and "people" in per
    if by_need:
        units = units.merge(pd.DataFrame({"need": group_units(data, "need", measure)}), how="cross")
    value = Exact.whole([1] * len(units))
    for column in per:
        if column == "people":
            value = value * _people(data, measure, units)
        else:
            numbers = Exact.of(units[key].map(frame[column]))
            value = value * (numbers.times(1 / fraction(data.yuan)) if column == "income" else numbers)
    if not timed and rows.span == "total" and "people" in per:
        value = value * period_weights(data, units["period"].to_numpy())
    elif not timed:
        last = units["period"].to_numpy() == data.periods[-1]
        value, units = value[last], units[last].reset_index(drop=True)
    names = [name for name in rows.keys.columns if name in units or name in frame.columns]
    grouped = pd.DataFrame({name: units["period"].to_numpy() if name == "period" else group_values(data, name, units)
                            for name in names}, index=range(len(units)))
    if not names:
        return value.sum_by(np.zeros(len(value), dtype=np.int64), 1)[np.zeros(len(rows), dtype=np.int64)]
    distinct = rows.keys[names].drop_duplicates().reset_index(drop=True)
    sums = value.sum_by(locate(grouped, distinct, names), len(distinct))
    return sums[locate(rows.keys, distinct, names)]


def _people(data: Data, measure: Measure, units: pd.DataFrame) -> Exact:
    """People in need of the measure's needs, by county and period."""
    needs = data.needs
    wanted = measure.filters.get("need")
    if wanted is not None:
        needs = needs[needs["need"].isin([str(one) for one in as_list(wanted)])]
    people = Exact.of(needs["people"])
    if measure.weighted:
        people = people * Exact.of(needs["weight"])
    keys = ["county", "need", "period"] if "need" in units else ["county", "period"]
    return people.sum_by(locate(needs, units, keys), len(units))
