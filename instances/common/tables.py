"""Reading source tables and writing instance tables, always in the same bytes."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

BOM = "﻿"


def read_source(folder: Path, name: str) -> pd.DataFrame:
    """Return a source table as text, blanks as empty strings; identifiers keep their zeros."""
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")


def numeric(column: pd.Series) -> pd.Series:
    """Turn a text column into numbers, blank into NaN."""
    return pd.to_numeric(column.replace("", np.nan))


def cell(value: object) -> str:
    """Write one value: whole numbers without a point, unknown as blank, lists with semicolons."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (list, tuple)):
        return ";".join(str(item) for item in value)
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else repr(round(float(value), 6))
    return str(value)


def write_table(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Write ``name.csv`` as UTF-8 with BOM and line feeds, rows in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        stream.write(BOM)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(frame.columns)
        for row in frame.itertuples(index=False, name=None):
            writer.writerow([cell(value) for value in row])


def write_text(folder: Path, name: str, text: str) -> None:
    """Write a text file as UTF-8 with line feeds."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8", newline="\n")


@dataclass
class Provenance:
    """Where each column, and each imputed cell, comes from (`provenance.csv`)."""

    rows: list[tuple[str, str, str, str, str, str]] = field(default_factory=list)

    def column(self, table: str, column: str, status: str, source: str, note: str = "") -> None:
        """Say it of a whole column; cells said one by one take precedence."""
        self.rows.append((table, "*", column, status, source, note))

    def cell(self, table: str, key: str, column: str, status: str, source: str, note: str = "") -> None:
        """Say it of one cell."""
        self.rows.append((table, key, column, status, source, note))

    def frame(self) -> pd.DataFrame:
        """Return the table, columns first and then cells, each sorted by key."""
        names = ["table", "key", "column", "status", "source", "note"]
        frame = pd.DataFrame(self.rows, columns=names)
        frame["order"] = (frame["key"] != "*").astype(int)
        return frame.sort_values(["order", "table", "column", "key"], kind="stable")[names]
