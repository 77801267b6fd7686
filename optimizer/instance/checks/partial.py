"""What can be read of an instance that cannot be read whole, so that all of its problems are told at once."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import Any

from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.folder import Source, read_folder
from optimizer.instance.instance import Instance
from optimizer.instance.normal import normal_settings
from optimizer.instance.reading import empty_table, typed_table
from optimizer.instance.schema import TABLES
from optimizer.instance.settings import Settings, parse_settings

GROUND = ("format", "title", "source", "money", "periods", "needs", "categories", "streams", "pairs", "groups")


def read_partly(path: str | os.PathLike[str]) -> Instance | None:
    """The tables that could be read, wrong cells blank, under what could be read of the settings; None if nothing could.

    Where the whole settings cannot be read, rules, criteria, method and scenarios are left out.
    """
    try:
        source = _source(Path(path))
    except InstanceError:
        return None
    if source is None:
        return None
    read = {name: typed_table(raw) for name, raw in source.tables.items()}
    tables = {name: read[name][0] if name in read else empty_table(name) for name in TABLES}
    settings, raw = _settings(normal_settings(source.settings))
    if settings is None or not len(tables["counties"]):
        return None
    rows = {name: found[1] for name, found in read.items()}
    return Instance(MappingProxyType(tables), settings, MappingProxyType(raw), source.origin, rows=MappingProxyType(rows))


def _source(path: Path) -> Source | None:
    if path.is_dir():
        return read_folder(path)
    if path.is_file() and path.suffix.lower() in (".xlsx", ".xlsm"):
        from optimizer.instance.workbook import read_workbook

        return read_workbook(path)
    return None


def _settings(raw: dict[Any, Any]) -> tuple[Settings | None, dict[Any, Any]]:
    """All settings, or those that the tables stand on."""
    settings, _ = parse_settings(raw)
    if settings is None:
        raw = {key: value for key, value in raw.items() if key in GROUND}
        settings, _ = parse_settings(raw)
    return settings, raw


def not_told(found: list[Finding], before: list[Finding]) -> list[Finding]:
    """Findings on cells and settings that no finding ``before`` speaks of."""
    told = {(finding.file, finding.row, (finding.column or "").partition("@")[0]) for finding in before}
    return [f for f in found if (f.file, f.row, (f.column or "").partition("@")[0]) not in told]
