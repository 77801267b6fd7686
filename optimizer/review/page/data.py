"""What the page is told: the tables of the recommendations as columns of plain values, rounded to what is shown."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.decisions import COLUMNS, read_decisions
from optimizer.instance.folder import cell_texts
from optimizer.report.figures.words import in_language, readable, term, unit_word
from optimizer.review.page.messages import LANGUAGES, message
from optimizer.review.recommendations import FIT_PART, RECOMMENDATIONS, Recommendations

DIGITS = 6
MOST_RATHER = 10  # for each donor, of the pairs that would both rather have each other
#: Units in which the value of a plan is told as people.
PEOPLE = frozenset({"people", "persons", "person-periods", "weighted person-periods", "weighted people"})
#: Remarks on counties and the messages that say the same in both languages.
NOTES = {
    "not priced: the time was over": "note_late", "no other donor can take its place": "note_only",
    "no donor can be given": "note_none", "instead would be better: the plan is not proved the best": "note_better",
    "fewer than half of the plans studied have its partner": "note_seldom",
}


def page_data(recommendations: Recommendations, decisions: pd.DataFrame | str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """Everything that the page shows, as plain values by column; places are named by their row.

    Raises
    ------
    InstanceError : the decisions cannot be read
    """
    given = recommendations.plan.instance.decisions if decisions is None else read_decisions(decisions)[1]
    return {
        "settings": settings_of(recommendations), "parts": parts_of(recommendations), "counties": _counties(recommendations),
        "donors": _donors(recommendations), "pairs": _pairs(recommendations),
        "stability": _between(recommendations, foremost(recommendations.stability),
                              {"kind": "kind", "donorGain": "donor_gain", "countyGain": "county_gain"}),
        "unstable": {kind: int((recommendations.stability["kind"] == kind).sum()) for kind in ("blocking", "envy")},
        "today": _between(recommendations, recommendations.today, {name: name for name in ("status", "fit", "money", "price")}),
        "changes": columns(recommendations.changes, {name: name for name in ("n", "value", "bound", "ended", "new", "status")}),
        "decisions": [] if given is None else decision_rows(given),
    }


def settings_of(recommendations: Recommendations) -> dict[str, Any]:
    """Facts about the whole: what is maximised, how near the best the plan is, how money is told."""
    outcome, money = recommendations.plan.outcome, recommendations.plan.instance.settings.money
    told = recommendations.settings
    return {
        "titles": {lang: title_in(recommendations, lang) for lang in LANGUAGES},
        "needs": len(recommendations.plan.instance.settings.needs),
        "money": money.label, "yuan": money.yuan,
        "unit": {lang: told_unit(recommendations, unit_of(recommendations), lang) for lang in LANGUAGES},
        "people": unit_of(recommendations) in PEOPLE, "key": key_of(recommendations),
        "criterion": {lang: term(lang, "criterion", outcome.criterion) for lang in LANGUAGES},
        "objective": plain(outcome.objective),
        "objectiveUnit": {lang: told_unit(recommendations, outcome.unit, lang) for lang in LANGUAGES},
        "objectivePeople": outcome.unit in PEOPLE, "gap": plain(outcome.gap_percent),
        **{name: plain(told.get(name)) for name in ("exchanges", "renewals", "gain", "exhausted", "blocking_share", "fit",
                                                   "stable_fit")},
        "versions": {str(name): str(version) for name, version in sorted(recommendations.plan.claims.versions.items())},
    }


def title_in(recommendations: Recommendations, lang: str) -> str:
    """The instance's title where it is in a reader's language, else one made from its counties."""
    own = str(recommendations.settings.get("title") or recommendations.plan.instance.settings.title or "")
    told = in_language(own, lang)
    return told if told and readable(told, lang) else message("page_title_made", lang, n=len(recommendations.counties))


def unit_of(recommendations: Recommendations) -> str:
    """The unit of prices: that of the criterion they were worked out in."""
    return str(recommendations.settings.get("unit") or recommendations.plan.outcome.unit)


def told_unit(recommendations: Recommendations, unit: str, lang: str) -> str:
    """A unit in a reader's words; money by the label that the instance gives it."""
    money = recommendations.plan.instance.settings.money
    return money.label if unit == money.unit else unit_word(lang, unit)


