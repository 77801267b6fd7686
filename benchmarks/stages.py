"""The main job as a planner runs it, stage by stage."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optimizer as opt
from benchmarks.cases import Case
from benchmarks.clock import TIMES, Recorder, Stage, median_of, nothing, peak_mib
from benchmarks.figures import SOLVING
from optimizer.engine.program import Linear, Program
from optimizer.instance.data import expand
from optimizer.model.build import build
from optimizer.model.compile import compile_model
from optimizer.search.problem import Problem
from optimizer.search.relaxation import Relaxer

ORDER = ("start", "read", "expand", "check", "build", "compile", "load", *SOLVING, "whole steps", "plan", "audit", "write")


@dataclass
class Job:
    """The main job after it ran: the loaded session, its plan (None without one) and the times."""

    session: opt.Session
    plan: opt.Plan | None
    failure: str
    recorder: Recorder
    peak: float

    @property
    def program(self) -> Program:
        """The compiled program."""
        return self.session.compiled.program

    @property
    def linear(self) -> Linear:
        """The first level's criterion."""
        return first_criterion(self.session.instance, self.program)


def first_criterion(instance: opt.Instance, program: Program) -> Linear:
    """The criterion of the first level."""
    return program.criteria[instance.settings.method.levels[0].criterion]


def taken(case: Case, folder: Path) -> opt.Instance:
    """The instance of a case, read anew."""
    instance = opt.read(folder)
    if case.scenario is not None:
        instance = instance.scenario(case.scenario)
    changes: dict[str, Any] = {}
    if case.gap is not None:
        changes["settings.gap"] = f"{case.gap}%"
    if case.time_limit is not None:
        changes["settings.time_limit"] = case.time_limit
    return instance.with_(changes) if changes else instance


def main_job(case: Case, folder: Path, recorder: Recorder) -> Job:
    """Read, check, build, compile, load, solve, round, audit and write, once, as ``optimizer solve`` does."""
    recorder.stage("read")
    instance = taken(case, folder)
    recorder.stage("expand")
    _ = instance.data
    session = opt.Session(instance, progress=recorder)
    recorder.renamed = {"build": "load"}  # the algebra is there; what is left until the search begins is loading
    plan, failure = None, ""
    stop = (lambda: recorder.first is not None) if case.first_only else None
    try:
        plan = session.solve(progress=recorder, should_stop=stop)
    except opt.SolveError as error:
        failure = str(error)
    if plan is not None:
        recorder.stage("write")
        _written(plan)
    recorder.stage("")
    return Job(session, plan, failure, recorder, peak_mib())


def repeat_short(job: Job, case: Case, folder: Path, times: int = TIMES) -> None:
    """Measure stages again that took less than two seconds, and keep the median."""
    stages = job.recorder.stages
    for name, (fresh, work) in _again(job, case, folder).items():
        stage = stages.get(name)
        if stage is not None:
            stage.seconds, stage.times = median_of(work, fresh, known=(stage.seconds,), times=times)


def _again(job: Job, case: Case, folder: Path) -> dict[str, tuple[Callable[[], Any], Callable[[Any], object]]]:
    """Each stage that stands by itself: what it needs fresh, and the work that is timed."""
    instance, settings = job.session.instance, job.session.instance.settings.settings

    def loaded(_: object = None) -> Relaxer:
        return Relaxer(Problem.of(job.program, job.linear), seed=settings.seed, threads=settings.threads)

    work: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
        "read": (nothing, lambda _: taken(case, folder)), "expand": (nothing, lambda _: expand(instance)),
        "check": (nothing, lambda _: opt.check(instance)), "build": (nothing, lambda _: build(instance.data)),
        "compile": (lambda: build(instance.data), compile_model), "load": (nothing, loaded),
        "linear relaxation": (loaded, Relaxer.solve),
    }
    plan = job.plan
    if plan is not None:
        work["audit"] = (nothing, lambda _: plan.audited())
        work["write"] = (nothing, lambda _: _written(plan))
    return work


def _written(plan: opt.Plan) -> None:
    with tempfile.TemporaryDirectory() as spare:
        plan.write(Path(spare) / "plan")


def in_order(stages: dict[str, Stage]) -> list[Stage]:
    """The stages that were run, in the order of the job."""
    return [stages[name] for name in ORDER if name in stages] + [s for name, s in stages.items() if name not in ORDER]
