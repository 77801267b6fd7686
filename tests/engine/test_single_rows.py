"""Bounds of integers that rows of a single entry leave, against what the rows say point by point."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from optimizer.engine.outcome import Status
from optimizer.engine.program import Linear, Program
from optimizer.engine.single_rows import with_single_rows_in_bounds
from optimizer.search.drive import search
from optimizer.search.limits import Limits


def drawn(seed: int) -> Program:
    """Four columns from 0 to 5, three of them whole, in six rows of one entry and one of all."""
    rng = np.random.default_rng(seed)
    column, value = rng.integers(0, 4, 6), rng.choice([-2.0, -1.0, 0.5, 1.0, 3.0], 6)
    single = sparse.csr_matrix((value, (np.arange(6), column)), shape=(6, 4))
    matrix = sparse.csr_matrix(sparse.vstack([single, np.ones((1, 4))]))
    low = np.where(rng.random(6) < 0.5, rng.uniform(-9, 1, 6).round(1), -np.inf)
    high = np.where(rng.random(6) < 0.5, rng.uniform(2, 9, 6).round(1), np.inf)
    return Program.build(
        [("x", pd.DataFrame({"j": range(4)}))], [("row", pd.DataFrame({"i": range(7)}))], matrix,
        row_lower=np.append(low, -np.inf), row_upper=np.append(high, 9.0), col_lower=np.zeros(4), col_upper=np.full(4, 5.0),
        integer=np.array([True, True, True, False]), criteria={"value": Linear("max", rng.integers(1, 9, 4).astype(float))},
    )


@pytest.mark.parametrize("seed", range(60))
def test_every_whole_value_that_the_rows_leave_stays_and_no_other(seed):
    program = drawn(seed)
    tight = with_single_rows_in_bounds(program)
    matrix = program.matrix.toarray()
    for column in range(3):
        rows = [(matrix[row, column], program.row_lower[row] - 1e-9, program.row_upper[row] + 1e-9)
                for row in range(6) if matrix[row, column]]
        left = [n for n in range(6) if all(low <= value * n <= high for value, low, high in rows)]
        kept = [n for n in range(6) if tight.col_lower[column] <= n <= tight.col_upper[column]]
        assert kept == (left or list(range(6)))
    assert (tight.col_lower[3], tight.col_upper[3]) == (0.0, 5.0)


@pytest.mark.parametrize("seed", range(20))
def test_a_search_whose_integers_are_all_decided_has_the_optimum_and_its_duals(seed):
    program = drawn(seed)
    given = np.array([1.0, 2.0, 0.0])
    rows = sparse.csr_matrix((np.ones(3), (np.arange(3), np.arange(3))), shape=(3, 4))
    matrix = sparse.csr_matrix(sparse.vstack([rows, np.ones((1, 4))]))
    program = Program.build(
        [("x", pd.DataFrame({"j": range(4)}))], [("row", pd.DataFrame({"i": range(4)}))], matrix,
        row_lower=np.append(given, -np.inf), row_upper=np.append(given, 6.5), col_lower=np.zeros(4), col_upper=np.full(4, 5.0),
        integer=np.array([True, True, True, False]), criteria=program.criteria,
    )
    linear = program.criteria["value"]
    found = search(program, linear, Limits())
    assert found.outcome.status is Status.OPTIMAL
    assert found.x == pytest.approx([*given, 3.5])
    assert found.outcome.bound == found.outcome.objective == pytest.approx(linear.vector @ found.x)
    assert found.dual[3] == pytest.approx(linear.vector[3])


def test_decided_integers_that_no_row_admits_are_infeasible():
    program = drawn(0).with_bounds(col_lower=np.array([5.0, 5.0, 5.0, 0.0]))
    assert search(program, program.criteria["value"], Limits()).outcome.status is Status.INFEASIBLE
