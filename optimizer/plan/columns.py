"""What every column of a plan folder means, in English and Chinese.

The meanings stand in ``columns.csv`` beside this module; a plan's own `columns.csv` is made from it, with the
instance's unit where the unit is ``money``.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import pandas as pd

MONEY = "money"


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


def columns_table(money_unit: str) -> pd.DataFrame:
    """``columns.csv``: file, column, unit, meaning, meaning_zh."""
    rows = [
        (f"{file}.csv", column, money_unit if meaning.unit == MONEY else meaning.unit, meaning.meaning, meaning.meaning_zh)
        for file, columns in FILES.items() for column, meaning in columns.items()
    ]
    return pd.DataFrame(rows, columns=["file", "column", "unit", "meaning", "meaning_zh"])
