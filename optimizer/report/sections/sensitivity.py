"""What the answer hangs on: budget curves, tornados, prices, runs of sweeps, fronts, the price of fairness, recommendations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.methods.pareto.front import Front
from optimizer.report import figures
from optimizer.report.blocks import Block, Column, Section, Table
from optimizer.report.given import Result
from optimizer.report.naming import as_written
from optimizer.report.sections.pictures import drawn
from optimizer.report.sections.prices import prices
from optimizer.report.sections.recommended import recommended
from optimizer.report.view import View

MOST_RUNS, MOST_SWINGS = 200, 25
ENDS = ("bound", "gap", "seconds", "error")  # columns of runs that are no criteria, whatever criteria are called


@dataclass(frozen=True, eq=False)
class Drawable:
    """A table of results with what a figure needs to know of it."""

    table: pd.DataFrame
    criterion: str
    unit: str = ""
    money: str = ""
    base: float = float("nan")
    currency: str = "yuan"


def sensitivity(view: View) -> Section | None:
    """Nothing where no folder of results is given."""
    blocks: list[Block] = []
    for kind, tell in (
        ("curve", _curve),
        ("tornado", _tornado),
        ("sweep", _sweep),
        ("front", _front),
        ("fairness", _fair),
        ("recommend", recommended),
    ):
        for n, result in enumerate(view.given.of(kind)):
            blocks += tell(view, result, f"-{n + 1}" if n else "")
    blocks += prices(view)
    return Section("sensitivity", view.t("section.sensitivity"), tuple(blocks)) if blocks else None


def _curve(view: View, result: Result, mark: str) -> list[Block]:
    """The best value over the money."""
    criterion, unit = _named(view, result.table)
    found = Drawable(result.table, view.names.criterion(criterion), view.names.unit(unit), view.money, currency=view.names.base)
    column, value = view.column, view.names.unit(unit)
    columns = (
        column("budget", "number", "money"),
        column("of_today", "share"),
        Column(view.t("head.best_value"), "number", value),
        Column(view.t("head.at_least"), "number", value),
        Column(view.t("head.at_most"), "number", value),
        Column(view.t("head.last_million"), "number", value),
        column("tier"),
    )
    rows = [
        [
            float(row["budget"]),
            float(row["factor"]),
            row["value"],
            row["low"],
            row["high"],
            row["price_per_million"],
            view.t(f"tier.{row['tier']}"),
        ]
        for row in result.table.to_dict("records")
    ]
    title, note = view.titled("table.curve", result), view.t("note.curve", base=view.names.base)
    shown = Table(f"curve{mark}", title, columns, rows, (note,))
    return [*drawn(view, lambda: figures.budget_curve(found, lang=view.t.lang), prefix=mark, table=shown), shown]


def _named(view: View, curve: pd.DataFrame) -> tuple[str, str]:
    """Criterion and unit of a curve: as its table says, else those of the plan."""
    if {"criterion", "unit"} <= set(curve) and curve[["criterion", "unit"]].notna().all(axis=None) and len(curve):
        criterion = str(curve["criterion"].iloc[0])
        return criterion, _unit(view, criterion, str(curve["unit"].iloc[0]))
    return view.plan.outcome.criterion, view.plan.outcome.unit


def _unit(view: View, criterion: str, unit: str) -> str:
    """The unit of a criterion as the plan's table has it, which knows more of it; else as the result says."""
    known = view.plan.criteria.drop_duplicates("criterion").set_index("criterion")["unit"].to_dict()
    return str(known.get(criterion) or unit)


