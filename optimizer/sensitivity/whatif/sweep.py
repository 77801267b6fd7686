"""What-if runs by the hundred: every combination of changed keys, each solved on a loaded program.

The unchanged instance is solved first; every run starts from its plan. An answer does not depend on the number of
workers, on the order in which runs end, or on an interruption; see `optimizer.sensitivity.whatif.worker`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from optimizer.engine.outcome import Status, exit_status
from optimizer.instance.instance import Instance
from optimizer.sensitivity.whatif.asking import DIED, CtrlC, asked_of
from optimizer.sensitivity.whatif.executors import Place, place_of
from optimizer.sensitivity.whatif.runs import Journal, Runs, criteria_of, token_of
from optimizer.sensitivity.whatif.vary import Asked, Grid, grid_of
from optimizer.sensitivity.whatif.worker import BASE, Answer, Job, Stop, answered

START = "start.npy"
CHUNK = 8  # neighbouring relaxations asked one after the other

Batch = tuple[tuple[int, Mapping[str, Any]], ...]
Told = Callable[[int, int], None]
BASE_ALONE: Batch = ((BASE, {}),)


def sweep(
    instance: Instance, vary: Asked, *, relax: bool = False, workers: int = 1, cluster: str | None = None,
    executor: Executor | None = None, out: str | Path | None = None, plans: bool = False, progress: bool | None = None,
    should_stop: Stop | None = None,
) -> Runs:
    """Solve an instance under many changes.

    Parameters
    ----------
    vary : KEY → values, for the full grid of them: ``{"budget.central": opt.times([0.5, 1, 2]), "rule.industry.active":
        [1, 0]}``; or a table of runs (mappings, a data frame, a CSV file) with one column for each KEY. Numbers are
        absolute; factors are texts (``x1.1``, ``+10%``) or made by `optimizer.times`
    relax : ask for the linear relaxation of the first level only, in fractions of a second each
    workers : processes of this machine
    cluster : address of a Dask scheduler instead
    executor : any executor instead; it must be able to import this package
    out : folder of ``runs.csv``, which grows as runs end; a sweep that was interrupted goes on from there
    plans : write each plan too, into folders ``plans/0000``, ``plans/0001``, … of ``out`` (which all workers must reach)
    progress : show a bar on standard error; by default where that is a terminal
    should_stop : asked now and then; True ends the sweep with the runs that have ended

    Returns
    -------
    The runs. Those without a plan are recorded with their error and stop nothing; after Ctrl-C, ``complete`` is False.

    Raises
    ------
    InstanceError : a key matches nothing
    OtherSweepError : ``out`` holds another sweep
    ClusterError : there is no such cluster
    ValueError : several places to run at, or ``plans`` without ``out`` or for relaxations
    """
    if plans and (out is None or relax):
        raise ValueError("plans are written into the folder `out`, and a linear relaxation has none")
    folder = None if out is None else Path(out)
    grid = grid_of(vary, instance)
    asked = instance.with_({"settings.threads": 1}) if relax else instance  # one linear program keeps one thread busy
    job = Job(asked, token_of(instance), relax, plans=(folder / "plans").absolute() if folder is not None and plans else None)
    journal = Journal(folder, job, grid, criteria_of(instance, relax))
    stop = CtrlC(should_stop)
    shown = sys.stderr.isatty() if progress is None else progress
    try:
        with place_of(workers, cluster, executor) as place, _bar(shown, len(grid)) as told, stop:
            job = _with_start(place, job, journal, folder, stop)
            told(len(journal.rows), journal.failed)
            for answers in asked_of(place, answered, job, _batches(grid, journal, relax), stop, _died):
                journal.add(answers)
                told(len(journal.rows), journal.failed)
    finally:
        journal.in_order()
    return Runs(journal.table(), journal.base_row(), grid, job, instance.settings.method.levels[0].criterion)


def _with_start(place: Place, job: Job, journal: Journal, folder: Path | None, stop: Stop) -> Job:
    """The job with the plan of the unchanged instance, found now or by the sweep that this one continues."""
    start = None if folder is None else folder / START
    if journal.has_base:
        known = start is not None and start.exists()
        return replace(job, start=np.load(start, allow_pickle=False)) if start is not None and known else job
    for answer in chain.from_iterable(asked_of(place, answered, job, [BASE_ALONE], stop, _died)):
        if start is not None and answer.point is not None:
            np.save(start, answer.point, allow_pickle=False)
        journal.base(answer)
        return replace(job, start=answer.point)
    return job


def _batches(grid: Grid, journal: Journal, relax: bool) -> list[Batch]:
    """The runs still to be asked, in batches that are the same however many workers there are.

    A batch that has not ended as a whole begins anew, since each of its relaxations starts from the one before.
    """
    size = CHUNK if relax else 1
    out: list[Batch] = []
    for first in range(0, len(grid), size):
        runs = range(first, min(first + size, len(grid)))
        if not all(run in journal.rows for run in runs):
            journal.drop(runs)
            out.append(tuple((run, grid.runs[run]) for run in runs))
    return out


def _died(batch: Batch) -> list[Answer]:
    failed = Status.FAILED
    return [Answer(run, str(failed), exit_status(failed), error=DIED) for run, _ in batch]


@contextmanager
def _bar(shown: bool, total: int) -> Iterator[Told]:
    """A bar on standard error that is told how many runs have ended and how many of them without a plan."""
    if not shown:
        yield lambda done, failed: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[failed]}"),
               TimeElapsedColumn(), TextColumn("·"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("unchanged", total=total, failed="")
        yield lambda done, failed: bar.update(task, completed=done, description="runs",
                                              failed=f"{failed} without a plan" if failed else "")
