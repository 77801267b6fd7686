"""An instance: what a planner gives, typed and complete, whatever form it came in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.instance.findings import Finding, InstanceError, in_order, near, raise_if_errors
from optimizer.instance.folder import Source, read_folder, write_folder
from optimizer.instance.normal import normal_settings
from optimizer.instance.reading import RawTable, empty_table, typed_table
from optimizer.instance.schema import SPLIT, TABLES
from optimizer.instance.settings import Settings, parse_settings

if TYPE_CHECKING:
    from optimizer.instance.data import Data


@dataclass(frozen=True, eq=False)
class Instance:
    """Tables and settings as given; nothing changes once it is made.

    Attributes
    ----------
    tables : every table of the format, perhaps empty; texts as ``str`` (missing = NaN), numbers as float64
        (NaN = blank), columns split by period as ``people@2026``
    settings : the typed ``instance.yaml``
    raw_settings : the same as plain mappings, for writing it back
    origin : where it came from
    changes : (KEY, VALUE) of every change applied, in order
    decisions : the planner's decisions that were applied, normalised; None = none were given
    scenario_name : the scenario that was applied last
    warnings : what was strange but no error when it was read
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Settings
    raw_settings: Mapping[str, Any]
    origin: str = ""
    changes: tuple[tuple[str, Any], ...] = ()
    decisions: pd.DataFrame | None = None
    scenario_name: str | None = None
    warnings: tuple[Finding, ...] = ()
    rows: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)

    @classmethod
    def from_frames(cls, *, settings: Mapping[str, Any] | None = None, **tables: pd.DataFrame) -> Instance:
        """An instance from data frames and a mapping like ``instance.yaml``.

        Raises
        ------
        InstanceError : with every problem found
        """
        source = Source("data frames", settings=dict(settings or {}), settings_file="settings")
        for name, frame in tables.items():
            if name not in TABLES:
                source.findings.append(
                    Finding(name, None, None, None, "is not a table", near(name, TABLES, "Give one of " + ", ".join(TABLES)))
                )
                continue
            plain = frame.reset_index() if set(frame.index.names) & set(TABLES[name].key) else frame
            header = [str(column) for column in plain.columns]
            cells = [plain.iloc[:, n] for n in range(len(header))]
            source.tables[name] = RawTable(name, name, header, cells, np.arange(2, len(plain) + 2))
        return build(source)

    def to_folder(self, folder: str | os.PathLike[str]) -> None:
        """Write the instance as a folder."""
        write_folder(FilePath(folder), self.tables, self.raw_settings, self.decisions)

    def to_workbook(self, file: str | os.PathLike[str]) -> None:
        """Write the instance as a workbook."""
        from optimizer.instance.workbook import write_workbook

        write_workbook(FilePath(file), self.tables, self.raw_settings, self.decisions)

    def with_(self, changes: Mapping[str, Any] | None = None, /, **groups: Mapping[str, Any]) -> Instance:
        """The instance with changes: ``with_({"budget.central": "+10%"})`` or ``with_(budget={"central": "+10%"})``."""
        from optimizer.instance.changes import apply_changes, flat_changes

        return apply_changes(self, flat_changes(changes or {}, groups))

    def scenario(self, name: str) -> Instance:
        """The instance under one of its scenarios; what that scenario builds on (``from``) comes first."""
        from optimizer.instance.changes import apply_scenario

        return apply_scenario(self, name)

    def with_decisions(self, decisions: pd.DataFrame | str | os.PathLike[str]) -> Instance:
        """The instance with a planner's decisions (a frame or a ``decisions.csv``) applied."""
        from optimizer.instance.decisions import apply_decisions

        return apply_decisions(self, decisions)

    @cached_property
    def money_decisions(self) -> pd.DataFrame | None:
        """Decisions on money: stream, county, category, period, decision, amount (blank = whole); None = none."""
        if self.decisions is None:
            return None
        from optimizer.instance.decisions import money_decisions

        return money_decisions(self.decisions)

    @cached_property
    def data(self) -> Data:
        """The instance with every default filled, every period split out and every candidate pair made."""
        from optimizer.instance.data import expand

        return expand(self)

    def __getstate__(self) -> dict[str, Any]:
        """Plain mappings in place of read-only views, without what can be derived again; so it goes to other processes."""
        names = self.__dataclass_fields__
        return {name: dict(value) if isinstance(value := getattr(self, name), Mapping) else value for name in names}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, MappingProxyType(value) if isinstance(value, dict) else value)

    def row_number(self, table: str, position: int) -> int:
        """The row of a record as a spreadsheet shows it (the header is row 1)."""
        numbers = self.rows.get(table)
        return int(numbers[position]) if numbers is not None and position < len(numbers) else position + 2

    def equals(self, other: Instance) -> bool:
        """Whether both hold the same data: the same tables and the same settings."""
        return dict(self.raw_settings) == dict(other.raw_settings) and all(
            self.tables[name].equals(other.tables[name]) for name in TABLES
        )

    def replaced(self, **fields: Any) -> Instance:
        """A copy with other fields."""
        return replace(self, **fields)