def _tornado(view: View, result: Result, mark: str) -> list[Block]:
    """Which figures the answer hangs on."""
    outcome, table = view.plan.outcome, result.table
    note = result.more.get("note", {})
    base = (note.get("base") or {}).get(outcome.criterion, "")
    base_value = float(base) if base not in ("", None) else float("nan")
    told = table.assign(
        key=[view.names.key(str(key)) for key in table["key"]],
        **{end: [as_written(value) for value in table[end]] for end in ("low", "high")},
    )
    found = Drawable(told, view.names.criterion(outcome.criterion), view.names.unit(outcome.unit), base=base_value)
    column, value = view.column, view.names.unit(outcome.unit)
    columns = (
        column("figure"),
        column("low"),
        column("high"),
        Column(view.t("head.at_low"), "signed", value),
        Column(view.t("head.at_high"), "signed", value),
        Column(view.t("head.swing"), "number", value),
    )
    rows = [
        [
            view.names.key(str(row["key"])),
            as_written(row["low"]),
            as_written(row["high"]),
            row["change_low"],
            row["change_high"],
            row["swing"],
        ]
        for row in table.head(MOST_SWINGS).to_dict("records")
    ]
    shown = Table(f"tornado{mark}", view.titled("table.tornado", result), columns, rows, (view.t("note.tornado"),))
    return [*drawn(view, lambda: figures.tornado(found, lang=view.t.lang, unit=value), prefix=mark, table=shown), shown]


def _sweep(view: View, result: Result, mark: str) -> list[Block]:
    """The runs of a sweep."""
    table, criteria = result.table, set(view.plan.criteria["criterion"])
    keys = [str(name) for name in result.more.get("note", {}).get("keys", []) if name in table]
    told = [name for name in map(str, table.columns) if name not in (*keys, *ENDS)]
    values = [name for name in told if name.removeprefix("criterion.") in criteria]
    units = view.plan.criteria.drop_duplicates("criterion").set_index("criterion")["unit"].to_dict()
    columns = [view.column("run", "plain"), *(Column(view.names.key(key)) for key in keys), view.column("outcome_of_run")]
    columns += [
        Column(
            view.names.criterion(name.removeprefix("criterion.")),
            "fine",
            view.names.unit(str(units[name.removeprefix("criterion.")])),
        )
        for name in values
    ]
    rows = [
        [
            row["run"],
            *("–" if row[key] != row[key] else as_written(row[key]) for key in keys),
            _status(view, row["status"]),
            *(_number(row[name]) for name in values),
        ]
        for row in table.to_dict("records")
    ]
    notes = (view.t("note.top_full", shown=f"{MOST_RUNS:,}", all=f"{len(rows):,}"),) if len(rows) > MOST_RUNS else ()
    return [
        Table(
            f"sweep{mark}",
            view.titled("table.sweep", result),
            tuple(columns),
            rows[:MOST_RUNS],
            notes,
            wide=True,
            search=len(rows) > 30,
            full=rows,
        )
    ]


def _status(view: View, status: Any) -> str:
    return view.names.either("run", str(status))


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _front(view: View, result: Result, mark: str) -> list[Block]:
    """What can be had together."""
    front: Front = result.more["front"]
    units = {name: _unit(view, name, str(front.criteria[name]["unit"])) for name in front.names}
    columns = [
        view.column("point", "plain"),
        *(Column(view.names.criterion(name), "fine", view.names.unit(unit)) for name, unit in units.items()),
        view.column("outcome_of_run"),
    ]
    rows = [
        [int(row["point"]), *(float(row[name]) for name in front.names), _status(view, row["status"])]
        for row in front.points.to_dict("records")
    ]
    notes = (view.t("front.complete") if front.complete else view.t("front.open"),)
    shown = Table(f"front{mark}", view.titled("table.front", result), tuple(columns), rows, notes)
    labels = {name: (view.names.criterion(name), view.names.unit(unit)) for name, unit in units.items()}
    return [*drawn(view, lambda: figures.front(front, lang=view.t.lang, labels=labels), prefix=mark, table=shown), shown]


def _fair(view: View, result: Result, mark: str) -> list[Block]:
    """What each sense of fair costs."""
    column, rows = view.column, []
    for row in result.table.to_dict("records"):
        name = str(row["plan"])
        words = view.t("fair.most_people") if name == "most people" else view.names.criterion(name)
        words = view.names.either("form", name) if words == name.replace("_", " ") else words
        rows.append([words, _status(view, row["status"]), row["coverage"], row["price_percent"], row["gain"], row["lose"]])
    columns = (
        column("sense_of_fair"),
        column("outcome_of_run"),
        Column(view.t("head.covered"), "number", view.t("unit.weighted person-periods")),
        column("given_up", "percent"),
        column("gain", "number", "counties"),
        column("lose", "number", "counties"),
    )
    return [Table(f"fair{mark}", view.titled("table.fair", result), columns, rows, (view.t("note.fair"),))]
