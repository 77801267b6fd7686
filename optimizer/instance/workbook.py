"""An instance as a workbook: one sheet for each table, and the settings on sheets of their own.

``needs_list streams categories groups outcomes criteria rules scenarios`` have one row for each entry and one column
for each field; ``instance`` has ``key`` and ``value`` for the rest (``money.step``, ``settings.gap``). Nested values
are YAML in one line. Texts are written as texts whatever they begin with, numbers with all their digits.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from optimizer.instance.findings import Finding, InstanceError, near
from optimizer.instance.folder import Source, number_text
from optimizer.instance.reading import RawTable
from optimizer.instance.schema import DECISIONS, TABLES, Table
from optimizer.instance.workbook_settings import SHEETS, Cell, settings_rows, settings_source

INSTANCE_SHEET = "instance"
MOST_ROWS = 1_048_575
LONGEST_TEXT = 32_767
MOST_BYTES = 4 << 30
CREATED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC).replace(tzinfo=None)


class ExactWorksheet(Worksheet):  # type: ignore[misc]  # the package has no types
    """A sheet that writes numbers with all the digits they need to be read back as the same number."""

    def _xml_number_element(self, number: Any, attributes: Iterable[tuple[str, Any]] = ()) -> None:
        marks = "".join(f' {key}="{self._escape_attributes(value)}"' for key, value in attributes)
        self.fh.write(f"<c{marks}><v>{number_text(float(number))}</v></c>")


def read_workbook(path: FilePath) -> Source:
    """Read every sheet of an instance workbook; problems become findings."""
    source = Source(str(path), settings_file=path.name, table_file="sheet {}")
    sheets = _sheets(path, source.findings)
    if sheets is None:
        raise InstanceError(source.findings)
    for name, rows in sheets.items():
        if name in TABLES and rows:
            source.tables[name] = raw_table(name, rows)
    settings_source({name: rows for name, rows in sheets.items() if name in SHEETS or name == INSTANCE_SHEET}, source)
    known = {*TABLES, *SHEETS, INSTANCE_SHEET}
    for name in sheets:
        if name == DECISIONS.name:
            source.findings.append(
                Finding(
                    f"sheet {name}",
                    None,
                    None,
                    None,
                    "is applied only when it is asked for",
                    "Hand the decisions over with --decisions",
                    "warning",
                )
            )
        elif name not in known:
            hint = near(name, sorted(known - set(sheets)), cutoff=0.8)
            source.findings.append(
                Finding(
                    f"sheet {name}",
                    None,
                    None,
                    None,
                    "is not part of an instance and was not read",
                    hint or "Remove it if it does not belong here",
                    "error" if hint else "warning",
                )
            )
    if INSTANCE_SHEET not in sheets:
        source.findings.append(
            Finding(
                f"sheet {INSTANCE_SHEET}",
                None,
                None,
                None,
                "is missing",
                "Add it, with columns key and value; 'optimizer new --xlsx' writes one to start from",
            )
        )
    return source


def _sheets(path: FilePath, findings: list[Finding]) -> dict[str, list[list[Cell]]] | None:
    """The cells of every sheet by rows; None with a finding if the file is not a workbook."""
    problem = "is not a workbook that can be read"
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_BYTES:
                findings.append(
                    Finding(path.name, None, None, None, "unpacks to more than 4 GiB", "Hand the instance over as a folder")
                )
                return None
        book = CalamineWorkbook.from_path(str(path))
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        problem += f" ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
    findings.append(Finding(path.name, None, None, None, problem, "Save it as an Excel workbook (.xlsx) without a password"))
    return None


def raw_table(name: str, rows: list[list[Cell]]) -> RawTable:
    """The sheet of a table, its cells column by column."""
    header = ["" if cell in ("", None) else str(cell).strip() for cell in rows[0]]
    columns = list(zip(*rows[1:], strict=True)) if len(rows) > 1 else [() for _ in header]
    while header and not header[-1] and all(cell in ("", None) for cell in columns[len(header) - 1]):
        header.pop()
    return RawTable(name, f"sheet {name}", header, [list(c) for c in columns[: len(header)]], np.arange(2, len(rows) + 1))


def read_decisions_sheet(path: FilePath, findings: list[Finding]) -> RawTable | None:
    """The sheet ``decisions`` of a workbook."""
    sheets = _sheets(path, findings)
    if sheets is None:
        return None
    if not sheets.get(DECISIONS.name):
        findings.append(Finding(path.name, None, None, None, "has no sheet decisions", "Add it, or name a decisions.csv"))
        return None
    return raw_table(DECISIONS.name, sheets[DECISIONS.name])


def write_workbook(
    path: FilePath, tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any], decisions: pd.DataFrame | None = None
) -> None:
    """Write an instance workbook; tables without rows are left out.

    Raises
    ------
    InstanceError : a table or a text is larger than a workbook can hold
    """
    frames = {name: tables[name] for name in TABLES if len(tables[name])}
    schemas = dict(TABLES)
    if decisions is not None and len(decisions):
        frames[DECISIONS.name], schemas[DECISIONS.name] = decisions, DECISIONS
    findings = [fault for name, frame in frames.items() for fault in _too_large(name, frame)]
    listed = settings_rows(settings)
    findings.extend(
        Finding(f"sheet {sheet}", row + 1, None, text, "is longer than a cell of a workbook may be", "Write a folder instead")
        for sheet, rows in listed.items()
        for row, cells in enumerate(rows)
        for text in cells
        if isinstance(text, str) and len(text) > LONGEST_TEXT
    )
    if findings:
        raise InstanceError(findings)
    book = xlsxwriter.Workbook(
        str(path),
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    try:
        book.set_properties({"created": CREATED, "title": str(settings.get("title", ""))[:255]})
        heading, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        for sheet, rows in listed.items():
            at = book.add_worksheet(sheet, worksheet_class=ExactWorksheet)
            at.freeze_panes(1, 1)
            at.set_column(0, len(rows[0]) - 1, 22)
            for n, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    _write(at, n, column, cell, heading if n == 0 else None)
        for name, frame in frames.items():
            _write_table(book.add_worksheet(name, worksheet_class=ExactWorksheet), schemas[name], frame, heading, text)
    finally:
        try:
            book.close()
        except FileCreateError as error:
            raise OSError(f"{path} cannot be written: {error}") from error


def _write_table(sheet: Worksheet, table: Table, frame: pd.DataFrame, heading: Any, text: Any) -> None:
    sheet.freeze_panes(1, len(table.key))
    for n, name in enumerate(frame.columns):
        column = table.column(str(name))
        numeric = pd.api.types.is_numeric_dtype(frame[name].dtype)
        sheet.set_column(n, n, 14, None if numeric else text)
        _write(sheet, 0, n, str(name), heading)
        if column is not None and (column.note or column.unit):
            sheet.write_comment(0, n, column.note + (f" [{column.unit}]" if column.unit else ""))
        cells = frame[name].to_numpy(dtype=float).tolist() if numeric else frame[name].tolist()
        for row, cell in enumerate(cells, start=1):
            if isinstance(cell, str) or cell == cell:
                _write(sheet, row, n, cell, None if numeric else text)


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, style: Any) -> None:
    """Write one cell as what it is; a text is never taken for a formula, a link or markup."""
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, style)
    elif isinstance(cell, (int, float)):
        if abs(cell) == float("inf"):
            sheet.write_string(row, column, number_text(cell), style)
        else:
            sheet.write_number(row, column, cell, style)
    elif str(cell).startswith("<r>") and str(cell).endswith("</r>"):
        # the writer takes this form for its own markup, so hand it over in two runs
        sheet.write_rich_string(row, column, "<", sheet.default_url_format or style, str(cell)[1:], *([style] if style else []))
    else:
        sheet.write_string(row, column, str(cell), style)


def _too_large(name: str, frame: pd.DataFrame) -> Iterable[Finding]:
    mend = "Write the instance as a folder instead"
    if len(frame) > MOST_ROWS:
        yield Finding(f"sheet {name}", None, None, None, f"has {len(frame)} rows, more than a sheet can hold", mend)
    if frame.shape[1] > 16_384:
        yield Finding(f"sheet {name}", None, None, None, f"has {frame.shape[1]} columns, more than a sheet can hold", mend)
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column].dtype):
            for n in np.flatnonzero((frame[column].str.len() > LONGEST_TEXT).to_numpy()):
                yield Finding(
                    f"sheet {name}",
                    int(n) + 2,
                    str(column),
                    str(frame[column].iloc[n]),
                    "is longer than a cell of a workbook may be",
                    mend,
                )
