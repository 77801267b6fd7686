"""The runs of a study as they end: on the disk one by one, so that the same call goes on after an interruption."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.program import Floats
from optimizer.engine.progress import Progress
from optimizer.instance.folder import number_text
from optimizer.instance.instance import Instance
from optimizer.plan.files import write_plan
from optimizer.plan.plan import Plan
from optimizer.plan.reading import is_plan
from optimizer.sensitivity.uncertainty.decided import Key, numbers_of
from optimizer.sensitivity.uncertainty.runs import Again, Run, Study, answered, died
from optimizer.sensitivity.uncertainty.specification import Specification
from optimizer.sensitivity.whatif.asking import asked_of
from optimizer.sensitivity.whatif.executors import Place
from optimizer.sensitivity.whatif.growing import GrowingTable, opened
from optimizer.sensitivity.whatif.runs import token_of
from optimizer.sensitivity.whatif.worker import Job, Stop
from optimizer.solve import Session

EXTRA = ("short", "overdrawn", "rules_broken")
LAST = ("status", "gap", "error", "seconds")
OTHER = {"instance": "another instance", "draws": "other draws", "again": "another kind of run", "plan": "another plan"}


@dataclass(frozen=True)
class Files:
    """Where a study lies, with names for its files; without a folder nothing is written."""

    folder: Path | None = None
    runs: str = "runs.csv"
    choices: str = "choices.csv"
    note: str = "study.json"
    plan: str = "plan"
    start: str = "start.npy"

    def cleared(self) -> None:
        """Remove an earlier study, so that it begins anew."""
        if self.folder is not None:
            for name in (self.note, self.runs, self.choices, self.start):
                (self.folder / name).unlink(missing_ok=True)
            if is_plan(self.folder / self.plan):
                shutil.rmtree(self.folder / self.plan)


@dataclass(frozen=True, eq=False)
class Asked:
    """What a study asks: under which draws (points of the unit cube), of which plan, and how plans are made anew."""

    specification: Specification
    points: np.ndarray
    again: Again
    plan: Plan | None

    def note(self) -> dict[str, Any]:
        """What tells this study from another."""
        entries = [[entry.key, str(entry.distribution), entry.rows] for entry in self.specification.entries]
        draws = hashlib.sha256(json.dumps(entries, ensure_ascii=False).encode() + np.ascontiguousarray(self.points).tobytes())
        return {"format": 1, "instance": token_of(self.specification.instance), "draws": draws.hexdigest(),
                "runs": len(self.points), "again": self.again, "plan": "own" if self.plan is None else _digest(self.plan)}


def found_by(
    asked: Asked, files: Files, place: Place, progress: Progress, stop: Stop
) -> tuple[Plan, Journal]:
    """The plan that is kept, and every run that has ended, those of an earlier call in the same folder among them.

    Raises
    ------
    OtherSweepError : the folder holds another study
    SolveError, InstanceError : there is no plan to keep
    """
    note, folder = asked.note(), files.folder
    if folder is not None and any((folder / name).exists() for name in (files.note, files.runs)):
        note, _ = opened(folder, files.note, note, files.runs, "a study", OTHER)  # before anything is solved
    instance = asked.specification.instance
    plan, start, session = _kept(instance, asked.plan, files, progress, stop)
    if "criteria" not in note:
        note["criteria"] = _criteria(asked.again, instance, plan, session)
    if folder is not None:
        note, _ = opened(folder, files.note, note, files.runs, "a study", OTHER)
        if session is not None:
            _written(files, folder, plan, start)
    journal = Journal(files, [entry.key for entry in asked.specification.entries], plan, note["criteria"])
    study = Study(asked.specification, plan.choices, asked.again, Job(instance, f"study {note['instance']}", start=start))
    batches = [((number, point),) for number, point in enumerate(asked.points, 1) if number not in journal.runs.rows]
    progress.stage(f"{len(journal.runs.rows)} of {len(asked.points)} runs")
    try:
        for runs in asked_of(place, answered, study, batches, stop, died):
            journal.add(runs)
            progress.stage(f"{len(journal.runs.rows)} of {len(asked.points)} runs")
    finally:
        journal.in_order()
    return plan, journal


class Journal:
    """Runs by number: a table for people, and what each run chose and how each county fared, to go on from."""

    def __init__(self, files: Files, keys: Sequence[str], plan: Plan, again: Sequence[str]) -> None:
        self.keys, self.again = tuple(keys), tuple(again)
        self.kept = (*dict.fromkeys(plan.criteria["criterion"].astype(str)), *EXTRA)
        columns = ["run", *keys, *(f"kept.{name}" for name in self.kept), *(f"again.{name}" for name in again), *LAST]
        self.runs = GrowingTable(files.folder, files.runs, columns)
        self.choices = GrowingTable(files.folder, files.choices, ["run", "chosen", "counties"])
        if files.folder is not None:
            status = columns.index("status")
            self.choices.take(lambda row: True)
            self.runs.take(lambda row: row[status] != "failed" and int(row[0]) in self.choices.rows)
            self.choices.drop(set(self.choices.rows) - set(self.runs.rows))

    def add(self, runs: Sequence[Run]) -> None:
        """Note runs that have ended; what they chose first, since a run counts once it stands in both files."""
        chosen = [[[*key, amount] for key, amount in run.chosen.items()] for run in runs]
        self.choices.add([[str(run.number), json.dumps(keys, ensure_ascii=False), json.dumps(run.counties, ensure_ascii=False)]
                          for run, keys in zip(runs, chosen, strict=True)])
        self.runs.add([self._row(run) for run in runs])

    def in_order(self) -> None:
        """Write both files anew, by number."""
        self.choices.in_order()
        self.runs.in_order()

    def found(self) -> list[Run]:
        """Every run that has ended, by number."""
        return [self._run(row, self.choices.rows[int(row[0])]) for row in self.runs.by_number()]

    def table(self) -> pd.DataFrame:
        """One row for each run that has ended."""
        frame = pd.DataFrame(self.runs.by_number(), columns=self.runs.columns, dtype="object")
        for name in frame:
            if name in ("status", "error"):
                frame[name] = frame[name].astype("str")
            else:
                numbers = pd.to_numeric(frame[name].replace("", None))
                frame[name] = numbers.astype("int64" if name == "run" else "float64")
        return frame

    def _row(self, run: Run) -> list[str]:
        figures = [*(run.drawn.get(key, math.nan) for key in self.keys), *(run.kept.get(name, math.nan) for name in self.kept),
                   *(run.again.get(name, math.nan) for name in self.again)]
        last = [run.status, number_text(run.gap), " ".join(run.error.split()), number_text(round(run.seconds, 3))]
        return [str(run.number), *map(number_text, figures), *last]

    def _run(self, row: Sequence[str], choices: Sequence[str]) -> Run:
        cells = dict(zip(self.runs.columns, row, strict=True))

        def figures(prefix: str, names: Sequence[str]) -> dict[str, float]:
            return {name: float(cells[prefix + name]) for name in names if cells[prefix + name]}

        chosen: dict[Key, float] = {tuple(key): float(amount) for *key, amount in json.loads(choices[1])}
        return Run(int(row[0]), figures("", self.keys), figures("kept.", self.kept), json.loads(choices[2]),
                   figures("again.", self.again), cells["status"], float(cells["gap"] or "nan"), chosen, cells["error"],
                   float(cells["seconds"]))


def _kept(
    instance: Instance, plan: Plan | None, files: Files, progress: Progress, stop: Callable[[], bool]
) -> tuple[Plan, Floats | None, Session | None]:
    """The plan that is kept, the point that new ones start from, and the session that found them."""
    if plan is not None:
        return plan, None, None
    if files.folder is not None and is_plan(files.folder / files.plan):
        known = files.folder / files.start
        return Plan.read(files.folder / files.plan), np.load(known, allow_pickle=False) if known.exists() else None, None
    session = Session(instance, progress=progress)
    return session.solve(progress=progress, should_stop=stop), session.last_point, session


def _written(files: Files, folder: Path, plan: Plan, start: Floats | None) -> None:
    """The plan and the starting point, for a later call; the point first, since the plan says that both are there."""
    if start is not None:
        np.save(folder / files.start, start, allow_pickle=False)
    write_plan(plan, folder / files.plan, views={})


def _criteria(again: Again, instance: Instance, plan: Plan, session: Session | None) -> list[str]:
    """Criteria that a plan made anew is given values of."""
    if again == "plan":
        return list(dict.fromkeys(plan.criteria["criterion"].astype(str)))
    if again == "model":
        return list((session.compiled if session is not None else numbers_of(instance)).program.criteria)
    return [instance.settings.method.levels[0].criterion] if again == "lp" else []


def _digest(plan: Plan) -> str:
    """SHA-256 of what a plan decides."""
    tables: Mapping[str, pd.DataFrame] = plan.tables
    parts = [f"{name}\n{tables[name].to_csv(index=False, lineterminator=chr(10))}" for name in sorted(tables)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
