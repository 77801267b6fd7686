"""The template as a workbook: drop-downs for choices and identifiers, ranges for numbers, notes and units as comments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from optimizer.instance.instance import Instance
from optimizer.instance.schema import LIMITS, TABLES, WHOLE_KINDS, Column, Table
from optimizer.instance.workbook import CREATED, ExactWorksheet
from optimizer.instance.workbook_settings import settings_rows

ROWS = 5000  # rows below the header that get drop-downs and formats
KEYS = {"counties": "counties", "donors": "donors", "projects": "projects", "resources": "resources",
        "need": "needs_list", "category": "categories", "stream": "streams"}
WIDE = {"name": 22, "note": 30, "source": 30}
START = (
    "Overwrite this example with your case. One sheet for each table, one for each block of settings; sheets that you do not "
    "need may be deleted (counties and instance have to stay). Rest the pointer on a heading for what it means and in which "
    "unit. Identifiers are text: letters, digits, _ and -. A blank cell is the default or, where there is none, unknown. "
    "Then run: optimizer check FILE.xlsx"
)
FIELDS: dict[str, dict[str, str]] = {  # sheets of settings: what each column means
    "instance": {"key": START, "value": "numbers, text, or YAML in one line such as [2026, 2027]"},
    "needs_list": {
        "id": "identifier of the need", "label": "name to show", "kind": "lasting = people stay helped but for a relapse; "
        "yearly = to be met each period", "category": "what its money counts as", "weight": "weight in coverage, or cost",
        "tiers": "from cheap to dear: [{width: 0.5, factor: 1}, {width: 0.5, factor: 1.5}]; widths add up to at most 1",
    },
    "streams": {
        "id": "identifier of the pot of money", "label": "name to show", "kind": "transfer = with a budget; pairing = what "
        "donors give along pairs",
        "budget": "one number, or {2026: 2000, 2027: 2200}; or leave blank and fill in the sheet budgets",
        "carry": "share of a period's budget that may move on to the next", "least_spend": "share of the budget that must be "
        "spent", "categories": "what it may pay: blank = all, or [industry]",
        "counties": "whom it may pay: blank = all, or a group",
    },
    "categories": {"id": "identifier of the category", "label": "name to show", "subsidy": "1 = paid to households"},
    "groups": {"id": "name of the group"},
    "outcomes": {"id": "name of the outcome", "of": "what is summed: {sum: money}", "per": "divided by: [rural_population]",
                 "better": "whether high or low is good"},
    "criteria": {"id": "name of the criterion", "sense": "max or min", "equity": "maximin, gini", "outcome": "outcome it "
                 "looks at", "over": "counties, donors or a text column", "of": "what is summed, where it is no equity"},
    "rules": {
        "id": "identifier of the rule", "type": "bound, share, band, pairs, exit or equity", "sentence": "the rule in words",
        "source": "where it comes from", "each": "a row for each: all, county, donor or a text column", "min": "least",
        "max": "most", "low": "least × baseline", "high": "most × baseline", "of": "what is summed", "per": "divided by",
    },
    "scenarios": {"id": "name of the scenario", "label": "name to show", "from": "scenario to build on",
                  "set": "changes: {budget.central: -10%}"},
}
CHOICES: dict[tuple[str, str], list[str]] = {
    ("needs_list", "kind"): ["lasting", "yearly"], ("streams", "kind"): ["transfer", "pairing"],
    ("categories", "subsidy"): ["1", "0"], ("outcomes", "better"): ["high", "low"], ("criteria", "sense"): ["max", "min"],
    ("rules", "type"): ["bound", "share", "band", "pairs", "exit", "equity"],
    ("rules", "to"): ["last", "factor", "proportional", "cea", "cel", "talmud"],
    ("rules", "periods"): ["each", "total", "last"],
}
WANTED: dict[str, list[str]] = {  # columns that the sheets of settings always have
    "needs_list": ["id", "label", "kind", "category", "weight", "tiers"],
    "streams": ["id", "label", "kind", "budget", "categories", "counties", "carry", "least_spend"],
    "categories": ["id", "label", "subsidy"],
}


def write_template_workbook(path: Path, instance: Instance) -> None:
    """Write ``instance`` as a workbook to fill in."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"created": CREATED, "title": instance.settings.title})
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#DDEBF7"}),
        "key": book.add_format({"bold": True, "bottom": 1, "bg_color": "#F8CBAD"}),
        "text": book.add_format({"num_format": "@"}),
        "plain": book.add_format(),
    }
    settings = settings_rows(instance.raw_settings)
    for name, rows in settings.items():
        _settings_sheet(book.add_worksheet(name, worksheet_class=ExactWorksheet), name, rows, styles)
    for name, table in TABLES.items():
        _table_sheet(book.add_worksheet(name, worksheet_class=ExactWorksheet), table, instance.tables[name], styles)
    book.close()


