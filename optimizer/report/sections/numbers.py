"""The numbers of a figure to download: heads and words in the reader's language, every head with its unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from optimizer.report.figures.words import phrase
from optimizer.report.view import View
from optimizer.report.workbook.readable import readable_indicators

#: Column of a figure's numbers → key of its head, and its unit as `View.column` knows it.
HEADS: dict[str, tuple[str, str]] = {
    "place": ("place", ""), "level": ("scale", ""), "county": ("county", ""), "donor": ("donor", ""), "name": ("named", ""),
    "money": ("money", "money"), "population": ("population", "persons"), "per_head": ("per_head", "base"),
    "money_before": ("before_money", "money"), "money_after": ("after_money", "money"), "money_change": ("change", "money"),
    "per_head_change": ("per_head_change", "base"), "need": ("need", ""), "period": ("period", ""),
    "people": ("people", "persons"), "carried": ("carried", "persons"), "built": ("built", "persons"),
    "direct": ("direct", "persons"), "covered": ("covered", "persons"), "gap": ("left", "persons"),
    "share": ("covered_share", "share"), "outcome": ("outcome", ""), "status": ("status", ""), "donors": ("donors", ""),
    "given": ("given", "money"), "capacity": ("pairs_max", "pairs"), "load": ("pairs", "pairs"), "category": ("category", ""),
    "sector": ("sector", ""), "proposed": ("offered", "projects"), "started": ("started", "projects"),
    "cost": ("cost", "money"), "sentence": ("rule", ""), "index": ("speaks_of", ""), "percent": ("room", "percent"),
    "standing": ("status", ""), "scenario": ("plan", ""),
}
#: Columns that mean something else in one figure.
OWN: dict[tuple[str, str], tuple[str, str]] = {
    ("donor_capacity", "money"): ("could_give", "money"), ("donor_capacity", "place"): ("donor", ""),
    ("funds_per_head", "county"): ("county_code", ""), ("winners_losers", "county"): ("county_code", ""),
    ("lorenz", "people"): ("share_of_people", "percent"), ("lorenz", "received"): ("share_received", "percent"),
}
ENDS = ("donor", "county")  # whose longitude and latitude a column holds
STANDING = {"free": "holds", "near": "at_limit", "broken": "broken"}
LEFT_OUT = {"rules_slack": ("slack", "limit", "place", "rule"), "projects_by_sector": ("place",)}  # many units, or told beside


def numbers(view: View, figure: str, data: pd.DataFrame) -> tuple[list[str], list[list[Any]]]:
    """Heads and rows of what a figure of a plan has drawn.

    Parameters
    ----------
    figure : its name, such as ``lorenz``
    data : its numbers
    """
    if figure == "indicators":
        shown, heads = readable_indicators(view.names, data.reset_index(drop=True))
        return heads, shown.to_numpy(dtype=object).tolist()
    if "sentence" in data:
        data = data.assign(sentence=[view.names.sentence(str(rule)) for rule in data["rule"]])
    data = data.drop(columns=[name for name in LEFT_OUT.get(figure, ()) if name in data])
    heads = [_head(view, figure, str(name)) for name in data]
    cells = [_cells(view, figure, str(name), data[name].tolist()) for name in data]
    return heads, [list(row) for row in zip(*cells, strict=True)]


def _head(view: View, figure: str, name: str) -> str:
    _, colon, which = name.partition(":")
    if colon:
        return view.column("named_money", unit="money", name=view.names.stream(which)).title
    if name.startswith(("lon_", "lat_")):
        column, _, end = name.partition("_")
        return f"{view.t(f'head.{end}')}: {view.names.column(column)} (°)"
    if figure == "scenarios" and name != "scenario":
        outcome = view.plan.outcome
        if name == "value":
            return phrase(view.t.lang, outcome.criterion, view.names.unit(outcome.unit), view.names.criterion(outcome.criterion))
        return view.names.say(f"figure.scenarios.{name}", money=view.money)
    head, unit = OWN.get((figure, name)) or HEADS[name]
    return view.column(head, unit=unit).title


def _cells(view: View, figure: str, name: str, values: list[Any]) -> list[Any]:
    """Identifiers as words; counties and donors with their identifiers behind them, as the page's tables have them."""
    names = view.names
    if figure == "scenarios" and name in ("covered", "poorest"):
        return [100.0 * value for value in values]
    if figure == "pairings_map" and name in ENDS:
        known = (names.counties if name == "county" else names.donors)([str(value) for value in values])
        return [f"{told} {value}" for told, value in zip(known, values, strict=True)]
    words: dict[str, Callable[[str], str]] = {
        "level": names.level, "need": names.need, "category": names.category, "sector": names.sector, "outcome": names.outcome,
        "period": names.period, "status": lambda value: view.t(f"pair.{value}"), "index": names.index,
        "standing": lambda value: view.t(f"head.{STANDING[value]}"),
    }
    word = words.get(name)
    if word is None:
        return values
    return [word(str(value)) if value == value and value not in (None, "") else "" for value in values]
