"""What a plan says of how it was found: its levels and bounds, its status by the gap that is left, seconds by stage."""

from __future__ import annotations

import platform
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from importlib import metadata

import numpy as np

from optimizer.engine.outcome import Status
from optimizer.engine.progress import Progress
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Answered, Reached
from optimizer.model.compile import Compiled
from optimizer.plan.assemble import claiming
from optimizer.plan.choices import Claims
from optimizer.plan.choices import Level as Claimed
from optimizer.plan.plan import Plan
from optimizer.search.drive import Stopwatch
from optimizer.whole_steps import Stepped

SAME = 1e-9  # share by which the value of a plan's tables may differ from the program's
PACKAGES = ("optimizer", "pyomo", "highspy", "pandas", "numpy", "scipy")


class Stages(Stopwatch):
    """Seconds by stage of the main job, and when it began."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(progress)
        self.started = datetime.now(UTC)


def proved(plan: Plan, stepped: Stepped) -> Plan:
    """The plan bounded by the best whole-unit point, where that is proved and the tables say its value too."""
    value, reached = stepped.optimum, plan.outcome.objective
    if value is None or reached is None or len(plan.claims.levels) != 1 or abs(reached - value) > SAME * max(1.0, abs(value)):
        return plan
    level = replace(plan.claims.levels[0], bound=reached)
    return claiming(plan, replace(plan.claims, levels=(level,)))


def only_missed(plan: Plan) -> Plan:
    """The plan with the proofs of those rules only that it does miss."""
    rules = plan.rules[plan.rules["status"] == "rounding"]
    missed = set(zip(rules["rule"], rules["index"], strict=True))
    kept = {at: proof for at, proof in plan.claims.rounding.items() if at in missed}
    return replace(plan, claims=replace(plan.claims, rounding=kept))


def with_status(plan: Plan, gap: float) -> Plan:
    """The status by the gap of the whole-unit plan: optimal only without one, within_gap only inside the one asked for.

    Where the model was solved to its optimum and only whole steps keep the plan from it, the plan is within the gap
    that whole steps leave, which it states.
    """
    claims, outcome = plan.claims, plan.outcome
    left = outcome.gap_percent
    if left is None or claims.status not in (Status.OPTIMAL, Status.WITHIN_GAP, Status.LIMIT):
        return plan
    if left <= 1e-7 and claims.status != Status.LIMIT:
        status = Status.OPTIMAL
    elif left <= 100 * gap or claims.status == Status.OPTIMAL:
        status = Status.WITHIN_GAP
    else:
        status = Status.LIMIT
    return replace(plan, claims=replace(claims, status=str(status)))


def claims_of(instance: Instance, built: Compiled, reached: Reached, watch: Stages, stopped: bool) -> Claims:
    """What the plan will say of how it was found. A level that was not reached has no bound."""
    settings = instance.settings
    levels = tuple(
        Claimed(level.criterion, level.found.outcome.sense, _modelled(level, reached), _finite(level.found.outcome.bound))
        for level in reached.levels
    )
    statuses = [level.found.outcome.status for level in reached.levels]
    if all(status.proved for status in statuses):
        status = Status.OPTIMAL if all(s is Status.OPTIMAL for s in statuses) else Status.WITHIN_GAP
    else:
        status = Status.INTERRUPTED if stopped else Status.LIMIT
    unaudited = tuple(f"{name}: added by the analyst; the audit does not know it" for name in built.unknown)
    unaudited += tuple(f"kalai: the largest {outcome} of each of the {over} alone is the solver's bound, read from plan.json"
                       for outcome, over in built.ideals)
    return Claims(
        status=str(status), method=settings.method.type, levels=levels, seconds=dict(watch.seconds),
        started=watch.started.isoformat(timespec="seconds"),
        settings=settings.settings.model_dump(), versions=versions(), scenario=instance.scenario_name,
        ranges=reached.ranges, unaudited=unaudited, ideals=built.ideals,
        leximin={name: tuple(asdict(level) for level in levels) for name, levels in reached.worst.items()},
    )


def _modelled(level: Answered, reached: Reached) -> float:
    """Value of a level's criterion before rounding, at the point the method ended with."""
    linear = reached.program.criteria.get(level.criterion)
    if linear is None or reached.x is None or len(linear.vector) != len(reached.x):
        return _finite(level.found.outcome.objective)
    return linear.at(reached.x)


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")


def versions() -> dict[str, str]:
    """Versions of what a plan depends on."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


@cache
def _version(name: str) -> str:
    return metadata.version(name)
