"""Every price against solving again with a small change, every range by a step just inside and one just outside.

The programs are tiny and random, with degenerate optima, equalities, ranges and both senses; the second solver is scipy's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Linear, Program
from optimizer.sensitivity.prices.directions import Direction
from optimizer.sensitivity.prices.prices import Optimum, Price
from optimizer.sensitivity.prices.ranges import Priced
from tests.extent import few

SMALL, BATCHES, EACH = 1e-4, 10, 6


def drawn(rng: np.random.Generator) -> tuple[Program, Linear]:
    """A program of a few columns and rows with small whole numbers, so that degenerate optima are common."""
    n, m = int(rng.integers(2, 6)), int(rng.integers(2, 6))
    matrix = rng.integers(-2, 6, (m, n)).astype(float)
    high = rng.integers(0, 12, m).astype(float)
    low = np.full(m, -np.inf)
    kind = rng.random(m)
    low[kind < 0.15] = high[kind < 0.15]
    ranged = (kind >= 0.15) & (kind < 0.3)
    low[ranged] = high[ranged] - rng.integers(0, 6, int(ranged.sum()))
    least = (kind >= 0.3) & (kind < 0.4)
    low[least], high[least] = high[least] - 6, np.inf
    program = Program.build(
        [("x", pd.DataFrame({"j": range(n)}))], [("r", pd.DataFrame({"i": range(m)}))], sparse.csr_matrix(matrix),
        row_lower=low, row_upper=high, col_lower=np.zeros(n),
        col_upper=np.where(rng.random(n) < 0.5, rng.integers(1, 6, n), 20).astype(float))
    return program, Linear("max" if rng.random() < 0.6 else "min", rng.integers(-3, 6, n).astype(float))


def value(program: Program, linear: Linear, direction: Direction, by: float, cost: np.ndarray | None = None) -> float | None:
    """The optimum with bounds moved, by another solver; None where there is no plan."""
    n = program.n_columns
    low = np.concatenate([program.col_lower, program.row_lower])
    high = np.concatenate([program.col_upper, program.row_upper])
    for bounds, moves in ((low, direction.lower), (high, direction.upper)):
        for k, move in moves.items():
            bounds[k] += by * move
    if (low > high).any():
        return None
    matrix, sign = program.matrix.toarray(), 1.0 if linear.sense == "min" else -1.0
    top, bottom = np.isfinite(high[n:]), np.isfinite(low[n:])
    answer = linprog(sign * (linear.vector if cost is None else cost), A_ub=np.vstack([matrix[top], -matrix[bottom]]),
                     b_ub=np.concatenate([high[n:][top], -low[n:][bottom]]),
                     bounds=list(zip(low[:n], high[:n], strict=True)), method="highs")
    return sign * float(answer.fun) if answer.status == 0 else None


def directions(optimum: Optimum) -> list[Direction]:
    """Every finite bound alone, and some that move together."""
    n = optimum.program.n_columns
    out = [Direction.of_lower(k) for k in np.flatnonzero(np.isfinite(optimum.low)).tolist()]
    out += [Direction.of_upper(k) for k in np.flatnonzero(np.isfinite(optimum.high)).tolist()]
    out += [Direction({k: 1.0}, {k: 1.0}) for k in np.flatnonzero(optimum.low == optimum.high).tolist()]
    if np.isfinite(optimum.high[n : n + 2]).all():
        out.append(Direction(upper={n: 1.0, n + 1: 2.0, 0: 0.5}))
    return out


def judged(program: Program, linear: Linear, direction: Direction, price: Price) -> None:
    """Both sides of one price and of its range."""
    base = value(program, linear, direction, 0.0)
    assert base is not None
    for way, slope, length in ((1.0, price.up, price.above), (-1.0, price.down, price.below)):
        near = value(program, linear, direction, way * min(SMALL, length))
        if np.isinf(slope):
            assert value(program, linear, direction, way * SMALL) is None
            continue
        assert near is not None
        assert length > 1e-6
        assert (near - base) / (way * min(SMALL, length)) == pytest.approx(slope, abs=1e-4)
        inside = way * 0.99 * min(length, 50.0)
        at = value(program, linear, direction, inside)
        assert at == pytest.approx(base + inside * slope, abs=1e-5)
        if np.isfinite(length):
            outside = way * (length + 0.02)
            at = value(program, linear, direction, outside)
            assert at is None or abs(at - base - outside * slope) > 1e-7


def same(one, other):
    return one == other or (np.isnan(one) and np.isnan(other))


@pytest.mark.parametrize("batch", few(3, range(BATCHES)))
def test_prices_and_ranges(batch):
    two_sided = 0
    for number in range(EACH):
        program, linear = drawn(np.random.default_rng([batch, number]))
        try:
            optimum = Optimum(program, linear)
        except SolveError:
            assert value(program, linear, Direction(), 0.0) is None
            continue
        priced = Priced(optimum)
        assert optimum.value == pytest.approx(value(program, linear, Direction(), 0.0), abs=1e-6)
        for direction in directions(optimum):
            first = priced.price(direction, 1.0)
            price, ends = priced.followed(direction, first)
            assert ends and price.above >= first.above and price.below >= first.below
            assert same(price.up, first.up) and same(price.down, first.down)
            judged(program, linear, direction, price)
            two_sided += price.up != price.down
    assert two_sided


@pytest.mark.parametrize("batch", few(3, range(BATCHES)))
def test_ranges_of_coefficients(batch):
    """Inside the range the point stays optimal; just outside another one is better."""
    for number in range(EACH // 2):
        program, linear = drawn(np.random.default_rng([1000 + batch, number]))
        try:
            optimum = Optimum(program, linear)
        except SolveError:
            continue
        priced = Priced(optimum)
        for j in range(program.n_columns):
            room = priced.cost_room(j)
            assert room is not None
            for way, length in ((-1.0, room[0]), (1.0, room[1])):
                for by, stays in ((way * 0.99 * min(length, 50.0), True), (way * (length + 0.05), False)):
                    if not np.isfinite(by):
                        continue
                    cost = linear.vector.copy()
                    cost[j] += by
                    best = value(program, linear, Direction(), 0.0, cost)
                    assert best is not None
                    assert (abs(best - cost @ optimum.x) < 1e-6) == stays


def test_prices_do_not_depend_on_the_size_of_the_criterion():
    program, linear = drawn(np.random.default_rng(3))
    for factor in (1e-7, 1e6):
        scaled = Linear(linear.sense, factor * linear.vector)
        one, other = Optimum(program, linear), Optimum(program, scaled)
        for direction in directions(one):
            here, there = (priced.followed(direction, priced.price(direction, 1.0))[0] for priced in (Priced(one), Priced(other)))
            assert (there.up / factor, there.down / factor) == pytest.approx((here.up, here.down), abs=1e-6)


def test_a_price_that_time_ran_out_for_is_unknown():
    """max 3x + 9y, x + 4y <= 8, x + 2y <= 4 is degenerate: the basis knows one side of each limit at most."""
    program = Program.build([("x", pd.DataFrame({"j": range(2)}))], [("r", pd.DataFrame({"i": range(2)}))],
                            sparse.csr_matrix([[1.0, 4.0], [1.0, 2.0]]), row_lower=np.full(2, -np.inf),
                            row_upper=np.array([8.0, 4.0]), col_lower=np.zeros(2), col_upper=np.full(2, np.inf))
    optimum = Optimum(program, Linear("max", np.array([3.0, 9.0])))
    prices = [Priced(optimum, deadline=0.0).price(Direction.of_upper(2 + row), 8.0) for row in range(2)]
    assert any(price.unknown for price in prices)
    later = Priced(optimum)
    known = [later.price(Direction.of_upper(2 + row), 8.0) for row in range(2)]
    assert not any(price.unknown for price in known)
    later.deadline = 0.0
    assert [later.followed(Direction.of_upper(2 + row), price) for row, price in enumerate(known)] == [
        (price, not (np.isfinite(price.above) or np.isfinite(price.below))) for price in known]
