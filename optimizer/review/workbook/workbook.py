"""The sheets of the review workbook put together: decisions, counties, donors, what the decisions add up to, how to use it."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from optimizer.plan.book import Book, width
from optimizer.review.page.data import PEOPLE, note_key, title_in
from optimizer.review.page.messages import LANGUAGES, message, worded
from optimizer.review.recommendations import Recommendations
from optimizer.review.workbook.content import Content, text_of
from optimizer.review.workbook.decisions import SHEET, DecisionsSheet
from optimizer.review.workbook.facts import fact_sheets, headlines
from optimizer.review.workbook.looks import Looks

COUNTIES = ("county_name", "province", "prefecture", "verdict", "partner", "money", "next", "price", "need", "covered",
            "all_money", "candidates", "partners_max", "locked", "warning")
DONORS = ("donor_name", "province", "money_used", "money_max", "pairs", "pairs_max", "locked", "warning")
ABOUT_WIDTH, LINE = 110, 15.5  # letters, and the height of a line of them in points
WIDTHS = {"county_name": 18, "donor_name": 18, "province": 14, "partner": 24, "next": 18, "price": 46, "warning": 24}


def review_workbook(recommendations: Recommendations, file: str | os.PathLike[str], lang: str = "en") -> None:
    """Write the workbook.

    Parameters
    ----------
    lang : ``en`` or ``zh``; the sheet ``decisions`` keeps the names and words that the program reads

    Raises
    ------
    ValueError : another language
    """
    if lang not in LANGUAGES:
        raise ValueError(f"'{lang}' is not a language of the workbook; use one of {', '.join(LANGUAGES)}")
    content, book = Content(recommendations, lang), Book(Path(file))
    looks = Looks(book)
    decisions = DecisionsSheet(content, looks)
    writers = {SHEET: decisions.write}
    own = {"counties": _counties, "donors": _donors, "summary": _summary, "about": _about}
    facts = fact_sheets(content)
    for name in ("counties", "donors", *facts, "summary", "about"):
        if name in facts:
            writers[content.say(name)] = lambda sheet, name=name: facts[name](sheet, looks)  # type: ignore[misc]
        else:
            writers[content.say(name)] = lambda sheet, name=name: own[name](sheet, content, looks, decisions)  # type: ignore[misc]
    for name, writer in writers.items():
        writer(book.book.add_worksheet(name))
    book.close()


def _counties(sheet: Worksheet, content: Content, looks: Looks, decisions: DecisionsSheet) -> None:
    """Who is recommended to whom, and the next best."""
    persons = {"need": "needs", "covered": "covered_needs"} if len(content.made.plan.instance.settings.needs) > 1 else {}
    looks.headed(sheet, [content.head(persons.get(name, name)) for name in COUNTIES])
    table = content.made.table
    chosen = dict(iter(table[table["chosen"]].groupby("county")))
    others = table[~table["chosen"]].sort_values("price_high", kind="stable").drop_duplicates("county")
    next_best = {row["county"]: row for row in others.to_dict("records")}
    limits = content.made.plan.data.counties["partners_max"].to_dict()
    ordered = content.made.counties.sort_values(["province", "name"], kind="stable")
    for number, row in enumerate(ordered.to_dict("records"), start=1):
        own, best = chosen.get(row["county"]), next_best.get(row["county"])
        price = worded("", note_key(row["note"]), content.lang) if best is None else content.words(*content.price(_named(best)))
        looks.cells(sheet, number, [
            content.county(row["county"]), row["province"], row["prefecture"], worded("verdict_", row["verdict"], content.lang),
            content.listed([] if own is None else [content.donor(donor) for donor in own["donor"]]),
            0.0 if own is None else float(own["money"].sum()), "" if best is None else content.donor(best["donor"]), price,
            float(row["need"]), float(row["covered"]), float(row["money"]), float(row["candidates"]),
            float(limits.get(row["county"], math.nan))])
        _counted(sheet, number, content, looks, decisions, "county", row["county"], float(limits.get(row["county"], math.nan)))
    _placed(sheet, looks, COUNTIES, len(ordered))


def _named(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _donors(sheet: Worksheet, content: Content, looks: Looks, decisions: DecisionsSheet) -> None:
    """Each donor against its limits, also those that decisions reach."""
    looks.headed(sheet, [content.head(name) for name in DONORS])
    ordered = content.made.donors.sort_values(["province", "name"], kind="stable")
    for number, row in enumerate(ordered.to_dict("records"), start=1):
        looks.cells(sheet, number, [content.donor(row["donor"]), row["province"], float(row["money_used"]),
                                    float(row["money_limit"]), float(row["pairs"]), float(row["pairs_max"])])
        _counted(sheet, number, content, looks, decisions, "donor", row["donor"], float(row["pairs_max"]))
    _placed(sheet, looks, DONORS, len(ordered))


def _counted(sheet: Worksheet, number: int, content: Content, looks: Looks, decisions: DecisionsSheet, kind: str, place: str,
             most: float) -> None:
    """How many pairs of a place are accepted or locked, and a remark where that is more than the limit beside it."""
    at = len(COUNTIES if kind == "county" else DONORS) - 2
    limit, count = (f"{xl_col_to_name(column)}{number + 1}" for column in (at - 1, at))
    many, words = content.locked[kind][place], content.say("over" if kind == "donor" else "over_partner")
    sheet.write_formula(number, at, f'=SUMPRODUCT(({decisions.column(kind)}="{place}")*{decisions.wanted()})',
                        looks.shut_whole, many)
    sheet.write_formula(number, at + 1, f'=IF(AND(ISNUMBER({limit}),{count}>{limit}),"{words}","")', looks.shut,
                        words if many > most else "")


def _placed(sheet: Worksheet, looks: Looks, names: tuple[str, ...], many: int) -> None:
    for column, name in enumerate(names):
        sheet.set_column(column, column, WIDTHS.get(name, 13))
    at = len(names) - 1
    sheet.conditional_format(1, at, max(many, 1), at, {"type": "formula", "criteria": f"=LEN(${xl_col_to_name(at)}2)>0",
                                                       "format": looks.colours["forbid"]})
    looks.placed(sheet, many, len(names), frozen=1)


def _summary(sheet: Worksheet, content: Content, looks: Looks, decisions: DecisionsSheet) -> None:
    """What the decisions add up to, by formulas that follow them."""
    kind, decision, over = (decisions.column(name) for name in ("kind", "decision", "overruled"))
    forbidden = sum(row.cells["kind"] == "pair" and row.cells["decision"] == "forbid" for row in content.rows)
    prices = [content.price(row.pair) for row in content.rows if row.pair is not None and content.overruled(row)]
    lines: list[tuple[str, str, float]] = [
        ("accepted", f'=SUMPRODUCT(({kind}="pair")*{decisions.wanted()})', sum(row.wanted for row in content.rows)),
        ("forbidden", f'=SUMPRODUCT(({kind}="pair")*({decision}="forbid"))', forbidden),
        ("overruled", f"=SUM({over})", len(prices)),
        *((name, f'=SUMIF({over},1,{decisions.column(f"price_{name}")})',
           sum(price[end] for price in prices if math.isfinite(price[end]))) for end, name in enumerate(("low", "high"))),
    ]
    for number, (name, formula, value) in enumerate(lines):
        sheet.write_string(number, 0, content.head(f"sum_{name}"), looks.book.bold)
        sheet.write_formula(number, 1, formula, looks.shut_number if number > 2 else looks.shut_whole, value)
    sheet.write_string(len(lines) + 1, 0, content.say("sum_exact"), looks.book.wrap)
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 1, 16)
    looks.book.printed(sheet, header=False)
    looks.protected(sheet)


def _about(sheet: Worksheet, content: Content, looks: Looks, decisions: DecisionsSheet) -> None:
    """What holds for the whole, how to use the workbook and how to read it."""
    sheet.set_column(0, 0, ABOUT_WIDTH)
    sheet.write_string(0, 0, text_of(title_in(content.made, content.lang)), looks.book.title)
    more = [("how_people", content.unit in PEOPLE), ("how_needs", len(content.made.plan.instance.settings.needs) > 1)]
    lines = [*headlines(content), "", *(content.say(f"how_{number}") for number in range(1, 7)), ""]
    reading = ["how_verdict", *(key for key, needed in more if needed), "how_held", "how_sum"]
    lines += [message(key, content.lang) for key in reading]
    for number, line in enumerate(lines, start=2):
        sheet.write_string(number, 0, text_of(line), looks.book.wrap)
        sheet.set_row(number, LINE * max(1, math.ceil(width(line) / (0.9 * ABOUT_WIDTH))))
    looks.book.printed(sheet, header=False)
    sheet.hide_gridlines(2)