def key_of(recommendations: Recommendations) -> str:
    """What tells one instance from another: a hash of all its tables and settings."""
    instance = recommendations.plan.instance
    digest = hashlib.sha256(json.dumps(instance.raw_settings, sort_keys=True, default=str).encode("utf-8", "surrogatepass"))
    for name, table in sorted(instance.tables.items()):
        digest.update(name.encode())
        for column in table.columns:
            digest.update("\n".join([str(column), *cell_texts(table[column])]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def parts_of(recommendations: Recommendations) -> list[dict[str, Any]]:
    """Parts of the fit that the table holds, with their weights where the instance states them."""
    weights = recommendations.plan.instance.settings.pairs.fit or {}
    names = [str(c).removeprefix(FIT_PART) for c in recommendations.table.columns
             if str(c).startswith(FIT_PART) and c not in RECOMMENDATIONS]
    return [{"key": name, "weight": plain(weights.get(name, math.nan))} for name in names]


def plain(value: Any) -> Any:
    """A value that JSON can hold: numbers to few digits, infinite ones as words, unknown ones as null."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return int(value)
    if value is None or value is pd.NA or value != value:
        return None
    number = float(value)
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    short = float(f"{number:.{DIGITS}g}") if abs(number) < 10**DIGITS else round(number)
    return int(short) if short == int(short) else short


def columns(frame: pd.DataFrame, names: Mapping[str, str]) -> dict[str, list[Any]]:
    """Columns under the page's names; those that the frame lacks are unknown."""
    return {ours: [plain(v) for v in frame[theirs].tolist()] if theirs in frame else [None] * len(frame)
            for ours, theirs in names.items()}


def decision_rows(decisions: pd.DataFrame) -> list[dict[str, str]]:
    """Decisions as rows of texts."""
    cells = {name: cell_texts(decisions[name]) for name in COLUMNS}
    return [{name: cells[name][row] for name in COLUMNS} for row in range(len(decisions))]


def foremost(stability: pd.DataFrame) -> pd.DataFrame:
    """The pairs that would gain most, for each donor: both gains count as the smaller of them. There may be very many."""
    gain = stability[["donor_gain", "county_gain"]].min(axis=1)
    return stability.loc[gain.sort_values(ascending=False, kind="stable").index].groupby("donor", sort=False).head(MOST_RATHER)


def _counties(recommendations: Recommendations) -> dict[str, list[Any]]:
    named = {"id": "county", "covered": "covered"} | {name: name for name in (
        "name", "province", "prefecture", "region", "lon", "lat", "need", "money", "verdict", "candidates", "note", "worth")}
    limits = recommendations.plan.data.counties[["partners_min", "partners_max"]]
    frame = recommendations.counties.merge(limits, left_on="county", right_index=True, how="left")
    frame["note"] = frame["note"].map(note_key)
    return columns(frame, named | {"least": "partners_min", "most": "partners_max"})


def note_key(note: str) -> str:
    """The message of a remark on a county, or the remark itself."""
    return next((key for words, key in NOTES.items() if note.endswith(words)), note)


def _donors(recommendations: Recommendations) -> dict[str, list[Any]]:
    return columns(recommendations.donors, {
        "id": "donor", "name": "name", "province": "province", "lon": "lon", "lat": "lat", "pairs": "pairs", "most": "pairs_max",
        "load": "load", "loadMost": "load_max", "moneyUsed": "money_used", "moneyMost": "money_limit", "leastUsed": "least_used",
    })


def _pairs(recommendations: Recommendations) -> dict[str, list[Any]]:
    """The pairs whose county and donor are known, with load, least support and first year from the instance."""
    table = _known(recommendations, recommendations.table)
    data = recommendations.plan.data
    floor = data.pair_money.groupby(["donor", "county"])["least"].sum().rename("floor")
    more = data.pairs[["donor", "county", "load", "since"]].merge(floor, on=["donor", "county"], how="left")
    table = table.merge(more, on=["donor", "county"], how="left").sort_values(["county", "rank"], kind="stable")
    table["status"] = _status(recommendations, table)
    parts = {f"part {part['key']}": FIT_PART + part["key"] for part in parts_of(recommendations)}
    return _places(recommendations, table) | columns(table, {
        "chosen": "chosen", "fit": "fit", **parts, "distance": "distance", "existing": "existing", "since": "since",
        "money": "money", "people": "people_change", "fitChange": "fit_change", "moneyChange": "money_change", "low": "price_low",
        "high": "price_high", "kind": "price_kind", "held": "held", "share": "frequency", "runs": "runs_frequency",
        "displaces": "displaces", "moves": "moves", "adds": "adds", "addsLow": "adds_low",
        "binding": "binding", "status": "status", "load": "load",
        "floor": "floor", "replaces": "replaces",
    })


def _status(recommendations: Recommendations, table: pd.DataFrame) -> list[str]:
    """What the instance itself says of each pair; where a decision says it, the decision is on the page and may be taken back."""
    given = recommendations.plan.instance.decisions
    pairs = pd.DataFrame(columns=["donor", "county"]) if given is None else given[given["kind"] == "pair"]
    decided = set(zip(pairs["donor"], pairs["county"], strict=True))
    keys = zip(table["donor"], table["county"], table["status"], strict=True)
    return ["free" if (donor, county) in decided else status for donor, county, status in keys]


def in_order(recommendations: Recommendations) -> pd.DataFrame:
    """The pairs of known places, by province and county, the recommended ones first."""
    table = _known(recommendations, recommendations.table)
    order = recommendations.counties.sort_values(["province", "name", "county"], kind="stable")["county"]
    place = table["county"].map({county: at for at, county in enumerate(order)})
    return table.assign(place=place).sort_values(["place", "rank"], kind="stable").drop(columns="place")


def _between(recommendations: Recommendations, frame: pd.DataFrame, names: Mapping[str, str]) -> dict[str, list[Any]]:
    table = _known(recommendations, frame)
    return _places(recommendations, table) | columns(table, names)


def _known(recommendations: Recommendations, frame: pd.DataFrame) -> pd.DataFrame:
    there = frame["county"].isin(recommendations.counties["county"]) & frame["donor"].isin(recommendations.donors["donor"])
    return frame[there]


def _places(recommendations: Recommendations, table: pd.DataFrame) -> dict[str, list[Any]]:
    return {"county": _rows(recommendations.counties["county"], table["county"]),
            "donor": _rows(recommendations.donors["donor"], table["donor"])}


def _rows(names: Iterable[Any], used: pd.Series) -> list[int]:
    at = {name: row for row, name in enumerate(names)}
    return [at[name] for name in used]
