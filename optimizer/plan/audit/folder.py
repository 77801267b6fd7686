"""The audit of a plan folder: its tables against the inputs that lie in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.instance import instance as instances
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.plan.audit.clauses import FOLDER
from optimizer.plan.audit.report import AuditReport, Tallies
from optimizer.plan.audit.tables import FORMS
from optimizer.plan.audit.verdict import audit


def audit_folder(path: str | Path, against: Instance | None = None) -> AuditReport:
    """Audit the plan in a folder against its own ``inputs/``, or against another effective instance.

    Parameters
    ----------
    path : folder with the tables, ``plan.json`` and ``inputs/``
    against : the instance to hold the plan to, changes and decisions of ``plan.json`` applied

    Raises
    ------
    InstanceError
        If the inputs are no instance.
    """
    folder = Path(path)
    tallies = Tallies({clause: unit for clause, (unit, _) in FOLDER.items()})
    tables = {name: frame for name in FORMS if (frame := _table(folder / f"{name}.csv", tallies)) is not None}
    about = _about(folder / "plan.json", tallies)
    if about is None or len(tables) < len(FORMS):
        return tallies.report()
    _inputs(folder, about.get("inputs"), tallies)
    instance = against if against is not None else _instance(folder, about)
    return AuditReport((*tallies.report().checks, *audit(instance, tables, about).checks))


def _instance(folder: Path, about: Mapping[str, Any]) -> Instance:
    """The effective instance of the folder, with the decisions that were taken on it."""
    instance = instances.read(folder / "inputs")
    decisions = about.get("decisions")
    return instance.with_decisions(folder / "inputs" / str(decisions)) if decisions else instance


def _table(file: Path, tallies: Tallies) -> pd.DataFrame | None:
    """A table as text, as it stands: identifiers keep their zeros and numbers their digits."""
    try:
        frame = pd.read_csv(file, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    except (OSError, ValueError) as error:
        tallies["files"].margin(-1, file.name, f"cannot be read: {error}")
        return None
    tallies["files"].holds(True, file.name)
    return frame


def _about(file: Path, tallies: Tallies) -> dict[str, Any] | None:
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        tallies["files"].margin(-1, file.name, f"cannot be read: {error}")
        return None
    tallies["files"].holds(isinstance(about, dict), file.name, "is not a mapping")
    return about if isinstance(about, dict) else None


def _inputs(folder: Path, recorded: object, tallies: Tallies) -> None:
    """The files in ``inputs/`` are those whose hashes are recorded, no fewer and no more."""
    tally = tallies["inputs"]
    hashes = dict(recorded) if isinstance(recorded, dict) else {}
    found = {f.relative_to(folder / "inputs").as_posix(): f for f in sorted((folder / "inputs").rglob("*")) if f.is_file()}
    tally.holds(bool(hashes), "plan.json", "no hashes of inputs are recorded")
    for name, digest in hashes.items():
        file = found.get(str(name).removeprefix("inputs/"))
        same = file is not None and hashlib.sha256(file.read_bytes()).hexdigest() == digest
        tally.holds(same, f"inputs/{name}", "is missing" if file is None else "is not the file the plan was made from")
    known = {str(name).removeprefix("inputs/") for name in hashes}
    for name in found.keys() - known:
        tally.margin(-1, f"inputs/{name}", "is not among the recorded inputs")


__all__ = ["InstanceError", "audit_folder"]
