"""What a worker does: a few runs of a sweep on one loaded program, each answered or recorded as failed.

A run starts from the plan of the unchanged instance and the optimum of its linear relaxation, wherever it is solved and
whatever was solved there before, so that its answer depends on the run alone. Relaxations are asked in short chunks of
neighbouring runs instead, each from the one before: quicker, and the chunks are the same for any number of workers.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from optimizer.engine.outcome import SolveError, Status, exit_status, relative_gap
from optimizer.engine.program import Floats
from optimizer.instance.counting import count
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.solve import Session

BASE = -1
"""The number of the run that changes nothing."""

EXACT = 1e-7
"""Share of the value up to which the bound of a relaxation may differ from it and be called the same."""

_kept = threading.local()  # a loaded program serves one thread

Stop = Callable[[], bool]
Changes = Mapping[str, Any] | Instance


@dataclass(frozen=True, eq=False)
class Job:
    """What all runs of a sweep share.

    Attributes
    ----------
    token : tells the loaded program of this instance from another
    relax : ask for the linear relaxation of the first level only
    start : the plan of the unchanged instance as a point of the program; None = there is none
    plans : folder in which each plan gets a folder of its own; None = plans are not written
    """

    instance: Instance
    token: str
    relax: bool = False
    start: Floats | None = None
    plans: Path | None = None


@dataclass(frozen=True)
class Answer:
    """How one run ended.

    Attributes
    ----------
    status, exit : the outcome, as in ``plan.json`` and of the command line; ``input`` where the changes cannot be made
    values : criterion → value of the audited plan, or of the relaxation
    bound : no plan can be better than this, in the first level's criterion
    gap : distance of value and bound as a share of the value
    error : why there is no plan, in a sentence
    point : the plan of the unchanged instance, where other runs start
    """

    run: int
    status: str
    exit: int
    values: Mapping[str, float] = field(default_factory=dict)
    bound: float = math.nan
    gap: float = math.nan
    seconds: float = 0.0
    error: str = ""
    point: Floats | None = None


def answered(job: Job, runs: Sequence[tuple[int, Mapping[str, Any]]], stop: Stop | None = None) -> list[Answer]:
    """The answers to neighbouring runs, in order; those that a stop leaves open are missing."""
    out: list[Answer] = []
    stop = stop or signalled
    for position, (run, changes) in enumerate(runs):
        began = time.perf_counter()
        try:
            session, asked = prepared(job, changes, rewound=not job.relax or position == 0)
            answer = _relaxed(session, run, asked) if job.relax else _planned(job, session, run, asked, stop)
        except SolveError as error:
            status = Status.FAILED if error.outcome is None else error.outcome.status
            answer = Answer(run, str(status), error.exit_status, error=str(error))
        except InstanceError as error:
            answer = _refused(job, run, changes, error)
        except Exception as error:  # whatever it was, the other runs go on
            forget()
            answer = Answer(run, str(Status.FAILED), exit_status(Status.FAILED), error=f"{type(error).__name__}: {error}")
        if stop():  # cut short: not what this run would have come to
            break
        out.append(replace(answer, seconds=time.perf_counter() - began))
    return out


def plan_of(job: Job, changes: Mapping[str, Any]) -> Plan:
    """The plan of a run, found again just as it was found first."""
    session, asked = prepared(job, changes, rewound=True)
    return session.solve(asked)


def prepared(job: Job, changes: Changes, *, rewound: bool) -> tuple[Session, Changes]:
    """The loaded program of this thread and what to ask of it: the unchanged instance with changes, or another instance.

    Where the unchanged instance is refused, a change may be just what mends it: then each run has a program of its own.
    """
    if getattr(_kept, "token", None) != job.token:
        forget()
        try:
            _kept.session = Session(job.instance)
        except InstanceError:
            _kept.session = None
        _kept.token = job.token
    session: Session | None = _kept.session
    if session is None:
        return Session(changes if isinstance(changes, Instance) else job.instance.with_(changes)), {}
    if rewound:
        session.rewind(job.start)
    return session, changes


def forget() -> None:
    """Give the loaded program up, after a fault or for another instance."""
    _kept.token = _kept.session = None


_stop: list[Any] = []


def hear(event: Any) -> None:
    """Begin a worker process: an event of its parent, not Ctrl-C, says when to stop."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stop[:] = [event]


def signalled() -> bool:
    """Whether the parent of this worker process has said to stop."""
    return bool(_stop and _stop[0].is_set())


def _planned(job: Job, session: Session, run: int, changes: Changes, stop: Stop) -> Answer:
    plan = session.solve(changes, should_stop=stop)
    outcome = plan.outcome
    rows = plan.criteria.drop_duplicates("criterion")
    values = dict(zip(rows["criterion"].astype(str), rows["value"].astype(float), strict=True))
    if job.plans is not None and not stop():
        plan.write(job.plans / (f"{run:04d}" if run != BASE else "base"))
    status = Status(outcome.status)
    gap = math.nan if outcome.gap_percent is None else outcome.gap_percent / 100
    bound = math.nan if outcome.bound is None else outcome.bound
    return Answer(run, str(status), exit_status(status), values, bound, gap,
                  point=session.last_point if run == BASE else None)


def _relaxed(session: Session, run: int, changes: Changes) -> Answer:
    answer = session.relax(changes)
    name = session.instance.settings.method.levels[0].criterion
    gap = relative_gap(answer.value, answer.bound)
    status = Status.OPTIMAL if gap <= EXACT else Status.WITHIN_GAP
    return Answer(run, str(status), exit_status(status), {name: answer.value}, answer.bound, gap)


def _refused(job: Job, run: int, changes: Mapping[str, Any], error: InstanceError) -> Answer:
    """Changes that cannot be made, or that counting proves to leave no plan."""
    sentences = " ".join(finding.sentence() for finding in error.findings[:3])
    more = len(error.findings) - 3
    sentences += f" … and {more} more" if more > 0 else ""
    try:
        proofs = set(count(job.instance.with_(changes), sound=False))
    except InstanceError:
        proofs = set()
    faults = {finding for finding in error.findings if finding.severity == "error"}
    if faults and faults <= proofs:
        return Answer(run, str(Status.INFEASIBLE), exit_status(Status.INFEASIBLE), error=sentences)
    return Answer(run, "input", InstanceError.exit_status, error=sentences)
