"""Small programs whose optima are known by hand or by enumeration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from optimizer.engine.program import Linear, Program

INF = np.inf


def make(
    matrix: list[list[float]],
    *,
    cost: list[float],
    sense: str = "max",
    row_lower: list[float] | None = None,
    row_upper: list[float] | None = None,
    col_lower: list[float] | None = None,
    col_upper: list[float] | None = None,
    integer: list[bool] | None = None,
    constant: float = 0.0,
) -> Program:
    """A Program of one family of columns ``x[…]`` and one of rows ``row[…]``, criterion ``value``."""
    array = np.asarray(matrix, dtype=float).reshape(-1, len(cost))
    n_rows, n_columns = array.shape
    return Program.build(
        [("x", pd.DataFrame({"j": range(n_columns)}))],
        [("row", pd.DataFrame({"i": range(n_rows)}))],
        sparse.csr_matrix(array),
        row_lower=np.full(n_rows, -INF) if row_lower is None else np.asarray(row_lower, dtype=float),
        row_upper=np.full(n_rows, INF) if row_upper is None else np.asarray(row_upper, dtype=float),
        col_lower=np.zeros(n_columns) if col_lower is None else np.asarray(col_lower, dtype=float),
        col_upper=np.full(n_columns, INF) if col_upper is None else np.asarray(col_upper, dtype=float),
        integer=None if integer is None else np.asarray(integer),
        criteria={"value": Linear("max" if sense == "max" else "min", np.asarray(cost, dtype=float), constant, "people")},
    )


@pytest.fixture(scope="session")
def small() -> Callable[..., Program]:
    """The maker of small programs."""
    return make


@pytest.fixture(scope="session")
def long_running() -> Program:
    """A dense knapsack with many rows that no solver closes within seconds."""
    rng = np.random.default_rng(0)
    matrix = sparse.random(300, 400, 0.05, random_state=rng, format="csr")
    matrix.data = np.round(matrix.data * 50) + 1
    upper = np.round(np.asarray(matrix.sum(axis=1)).ravel() * 0.4) + 5
    return Program.build(
        [("x", pd.DataFrame({"j": range(400)}))],
        [("row", pd.DataFrame({"i": range(300)}))],
        matrix,
        row_lower=np.full(300, -INF),
        row_upper=upper,
        col_lower=np.zeros(400),
        col_upper=np.full(400, 7.0),
        integer=np.ones(400, dtype=bool),
        criteria={"value": Linear("max", np.round(rng.random(400) * 100) + 1)},
    )
