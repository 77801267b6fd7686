"""Plans named beside an instance (``--against``, ``--plan``): whether the one was made from the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from optimizer.cli import options
from optimizer.cli.faults import refused
from optimizer.instance.changes import apply_changes, scenario_changes
from optimizer.instance.findings import InstanceError, listed
from optimizer.instance.instance import Instance, read
from optimizer.instance.schema import TABLES
from optimizer.plan.plan import Plan


def plan_given(made: Path | None, instance: Path, elsewise: bool, limits: Mapping[str, object]) -> Plan | None:
    """The plan of ``--plan`` under the limits of this command; None without one.

    Parameters
    ----------
    elsewise : whether the command line names a scenario, changes or decisions, of which the plan has its own

    Raises
    ------
    InstanceError : it is not a plan of the instance, or something else is asked of it
    """
    if made is None:
        return None
    if elsewise:
        raise refused("command line", str(made), "has its own scenario, changes and decisions",
                      "Leave them out, or leave --plan out")
    same_instance(made, instance)
    plan = Plan.read(made)
    return replace(plan, instance=options.with_settings(plan.instance, limits))


def same_instance(plan: Path, place: Path) -> Instance:
    """The instance at ``place`` with the changes and decisions of the plan.

    Raises
    ------
    InstanceError : it is not the instance that the plan was made from
    """
    about = _recorded(plan / "plan.json")
    changes = [(str(key), value) for key, value in about.get("changes", [])]
    base = read(place)
    try:
        there = _changed(base, plan, about.get("scenario"), changes, about.get("decisions"))
    except InstanceError as error:
        raise refused(str(place), None, f"is not what the plan was made from: what the plan records cannot be applied to it "
                      f"({error.findings[0].sentence()})", "Name the instance that was solved") from error
    different = differing(there, read(plan / "inputs"))
    if different:
        raise refused(str(place), None, f"is not what the plan was made from: {listed(different)} differ",
                      "Name the instance that was solved, or solve this one")
    return there


def _recorded(file: Path) -> dict[str, Any]:
    try:
        about = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise refused(str(file), None, f"cannot be read: {error}", "Solve again; the plan folder is damaged") from error
    if not isinstance(about, dict):
        raise refused(str(file), None, "is not a JSON object", "Solve again; the plan folder is damaged")
    return about


def _changed(
    base: Instance, plan: Path, scenario: str | None, changes: list[tuple[str, object]], decisions: str | None
) -> Instance:
    """The scenario's changes, then decisions, then the others: the order of the command line."""
    first = 0
    if scenario is not None and scenario in base.settings.scenarios:
        first = sum(len(entries) for _, entries in scenario_changes(base, scenario))
    there = apply_changes(base, changes[:first])
    if decisions:
        there = there.with_decisions(plan / "inputs" / decisions)
    return apply_changes(there, changes[first:]).replaced(scenario_name=scenario)


def differing(one: Instance, other: Instance) -> list[str]:
    """Tables in which two instances differ, and ``instance.yaml``."""
    out = [name for name in TABLES if not one.tables[name].equals(other.tables[name])]
    return out + (["instance.yaml"] if dict(one.raw_settings) != dict(other.raw_settings) else [])
