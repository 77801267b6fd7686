"""Prices by solving again: each key a step up and a step down, with the gap of every solve.

The true price lies between what the plans found and the bounds proved allow; both ends are told, so that nobody takes a gap
for a price.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError
from optimizer.engine.progress import Progress
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance
from optimizer.instance.settings import BandRule, BoundRule, EquityRule, PairsRule, ShareRule
from optimizer.plan.plan import Plan
from optimizer.solve import Session

COLUMNS = ["key", "value", "step", "criterion_down", "gap_down", "criterion", "gap", "criterion_up", "gap_up", "price_up",
           "price_up_low", "price_up_high", "price_down", "price_down_low", "price_down_high", "unit", "status"]
FIELDS = {BoundRule: ("min", "max"), BandRule: ("low", "high"), ShareRule: ("min", "max"), EquityRule: ("min", "max"),
          PairsRule: ("max_changed",)}
NOT_SOLVED = "not solved"


@dataclass(frozen=True)
class Key:
    """What is moved: the key of a change, where it stands, the step and its unit."""

    key: str
    value: float
    step: float
    unit: str
    kind: str


@dataclass(frozen=True)
class _Run:
    """One solve: value, proved bound, gap as a share and how it ended."""

    value: float
    bound: float
    gap: float
    status: str


def keys_of(instance: Instance, share: float) -> list[Key]:
    """Budgets by stream, then the numbers of hard rules: a step is a share of each, one where they count whole things."""
    out = []
    totals = instance.data.budgets.groupby("stream")["amount"].sum()
    for stream, total in totals.items():
        if total > 0:
            out.append(Key(f"budget.{stream}", float(total), share * float(total), instance.settings.money.unit, "budget"))
    for rule in instance.settings.rules:
        if not (rule.active and rule.hard):
            continue
        for name in FIELDS.get(type(rule), ()):
            value = getattr(rule, name)
            if value:
                whole = name == "max_changed"
                unit = f"rule.{rule.id}.{name}"
                out.append(Key(unit, float(value), 1.0 if whole else share * abs(float(value)), unit, "rule"))
    return out


def named(instance: Instance, keys: Iterable[str], share: float) -> list[Key]:
    """Keys that somebody names, as ``KEY`` (moved by the share) or ``KEY=STEP`` (moved by the amount).

    Raises
    ------
    InstanceError : a key changes nothing in the instance, or nothing that is one number
    """
    known = {key.key: key for key in keys_of(instance, share)}
    out = []
    for text in keys:
        name, step = _parted(text)
        if name in known and step is None:
            out.append(known[name])
            continue
        value, unit, kind = _standing(instance, name)
        size = share * abs(value) if step is None else step
        if not size > 0:
            raise _refused(name, "is 0, so that a share of it is no step", f"Write {name}=STEP with the amount to move it by")
        out.append(Key(name, value, size, unit, kind))
    return out


def _parted(text: str) -> tuple[str, float | None]:
    """A key and its step; a filter of the key may hold ``=`` too."""
    name, parted, step = text.rpartition("=")
    if not parted or "]" in step:
        return text, None
    if "[" in text and "]" not in name:
        return text, None
    try:
        return name, float(step)
    except ValueError:
        raise _refused(text, "has a step that is no number", "Write KEY or KEY=STEP") from None


def _standing(instance: Instance, key: str) -> tuple[float, str, str]:
    """Where a key stands: the number it changes, its unit and kind."""
    if key.startswith("budget."):
        before = instance.data.budgets
        doubled = instance.with_({key: "x2"}).data.budgets
        return float((doubled["amount"] - before["amount"]).sum()), instance.settings.money.unit, "budget"
    if key.startswith("rule."):
        _, rule_id, field = [*key.split(".", 2), "", ""][:3]
        rule = next((rule for rule in instance.settings.rules if rule.id == rule_id), None)
        value = getattr(rule, field, None)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value), key, "rule"
        raise _refused(key, "is not one number of a rule", "Name a number, such as rule.industry.min")
    table, parted, rest = key.partition(".")
    frame = instance.tables.get(table)
    column = rest.partition("[")[0]
    if not parted or frame is None or column not in frame:
        raise _refused(key, "is no key that can be moved", "Name a budget, a number of a rule or a column of a table")
    marked = instance.with_({key: "x2"}).tables[table][column].astype(float)
    there = frame[column].astype(float)
    values = there[(marked != there) & there.notna()]
    if values.nunique() != 1:
        raise _refused(key, "changes cells that are not all alike, or all 0", "Narrow it with a filter, such as [donor=D1]")
    return float(values.iloc[0]), column, {"donors": "donor", "projects": "project", "resources": "resource"}.get(table, "rule")


def _refused(key: str, problem: str, mend: str) -> InstanceError:
    return InstanceError([Finding("again", None, None, key, problem, mend)])


@dataclass
class Clock:
    """The time for solving again: nothing is begun that would hardly end, and what has begun is told when to end.

    Attributes
    ----------
    deadline : on the monotonic clock
    stop : asked now and then; True ends everything
    longest : seconds of the longest solve so far
    """

    deadline: float = math.inf
    stop: Callable[[], bool] = lambda: False
    longest: float = 0.0

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.deadline - time.monotonic()

    def over(self) -> bool:
        """Whether nothing may be begun any more."""
        return self.stop() or self.left <= self.longest


def solved_again(
    plan: Plan, keys: list[Key], *, criterion: str, session: Session | None = None, clock: Clock | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Two solves for each key, warm on one loaded program; keys for which the time was over are listed as such.

    Parameters
    ----------
    plan : what stands in the middle
    criterion : what is compared
    session : of the plan's instance, where one is loaded
    clock : when it ends; a solve is begun only if the longest so far would have had the time
    """
    middle = _run_of(plan, criterion)
    sign = 1.0 if _sense(plan, criterion) == "max" else -1.0
    again = _Again(plan, criterion, clock or Clock(), progress, session)
    rows: list[dict[str, Any]] = []
    for key in keys:
        down, up = again.moved(key, -1.0), again.moved(key, 1.0)
        rows.append({
            "key": key.key, "value": key.value, "step": key.step, "criterion_down": down.value, "gap_down": down.gap,
            "criterion": middle.value, "gap": middle.gap, "criterion_up": up.value, "gap_up": up.gap,
            **_between("price_up", middle, up, key.step, sign), **_between("price_down", down, middle, key.step, sign),
            "unit": key.unit, "status": f"{down.status}; {up.status}", "kind": key.kind,
        })
    return pd.DataFrame(rows, columns=[*COLUMNS, "kind"])


