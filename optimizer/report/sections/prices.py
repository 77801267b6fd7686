"""Prices from a folder of sensitivity: what one step more or less of each limit would do, and how far that holds."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from optimizer.report.blocks import Column, Named, Table, Words
from optimizer.report.given import Result
from optimizer.report.view import View

FIELD = re.compile(r"[\w-]+\.[\w.-]+")
ROW = re.compile(r"(?P<name>[^\[]+)\[(?P<index>.*)\]")
KINDS = {"budget": 15, "donor": 10, "resource": 6}  # rows shown of each kind, dearest first
MILLION, SHARES, PART = 1e6, 2.0, 0.01  # a step of money; numbers up to here are shares or factors, with a step of their own


def rule_prices(view: View) -> list[Table | Words]:
    """What the numbers of rules cost; a note where no sensitivity is given."""
    found = view.given.of("sensitivity")
    if not found:
        return [Words((view.t("note.no_prices"),), "note")]
    return [table for result in found for table in _rules(view, result)]


def prices(view: View) -> list[Table]:
    """What budgets, donors' limits and resources are worth."""
    return [table for result in view.given.of("sensitivity") for kind in KINDS for table in _kind(view, result, kind)]


def _rules(view: View, result: Result) -> list[Table]:
    rows = result.table[(result.table["kind"] == "rule") & (result.table["tier"] != "solved") & result.table["price_up"].notna()]
    named = rows[[bool(FIELD.fullmatch(str(index))) for index in rows["index"]]]
    if not len(named):
        named = rows[_worth(rows) > 0]
    named = named[named["kind"] == "rule"]
    dear = _dearest(named, 20)
    if not len(dear):
        return []
    return [_table(view, result, "rule", dear, len(named))]


def _kind(view: View, result: Result, kind: str) -> list[Table]:
    rows = result.table[(result.table["kind"] == kind) & (result.table["tier"] != "solved") & result.table["price_up"].notna()]
    dear = _dearest(rows[_worth(rows) > 0], KINDS[kind])
    return [_table(view, result, kind, dear, int((_worth(rows) > 0).sum()))] if len(dear) else []


def _worth(rows: pd.DataFrame) -> pd.Series:
    return rows[["price_up", "price_down"]].abs().max(axis=1).fillna(0.0)


def _dearest(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    steps = np.array([_step(None, row) for row in rows.to_dict("records")], dtype=float)
    order = (_worth(rows) * steps).sort_values(ascending=False, kind="stable").index
    dear: pd.DataFrame = rows.loc[order].head(most)
    return dear


def _step(view: View | None, row: dict[Any, Any]) -> float:
    """How far one step goes: a hundredth of what is a share or a factor, a million of money, else one."""
    over = str(row["unit"]).partition(" per ")[2]
    if "." in over and abs(float(row["value"])) <= SHARES:
        return PART
    if view is not None and (_counted(view, over) if "." in over else over) == view.plan.instance.settings.money.unit:
        return MILLION / view.plan.data.yuan
    return 1.0


def _table(view: View, result: Result, kind: str, rows: pd.DataFrame, all_rows: int) -> Table:
    column, cells = view.column, []
    for row in rows.to_dict("records"):
        step = _step(view, row)
        scale = 100.0 if step == PART else 1.0
        over = str(row["unit"]).partition(" per ")[2]
        cells.append(
            [
                _what(view, str(row["index"]), kind),
                _unit(view, over, step),
                float(row["value"]) * scale,
                _step_words(view, step, over),
                float(row["price_up"]) * step,
                0.0 - float(row["price_down"]) * step if row["price_down"] == row["price_down"] else None,
                float(row["low"]) * scale,
                float(row["high"]) * scale,
                view.t(f"tier.{row['tier']}"),
            ]
        )
    unit = view.names.unit(view.plan.outcome.unit)
    columns = (
        column("limit"),
        column("in_unit"),
        column("stands_at", "fine"),
        column("step"),
        Column(view.t("head.step_more"), "signed", unit),
        Column(view.t("head.step_less"), "signed", unit),
        column("holds_from", "fine"),
        column("holds_to", "fine"),
        column("tier"),
    )
    notes = [view.t("note.prices"), view.t("note.tiers")]
    if all_rows > len(rows):
        notes.append(view.t("note.top", shown=f"{len(rows):,}", all=f"{all_rows:,}"))
    return Table(f"prices-{kind}-{result.name}", view.titled(f"table.prices_{kind}", result), columns, cells, tuple(notes))


def _unit(view: View, over: str, step: float) -> str:
    """The unit of a limit: percent of a share, of another number of a rule what the rule counts."""
    if "." not in over:
        return view.names.unit(over)
    if step == PART:
        return view.t("unit.percent")
    unit = _counted(view, over)
    return view.names.unit(unit) if unit else view.t("word.number")


def _counted(view: View, over: str) -> str:
    """The unit in which the rule of a field counts."""
    rows = view.plan.rules[view.plan.rules["rule"] == over.partition(".")[0]]
    return next((str(unit) for unit in rows["unit"].unique() if isinstance(unit, str) and unit), "")


def _step_words(view: View, step: float, over: str) -> str:
    if "." in over and step == PART:
        return view.t("step.point")
    if (_counted(view, over) if "." in over else over) == view.plan.instance.settings.money.unit:
        return view.t("step.money", money=f"{step:g}", unit=view.money)
    return f"{step:g} {_unit(view, over, step)}"


def _what(view: View, index: str, kind: str) -> Named:
    """What a limit is called: the sentence of a rule, or the things its index names."""
    if kind != "rule":
        return Named(view.names.index(index), "")
    row = ROW.fullmatch(index)
    name = row["name"] if row else index
    rules = [rule.id for rule in view.plan.instance.settings.rules]
    owner = max((rule for rule in rules if name.startswith(rule)), key=len, default=None)
    if owner is None:
        return Named(index, "")
    field = name[len(owner) :].strip("._")
    place = view.names.index(row["index"]) if row else ""
    small = view.t.listed([part for part in (view.names.field(field) if field else "", place) if part])
    return Named(view.names.sentence(owner), small)
