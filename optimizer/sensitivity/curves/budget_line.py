"""The program along a line of budgets: one more column scales them, so that every budget is a question of one bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.instance.changes import times
from optimizer.instance.data import rebudgeted
from optimizer.instance.instance import Instance
from optimizer.model.algebra import Algebra
from optimizer.model.build import build
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.model.patch import with_budgets

SCALE = "budget_scale"
STRAIGHT = 1e-9  # share by which a bound in the middle may differ from the mean of those at the ends


def scaled(keys: Iterable[str], factor: float) -> dict[str, str]:
    """The changes that multiply budgets by a factor."""
    return dict.fromkeys(keys, times([factor])[0])


def money_of(instance: Instance, keys: Iterable[str]) -> float:
    """The money of the budgets under some keys, over all periods."""
    doubled = instance.with_(scaled(keys, 2.0)).data.budgets["amount"].sum()
    return float(doubled - instance.data.budgets["amount"].sum())


@dataclass(frozen=True, eq=False)
class Budgets:
    """The programs of an instance under scaled budgets, from one statement of its clauses."""

    instance: Instance
    keys: tuple[str, ...]
    algebra: Algebra
    base: Compiled

    @classmethod
    def of(cls, instance: Instance, keys: tuple[str, ...]) -> Budgets:
        algebra = build(instance.data, pyomo=False)
        return cls(instance, keys, algebra, compile_numbers(algebra))

    def at(self, factor: float) -> Compiled:
        """The compiled program with the budgets times a factor."""
        instance = self.instance.with_(scaled(self.keys, factor))
        patched = with_budgets(self.algebra, self.base, rebudgeted(self.instance.data, instance))
        return compile_numbers(build(instance.data, pyomo=False)) if patched is None else patched


@dataclass(frozen=True, eq=False)
class Line:
    """A program whose budgets move with the last column, ``SCALE``; ``scale`` is its position.

    ``growing``: every plan of a smaller budget is one of a larger budget too.
    """

    program: Program
    scale: int
    growing: bool

    def at(self, low: float, high: float | None = None) -> Program:
        """The program at one factor, or with the factor free between two."""
        lower, upper = self.program.col_lower.copy(), self.program.col_upper.copy()
        lower[self.scale], upper[self.scale] = low, low if high is None else high
        return self.program.with_bounds(col_lower=lower, col_upper=upper)

    def slope(self, dual: Floats) -> float:
        """What one more unit of the factor is worth at the prices of the rows."""
        column = self.program.by_column[:, [self.scale]]
        return float(-(column.T @ dual)[0])

    def scale_as(self, sense: str) -> Linear:
        """The factor itself as what is to be made large or small."""
        vector = np.zeros(self.program.n_columns)
        vector[self.scale] = 1.0
        return Linear("max" if sense == "max" else "min", vector)


def line_of(ends: Mapping[float, Program]) -> Line | None:
    """The line through the programs at three factors; None where they do not lie on one.

    Parameters
    ----------
    ends : the programs at a low, a middle and a high factor, in this order of factors
    """
    (low, first), (middle, between), (high, last) = sorted(ends.items())
    if not (_same_matrix(first, between) and _same_matrix(first, last)):
        return None
    share = (middle - low) / (high - low)
    moved: dict[str, tuple[Floats, Floats]] = {}
    for name in ("row_lower", "row_upper", "col_lower", "col_upper"):
        one, two, three = getattr(first, name), getattr(between, name), getattr(last, name)
        finite = np.isfinite(one)
        if not np.array_equal(finite, np.isfinite(two)) or not np.array_equal(finite, np.isfinite(three)):
            return None
        a, c = np.where(finite, one, 0.0), np.where(finite, three, 0.0)
        off = np.abs(np.where(finite, two, 0.0) - (a + share * (c - a)))
        if (off > STRAIGHT * np.maximum(1.0, np.maximum(np.abs(a), np.abs(c)))).any():
            return None
        rate = (c - a) / (high - low)
        rate[np.abs(c - a) <= STRAIGHT * np.maximum(1.0, np.abs(a))] = 0.0
        moved[name] = (one - rate * low, rate)
    growing = bool((last.row_lower <= first.row_lower).all() and (last.row_upper >= first.row_upper).all()
                   and (last.col_lower <= first.col_lower).all() and (last.col_upper >= first.col_upper).all())
    return _assembled(first, moved, growing)


def _assembled(program: Program, moved: Mapping[str, tuple[Floats, Floats]], growing: bool) -> Line:
    """Bounds that move become entries of the new column; of a row whose two bounds move apart, one gets a row of its own."""
    lower, lower_rate = moved["row_lower"]
    upper, upper_rate = moved["row_upper"]
    both = np.isfinite(lower) & np.isfinite(upper)
    apart = both & (lower_rate != upper_rate)
    entry = np.where(np.isfinite(upper), upper_rate, lower_rate)
    extra = [_rows(program, "least", np.flatnonzero(apart), program.matrix[apart], lower[apart], lower_rate[apart], least=True)]
    kept = np.where(apart, -np.inf, lower)
    bounds = {"col_lower": program.col_lower.copy(), "col_upper": program.col_upper.copy()}  # theirs become rows
    for name, least, free in (("col_lower", True, -np.inf), ("col_upper", False, np.inf)):
        base, rate = moved[name]
        at = np.flatnonzero(rate)
        bounds[name][at] = free
        identity = sparse.csr_matrix((np.ones(len(at)), (np.arange(len(at)), at)), shape=(len(at), program.n_columns))
        extra.append(_rows(program, name, at, identity, base[at], rate[at], least=least))
    wide = program.with_bounds(row_lower=kept, row_upper=upper,
                               col_lower=bounds["col_lower"], col_upper=bounds["col_upper"])
    column = ExtraColumns(SCALE, pd.DataFrame(index=range(1)), sparse.csr_matrix(-entry[:, None]))
    return Line(wide.extended([column], [rows for rows in extra if len(rows.keys)]), program.n_columns, growing)


def _rows(
    program: Program, what: str, at: np.ndarray, matrix: sparse.csr_matrix, base: Floats, rate: Floats, *, least: bool
) -> ExtraRows:
    """Rows ``a·x − rate·scale`` on one side of ``base``."""
    both = sparse.hstack([matrix, sparse.csr_matrix(-rate[:, None])], format="csr")
    keys = pd.DataFrame({"position": at})
    return ExtraRows(f"{SCALE}_{what}", keys, both, lower=base if least else -np.inf, upper=np.inf if least else base)


def _same_matrix(one: Program, other: Program) -> bool:
    a, b = one.matrix, other.matrix
    return bool(a.shape == b.shape and np.array_equal(a.indptr, b.indptr) and np.array_equal(a.indices, b.indices)
                and np.array_equal(a.data, b.data))
