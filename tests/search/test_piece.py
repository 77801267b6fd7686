"""A piece says what a session says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from optimizer.engine.outcome import Status
from optimizer.engine.piece import Piece
from optimizer.engine.program import Linear, Program
from optimizer.engine.session import Session

INF = np.inf
SEEDS = range(15)


def drawn(seed: int, whole: float) -> Program:
    """A small program with a bounded optimum; some of these have no point."""
    rng = np.random.default_rng(seed)
    n_rows, n_columns = int(rng.integers(2, 7)), int(rng.integers(2, 9))
    matrix = np.round(rng.normal(size=(n_rows, n_columns)) * 4) * (rng.random((n_rows, n_columns)) < 0.7)
    top = rng.integers(1, 20, n_rows).astype(float)
    low = np.where(rng.random(n_rows) < 0.3, top - rng.integers(0, 4, n_rows), -INF)
    return Program.build(
        [("x", pd.DataFrame({"j": range(n_columns)}))], [("row", pd.DataFrame({"i": range(n_rows)}))], sparse.csr_matrix(matrix),
        row_lower=low, row_upper=top, col_lower=np.zeros(n_columns), col_upper=rng.integers(1, 6, n_columns) + 0.5,
        integer=rng.random(n_columns) < whole, criteria={"value": Linear("max", np.round(rng.normal(size=n_columns) * 9))},
    )


def piece(p: Program, integer: bool = True) -> Piece:
    return Piece(p.criteria["value"].vector, p.matrix.tocsc(), p.row_lower, p.row_upper, p.col_lower, p.col_upper,
                 p.integer if integer else None)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("whole", [0.0, 0.5, 1.0])
def test_it_agrees_with_the_session(seed, whole):
    p = drawn(seed, whole)
    said, answer = Session(p, "value").solve("mip"), piece(p).solve(gap=0.0, nodes=10_000)
    bound = piece(p).bound(gap=0.0, nodes=10_000)
    if said.status is Status.INFEASIBLE:
        assert answer is None
        assert bound == -INF
        return
    assert said.status is Status.OPTIMAL
    assert answer.optimal
    assert answer.value == pytest.approx(said.objective, abs=1e-6)
    assert answer.value == pytest.approx(p.objective("value", answer.x))
    assert p.violation(answer.x) <= 1e-6
    assert bound >= answer.value - 1e-6
    assert bound == pytest.approx(answer.value, abs=1e-5)


def test_these_programs_are_of_both_kinds():
    found = [piece(drawn(seed, 1.0)).solve() is None for seed in SEEDS]
    assert any(found)
    assert not all(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_duals_have_the_session_s_signs(seed):
    p = drawn(seed, 0.0)
    said, answer = Session(p, "value").solve("lp", method="simplex"), piece(p).solve()
    if answer is None:
        assert said.status is Status.INFEASIBLE
        return
    cost = p.criteria["value"].vector
    reduced = cost - p.matrix.T @ answer.row_dual
    rows = np.where(answer.row_dual > 1e-9, p.row_upper, np.where(answer.row_dual < -1e-9, p.row_lower, 0.0))
    columns = np.where(reduced > 1e-9, p.col_upper, np.where(reduced < -1e-9, p.col_lower, 0.0))
    assert answer.row_dual @ rows + reduced @ columns == pytest.approx(answer.value, abs=1e-6)
    rows = np.where(said.row_dual > 1e-9, p.row_upper, np.where(said.row_dual < -1e-9, p.row_lower, 0.0))
    reduced = cost - p.matrix.T @ said.row_dual
    columns = np.where(reduced > 1e-9, p.col_upper, np.where(reduced < -1e-9, p.col_lower, 0.0))
    assert said.row_dual @ rows + reduced @ columns == pytest.approx(answer.value, abs=1e-6)


def test_the_price_of_a_budget_is_positive_and_of_a_duty_negative():
    one = Piece(np.array([2.0]), sparse.csc_matrix([[1.0]]), np.array([-INF]), np.array([3.0]), np.zeros(1), np.full(1, 9.0))
    assert one.solve().row_dual.tolist() == [2.0]
    one = Piece(np.array([-2.0]), sparse.csc_matrix([[1.0]]), np.array([3.0]), np.array([INF]), np.zeros(1), np.full(1, 9.0))
    assert one.solve().row_dual.tolist() == [-2.0]


def test_other_row_bounds_are_another_program():
    one = Piece(np.array([2.0]), sparse.csc_matrix([[1.0]]), np.array([-INF]), np.array([3.0]), np.zeros(1), np.full(1, 9.0))
    assert one.solve().value == 6.0
    for top, value in ((5.0, 10.0), (0.0, 0.0), (20.0, 18.0)):
        one.limit_rows(np.array([0]), np.array([-INF]), np.array([top]))
        assert one.solve().value == value
    one.limit_rows(np.array([0]), np.array([10.0]), np.array([20.0]))
    assert one.solve() is None
    one.limit_rows(np.array([0]), np.array([-INF]), np.array([4.0]))
    assert one.solve().value == 8.0


def test_an_unbounded_piece_has_no_answer_and_an_infinite_bound():
    one = Piece(np.ones(1), sparse.csc_matrix([[0.0]]), np.array([-INF]), np.array([3.0]), np.zeros(1), np.full(1, INF))
    assert one.bound() == INF


@pytest.mark.parametrize("seed", SEEDS)
def test_a_start_is_never_lost(seed):
    p = drawn(seed, 1.0)
    best = piece(p).solve(gap=0.0, nodes=10_000)
    if best is None:
        return
    again = piece(p)
    again.start_from(best.x)
    assert again.solve(nodes=1).value >= best.value - 1e-6


def test_bounds_of_integers_between_whole_numbers():
    one = Piece(np.ones(1), sparse.csc_matrix([[1.0]]), np.array([-INF]), np.array([9.0]), np.array([0.5]), np.array([2.5]),
                np.array([True]))
    assert one.solve().x.tolist() == [2.0]
    assert one.bound() == 2.0
