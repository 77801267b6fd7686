"""`plan.xlsx`: the distribution by province, prefecture and county, and every table with names and units.

Text is written as text, never as a formula or a link; numbers as numbers; the creation time is fixed, so the same plan
gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from optimizer.plan.columns import FILES, MONEY
from optimizer.plan.distribution import distribution
from optimizer.plan.indicators import indicators
from optimizer.plan.plan import TABLES, Plan

CREATED = datetime(2000, 1, 1)
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}
WIDE = "\u2e80"  # letters from here on take two columns
MOST_ROWS = 1_048_000
NAMED = {"county": "counties", "donor": "donors", "project": "projects"}
SHEETS = {
    "distribution": "Money by province, prefecture and county: by stream, by category, per head, against last year and the "
                    "factor method",
    "indicators": "Coverage and inequality before any support and after the plan",
    "funds": "Every amount: who gets how much, from which stream, for what, when",
    "streams": "What became of each budget", "support": "Donors' money along each pair",
    "pairings": "Pairs kept, new and ended", "projects": "Projects paid for", "coverage": "People in need, covered and not",
    "unspent": "Money paid in and not spent", "criteria": "The value of each criterion, with its bound and gap",
    "rules": "How each rule stands",
}


class Book:
    """A workbook with the formats and number styles of this project."""

    def __init__(self, path: Path) -> None:
        self.book = xlsxwriter.Workbook(str(path), OPTIONS)
        self.book.set_properties({"created": CREATED})
        self.head = self._format(bold=True, bg_color="#1F3B57", font_color="#FFFFFF", text_wrap=True, valign="top", border=1)
        self.title = self._format(bold=True, font_size=14)
        self.bold = self._format(bold=True)
        self.wrap = self._format(text_wrap=True, valign="top")
        self.text = self._format(num_format="@")
        self.styles = {(bold, number): self._format(bold=bold, num_format=number)
                       for bold in (False, True) for number in ("#,##0", "#,##0.##", "0", "@")}

    def _format(self, **properties: Any) -> Format:
        return self.book.add_format(properties)

    def close(self) -> None:
        """Write the file."""
        self.book.close()

    def sheet(self, name: str, frame: pd.DataFrame, headers: list[str], bold: np.ndarray | None = None,
              outline: np.ndarray | None = None, freeze: int = 1) -> None:
        """One table: wrapped header, filter, frozen panes, widths by content.

        Parameters
        ----------
        bold, outline : rows in bold type, and outline level of each row
        freeze : columns that stay in view
        """
        sheet = self.book.add_worksheet(name)
        shown = frame.iloc[:MOST_ROWS]
        sheet.freeze_panes(1, freeze)
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header, self.head)
        sheet.set_row(0, 62)
        for column, key in enumerate(shown.columns):
            width = self._column(sheet, column, shown[key], str(key), bold)
            sheet.set_column(column, column, min(max(width, 11), 42))
        if outline is not None:
            for row, level in enumerate(outline[: len(shown)].tolist(), start=1):
                if level:
                    sheet.set_row(row, None, None, {"level": level})
            sheet.outline_settings(True, False, True, False)
        sheet.autofilter(0, 0, max(len(shown), 1), max(len(headers) - 1, 0))
        _landscape(sheet)

    def _column(self, sheet: Worksheet, column: int, cells: pd.Series, key: str, bold: np.ndarray | None) -> int:
        """Write one column; returns its width in characters."""
        strong = np.zeros(len(cells), dtype=bool) if bold is None else bold
        if not pd.api.types.is_numeric_dtype(cells.dtype):
            texts = ["" if pd.isna(value) else str(value) for value in cells.tolist()]
            for row, text in enumerate(texts, start=1):
                sheet.write_string(row, column, text, self.styles[bool(strong[row - 1]), "@"])
            return 2 + max((sum(1 + (letter > WIDE) for letter in text[:60]) for text in set(texts[:2000])), default=0)
        numbers = cells.to_numpy(float)
        whole = bool(np.all(np.isnan(numbers) | (numbers == np.round(numbers))))
        style = "0" if key in ("period", "start", "level") else "#,##0" if whole else "#,##0.##"
        for row, value in enumerate(numbers.tolist(), start=1):
            if value == value:
                sheet.write_number(row, column, value, self.styles[bool(strong[row - 1]), style])
        return 12


def _landscape(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def write_book(plan: Plan, path: Path) -> None:
    """Write ``plan.xlsx``."""
    book = Book(path)
    tables = plan.tables
    _about(book, plan, tables)
    _distribution(book, plan)
    found = indicators(plan)
    book.sheet("indicators", found, ["outcome", "by", "group", "indicator", "before", "after", "unit"], freeze=4)
    for name in TABLES:
        frame, headers = with_names(plan, name, tables[name])
        book.sheet(name, frame, headers, freeze=2)
    book.close()


def _about(book: Book, plan: Plan, tables: dict[str, pd.DataFrame]) -> None:
    sheet = book.book.add_worksheet("about")
    settings = plan.instance.settings
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, settings.title or "Allocation plan", book.title)
    rows = [("status", plan.claims.status), ("money", f"{settings.money.label} ({settings.money.unit}); every amount is a "
             f"multiple of {settings.money.step:g}"), ("periods", ", ".join(str(period) for period in plan.data.periods)),
            ("source", settings.source)]
    rows += [(name, text + _cut(tables.get(name))) for name, text in SHEETS.items()]
    for row, (name, text) in enumerate(rows, start=2):
        sheet.write_string(row, 0, name, book.bold)
        sheet.write_string(row, 1, text, book.wrap)
    sheet.hide_gridlines(2)
    _landscape(sheet)


def _cut(frame: pd.DataFrame | None) -> str:
    return f" (the first {MOST_ROWS:,} rows; the rest is in the CSV file)" if frame is not None and len(frame) > MOST_ROWS else ""


def _distribution(book: Book, plan: Plan) -> None:
    table = distribution(plan)
    money = plan.instance.settings.money.label
    headers = [_heading(plan, str(name), money) for name in table.columns]
    level = table["level"].to_numpy(dtype=object)
    depth = {"all": 0, "province": 1, "prefecture": 2, "county": 3}
    ranks = sorted({depth[one] for one in level})
    outline = np.array([ranks.index(depth[one]) for one in level])
    book.sheet("distribution", table, headers, bold=level != "county", outline=outline, freeze=5)


def _heading(plan: Plan, name: str, money: str) -> str:
    settings = plan.instance.settings
    if name.startswith("stream:"):
        stream = name.removeprefix("stream:")
        return f"{plan.data.streams[stream].label or stream} ({money})"
    if name.startswith("category:"):
        category = name.removeprefix("category:")
        return f"{settings.categories[category].label or category} ({money})"
    return {
        "population": "population (persons)", "money": f"money, all streams ({money})", "per_head": "per head (元)",
        "last": f"last year ({money})", "last_change": f"against last year, same streams ({money})",
        "last_change_percent": "against last year (%)", "factor": f"factor method ({money})",
        "factor_change": f"against the factor method, same streams ({money})",
        "factor_change_percent": "against the factor method (%)",
    }.get(name, name)


def with_names(plan: Plan, table: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A table with names beside identifiers, and its headers with units."""
    settings, data = plan.instance.settings, plan.data
    money = settings.money.label
    labels: dict[str, dict[str, str]] = {
        "stream": {key: stream.label for key, stream in data.streams.items()},
        "category": {key: category.label for key, category in settings.categories.items()},
        "need": {key: need.label for key, need in settings.needs.items()},
    }
    columns: dict[str, Iterable[Any]] = {}
    headers = []
    for column in FILES[table]:
        columns[column] = frame[column].to_numpy()
        unit = FILES[table][column].unit
        headers.append(f"{column} ({money if unit == MONEY else unit})" if unit not in ("", "see unit", "period") else column)
        names = _names(plan, column, frame, labels)
        if names is not None:
            columns[f"{column} name"] = names
            headers.append(f"{column} name")
    return pd.DataFrame(columns, index=range(len(frame))), headers


def _names(plan: Plan, column: str, frame: pd.DataFrame, labels: dict[str, dict[str, str]]) -> np.ndarray | None:
    """Names for a column of identifiers; None where they add nothing."""
    if column in NAMED:
        known: pd.DataFrame = getattr(plan.data, NAMED[column])
        names = frame[column].map(known["name"]).to_numpy(dtype=object)
    elif column in labels and any(labels[column].values()):
        names = np.array([labels[column].get(key, "") or key for key in frame[column]], dtype=object)
    else:
        return None
    return names if (names != frame[column].to_numpy(dtype=object)).any() else None
