"""The runs of a sweep: a table that grows in a file as runs end, and what can be asked of them afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.engine.outcome import Status, exit_status
from optimizer.instance.folder import number_text
from optimizer.instance.instance import Instance
from optimizer.plan.compare import Comparison, compare
from optimizer.plan.criteria import criterion_names
from optimizer.plan.plan import Plan
from optimizer.sensitivity.whatif.growing import GrowingTable, lines, opened, written
from optimizer.sensitivity.whatif.vary import Grid
from optimizer.sensitivity.whatif.worker import BASE, Answer, Job, plan_of

FILE, NOTE = "runs.csv", "sweep.json"
ENDS = ("bound", "gap", "seconds", "error")
TEXTS = ("status", "error")
NUMBERED = ("run", "exit")
WITH_PLAN = ("0", "4")  # exit statuses
OTHER = {"instance": "another instance", "grid": "other values", "linear": "another kind of run"}


@dataclass(frozen=True, eq=False)
class Runs:
    """The runs of a sweep.

    Attributes
    ----------
    table : one row for each run that has ended, by number: ``run``; one column for each KEY; ``status``; ``exit`` (as of
        the command line); one column for each criterion (of the audited plan, in its own unit; named ``criterion.NAME``
        where the name is taken); ``bound`` (no plan can be better, in the first level's criterion), ``gap`` (share of
        the value); ``seconds``; ``error``
    base : the same for the unchanged instance
    grid : what was asked for
    job : the instance and how it was solved
    criterion : the first level's criterion
    """

    table: pd.DataFrame
    base: pd.Series
    grid: Grid
    job: Job
    criterion: str

    @property
    def complete(self) -> bool:
        """Whether every run has ended, with a plan or without one."""
        return len(self.table) == len(self.grid)

    @property
    def value(self) -> str:
        """The column of the first level's criterion."""
        return self.criterion if f"criterion.{self.criterion}" not in self.table else f"criterion.{self.criterion}"

    @property
    def failures(self) -> pd.DataFrame:
        """The runs without a plan."""
        return self.table[~self.table["exit"].astype(str).isin(WITH_PLAN)]

    def plan(self, run: int | None) -> Plan:
        """The plan of a run (None: of the unchanged instance), read where it was written, else found again as it was.

        Raises
        ------
        ValueError : these are runs of the linear relaxation, which have no plans, or there is no such run
        SolveError, InstanceError : the run has no plan
        """
        if self.job.relax:
            raise ValueError("runs of the linear relaxation have no plans; sweep without it to compare runs")
        if run is not None and not 0 <= run < len(self.grid):
            raise ValueError(f"there is no run {run}; runs are numbered 0 to {len(self.grid) - 1}")
        name = "base" if run is None else f"{run:04d}"
        if self.job.plans is not None and (self.job.plans / name).is_dir():
            return Plan.read(self.job.plans / name)
        return plan_of(self.job, {} if run is None else self.grid.runs[run])

    def compare(self, before: int | None, after: int) -> Comparison:
        """Two runs side by side (None: the unchanged instance): who gains and loses, which pairs and projects change, how
        the rules move."""
        return compare(self.plan(before), self.plan(after))

    def write(self, folder: str | Path) -> Path:
        """Write ``runs.csv``, as a sweep with ``out`` does by itself."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        text = lines([list(self.table.columns), *(_cells(row) for row in self.table.itertuples(index=False))])
        (place / FILE).write_text(text, encoding="utf-8-sig", newline="")
        return place / FILE


class Journal:
    """The rows of a sweep so far, in a folder or in memory only.

    Parameters
    ----------
    folder : holds ``runs.csv`` and ``sweep.json``; runs that are there already count as done
    """

    def __init__(self, folder: Path | None, job: Job, grid: Grid, criteria: Sequence[str]) -> None:
        self.folder, self.grid = folder, grid
        self.criteria = tuple(criteria)
        taken = {"run", *grid.keys, *NUMBERED, *TEXTS, *ENDS}
        named = [name if name not in taken else f"criterion.{name}" for name in criteria]
        self._grown = GrowingTable(folder, FILE, ["run", *grid.keys, "status", "exit", *named, *ENDS])
        self.note: dict[str, Any] = {"format": 1, "instance": job.token, "grid": grid.digest, "runs": len(grid),
                                     "keys": list(grid.keys), "linear": job.relax}
        if folder is not None:
            self.note, _ = opened(folder, NOTE, self.note, FILE, "a sweep", OTHER)
            failed = self._grown.columns.index("status")
            self._grown.take(lambda row: row[failed] != "failed")  # what failed by itself is asked again

    @property
    def rows(self) -> Mapping[int, list[str]]:
        """The rows so far, by number."""
        return self._grown.rows

    def add(self, answers: Iterable[Answer]) -> None:
        """Note how runs ended; they are on the disk when this returns."""
        self._grown.add([self._row(answer) for answer in answers])

    def drop(self, runs: Iterable[int]) -> None:
        """Forget runs that will be asked again."""
        self._grown.drop(runs)

    def base(self, answer: Answer) -> None:
        """Note how the unchanged instance ended."""
        self.note["base"] = dict(zip(self._grown.columns, self._row(answer), strict=True))
        if self.folder is not None:
            written(self.folder, NOTE, self.note)

    @property
    def has_base(self) -> bool:
        """Whether it is known how the unchanged instance ended."""
        return "base" in self.note

    @property
    def failed(self) -> int:
        """Runs that have ended without a plan."""
        at = self._grown.columns.index("exit")
        return sum(row[at] not in WITH_PLAN for row in self.rows.values())

    def in_order(self) -> None:
        """Write the rows anew, by number."""
        self._grown.in_order()

    def table(self) -> pd.DataFrame:
        """All rows by number, typed."""
        return _typed(self._grown.by_number(), self._grown.columns, self.grid.keys)

    def base_row(self) -> pd.Series:
        """The row of the unchanged instance."""
        if not self.has_base:
            open_ = Answer(BASE, str(Status.INTERRUPTED), exit_status(Status.LIMIT_WITHOUT_PLAN))
            known = dict(zip(self._grown.columns, self._row(open_), strict=True))
        else:
            known = self.note["base"]
        return _typed([[known[name] for name in self._grown.columns]], self._grown.columns, self.grid.keys).iloc[0]

    def _row(self, answer: Answer) -> list[str]:
        keys = [""] * len(self.grid.keys) if answer.run == BASE else self.grid.cells(answer.run)
        values = [number_text(answer.values.get(name, float("nan"))) for name in self.criteria]
        ends = [*map(number_text, (answer.bound, answer.gap, round(answer.seconds, 3))), " ".join(answer.error.split())]
        return [str(answer.run), *keys, answer.status, str(answer.exit), *values, *ends]


def criteria_of(instance: Instance, relax: bool) -> list[str]:
    """The criteria that a run is given values of: the first level's first; of a relaxation that one alone."""
    levels = [level.criterion for level in instance.settings.method.levels]
    return levels[:1] if relax else list(dict.fromkeys([*levels, *criterion_names(instance.data)]))


