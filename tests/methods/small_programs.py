"""Small programs and outcomes drawn at random, and what brute force says of them."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.session import Session
from optimizer.engine.units import UnitOutcomes
from optimizer.search.drive import Found, Limits, search

INF = np.inf


def ask(program: Program, linear: Linear, point: Floats | None) -> Found:
    return search(program, linear, Limits(), start=point)


def program_of(matrix, low, high, upper, *, integer=None, criteria=None) -> Program:
    matrix = np.atleast_2d(np.asarray(matrix, float))
    rows, columns = matrix.shape
    return Program.build(
        [("x", pd.DataFrame({"j": range(columns)}))], [("row", pd.DataFrame({"i": range(rows)}))], sparse.csr_matrix(matrix),
        row_lower=np.broadcast_to(np.asarray(low, float), (rows,)).copy(),
        row_upper=np.broadcast_to(np.asarray(high, float), (rows,)).copy(), col_lower=np.zeros(columns),
        col_upper=np.broadcast_to(np.asarray(upper, float), (columns,)).copy(), integer=integer,
        criteria=criteria or {"coverage": Linear("max", np.ones(columns))},
    )


def units_of(matrix, constant=None, better="high") -> UnitOutcomes:
    matrix = sparse.csr_matrix(np.atleast_2d(np.asarray(matrix, float)))
    count = matrix.shape[0]
    constant = np.zeros(count) if constant is None else np.asarray(constant, float)
    return UnitOutcomes(tuple(f"u{n}" for n in range(count)), matrix, constant, better, np.ones(count), "share")


def drawn(seed: int, *, whole: bool) -> tuple[Program, UnitOutcomes]:
    """Up to 4 columns of 0 to 3 in two resource rows, and up to 5 units with outcomes in small whole numbers (ties)."""
    rng = np.random.default_rng(seed)
    columns, count = int(rng.integers(2, 5)), int(rng.integers(2, 6))
    resource = rng.integers(0, 4, (2, columns)).astype(float)
    program = program_of(resource, -INF, rng.integers(3, 9, 2).astype(float), 3.0, integer=np.full(columns, whole))
    outcome = rng.integers(-1, 4, (count, columns)).astype(float)
    better = "high" if seed % 2 else "low"
    return program, units_of(outcome, rng.integers(0, 3, count), better)


def in_order(units: UnitOutcomes, x: Floats) -> tuple[float, ...]:
    """Outcomes at a point, worst first."""
    values = np.sort(units.at(x))
    return tuple(np.round(values if units.better == "high" else -values[::-1], 5))


def whole_points(program: Program) -> list[Floats]:
    """Every whole point within the bounds and rows."""
    spans = [range(int(low), int(high) + 1) for low, high in zip(program.col_lower, program.col_upper, strict=True)]
    points = (np.array(point, float) for point in itertools.product(*spans))
    return [x for x in points if program.violation(x) <= 1e-9]


def leximin_by_single_tests(program: Program, units: UnitOutcomes) -> tuple[float, ...]:
    """The textbook scheme: the largest common level, then every unit tested alone for whether it can rise, one LP each."""
    sign = 1.0 if units.better == "high" else -1.0
    count, n = len(units), program.n_columns
    outcome = sign * units.matrix.toarray()
    constant = sign * units.constant
    floor = np.full(count, -INF)
    while not np.isfinite(floor).all():
        open_ = ~np.isfinite(floor)
        level = _best(program, outcome, constant, floor, open_.astype(float), np.append(np.zeros(n), 1.0))
        least = np.where(open_, level, floor)
        for u in np.flatnonzero(open_):
            alone = _best(program, outcome, constant, least - 1e-8, np.zeros(count), np.append(outcome[u], 0.0)) + constant[u]
            if alone <= level + 1e-6:
                floor[u] = level
    return tuple(np.round(np.sort(floor), 5))


def _best(program: Program, outcome: Floats, constant: Floats, floor: Floats, at_level: Floats, goal: Floats) -> float:
    matrix = np.vstack([np.column_stack([program.matrix.toarray(), np.zeros(program.n_rows)]),
                        np.column_stack([outcome, -at_level])])
    low = np.concatenate([program.row_lower, np.where(at_level > 0, -constant, floor - constant)])
    wide = Program.build(
        [("x", pd.DataFrame({"j": range(program.n_columns + 1)}))], [("row", pd.DataFrame({"i": range(len(low))}))],
        sparse.csr_matrix(matrix), row_lower=low, row_upper=np.append(program.row_upper, np.full(len(constant), INF)),
        col_lower=np.append(program.col_lower, -1e3), col_upper=np.append(program.col_upper, 1e3),
        criteria={"goal": Linear("max", goal)},
    )
    return Session(wide, "goal").solve("lp").objective
