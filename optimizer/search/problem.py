"""What the search works on: a program with one criterion, cut into blocks.

Blocks are sets of columns that only some *linking* rows join; integer columns come in *stages* (those of stage 1 are
settled first); a column may have a *switch*, a binary without which it must be zero. Nothing here knows what any of
them stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from optimizer.engine.program import Bools, Floats, Ints, Linear, Program
from optimizer.engine.scaling import readable


@dataclass(frozen=True, eq=False)
class Problem:
    """max cost·x over a program; ``first`` = columns of stage 1 and those that they switch.

    ``cost`` is the criterion times ``sign`` and ``scale``, in numbers that a solver can read.
    """

    program: Program
    cost: Floats
    sign: float
    constant: float
    scale: float = 1.0

    @classmethod
    def of(cls, program: Program, linear: Linear) -> Problem:
        sign = 1.0 if linear.sense == "max" else -1.0
        large, scale = readable(linear)
        return cls(program, sign * large.vector, sign, float(linear.constant), scale)

    def value(self, x: Floats) -> float:
        """Value of the criterion, in its own sense."""
        return self.stated(float(self.cost @ x))

    def stated(self, value: float) -> float:
        """A value of ``cost`` as one of the criterion."""
        return self.sign * value / self.scale + self.constant

    @cached_property
    def rows(self) -> sparse.csr_matrix:
        return sparse.csr_matrix(self.program.matrix)

    @cached_property
    def columns(self) -> sparse.csc_matrix:
        return self.program.by_column

    @cached_property
    def entry_row(self) -> Ints:
        """The row of each entry of ``rows``."""
        return np.repeat(np.arange(self.program.n_rows), np.diff(self.rows.indptr))

    @cached_property
    def n_blocks(self) -> int:
        return int(self.program.col_block.max(initial=-1)) + 1

    @cached_property
    def first(self) -> Bools:
        p = self.program
        stage: Bools = np.equal(p.col_stage, 1)
        switched = p.switch >= 0
        out: Bools = stage.copy()
        out[switched] |= stage[p.switch[switched]]
        return out

    @cached_property
    def linking(self) -> Bools:
        return self.program.row_block < 0

    def rows_with(self, columns: Bools) -> Bools:
        """Rows in which some of ``columns`` stand."""
        counts = np.bincount(self.entry_row, weights=columns[self.rows.indices], minlength=self.program.n_rows)
        return np.asarray(counts > 0, dtype=bool)

    def members(self, of: Ints, chosen: Bools) -> list[Ints]:
        """Positions of the chosen rows or columns of each block, in order."""
        at = np.flatnonzero(chosen & (of >= 0))
        at = at[np.argsort(of[at], kind="stable")]
        return np.split(at, np.searchsorted(of[at], np.arange(1, self.n_blocks)))

    def priced(self, dual: Floats, rows: Bools) -> Floats:
        """Cost of each column less what it uses of ``rows`` at the price ``dual``."""
        return np.asarray(self.cost - self.columns.T @ np.where(rows, dual, 0.0))
