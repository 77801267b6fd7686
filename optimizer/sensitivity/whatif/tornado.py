"""A tornado: each figure alone at a low and a high value, ranked by how far the answer swings.

T. G. Eschenbach, "Spiderplots versus tornado diagrams for sensitivity analysis", Interfaces 22 (1992).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.findings import Finding, InstanceError, listed, near
from optimizer.instance.folder import write_csv
from optimizer.instance.instance import Instance
from optimizer.instance.normal import plain
from optimizer.sensitivity.whatif.runs import Runs, criteria_of
from optimizer.sensitivity.whatif.sweep import sweep
from optimizer.sensitivity.whatif.vary import text_of
from optimizer.sensitivity.whatif.worker import Stop

USUAL = ("-10%", "+10%")
COLUMNS = ["rank", "key", "low", "high", "value_low", "value_high", "change_low", "change_high", "swing", "swing_proved",
           "status_low", "status_high", "error_low", "error_high"]


@dataclass(frozen=True, eq=False)
class Tornado:
    """Which figures the answer hangs on.

    Attributes
    ----------
    table : one row for each key, by ``rank``: its ``low`` and ``high``, the criterion there (``value_low``, ``value_high``)
        and its change against the unchanged instance; ``swing`` (largest less smallest of the three values);
        ``swing_proved`` (what of the swing is left whatever the gaps of the three solves hide); ``status_low``,
        ``status_high`` and why there is no plan. A key that leaves no plan at one end comes first: no figure matters more
    base : the criterion of the unchanged instance
    criterion : what is looked at
    runs : the runs behind it: two for each key, low and high
    complete : whether all runs have ended
    """

    table: pd.DataFrame
    base: float
    criterion: str
    runs: Runs
    complete: bool

    def write(self, folder: str | Path) -> Path:
        """Write ``tornado.csv`` and ``tornado.svg`` beside the ``runs.csv`` of the sweep."""
        from optimizer.sensitivity.whatif.tornado_picture import draw

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        write_csv(place / "tornado.csv", self.table)
        draw(self, place / "tornado.svg")
        return place


def tornado(
    instance: Instance, ranges: Mapping[str, Sequence[Any]] | None = None, *, criterion: str | None = None, relax: bool = False,
    workers: int = 1, cluster: str | None = None, executor: Executor | None = None, out: str | Path | None = None,
    progress: bool | None = None, should_stop: Stop | None = None,
) -> Tornado:
    """Solve with each figure low and high, all others as they are, and rank them.

    Parameters
    ----------
    ranges : KEY → (low, high), values as for `sweep`; by default 10 % down and up of what `usual_keys` names
    criterion : what is looked at; by default the first level's
    relax, workers, cluster, executor, out, progress, should_stop : as for `sweep`; with ``out`` an interrupted tornado goes
        on, and ``tornado.csv`` and ``tornado.svg`` are written there

    Raises
    ------
    InstanceError : a key matches nothing, has not two values, or the criterion is not known
    """
    asked = _ends(ranges if ranges is not None else dict.fromkeys(usual_keys(instance), USUAL))
    rows = [{key: value} for key, ends in asked.items() for value in ends]
    known = criteria_of(instance, relax)
    name = criterion or known[0]
    if name not in known:
        mend = near(name, known, "Name one of " + listed(known, len(known)))
        raise InstanceError([Finding("tornado", None, "criterion", name, "is not known here", mend)])
    runs = sweep(instance, rows, relax=relax, workers=workers, cluster=cluster, executor=executor, out=out, progress=progress,
                 should_stop=should_stop)
    found = ranked(runs, asked, name)
    if out is not None:
        found.write(out)
    return found


def usual_keys(instance: Instance) -> list[str]:
    """Keys of the figures that plans hang on: budgets, donors' money, needs and their costs, projects, resources.

    Needs and unit costs are taken need by need; a column without a number in it is left out.
    """
    data = instance.data
    keys = [f"budget.{name}" for name in dict.fromkeys(data.budgets["stream"])]
    needs = [f"[need={name}]" for name in instance.settings.needs]
    wanted = [("donors", "money", [""]), ("needs", "people", needs), ("needs", "unit_cost", needs), ("tiers", "unit_cost", [""]),
              ("projects", "cost", [""]), ("effects", "people", [""]), ("resources", "capacity", [""])]
    for table, column, filters in wanted:
        frame = instance.tables[table]
        columns = [name for name in frame if name == column or str(name).startswith(f"{column}@")]
        for given in filters:
            rows = frame if not given else frame[frame["need"] == given[6:-1]]
            if len(rows) and columns and bool((rows[columns].fillna(0) != 0).to_numpy().any()):
                keys.append(f"{table}.{column}{given}")
    return keys


def ranked(runs: Runs, asked: Mapping[str, tuple[Any, Any]], criterion: str) -> Tornado:
    """The rows of a tornado from its runs, two for each key in order, low before high."""
    column = criterion if f"criterion.{criterion}" not in runs.table else f"criterion.{criterion}"
    first = criterion == runs.criterion
    table = {int(row["run"]): row for _, row in runs.table.iterrows()}
    base = _interval(runs.base, column, first)
    rows: list[dict[str, Any]] = []
    for number, (key, ends) in enumerate(asked.items()):
        pair = [table.get(run) for run in (2 * number, 2 * number + 1)]
        low, high = (_interval(row, column, first) for row in pair)
        values = [interval[0] for interval in (low, base, high)]
        rows.append({
            "key": key, "low": text_of(ends[0]), "high": text_of(ends[1]), "value_low": low[0], "value_high": high[0],
            "change_low": low[0] - base[0], "change_high": high[0] - base[0],
            "swing": max(values) - min(values) if np.isfinite(values).all() else np.nan,
            "swing_proved": _proved(low, base, high),
            **{f"status_{end}": "open" if row is None else row["status"] for end, row in zip(("low", "high"), pair, strict=True)},
            **{f"error_{end}": "" if row is None else row["error"] for end, row in zip(("low", "high"), pair, strict=True)},
        })
    found = pd.DataFrame(rows)
    found = found.sort_values("swing", ascending=False, na_position="first", kind="stable", ignore_index=True)
    found.insert(0, "rank", np.arange(1, len(found) + 1, dtype=float))
    return Tornado(found[COLUMNS], base[0], criterion, runs, runs.complete)


def _interval(row: pd.Series | None, column: str, first: bool) -> tuple[float, float, float]:
    """The value of a run with the least and the most that the best plan may have; (NaN, …) without a plan.

    The first level's best lies between plan and bound; another criterion's value is that of the plan found.
    """
    if row is None or not np.isfinite(value := float(row[column])):
        return np.nan, np.nan, np.nan
    bound = float(row["bound"]) if first and np.isfinite(float(row["bound"])) else value
    return value, min(value, bound), max(value, bound)


def _proved(*intervals: tuple[float, float, float]) -> float:
    """How far apart the best values of the runs are at least."""
    low, high = (np.array([interval[n] for interval in intervals]) for n in (1, 2))
    return max(0.0, float(low.max() - high.min())) if np.isfinite(low).all() else np.nan


def _ends(ranges: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, Any]]:
    """Low and high of each key.

    Raises
    ------
    InstanceError : a key has not two values
    """
    out: dict[str, tuple[Any, Any]] = {}
    findings = []
    for key, given in ranges.items():
        values = plain(given)
        if not isinstance(values, list) or len(values) != 2:
            findings.append(Finding("tornado", None, str(key), str(given), "is not a low and a high value", "Give two values"))
        else:
            out[str(key)] = (values[0], values[1])
    if findings:
        raise InstanceError(findings)
    return out
