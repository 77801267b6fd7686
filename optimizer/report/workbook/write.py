"""The sheets of the workbook in their order; text is text, numbers are numbers, and the same plan gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.instance.findings import OptimizerError
from optimizer.plan.book import MOST_ROWS, Book, width
from optimizer.plan.plan import TABLES, Plan
from optimizer.report.figures.names import Names
from optimizer.report.figures.words import LANGUAGES
from optimizer.report.messages import Messages
from optimizer.report.naming import Naming
from optimizer.report.once import distribution, indicators
from optimizer.report.workbook.marks import mark
from optimizer.report.workbook.overview import overview
from optimizer.report.workbook.readable import readable, readable_distribution, readable_indicators
from optimizer.report.workbook.record import record

SHEETS = ("overview", "distribution", "indicators", *TABLES, "record")
ABOUT = 105  # letters in a line of the first sheet
DEPTH = {"all": 0, "province": 1, "prefecture": 2, "county": 3}


def write_workbook(plan: Plan, path: Path, lang: str = "en") -> None:
    """Write the workbook of a plan.

    Parameters
    ----------
    path : the file; where the plan's ``inputs`` lie beside it, their hashes are put down in it
    lang : ``en`` or ``zh``

    Raises
    ------
    OptimizerError : there is no such language
    """
    if lang not in LANGUAGES:
        raise OptimizerError(f"lang is {lang!r}; write one of {', '.join(LANGUAGES)}")
    names = Naming(plan, Messages(lang))
    book = Book(path)
    table = distribution(plan)
    _about(book, names)
    overview(book, names, table)
    _distribution(book, names, table)
    _table(book, names, "indicators", *readable_indicators(names, indicators(plan)), freeze=3)
    for name in TABLES:
        _table(book, names, name, *readable(names, name, plan.tables[name]), freeze=2)
    record(book, names, path.parent / "inputs")
    book.close()


def title_of(names: Names, sheet: str) -> str:
    """The name of a sheet."""
    return names.say(f"sheet.{sheet}")


def _about(book: Book, names: Names) -> None:
    """What the plan is, and what each sheet is, with links to them."""
    plan, settings = names.plan, names.settings
    sheet = book.book.add_worksheet(title_of(names, "about"))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, ABOUT)
    sheet.write_string(0, 0, names.title, book.title)
    money = names.say("book.money", money=names.money, step=f"{settings.money.step:g}")
    facts = {"status": names.term("status", plan.claims.status), "unit": money,
             "periods": ", ".join(str(period) for period in plan.data.periods), "source": names.quoted(settings.source)}
    row = 2
    for name, text in facts.items():
        if text:
            sheet.write_string(row, 0, names.say(f"book.{name}"), book.bold)
            sheet.write_string(row, 1, text, book.wrap)
            row += 1
    sheet.write_string(row + 1, 0, names.say("book.sheets"), book.head)
    sheet.write_string(row + 1, 1, names.say("book.holds"), book.head)
    for at, name in enumerate(SHEETS, start=row + 2):
        title = title_of(names, name)
        sheet.write_url(at, 0, f"internal:'{title}'!A1", string=title)
        many = len(plan.tables[name]) if name in TABLES else 0
        cut = names.say("book.cut", rows=MOST_ROWS) if many > MOST_ROWS else ""
        text = names.say(f"sheet.{name}.about", province=names.level("province"), prefecture=names.level("prefecture")) + cut
        sheet.write_string(at, 1, text, book.wrap)
        if width(text) > ABOUT:
            sheet.set_row(at, 30)
    sheet.hide_gridlines(2)
    book.printed(sheet, header=False)


def _distribution(book: Book, names: Names, table: pd.DataFrame) -> None:
    shown, headers = readable_distribution(names, table)
    level = table["level"].to_numpy(dtype=object)
    ranks = sorted({DEPTH[one] for one in level})
    outline = np.array([ranks.index(DEPTH[one]) for one in level])
    sheet = book.sheet(title_of(names, "distribution"), shown, headers, bold=level != "county", outline=outline, freeze=5)
    mark(book, names, sheet, "distribution", shown)


def _table(book: Book, names: Names, name: str, shown: pd.DataFrame, headers: list[str], freeze: int) -> None:
    sheet = book.sheet(title_of(names, name), shown, headers, freeze=freeze)
    mark(book, names, sheet, name, shown)
