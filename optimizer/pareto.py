"""Fronts of an instance: which values of several criteria can be had together, each point with its plan on request."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import pandas as pd

from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.engine.progress import Progress, Quiet
from optimizer.instance.instance import Instance
from optimizer.methods.cuts import Refined
from optimizer.methods.levels import Ask, Reached, held
from optimizer.methods.pareto.asked import TOLERANCE, front_of
from optimizer.methods.pareto.at_point import AtPoint
from optimizer.methods.pareto.every import Limits
from optimizer.methods.pareto.front import Front
from optimizer.methods.single import single
from optimizer.model.compile import Compiled
from optimizer.model.settling import Settling
from optimizer.plan.plan import Plan
from optimizer.search.drive import Found, search
from optimizer.search.limits import Limits as SearchLimits
from optimizer.solve import Session, by_instance

__all__ = ["Front", "pareto", "with_plans"]

LEAST_GAP = 1e-6  # share within which a question of a mixed problem counts as proved


def pareto(
    instance: Instance, criteria: Sequence[str], points: int | None = None, *, continued: Front | None = None,
    time_limit: float | None = None, subproblems: int | None = None, workers: int = 1, executor: Executor | None = None,
    tolerance: float = TOLERANCE, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> Front:
    """The front of an instance under two or more criteria.

    Every nondominated point where the criteria depend on bounded whole decisions alone; the exact piecewise-linear front
    (two criteria) or an approximation within ``tolerance`` (more) where nothing must be whole; else ``points`` points,
    each with a proved bound. ``front.complete`` and ``front.why_not`` say which. The method of the instance does not
    matter; points of soft rules are made few first, unless ``broken`` is one of the criteria. Points are given before
    whole steps; ``front[3]`` is the plan of point 3 in whole steps, audited.

    Parameters
    ----------
    criteria : names as in a method's levels; their order changes nothing but that of the columns
    points : how many points of a mixed problem (11)
    continued : a front of the same question that was interrupted, or has too few points
    time_limit : seconds for the whole front (none); each question of a mixed problem also has the instance's own limit
    subproblems : stop after this many questions about a front of whole decisions or a linear one; it can be continued
    workers : questions solved side by side, for a front of whole decisions
    executor : processes for them, such as ``ProcessPoolExecutor(2)``; without one they are threads
    tolerance : share of each range, for three and more criteria where nothing must be whole

    Raises
    ------
    InstanceError : the instance has errors, all of them listed
    ValueError : criteria that cannot be asked together, or ``continued`` belongs to another question
    SolveError : there is no front; ``outcome`` tells infeasible, unbounded, a limit and a failure apart
    """
    if len(criteria) < 2:
        raise ValueError("a front needs two criteria or more")
    names, settings = list(criteria), instance.settings.settings
    levels = [{"criterion": name} for name in names]
    _refuse_leximin(instance, names)
    asked = instance.with_({"method.type": "lexicographic", "method.levels": levels})
    session = Session(asked, progress=progress)
    watch, built = progress or Quiet(), session.compiled
    ends = math.inf if time_limit is None else time.monotonic() + time_limit
    limits = Limits(ends, subproblems, should_stop or (lambda: False), workers, settings.seed, executor)

    def ask(program: Program, linear: Linear, start: Floats | None) -> Found:
        own = math.inf if settings.time_limit is None else time.monotonic() + settings.time_limit
        gap = max(settings.gap, LEAST_GAP)
        chosen = SearchLimits(gap, min(ends, own), settings.threads, settings.seed, settings.node_limit, limits.stop)

        def searched(program: Program, linear: Linear, start: Floats | None) -> Found:
            return search(program, linear, chosen, watch, start)

        refined = Refined(searched, built.cutting, chosen, cuts, settled=Settling(asked.data))
        return refined.answering()(program, linear, start)

    cuts: list[ExtraRows] = []
    program, broken = _few_broken(instance, built.program, names, ask)
    watch.stage("front")
    front = front_of(program, names, ask, limits, points=points, tolerance=tolerance, known=continued,
                     by_asking=bool(built.cutting))
    watch.stage("")
    return replace(front, plan_of=lambda point: _plan(session, AtPoint(front, point, broken), watch))


def _refuse_leximin(instance: Instance, names: Sequence[str]) -> None:
    for name in names:
        fields = instance.settings.criteria.get(name)
        if getattr(fields, "equity", None) == "leximin":
            raise ValueError(f"'{name}' is leximin, which puts plans in order but is no number that an axis of a front could "
                             "show; take the form maximin, cvar or owa")


def with_plans(front: Front, time_limit: float | None = None) -> tuple[Front, dict[int, Plan]]:
    """The plan of every point, and the front with their values in whole units beside its own (``plan_CRITERION``).

    ``time_limit``: no further plan is begun after so many seconds; the front then says which points have none.
    """
    ends = math.inf if time_limit is None else time.monotonic() + time_limit
    plans: dict[int, Plan] = {}
    for point in front.points["point"]:
        if time.monotonic() >= ends:
            break
        plans[int(point)] = front[int(point)]
    rows = [_values(plans[int(point)], front.names) if int(point) in plans else {} for point in front.points["point"]]
    beside = pd.DataFrame(rows, index=front.points.index, columns=[f"plan_{name}" for name in front.names])
    out = replace(front, points=pd.concat([front.points, beside], axis=1))
    if len(plans) < len(front):
        why = f"the time limit was reached with the plans of {len(plans)} of {len(front)} points"
        out = replace(out, stopped=f"{front.stopped}; {why}" if front.stopped else why)
    return out, plans


def _values(plan: Plan, names: Sequence[str]) -> dict[str, float]:
    rows = plan.criteria[plan.criteria["role"] == "objective"].set_index("criterion")["value"]
    return {f"plan_{name}": float(rows[name]) for name in names}


def _few_broken(instance: Instance, program: Program, names: Sequence[str], ask: Any) -> tuple[Program, Found | None]:
    """The program with the points of soft rules as few as can be, and how that was found."""
    soft = any(rule.active and not rule.hard for rule in instance.settings.rules)
    if not soft or "broken" in names:
        return program, None
    found = single(program, "broken", ask, None).levels[0].found
    if found.x is None:
        return program, None  # the first question of the front says why
    return held(program, "broken", program.criteria["broken"], found.outcome.objective, 0.0), found


def _plan(session: Session, at: AtPoint, progress: Progress) -> Plan:
    """The plan of a point: the criteria after the first held at its values, then the first made as good as can be."""
    names = at.front.names
    levels: list[dict[str, Any]] = [{"criterion": name, "tolerance": at.tolerance(name)} for name in names[1:]]
    changes = {"method.type": "lexicographic", "method.levels": [*levels, {"criterion": names[0]}]}

    def method(instance: Instance, built: Compiled, ask: Ask, start: Floats | None, limits: SearchLimits, whole: bool) -> Reached:
        known = None if whole else at.reached(built.program, ask)
        return by_instance(instance, built, ask, start, limits, whole) if known is None else known

    return session.solve(changes, progress=progress, method=method)
