"""What is made good over several scenarios: the worst value, the largest regret, or the mean of the worst values.

CVaR as a linear program: R. T. Rockafellar and S. Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2
(2000). Minimax regret: L. J. Savage, "The theory of statistical decision", JASA 46 (1951).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Linear, Program

Measure = Literal["worst", "regret", "cvar"]
MEASURES: tuple[Measure, ...] = ("worst", "regret", "cvar")


def measured(
    program: Program, criteria: Sequence[Linear], measure: Measure, weights: Floats, best: Floats, alpha: float
) -> tuple[Program, Linear, Linear]:
    """The program with the columns and rows of a measure, the measure itself, and the mean over scenarios for ties.

    Parameters
    ----------
    program, criteria : all scenarios, and the criterion of each
    weights : probability of each scenario
    best : best value of each scenario alone (for regret), as large-is-good
    alpha : share of probability that CVaR looks beyond: 0 = the mean, near 1 = the worst scenario
    """
    sign = 1.0 if criteria[0].sense == "max" else -1.0
    values = sparse.csr_matrix(np.vstack([sign * linear.vector for linear in criteria]))
    shift = np.array([sign * linear.constant for linear in criteria])
    count, width, unit = len(shift), program.n_columns, criteria[0].unit
    names = pd.DataFrame({"scenario": range(count)})
    extra = [ExtraColumns("measure", pd.DataFrame({"measure": [measure]}), lower=-np.inf)]
    ones = sparse.csr_matrix(np.ones((count, 1)))
    if measure == "worst":  # θ ≤ value of every scenario
        rows = ExtraRows("measure_rows", names, sparse.hstack([-values, ones]).tocsr(), upper=shift)
        goal, sense, added = np.ones(1), "max", 1
    elif measure == "regret":  # ρ ≥ best − value of every scenario
        rows = ExtraRows("measure_rows", names, sparse.hstack([values, ones]).tocsr(), lower=best - shift)
        goal, sense, added = np.ones(1), "min", 1
    else:  # η − Σ p·short / (1 − α), short ≥ η − value
        extra.append(ExtraColumns("short", names))
        matrix = sparse.csr_matrix(sparse.hstack([values, -ones, sparse.identity(count, format="csr")]))
        rows = ExtraRows("measure_rows", names, matrix, lower=-shift)
        goal, sense, added = np.concatenate([[1.0], -weights / (1.0 - alpha)]), "max", 1 + count
    program = program.extended(extra, [rows])
    aim = Linear(sense, np.concatenate([np.zeros(width), goal]), 0.0, unit)  # type: ignore[arg-type]
    mean = Linear("max", np.concatenate([np.asarray(weights @ values).ravel(), np.zeros(added)]), float(weights @ shift), unit)
    return program, aim, mean


def measure_of(values: Floats, measure: Measure, weights: Floats, best: Floats, alpha: float) -> float:
    """A measure of values already known (large is good), one a scenario."""
    if measure == "worst":
        return float(values.min())
    if measure == "regret":
        return float((best - values).max())
    order = np.argsort(values, kind="stable")
    left, total = 1.0 - alpha, 0.0
    for at in order.tolist():
        taken = min(left, float(weights[at]))
        total += taken * float(values[at])
        left -= taken
    return total / (1.0 - alpha)
