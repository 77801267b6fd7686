"""Rows of the Gini coefficient: the mean difference is the largest of linear forms, one for each order of the units.

    difference·W² ≥ Σ_i w_i·(2·W_i − w_i − W)·u_i   for every order, W_i the weight up to and with unit i

The order from the smallest to the largest outcome gives equality (a sum of products is largest when both are sorted).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.arrays import Floats, Ints
from optimizer.engine.derive import ExtraRows


@dataclass(frozen=True, eq=False)
class Orders:
    """The rows of one Gini coefficient (`optimizer.engine.cutting.Cutting`).

    Attributes
    ----------
    name : the criterion or rule
    units : their keys
    outcome : the column of each unit's outcome
    weight : of each unit
    difference : the column that is at least the mean difference (half of it)
    tolerance : share of the mean outcome by which that column may be less than the true value
    """

    name: str
    units: pd.DataFrame
    outcome: Ints
    weight: Floats
    difference: int
    tolerance: float

    @property
    def columns(self) -> Ints:
        """The column of the mean difference."""
        return np.array([self.difference])

    def excess(self, x: Floats) -> float:
        """By how many times its tolerance the column is less than the true mean difference."""
        value = x[self.outcome]
        return (float(self._order(value) @ value) - float(x[self.difference])) / self._room(value)

    def worth(self, vector: Floats, x: Floats) -> float:
        """What the tolerance of the mean difference is worth in an objective."""
        return abs(float(vector[self.difference])) * self._room(x[self.outcome])

    def _room(self, value: Floats) -> float:
        return self.tolerance * abs(float(self.weight @ value)) / float(self.weight.sum()) + 1e-12

    def repaired(self, x: Floats) -> Floats:
        """``x`` with the true mean difference."""
        value = x[self.outcome]
        out = x.copy()
        out[self.difference] = float(self._order(value) @ value)
        return out

    def cut(self, x: Floats) -> ExtraRows | None:
        """The row of the true order at ``x``, if ``x`` breaks it."""
        if self.excess(x) <= 1.0:
            return None
        columns, entries = np.append(self.outcome, self.difference), np.append(-self._order(x[self.outcome]), 1.0)
        matrix = sparse.csr_matrix((entries, (np.zeros(len(columns), int), columns)), shape=(1, int(columns.max()) + 1))
        return ExtraRows(f"lorenz_{self.name}", pd.DataFrame({"cut": ["order"]}), matrix, 0.0)

    def _order(self, value: Floats) -> Floats:
        """What each outcome counts for in the mean difference, by its place among the others."""
        whole = float(self.weight.sum())
        order = np.argsort(value, kind="stable")
        upto = np.cumsum(self.weight[order])
        coefficient = np.empty(len(order))
        coefficient[order] = self.weight[order] * (2 * upto - self.weight[order] - whole) / whole**2
        return coefficient
