"""The settings sheets of a workbook: rows of cells from plain settings, and back."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import Any

from optimizer.instance.findings import Finding
from optimizer.instance.folder import Source
from optimizer.instance.normal import ENTRY_SECTIONS, FIELD_SECTIONS, FREE_TEXT
from optimizer.instance.yamltext import Path, dump_flow, load_yaml

Cell = Any  # text, number, truth value, date or blank
SHEETS: Mapping[str, str] = {
    "needs_list": "needs",
    "streams": "streams",
    "categories": "categories",
    "groups": "groups",
    "outcomes": "outcomes",
    "criteria": "criteria",
    "rules": "rules",
    "scenarios": "scenarios",
}


def settings_rows(settings: Mapping[str, Any]) -> dict[str, list[list[Cell]]]:
    """The cells of every settings sheet that is needed, the header first."""
    out: dict[str, list[list[Cell]]] = {"instance": [["key", "value"]]}
    for key, value in settings.items():
        if key in ENTRY_SECTIONS or key == "rules":
            continue
        if key in FIELD_SECTIONS and isinstance(value, Mapping):
            out["instance"].extend([f"{key}.{name}", written(str(name), part)] for name, part in value.items())
        else:
            out["instance"].append([str(key), written(str(key), value)])
    for sheet, section in SHEETS.items():
        entries = settings.get(section)
        if entries:
            out[sheet] = _entry_rows(entries)
    return out


def _entry_rows(entries: Any) -> list[list[Cell]]:
    """One row for each entry; the first column is its identifier."""
    if isinstance(entries, Mapping):
        named = [(name, entry) for name, entry in entries.items()]
    else:
        named = [(rule.get("id"), {key: value for key, value in rule.items() if key != "id"}) for rule in entries]
    fields = list(dict.fromkeys(str(field) for _, entry in named for field in entry))
    rows = [[str(name), *(written(field, entry[field]) if field in entry else "" for field in fields)] for name, entry in named]
    return [["id", *fields], *rows]


def written(field: str, value: Any) -> Cell:
    """A value as a cell: free text as it is, numbers and truth values as such, everything else as YAML."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and math.isfinite(value) and (isinstance(value, float) or abs(value) < 10**15):
        return value
    if isinstance(value, str):
        if field in FREE_TEXT:
            return value
        read, _, findings = load_yaml(value, "cell")
        if isinstance(read, str) and read == value and not findings:
            return value
    return dump_flow(value)


def settings_source(sheets: Mapping[str, list[list[Cell]]], source: Source) -> None:
    """Fill ``source.settings`` and the places of its parts from the settings sheets."""
    lines: dict[Path, int | str] = {}
    rows = sheets.get("instance", [])
    if rows and [str(cell).strip() for cell in rows[0][:2]] != ["key", "value"]:
        source.findings.append(
            Finding(
                "sheet instance",
                1,
                None,
                None,
                "does not begin with the columns key and value",
                "Write key in cell A1 and value in cell B1",
            )
        )
    for n, row in enumerate(rows[1:], start=2):
        _take_setting(row, n, source, lines)
    for sheet, section in SHEETS.items():
        if sheets.get(sheet):
            _take_entries(sheet, section, sheets[sheet], source, lines)
    source.lines = lines


def _take_setting(row: list[Cell], number: int, source: Source, lines: dict[Path, int | str]) -> None:
    """One row of ``instance``: ``title``, or ``money.step``."""
    key = str(row[0]).strip() if row else ""
    value = row[1] if len(row) > 1 else ""
    if not key:
        if value not in ("", None):
            source.findings.append(
                Finding("sheet instance", number, "key", None, "is blank beside a value", "Write a key in column A")
            )
        return
    words = tuple(key.split(".", 1)) if key.split(".", 1)[0] in FIELD_SECTIONS else (key,)
    at: Any = source.settings
    if len(words) == 2:
        at = at.setdefault(words[0], {})
        lines.setdefault(words[:1], f"sheet instance, row {number}")
    if (words in lines and (len(words) == 2 or words[0] in source.settings)) or not isinstance(at, dict):
        source.findings.append(Finding("sheet instance", number, "key", key, "stands twice", "Remove one of the two rows"))
        return
    lines[words] = f"sheet instance, row {number}"
    found = _read(words[-1], value, "sheet instance", number, "value", source.findings)
    if found is not None:
        at[words[-1]] = found


def _take_entries(sheet: str, section: str, rows: list[list[Cell]], source: Source, lines: dict[Path, int | str]) -> None:
    """One sheet with a row for each entry; the first column is its identifier whatever it is called."""
    file = f"sheet {sheet}"
    fields = ["" if cell is None else _header(cell) for cell in rows[0]]
    for at, field in enumerate(fields):
        if at and field and field in fields[1:at]:
            source.findings.append(Finding(file, 1, field, None, "stands twice in the header", "Remove one of the two columns"))
        if not field and any(row[at] not in ("", None) for row in rows[1:]):
            source.findings.append(
                Finding(file, 1, None, None, f"column {at + 1} has cells but no name", "Write a name in row 1")
            )
    entries: dict[Any, dict[str, Any]] = {}
    ordered: list[dict[str, Any]] = []
    for number, row in enumerate(rows[1:], start=2):
        if all(cell in ("", None) for cell in row):
            continue
        name = _name(row[0])
        if name == "":
            source.findings.append(Finding(file, number, fields[0] or "id", None, "is blank", "Write an identifier in column A"))
            continue
        if name in entries and section != "rules":
            source.findings.append(
                Finding(file, number, fields[0] or "id", str(name), "stands already above", "Remove one of the two rows")
            )
        entry = {
            field: value
            for field, cell in zip(fields[1:], row[1:], strict=False)
            if field and (value := _read(field, cell, file, number, field, source.findings)) is not None
        }
        path: Path = ("rules", len(ordered)) if section == "rules" else (section, name)
        lines[path] = f"{file}, row {number}"
        lines.update({(*path, field): f"{file}, row {number}" for field in entry})
        entries[name] = entry
        ordered.append({"id": name, **entry})
    if section in source.settings:
        source.findings.append(Finding(file, None, None, None, f"repeats {section} of sheet instance", "Keep one of the two"))
    lines[(section,)] = file
    source.settings[section] = ordered if section == "rules" else entries


def _header(cell: Cell) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _name(cell: Cell) -> Any:
    """An identifier as it stands; a number stays one, so that its fault is told."""
    if isinstance(cell, str):
        return cell.strip()
    return "" if cell is None else int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _read(field: str, cell: Cell, file: str, row: int, column: str, findings: list[Finding]) -> Any:
    """What a cell says; None if it is blank."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, (int, float)):
        return int(cell) if float(cell).is_integer() and abs(cell) < 1e15 else float(cell)
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    if field in FREE_TEXT:
        return str(cell)
    value, _, faults = load_yaml(str(cell), file, row)
    findings.extend(Finding(file, row, column, str(cell), fault.problem, fault.mend) for fault in faults)
    return None if faults else value