@dataclass
class _Again:
    """Solves of one program; it is loaded when first needed."""

    plan: Plan
    criterion: str
    clock: Clock
    progress: Progress | None
    session: Session | None

    def moved(self, key: Key, way: float) -> _Run:
        """The solve with a key moved one way."""
        if self.clock.over():
            return _Run(np.nan, np.nan, np.nan, NOT_SOLVED)
        session = self.session = self.session or Session(self.plan.instance, progress=self.progress)
        to = key.value + way * key.step
        change: object = f"x{to / key.value!r}" if key.kind == "budget" and key.value else to
        begun = time.monotonic()
        try:
            made = session.solve({key.key: change}, progress=self.progress, should_stop=self.clock.stop,
                                 time_limit=self.clock.left)
            return _run_of(made, self.criterion)
        except InstanceError as error:
            return _Run(np.nan, np.nan, np.nan, f"refused: {error.findings[0].sentence()}")
        except SolveError as error:
            return _Run(np.nan, np.nan, np.nan, str(error.outcome.status) if error.outcome is not None else "failed")
        finally:
            self.clock.longest = max(self.clock.longest, time.monotonic() - begun)


def _run_of(plan: Plan, criterion: str) -> _Run:
    row = plan.criteria[plan.criteria["criterion"] == criterion].iloc[0]
    value = float(row["value"])
    bound = float(row["bound"]) if pd.notna(row["bound"]) else np.nan
    return _Run(value, bound, abs(bound - value) / max(abs(value), 1e-12), str(plan.claims.status))


def _sense(plan: Plan, criterion: str) -> str:
    return str(plan.criteria.loc[plan.criteria["criterion"] == criterion, "sense"].iloc[0])


def _between(name: str, less: _Run, more: _Run, step: float, sign: float) -> dict[str, float]:
    """Price between two runs, and the ends between which the gaps of both leave the true one."""
    ends = sorted(((more.value - less.bound) / step, (more.bound - less.value) / step))
    return {name: (more.value - less.value) / step, f"{name}_low": ends[0], f"{name}_high": ends[1]}
