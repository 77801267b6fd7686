"""The program along a line of budgets: one more column scales them, so that every budget is a question of one bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.instance.changes import times
from optimizer.instance.data import rebudgeted
from optimizer.instance.instance import Instance
from optimizer.instance.settings import BandRule
from optimizer.model.algebra import Algebra
from optimizer.model.build import build
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.model.patch import with_budgets
from optimizer.model.rules.band import rounding_of

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

    def at(self, factor: float, *, rounded: bool = True) -> Compiled:
        """The compiled program with the budgets times a factor; ``rounded``: see `optimizer.model.patch.with_budgets`."""
        instance = self.instance.with_(scaled(self.keys, factor))
        patched = with_budgets(self.algebra, self.base, rebudgeted(self.instance.data, instance), rounded=rounded)
        return compile_numbers(build(instance.data, pyomo=False)) if patched is None else patched

    def line(self, factors: Sequence[float]) -> Line | None:
        """The line through the programs at three factors, drawn in by what whole steps of a baseline could move its bounds."""
        return line_of(self._programs(factors), self.rounding())

    def bent(self, factors: Sequence[float]) -> list[str]:
        """What keeps the programs at three factors from lying on a line."""
        return bent(self._programs(factors), self.rounding())

    def _programs(self, factors: Sequence[float]) -> dict[float, Program]:
        return {factor: self.at(factor, rounded=False).program for factor in factors}

    def rounding(self) -> Floats:
        """By row of the program, how far whole steps of a baseline move its bounds at most."""
        program = self.base.program
        out = np.zeros(program.n_rows)
        for rule in self.instance.settings.rules:
            family = next((rows for rows in program.rows if rows.name == f"rule_{rule.id}"), None)
            if isinstance(rule, BandRule) and family is not None:
                out[family.start : family.stop] = rounding_of(self.instance.data, rule)
        return out


@dataclass(frozen=True, eq=False)
class Line:
    """A program whose budgets move with the last column, ``SCALE``; ``scale`` is its position.

    ``growing``: every plan of a smaller budget is one of a larger budget too.
    ``room``: by row, how much less strict the true program may be, where whole steps of a baseline bend it. The line itself
    is at least as strict, so its points are points of the true program.
    """

    program: Program
    scale: int
    growing: bool
    room: Floats

    def beyond(self, dual: Floats) -> float:
        """How far the true program's bound may lie above the line's: what its room is worth at these prices (weak duality)."""
        return float(np.abs(dual[: len(self.room)]) @ self.room)

    def loosened(self) -> Line:
        """The line at least as loose as the true program: what has no point here has none there."""
        p = self.program
        return replace(self, program=p.with_bounds(row_lower=p.row_lower - self.room, row_upper=p.row_upper + self.room))

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


def line_of(ends: Mapping[float, Program], rounding: Floats | None = None) -> Line | None:
    """The line through the programs at three factors; None where they do not lie on one.

    Parameters
    ----------
    ends : the programs at a low, a middle and a high factor, in this order of factors
    rounding : by row, how far its true bounds may lie from the line's, either way; the line is drawn in by as much
    """
    (low, first), (middle, between), (high, last) = sorted(ends.items())
    if not (_same_matrix(first.matrix, between.matrix) and _same_matrix(first.matrix, last.matrix)):
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
    rounding = np.zeros(first.n_rows) if rounding is None else rounding
    if not all(_wide(program, rounding).all() for program in (first, last)):
        return None  # a band no wider than whole steps
    return _assembled(first, moved, growing, rounding)


def bent(ends: Mapping[float, Program], rounding: Floats) -> list[str]:
    """The rules, or families of other rows, that keep the programs at three factors from lying on a line."""
    (low, first), (middle, between), (high, last) = sorted(ends.items())
    names = {rows.name: None for program in (first, between, last) for rows in program.rows}
    sizes = [{rows.name: rows.stop - rows.start for rows in program.rows} for program in (first, between, last)]
    wrong = [name for name in names if len({size.get(name) for size in sizes}) > 1]
    if not wrong:
        share = (middle - low) / (high - low)
        wrong = [rows.name for rows in first.rows
                 if not _straight(slice(rows.start, rows.stop), (first, between, last), share, rounding)]
    return list(dict.fromkeys(name.removeprefix("rule_") for name in wrong))


def _straight(rows: slice, programs: tuple[Program, Program, Program], share: float, rounding: Floats) -> bool:
    """Whether some rows have the same entries at three factors, bounds on a line, and room for whole steps between them."""
    first, between, last = programs
    if not all(_same_matrix(first.matrix[rows], other.matrix[rows]) for other in (between, last)):
        return False
    for name in ("row_lower", "row_upper"):
        one, two, three = (getattr(program, name)[rows] for program in programs)
        with np.errstate(invalid="ignore"):
            line = np.where(one == three, one, one + share * (three - one))
            near = np.abs(two - line) <= STRAIGHT * np.maximum(1.0, np.maximum(np.abs(one), np.abs(three)))
            if not np.all((two == line) | near):
                return False
    return all(_wide(program, rounding)[rows].all() for program in (first, last))


def _wide(program: Program, rounding: Floats) -> np.ndarray:
    """Whether each row leaves room between its bounds once both are drawn in."""
    return np.asarray((rounding == 0) | (program.row_lower + rounding <= program.row_upper - rounding))


def _assembled(program: Program, moved: Mapping[str, tuple[Floats, Floats]], growing: bool, rounding: Floats) -> Line:
    """Bounds that move become entries of the new column; of a row whose two bounds move apart, one gets a row of its own."""
    lower, lower_rate = moved["row_lower"]
    upper, upper_rate = moved["row_upper"]
    lower, upper = lower + rounding, upper - rounding
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
    made = wide.extended([column], [rows for rows in extra if len(rows.keys)])
    room = np.zeros(made.n_rows)
    room[: program.n_rows], room[program.n_rows : program.n_rows + int(apart.sum())] = 2 * rounding, 2 * rounding[apart]
    return Line(made, program.n_columns, growing, room)


def _rows(
    program: Program, what: str, at: np.ndarray, matrix: sparse.csr_matrix, base: Floats, rate: Floats, *, least: bool
) -> ExtraRows:
    """Rows ``a·x − rate·scale`` on one side of ``base``."""
    both = sparse.hstack([matrix, sparse.csr_matrix(-rate[:, None])], format="csr")
    keys = pd.DataFrame({"position": at})
    return ExtraRows(f"{SCALE}_{what}", keys, both, lower=base if least else -np.inf, upper=np.inf if least else base)


def _same_matrix(a: sparse.csr_matrix, b: sparse.csr_matrix) -> bool:
    return bool(a.shape == b.shape and np.array_equal(a.indptr, b.indptr) and np.array_equal(a.indices, b.indices)
                and np.array_equal(a.data, b.data))
