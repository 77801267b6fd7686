"""From the raw cells of one column to text or numbers.

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
from optimizer.instance.schema import LIMITS, RESERVED, WHOLE_KINDS, Column
from optimizer.instance.settings_values import identifier_fault

MOST_PER_COLUMN = 20
NUMBER_SIGNS = frozenset("0123456789.+-eE")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
PLAIN_NUMBER = re.compile(r"-?(?P<digits>(?:0|[1-9][0-9]*)(?P<rest>\.[0-9]+)?|(?P<only>\.[0-9]+))(?P<power>[eE][+-]?[0-9]{1,3})?")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
IDENTIFIERS = re.compile(r"(?:[\w-]{1,64}\n)*")
MEANINGS = {
    "share": "share between 0 and 1",
    "flag": "1 (yes) or a 0 (no)",
    "count": "whole number of at least 0",
    "year": "whole number such as 2026",
    "longitude": "longitude between -180 and 180",
    "latitude": "latitude between -90 and 90",
    "number": "number",
}


@dataclass
class ColumnReport:
    """Collects what is wrong in one column, at most :data:`MOST_PER_COLUMN` findings of a kind.

    ``wrong`` holds the positions of all cells that could not be read.
    """

    file: str
    column: str
    rows: np.ndarray
    findings: list[Finding] = field(default_factory=list)
    wrong: set[int] = field(default_factory=set)

    def add(self, positions: Iterable[int], values: Sequence[Any], problem: str, mend: str | Callable[[Any], str]) -> None:
        """Tell that the cells at ``positions`` of ``values`` have a problem."""
        found = [int(at) for at in positions]
        self.wrong.update(found)
        for at in found[:MOST_PER_COLUMN]:
            value = None if is_blank(values[at]) else cell_text(values[at])
            words = mend(value) if callable(mend) else mend
            self.findings.append(Finding(self.file, int(self.rows[at]), self.column, value, problem, words))
        if len(found) > MOST_PER_COLUMN:
            more = f"has {len(found) - MOST_PER_COLUMN} more cells of which each {problem}"
            self.findings.append(Finding(self.file, None, self.column, None, more, "Mend them in the same way"))


def is_blank(value: Any) -> bool:
    """Whether a cell is empty."""
    if isinstance(value, str):
        return not value
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float | np.floating) and math.isnan(value))


def is_numeric(cells: Any) -> bool:
    """Whether cells are a series of numbers already."""
    return isinstance(cells, pd.Series) and bool(pd.api.types.is_numeric_dtype(cells.dtype))


def as_list(cells: Any) -> list[Any]:
    """Cells as a plain list."""
    return cells.to_numpy(dtype=object).tolist() if isinstance(cells, pd.Series) else list(cells)


def typed_column(
    values: Any, column: Column | None, file: str, name: str, rows: np.ndarray
) -> tuple[pd.Series | np.ndarray, list[Finding]]:
    """One column as text (``str``, missing = NaN) or numbers (float64, NaN = blank), and what is wrong in it.

    Parameters
    ----------
    values : cells as text, numbers, truth values or dates
    column : its description; None = an extra one, numeric if every cell is a plain number
    rows : row of each cell as a spreadsheet shows it
    """
    report = ColumnReport(file, name, rows)
    return converted(values, column, report), report.findings


def converted(values: Any, column: Column | None, report: ColumnReport) -> pd.Series | np.ndarray:
    """Like :func:`typed_column`, telling what is wrong to ``report``."""
    if column is None:
        return _extra_column(values, report)
    return _text_column(values, column, report) if column.is_text else _number_column(values, column, report)


def _extra_column(values: Any, report: ColumnReport) -> pd.Series | np.ndarray:
    free = Column(report.column, "number")
    if is_numeric(values) and values.notna().any():
        return _number_column(values, free, report)
    cells = ["" if is_blank(v) else v for v in as_list(values)]
    if any(not isinstance(v, str) for v in cells) and all(
        v == "" or (isinstance(v, int | float | np.number) and not isinstance(v, bool)) for v in cells
    ):
        return _number_column(cells, free, report)
    texts = [cell_text(v) for v in cells]
    if any(texts) and all(_is_plain_number(v) for v in set(texts) - {""}):
        return _number_column(texts, free, report)
    return _text_column(texts, Column(report.column, "text"), report)


def _is_plain_number(text: str) -> bool:
    """A number that is not a code: no zero in front, and no more digits than a float keeps."""
    match = PLAIN_NUMBER.fullmatch(text)
    if match is None or not math.isfinite(float(text)):
        return False
    whole = match["rest"] is None and match["only"] is None and match["power"] is None
    return len(match["digits"].replace(".", "").lstrip("0")) <= (15 if whole else 17)


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without a decimal point, truth values as 1 and 0, dates as ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


def _text_column(values: Any, column: Column, report: ColumnReport) -> pd.Series:
    cells = as_list(values)
    if not set(map(type, cells)) <= {str}:
        if column.kind == "id":
            numbers = [n for n, v in enumerate(cells) if not isinstance(v, str) and not is_blank(v)]
            mend = "Format the column as text before writing it, with all the zeros it begins with"
            report.add(numbers, cells, "is a number, but identifiers are texts", mend)
        cells = ["" if is_blank(v) else cell_text(v) for v in cells]
    texts = cells if column.kind == "text" else list(map(str.strip, cells))
    faults = _text_faults(set(texts) - {""}, column)
    for problem in sorted(set(faults.values())):
        found = [n for n, v in enumerate(texts) if faults.get(v) == problem]
        report.add(found, texts, problem, lambda v: _text_mend(v, column))
    out = pd.Series(texts, dtype="str")
    return out.mask(out == "") if "" in texts else out


def _text_faults(distinct: set[str], column: Column) -> dict[str, str]:
    """What is wrong with each text that is wrong."""
    joined = "\n".join(distinct) + "\n"
    if not CONTROL.search(joined) and (
        column.kind == "text"
        or (column.kind == "choice" and distinct <= set(column.choices))
        or (column.kind == "id" and IDENTIFIERS.fullmatch(joined) and distinct.isdisjoint(RESERVED))
    ):
        return {}
    return {value: fault for value in distinct if (fault := _text_fault(value, column))}


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


def _number_column(values: Any, column: Column, report: ColumnReport) -> np.ndarray:
    numbers, cells = _numbers(values, column, report)
    low, high = LIMITS.get(column.kind, (-math.inf, math.inf))
    mend = f"Write a {MEANINGS.get(column.kind, 'number of at least 0')}"
    infinite = np.isinf(numbers) & (numbers < 0 if column.infinite else True)
    below, above = (numbers < low) & ~infinite, (numbers > high) & ~infinite
    broken = np.zeros(len(numbers), dtype=bool)
    if column.kind in WHOLE_KINDS:
        broken = np.isfinite(numbers) & (numbers != np.floor(numbers)) & ~below & ~above
    for wrong, problem in (
        (infinite, "is not a finite number"),
        (below, "is negative" if low == 0 else f"is below {low:g}"),
        (above, f"is above {high:g}"),
        (broken, "is not a whole number"),
    ):
        if wrong.any():
            report.add(np.flatnonzero(wrong).tolist(), cells, problem, mend)
    return np.where(infinite, np.nan, numbers) if infinite.any() else numbers


def _numbers(values: Any, column: Column, report: ColumnReport) -> tuple[np.ndarray, Sequence[Any]]:
    """Cells as float64, and the cells as given for messages."""
    if is_numeric(values):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        return numbers, numbers
    cells = as_list(values)
    if set(map(type, cells)) <= {str}:
        texts = list(map(str.strip, cells))
        if set("".join(texts)) <= NUMBER_SIGNS:
            try:
                return np.array([float(v) if v else math.nan for v in texts], dtype=float), cells
            except ValueError:
                pass  # some cell has the signs of a number in the wrong order: look at each
    out = np.full(len(cells), np.nan)
    wrong = []
    for n, value in enumerate(cells):
        if is_blank(value) or (isinstance(value, str) and not value.strip()):
            continue
        number = _number(value, column)
        if number is None:
            wrong.append(n)
        else:
            out[n] = number
    report.add(wrong, cells, "is not a number", lambda v: _number_mend(v, column))
    return out, cells


def _number(value: Any, column: Column) -> float | None:
    """One cell as a number, or None; a number that is stored as text is one."""
    if isinstance(value, bool | np.bool_):
        return float(value) if column.kind == "flag" else None
    if isinstance(value, int | float | np.number):
        return float(value)
    text = str(value).strip()
    if column.infinite and text.lower() in ("inf", "+inf"):
        return math.inf
    return float(text) if NUMBER.fullmatch(text) else None


def _number_mend(value: str, column: Column) -> str:
    text = value.strip().replace("，", ",")
    if NUMBER.fullmatch(bare := re.sub(r"(?<=\d)[,\u00a0' ](?=\d{3})", "", text)):
        return f"Write {bare}, without separators"
    if text.endswith(("%", "％")) and NUMBER.fullmatch(text[:-1].strip()):
        return f"Write {float(text[:-1]) / 100:g}; tables have shares between 0 and 1"
    if text.endswith(("万", "亿", "元")):
        return "Write only the number, in the unit that instance.yaml names"
    if text.lower() in ("na", "n/a", "nan", "-", "null", "none", "无", "#n/a"):
        return "Leave the cell blank if the figure is unknown"
    if column.kind == "flag":
        return "Write 1 (yes) or 0 (no)"
    return "Write a number with a decimal point, or leave the cell blank"
