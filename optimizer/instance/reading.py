"""From raw cells to typed tables: every wrong cell is found, none stops the reading of the others.

Cells come from CSV files (all text), from workbooks (text, numbers, truth values, dates) and from data frames.
Good columns are converted as a whole; single cells are looked at only where something is wrong.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.findings import Finding, near
from optimizer.instance.schema import LIMITS, SPLIT, TABLES, WHOLE_KINDS, Column, Table
from optimizer.instance.settings_values import identifier_fault

MOST_PER_COLUMN = 20
NUMBER_SIGNS = frozenset("0123456789.+-eE")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
PLAIN_NUMBER = re.compile(r"-?(?P<digits>(?:0|[1-9][0-9]*)(?P<rest>\.[0-9]+)?|(?P<only>\.[0-9]+))(?P<power>[eE][+-]?[0-9]{1,3})?")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
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
    """

    name: str
    file: str
    header: Sequence[str]
    cells: Sequence[Any]
    rows: np.ndarray


@dataclass
class _Report:
    """Collects findings on one column, at most :data:`MOST_PER_COLUMN` of a kind."""

    file: str
    column: str
    rows: np.ndarray
    findings: list[Finding] = field(default_factory=list)

    def add(self, positions: Iterable[int], values: Sequence[Any], problem: str, mend: str | Callable[[Any], str]) -> None:
        found = list(positions)
        for at in found[:MOST_PER_COLUMN]:
            blank = is_blank(values[at])
            self.findings.append(
                Finding(
                    self.file,
                    int(self.rows[at]),
                    self.column,
                    None if blank else str(values[at]),
                    problem,
                    mend(values[at]) if callable(mend) else mend,
                )
            )
        if len(found) > MOST_PER_COLUMN:
            more = len(found) - MOST_PER_COLUMN
            self.findings.append(
                Finding(
                    self.file,
                    None,
                    self.column,
                    None,
                    f"has {more} more cells where the cell {problem}",
                    "Mend them in the same way",
                )
            )


def is_blank(value: Any) -> bool:
    """Whether a cell is empty."""
    if isinstance(value, str):
        return not value
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, (float, np.floating)) and math.isnan(value))


def typed_table(raw: RawTable) -> tuple[pd.DataFrame, np.ndarray, list[Finding]]:
    """The typed table, the spreadsheet row of each of its rows, and all findings.

    Identifiers, texts, lists and choices become ``str`` (missing = NaN), everything else float64 (NaN = blank).
    """
    frame, rows, findings = typed_records(raw, TABLES[raw.name])
    return (frame if len(frame) else empty_table(raw.name)), rows, findings


def typed_records(raw: RawTable, table: Table) -> tuple[pd.DataFrame, np.ndarray, list[Finding]]:
    """Like :func:`typed_table`, for any description of a table."""
    findings = _header_findings(raw, table)
    kept = _filled_rows(raw)
    rows = raw.rows[kept]
    columns: dict[str, Any] = {}
    for name, cells in zip(raw.header, raw.cells, strict=True):
        if not name or name in columns:
            continue
        values = cells if len(kept) == len(raw.rows) else _take(cells, kept)
        columns[name], found = typed_column(values, table.column(name), raw.file, name, rows)
        findings.extend(found)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(kept)))
    findings.extend(_blank_findings(frame, table, raw.file, rows))
    findings.extend(key_findings(frame, table, raw.file, rows))
    return frame, rows, findings


def empty_table(name: str) -> pd.DataFrame:
    """A table without rows: every column of the schema, of the right type."""
    return pd.DataFrame({c.name: pd.Series([], dtype="str" if c.is_text else "float64") for c in TABLES[name].columns})


def _take(cells: Any, kept: np.ndarray) -> Any:
    return cells.iloc[kept] if isinstance(cells, pd.Series) else [cells[at] for at in kept]


def _filled_rows(raw: RawTable) -> np.ndarray:
    """Positions of the rows in which something stands."""
    blank = np.ones(len(raw.rows), dtype=bool)
    for cells in raw.cells:
        if not blank.any():
            break
        if isinstance(cells, pd.Series) and pd.api.types.is_numeric_dtype(cells.dtype):
            blank &= cells.isna().to_numpy()
            continue
        where = np.flatnonzero(blank)
        empty = [at for at in where if is_blank(cell := _cell(cells, at)) or (isinstance(cell, str) and not cell.strip())]
        blank = np.zeros(len(raw.rows), dtype=bool)
        blank[empty] = True
    return np.flatnonzero(~blank)


