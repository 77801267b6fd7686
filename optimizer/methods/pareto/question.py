"""What a front is asked of: a program and the names of its criteria, all of them turned to "make small".

Inside this package a criterion's value is its *cost*: the value itself where it is made small, its negative where it is
made large. `Question.values` turns costs back.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.certificate import implied_bounds
from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.engine.ratio import Ratio

ROWS = "front"
FINEST = 1_000_000  # denominators up to which coefficients are read as fractions
STEPS = 10_000_000  # steps between two values past which a criterion counts as real-valued
ENTRY = 1000.0  # largest entry of the row of a real-valued criterion, so that the solver's tolerance is 1e-9 of it
APART = 1e-3  # how far apart two values of such a row must lie to count as different


class Kind(StrEnum):
    """What can be said of the front: all its points, its segments, or points with a bound each."""

    INTEGER = "integer"
    CONTINUOUS = "continuous"
    MIXED = "mixed"


@dataclass(frozen=True, eq=False)
class Question:
    """A program and two or more of its criteria, linear or quotients.

    Attributes
    ----------
    program : as given
    names : the criteria, in the order asked
    """

    program: Program
    names: tuple[str, ...]

    @classmethod
    def of(cls, program: Program, names: Sequence[str]) -> Question:
        """Check the names.

        Raises
        ------
        ValueError : fewer than two criteria, one named twice, or one that the program does not have
        """
        if len(names) < 2:
            raise ValueError("a front needs two criteria or more")
        for n, name in enumerate(names):
            if name not in program.criteria:
                raise ValueError(f"there is no criterion '{name}'; there are {', '.join(program.criteria)}")
            if name in names[:n]:
                raise ValueError(f"the criterion '{name}' is named twice")
        return cls(program, tuple(names))

    def __getstate__(self) -> dict[str, Any]:
        # what follows from the two is made again where it is needed; a worker gets half as much to read
        return {"program": self.program, "names": self.names}

    @property
    def size(self) -> int:
        """Number of criteria."""
        return len(self.names)

    @cached_property
    def linear(self) -> tuple[Linear, ...]:
        """The criteria."""
        return tuple(self.program.criteria[name] for name in self.names)

    @cached_property
    def sign(self) -> Floats:
        """1 for a criterion made small, -1 for one made large."""
        return np.array([1.0 if linear.sense == "min" else -1.0 for linear in self.linear])

    @cached_property
    def matrix(self) -> Floats:
        """Cost coefficients: criteria × columns; of a quotient those of its numerator."""
        return np.vstack([sign * linear.vector for sign, linear in zip(self.sign, self.linear, strict=True)])

    @cached_property
    def quotients(self) -> tuple[int, ...]:
        """The criteria that are quotients."""
        return tuple(k for k, linear in enumerate(self.linear) if isinstance(linear, Ratio))

    @cached_property
    def constant(self) -> Floats:
        """Constant of each cost."""
        return np.asarray(self.sign * np.array([linear.constant for linear in self.linear]))

    def costs(self, x: Floats) -> Floats:
        """The costs at a point; of a quotient 0 where there is nothing to divide by."""
        out = np.asarray(self.matrix @ x[: self.matrix.shape[1]]) + self.constant
        for k in self.quotients:
            out[k] = self.sign[k] * np.nan_to_num(self.linear[k].at(x), nan=0.0)
        return out

    def limit(self, k: int, most: float) -> tuple[Floats, float]:
        """The row that holds cost ``k`` to ``most`` and its upper bound: numerator − most × denominator ≤ 0 of a quotient."""
        if k not in self.quotients:
            return self.matrix[k] / self.unit[k], float((most - self.constant[k]) / self.unit[k])
        less = self.less(k, most)
        size = max(float(np.abs(less.vector).max(initial=0.0)) / ENTRY, 1e-12)
        return less.vector / size, -less.constant / size

    def less(self, k: int, most: float) -> Linear:
        """Numerator − value × denominator of a quotient, as a cost: at most 0 where the quotient's cost is at most ``most``."""
        sign = float(self.sign[k])
        linear = self.linear[k].less(sign * most)
        return Linear("min", sign * linear.vector, sign * linear.constant)

    def values(self, costs: Floats) -> Floats:
        """Costs as values of the criteria in their own sense (the last axis runs over criteria)."""
        return np.asarray(self.sign * costs + 0.0)

    @cached_property
    def movable(self) -> np.ndarray:
        """Columns whose bounds leave them room."""
        return np.asarray(self.program.col_upper > self.program.col_lower)

    @cached_property
    def kind(self) -> Kind:
        """Integer where the criteria depend on bounded whole columns alone, continuous where nothing must be whole.

        With a quotient among them the front is neither a list of steps nor straight between its points: mixed.
        """
        if self.quotients:
            return Kind.MIXED
        free = self.movable
        used = free & (self.matrix != 0).any(axis=0)
        if not (self.program.integer & free).any():
            return Kind.CONTINUOUS
        if self.program.integer[used].all() and np.isfinite(self._bounds[:, used]).all():
            return Kind.INTEGER
        return Kind.MIXED

    @cached_property
    def _bounds(self) -> Floats:
        low, high = implied_bounds(self.program)
        stated = self.program.col_lower, self.program.col_upper
        return np.vstack([np.where(np.isfinite(stated[0]), stated[0], low), np.where(np.isfinite(stated[1]), stated[1], high)])

    @cached_property
    def reach(self) -> tuple[Floats, Floats]:
        """Least and largest cost that the bounds of the columns allow (infinite where they do not say)."""
        low, high = self._bounds
        fall, rise = np.minimum(self.matrix, 0.0), np.maximum(self.matrix, 0.0)
        return _sum(rise, low) + _sum(fall, high) + self.constant, _sum(rise, high) + _sum(fall, low) + self.constant

    @cached_property
    def step(self) -> Floats:
        """The step between possible values of each cost; 0 for a real-valued one (and where the front is not integer)."""
        if self.kind is not Kind.INTEGER:
            return np.zeros(self.size)
        return np.array([_common_step(row[self.movable & (row != 0)]) for row in self.matrix])

    @cached_property
    def unit(self) -> Floats:
        """What a cost is divided by in the rows that limit it: its step, or such that its largest entry is `ENTRY`.

        A quotient has a row of its own (`limit`); its unit only says what counts as a difference.
        """
        largest = np.abs(self.matrix * self.movable).max(axis=1, initial=0.0)
        largest[list(self.quotients)] = 1.0
        return np.where(self.step > 0, self.step, np.where(largest > 0, largest / ENTRY, 1.0))

    @cached_property
    def apart(self) -> Floats:
        """How much two costs must differ to count as two: nearly a step, or the resolution of a real-valued one."""
        return self.unit * np.where(self.step > 0, 0.9, APART)

    @cached_property
    def limited(self) -> Program:
        """The program with one row for each criterion, ``cost / unit`` without its constant, to be bounded from above."""
        rows = sparse.csr_matrix(self.matrix / self.unit[:, None])
        return self.program.extended(rows=[ExtraRows(ROWS, pd.DataFrame({"criterion": list(self.names)}), rows)])

    @cached_property
    def fingerprint(self) -> str:
        """Tells whether a front that was written belongs to this question."""
        p, out = self.program, hashlib.sha256(",".join(self.names).encode())
        for array in (p.matrix.indptr, p.matrix.indices, p.matrix.data, p.row_lower, p.row_upper, p.col_lower, p.col_upper,
                      p.integer, self.matrix, self.constant, *(self._below(k) for k in self.quotients)):
            out.update(np.ascontiguousarray(array).tobytes())
        return out.hexdigest()

    def _below(self, k: int) -> Floats:
        linear = self.linear[k]
        assert isinstance(linear, Ratio)
        return np.append(linear.below, linear.below_constant)


def _sum(rows: Floats, bound: Floats) -> Floats:
    """rows @ bound where 0 × ∞ counts as 0."""
    return np.array([float(row[row != 0] @ bound[row != 0]) for row in rows])


def _common_step(coefficients: Floats) -> float:
    """The largest number of which every coefficient is a whole multiple; 0 where there is none worth the name."""
    if not len(coefficients):
        return 1.0
    parts = [Fraction(float(value)).limit_denominator(FINEST) for value in np.unique(np.abs(coefficients))]
    if any(abs(float(part) - value) > 1e-12 * value for part, value in zip(parts, np.unique(np.abs(coefficients)), strict=True)):
        return 0.0
    below = math.lcm(*(part.denominator for part in parts))
    if below > FINEST:
        return 0.0
    step = math.gcd(*(int(part * below) for part in parts)) / below
    return step if max(parts) / Fraction(step) < STEPS else 0.0
