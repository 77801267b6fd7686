"""What a method decides, before money is put into whole steps: quick enough for hundreds of questions.

Pairs and projects are final there; amounts of money and people move by less than a step each on the way to a plan.
"""

from __future__ import annotations

import math
import time

import numpy as np

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.instance.check import check
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.methods.cuts import Refined
from optimizer.methods.levels import Reached
from optimizer.methods.quotients import with_quotients
from optimizer.model.build import build
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.model.settling import Settling
from optimizer.search.drive import Found, search
from optimizer.search.limits import Limits
from optimizer.solve import Method, by_instance

Key = tuple[str, ...]
CHOSEN = 1e-6  # share of a pair or project below which it counts as not chosen at all


def numbers_of(instance: Instance) -> Compiled:
    """The program of an instance that is sound.

    Raises
    ------
    InstanceError : with every error that checking finds
    """
    errors = [finding for finding in check(instance) if finding.severity == "error"]
    if errors:
        raise InstanceError(errors)
    return compile_numbers(build(instance.data, pyomo=False))


def limits_of(instance: Instance) -> Limits:
    """When a search for this instance stops."""
    settings = instance.settings.settings
    deadline = time.monotonic() + (math.inf if settings.time_limit is None else settings.time_limit)
    return Limits(gap=settings.gap, deadline=deadline, threads=settings.threads, seed=settings.seed,
                  node_limit=settings.node_limit)


def decided(instance: Instance, built: Compiled, start: Floats | None = None, method: Method = by_instance) -> Reached:
    """The end of a method over a program.

    Raises
    ------
    SolveError : there is no point, or none was found in time
    """
    limits, rows = limits_of(instance), list[ExtraRows]()

    def ask(program: Program, linear: Linear, point: Floats | None) -> Found:
        return search(program, linear, limits, None, point)

    known = start if start is not None and len(start) == built.program.n_columns else None
    refined = Refined(ask, built.cutting, limits, rows, settled=Settling(instance.data))
    reached = method(instance, built, with_quotients(refined), known, limits, False)
    if reached.x is None:
        outcome = reached.levels[-1].found.outcome
        raise SolveError(f"No plan was found ({outcome.status}).", outcome)
    return reached


def chosen_at(program: Program, x: Floats) -> dict[Key, float]:
    """("pair", donor, county) and ("project", project) → how much of it a point takes, 1 at most."""
    chosen: dict[Key, float] = {}
    for family in program.columns:
        if family.name in ("pair", "start", "amount"):
            amounts = x[family.start : family.stop]
            for at in np.flatnonzero(amounts > CHOSEN).tolist():
                row = family.keys.iloc[at]
                key: Key = ("pair", str(row["donor"]), str(row["county"])) if family.name == "pair" else (
                    "project", str(row["project"]))
                chosen[key] = min(1.0, chosen.get(key, 0.0) + float(amounts[at]))
    return chosen


def values_at(program: Program, x: Floats) -> dict[str, float]:
    """Every criterion of the program at a point."""
    return {name: linear.at(x[: len(linear.vector)]) for name, linear in program.criteria.items()}
