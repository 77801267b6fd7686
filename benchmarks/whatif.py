"""A question put to the loaded program beside the same question afresh, and beside HiGHS alone."""

from __future__ import annotations

import statistics
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import optimizer as opt
from benchmarks.cases import Case
from benchmarks.clock import SHORT, timed
from benchmarks.floor import change
from benchmarks.stages import Job, first_criterion, taken
from optimizer.search.problem import Problem
from optimizer.search.relaxation import Relaxation, Relaxer
from optimizer.solve import compiled

ASKED = ("+1%", "+2%", "-1%", "+3%", "-2%")
"""Changes of the budget, one after another, so that no answer is there already."""


def stream_asked(instance: opt.Instance) -> str | None:
    """The stream whose budget is changed: ``central``, or the first with a budget; None if there is none."""
    budgets = instance.data.budgets
    names = list(dict.fromkeys(budgets["stream"]))
    return "central" if "central" in names else (str(names[0]) if names else None)


def what_if(job: Job, case: Case, folder: Path, warm: Any, *, integers: bool, times: int) -> dict[str, Any]:
    """Seconds on the loaded program and afresh, and the ratios.

    Parameters
    ----------
    warm : HiGHS with the same linear program, solved; None if it did not end
    integers : whether to ask for whole plans too
    """
    stream = stream_asked(job.session.instance)
    if stream is None:
        return {}
    key = f"budget.{stream}"
    out: dict[str, Any] = {"change": f"{key} {ASKED[0]}"}
    out |= _linear(job, case, folder, key, times)
    out |= _alone(job, key, warm, out, times)
    if integers and "integers" in case.afresh and job.plan is not None:
        out |= _whole(job, case, folder, key)
    return out


def _linear(job: Job, case: Case, folder: Path, key: str, times: int) -> dict[str, Any]:
    """The linear relaxation: reading, building and solving afresh against the loaded session."""
    job.session.relax()  # the base point: what a planner asks from
    warm: list[float] = []
    first = None
    for asked in ASKED[:times]:
        seconds, answer = timed(partial(job.session.relax, {key: asked}))
        first = answer if first is None else first
        warm.append(seconds)
    assert first is not None
    fresh: list[float] = []
    value = float("nan")
    while not fresh or (len(fresh) < times and sum(fresh) < SHORT):
        seconds, value = timed(lambda: relaxed_afresh(case, folder, {key: ASKED[0]}))
        fresh.append(seconds)
    relaxed = statistics.median(warm)
    return {
        "relax_seconds": relaxed, "relax_times": len(warm), "afresh_seconds": statistics.median(fresh),
        "afresh_times": len(fresh), "linear_ratio": statistics.median(fresh) / relaxed,
        "linear_apart": apart(first.value, value), "relaxed": first.value,
    }


def relaxed_afresh(case: Case, folder: Path, changes: dict[str, str]) -> float:
    """Value of the linear relaxation under changes, from the files on; the instance is not checked."""
    instance = taken(case, folder).with_(changes)
    program = compiled(instance).program
    linear = first_criterion(instance, program)
    settings = instance.settings.settings
    problem = Problem.of(program, linear)
    answer = Relaxer(problem, seed=settings.seed, threads=settings.threads).solve()
    return problem.stated(answer.value) if isinstance(answer, Relaxation) else float("nan")


def _alone(job: Job, key: str, warm: Any, ours: dict[str, Any], times: int) -> dict[str, Any]:
    """The same changes made by hand in a warm HiGHS; making the changed arrays is not counted."""
    if warm is None:
        return {}
    seconds: list[float] = []
    before, value = job.program, 0.0
    for asked in ASKED[:times]:
        after = compiled(job.session.instance.with_({key: asked})).program
        if after.matrix.shape != before.matrix.shape or not np.array_equal(after.matrix.indices, before.matrix.indices):
            return {}
        seconds.append(change(warm, before, after))
        before = after
        value = float(warm.getInfo().objective_function_value) if len(seconds) == 1 else value
    by_hand = statistics.median(seconds)
    return {"by_hand_seconds": by_hand, "by_hand_ratio": ours["relax_seconds"] / by_hand,
            "by_hand_apart": apart(ours["relaxed"], value)}


def _whole(job: Job, case: Case, folder: Path, key: str) -> dict[str, Any]:
    """Audited plans: everything afresh against the loaded session starting from its last plan."""
    changes = {key: ASKED[0]}
    warm, plan = timed(lambda: _plan(lambda: job.session.solve(changes)))
    fresh, again = timed(lambda: _plan(lambda: opt.solve(taken(case, folder).with_(changes))))
    out: dict[str, Any] = {"solve_seconds": warm, "solve_afresh_seconds": fresh, "integers_ratio": fresh / warm}
    for name, one in (("solve", plan), ("solve_afresh", again)):
        out[f"{name}_gap_percent"] = None if one is None else one.outcome.gap_percent
        out[f"{name}_status"] = "none" if one is None else one.outcome.status
    return out


def _plan(solve: Any) -> opt.Plan | None:
    try:
        plan: opt.Plan = solve()
    except opt.SolveError:
        return None
    return plan


def apart(one: float, other: float) -> float:
    """Relative distance of two values of the same thing."""
    return abs(one - other) / max(abs(other), 1.0)
