"""Objectives are enlarged by powers of two where a solver could not read them, and answers stand in their own unit."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from optimizer.engine.program import Linear, Program
from optimizer.engine.scaling import readable
from optimizer.engine.session import Session
from optimizer.search.drive import search
from optimizer.search.limits import Limits
from optimizer.search.problem import Problem


@pytest.mark.parametrize("vector", [[0.9, -0.15], [1e-9, 3e-9], np.full(100, 1e-6), np.eye(1, 1000)[0]])
def test_small_objectives_are_enlarged_exactly(vector):
    linear = Linear("min", np.asarray(vector, float), 0.5)
    large, factor = readable(linear)
    assert factor > 1 and np.log2(factor) == int(np.log2(factor))
    assert np.array_equal(large.vector / factor, linear.vector)
    assert large.constant / factor == linear.constant


@pytest.mark.parametrize("vector", [[0.0, 0.0], [30.0, 1.0], np.full(100, 1.0), [1.0, -0.15]])
def test_others_stand_as_they_are(vector):
    linear = Linear("max", np.asarray(vector, float))
    assert readable(linear) == (linear, 1.0)


@pytest.mark.parametrize(("sense", "value"), [("max", 2e-6 + 7), ("min", -1e-6 + 7)])
def test_what_is_found_is_stated_in_the_criterions_own_unit(sense, value):
    """Two whole columns up to 3 with x + y ≤ 2 and y − x ≤ 1: 1e-6·(x − …) is largest at (2, 0) and least at (0, 1)."""
    vector = np.array([1e-6, -1e-6])
    keys = pd.DataFrame({"n": [0, 1]})
    program = Program.build(
        [("x", keys)], [("row", keys)], sparse.csr_matrix([[1.0, 1.0], [-1.0, 1.0]]), row_lower=np.full(2, -np.inf),
        row_upper=np.array([2.0, 1.0]), col_lower=np.zeros(2), col_upper=np.full(2, 3.0), integer=np.ones(2, bool),
    )
    linear = Linear(sense, vector, 7.0)
    assert Problem.of(program, linear).scale > 1
    found = search(program, linear, Limits())
    assert found.outcome.objective == pytest.approx(value, abs=1e-12)
    assert found.outcome.bound == pytest.approx(value, abs=1e-9)


def _knapsack(size: float) -> Program:
    """max 5a + 4b + 3c over three rows (Chvátal): 13 at (2, 0, 1) with prices 1, 0, 1; in another unit of the objective."""
    keys = pd.DataFrame({"n": [0, 1, 2]})
    return Program.build(
        [("x", keys)], [("row", keys)], sparse.csr_matrix([[2.0, 3, 1], [4, 1, 2], [3, 4, 2]]),
        row_lower=np.full(3, -np.inf), row_upper=np.array([5.0, 11, 8]), col_lower=np.zeros(3), col_upper=np.full(3, 9.0),
        integer=np.ones(3, bool), criteria={"value": Linear("max", size * np.array([5.0, 4, 3]), size)},
    )


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-7, 1e-12])
def test_a_session_answers_in_the_objectives_own_unit(size):
    """Value, bound, duals, ranges of costs and what is told on the way: none knows how the solver saw the objective."""
    session, told, points = Session(_knapsack(size), "value"), [], []
    lp = session.solve("lp")
    assert (lp.objective / size, lp.bound / size) == pytest.approx((14.0, 14.0))
    assert lp.row_dual / size == pytest.approx([1.0, 0.0, 1.0])
    assert lp.col_dual / size == pytest.approx([0.0, -3.0, 0.0])
    ranges = session.basis_ranges()
    assert ranges.cost_high[1] / size == pytest.approx(7.0)  # b's price 4 must pass 7 before it is worth taking
    whole = session.solve("mip", progress=lambda *given: told.append(given),
                          on_solution=lambda x, value: points.append((x, value)))
    assert (whole.objective / size, whole.bound / size) == pytest.approx((14.0, 14.0))
    assert all(value == pytest.approx(size * (5 * x[0] + 4 * x[1] + 3 * x[2] + 1)) for x, value in points) and points
    assert all(best / size <= 14.0 + 1e-6 for _, best, _ in told if not np.isnan(best))


def test_an_objective_may_go_from_one_unit_to_another_and_grow_columns():
    session = Session(_knapsack(1e-7), "value")
    assert session.solve("lp").objective == pytest.approx(14e-7)
    session.set_objective([2.0, 0.0, 5.0], "max", 3.0)
    assert session.solve("lp").objective == pytest.approx(3.0 + 5 * 4)  # c alone: 2c ≤ 8
    session.set_objective([2e-6, 0.0, 5e-6], "max")
    at = session.add_columns(sparse.csc_matrix(np.array([[0.0], [0.0], [1.0]])), 9e-6, 0.0, 9.0)
    assert len(at) == 1
    assert session.solve("lp").objective == pytest.approx(8 * 9e-6)


def test_shares_over_hundreds_of_units_have_their_true_optimum():
    """The mean of what 900 units lack, each moved by 1e-5 a unit of money: absolute tolerances on prices would stop early."""
    n, budget = 900, 40_000.0
    cost = np.concatenate([np.full(n, 1.0 / n), np.zeros(n)])
    rows = sparse.hstack([sparse.eye_array(n), sparse.diags_array(np.full(n, 1e-5))])
    matrix = sparse.csr_matrix(sparse.vstack([rows, sparse.csr_matrix(np.concatenate([np.zeros(n), np.ones(n)])[None, :])]))
    program = Program.build(
        [("lack", pd.DataFrame({"n": range(n)})), ("money", pd.DataFrame({"n": range(n)}))],
        [("row", pd.DataFrame({"i": range(n + 1)}))], matrix,
        row_lower=np.append(np.linspace(0.2, 1.0, n), -np.inf), row_upper=np.append(np.full(n, np.inf), budget),
        col_lower=np.zeros(2 * n), col_upper=np.full(2 * n, np.inf), criteria={"lack": Linear("min", cost)},
    )
    for size in (n, 100):  # summaries alone in the objective, and as many columns as a fiftieth of the program
        vector = np.where(np.arange(2 * n) < size, cost, 0.0)
        session = Session(program.with_criteria({"lack": Linear("min", vector)}), "lack")
        taken = min(budget, float(np.linspace(0.2, 1.0, n)[:size].sum() / 1e-5))
        least = float(np.linspace(0.2, 1.0, n)[:size].sum() / n - taken * 1e-5 / n)
        assert session.solve("lp").objective == pytest.approx(least, rel=1e-9, abs=1e-12)
