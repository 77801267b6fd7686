"""Measures as terms: what a rule or a criterion counts, under the keys it can be grouped by (FORMAT, MEASURE)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.model.accounts import project_spending
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.coverage import covered_terms
from optimizer.model.projects import amounts

STOCKS = ("covered", "gap", "exited")
ENTITIES = {"county": "counties", "donor": "donors", "project": "projects"}
#: The tables whose text columns a measure can be grouped by.
MEMBERS = {
    "money": ("county",), "support": ("county", "donor"), "pairs": ("county", "donor"), "projects": ("county", "project"),
    "covered": ("county",), "gap": ("county",), "exited": ("county",),
}


def measure_terms(model: Algebra, data: Data, measure: Measure) -> Terms:
    """The terms a measure adds up, filtered; keys: every attribute by which they can be grouped."""
    if measure.sum == "projects" and measure.column == "cost":
        terms = project_spending(model, data)
    else:
        terms = COUNTED[measure.sum](model, data)
        if measure.column is not None:
            terms = terms.times(_column_values(data, measure, terms))
    if not len(terms):
        return terms
    if measure.weighted and measure.sum in ("covered", "gap"):
        weight = data.needs.drop_duplicates("need").set_index("need")["weight"]
        terms = terms.times(terms.keys["need"].map(weight))
    return terms.where(filter_mask(data, terms.keys, measure))


def money(model: Algebra, data: Data) -> Terms:
    """Transfers and placed money: stream, county, category, period."""
    return Terms.concat([model.terms_of("transfer"), model.terms_of("placed")])


def support(model: Algebra, data: Data) -> Terms:
    """Donors' money along pairs: donor, county, period."""
    return model.terms_of("support")


def pairs(model: Algebra, data: Data) -> Terms:
    """Chosen pairs: donor, county, existing."""
    terms = model.terms_of("pair")
    return terms.keyed(existing=data.pairs["existing"].to_numpy(float)) if len(terms) else terms


def projects(model: Algebra, data: Data) -> Terms:
    """Amount of projects started: project, county, category, sector, start, period (of start)."""
    terms = amounts(model)
    if not len(terms):
        return terms
    info = data.projects.loc[terms.keys["project"], ["county", "category", "sector"]].reset_index(drop=True)
    return Terms(terms.keys.assign(**info, period=terms.keys["start"]), terms.column, terms.coefficient)


def covered(model: Algebra, data: Data) -> Terms:
    """People covered: need, county, period."""
    return covered_terms(model, data)


def gap(model: Algebra, data: Data) -> Terms:
    """People in need and not covered: need, county, period."""
    keys = data.needs[["county", "need", "period"]]
    return Terms.concat([Terms.constants(keys, data.needs["people"]), covered_terms(model, data).times(-1)])


def exited(model: Algebra, data: Data) -> Terms:
    """Counties counted as exited: county, period."""
    return model.terms_of("exited")


COUNTED = {
    "money": money, "support": support, "pairs": pairs, "projects": projects,
    "covered": covered, "gap": gap, "exited": exited,
}


def _column_values(data: Data, measure: Measure, terms: Terms) -> np.ndarray:
    """The numeric column of pairs or projects that multiplies each term."""
    if measure.sum == "projects":
        return data.projects[measure.column].reindex(terms.keys["project"]).to_numpy(float)
    column = data.pairs.set_index(["donor", "county"])[measure.column]
    return column.reindex(pd.MultiIndex.from_frame(terms.keys[["donor", "county"]])).to_numpy(float)


def filter_mask(data: Data, keys: pd.DataFrame, measure: Measure) -> np.ndarray:
    """Which rows of ``keys`` pass the measure's filters."""
    mask = np.ones(len(keys), bool)
    for name, wanted in measure.filters.items():
        mask &= keys[name].isin(admitted(data, name, wanted)).to_numpy()
    return mask


def admitted(data: Data, name: str, wanted: Any) -> list[Any]:
    """The values a filter lets through: identifiers, or the members of a GROUP of counties, donors or projects."""
    listed = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
    if name not in ENTITIES:
        return [float(v) if name == "existing" else int(v) if name == "period" else v for v in listed]
    table: pd.DataFrame = getattr(data, ENTITIES[name])
    if isinstance(wanted, list | tuple):
        inside = {one for part in wanted for one in admitted(data, name, part)}
        return [one for one in table.index if one in inside]
    if isinstance(wanted, str) and wanted in table.index and wanted not in data.settings.groups:
        return [wanted]
    return list(table.index[data.group_mask(wanted, ENTITIES[name])])


def rule_periods(data: Data, measure: Measure, periods: Any) -> list[int] | None:
    """The periods that have a row of their own; None = one row over all of them.

    A measure's own ``periods`` go before those of its rule; a filter on periods leaves no row outside it.
    """
    chosen = measure.periods if measure.periods is not None else periods
    if measure.sum == "pairs" or chosen == "total":
        return None
    listed = [data.periods[-1]] if chosen == "last" else (
        list(data.periods) if chosen in ("each", None) else [int(period) for period in chosen])
    if "period" in measure.filters:
        inside = admitted(data, "period", measure.filters["period"])
        listed = [period for period in listed if period in inside]
    return listed


def in_periods(data: Data, measure: Measure, terms: Terms, periods: Any) -> Terms:
    """Terms with the periods a rule or criterion speaks of.

    ``each``, ``last`` or a list keep the key ``period``; ``total`` drops it (flows add up, stocks count by period weight).
    Terms without a period (pairs) belong to every period.
    """
    if "period" not in terms.keys or not len(terms):
        return terms
    listed = rule_periods(data, measure, periods)
    if listed is not None:
        return terms.where(terms.keys["period"].isin(listed))
    if measure.sum in STOCKS:
        terms = terms.times(terms.keys["period"].map(dict(data.weight)))
    return Terms(terms.keys.drop(columns="period"), terms.column, terms.coefficient)


def over_horizon(measure: Measure) -> Any:
    """The periods of a criterion or outcome: what the measure names, else all of them as one."""
    return measure.periods if measure.periods not in (None, "each") else "total"


def total_terms(model: Algebra, data: Data, measure: Measure) -> Terms:
    """The terms of a measure as one number: its own ``periods``, or all of them (stocks by period weight)."""
    span = over_horizon(measure)
    return in_periods(data, measure.model_copy(update={"periods": span}), measure_terms(model, data, measure), span)


def grouping(data: Data, measure: Measure, each: str) -> tuple[str, pd.Series]:
    """Which table's text column ``each`` is, for what a measure counts, and its cells.

    Raises
    ------
    KeyError : no such table has the column
    """
    for key in MEMBERS[measure.sum]:
        frame: pd.DataFrame = getattr(data, ENTITIES[key])
        if each in frame.columns:
            return key, frame[each]
    raise KeyError(f"{each} is no column by which {measure.sum} can be grouped")


def with_unit(data: Data, measure: Measure, terms: Terms, each: str) -> Terms:
    """Terms under the key by which a rule has a row for each value: ``county``, ``donor`` or a text column."""
    if each == "all" or each in terms.keys or not len(terms):
        return terms
    key, values = grouping(data, measure, each)
    return terms.keyed(**{each: terms.keys[key].map(values)})
