"""The outcomes that equity looks at, as linear expressions over the columns of a program: one for each unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from optimizer.engine.arrays import Floats

Better = Literal["high", "low"]


@dataclass(frozen=True, eq=False)
class UnitOutcomes:
    """Value of unit u at a point x: ``matrix[u] @ x + constant[u]``.

    Parameters
    ----------
    labels : names of the units (counties, donors, groups), as the instance writes them.
    matrix : units × columns of the program.
    constant : one for each unit.
    better : ``high`` where a larger value is better for a unit (welfare), ``low`` where a smaller one is (a burden).
    weight : how much each unit counts; 1 for each where nothing else is said.
    unit : what the values are counted in (empty: a bare number).

    Raises
    ------
    ValueError : the sizes do not agree
    """

    labels: tuple[str, ...]
    matrix: sparse.csr_matrix
    constant: Floats
    better: Better
    weight: Floats
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.matrix.shape[0] == len(self.labels) == len(self.constant) == len(self.weight):
            raise ValueError(f"a matrix of {self.matrix.shape[0]} rows does not fit {len(self.labels)} units")

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, x: Floats) -> Floats:
        """Value of each unit at a point of the program; columns added to it later are left out."""
        return np.asarray(self.matrix @ x[: self.matrix.shape[1]] + self.constant, dtype=np.float64)
