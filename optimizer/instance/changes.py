"""Changes to an instance: scenarios, ``--set`` and ``with_``. Each acts on the result of those before it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from optimizer.instance.changes_settings import change_settings, yaml_budget
from optimizer.instance.changes_tables import changed_budgets, changed_table
from optimizer.instance.changes_text import (
    ChangeError,
    Key,
    Value,
    flat_changes,
    parse_change,
    parse_key,
    parse_value,
    parse_vary,
    times,
)
from optimizer.instance.decisions import still_standing
from optimizer.instance.findings import Finding, InstanceError, listed, near, raise_if_errors
from optimizer.instance.normal import normal_settings, plain
from optimizer.instance.settings import parse_settings

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

__all__ = [
    "ChangeError",
    "Key",
    "Value",
    "apply_changes",
    "apply_scenario",
    "flat_changes",
    "parse_change",
    "parse_key",
    "parse_value",
    "parse_vary",
    "scenario_changes",
    "times",
]


def apply_changes(instance: Instance, changes: Iterable[tuple[str, Any]], origin: str = "change") -> Instance:
    """The instance with ``changes`` (KEY, VALUE) made in order.

    Parameters
    ----------
    origin : where the changes come from, for messages (``--set``, ``scenario less``)

    Raises
    ------
    InstanceError : every change that cannot be made, and every type that is wrong after them
    """
    tables = dict(instance.tables)
    raw = copy.deepcopy(dict(instance.raw_settings))
    findings: list[Finding] = []
    done: list[tuple[str, Any]] = []
    settings_keys: list[str] = []
    for text, given in changes:
        try:
            key, value = parse_key(text), parse_value(given)
            _apply(key, value, instance, tables, raw, settings_keys)
            done.append((text, plain(given)))
        except ChangeError as error:
            findings.append(Finding(origin, None, text, _value_text(given), error.problem, error.mend))
        except InstanceError as error:
            findings.extend(Finding(origin, None, text, f.column or f.value, f.problem, f.mend) for f in error.findings)
        except ValueError as error:
            findings.append(Finding(origin, None, text, None, f"cannot be read: {error}", "Write the change in another way"))
    settings = instance.settings
    if settings_keys and not findings:
        raw = normal_settings(raw)
        parsed, found = parse_settings(raw, origin)
        findings.extend(
            Finding(origin, None, f.column, f.value, f"{f.problem} (after {listed(settings_keys)})", f.mend) for f in found
        )
        settings = parsed or settings
    raise_if_errors(findings)
    decisions = instance.decisions
    if decisions is not None and any(tables[name] is not instance.tables[name] for name in ("pairs", "projects")):
        decisions = still_standing(decisions, tables)
    return instance.replaced(
        decisions=decisions,
        tables=MappingProxyType(tables),
        settings=settings,
        raw_settings=MappingProxyType(raw),
        changes=(*instance.changes, *done),
    )


def apply_scenario(instance: Instance, name: str) -> Instance:
    """The instance under a scenario; those it builds on come first."""
    for step, changes in scenario_changes(instance, name):
        instance = apply_changes(instance, changes, f"scenario {step}")
    return instance.replaced(scenario_name=name)


def scenario_changes(instance: Instance, name: str) -> list[tuple[str, list[tuple[str, Any]]]]:
    """The scenarios that ``name`` consists of, first to last, with the changes of each."""
    chain: list[str] = []
    scenarios = instance.settings.scenarios
    at: str | None = name
    while at is not None:
        if at not in scenarios:
            raise InstanceError(
                [
                    Finding(
                        "instance.yaml",
                        None,
                        "scenarios",
                        at,
                        "is not a scenario",
                        near(at, scenarios, "Write one of " + listed(scenarios) if scenarios else "The instance has none"),
                    )
                ]
            )
        if at in chain:
            raise InstanceError(
                [
                    Finding(
                        "instance.yaml",
                        None,
                        f"scenarios.{at}.from",
                        None,
                        "builds on itself: " + " → ".join([*chain, at]),
                        "Take one 'from' out",
                    )
                ]
            )
        chain.append(at)
        at = scenarios[at].from_
    return [(step, list(scenarios[step].set.items())) for step in reversed(chain)]


def _value_text(value: Any) -> str | None:
    return None if value is None else str(value)


def _apply(
    key: Key, value: Value, instance: Instance, tables: dict[str, pd.DataFrame], raw: dict[Any, Any], settings_keys: list[str]
) -> None:
    if key.section == "table":
        tables[key.name] = changed_table(key, value, tables, instance)
    elif key.section == "budget":
        in_table = (tables["budgets"]["stream"] == key.name).to_numpy()
        if in_table.any():
            tables["budgets"] = changed_budgets(key, value, tables["budgets"], in_table, instance)
        else:
            if key.filter:
                raise ChangeError(
                    f"has a filter, but the budget of {key.name} stands in instance.yaml without scopes", "Leave the filter out"
                )
            yaml_budget(key, value, raw, instance.settings)
            settings_keys.append(key.text)
    else:
        change_settings(key, value, raw, instance.settings)
        settings_keys.append(key.text)
