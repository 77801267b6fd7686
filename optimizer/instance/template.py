"""What ``optimizer new`` writes: a small sound instance with remarks, as a folder or as a workbook with drop-downs."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import read
from optimizer.instance.schema import TABLES, Column
from optimizer.instance.template_workbook import write_template_workbook

TEMPLATES = "optimizer.instance.templates"


def write_template(path: str | os.PathLike[str], xlsx: bool = False) -> Path:
    """Write a template that a planner can fill in.

    Parameters
    ----------
    path : a folder that does not exist or is empty; with ``xlsx`` a workbook that does not exist (``.xlsx`` is added)
    xlsx : write a workbook with drop-downs, notes and units instead of a folder

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    InstanceError : something stands there already; nothing is overwritten
    """
    target = Path(path)
    if xlsx:
        target = target if target.suffix.lower() == ".xlsx" else target.with_name(target.name + ".xlsx")
    _refuse_to_overwrite(target, xlsx)
    with resources.as_file(resources.files(TEMPLATES)) as source:
        if xlsx:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_template_workbook(target, read(source))
            return target
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(source.iterdir()):
            if file.suffix == ".csv":  # with the mark by which Excel knows UTF-8
                (target / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig", newline="\n")
            elif file.suffix == ".yaml":
                (target / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
            elif file.suffix == ".md":
                text = file.read_text(encoding="utf-8") + "\n".join(described())
                (target / file.name).write_text(text + "\n", encoding="utf-8", newline="\n")
    return target


def _refuse_to_overwrite(target: Path, xlsx: bool) -> None:
    if xlsx and target.exists():
        raise InstanceError([Finding(str(target), None, None, None, "exists already", "Name a new file; nothing is overwritten")])
    if target.is_dir() and any(target.iterdir()):
        raise InstanceError([Finding(str(target), None, None, None, "is not empty",
                                     "Name a new or an empty folder; nothing is overwritten")])
    if target.is_file():
        raise InstanceError([Finding(str(target), None, None, None, "is a file", "Name a folder, or ask for a workbook")])


def described() -> list[str]:
    """Every table and column of the format as lines of Markdown."""
    lines: list[str] = []
    for table in TABLES.values():
        lines += [f"### {table.name}", "", f"{table.note}. One row for each: {', '.join(table.key)}.", "",
                  "| column | meaning | unit | blank |", "|---|---|---|---|"]
        lines += [f"| `{column.name}{'@' if column.split else ''}` | {meaning(column)} | {column.unit} | {blank(column)} |"
                  for column in table.columns]
        lines.append("")
    return lines


def meaning(column: Column) -> str:
    """What a column holds, with the choices there are."""
    choices = f" ({', '.join(column.choices)})" if column.choices else ""
    return f"{column.note}{choices}" + (" (1/0)" if column.kind == "flag" else "") + (" (a;b)" if column.kind == "list" else "")


def blank(column: Column) -> str:
    """What a blank cell means."""
    if column.required:
        return "not allowed"
    if column.default is None:
        return "see left" if "blank =" in column.note else "unknown"
    return f"{column.default:g}" if isinstance(column.default, float) else str(column.default)
