"""A tolerant reading of an instance, and findings that point into its files.

:mod:`optimizer.instance.data` says what a *sound* instance means. The checks have to read unsound ones too, so they
look through this view: a missing column is a blank one, text where a number belongs is NaN (reading has reported it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from optimizer.instance.checks.words import number, shown
from optimizer.instance.findings import Finding
from optimizer.instance.schema import TABLES

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.instance.settings import Settings

Array = np.ndarray
Severity = Literal["error", "warning"]
SHOWN = 10  # findings of one kind in one column that are written out; the rest is counted
SHEETS = {name: name for name in ("streams", "categories", "groups", "outcomes", "criteria", "rules", "scenarios")} | {
    "needs": "needs_list"}


@dataclass(frozen=True, eq=False)
class View:
    """An instance as the checks read it."""

    instance: Instance
    _texts: dict[tuple[str, str], pd.Series] = field(default_factory=dict, repr=False)

    @cached_property
    def settings(self) -> Settings:
        return self.instance.settings

    @cached_property
    def periods(self) -> tuple[int, ...]:
        return tuple(int(p) for p in self.settings.periods)

    @cached_property
    def is_workbook(self) -> bool:
        return str(self.instance.origin).lower().endswith((".xlsx", ".xlsm"))

    @cached_property
    def in_memory(self) -> bool:
        """Whether it was made from data frames, so that there are no files to point into."""
        return str(self.instance.origin) == "data frames"

    def frame(self, table: str) -> pd.DataFrame:
        """The table as given; an empty one if it is not there."""
        frame = self.instance.tables.get(table)
        return frame if frame is not None else pd.DataFrame()

    def size(self, table: str) -> int:
        return len(self.frame(table))

    def text(self, table: str, column: str) -> pd.Series:
        """A column of identifiers or text on a plain index; blank = missing."""
        if (table, column) not in self._texts:
            self._texts[table, column] = self._text(table, column)
        return self._texts[table, column]

    def _text(self, table: str, column: str) -> pd.Series:
        frame = self.frame(table)
        if column not in frame.columns:
            return pd.Series([None] * len(frame), dtype="object")
        cells = frame[column].reset_index(drop=True)
        if pd.api.types.is_numeric_dtype(cells.dtype):
            return cells.map(lambda x: None if pd.isna(x) else number(x)).astype("object")
        return pd.Series([x if isinstance(x, str) and x else None for x in cells.tolist()], dtype="object")

    def number(self, table: str, column: str, default: float = np.nan) -> Array:
        """A numeric column; blank = ``default``; shape (rows,)."""
        frame = self.frame(table)
        if column not in frame.columns:
            return np.full(len(frame), default)
        values = np.array(pd.to_numeric(frame[column], errors="coerce"), dtype=float)
        values[np.isnan(values)] = default
        return values

    def periodic(self, table: str, column: str, default: float = np.nan) -> Array:
        """A column that may be split by period; shape (rows, periods)."""
        out = np.repeat(self.number(table, column)[:, None], max(len(self.periods), 1), axis=1)
        for t, period in enumerate(self.periods):
            split = self.number(table, f"{column}@{period}")
            out[:, t] = np.where(np.isnan(split), out[:, t], split)
        out[np.isnan(out)] = default
        return out

    def written(self, table: str, column: str) -> list[str]:
        """The columns of the file that hold ``column``: the plain one and those split by period."""
        return [c for c in map(str, self.frame(table).columns) if c == column or c.startswith(f"{column}@")]

    def extra_columns(self, table: str) -> list[str]:
        """Columns that the format does not name."""
        known = {c.name for c in TABLES[table].columns} if table in TABLES else set()
        return [c for c in map(str, self.frame(table).columns)
                if c.partition("@")[0] not in known and not c.startswith("cost+")]

    def lists(self, table: str, column: str) -> list[tuple[str, ...]]:
        """A column of lists ``a;b``."""
        return [
            tuple(part.strip() for part in cell.split(";") if part.strip()) if isinstance(cell, str) else ()
            for cell in self.text(table, column)
        ]

    def keys(self, table: str) -> pd.Series:
        """The key of each row, its identifiers joined by ``/`` as ``provenance`` names it."""
        parts = [self.text(table, column).fillna("").astype("str") for column in TABLES[table].key]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined + "/" + part
        return joined

    @cached_property
    def _identifiers(self) -> dict[str, frozenset[str]]:
        keys = {"counties": "county", "donors": "donor", "projects": "project", "resources": "resource"}
        out = {table: frozenset(self.text(table, column).dropna()) for table, column in keys.items()}
        settings = self.settings
        out |= {"needs": frozenset(settings.needs), "categories": frozenset(settings.categories)}
        out |= {"streams": frozenset(settings.streams) | frozenset(self.pairing_streams)}
        return out | {"groups": frozenset(settings.groups), "outcomes": frozenset(settings.outcomes)}

    def identifiers(self, of: str) -> frozenset[str]:
        """The identifiers of ``counties``, ``donors``, ``projects``, ``resources``, ``needs``, ``categories`` …"""
        return self._identifiers[of]

    @cached_property
    def pairing_streams(self) -> tuple[str, ...]:
        """Streams of kind ``pairing``; ``collaboration`` is made where there are donors and none is named."""
        named = tuple(name for name, stream in self.settings.streams.items() if stream.kind == "pairing")
        return named or (("collaboration",) if self.size("donors") else ())

    # --- where ------------------------------------------------------------------------------------------------

    def file(self, table: str) -> str:
        """What a planner opens to see ``table``."""
        if self.is_workbook:
            return f"sheet {table}"
        return table if self.in_memory else f"{table}.csv"

    def row(self, table: str, position: int) -> int:
        """The row as Excel counts: the header is row 1."""
        return self.instance.row_number(table, position)

    def cell(
        self, table: str, position: int, column: str, problem: str, mend: str, severity: Severity = "error",
    ) -> Finding:
        """A finding about one cell."""
        frame = self.frame(table)
        value = (shown(frame[column].iloc[position]) or None) if column in frame.columns else None
        return Finding(self.file(table), self.row(table, position), column, value, problem, mend.rstrip("."), severity)

    def cells(
        self, table: str, column: str, mask: Array | pd.Series, problem: str | Callable[[int], str],
        mend: str | Callable[[int], str], severity: Severity = "error",
    ) -> list[Finding]:
        """A finding for each row of ``mask``, at most ``SHOWN``, and one that counts the rest."""
        at = np.flatnonzero(np.asarray(mask, dtype=bool))
        out = [
            self.cell(table, int(i), column, problem if isinstance(problem, str) else problem(int(i)),
                      mend if isinstance(mend, str) else mend(int(i)), severity)
            for i in at[:SHOWN]
        ]
        if len(at) > SHOWN:
            rest = f"{len(at) - SHOWN:,} more rows have the same problem in this column (first: row " \
                   f"{self.row(table, int(at[SHOWN]))}, last: row {self.row(table, int(at[-1]))})"
            out.append(Finding(self.file(table), None, column, None, rest, "Mend them as the ones above", severity))
        return out

    def setting(
        self, section: str, entry: str | None, field: str | None, value: Any, problem: str, mend: str,
        severity: Severity = "error",
    ) -> Finding:
        """A finding about ``instance.yaml``; ``entry`` is the identifier inside ``section``."""
        plain = "settings" if self.in_memory else "instance.yaml"
        file = f"sheet {SHEETS.get(section, 'instance')}" if self.is_workbook else plain
        path = ".".join(part for part in (section, entry, field) if part is not None)
        return Finding(file, None, path, None if value is None else shown(value), problem, mend.rstrip("."), severity)
