"""What-if runs by the hundred: every combination of changed keys, each solved on a loaded program.

The unchanged instance is solved first; every run starts from its plan. An answer does not depend on the number of
workers, on the order in which runs end, or on an interruption; see `optimizer.sensitivity.whatif.worker`.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from optimizer.engine.outcome import Status, exit_status
from optimizer.instance.instance import Instance
from optimizer.sensitivity.whatif.executors import Place, place_of
from optimizer.sensitivity.whatif.runs import Journal, Runs, criteria_of, token_of
from optimizer.sensitivity.whatif.vary import Asked, Grid, grid_of
from optimizer.sensitivity.whatif.worker import BASE, Answer, Job, Stop, answered

START = "start.npy"
CHUNK = 8  # neighbouring relaxations asked one after the other
POLL = 0.2  # seconds between two questions whether to stop
FAREWELL = 10.0  # seconds that runs get to end once they are told to

Batch = tuple[tuple[int, Mapping[str, Any]], ...]
Told = Callable[[int, int], None]


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
    stop = _CtrlC(should_stop)
    shown = sys.stderr.isatty() if progress is None else progress
    try:
        with place_of(workers, cluster, executor) as place, _bar(shown, len(grid)) as told, stop:
            job = _with_start(place, job, journal, folder, stop)
            told(len(journal.rows), journal.failed)
            for answers in _answers(place, job, _batches(grid, journal, relax), stop):
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
    for answer in (answer for answers in _answers(place, job, [((BASE, {}),)], stop) for answer in answers):
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


def _answers(place: Place, job: Job, batches: list[Batch], stop: Stop) -> Iterator[list[Answer]]:
    """The answers to each batch as it ends."""
    if place.executor is None:
        for batch in batches:
            if stop():
                return
            yield answered(job, batch, stop)
        return
    sent = place.send(job)
    while batches and not stop():
        batches = yield from _side_by_side(place, sent, batches, stop)
        if batches and not stop():  # a worker has died over one of those that it had begun
            for batch in batches[: place.workers]:
                yield _alone(place, sent, batch)
            batches = batches[place.workers :]


def _side_by_side(
    place: Place, job: Any, batches: list[Batch], stop: Stop
) -> Generator[list[Answer], None, list[Batch]]:
    """Batches in the workers of the place; returns those that are left when a worker dies, in order.

    Raises
    ------
    BrokenExecutor : a worker has died, and the executor is not ours to make anew
    """
    assert place.executor is not None
    left = dict(enumerate(batches))
    asked = {place.executor.submit(answered, job, batch): number for number, batch in left.items()}
    while asked:
        done, _ = wait(asked, timeout=POLL, return_when=FIRST_COMPLETED)
        for future in done:
            try:
                answers = future.result()
            except BrokenExecutor:
                if place.renew is None:
                    raise
                place.renew()
                return list(left.values())
            del left[asked.pop(future)]
            yield answers
        if stop():
            yield from _last_words(place, asked)
            return []
    return []


def _alone(place: Place, job: Any, batch: Batch) -> list[Answer]:
    """The answers to a batch with nothing beside it: if its worker dies again, it is to blame."""
    assert place.executor is not None and place.renew is not None
    try:
        return place.executor.submit(answered, job, batch).result()
    except BrokenExecutor:
        place.renew()
        failed = Status.FAILED
        why = "the worker process ended, perhaps for want of memory"
        return [Answer(run, str(failed), exit_status(failed), error=why) for run, _ in batch]


def _last_words(place: Place, asked: Mapping[Future[list[Answer]], int]) -> Iterator[list[Answer]]:
    """Tell the workers to end, and take what they have answered."""
    place.halt()
    running = [future for future in asked if not future.cancel()]
    for future in wait(running, timeout=FAREWELL if place.renew is not None else 0.0).done:
        if future.exception() is None:
            yield future.result()


class _CtrlC:
    """Whether to stop: what the caller says, or, where the caller has no say, Ctrl-C. A second Ctrl-C ends at once."""

    def __init__(self, should_stop: Stop | None) -> None:
        self._given, self._asked = should_stop, threading.Event()
        self._before: Any = None

    def __call__(self) -> bool:
        return self._asked.is_set() if self._given is None else self._given()

    def __enter__(self) -> Self:
        if self._given is None and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()
        signal.signal(number, self._before)


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
