"""What a method asks: one criterion after another, each answered by the same search over the same program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.search.drive import Found

Ask = Callable[[Program, Linear, Floats | None], Found]


@dataclass(frozen=True, eq=False)
class Answered:
    """One level: its criterion, what was found, and the range it was divided by (weighted methods)."""

    criterion: str
    found: Found


@dataclass(frozen=True, eq=False)
class Reached:
    """The end of a method: the point, the program with every earlier level held, its last objective, the levels."""

    program: Program
    linear: Linear
    x: Floats | None
    levels: tuple[Answered, ...]
    ranges: dict[str, float]


def held(program: Program, name: str, linear: Linear, value: float, tolerance: float) -> Program:
    """The program with a criterion held within ``tolerance`` of ``value`` (in its own unit)."""
    room = tolerance + 1e-9 * max(1.0, abs(value))
    least = value - linear.constant - room if linear.sense == "max" else -np.inf
    most = value - linear.constant + room if linear.sense == "min" else np.inf
    row = ExtraRows(f"level_{name}", pd.DataFrame({"criterion": [name]}), sparse.csr_matrix(linear.vector[None, :]), least, most)
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


def flipped(linear: Linear) -> Linear:
    """The same criterion the other way round: what its worst value is."""
    return replace(linear, sense="min" if linear.sense == "max" else "max")
