"""Measures: what rules and criteria count, evaluated on the tables of a plan in exact numbers.

A measure `{sum: WHAT, column:, weighted:, FILTERS}` is a long table of contributions (county, period, … and an exact
value). `Rows` says which sums are wanted: one for each value of the grouping columns and each period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.plan.accounts import exact_amounts, project_spending
from optimizer.plan.exact import Exact, locate
from optimizer.plan.exits import exited_table
from optimizer.plan.grouping import Rows, filter_mask, group_values, period_weights

STOCKS = frozenset({"covered", "gap", "exited"})


@dataclass(frozen=True, eq=False)
class Contributions:
    """What a measure adds up: keys (one row each) and exact values."""

    keys: pd.DataFrame
    values: Exact


class Measures:
    """Measures over one set of plan tables.

    Parameters
    ----------
    data : the instance
    tables : ``funds``, ``support``, ``pairings``, ``projects``, ``coverage`` as in the plan folder
    ideals : (outcome, units) → unit → the largest outcome it could have alone, as far as the solver was asked
    """

    def __init__(
        self, data: Data, tables: Mapping[str, pd.DataFrame], ideals: Mapping[tuple[str, str], Mapping[str, float]] | None = None,
    ) -> None:
        self.data = data
        self.ideals = ideals or {}
        self.tables = tables
        self._cache: dict[tuple[str, str | None, bool], Contributions] = {}

    @cached_property
    def exited(self) -> pd.DataFrame:
        """county, period, exited (1/0): counties that pass every exit rule that applies to them."""
        return exited_table(self.data, self.tables["coverage"])

    def contributions(self, measure: Measure) -> Contributions:
        """Keys and exact values of a measure, its filters applied."""
        plain = self._unfiltered(measure)
        mask = filter_mask(self.data, measure, plain.keys)
        return plain if mask.all() else Contributions(plain.keys[mask], plain.values[mask])

    def values(self, measure: Measure, rows: Rows) -> Exact:
        """The sums that ``rows`` asks for; flows add up, stocks are weighted by period where periods are summed."""
        part = self.contributions(measure)
        values = part.values
        frame = self._grouped(part.keys, [name for name in rows.keys.columns if name != "period"])
        if "period" in rows.keys.columns:
            frame = frame.assign(period=part.keys["period"].to_numpy())
        elif measure.sum in STOCKS:
            values = values * period_weights(self.data, part.keys["period"].to_numpy())
        names = list(rows.keys.columns)
        codes = locate(frame, rows.keys, names) if names else np.zeros(len(values), dtype=np.int64)
        return values.sum_by(codes, len(rows))

    def _grouped(self, keys: pd.DataFrame, names: list[str]) -> pd.DataFrame:
        return pd.DataFrame({name: group_values(self.data, name, keys) for name in names}, index=range(len(keys)))

    def _unfiltered(self, measure: Measure) -> Contributions:
        key = (measure.sum, measure.column, bool(measure.weighted))
        if key not in self._cache:
            keys, values = _SOURCES[measure.sum](self)
            if measure.sum == "projects" and measure.column == "cost":
                keys, values = project_spending(self.data, self.tables["projects"])
            elif measure.column:
                values = values * column_of(self.data, measure.sum, measure.column, keys)
            if measure.weighted and measure.sum in ("covered", "gap"):
                weights = self.data.needs.drop_duplicates("need").set_index("need")["weight"]
                values = values * Exact.of(keys["need"].map(weights))
            self._cache[key] = Contributions(keys.reset_index(drop=True), values)
        return self._cache[key]


def _money(measures: Measures) -> tuple[pd.DataFrame, Exact]:
    funds = measures.tables["funds"]
    return funds[["stream", "county", "category", "period"]], Exact.of(funds["money"])


def _support(measures: Measures) -> tuple[pd.DataFrame, Exact]:
    support = measures.tables["support"]
    return support[["donor", "county", "period"]], Exact.of(support["money"])


def _pairs(measures: Measures) -> tuple[pd.DataFrame, Exact]:
    table = measures.tables["pairings"]
    chosen = table[table["status"] != "ended"]
    keys = chosen[["donor", "county"]].assign(existing=(chosen["status"] == "kept").astype("int64"))
    return keys, Exact.whole([1] * len(keys))


def _projects(measures: Measures) -> tuple[pd.DataFrame, Exact]:
    table = measures.tables["projects"]
    keys = table[["project", "county", "category", "sector"]].assign(period=table["start"])
    return keys, exact_amounts(measures.data, table)


def _coverage(column: str) -> Any:
    def read(measures: Measures) -> tuple[pd.DataFrame, Exact]:
        table = measures.tables["coverage"]
        return table[["county", "need", "period"]], Exact.of(table[column])

    return read


def _exited(measures: Measures) -> tuple[pd.DataFrame, Exact]:
    table = measures.exited
    return table[["county", "period"]], Exact.whole(table["exited"].tolist())


_SOURCES: dict[str, Any] = {
    "money": _money, "support": _support, "pairs": _pairs, "projects": _projects,
    "covered": _coverage("covered"), "gap": _coverage("gap"), "exited": _exited,
}


def column_of(data: Data, what: str, column: str, keys: pd.DataFrame) -> Exact:
    """The numeric column a measure multiplies by: of the pair or of the project."""
    if what == "projects":
        return Exact.of(keys["project"].map(data.projects[column]))
    at = locate(keys, data.pairs, ["donor", "county"])
    values = data.pairs[column].to_numpy(float)
    return Exact.of(np.where(at >= 0, values[at], 0.0) if len(values) else np.zeros(len(keys)))