def token_of(instance: Instance) -> str:
    """SHA-256 of everything in an instance: settings, tables, decisions."""
    whole = hashlib.sha256(json.dumps(dict(instance.raw_settings), sort_keys=True, default=str, ensure_ascii=False).encode())
    frames = [*(instance.tables[name] for name in sorted(instance.tables)), instance.decisions]
    for frame in frames:
        whole.update(b"\0" if frame is None else frame.to_csv(index=False, lineterminator="\n").encode())
    return whole.hexdigest()


def _typed(rows: list[list[str]], columns: list[str], keys: Sequence[str]) -> pd.DataFrame:
    """Rows of texts with numbers where a column holds numbers; values of keys are numbers where all of them are."""
    frame = pd.DataFrame(rows, columns=columns, dtype="object")
    for name in columns:
        if name in TEXTS:
            frame[name] = frame[name].astype("str")
        elif name in NUMBERED:
            frame[name] = frame[name].astype("int64")
        elif name not in keys:
            frame[name] = pd.to_numeric(frame[name].replace("", None)).astype("float64")
        else:
            numbers = pd.to_numeric(frame[name].replace("", None), errors="coerce")
            frame[name] = numbers if (numbers.notna() | (frame[name] == "")).all() else frame[name].astype("str")
    return frame


def _cells(row: Iterable[Any]) -> list[str]:
    return [value if isinstance(value, str) else number_text(float(value)) for value in row]
