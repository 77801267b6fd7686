"""Decisions on pairs, projects and money that the instance carries."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pandas as pd

from optimizer.plan.audit.books import Books
from optimizer.plan.audit.cells import records
from optimizer.plan.audit.exact import exact, total
from optimizer.plan.audit.report import Tallies

CHOSEN = ("accept", "lock")
KEYS = ("stream", "county", "category", "period")


def audit_decisions(books: Books, tallies: Tallies) -> None:
    """Accepted pairs and projects are in the plan, forbidden ones are not, amounts are as decided."""
    frame = books.data.instance.decisions
    if frame is not None:
        started = {project for project, _ in books.started}
        for row in _last_word(frame):
            if row["kind"] == "pair":
                key = (str(row["donor"]), str(row["county"]))
                _kept(tallies, "decided_pairs", f"pair {key[0]}–{key[1]}", row["decision"], key in books.chosen)
            elif row["kind"] == "project":
                _kept(tallies, "decided_projects", f"project {row['project']}", row["decision"], row["project"] in started)
    for row in records(books.data.money_decisions):
        _money(books, row, tallies)


def _last_word(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The decisions on pairs and projects that count: those of the latest round on each (no round = 0)."""
    latest: dict[tuple[Any, ...], tuple[float, list[dict[str, Any]]]] = {}
    for row in records(frame):
        if row["kind"] not in ("pair", "project"):
            continue
        key = (row["kind"], *(row[name] for name in (("donor", "county") if row["kind"] == "pair" else ("project",))))
        turn = 0.0 if pd.isna(row.get("round")) else float(row["round"])
        before, rows = latest.get(key, (turn, []))
        if turn >= before:
            latest[key] = (turn, [*rows, row] if turn == before else [row])
    return [row for _, rows in latest.values() for row in rows]


def _kept(tallies: Tallies, clause: str, at: str, decision: str, chosen: bool) -> None:
    if decision in CHOSEN:
        tallies[clause].holds(chosen, at, f"decided to {decision}, but not in the plan")
    elif decision == "forbid":
        tallies[clause].holds(not chosen, at, "forbidden, but in the plan")


def _money(books: Books, row: dict[str, Any], tallies: Tallies) -> None:
    """Σ funds that match the keys given = amount (``set``), ≥ (``least``) or ≤ (``most``)."""
    given = {key: row[key] for key in KEYS if not pd.isna(row[key]) and row[key] != ""}
    if "period" in given:
        given["period"] = int(given["period"])
    paid = total(
        fund.money for fund in books.tables.funds if all(getattr(fund, key) == value for key, value in given.items())
    )
    amount = exact(row["amount"])
    margins: dict[str, Fraction] = {"set": -abs(paid - amount), "least": paid - amount, "most": amount - paid}
    at = ", ".join(str(value) for value in given.values()) or "all funds"
    tallies["decided_money"].margin(
        margins[row["decision"]], at, f"pays {float(paid):g}, decided: {row['decision']} {float(amount):g}")
