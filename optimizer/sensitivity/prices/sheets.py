"""The sensitivity report as CSV files and as a workbook; a second row of headings holds the technical words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.plan.book import Book
from optimizer.sensitivity.figures import figure

if TYPE_CHECKING:
    from optimizer.sensitivity.prices.report import Sensitivity

#: What a column of ``sensitivity.csv`` is, in plain and in technical words.
WORDS = {
    "tier": ("how sure", "exact: linear program; selection: whole decisions held; solved: differences of solves"),
    "kind": ("what", "kind of constraint or variable"), "index": ("which", "index"),
    "value": ("stands at", "right-hand side or coefficient"), "slack": ("left over", "slack"),
    "price_up": ("worth of one more", "shadow price (dual value), right derivative"),
    "price_down": ("cost of one less", "shadow price (dual value), left derivative"),
    "low": ("holds from", "lower end of the range: allowable decrease; empty: without end"),
    "high": ("holds to", "upper end of the range: allowable increase; empty: without end"),
    "reduced": ("what forcing one unit does", "reduced cost"), "unit": ("counted in", "unit"), "sentence": ("in words", ""),
}
FIRST = ["tier", "sentence"]  # columns that a sheet begins with
#: The same of ``solved.csv``.
AGAIN_WORDS = {
    "key": ("which", "KEY of --set"), "value": ("stands at", ""), "step": ("moved by", "step up and down"),
    "criterion_down": ("reached with a step less", "criterion"), "gap_down": ("gap there", "share of the best possible"),
    "criterion": ("reached by the plan", "criterion"), "gap": ("gap of the plan", "share of the best possible"),
    "criterion_up": ("reached with a step more", "criterion"), "gap_up": ("gap there", "share of the best possible"),
    "price_up": ("worth of one more", "difference by the step"), "price_up_low": ("at least", "by the gaps"),
    "price_up_high": ("at most", "by the gaps"), "price_down": ("cost of one less", "difference by the step"),
    "price_down_low": ("at least", "by the gaps"), "price_down_high": ("at most", "by the gaps"), "unit": ("counted in", "unit"),
    "status": ("how the solves ended", "a step up; a step down"),
}
ENDLESS = 1e30  # how Solver writes a number without end
MOST_ROWS = 5_000  # of a sheet; the CSV files have every row
REPORTS = ("answer", "variables", "constraints", "limits")
TECHNICAL = {
    "answer": "Excel Solver: answer report", "variables": "Excel Solver: sensitivity report, variable cells",
    "constraints": "Excel Solver: sensitivity report, constraints", "limits": "Excel Solver: limits report",
}
TIERS = {
    "exact": "no whole decision was free: prices and ranges are those of the linear program, for the optimum itself",
    "selection": "pairs, projects and every other whole decision are held at the plan's: prices and ranges are exact for this "
                 "selection of pairs and projects, and say nothing of another",
    "solved": "the plan was made again with the number a step up and a step down; the gaps of the solves say how far the price "
              "may be off",
}


def write_tables(found: Sensitivity, folder: Path) -> Path:
    """Write every table of a report into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"sensitivity": found.table, **{name: getattr(found.reports, name) for name in REPORTS}}
    if len(found.solved):
        tables["solved"] = found.solved
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    _book(found, folder / "sensitivity.xlsx")
    return folder


def _book(found: Sensitivity, path: Path) -> None:
    book = Book(path)
    _about(book, found)
    columns = [*FIRST, *(name for name in WORDS if name not in FIRST)]
    for kind in dict.fromkeys(found.table["kind"]):
        part = found.of(str(kind))
        worth = part[["price_up", "price_down", "reduced"]].abs().max(axis=1).fillna(0.0).replace(np.inf, 1e300)
        shown = part.iloc[np.argsort(-worth.to_numpy(), kind="stable")[:MOST_ROWS]]
        book.sheet(str(kind), _endless(_labelled(found, shown))[columns], _headings(columns, WORDS), freeze=2)
    if len(found.solved):
        again = _labelled(found, found.solved)
        book.sheet("solved again", _finite(again), _headings(again.columns, AGAIN_WORDS))
    for name in REPORTS:
        book.sheet(name, _finite(getattr(found.reports, name).iloc[:MOST_ROWS]), _headers(found, name))
    book.close()


def _headings(columns: Iterable[str], words: Mapping[str, tuple[str, str]]) -> list[str]:
    """Plain words, and the technical ones below."""
    return [f"{plain}\n[{technical}]" if technical else plain for plain, technical in (words[str(name)] for name in columns)]


def _labelled(found: Sensitivity, table: pd.DataFrame) -> pd.DataFrame:
    """A table with the unit of money as planners write it."""
    money = found.plan.data.settings.money
    return table.assign(unit=table["unit"].str.replace(money.unit, money.label or money.unit, regex=False))


def _endless(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose ranges are empty where they have no end; numbers elsewhere as Solver writes them."""
    return _finite(table.assign(**{name: table[name].where(np.isfinite(table[name])) for name in ("low", "high")}))


def _headers(found: Sensitivity, name: str) -> list[str]:
    return [str(column) for column in getattr(found.reports, name)]


def _finite(table: pd.DataFrame) -> pd.DataFrame:
    """A table with numbers without end as Solver writes them."""
    numbers = table.select_dtypes("number")
    return table.assign(**{str(name): numbers[name].clip(-ENDLESS, ENDLESS) for name in numbers})


def _about(book: Book, found: Sensitivity) -> None:
    """What the tables say and how sure each figure is."""
    sheet = book.book.add_worksheet("about")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, "Sensitivity of the plan", book.title)
    outcome = found.plan.outcome
    rows = [("criterion", f"{found.criterion} ({found.sense}): {figure(found.value)} at the optimum that these prices belong to, "
                          "which is not in whole steps of money"),
            ("plan", f"{outcome.criterion} {figure(outcome.objective)} in whole units, proved within {outcome.gap_percent:.3g} %"
             if outcome.objective is not None and outcome.gap_percent is not None else str(outcome.status)),
            ("rows", f"a sheet holds at most {MOST_ROWS:,} rows, those worth most first; the CSV files hold all"),
            *(("solved again", f"{note}.") for note in found.notes), *TIERS.items(),
            *((name, f"{plain} = {technical}") for name, (plain, technical) in WORDS.items() if technical),
            *TECHNICAL.items()]
    for row, (name, text) in enumerate(rows, start=2):
        sheet.write_string(row, 0, name, book.bold)
        sheet.write_string(row, 1, text, book.wrap)
    sheet.hide_gridlines(2)
