"""Workbooks of this project: formats, and tables as sheets with filters and frozen panes.

Text is written as text, never as a formula or a link; numbers as numbers; the creation time is fixed, so the same tables
give the same bytes.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2000, 1, 1)
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}
WIDE = "\u2e80"  # letters from here on take two columns
WIDEST = {"sentence": 90}  # columns that may be wider than others
MOST_ROWS = 1_048_000
EVERYWHERE = "A1:XFD1048576"


def width(text: str) -> int:
    """How many columns of letters a text takes."""
    return sum(1 + (letter > WIDE) for letter in text)


def headers_broken(headers: list[str]) -> int:
    """Line breaks within the header that has most of them."""
    return max((header.count("\n") for header in headers), default=0)


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
        self.left = self._format(num_format="#,##0.######", align="left", valign="top")
        self.styles = {(bold, number): self._format(bold=bold, num_format=number)
                       for bold in (False, True) for number in ("#,##0", "#,##0.0##", "#,##0.###", "0", "@")}

    def _format(self, **properties: Any) -> Format:
        return self.book.add_format(properties)

    def style(self, **properties: Any) -> Format:
        """A format of a sheet's own, such as one that depends on a value."""
        return self._format(**properties)

    def printed(self, sheet: Worksheet, header: bool = True) -> None:
        """Landscape, one page wide, the header on every page, numbered."""
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")
        if header:
            sheet.repeat_rows(0)

    def close(self) -> None:
        """Write the file."""
        self.book.close()

    def sheet(self, name: str, frame: pd.DataFrame, headers: list[str], bold: np.ndarray | None = None,
              outline: np.ndarray | None = None, freeze: int = 1) -> Worksheet:
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
        lines = 1
        for column, key in enumerate(shown.columns):
            wide = self._column(sheet, column, shown[key], str(key), bold)
            wide = min(max(wide, 12), WIDEST.get(str(key), 42))
            sheet.set_column(column, column, wide)
            lines = max(lines, *(-(-(width(part) + 3) // wide) for part in headers[column].split("\n")))
        sheet.set_row(0, 15 * min(lines + headers_broken(headers), 6) + 3)
        if outline is not None:
            for row, level in enumerate(outline[: len(shown)].tolist(), start=1):
                if level:
                    sheet.set_row(row, None, None, {"level": level})
            sheet.outline_settings(True, False, True, False)
        sheet.autofilter(0, 0, max(len(shown), 1), max(len(headers) - 1, 0))
        sheet.ignore_errors({"number_stored_as_text": EVERYWHERE})  # codes are text
        self.printed(sheet)
        return sheet

    def _column(self, sheet: Worksheet, column: int, cells: pd.Series, key: str, bold: np.ndarray | None) -> int:
        """Write one column; returns its width in characters."""
        strong = np.zeros(len(cells), dtype=bool) if bold is None else bold
        if not pd.api.types.is_numeric_dtype(cells.dtype):
            texts = ["" if pd.isna(value) else str(value) for value in cells.tolist()]
            for row, text in enumerate(texts, start=1):
                sheet.write_string(row, column, text, self.styles[bool(strong[row - 1]), "@"])
            return 2 + max((width(text[:60]) for text in set(texts[:2000])), default=0)
        numbers = cells.to_numpy(float)
        whole = "0" if key in ("period", "start", "level") else "#,##0"
        for row, value in enumerate(numbers.tolist(), start=1):
            if value == value:
                style = whole if value.is_integer() else "#,##0.0##"
                sheet.write_number(row, column, value, self.styles[bool(strong[row - 1]), style])
        return 12
