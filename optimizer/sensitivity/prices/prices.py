"""Prices of limits at the optimum of a linear program, each way, and how far each holds.

At an optimal basis the value moves along its duals for as long as the basic variables stay within their bounds: the ratio
test says how far (Dantzig 1963, chapter 12). Where a basic variable stands at its bound already (degeneracy), the basis says
nothing of the one or the other way; the price that way is the value of a linear program over the directions that the
optimum leaves open (Jansen, de Jong, Roos & Terlaky, "Sensitivity analysis in linear programming: just be careful!", EJOR
101, 1997): see `ranges`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Bools, Floats, Linear, Program
from optimizer.engine.session import Session, method_for
from optimizer.sensitivity.prices.directions import Direction, reach

TIGHT = 1e-7  # share of a bound within which a value counts as being at it
AT_LOWER, BASIC, AT_UPPER = 0, 1, 2  # codes of a basis


@dataclass(frozen=True)
class Price:
    """What a limit is worth.

    Attributes
    ----------
    up, down : change of the criterion for one more unit, upward and downward of where the limit stands (equal unless
        degenerate); infinite where no plan is left that way; nan where the time was over before it was known
    above, below : how far up and down the price holds
    """

    up: float
    down: float
    above: float
    below: float

    @property
    def unknown(self) -> bool:
        """Whether one of the two prices is not known."""
        return bool(np.isnan(self.up) or np.isnan(self.down))


class Optimum:
    """The optimum of the linear relaxation of a program, with its basis.

    Parameters
    ----------
    program : integer columns count as what their bounds leave them
    linear : the criterion
    time_limit : seconds for the solve

    Attributes
    ----------
    point, low, high : value and bounds of every column and row in the numbering of `directions`
    reduced : change of the criterion, in its own sense, for one more unit of each, bounds apart
    basic : which of them are basic

    Raises
    ------
    SolveError : there is no optimum
    """

    def __init__(self, program: Program, linear: Linear, *, threads: int = 1, seed: int = 0,
                 time_limit: float = np.inf) -> None:
        self.program, self.linear = program, linear
        self.sign = 1.0 if linear.sense == "min" else -1.0
        self.scale = _scale(linear.vector)
        self.cost = self.sign * self.scale * linear.vector
        loaded = program.with_criteria({"priced": Linear("min", self.cost)})
        self.session = Session(loaded, "priced", threads=threads, seed=seed)
        result = self.session.solve("lp", method=method_for(program.n_rows), time_limit=time_limit)
        if result.status is not Status.OPTIMAL or result.x is None or result.row_dual is None:
            raise SolveError(f"The program of the prices has no optimum ({result.status}).", result.outcome)
        basis = self.session.get_basis()
        if basis is None:
            raise SolveError("The program of the prices ended without a basis.", result.outcome)
        self.basis = basis
        self.x = result.x
        self.point = np.concatenate([result.x, program.activity(result.x)])
        self.low = np.concatenate([program.col_lower, program.row_lower])
        self.high = np.concatenate([program.col_upper, program.row_upper])
        self.code = np.concatenate([basis.columns, basis.rows])
        self.basic: Bools = np.equal(self.code, BASIC)
        dual = result.row_dual
        self._reduced = np.concatenate([self.cost - program.by_column.T @ dual, dual])
        self._reduced[self.basic] = 0.0
        self.reduced = self._reduced * self.sign / self.scale
        self.dual = dual * self.sign / self.scale
        self.at_low, self.at_high = _tight(self.point, self.low), _tight(self.point, self.high)
        self._basics = self.session.basic_variables()
        self._sign_of_basic = np.where(self._basics < program.n_columns, 1.0, -1.0)

    @property
    def value(self) -> float:
        """The value of the criterion."""
        return self.linear.at(self.x)

    def along(self, direction: Direction) -> tuple[float, float, float] | None:
        """Slope of the criterion along a direction at this basis, and how far it holds forward and backward.

        None where the basis cannot say: one bound of something held at a single value moves and the other does not.
        """
        n = self.program.n_columns
        step = np.zeros(len(self.point))
        for k in direction.positions:
            if self.basic[k]:
                continue
            by_low, by_high = direction.lower.get(k, 0.0), direction.upper.get(k, 0.0)
            if self.low[k] == self.high[k] and by_low != by_high:
                return None
            step[k] = by_high if self.code[k] == AT_UPPER or (self.low[k] == self.high[k]) else by_low
        moved = np.flatnonzero(step)
        if not len(moved):  # only bounds of basic variables move: nothing else can stop them
            return 0.0, *self._reach(step, direction)
        columns, rows = moved[moved < n], moved[moved >= n] - n
        right = np.zeros(self.program.n_rows)
        if len(columns):
            right -= self.program.by_column[:, columns] @ step[columns]
        right[rows] += step[rows + n]
        step[self._basics] = self._sign_of_basic * self.session.basis_solve(right)
        slope = float(self._reduced[moved] @ step[moved]) * self.sign / self.scale
        return slope, *self._reach(step, direction)

    def _reach(self, step: Floats, direction: Direction) -> tuple[float, float]:
        """How far a step can be followed forward and backward; only what moves, or whose bounds do, can stop it."""
        at = np.union1d(np.flatnonzero(step), direction.positions).astype(np.int64)
        alone = direction.over(at.tolist())
        point, low, high = self.point[at], self.low[at], self.high[at]
        return reach(point, step[at], low, high, alone), reach(point, -step[at], low, high, alone.times(-1.0))

    def in_own_sense(self, slope: float) -> float:
        """A slope of the loaded objective (scaled, to be made small) as one of the criterion."""
        return slope * self.sign / self.scale


def _tight(point: Floats, bound: Floats) -> Bools:
    """Where a value is at its bound."""
    known = np.where(np.isfinite(bound), bound, 0.0)
    return np.asarray(np.isfinite(bound) & (np.abs(point - known) <= TIGHT * np.maximum(1.0, np.abs(known))))


def _scale(vector: Floats) -> float:
    """What brings the coefficients of a criterion near 1, where the solver's tolerance on reduced costs means something."""
    sizes = np.abs(vector[vector != 0])
    return 1.0 if not len(sizes) else float(2.0 ** -np.round(np.log2(np.median(sizes))))
