"""Rows found as they are needed: optima known over a ball, the program with every row, and whole points one by one."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog
from small_programs import INF, program_of, whole_points

from optimizer.engine.arrays import Floats, Ints
from optimizer.engine.derive import ExtraRows
from optimizer.engine.program import Linear, Program
from optimizer.methods.refining import Refining
from optimizer.search.limits import Limits

TOP = 1e4  # the most that the last column can be: a condition that ends below it never bites


class Above(ABC):
    """The last column is at least a convex function of the others (`optimizer.engine.cutting.Cutting`)."""

    name = "above"
    tolerance = 1e-7

    @property
    @abstractmethod
    def size(self) -> int: ...

    @abstractmethod
    def value(self, y: Floats) -> float: ...

    @abstractmethod
    def slope(self, y: Floats) -> Floats: ...

    @property
    def columns(self) -> Ints:
        return np.array([self.size])

    def excess(self, x: Floats) -> float:
        return (self.value(x[:-1]) - x[-1]) / self.tolerance

    def worth(self, vector: Floats, x: Floats) -> float:
        return float(abs(vector[-1])) * self.tolerance

    def repaired(self, x: Floats) -> Floats:
        return np.append(x[:-1], self.value(x[:-1]))

    def cut(self, x: Floats) -> ExtraRows | None:
        if self.excess(x) <= 1.0:
            return None
        slope = self.slope(x[:-1])
        matrix = sparse.csr_matrix(np.append(-slope, 1.0))
        return ExtraRows("cut", pd.DataFrame({"i": [0]}), matrix, lower=np.array([self.value(x[:-1]) - slope @ x[:-1]]))


@dataclass(frozen=True, eq=False)
class Distance(Above):
    """The square of how far a point is from a centre."""

    centre: Floats

    @property
    def size(self) -> int:
        return len(self.centre)

    def value(self, y: Floats) -> float:
        return float(np.sum((y - self.centre) ** 2))

    def slope(self, y: Floats) -> Floats:
        return 2 * (y - self.centre)


@dataclass(frozen=True, eq=False)
class Largest(Above):
    """The largest of some linear functions."""

    slopes: Floats
    rests: Floats

    @property
    def size(self) -> int:
        return self.slopes.shape[1]

    def value(self, y: Floats) -> float:
        return float(np.max(self.slopes @ y + self.rests))

    def slope(self, y: Floats) -> Floats:
        return self.slopes[int(np.argmax(self.slopes @ y + self.rests))]


def refining(
    program: Program, condition: Above, held: Floats | None = None, deadline: float = INF
) -> tuple[Refining, list[ExtraRows]]:
    rows: list[ExtraRows] = []
    return Refining(program, [condition], rows, Limits(deadline=deadline), held), rows


def ball(seed: int, radius: float = 2.0, size: int = 3, most: float = 10.0) -> tuple[Program, Distance, Floats]:
    """Points of a box within a ball around its middle, and a direction."""
    rng = np.random.default_rng(seed)
    last = np.append(np.zeros(size), 1.0)
    program = program_of(last, -INF, radius**2, np.append(np.full(size, most), TOP))
    return program, Distance(np.full(size, most / 2)), np.round(rng.normal(size=size), 3)


def pieces(seed: int, *, whole: bool = False) -> tuple[Program, Largest, Floats]:
    """Three columns of 0 to 3 in two resource rows, six linear functions, and what the columns are worth."""
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.integers(0, 4, (2, 3)), np.zeros(2)])
    integer = np.array([whole, whole, False, False])
    program = program_of(matrix, -INF, rng.integers(3, 9, 2), [3.0, 3.0, 3.0, TOP], integer=integer)
    return program, Largest(rng.integers(-3, 5, (6, 3)).astype(float), rng.integers(0, 5, 6).astype(float)), rng.integers(0, 6, 3)


def with_every_piece(program: Program, largest: Largest, vector: Floats, held: Floats | None = None) -> float | None:
    """The most of an objective where every linear function has its row, from scipy; None where no point is left."""
    matrix = np.vstack([program.matrix.toarray(), np.column_stack([largest.slopes, -np.ones(len(largest.rests))])])
    low, high = program.col_lower.copy(), program.col_upper.copy()
    if held is not None:
        low[program.integer] = high[program.integer] = held[program.integer]
    found = linprog(-vector, A_ub=matrix, b_ub=np.append(program.row_upper, -largest.rests), bounds=np.column_stack([low, high]))
    return None if found.status == 2 else -float(found.fun)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("sense", ["max", "min"])
def test_the_furthest_point_of_a_ball_is_found_without_one_row_to_begin_with(seed, sense):
    program, distance, direction = ball(seed)
    asked, rows = refining(program, distance)
    linear = Linear(sense, np.append(direction, 0.0))
    sign, middle = 1.0 if sense == "max" else -1.0, distance.centre
    known = direction @ middle + sign * 2.0 * np.linalg.norm(direction)
    found = asked.optimum(linear, np.append(middle, 0.0), share=1e-6)
    assert found.value == pytest.approx(known, abs=1e-5) == found.bound
    assert sign * found.bound >= sign * known - 1e-9  # the bound holds for the true optimum, not only for the point
    assert sign * found.bound >= sign * found.value - 1e-12
    assert found.x[:-1] == pytest.approx(middle + sign * 2.0 * direction / np.linalg.norm(direction), abs=2e-2)
    assert distance.value(found.x[:-1]) <= 4.0 + 1e-6
    assert rows


@pytest.mark.parametrize("seed", range(20))
def test_a_condition_that_never_bites_leaves_the_linear_program(seed):
    program, largest, worth = pieces(seed)
    asked, rows = refining(program, largest)
    vector = np.append(worth, 0.0)  # nothing is to be gained from a small last column
    found = asked.optimum(Linear("max", vector))
    span = np.column_stack([program.col_lower, program.col_upper])
    plain = linprog(-vector, A_ub=program.matrix, b_ub=program.row_upper, bounds=span)
    assert found.value == pytest.approx(-plain.fun) == found.bound
    assert largest.value(found.x[:-1]) == pytest.approx(found.x[-1])
    assert rows == []


@pytest.mark.parametrize("batch", range(5))
def test_hundreds_of_programs_agree_with_the_program_that_has_every_row(batch):
    needed = 0
    for seed in range(40 * batch, 40 * batch + 40):
        program, largest, worth = pieces(seed)
        asked, rows = refining(program, largest)
        vector = np.append(worth, -1.0)
        found, best = asked.optimum(Linear("max", vector)), with_every_piece(program, largest, vector)
        assert found.value == pytest.approx(best, abs=1e-6), seed
        assert found.bound >= found.value - 1e-9, seed
        assert found.bound >= best - 1e-7, seed
        assert program.violation(found.x) <= 1e-7, seed
        assert len(rows) <= 6, seed
        needed += len(rows)
    assert 0 < needed < 40 * 6  # rows were needed, and not all of them


@pytest.mark.parametrize("seed", range(20))
def test_integers_stay_where_they_are_held(seed):
    program, largest, worth = pieces(seed, whole=True)
    vector = np.append(worth, -1.0)
    compared = 0
    for a in range(4):
        for b in range(4):
            held = np.array([a + 1e-7, b - 1e-7, 0.0, 0.0])  # as a solver gives them
            best = with_every_piece(program, largest, vector, np.round(held))
            found = refining(program, largest, held)[0].optimum(Linear("max", vector))
            assert (found is None) == (best is None), (a, b)
            if found is not None:
                compared += 1
                assert (found.x[0], found.x[1]) == pytest.approx((a, b), abs=1e-9)
                assert found.value == pytest.approx(best, abs=1e-6)
    assert compared


@pytest.mark.parametrize("seed", range(10))
def test_the_best_whole_point_in_a_ball_is_the_best_of_all_that_are_held(seed):
    """No row cuts off a point that keeps the condition; one that breaks it has no answer."""
    program, distance, direction = ball(seed, radius=1.6, size=2, most=4.0)
    whole = program.with_bounds(integer=np.array([True, True, False]))
    linear, rows, values = Linear("max", np.append(direction, 0.0)), [], []
    for y in whole_points(program_of(np.zeros(2), -INF, INF, 4.0)):
        found = Refining(whole, [distance], rows, Limits(), np.append(y, 0.0)).optimum(linear)
        assert (found is not None) == (distance.value(y) <= 1.6**2), y
        values += [] if found is None else [found.value]
    inside = [y for y in whole_points(program_of(np.zeros(2), -INF, INF, 4.0)) if distance.value(y) <= 1.6**2]
    assert max(values) == pytest.approx(max(direction @ y for y in inside))
    for y in inside:
        x = np.append(y, distance.value(y))
        assert all((row.matrix @ x >= row.lower - 1e-9).all() for row in rows)
    assert rows


def test_a_share_or_an_amount_that_is_near_enough_ends_it_sooner():
    program, distance, direction = ball(1)
    linear, middle = Linear("max", np.append(direction, 0.0)), np.append(distance.centre, 0.0)
    counts = []
    for asked in ({"share": 0.2}, {"worth": 0.05}, {"share": 1e-6}):
        one, rows = refining(program, distance)
        found = one.optimum(linear, middle, **asked)
        assert found.bound - found.value <= asked.get("worth", asked.get("share", 0.0) * abs(found.bound)) + 1e-9
        counts.append(len(rows))
    assert counts[0] < counts[2] and counts[1] < counts[2]


def test_an_answer_is_no_worse_than_the_point_that_was_given():
    program, distance, direction = ball(2)
    linear = Linear("max", np.append(direction, 0.0))
    near = distance.centre + 1.9 * direction / np.linalg.norm(direction)
    found = refining(program, distance)[0].optimum(linear, np.append(near, distance.value(near)), share=0.5)
    assert found.value >= direction @ near - 1e-9


def test_another_objective_is_asked_of_the_rows_found_before():
    program, distance, direction = ball(3)
    middle = np.append(distance.centre, 0.0)
    asked, rows = refining(program, distance)
    turned = np.append(direction[::-1], 0.0)
    for vector in (np.append(direction, 0.0), turned, -turned):
        found = asked.optimum(Linear("max", vector), middle, share=1e-6)
        assert found.value == pytest.approx(vector @ middle + 2 * np.linalg.norm(direction), abs=1e-5)
    before = len(rows)
    again = Refining(program.extended(rows=rows), [distance], rows, Limits(), basis=asked.basis())
    assert again.optimum(Linear("max", -turned), middle, share=1e-6).value == pytest.approx(found.value, abs=1e-5)
    assert len(rows) - before < before  # the rows found before were of use


def test_without_a_point_that_keeps_the_condition_there_is_no_answer():
    program, distance, direction = ball(4)
    none = program.with_bounds(row_upper=np.array([-1.0]), col_lower=np.array([0.0, 0.0, 0.0, -TOP]))
    assert refining(none, distance)[0].optimum(Linear("max", np.append(direction, 0.0))) is None


def test_out_of_time_what_is_known_is_between_a_point_and_a_bound():
    program, distance, direction = ball(5)
    middle = np.append(distance.centre, 0.0)
    asked, _ = refining(program, distance, deadline=time.monotonic() - 1.0)
    found = asked.optimum(Linear("max", np.append(direction, 0.0)), middle)
    best = direction @ distance.centre + 2 * np.linalg.norm(direction)
    assert found is None or found.value <= best + 1e-6 <= found.bound + 2e-6