def _cell(cells: Any, at: int) -> Any:
    return cells.iat[at] if isinstance(cells, pd.Series) else cells[at]


def _header_findings(raw: RawTable, table: Table) -> list[Finding]:
    out: list[Finding] = []
    known = [column.name for column in table.columns]
    seen: set[str] = set()

    def fault(name: str | None, problem: str, mend: str, severity: str = "error") -> None:
        out.append(Finding(raw.file, 1, name, None, problem, mend, "warning" if severity == "warning" else "error"))

    for at, name in enumerate(raw.header):
        if not name:
            if any(not is_blank(cell) for cell in raw.cells[at]):
                fault(None, f"column {at + 1} has cells but no name", "Write a name in row 1 or empty the column")
            continue
        if name in seen:
            fault(name, "stands twice in the header", "Remove or rename one of the two columns")
        seen.add(name)
        split = SPLIT.fullmatch(name)
        if table.column(name) is not None:
            continue
        if split and split["base"] in known:
            fault(name, f"{split['base']} cannot be given by period", f"Rename the column to {split['base']}")
        elif "@" in name and name.split("@")[0].strip() in known:
            fault(name, "does not end in a period", f"Write {name.split('@')[0].strip()}@2026, without blanks")
        elif name in NAMES_OF_KEYS:
            fault(name, f"is the name of an identifier that {table.name} does not have", "Rename this extra column")
        elif _loosely(name) in {_loosely(word) for word in known} - {_loosely(word) for word in raw.header if word in known}:
            fault(name, "is not a column of this table", near(name, known))
        elif any(sign in name for sign in ".[]=|,") or CONTROL.search(name) or name != name.strip():
            fault(name, "holds a sign that parts the words of a key", "Rename the column without . [ ] = | ,")
        elif hint := near(name, [word for word in known if word not in raw.header]):
            if _is_typo(name, [word for word in known if word not in raw.header]):
                fault(name, "is not a column of this table and kept as an extra one", hint, "warning")
    for column in table.columns:
        present = column.name in seen or (column.split and any(s.startswith(column.name + "@") for s in seen))
        if column.required and not present:
            fault(
                column.name,
                "is missing",
                near(
                    column.name, [h for h in raw.header if h and h not in known], f"Add the column {column.name} ({column.note})"
                ),
            )
    return out


