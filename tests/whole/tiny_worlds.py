"""Tiny instances drawn at random that between them use every clause: small enough to enumerate, sound as files.

A world is settings and tables as plain Python values, so that :mod:`brute` can read it without this package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance

NAN = float("nan")
CATEGORIES = ("building", "work")
SECTORS = ("tea", "ore")
Row = dict[str, Any]


@dataclass
class World:
    """Settings and tables (lists of rows; only rows, no defaults filled in)."""

    settings: dict[str, Any]
    tables: dict[str, list[Row]]

    def instance(self) -> Instance:
        frames = {name: pd.DataFrame(rows) for name, rows in self.tables.items() if rows}
        return Instance.from_frames(settings=self.settings, **frames)

    @property
    def periods(self) -> list[int]:
        return list(self.settings["periods"])


def world(seed: int, *, rules: int | None = None, soft: float = 0.25, few: bool = False) -> World:
    """At most 6 counties, 3 donors and 6 projects over one to three periods.

    Parameters
    ----------
    rules : how many rules (drawn if None)
    soft : share of rules that have a price
    few : fewer of everything, for tests that solve a world several times
    """
    rng = np.random.default_rng(seed)
    count = int(rng.choice([1, 1, 1, 2, 2, 3]))
    periods = list(range(2026, 2026 + count))
    counties = [f"C{n}" for n in range(rng.integers(1, 4 if few or count > 1 else 7))]
    donors = [f"D{n}" for n in range(rng.integers(0, 3 if few or count > 1 else 4))]
    projects = [f"X{n}" for n in range(rng.integers(0, 4 if few or count > 1 else 7))]
    tables: dict[str, list[Row]] = {
        "counties": [_county(rng, name, bool(donors)) for name in counties],
        "needs": [_need(rng, c, k, periods) for c in counties for k in ("water", "jobs") if k == "water" or rng.random() < 0.8],
        "baseline": [{"county": c, "stream": "central", "money": float(rng.integers(20, 90))} for c in counties],
        "budgets": [{"stream": "local", "scope": f"province={p}", "period": t, "amount": float(rng.choice([20, 40, 60])),
                     "least": float(rng.choice([0, 0, 0, 2]))} for p in ("P", "Q") for t in periods],
    }
    there = {row["province"] for row in tables["counties"]}
    for need in ("water", "jobs"):  # somebody can be reached directly, or nothing could meet the need
        first = next((row for row in tables["needs"] if row["need"] == need), None)
        if first is not None and first["unit_cost"] != first["unit_cost"]:
            first["unit_cost"] = 1.0
    tables["budgets"] = [row for row in tables["budgets"] if row["scope"].removeprefix("province=") in there]
    if rng.random() < 0.3:
        tables["tiers"] = [{"county": counties[0], "need": "water", "tier": n, "width": w, "unit_cost": cost}
                           for n, w, cost in ((1, 0.25, 0.4), (2, 0.35, 0.8), (3, 0.3, 1.5))]
    _projects(rng, tables, projects, counties, periods)
    if donors:
        _donors(rng, tables, donors, counties)
    settings = _settings(rng, periods)
    number = int(rng.integers(0, 4)) if rules is None else rules
    drawn = [_rule(rng, n, tables, periods, soft) for n in range(number)]
    settings["rules"] = [rule for rule in drawn if rule is not None]
    return World(settings, tables)


def _status(rng: np.random.Generator) -> str:
    return str(rng.choice(["free"] * 10 + ["lock", "forbid"]))


def _county(rng: np.random.Generator, name: str, donors: bool) -> Row:
    return {
        "county": name, "population": float(rng.integers(200, 900)), "rural_population": float(rng.integers(100, 200)),
        "income": float(rng.integers(4000, 9000)), "province": str(rng.choice(["P", "Q"])),
        "partners_min": float(rng.random() < 0.1) if donors else 0.0, "partners_max": float(rng.choice([1, 2])),
    }


def _need(rng: np.random.Generator, county: str, need: str, periods: list[int]) -> Row:
    row: Row = {"county": county, "need": need, "people": float(rng.integers(20, 200)),
                "relapse": float(rng.choice([0, 0.1, 0.25])) if need == "water" else NAN,
                "unit_cost": float(rng.choice([0.5, 1, 2])) if rng.random() < 0.85 else NAN}
    if len(periods) > 1:
        row[f"people@{periods[-1]}"] = float(rng.integers(20, 200))
    return row


def _settings(rng: np.random.Generator, periods: list[int]) -> Row:
    weights = {t: float(w) for t, w in zip(periods, (1, 0.9, 0.8), strict=False)} if rng.random() < 0.5 else periods
    budget = float(rng.choice([80, 160, 300]))
    return {
        "format": 1, "periods": weights, "money": {"unit": "10k_yuan", "step": 1},
        "needs": {
            "water": {"kind": "lasting", "category": "building", "weight": float(rng.choice([1, 0.5])),
                      "tiers": [{"width": 0.5, "factor": 1}, {"width": 0.25, "factor": 2}]},
            "jobs": {"kind": "yearly", "category": "work"},
        },
        "categories": {c: {} for c in CATEGORIES},
        "streams": {
            "central": {"budget": budget, "carry": float(rng.choice([0, 0.2])), "least_spend": float(rng.choice([0, 0, 0.3]))},
            "local": {"categories": [str(rng.choice(CATEGORIES))]},
        },
        "factor": {"streams": ["central"], "factors": [
            {"column": "population", "weight": 0.6}, {"column": "income", "weight": 0.4, "direction": "low",
                                                      "scale": "rural_population"}]},
        "settings": {"unspent": str(rng.choice(["forbid", "forbid", "allow"])), "gap": 0},
        "method": {"type": "single", "levels": [{"criterion": "coverage"}]},
    }


def _projects(rng: np.random.Generator, tables: dict[str, list[Row]], names: list[str], counties: list[str],
              periods: list[int]) -> None:
    rows, effects, uses = [], [], []
    for n, name in enumerate(names):
        scalable = rng.random() < 0.3
        rows.append({
            "project": name, "county": str(rng.choice(counties)), "category": str(rng.choice(CATEGORIES)),
            "sector": str(rng.choice(SECTORS)), "cost": float(rng.integers(5, 60)), "cost+1": float(rng.choice([0, 0, 8])),
            "upkeep": float(rng.choice([0, 0, 3])), "own_share": float(rng.choice([0, 0, 0.5])),
            "delay": float(rng.choice([0, 0, 1])), "lasts": float(rng.choice([1, 2])) if rng.random() < 0.3 else NAN,
            "scalable": float(scalable), "least": float(rng.choice([0, 0.5])) if scalable else NAN,
            "most": 2.0 if scalable else NAN, "status": _status(rng),
            "exclusive": "g" if rng.random() < 0.2 else None, "jobs": float(rng.integers(0, 9)),
            "requires": names[n - 1] if n and rng.random() < 0.2 else None,
            "partner_sector": str(rng.choice(SECTORS)) if rng.random() < 0.15 else None,
            "starts": str(periods[0]) if rng.random() < 0.4 else None,
        })
        for need in ("water", "jobs"):
            if rng.random() < 0.6 and any(r["county"] == rows[-1]["county"] and r["need"] == need for r in tables["needs"]):
                effects.append({"project": name, "need": need, "people": float(rng.integers(5, 120))})
        if rng.random() < 0.5:
            uses.append({"project": name, "resource": "land", "amount": float(rng.choice([-2, 1, 3]))})
    if not rows:
        return
    tables.update(projects=rows, effects=effects, uses=uses)
    tables["resources"] = [{"resource": "land", "scope": str(rng.choice(["all", "county", "province"])),
                            "capacity": float(rng.choice([1, 4])), "per": str(rng.choice(["horizon", "period"]))}]


def _donors(rng: np.random.Generator, tables: dict[str, list[Row]], donors: list[str], counties: list[str]) -> None:
    tables["donors"] = [{
        "donor": d, "money": float(rng.integers(20, 80)), "least_money": float(rng.choice([0, 0, 0, 0, 0, 5])),
        "pairs_min": float(rng.random() < 0.1), "pairs_max": float(rng.choice([1, 2, NAN])),
        "load_max": float(rng.choice([2, 3, NAN])), "sectors": str(rng.choice(SECTORS)), "revenue": 100.0,
    } for d in donors]
    pairs = [{
        "donor": d, "county": c, "fit": float(rng.choice([0.2, 0.5, 0.9])), "load": float(rng.choice([1, 1, 2])),
        "existing": float(rng.random() < 0.3), "least_support": float(rng.choice([0, 4, 8])),
        "most_support": float(rng.choice([10, 40, NAN])), "status": _status(rng),
    } for d in donors for c in counties if rng.random() < 0.6]
    tables["pairs"] = pairs[:6] or [{"donor": donors[0], "county": counties[0], "fit": 0.5, "load": 1.0, "existing": 0.0,
                                     "least_support": 0.0, "most_support": NAN, "status": "free"}]
    if rng.random() < 0.4 and "uses" in tables:
        pair = tables["pairs"][0]
        tables["brings"] = [{"donor": pair["donor"], "county": pair["county"], "resource": "land", "amount": 2.0}]


def _rule(rng: np.random.Generator, number: int, tables: dict[str, list[Row]], periods: list[int], soft: float) -> Row | None:
    """One rule of any kind; None where it would speak of what the world does not have."""
    rule: Row = {"id": f"r{number}", "sentence": "A rule", "periods": str(rng.choice(["each", "each", "total", "last"]))}
    if rng.random() < soft:
        rule["price"] = float(rng.choice([1, 3]))
    each = str(rng.choice(["county", "all", "province"]))
    kind = str(rng.choice(list(KINDS)))
    return KINDS[kind](rng, rule, each, tables, periods)


def _money(rng: np.random.Generator) -> Row:
    measure: Row = {"sum": "money"}
    if rng.random() < 0.4:
        measure["stream"] = str(rng.choice(["central", "local"]))
    if rng.random() < 0.3:
        measure["category"] = str(rng.choice(CATEGORIES))
    return measure


def _floor(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    return {**rule, "type": "bound", "of": _money(rng), "each": each, "min": float(rng.choice([3, 10]))}


def _head(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    return {**rule, "type": "bound", "of": _money(rng), "each": each, "per": ["population"], "max": 0.2}


def _grant(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    return {**rule, "type": "bound", "of": {"sum": "money", "stream": "central"}, "each": "province",
            "min": float(rng.choice([30, 60])), "or_zero": 1, "periods": "total"}


def _guarantee(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    return {**rule, "type": "bound", "of": {"sum": "covered", "need": str(rng.choice(["water", "jobs"]))}, "each": each,
            "per": ["people"], "min": float(rng.choice([0.05, 0.15]))}


def _gap(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    return {**rule, "type": "bound", "of": {"sum": "gap", "weighted": 1}, "each": "all", "max": 500.0}


def _pairs_bound(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row | None:
    if "donors" not in tables:
        return None
    return {**rule, "type": "bound", "of": {"sum": "pairs"}, "each": str(rng.choice(["all", "donor"])), "max": 1.0}


def _support(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row | None:
    if "donors" not in tables:
        return None
    return {**rule, "type": "bound", "of": {"sum": "support"}, "each": str(rng.choice(["county", "donor"])), "max": 25.0}


def _jobs(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row | None:
    if "projects" not in tables:
        return None
    return {**rule, "type": "bound", "of": {"sum": "projects", "column": "jobs"}, "each": "all", "max": 12.0}


def _share(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    return {**rule, "type": "share", "each": each, "part": {"sum": "money", "category": "work"}, "whole": {"sum": "money"},
            "min": float(rng.choice([0.1, 0.3]))}


def _mix(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row | None:
    if "projects" not in tables:
        return None
    return {**rule, "type": "share", "each": "all", "part_each": "sector", "part": {"sum": "projects", "column": "cost"},
            "whole": {"sum": "projects", "column": "cost"}, "max": 0.7, "from": 2}


def _more(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    return {**rule, "type": "share", "each": "all", "part": {"sum": "money", "stream": "central", "county": "C0"},
            "whole": {"sum": "money", "stream": "central"}, "min": 0.3, "increase_over": "last", "periods": "total"}


def _band(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    return {**rule, "type": "band", "of": {"sum": "money", "stream": "central"}, "each": each, "low": 0.1,
            "high": float(rng.choice([1.3, 2])), "scaled": float(rng.choice([0, 1])), "to": str(rng.choice(["last", "factor"]))}


def _changes(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row | None:
    if "pairs" not in tables:
        return None
    rule = {**rule, "type": "pairs"}
    return {**rule, "min_gain": 0.3} if rng.random() < 0.4 else {**rule, "max_changed": float(rng.choice([0, 1]))}


def _exit(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    by_province = [{"where": {"province": "P"}, "value": 0.8}, {"where": {"province": "Q"}, "value": 1}]
    threshold: Any = 0.9 if rng.random() < 0.5 else by_province
    return {**rule, "type": "exit", "needs": ["water"], "threshold": threshold, "combine": str(rng.choice(["max", "sum"])),
            "at_least": str(rng.choice(["all", "1"])), "stay": int(rng.random() < 0.7)}


def _equity(rng: np.random.Generator, rule: Row, each: str, tables: Any, periods: Any) -> Row:
    over = str(rng.choice(["counties", "province"]))
    if rng.random() < 0.5:
        return {**rule, "type": "equity", "equity": "maximin", "outcome": "covered_share", "over": over, "min": 0.1}
    return {**rule, "type": "equity", "equity": "maximin", "outcome": "gap_per_1000", "over": over, "max": 900.0}


KINDS: dict[str, Any] = {
    "floor": _floor, "head": _head, "grant": _grant, "guarantee": _guarantee, "gap": _gap, "pairs_bound": _pairs_bound,
    "support": _support, "jobs": _jobs, "share": _share, "mix": _mix, "more": _more, "band": _band, "changes": _changes,
    "exit": _exit, "equity": _equity,
}
