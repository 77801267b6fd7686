"""Reading a plan folder back: its tables as they are written, its instance and its claims."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.instance.findings import Finding, InstanceError
from optimizer.plan.choices import Claims, Level
from optimizer.plan.columns import FILES, TEXT, all_columns
from optimizer.plan.plan import TABLES, Plan

INPUTS = "inputs"
WHOLE = frozenset({"period", "start", "carried", "built", "direct", "covered", "locked", "hard"})


def is_plan(folder: Path) -> bool:
    """Whether a folder is one that `optimizer.plan.files.write_plan` wrote."""
    return (folder / "plan.json").is_file() and (folder / "audit.json").is_file() and (folder / INPUTS).is_dir()


def read_plan(folder: Path) -> Plan:
    """Read a plan folder; its tables are those of the files, nothing is recomputed.

    Raises
    ------
    InstanceError : the folder is not a plan, or a file of it is missing or broken
    """
    from optimizer.instance.instance import read

    if not is_plan(folder):
        raise _broken(str(folder), "is not a plan folder", "Name a folder that 'optimizer solve' wrote")
    info = _read_json(folder / "plan.json")
    instance = read(folder / INPUTS)
    if info.get("decisions"):
        instance = instance.with_decisions(folder / INPUTS / str(info["decisions"]))
    changes = tuple((str(key), value) for key, value in info.get("changes", []))
    instance = instance.replaced(changes=changes, scenario_name=info.get("scenario"))
    tables = {name: read_table(folder / f"{name}.csv", name) for name in TABLES}
    run = _read_json(folder / "run.json") if (folder / "run.json").is_file() else {}
    return Plan.of(instance, tables, claims_of(info, run), info=info)


def claims_of(info: Mapping[str, Any], run: Mapping[str, Any]) -> Claims:
    """The claims that a plan folder records."""
    def number(value: Any) -> float:
        return float("nan") if value is None else float(value)

    levels = tuple(
        Level(str(level["criterion"]), str(level["sense"]), number(level["modelled_value"]), number(level["bound"]))
        for level in info.get("levels", [])
    )
    return Claims(
        status=str(info.get("status", "")), method=str(info.get("method", "")), levels=levels,
        rounding={(entry["rule"], entry["index"]): entry["proof"] for entry in info.get("rounding", [])},
        seconds=run.get("seconds", {}), started=str(run.get("started", "")), settings=info.get("settings", {}),
        versions=info.get("versions", {}), scenario=info.get("scenario"), ranges=info.get("ranges", {}),
        leximin={name: tuple(levels) for name, levels in info.get("leximin", {}).items()},
        ideals={(entry["outcome"], entry["over"]): entry["units"] for entry in info.get("ideals", [])},
        unaudited=tuple(info.get("unaudited", [])),
    )


def _broken(file: str, problem: str, mend: str = "Solve again; the plan folder is damaged") -> InstanceError:
    return InstanceError([Finding(file, None, None, None, problem, mend)])


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise _broken(path.name, f"cannot be read ({error})") from error
    if not isinstance(content, dict):
        raise _broken(path.name, "is not a JSON object")
    return content


def read_table(path: Path, name: str) -> pd.DataFrame:
    """One table of a plan folder: text as ``str`` (blank sector = NaN), whole numbers as int64, other numbers as float64."""
    try:
        raw = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        missing = [column for column in FILES[name] if column not in raw.columns]
        if missing:
            raise ValueError(f"columns missing: {', '.join(missing)}")
        out = pd.DataFrame(index=raw.index)
        for column in all_columns(name, raw):
            out[column] = _typed(raw[column], column)
    except (OSError, ValueError) as error:
        raise _broken(path.name, f"cannot be read ({error})") from error
    return out


def _typed(cells: pd.Series, column: str) -> pd.Series:
    if column == "sector":
        return cells.where(cells != "")
    if column in TEXT:
        return cells
    return cells.astype("int64") if column in WHOLE else cells.replace("", "nan").astype("float64")
