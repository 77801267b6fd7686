"""Integers that follow from the other columns, for a method that need not search for what the rest of a point tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.engine.program import Bools, Floats, Program
from optimizer.instance.data import Data
from optimizer.model.counted import BINARY_ROWS, counted_truly, counting_columns
from optimizer.model.equity.median import median_columns, ranked_truly


@dataclass(frozen=True, eq=False)
class Settling:
    """Full tiers and met needs (`optimizer.model.counted`), the sides of medians (`optimizer.model.equity.median`)."""

    data: Data

    def columns(self, program: Program) -> Bools:
        """Which they are."""
        return counting_columns(program) | median_columns(program)

    def point(self, program: Program, x: Floats) -> Floats:
        """The point with them as its other columns have them."""
        return ranked_truly(program, counted_truly(program, self.data, x))

    def relaxed(self, program: Program) -> Program:
        """Without the rows of tiers and needs: for fractions the rows ``counted`` say as much, in a quarter of them."""
        low, high = program.row_lower.copy(), program.row_upper.copy()
        for family in program.rows:
            if family.name in BINARY_ROWS:
                low[family.start : family.stop], high[family.start : family.stop] = -np.inf, np.inf
        return program.with_bounds(row_lower=low, row_upper=high)