def read(path: str | os.PathLike[str]) -> Instance:
    """Read an instance from a folder or a workbook (.xlsx).

    Raises
    ------
    InstanceError : with every problem found
    """
    place = FilePath(path)
    if place.is_dir():
        return build(read_folder(place))
    if place.is_file() and place.suffix.lower() in (".xlsx", ".xlsm"):
        from optimizer.instance.workbook import read_workbook

        return build(read_workbook(place))
    problem = "is neither a folder nor a workbook (.xlsx)" if place.exists() else "does not exist"
    raise InstanceError([Finding(str(path), None, None, None, problem, "Name an instance folder or an .xlsx file")])


def build(source: Source) -> Instance:
    """Types for everything that was read; raises with all findings if there is an error among them."""
    findings = list(source.findings)
    tables: dict[str, pd.DataFrame] = {}
    rows: dict[str, np.ndarray] = {}
    for name in TABLES:
        if name in source.tables:
            tables[name], rows[name], found = typed_table(source.tables[name])
            findings.extend(found)
        else:
            tables[name] = empty_table(name)
    raw = normal_settings(source.settings)
    settings, found = parse_settings(raw, source.settings_file, source.lines)
    findings.extend(found)
    counties = source.table_file.format("counties")
    if not len(tables["counties"]) and not any(finding.file == counties for finding in findings):
        problem = "has no rows" if "counties" in source.tables else "is missing"
        findings.append(Finding(counties, None, None, None, problem, "Give it a column county and one row for each county"))
    if settings is not None:
        findings.extend(_period_findings(source.tables, settings))
    findings = in_order(findings)
    raise_if_errors(findings)
    assert settings is not None
    return Instance(
        MappingProxyType(tables),
        settings,
        MappingProxyType(raw),
        source.origin,
        warnings=tuple(findings),
        rows=MappingProxyType(rows),
    )


def _period_findings(raw_tables: Mapping[str, RawTable], settings: Settings) -> list[Finding]:
    """Columns split by a period that the instance does not have, or without one that it has."""
    out = []
    periods = list(settings.periods)
    for name, raw in raw_tables.items():
        for column in TABLES[name].columns:
            given = {int(m["period"]): h for h in raw.header if (m := SPLIT.fullmatch(h)) and m["base"] == column.name}
            for period, header in given.items():
                if column.split and period not in settings.periods:
                    out.append(
                        Finding(
                            raw.file,
                            1,
                            header,
                            None,
                            f"{period} is not one of the periods",
                            f"Name periods between {periods[0]} and {periods[-1]}, or change periods in instance.yaml",
                        )
                    )
            if given and column.required and column.name not in raw.header:
                out.extend(
                    Finding(
                        raw.file,
                        1,
                        f"{column.name}@{period}",
                        None,
                        "is missing",
                        f"Add it, or a column {column.name} that holds for every period not split out",
                    )
                    for period in periods
                    if period not in given
                )
    return out