def _loosely(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


def _is_typo(name: str, words: Sequence[str]) -> bool:
    """Whether one letter was left out, added, changed or swapped."""
    return len(name) > 4 and any(
        name != word and (sorted(name) == sorted(word) or _one_apart(name, word))
        for word in words
        if abs(len(word) - len(name)) < 2
    )


def _one_apart(a: str, b: str) -> bool:
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[start + 1 :] == b[start + 1 :] or a[start + 1 :] == b[start:] or a[start:] == b[start + 1 :]


def typed_column(
    values: Any, column: Column | None, file: str, name: str, rows: np.ndarray
) -> tuple[pd.Series | np.ndarray, list[Finding]]:
    """One column as text or numbers; ``column`` None = an extra one, numeric if every cell is a plain number."""
    report = _Report(file, name, rows)
    if column is None:
        return _extra_column(values, report), report.findings
    if column.is_text:
        return _text_column(values, column, report), report.findings
    return _number_column(values, column, report), report.findings


def _extra_column(values: Any, report: _Report) -> pd.Series | np.ndarray:
    free = Column(report.column, "number")
    if isinstance(values, pd.Series) and pd.api.types.is_numeric_dtype(values.dtype) and values.notna().any():
        return _number_column(values, free, report)
    cells = [None if is_blank(v) else v for v in values]
    filled = [v for v in cells if v is not None]
    if filled and all(isinstance(v, (int, float, np.number)) and not isinstance(v, (bool, np.bool_)) for v in filled):
        return _number_column(cells, free, report)
    if filled and all(_is_plain_number(v) for v in set(map(_text, filled))):
        return _number_column([None if v is None else _text(v) for v in cells], free, report)
    return _text_column(cells, Column(report.column, "text"), report)


def _is_plain_number(text: str) -> bool:
    """A number that is not a code: no zero in front, and no more digits than a float keeps."""
    match = PLAIN_NUMBER.fullmatch(text)
    if match is None or not math.isfinite(float(text)):
        return False
    whole = match["rest"] is None and match["only"] is None and match["power"] is None
    return len(match["digits"].replace(".", "").lstrip("0")) <= (15 if whole else 17)


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a decimal point, dates as ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else str(value)


def _text_column(values: Any, column: Column, report: _Report) -> pd.Series:
    cells: list[Any] = list(values)
    if column.kind == "id":
        report.add(
            (n for n, v in enumerate(cells) if not isinstance(v, str) and not is_blank(v)),
            [_text(v) for v in cells] if any(not isinstance(v, str) for v in cells) else cells,
            "is a number; identifiers are texts",
            "Format the column as text and write it again, with the zeros it begins with",
        )
    texts = ["" if is_blank(v) else v if isinstance(v, str) else _text(v) for v in cells]
    if column.kind != "text":
        texts = [v.strip() for v in texts]
    distinct = set(texts) - {""}
    faults = {value: fault for value in distinct if (fault := _text_fault(value, column))}
    for problem in sorted(set(faults.values())):
        report.add((n for n, v in enumerate(texts) if faults.get(v) == problem), texts, problem, lambda v: _text_mend(v, column))
    out = pd.Series(texts, dtype="str")
    return out.mask(out == "") if "" in texts else out


def _text_fault(value: str, column: Column) -> str | None:
    if CONTROL.search(value):
        return "holds a control character"
    if column.kind == "id":
        return (identifier_fault(value) or "").split(";")[0] or None
    if column.kind == "choice" and value not in column.choices:
        return "is not one of the values offered"
    if column.kind == "list":
        parts = [part.strip() for part in value.split(";")]
        if column.name == "starts" and any(part and not re.fullmatch(r"-?\d+", part) for part in parts):
            return "is not a list of periods"
        if column.refers and any(part and identifier_fault(part) for part in parts):
            return "is not a list of identifiers"
    return None


def _text_mend(value: str, column: Column) -> str:
    if CONTROL.search(value):
        return "Remove it"
    if column.kind == "choice":
        return near(value, column.choices, "Write one of " + ", ".join(column.choices))
    if column.kind == "list":
        return "Write them as a;b"
    return "Use 1 to 64 letters, digits, _ or -, and none of the reserved words"


def _number_column(values: Any, column: Column, report: _Report) -> np.ndarray:
    numbers, originals = _numbers(values, column, report)
    infinite = np.isinf(numbers)
    if infinite.any() and not column.infinite:
        report.add(
            np.flatnonzero(infinite).tolist(), originals, "is not a finite number", "Write a number, or leave the cell blank"
        )
        numbers = np.where(infinite, np.nan, numbers)
    low, high = LIMITS.get(column.kind, (-math.inf, math.inf))
    below, above = numbers < low, numbers > high
    if below.any():
        report.add(
            np.flatnonzero(below).tolist(),
            originals,
            "is negative" if low == 0 else f"is below {low:g}",
            f"Write a {_meaning(column)}",
        )
    if above.any():
        report.add(np.flatnonzero(above).tolist(), originals, f"is above {high:g}", f"Write a {_meaning(column)}")
    if column.kind in WHOLE_KINDS:
        broken = np.isfinite(numbers) & (numbers != np.floor(numbers)) & ~below & ~above
        if broken.any():
            report.add(np.flatnonzero(broken).tolist(), originals, "is not a whole number", f"Write a {_meaning(column)}")
    return numbers


def _meaning(column: Column) -> str:
    words = {
        "share": "share between 0 and 1",
        "flag": "1 (yes) or a 0 (no)",
        "count": "whole number of at least 0",
        "year": "whole number such as 2026",
        "longitude": "longitude between -180 and 180",
        "latitude": "latitude between -90 and 90",
        "number": "number",
    }
    return words.get(column.kind, "number of at least 0")


def _numbers(values: Any, column: Column, report: _Report) -> tuple[np.ndarray, Sequence[Any]]:
    """Cells as float64, and the cells as given for messages."""
    if isinstance(values, pd.Series) and pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=float, na_value=np.nan), values.to_numpy(dtype=object)  # type: ignore[return-value]
    cells = list(values)
    if all(isinstance(v, str) for v in cells):
        texts = [v.strip() for v in cells]
        if set("".join(texts)) <= NUMBER_SIGNS:
            try:
                return np.array([float(v) if v else math.nan for v in texts], dtype=float), cells
            except ValueError:
                pass  # some cell has the signs of a number in the wrong order: look at each
    out = np.full(len(cells), np.nan)
    wrong = []
    for n, value in enumerate(cells):
        if isinstance(value, str) and not value.strip():
            continue
        number = None if is_blank(value) else _number(value, column)
        if number is not None:
            out[n] = number
        elif not is_blank(value):
            wrong.append(n)
    report.add(wrong, cells, "is not a number", lambda v: _number_mend(v, column))
    return out, cells


