"""Tables of weights or tolerances: one plan for each row, from one loaded model, duplicates dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.progress import Progress
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance
from optimizer.instance.settings import Level
from optimizer.plan.plan import Plan
from optimizer.solve import Session

TOLERANCE = "tolerance."
SAME = 1e-9  # share by which values of criteria may differ between plans that count as one


@dataclass(frozen=True, eq=False)
class WeightRuns:
    """What each row of a table of weights leads to.

    Attributes
    ----------
    table : one row for each different plan: ``run`` (number of the first row of the table that gave it), ``same`` (numbers of
        the others, parted by ``;``), what was asked for (``weight.<criterion>`` or ``tolerance.<criterion>``), the value of
        every criterion (``value.<criterion>``), ``status``, ``gap_percent`` of what was made large
    plans : by run; a run without a plan has none
    ended : why rows were left out; empty if none were
    """

    table: pd.DataFrame
    plans: Mapping[int, Plan]
    ended: str


def weights(
    instance: Instance, table: pd.DataFrame, *, progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> WeightRuns:
    """Solve an instance under each row of a table, loading the model once.

    Parameters
    ----------
    table : columns named after criteria hold weights, for a weighted sum of these criteria, each divided by its range (that
        of the instance's level, or else best minus worst over the single optima, worked out once). Columns
        ``tolerance.<criterion>`` hold the tolerances (``"1%"`` or an amount) of the levels of the instance's own
        lexicographic method

    Raises
    ------
    InstanceError : the table or the instance has errors, all of them listed
    SolveError : there is no plan, whatever the weights
    """
    asked = _Tolerances(instance, table) if _of_tolerances(table) else _Weights(instance, table)
    session = Session(instance.with_(asked.method(0, {})), progress=progress)
    plans: dict[int, Plan] = {}
    rows: list[dict[str, Any]] = []
    ranges: Mapping[str, float] = {}
    for number in range(len(table)):
        if should_stop is not None and should_stop():
            break
        row = {"run": number + 1, "same": "", **asked.row(number)}
        try:
            plan = session.solve(asked.method(number, ranges), progress=progress, should_stop=should_stop)
        except SolveError as error:
            if error.outcome is None or error.outcome.status is not Status.LIMIT_WITHOUT_PLAN:
                raise
            rows.append(row | {"status": str(error.outcome.status)})
            continue
        ranges = ranges or plan.claims.ranges
        row |= _values(plan) | {"status": plan.outcome.status, "gap_percent": plan.outcome.gap_percent}
        twin = next((old for old in rows if _alike(old, row)), None)
        if twin is not None:
            twin["same"] = ";".join(filter(None, [twin["same"], str(number + 1)]))
            continue
        rows.append(row)
        plans[number + 1] = plan
    done = len(rows) + sum(len(row["same"].split(";")) for row in rows if row["same"])
    return WeightRuns(pd.DataFrame(rows), plans, "" if done == len(table) else f"stopped after {done} of {len(table)} rows")


def _values(plan: Plan) -> dict[str, float]:
    known = plan.criteria[plan.criteria["criterion"] != plan.claims.method]
    known = known[known["role"] != "bounded"]
    return {f"value.{name}": float(value) for name, value in zip(known["criterion"], known["value"], strict=True)}


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    names = [name for name in other if name.startswith("value.")]
    if any(name not in one for name in names):
        return False
    return all(np.isclose(one[name], other[name], rtol=SAME, atol=SAME, equal_nan=True) for name in names)


def _of_tolerances(table: pd.DataFrame) -> bool:
    """Whether a table holds tolerances; it cannot hold both."""
    kinds = {str(name).startswith(TOLERANCE) for name in table.columns}
    if len(kinds) != 1 or not len(table):
        problem = "has neither rows nor columns" if not kinds or not len(table) else "mixes weights and tolerances"
        raise InstanceError([_fault(None, None, problem, "Write one column for each criterion, one row for each run")])
    return kinds.pop()


@dataclass(frozen=True, eq=False)
class _Weights:
    instance: Instance
    table: pd.DataFrame

    def __post_init__(self) -> None:
        found = []
        for name, column in self.table.items():
            numbers = pd.to_numeric(column, errors="coerce")
            for at in np.flatnonzero(~(numbers >= 0)):
                found.append(_fault(int(at), str(name), f"'{column.iloc[at]}' is no weight", "Write a number, 0 or more"))
        if not found:
            for at in np.flatnonzero(self.table.astype(float).to_numpy().sum(axis=1) <= 0):
                found.append(_fault(int(at), None, "all weights are 0", "Give one criterion a weight"))
        if found:
            raise InstanceError(found)

    def row(self, number: int) -> dict[str, Any]:
        return {f"weight.{name}": float(value) for name, value in self.table.iloc[number].items()}

    def method(self, number: int, ranges: Mapping[str, float]) -> dict[str, Any]:
        own = {level.criterion: level.range for level in self.instance.settings.method.levels}
        levels = []
        for name, weight in self.table.iloc[number].items():
            size = own.get(str(name)) or ranges.get(str(name))
            level = {"criterion": str(name), "weight": float(weight)}
            levels.append(level | ({} if size is None else {"range": float(size)}))
        return {"method.type": "weighted", "method.levels": levels}


@dataclass(frozen=True, eq=False)
class _Tolerances:
    instance: Instance
    table: pd.DataFrame

    def __post_init__(self) -> None:
        method, found = self.instance.settings.method, []
        names = [level.criterion for level in method.levels]
        if method.type != "lexicographic":
            found.append(_fault(None, None, "holds tolerances, and the instance's method is not lexicographic",
                                "Give the instance a lexicographic method, or write weights"))
        for column, cells in self.table.items():
            name = str(column).removeprefix(TOLERANCE)
            if name not in names:
                found.append(_fault(None, str(column), "names no level of the method", f"Known are {', '.join(names)}"))
            for at, cell in enumerate(cells):
                try:
                    Level.model_validate({"criterion": name, "tolerance": cell})
                except ValueError:
                    found.append(_fault(at, str(column), f"'{cell}' is no tolerance", "Write 1% or an amount"))
        if found:
            raise InstanceError(found)

    def row(self, number: int) -> dict[str, Any]:
        return {str(name): value for name, value in self.table.iloc[number].items()}

    def method(self, number: int, ranges: Mapping[str, float]) -> dict[str, Any]:
        asked = {str(name).removeprefix(TOLERANCE): value for name, value in self.table.iloc[number].items()}
        levels = []
        for level in self.instance.settings.method.levels:
            fields = level.model_dump(exclude_none=True, exclude_defaults=True) | {"criterion": level.criterion}
            if level.tolerance is not None:
                fields["tolerance"] = f"{100 * level.tolerance.amount}%" if level.tolerance.relative else level.tolerance.amount
            if level.criterion in asked:
                fields["tolerance"] = asked[level.criterion]
            levels.append(fields)
        return {"method.type": "lexicographic", "method.levels": levels}


def _fault(row: int | None, column: str | None, problem: str, mend: str) -> Finding:
    return Finding("table", None if row is None else row + 1, column, None, problem, mend)
