"""What `explain` answers: reasons by arithmetic, conflicts, ways out; on a feasible instance what binds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.engine.conflicts import Conflict
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.sensitivity.explain.changes import Change

CONFLICT_COLUMNS = ["conflict", "rule", "index", "sentence"]
WAY_COLUMNS = ["rank", "rule", "index", "from", "to", "change", "unit", "sentence"]
BINDING_COLUMNS = ["rule", "index", "worth", "unit", "sentence"]


@dataclass(frozen=True, eq=False)
class WayOut:
    """One way out.

    Attributes
    ----------
    changes : what it changes
    instance : the repaired instance
    cost : sum of the relative changes
    proof : ``plan`` (the repaired instance was solved), ``whole`` (it has a point in whole decisions) or ``relaxation``
        (its linear relaxation has a point)
    plan : the plan that results, where it was made
    """

    changes: tuple[Change, ...]
    instance: Instance
    cost: float
    proof: str
    plan: Plan | None = None

    @property
    def sets(self) -> tuple[tuple[str, str], ...]:
        """KEY and VALUE of all its changes, in order, as ``--set`` and ``with_`` take them."""
        return tuple(pair for change in self.changes for pair in change.changes)

    @property
    def rules(self) -> tuple[dict[str, Any], ...]:
        """Rules that are rewritten because no KEY says what changes in them, as in ``instance.yaml``."""
        return tuple(rule for change in self.changes for rule in change.rules)


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why an instance has no plan and what can be done; or, if it has one, what binds.

    Attributes
    ----------
    feasible : whether there is a plan; None if that was not settled in time
    reasons : proofs by counting
    found : the conflicts, as clauses
    conflicts : conflict, rule, index, sentence
    ways : ways out, cheapest first
    binding : rule, index, worth (of one more unit, by the linear relaxation), unit, sentence; only where there is a plan
    complete : whether every conflict was found, and `why_not`
    unsettled : numbers of conflicts of which not every member was tried, for want of time
    """

    feasible: bool | None
    reasons: tuple[Finding, ...]
    found: tuple[Conflict, ...]
    conflicts: pd.DataFrame
    ways: tuple[WayOut, ...]
    binding: pd.DataFrame
    complete: bool = True
    why_not: str = ""
    unsettled: tuple[int, ...] = ()

    @property
    def ways_out(self) -> pd.DataFrame:
        """rank, rule, index, from, to, change, unit, sentence: one row for each change."""
        rows = [
            {"rank": rank, "rule": one.rule, "index": one.index, "from": one.before, "to": one.after, "change": one.change,
             "unit": one.unit, "sentence": one.sentence}
            for rank, way in enumerate(self.ways, 1) for one in way.changes
        ]
        return pd.DataFrame(rows, columns=WAY_COLUMNS)

    def write(self, folder: str | os.PathLike[str]) -> Path:
        """Write conflicts.csv and ways_out.csv, or binding.csv, the plans that were made, and an instance where no KEY says it.

        A table that does not apply is not written.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        tables = {"binding": self.binding} if self.feasible else {"conflicts": self.conflicts, "ways_out": self.ways_out}
        for name, table in tables.items():
            table.to_csv(place / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8-sig")
        for rank, way in enumerate(self.ways, 1):
            if way.rules:
                way.instance.to_folder(place / f"instance-{rank}")
            if way.plan is not None:
                way.plan.write(place / f"plan-{rank}")
        return place
