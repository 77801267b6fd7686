"""An instance as a folder: ``instance.yaml`` and one CSV file for each table."""

from __future__ import annotations

import csv
import gc
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.cells import MOST_PER_COLUMN
from optimizer.instance.findings import Finding, InstanceError, near, shown
from optimizer.instance.reading import RawTable
from optimizer.instance.schema import TABLES, Table
from optimizer.instance.yamltext import Path, dump_yaml, load_yaml

SETTINGS_FILE = "instance.yaml"
DECISIONS_FILE = "decisions.csv"
PLAN_FILE = "plan.json"
SPECIAL = re.compile('[",\r\n]')
#: Beginnings that a spreadsheet takes for a formula; full-width ones too.
FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")
GUARDED = re.compile("'+[=+\\-@\t\r＝＋－＠]")


@dataclass
class Source:
    """What was read, before types: raw tables, plain settings, where each setting stands, and findings."""

    origin: str
    tables: dict[str, RawTable] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    settings_file: str = SETTINGS_FILE
    table_file: str = "{}"  # how a table is called in messages
    lines: Mapping[Path, int | str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_folder(folder: FilePath) -> Source:
    """Read every file of an instance folder; problems become findings.

    Raises
    ------
    InstanceError : it is the folder of a plan
    """
    source = Source(str(folder), table_file="{}.csv")
    settings = folder / SETTINGS_FILE
    if settings.is_file():
        text = decoded(settings, source.findings)
        if text is not None:
            value, lines, faults = load_yaml(text, SETTINGS_FILE)
            source.findings.extend(faults)
            source.lines = lines
            if isinstance(value, dict):
                source.settings = value
            elif not faults:
                source.findings.append(
                    Finding(
                        SETTINGS_FILE,
                        1,
                        None,
                        None,
                        "is empty" if value is None else "is not a block of 'key: value' lines",
                        "Begin it with the line 'format: 1'",
                    )
                )
    elif (folder / PLAN_FILE).is_file():
        raise InstanceError([Finding(PLAN_FILE, None, None, None, "is the head of a plan: this is no folder of an instance",
                                     "Name the folder of the instance that the plan was made for")])
    else:
        source.findings.append(
            Finding(SETTINGS_FILE, None, None, None, "is missing", "Add it; 'optimizer new' writes one to start from")
        )
    for name in TABLES:
        path = folder / f"{name}.csv"
        if path.is_file():
            raw = read_csv(path, TABLES[name], source.findings)
            if raw is not None:
                source.tables[name] = raw
    source.findings.extend(_unknown_files(folder))
    return source


def _unknown_files(folder: FilePath) -> list[Finding]:
    known = {f"{name}.csv" for name in TABLES} | {DECISIONS_FILE}
    out = []
    if (folder / DECISIONS_FILE).is_file():
        out.append(
            Finding(
                DECISIONS_FILE,
                None,
                None,
                None,
                "lies beside the tables but is applied only when it is asked for",
                "Hand it over with --decisions",
                "warning",
            )
        )
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() == ".csv" and path.name not in known:
            missing = [name for name in sorted(known) if not (folder / name).exists()]
            hint = near(path.stem, [FilePath(name).stem for name in missing], cutoff=0.8)
            out.append(
                Finding(
                    path.name,
                    None,
                    None,
                    None,
                    "is not a table of an instance and was not read",
                    hint or "Move it elsewhere if it does not belong here",
                    "error" if hint else "warning",
                )
            )
    return out


def decoded(path: FilePath, findings: list[Finding]) -> str | None:
    """The text of a file in UTF-8 (with or without BOM) or GB18030; None with a finding if it is neither."""
    data = path.read_bytes()

    def fault(problem: str, mend: str, row: int | None = None) -> None:
        findings.append(Finding(path.name, row, None, None, problem, mend))

    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        fault("is empty", "Write a header line, or delete the file if the table is not needed")
    elif data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        fault("is a workbook, not text", "Save the sheet as 'CSV UTF-8', or hand over the workbook itself as .xlsx")
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data:
        fault("is not text in UTF-8 or GB18030 (it looks like UTF-16 or like binary data)", "Save it as 'CSV UTF-8'")
    else:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            if not data.startswith(b"\xef\xbb\xbf") and not _mostly_utf8(data):
                try:
                    return data.decode("gb18030")
                except UnicodeDecodeError as second:
                    row = data.count(b"\n", 0, second.start) + 1
            fault("has bytes that are neither UTF-8 nor GB18030", "Save the file as 'CSV UTF-8'", row)
    return None


def _mostly_utf8(data: bytes) -> bool:
    """Whether only a few bytes are wrong in a text that is UTF-8 otherwise (Chinese in GB18030 breaks at every word)."""
    text = data.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    right = sum(1 for character in text if character > "\x7f") - wrong
    return wrong * 3 < right


def read_csv(path: FilePath, table: Table, findings: list[Finding]) -> RawTable | None:
    """The raw cells of one CSV file; None with a finding if it cannot be taken apart."""
    text = decoded(path, findings)
    if text is None:
        return None
    csv.field_size_limit(1 << 20)
    rows: list[list[str]] = []
    collecting = gc.isenabled()
    gc.disable()  # a million small lists are made and none of them is garbage
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        mend = "Close every quotation mark in or before this row; a mark inside a cell is written twice"
        findings.append(Finding(path.name, len(rows) + 1, None, None, f"cannot be taken apart into cells ({error})", mend))
        return None
    finally:
        if collecting:
            gc.enable()
    header = [name.strip() for name in rows[0]]
    while header and not header[-1] and all(len(row) < len(header) or not row[len(header) - 1].strip() for row in rows):
        header.pop()
    sign = next((s for s in ";\t|，" if len(header) == 1 and s in header[0]), None)
    if sign:
        mend = f"Part the columns by ',' instead of {shown(sign)}"
        findings.append(Finding(path.name, 1, None, header[0], "has no commas between the columns", mend))
        return None
    columns, numbers, torn = _by_column(rows, header, path.name, findings)
    return RawTable(table.name, path.name, header, columns, numbers, torn)


def _by_column(
    rows: list[list[str]], header: list[str], file: str, findings: list[Finding]
) -> tuple[list[list[str]], np.ndarray, frozenset[int]]:
    """Cells column by column, the row of each record, and the rows with too few cells.

    Rows of another length than the header are findings unless only blank cells are missing or added.
    """
    width, body = len(header), rows[1:]
    lengths = np.fromiter(map(len, body), dtype=np.int64, count=len(body))
    other = np.flatnonzero(lengths != width).tolist()
    short = {n + 2 for n in other if len(body[n]) < width and any(cell.strip() for cell in body[n])}
    long = {n + 2 for n in other if any(cell.strip() for cell in body[n][width:])}
    told = sorted(short | long)
    for row in told[:MOST_PER_COLUMN]:
        mend = "Write a comma for every blank cell too" if row in short else "Put text that holds a comma in quotation marks"
        problem = f"has {len(body[row - 2])} cells where the header has {width}"
        findings.append(Finding(file, row, None, None, problem, mend))
    if len(told) > MOST_PER_COLUMN:
        problem = f"has {len(told) - MOST_PER_COLUMN} more rows with too many or too few cells"
        findings.append(Finding(file, None, None, None, problem, "Mend them in the same way"))
    for n in other:
        body[n] = (body[n] + [""] * width)[:width]
    columns = [list(column) for column in zip(*body, strict=True)] if body else [[] for _ in header]
    return columns, np.arange(2, len(body) + 2), frozenset(short)


def write_folder(
    folder: FilePath, tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any], decisions: pd.DataFrame | None = None
) -> None:
    """Write an instance folder; tables without rows are left out, and removed if an older one lies there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SETTINGS_FILE).write_text(dump_yaml(dict(settings)), encoding="utf-8", newline="\n")
    named: dict[str, pd.DataFrame | None] = {f"{name}.csv": tables[name] for name in TABLES}
    named[DECISIONS_FILE] = decisions
    for file, frame in named.items():
        if frame is not None and len(frame):
            write_csv(folder / file, guarded(frame) if file == DECISIONS_FILE else frame)
        else:
            (folder / file).unlink(missing_ok=True)


def guarded(decisions: pd.DataFrame) -> pd.DataFrame:
    """Decisions whose texts no spreadsheet takes for formulas: an apostrophe before them, which reading drops again."""
    def cell(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value

    return pd.DataFrame({name: decisions[name].map(cell) if decisions[name].dtype == "str" else decisions[name]
                         for name in decisions.columns})


def unguarded(cells: Iterable[str]) -> list[str]:
    """Cells of a decisions file without the apostrophe that keeps them from being formulas."""
    return [cell[1:] if GUARDED.match(cell) else cell for cell in cells]


def write_csv(path: FilePath, frame: pd.DataFrame) -> None:
    """Write a table as UTF-8 with BOM and LF; numbers in their shortest form, cells quoted where needed."""
    columns = [_quoted(cell_texts(frame[name])) for name in frame.columns]
    header = ",".join(_quoted([str(name) for name in frame.columns]))
    lines: Iterable[str] = (
        map(",".join, zip(*columns, strict=True)) if len(columns) > 1 else (cell or '""' for cell in columns[0])
    )
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8-sig", newline="")


def cell_texts(cells: pd.Series) -> list[str]:
    """Cells as they are written: blank = empty, whole numbers without a decimal point."""
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return [number_text(value) for value in cells.to_numpy(dtype=float).tolist()]
    return [value if isinstance(value, str) else "" for value in cells.tolist()]


def number_text(value: float) -> str:
    """The shortest decimal that reads back as the same number; NaN is blank."""
    if value != value:
        return ""
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _quoted(texts: list[str]) -> list[str]:
    if not SPECIAL.search("".join(texts)):
        return texts
    return ['"' + text.replace('"', '""') + '"' if SPECIAL.search(text) else text for text in texts]


__all__ = [
    "DECISIONS_FILE",
    "Source",
    "cell_texts",
    "decoded",
    "guarded",
    "number_text",
    "read_csv",
    "read_folder",
    "unguarded",
    "write_csv",
    "write_folder",
]
