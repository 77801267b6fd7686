"""How the sheets of the review workbook look: what may be written on is white, the rest is grey and protected."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from optimizer.plan.book import Book
from optimizer.review.workbook.content import text_of

GREY, GOOD, BAD = "#F2F5F8", ("#E2F2E8", "#1F6F43"), ("#FAE4E1", "#A32A1F")


class Looks:
    """Formats of one workbook."""

    def __init__(self, book: Book) -> None:
        add = book.book.add_format
        self.book = book
        self.open = add({"locked": False, "num_format": "@", "text_wrap": True, "valign": "top", "border": 4})
        self.open_number = add({"locked": False, "num_format": "0", "valign": "top", "border": 4})
        self.shut = add({"num_format": "@", "valign": "top", "bg_color": GREY, "indent": 1})
        self.shut_number = add({"num_format": "#,##0.##", "valign": "top", "bg_color": GREY})
        self.shut_whole = add({"num_format": "#,##0", "valign": "top", "bg_color": GREY})
        self.colours = {word: add({"bg_color": ground, "font_color": ink})
                        for word, (ground, ink) in {"accept": GOOD, "lock": GOOD, "forbid": BAD}.items()}

    def headed(self, sheet: Worksheet, heads: Sequence[str]) -> None:
        """The first row."""
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.book.head)
        sheet.set_row(0, 48)

    def cells(self, sheet: Worksheet, row: int, cells: Sequence[str | float]) -> None:
        """A row of texts and numbers; unknown and infinite numbers stay blank."""
        for column, value in enumerate(cells):
            if isinstance(value, str):
                sheet.write_string(row, column, text_of(value), self.shut)
            elif math.isfinite(value):
                sheet.write_number(row, column, value, self.shut_whole if value == round(value) else self.shut_number)
            else:
                sheet.write_blank(row, column, None, self.shut)

    def placed(self, sheet: Worksheet, last: int, columns: int, frozen: int) -> None:
        """Frozen panes, filter, protection without a password, and a page that prints."""
        sheet.freeze_panes(1, frozen)
        sheet.autofilter(0, 0, max(last, 1), columns - 1)
        self.protected(sheet)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def protected(self, sheet: Worksheet) -> None:
        """Keep formulas and identifiers from being overwritten by mistake."""
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True, "format_cells": True})
