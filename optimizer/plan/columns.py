"""What every column of a plan folder means, in English and Chinese.

The meanings stand in ``columns.csv`` beside this module; a plan's own `columns.csv` is made from it, with the
instance's unit where the unit is ``money``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

MONEY, FIT_PART = "money", "fit_"


class Meaning(NamedTuple):
    """Unit (``money`` = the instance's unit) and meaning of a column."""

    unit: str
    meaning: str
    meaning_zh: str


def _meanings() -> dict[str, dict[str, Meaning]]:
    out: dict[str, dict[str, Meaning]] = {}
    with (Path(__file__).with_name("columns.csv")).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            out.setdefault(row["file"], {})[row["column"]] = Meaning(row["unit"], row["meaning"], row["meaning_zh"])
    return out


#: Table → column → meaning, in the order in which the columns stand in the files.
FILES: dict[str, dict[str, Meaning]] = _meanings()

TEXT = frozenset({
    "stream", "county", "category", "scope", "donor", "status", "project", "sector", "need", "kind", "criterion", "role",
    "sense", "unit", "rule", "index", "sentence", "file", "column", "meaning", "meaning_zh",
})


def fit_parts(columns: Iterable[object]) -> list[str]:
    """Those columns that hold a part of the fit, as ``fit_PART``: an instance's own, so no file of the format names them."""
    return [str(name) for name in columns if str(name).startswith(FIT_PART)]


def all_columns(name: str, frame: pd.DataFrame) -> list[str]:
    """The columns of a table's file: those of the format, then the parts of the fit."""
    return [*FILES[name], *(fit_parts(frame.columns) if name == "pairings" else [])]


def columns_table(money_unit: str, parts: Sequence[str] = ()) -> pd.DataFrame:
    """``columns.csv``: file, column, unit, meaning, meaning_zh; ``parts``: columns of pairings.csv that hold parts of the fit."""
    own = {name: Meaning("points", f"part of the fit before its weight: {name.removeprefix(FIT_PART)}",
                         f"匹配度的组成部分（未乘权重）：{name.removeprefix(FIT_PART)}") for name in parts}
    rows = [
        (f"{file}.csv", column, money_unit if meaning.unit == MONEY else meaning.unit, meaning.meaning, meaning.meaning_zh)
        for file, columns in FILES.items() for column, meaning in (columns | own if file == "pairings" else columns).items()
    ]
    return pd.DataFrame(rows, columns=["file", "column", "unit", "meaning", "meaning_zh"])
