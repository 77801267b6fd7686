"""Small programs with several criteria, and their fronts by enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Floats, Linear, Program
from optimizer.search.drive import Found, search
from optimizer.search.limits import Limits


def ask(program: Program, linear: Linear, start: Floats | None) -> Found:
    return search(program, linear, Limits(gap=1e-6), start=start)


def program_of(rows, upper, criteria, senses=None, *, lower=None, integer=True) -> Program:
    """A program over columns between 0 and 1."""
    matrix = np.asarray(rows, float)
    count, n = matrix.shape
    senses = senses or ["max"] * len(criteria)
    return Program.build(
        [("x", pd.DataFrame({"j": range(n)}))], [("row", pd.DataFrame({"i": range(count)}))], sparse.csr_matrix(matrix),
        row_lower=np.full(count, -np.inf) if lower is None else np.asarray(lower, float), row_upper=np.asarray(upper, float),
        col_lower=np.zeros(n), col_upper=np.ones(n), integer=np.broadcast_to(integer, n).copy(),
        criteria={f"c{k}": Linear(s, np.asarray(c, float)) for k, (c, s) in enumerate(zip(criteria, senses, strict=True))},
    )


def enumerated(program: Program, names) -> Floats:
    """Nondominated values by looking at every 0-1 point, sorted."""
    x = np.array(list(itertools.product([0.0, 1.0], repeat=program.n_columns)))
    activity = x @ program.matrix.toarray().T
    x = x[((activity <= program.row_upper + 1e-9) & (activity >= program.row_lower - 1e-9)).all(axis=1)]
    sign = np.array([1.0 if program.criteria[n].sense == "max" else -1.0 for n in names])
    y = np.unique(np.round(x @ np.array([program.criteria[n].vector for n in names]).T * sign, 9), axis=0)
    keep = [not ((y >= a).all(axis=1) & (y > a).any(axis=1)).any() for a in y]
    return sorted_rows(y[np.array(keep, bool)] * sign)


def sorted_rows(values) -> Floats:
    values = np.asarray(values, float) + 0.0
    return values[np.lexsort(values.T[::-1])]