def _settings_sheet(sheet: Any, name: str, rows: list[list[Any]], styles: dict[str, Any]) -> None:
    """One block of settings; its columns always include those a planner is likely to want."""
    header = list(dict.fromkeys([*WANTED.get(name, []), *(str(cell) for cell in rows[0])]))
    at = {str(cell): n for n, cell in enumerate(rows[0])}
    sheet.freeze_panes(1, 1)
    for n, field in enumerate(header):
        sheet.set_column(n, n, 34 if field in ("value", "sentence", "set", "budget", "tiers", "part", "of") else 18)
        sheet.write_string(0, n, field, styles["key" if n == 0 else "head"])
        note = FIELDS.get(name, {}).get(field)
        if note:
            sheet.write_comment(0, n, note, {"x_scale": 2.5, "y_scale": 1.5})
        for row, cells in enumerate(rows[1:], start=1):
            _write(sheet, row, n, cells[at[field]] if field in at else "", styles["plain"])
        if (name, field) in CHOICES:
            _drop_down(sheet, n, CHOICES[name, field], "Choose one of the list")
        elif (name, field) == ("needs_list", "category"):
            _drop_down(sheet, n, "=categories!$A$2:$A$500", "Choose a category of the sheet categories")
    sheet.set_column(0, 0, 22, styles["text"])


def _table_sheet(sheet: Any, table: Table, frame: pd.DataFrame, styles: dict[str, Any]) -> None:
    """One table: every column of the format, its note and unit, and what may be written below it."""
    names = [column.name for column in table.columns]
    names += [str(name) for name in frame.columns if str(name) not in names]
    sheet.freeze_panes(1, len(table.key))
    for n, name in enumerate(names):
        column = table.column(name)
        is_text = column is None or column.is_text
        sheet.set_column(n, n, WIDE.get(name, 14), styles["text" if is_text else "plain"])
        needed = column is not None and column.required and name == column.name
        sheet.write_string(0, n, name, styles["key" if needed else "head"])
        if column is not None:
            sheet.write_comment(0, n, comment(column), {"x_scale": 2})
            _validate(sheet, n, column)
        if name in frame.columns:
            for row, cell in enumerate(frame[name].tolist(), start=1):
                _write(sheet, row, n, cell, styles["text" if is_text else "plain"])


def comment(column: Column) -> str:
    """Note, unit and default of a column."""
    parts = [column.note[:1].upper() + column.note[1:] + "."]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.required:
        parts.append("Must be filled in.")
    elif column.default is not None:
        parts.append(f"Blank = {column.default:g}." if isinstance(column.default, float) else f"Blank = {column.default}.")
    if column.split:
        parts.append(f"May be split by period: {column.name}@2026, {column.name}@2027.")
    return " ".join(parts)


def _validate(sheet: Any, at: int, column: Column) -> None:
    """What Excel lets be written in a column."""
    if column.choices:
        _drop_down(sheet, at, list(column.choices), "Choose one of the list")
    elif column.kind == "flag":
        _drop_down(sheet, at, ["1", "0"], "1 = yes, 0 = no")
    elif column.refers in KEYS and column.kind == "id":
        source = KEYS[column.refers]
        _drop_down(sheet, at, f"={source}!$A$2:$A${ROWS}", f"Choose an identifier of the sheet {source}")
    elif column.kind in LIMITS:
        low, high = LIMITS[column.kind]
        bounds: dict[str, Any] = {"criteria": ">=", "value": low} if high == float("inf") else {
            "criteria": "between", "minimum": low, "maximum": high}
        kind = "integer" if column.kind in WHOLE_KINDS else "decimal"
        if not column.infinite:
            span = f"{low:g} or more" if high == float("inf") else f"{low:g} to {high:g}"
            sheet.data_validation(1, at, ROWS, at, {
                "validate": kind, **bounds, "error_title": column.name, "error_message": f"Write a number: {span}"})


def _drop_down(sheet: Any, at: int, source: list[str] | str, message: str) -> None:
    sheet.data_validation(1, at, ROWS, at, {
        "validate": "list", "source": source, "error_title": "Not in the list", "error_message": message})


def _write(sheet: Any, row: int, column: int, cell: Any, style: Any) -> None:
    if isinstance(cell, bool) or cell is None or cell == "" or cell != cell:
        if isinstance(cell, bool):
            sheet.write_boolean(row, column, cell, style)
    elif isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell, style)
    else:
        sheet.write_string(row, column, str(cell), style)
