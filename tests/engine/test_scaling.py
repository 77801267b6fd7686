"""Objectives are enlarged by powers of two where a solver could not read them, and answers stand in their own unit."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from optimizer.engine.program import Linear, Program
from optimizer.engine.scaling import readable
from optimizer.search.drive import search
from optimizer.search.limits import Limits
from optimizer.search.problem import Problem


@pytest.mark.parametrize("vector", [[1.0, -0.15], [1e-9, 3e-9], np.full(100, 1e-6)])
def test_small_objectives_are_enlarged_exactly(vector):
    linear = Linear("min", np.asarray(vector, float), 0.5)
    large, factor = readable(linear)
    assert factor > 1 and np.log2(factor) == int(np.log2(factor))
    assert np.array_equal(large.vector / factor, linear.vector)
    assert large.constant / factor == linear.constant


@pytest.mark.parametrize("vector", [[0.0, 0.0], [30.0, 1.0], np.full(100, 1.0)])
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
