"""From raw tables to typed ones: every wrong cell is found, none stops the reading of the others.

Cells come from CSV files (all text), from workbooks (text, numbers, truth values, dates) and from data frames.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.cells import CONTROL, MOST_PER_COLUMN, ColumnReport, as_list, cell_text, converted, is_blank, is_numeric
from optimizer.instance.findings import Finding, near
from optimizer.instance.schema import SPLIT, TABLES, Column, Table

NAMES_OF_KEYS = frozenset({"county", "need", "donor", "project", "stream", "category", "period", "resource", "unknown"})


@dataclass(frozen=True)
class RawTable:
    """A table before its cells are understood.

    Parameters
    ----------
    name : table of the schema
    file : file or sheet, for messages
    header : column names, blank ones included
    cells : one sequence of cells for each column; ``""``, None and NaN are blank
    rows : row of each record as a spreadsheet shows it
    torn : rows that have too few cells, which was told already
    """

    name: str
    file: str
    header: Sequence[str]
    cells: Sequence[Any]
    rows: np.ndarray
    torn: frozenset[int] = frozenset()


def typed_table(raw: RawTable) -> tuple[pd.DataFrame, np.ndarray, list[Finding]]:
    """The typed table, the spreadsheet row of each of its rows, and all findings.

    Identifiers, texts, lists and choices become ``str`` (missing = NaN), everything else float64 (NaN = blank).
    """
    frame, rows, findings = typed_records(raw, TABLES[raw.name])
    return (frame if len(frame) else empty_table(raw.name)), rows, findings


def typed_records(raw: RawTable, table: Table) -> tuple[pd.DataFrame, np.ndarray, list[Finding]]:
    """Like :func:`typed_table`, for any description of a table."""
    findings = list(_header_findings(raw, table))
    kept = _filled_rows(raw)
    rows = raw.rows[kept]
    columns: dict[str, Any] = {}
    wrong: dict[str, set[int]] = {}
    for name, cells in zip(raw.header, raw.cells, strict=True):
        if not name or name in columns:
            continue
        report = ColumnReport(raw.file, name, rows)
        columns[name] = converted(cells if len(kept) == len(raw.rows) else _taken(cells, kept), table.column(name), report)
        findings.extend(report.findings)
        wrong[name] = report.wrong
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(kept)))
    for column in table.columns:
        if column.required:
            told = set(np.flatnonzero(np.isin(rows, list(raw.torn))).tolist())
            findings.extend(_blank_findings(frame, column, raw.file, rows, {name: at | told for name, at in wrong.items()}))
    findings.extend(key_findings(frame, table, raw.file, rows))
    return frame, rows, findings


def empty_table(name: str) -> pd.DataFrame:
    """A table without rows: every column of the schema, of the right type."""
    return pd.DataFrame({c.name: pd.Series([], dtype="str" if c.is_text else "float64") for c in TABLES[name].columns})


def _taken(cells: Any, kept: np.ndarray) -> Any:
    return cells.iloc[kept].reset_index(drop=True) if isinstance(cells, pd.Series) else [cells[at] for at in kept]


def _filled_rows(raw: RawTable) -> np.ndarray:
    """Positions of the rows in which something stands."""
    blank = np.arange(len(raw.rows))
    for cells in raw.cells:
        if not len(blank):
            break
        if is_numeric(cells):
            blank = blank[cells.isna().to_numpy()[blank]]
            continue
        column = as_list(cells)
        if set(map(type, column)) == {str} and all(column) and not any(map(str.isspace, column)):
            return np.arange(len(raw.rows))
        blank = np.array(
            [at for at in blank if is_blank(cell := column[at]) or (isinstance(cell, str) and cell.isspace())], dtype=int
        )
    return np.setdiff1d(np.arange(len(raw.rows)), blank, assume_unique=True) if len(blank) else np.arange(len(raw.rows))


def _header_findings(raw: RawTable, table: Table) -> Iterator[Finding]:
    """Columns that are repeated, nameless, misspelt, in the way of identifiers, or missing."""
    known = [column.name for column in table.columns]
    absent = [name for name in known if name not in raw.header]
    seen: set[str] = set()
    for at, name in enumerate(raw.header):
        if not name:
            if any(not is_blank(cell) for cell in as_list(raw.cells[at])):
                problem = f"column {at + 1} has cells but no name"
                yield Finding(raw.file, 1, None, None, problem, "Write a name in row 1 or empty the column")
        elif name in seen:
            yield Finding(raw.file, 1, name, None, "stands twice in the header", "Remove or rename one of the two columns")
        elif table.column(name) is None:
            yield from _extra_findings(raw.file, name, table, known, absent)
        seen.add(name)
    for column in table.columns:
        if (
            column.required
            and column.name not in seen
            and not (column.split and any(n.startswith(column.name + "@") for n in seen))
        ):
            mend = near(column.name, [n for n in seen if n and n not in known], f"Add the column {column.name} ({column.note})")
            yield Finding(raw.file, 1, column.name, None, "is missing", mend)


def _extra_findings(file: str, name: str, table: Table, known: list[str], absent: list[str]) -> Iterator[Finding]:
    """What is wrong with the name of an extra column."""
    split = SPLIT.fullmatch(name)
    base = name.split("@")[0].strip()
    if split and split["base"] in known:
        problem, mend = f"is wrong: {split['base']} cannot be given by period", f"Rename the column to {split['base']}"
    elif "@" in name and base in known:
        problem, mend = "does not end in a period", f"Write {base}@2026, without blanks"
    elif name in NAMES_OF_KEYS:
        problem, mend = f"is the name of an identifier that {table.name} does not have", "Rename this extra column"
    elif _loosely(name) in {_loosely(word) for word in absent}:
        problem, mend = "is not a column of this table", near(name, absent)
    elif any(sign in name for sign in ".[]=|,") or CONTROL.search(name) or name != name.strip():
        problem, mend = "holds a sign that parts the words of a key", "Rename the column without . [ ] = | ,"
    elif _is_typo(name, absent):
        mend = near(name, absent, "Rename it if it is meant to be another one")
        yield Finding(file, 1, name, None, "is not a column of this table and is kept as an extra one", mend, "warning")
        return
    else:
        return
    yield Finding(file, 1, name, None, problem, mend)


def _loosely(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


def _is_typo(name: str, words: Sequence[str]) -> bool:
    """Whether one letter was left out, added or changed, or letters were swapped."""
    return len(name) > 4 and any(sorted(name) == sorted(word) or _one_apart(name, word) for word in words)


def _one_apart(a: str, b: str) -> bool:
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[start + 1 :] == b[start + 1 :] or a[start + 1 :] == b[start:] or a[start:] == b[start + 1 :]


def _blank_findings(
    frame: pd.DataFrame, column: Column, file: str, rows: np.ndarray, wrong: dict[str, set[int]]
) -> list[Finding]:
    """Blank cells of a required column; a column split by period may leave the plain one blank."""
    given = [c for c in frame.columns if c == column.name or (column.split and c.startswith(column.name + "@"))]
    if not given:
        return []
    blank = pd.DataFrame({name: frame[name].isna().to_numpy() for name in given})
    for name in given:
        blank.loc[sorted(wrong[name]), name] = False
    splits = [name for name in given if name != column.name]
    empty = blank[splits].any(axis=1) if splits else blank[column.name]
    if splits and column.name in given:
        empty &= blank[column.name]
    report = ColumnReport(file, column.name, rows)
    report.add(
        np.flatnonzero(empty.to_numpy()).tolist(), [None] * len(frame), "is blank but needed", f"Fill it in ({column.note})"
    )
    return report.findings


def key_findings(frame: pd.DataFrame, table: Table, file: str, rows: np.ndarray) -> list[Finding]:
    """Rows whose key another row has already."""
    key = [name for name in table.key if name in frame.columns]
    required = [name for name in table.key if name in table.required]
    if not key or any(name not in frame.columns for name in required):
        return []
    shared = np.flatnonzero(frame.duplicated(key, keep=False).to_numpy() & frame[required].notna().all(axis=1).to_numpy())
    first: dict[str, int] = {}
    out: list[Finding] = []
    more = 0
    column = ", ".join(table.key)
    for at, values in zip(shared.tolist(), frame[key].iloc[shared].itertuples(index=False, name=None), strict=True):
        text = "/".join("" if is_blank(value) else cell_text(value) for value in values).rstrip("/")
        if text not in first:
            first[text] = int(rows[at])
        elif len(out) < MOST_PER_COLUMN:
            problem = f"stands already in row {first[text]}"
            out.append(Finding(file, int(rows[at]), column, text, problem, "Remove one of the two rows"))
        else:
            more += 1
    if more:
        out.append(Finding(file, None, column, None, f"has {more} more repeated rows", "Remove what is repeated"))
    return out
