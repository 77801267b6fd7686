"""Nested budgets: nobody loses when the budget grows. From one budget on, every county keeps what it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraRows, Floats
from optimizer.sensitivity.gains import Measured

ROOM = 1e-6  # money by which a solver may miss a row
FAMILY = "no_county_loses"

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Kept:
    """Money of each county over the horizon that a plan for more money may not go below, or for less not above."""

    counties: list[str]
    matrix: sparse.csr_matrix
    least: Floats
    most: Floats

    @classmethod
    def free(cls, measured: Measured) -> Kept:
        """The rows without a bound."""
        count = measured.money.shape[0]
        return cls(list(measured.counties["county"]), measured.money, np.full(count, -np.inf), np.full(count, np.inf))

    def beside(self, money: pd.Series, *, grows: bool) -> Kept:
        """No county below this money (the budget ``grows``), or none above it."""
        amounts = money.reindex(self.counties).fillna(0.0).to_numpy(float)
        if grows:
            return Kept(self.counties, self.matrix, amounts - ROOM, np.full(len(amounts), np.inf))
        return Kept(self.counties, self.matrix, np.full(len(amounts), -np.inf), amounts + ROOM)

    def rows(self, width: int) -> ExtraRows:
        """The rows over a program of so many columns."""
        matrix = sparse.csr_matrix((self.matrix.data, self.matrix.indices, self.matrix.indptr),
                                   shape=(self.matrix.shape[0], width))
        return ExtraRows(FAMILY, pd.DataFrame({"county": self.counties}), matrix, self.least, self.most)


def walk(
    factors: Sequence[float], start: float, solve: Callable[[float, pd.Series | None, bool], tuple[Found, pd.Series | None]]
) -> dict[float, Found]:
    """Solve one budget after another from ``start``: up, each beside the last one's money, then down from it.

    Parameters
    ----------
    solve : factor, money of the neighbour on the way (None at the start), whether the budget grows → what is found and
        the money of each county (None without a plan, after which the last known money stays)
    """
    found: dict[float, Found] = {}
    first, money = solve(start, None, True)
    found[start] = first
    for factors_, grows in (([f for f in factors if f > start], True), ([f for f in reversed(factors) if f < start], False)):
        last = money
        for factor in factors_:
            found[factor], new = solve(factor, last, grows)
            last = last if new is None else new
    return found
