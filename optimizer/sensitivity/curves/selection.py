"""The line of budgets with the pairs and projects of one plan held: what money does while nothing else is decided anew."""

from __future__ import annotations

import math
from dataclasses import replace

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Linear
from optimizer.engine.ratio import Ratio
from optimizer.engine.session import Session
from optimizer.plan.plan import Plan
from optimizer.sensitivity.asked import refused, whole_decisions
from optimizer.sensitivity.curves.budget_line import Line
from optimizer.sensitivity.weights.held_choice import chosen, with_whole_at


def held_line(line: Line, plan: Plan) -> Line:
    """The line with the pairs and projects of a plan held, and with them every other whole decision at the plan's budgets.

    Raises
    ------
    InstanceError : there is nothing whole to hold
    SolveError : the pairs and projects leave no plan at the instance's own budgets
    """
    if not whole_decisions(line.program):
        raise refused("has no pairs and projects to hold: the curve is exact without", "Leave --selection out")
    low, high = chosen(plan, line.program)
    held = line.program.with_bounds(col_lower=low, col_upper=high)
    if whole_decisions(held):
        own = replace(line, program=held).at(1.0)
        linear = own.criteria.get(plan.instance.settings.method.levels[0].criterion)
        settings = plan.instance.settings.settings
        asked = Linear("max", 0.0 * low) if linear is None or isinstance(linear, Ratio) else linear
        session = Session(own.with_criteria({"asked": asked}), "asked", threads=settings.threads, seed=settings.seed)
        found = session.solve("mip", gap=settings.gap,
                              time_limit=math.inf if settings.time_limit is None else settings.time_limit)
        if found.x is None:
            raise SolveError("The plan's pairs and projects leave no plan at the instance's own budgets.", found.outcome)
        held = with_whole_at(held, found.x)
    return replace(line, program=held)
