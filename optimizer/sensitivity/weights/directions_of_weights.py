"""What one more unit of a weight adds to the cost of each column: of a criterion in a weighted sum, of a need in a criterion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.program import Floats, Program
from optimizer.methods.goal import GOAL
from optimizer.methods.weighted import WEIGHTED
from optimizer.model.algebra import CONSTANT, Algebra
from optimizer.model.criteria import linear_criterion
from optimizer.plan.plan import Plan
from optimizer.sensitivity.asked import Asked


@dataclass(frozen=True, eq=False)
class Direction:
    """One weight: what it belongs to, its value now, and what one more unit adds to a cost that is made large."""

    kind: str
    name: str
    label: str
    weight: float
    vector: Floats


def directions(plan: Plan, algebra: Algebra, asked: Asked) -> list[Direction]:
    """The weights of criteria, where the method adds them up, and of needs, where a criterion reads them."""
    levels = plan.instance.settings.method.levels
    shares = {level.criterion: 1.0 for level in levels[:1]}
    found = []
    if asked.name == WEIGHTED:
        shares = {level.criterion: level.weight / asked.ranges[level.criterion] for level in levels}
        found = [Direction("criterion", level.criterion, level.criterion, level.weight,
                           _large(asked.program, level.criterion) / asked.ranges[level.criterion]) for level in levels]
    elif asked.name == GOAL:  # weights of needs stand in the rows of the goals, which no cost ranges over
        return _of_goals(plan, asked)
    return found + _of_needs(plan, algebra, asked.program, shares)


def _of_goals(plan: Plan, asked: Asked) -> list[Direction]:
    """The weights of goals: each prices the deviation from its target."""
    columns = asked.program.columns_of("deviation")
    at = dict(zip(columns["criterion"], columns.index, strict=True))
    found = []
    for level in plan.instance.settings.method.levels:
        vector = np.zeros(asked.program.n_columns)
        vector[at[level.criterion]] = -1.0 / asked.ranges[level.criterion]
        found.append(Direction("criterion", level.criterion, level.criterion, level.weight, vector))
    return found


def _large(program: Program, name: str) -> Floats:
    linear = program.criteria[name]
    return linear.vector if linear.sense == "max" else -linear.vector


def _of_needs(plan: Plan, algebra: Algebra, program: Program, shares: Mapping[str, float]) -> list[Direction]:
    """How the criteria, each times its share, change with the weight of each need."""
    data, settings = plan.data, plan.instance.settings
    out = []
    weights = data.needs.drop_duplicates("need").set_index("need")["weight"]
    for need, spec in settings.needs.items():
        if need not in weights.index:
            continue
        raised = replace(data, needs=data.needs.assign(weight=data.needs["weight"] + (data.needs["need"] == need)))
        vector = np.zeros(program.n_columns)
        for name, part in shares.items():
            declared = settings.criteria.get(name)
            if declared is not None and declared.equity is not None:
                continue
            terms = linear_criterion(algebra, raised, name).terms
            real = terms.column != CONSTANT
            dense = np.bincount(terms.column[real], weights=terms.coefficient[real], minlength=program.n_columns)
            sign = 1.0 if program.criteria[name].sense == "max" else -1.0
            vector += part * sign * (dense - program.criteria[name].vector)
        vector[np.abs(vector) <= 1e-9 * max(1.0, float(np.abs(vector).max(initial=0.0)))] = 0.0
        if vector.any():
            out.append(Direction("need", need, spec.label or need, float(weights[need]), vector))
    return out
