"""The plan folder: written whole or not at all, read back without loss.

A plan that fails its audit is not written. Everything but ``run.json`` is the same byte for byte for the same plan.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.findings import OptimizerError
from optimizer.instance.folder import DECISIONS_FILE, write_csv
from optimizer.plan.columns import TEXT, all_columns, columns_table, fit_parts
from optimizer.plan.plan import Plan
from optimizer.plan.reading import INPUTS, is_plan

FORMAT = 1
View = Callable[..., None]
_VIEWS: dict[str, View] = {}


class AuditError(OptimizerError):
    """A plan fails its audit, so it is not written; ``report`` says where."""

    exit_status = 1

    def __init__(self, plan: Plan) -> None:
        self.report = plan.audit
        failures = [check.sentence() for check in plan.audit.failures] if plan.audit is not None else []
        super().__init__("The plan fails its audit and is not written:\n" + "\n".join(failures))


def write_plan(plan: Plan, folder: Path, views: Mapping[str, View] | None = None) -> Path:
    """Write a plan folder.

    Parameters
    ----------
    plan : audited here if it is not yet
    folder : replaced if it is a plan folder or empty; anything else is left alone
    views : file name → function that writes it; every registered one if None

    Raises
    ------
    AuditError : the plan fails its audit
    OptimizerError : the folder holds something that is not a plan
    """
    plan = plan if plan.audit is not None else plan.audited()
    if plan.audit is None or not plan.audit.passed:
        raise AuditError(plan)
    folder = Path(os.path.abspath(folder))
    _replaceable(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    built = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _fill(plan, built, _VIEWS if views is None else views)
        built.chmod(0o777 & ~_umask())
        _swap(built, folder)
    except BaseException:
        shutil.rmtree(built, ignore_errors=True)
        raise
    return folder


def view(file: str) -> View:
    """The function that writes ``file``, put here by a room above this one."""
    return _VIEWS[file]


def register_view(file: str, view: View) -> None:
    """Let every plan folder hold ``file``, written by ``view(plan, path)``; how rooms above this one add theirs."""
    _VIEWS[file] = view


def _replaceable(folder: Path) -> None:
    if not folder.exists() or is_plan(folder) or (folder.is_dir() and not any(folder.iterdir())):
        return
    raise OptimizerError(f"{folder} exists and is not a plan; name another folder with --out, or remove it")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _swap(built: Path, folder: Path) -> None:
    """Put the finished folder in place; an older plan stays until the new one has its name."""
    if not folder.exists():
        built.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.rename(old / "plan")
    try:
        built.rename(folder)
    except OSError:
        (old / "plan").rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _fill(plan: Plan, folder: Path, views: Mapping[str, View]) -> None:
    assert plan.audit is not None
    for name, frame in plan.tables.items():
        write_csv(folder / f"{name}.csv", _written(name, frame))
    write_csv(folder / "columns.csv", columns_table(plan.instance.settings.money.unit,
                                                     fit_parts(plan.pairings.columns)))
    plan.instance.to_folder(folder / INPUTS)
    _json(folder / "audit.json", plan.audit.to_dict())
    _json(folder / "plan.json", plan_info(plan, folder / INPUTS))
    _json(folder / "run.json", {
        "started": plan.claims.started, "seconds": dict(plan.claims.seconds), "cores": os.cpu_count(),
    })
    for file, view in views.items():
        view(plan, folder / file)


def _written(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of the format, in order; text as text, blanks as blanks."""
    out = frame[all_columns(name, frame)].copy()
    for column in out.columns:
        if column in TEXT:
            cells = ["" if pd.isna(value) else str(value) for value in out[column].tolist()]
            out[column] = pd.Series(cells, index=out.index, dtype="str")
        else:
            out[column] = out[column].astype("float64")
    return out


def _json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="")


def plan_info(plan: Plan, inputs: Path) -> dict[str, Any]:
    """``plan.json``: what it takes to make the plan again, and what is claimed of it."""
    claims, outcome = plan.claims, plan.outcome
    decisions = (inputs / DECISIONS_FILE).is_file()
    return {
        "format": FORMAT, "title": plan.instance.settings.title, "status": claims.status, "objective": outcome.objective,
        "bound": outcome.bound, "gap": outcome.gap, "gap_percent": outcome.gap_percent, "criterion": outcome.criterion,
        "sense": outcome.sense, "unit": outcome.unit, "method": claims.method,
        "levels": [{"criterion": level.criterion, "sense": level.sense, "modelled_value": _finite(level.modelled_value),
                    "bound": _finite(level.bound)} for level in claims.levels],
        "settings": dict(claims.settings), "versions": dict(claims.versions),
        "ranges": dict(claims.ranges),
        "leximin": {name: [dict(level) for level in levels] for name, levels in claims.leximin.items()},
        "ideals": [{"outcome": outcome, "over": over, "units": dict(units)} for (outcome, over), units in claims.ideals.items()],
        "unaudited": list(claims.unaudited),
        "rounding": [{"rule": rule, "index": index, "proof": proof} for (rule, index), proof in sorted(claims.rounding.items())],
        "inputs": hashes(inputs), "changes": [[key, _plain(value)] for key, value in plan.instance.changes],
        "decisions": DECISIONS_FILE if decisions else None,
        "scenario": claims.scenario or plan.instance.scenario_name,
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def hashes(inputs: Path) -> dict[str, str]:
    """SHA-256 of every file of the inputs, by name."""
    return {
        path.relative_to(inputs).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(inputs.rglob("*")) if path.is_file()
    }
