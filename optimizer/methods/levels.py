"""What a method asks: one criterion after another, each answered by the same search over the same program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.instance.settings import Level
from optimizer.search.drive import Found

SLACK = 1e-9  # share of a level's value that is left open where it is held: a solver cannot keep to it exactly

Ask = Callable[[Program, Linear, Floats | None], Found]


@dataclass(frozen=True, eq=False)
class Answered:
    """One level: its criterion, what was found, and the range it was divided by (weighted methods)."""

    criterion: str
    found: Found


@dataclass(frozen=True)
class WorstLevel:
    """One level of leximin: the level-th worst outcome.

    Attributes
    ----------
    level : 1 for the worst unit (or all units that share its value), 2 for the next …
    value : the outcome at this level
    total, bound : what was made as large (or small) as it can be, and its proved bound: the outcome itself where units
        were fixed one level after another, the sum of the ``level`` worst outcomes in integer programs
    units : the units fixed at this level (empty in integer programs, where no unit is)
    proved : whether the bound was met within the gap asked for, here and at every level before
    gap : share of the total by which the bound is still apart (0: proved to be the best)
    """

    level: int
    value: float
    total: float
    bound: float
    units: tuple[str, ...]
    proved: bool
    gap: float = 0.0


@dataclass(frozen=True, eq=False)
class Reached:
    """The end of a method: the point, the program with every earlier level held, its last objective, the levels."""

    program: Program
    linear: Linear
    x: Floats | None
    levels: tuple[Answered, ...]
    ranges: dict[str, float]
    worst: Mapping[str, tuple[WorstLevel, ...]] = field(default_factory=dict)


def held(program: Program, name: str, linear: Linear, value: float, tolerance: float) -> Program:
    """The program with a criterion held within ``tolerance`` of ``value`` (in its own unit)."""
    room = tolerance + SLACK * max(1.0, abs(value))
    limit = linear.less(value - room if linear.sense == "max" else value + room)
    least, most = (-limit.constant, np.inf) if linear.sense == "max" else (-np.inf, -limit.constant)
    row = ExtraRows(f"level_{name}", pd.DataFrame({"criterion": [name]}), sparse.csr_matrix(limit.vector[None, :]), least, most)
    return program.extended(rows=[row])


def combined(program: Program, parts: list[tuple[str, float]]) -> Linear:
    """Σ weight × criterion as one to make large; criteria to be made small count negative."""
    vector, constant = np.zeros(program.n_columns), 0.0
    for name, weight in parts:
        linear = program.criteria[name]
        sign = weight if linear.sense == "max" else -weight
        vector = vector + sign * linear.vector
        constant += sign * linear.constant
    return Linear("max", vector, constant, "points")


def ranges_of(
    program: Program, levels: Sequence[Level], ask: Ask, start: Floats | None
) -> tuple[dict[str, float], Floats | None]:
    """What each criterion is divided by, and a point to start from.

    A range is the level's own, or best minus worst of the criterion over the optima of each criterion alone (1 where
    these do not differ).
    """
    ranges = {level.criterion: level.range for level in levels if level.range is not None}
    if len(ranges) < len(levels):
        points = [found.x for level in levels if (found := ask(program, program.criteria[level.criterion], start)).x is not None]
        for level in levels:
            if level.range is None:
                values = [program.objective(level.criterion, point) for point in points]
                spread = max(values, default=0.0) - min(values, default=0.0)
                ranges[level.criterion] = spread if spread > 0 else 1.0
        start = points[0] if points else start
    return {name: float(size) for name, size in ranges.items()}, start


def room_of(level: Level, value: float) -> float:
    """What later levels may take from a value: the level's tolerance, a share of the value or an amount."""
    if level.tolerance is None:
        return 0.0
    return level.tolerance.amount * abs(value) if level.tolerance.relative else level.tolerance.amount


def flipped(linear: Linear) -> Linear:
    """The same criterion the other way round: what its worst value is."""
    return replace(linear, sense="min" if linear.sense == "max" else "max")