def _number(value: Any, column: Column) -> float | None:
    if isinstance(value, (bool, np.bool_)):
        return float(value) if column.kind == "flag" else None
    if isinstance(value, (int, float, np.number)):
        return float(value)
    text = str(value).strip()
    if column.infinite and text.lower() in ("inf", "+inf"):
        return math.inf
    return float(text) if NUMBER.fullmatch(text) else None


def _number_mend(value: Any, column: Column) -> str:
    text = str(value).strip().replace("，", ",")
    if NUMBER.fullmatch(bare := re.sub(r"(?<=\d)[,\u00a0' ](?=\d{3})", "", text)):
        return f"Write {bare}, without separators"
    if text.endswith(("%", "％")) and NUMBER.fullmatch(text[:-1].strip()):
        return f"Write {float(text[:-1]) / 100:g}; tables have shares between 0 and 1"
    if text.endswith(("万", "亿", "万元", "亿元", "元")):
        return "Write only the number, in the unit that instance.yaml names"
    if text.lower() in ("na", "n/a", "nan", "-", "null", "none", "无", "#n/a"):
        return "Leave the cell blank if the figure is unknown"
    if column.kind == "flag":
        return "Write 1 (yes) or 0 (no)"
    return "Write a number with a decimal point, or leave the cell blank"


def _blank_findings(frame: pd.DataFrame, table: Table, file: str, rows: np.ndarray) -> list[Finding]:
    out: list[Finding] = []
    for column in table.columns:
        if not column.required:
            continue
        given = [c for c in frame.columns if c == column.name or (column.split and c.startswith(column.name + "@"))]
        if not given:
            continue
        blank = frame[given].isna()
        empty = (
            blank[column.name] & blank.any(axis=1)
            if len(given) == 1 and column.name in given
            else blank[column.name] & blank.drop(columns=column.name).any(axis=1)
            if column.name in given
            else blank.any(axis=1)
        ).to_numpy()
        report = _Report(file, column.name, rows)
        report.add(np.flatnonzero(empty).tolist(), [None] * len(frame), "is blank but needed", f"Fill it in ({column.note})")
        out.extend(report.findings)
    return out


def key_findings(frame: pd.DataFrame, table: Table, file: str, rows: np.ndarray) -> list[Finding]:
    """Rows whose key another row has already."""
    key = [name for name in table.key if name in frame.columns]
    required = [name for name in table.key if name in table.required]
    if not key or any(name not in frame.columns for name in required) or not len(frame):
        return []
    whole = frame[required].notna().all(axis=1).to_numpy()
    again = np.flatnonzero(frame.duplicated(key, keep="first").to_numpy() & whole)
    if not len(again):
        return []
    first = {
        tuple(values): n for n, values in reversed(list(enumerate(frame[key].fillna("").itertuples(index=False, name=None))))
    }
    texts = ["/".join(_text(v) for v in values if v != "") for values in frame[key].fillna("").itertuples(index=False, name=None)]
    out = []
    for at in again[:MOST_PER_COLUMN]:
        before = first[tuple(frame[key].iloc[at].fillna(""))]
        out.append(
            Finding(
                file,
                int(rows[at]),
                ", ".join(table.key),
                texts[at],
                f"stands already in row {int(rows[before])}",
                "Remove one of the two rows",
            )
        )
    if len(again) > MOST_PER_COLUMN:
        out.append(
            Finding(
                file,
                None,
                ", ".join(table.key),
                None,
                f"has {len(again) - MOST_PER_COLUMN} more repeated rows",
                "Remove what is repeated",
            )
        )
    return out
