"""The tables of the report, worked out from a plan: rows of plain values, nothing written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.filled import filled
from optimizer.instance.settings import ExitRule, RuleBase
from optimizer.plan.distribution import distribution
from optimizer.plan.exits import at_threshold
from optimizer.plan.indicators import covered_by_county, indicators
from optimizer.plan.plan import Plan

Rows = list[dict[str, Any]]
MOST_COUNTIES = 120
MOST_PAIRS = 150
ENDS = 10


def records(frame: pd.DataFrame) -> Rows:
    """Rows of a table, blanks as None."""
    return [{str(key): None if _blank(value) else value for key, value in row.items()} for row in frame.to_dict("records")]


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def by_place(plan: Plan, table: pd.DataFrame) -> Rows:
    """Provinces (or all counties, where there is no province) with money, per head, changes and coverage."""
    covered = covered_by_county(plan.data, plan.coverage)
    level = next((name for name in ("province", "prefecture") if (table["level"] == name).any()), "county")
    rows = table[(table["level"] == level) | (table["level"] == "all")].head(MOST_COUNTIES + 1)
    out = records(rows)
    for row in out:
        if row["level"] == "all":
            inside = covered
        elif level == "county":
            inside = covered.loc[[row["county"]]]
        else:
            inside = covered[(plan.data.counties[level] == row[level]).to_numpy()]
        people = float(inside["people"].sum())
        row["covered_share"] = float(inside["covered"].sum()) / people if people > 0 else None
    return out


def by_need(plan: Plan) -> Rows:
    """Each need and period: people, covered and how, gap, money for direct support."""
    columns = ["people", "carried", "built", "direct", "direct_cost", "covered", "gap"]
    sums = plan.coverage.groupby(["need", "period"], sort=False)[columns].sum().reset_index()
    needs = plan.instance.settings.needs
    out = records(sums)
    for row in out:
        row["label"] = needs[row["need"]].label or row["need"]
        row["share"] = row["covered"] / row["people"] if row["people"] else None
    return out


def evenness(plan: Plan) -> Rows:
    """Indicators over all counties, before and after."""
    found = indicators(plan)
    return records(found[(found["by"] == "county") & (found["group"] == "all")])


def pairings(plan: Plan) -> Rows:
    """Pairs, the most money first, with names."""
    donors, counties = plan.data.donors["name"].to_dict(), plan.data.counties["name"].to_dict()
    places = plan.data.counties["province"].to_dict()
    rows = plan.pairings.sort_values(["money", "donor", "county"], ascending=[False, True, True]).head(MOST_PAIRS)
    out = records(rows)
    for row in out:
        row["donor_name"], row["county_name"] = donors[row["donor"]], counties[row["county"]]
        row["place"] = None if _blank(places[row["county"]]) else places[row["county"]]
    return out


def projects(plan: Plan) -> Rows:
    """Projects by category: how many are started of how many, their cost and what others pay."""
    known = plan.data.projects
    categories = plan.instance.settings.categories
    out = []
    for category, setting in categories.items():
        offered, chosen = int((known["category"] == category).sum()), plan.projects[plan.projects["category"] == category]
        if offered:
            out.append({"label": setting.label or category, "offered": offered, "started": int(chosen["project"].nunique()),
                        **{name: float(chosen[name].sum()) for name in ("cost", "tail", "own")}})
    return out


def rules(plan: Plan) -> Rows:
    """Each rule: sentence, rows that hold, are at their limit, rounded, broken or off."""
    out = []
    by_id = {rule.id: rule for rule in plan.instance.settings.rules}
    for rule, rows in plan.rules.groupby("rule", sort=True):
        status = rows["status"].value_counts()
        settings = by_id[str(rule)]
        out.append({
            "rule": rule, "sentence": settings.sentence, "source": settings.source, "hard": settings.hard, "rows": len(rows),
            "at_limit": _at_limit(plan, settings, rows),
            **{name: int(status.get(name, 0)) for name in ("holds", "rounding", "broken", "off")},
        })
    return out


def _at_limit(plan: Plan, rule: RuleBase, rows: pd.DataFrame) -> int:
    """Rows that hold with nothing to spare: less than a step of money, a gap just under an exit threshold."""
    if isinstance(rule, ExitRule):
        return len(at_threshold(plan.data, rule, plan.coverage)) if rule.active else 0
    money = rows["unit"] == plan.instance.settings.money.unit
    return int(((rows["status"] == "holds") & (rows["slack"] <= money * plan.data.step)).sum())


def ends(plan: Plan, table: pd.DataFrame) -> tuple[Rows, Rows]:
    """Counties with most and with least money per head."""
    rows = table[(table["level"] == "county") & table["per_head"].notna()].sort_values(["per_head", "county"], kind="stable")
    few = min(ENDS, len(rows) // 2)
    return records(rows.iloc[::-1].head(few)), records(rows.head(few))


def provenance(plan: Plan) -> Rows:
    """What the figures rest on: table and column, status, how many cells, source; columns of which nothing is said too."""
    out: Rows = []
    stated = filled(plan.instance.tables, "provenance").fillna({"source": "", "note": ""})
    keys = ["table", "column", "status", "source"]
    kinds = stated.groupby(["table", "column"])["status"].size().to_dict()
    for (table, column, status, source), rows in stated.groupby(keys, sort=True):
        whole = bool((rows["key"] == "*").any())
        others = "all others" if kinds[table, column] > len(rows) else "all"
        out.append({"table": str(table), "column": str(column), "status": status, "source": source,
                    "cells": others if whole else f"{len(rows):,}",
                    "note": rows["note"].iloc[0] if rows["note"].nunique() == 1 else ""})
    return out + _silent(plan, {(str(row["table"]), str(row["column"])) for row in out})


def _silent(plan: Plan, said: set[tuple[str, str]]) -> Rows:
    """Numeric columns in use of which the instance says nothing."""
    out = []
    for name, frame in plan.instance.tables.items():
        used = frame.loc[:, frame.notna().any()].select_dtypes("number").columns
        silent = [str(column) for column in used if not {(name, str(column)), (name, "*")} & said]
        if name != "provenance" and silent:
            row = {"table": name, "column": ", ".join(silent), "status": "not stated"}
            out.append(row | dict.fromkeys(("source", "cells", "note"), ""))
    return out


def distribution_of(plan: Plan) -> pd.DataFrame:
    """The distribution table."""
    return distribution(plan)
