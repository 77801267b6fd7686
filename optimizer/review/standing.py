"""Where a plan stands: its pairs and projects held, the linear program over the rest solved once, with its prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Bools, Floats, Ints, Linear, Program
from optimizer.engine.session import Session, method_for
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.search.problem import Problem
from optimizer.sensitivity.prices.question import Question, question

PAIR = "pair"
SLIP = 1e-6  # by which the solver lets a point break a row, relative to the row


@dataclass(frozen=True, eq=False)
class Standing:
    """The optimum of a plan's program with every whole decision held.

    Attributes
    ----------
    problem : max cost·x over the program with rows for what earlier levels hold
    low, high : bounds of its columns, whole decisions held
    open_low, open_high : bounds of its columns, whole decisions free
    whole : columns that must be whole
    pairs : the columns of the pairs
    x, dual : the optimum and the prices of its rows, in units of ``cost``
    """

    problem: Problem
    low: Floats
    high: Floats
    open_low: Floats
    open_high: Floats
    whole: Bools
    pairs: Ints
    x: Floats
    dual: Floats

    @cached_property
    def value(self) -> float:
        """Value of the optimum, in units of ``cost``."""
        return float(self.problem.cost @ self.x)

    @cached_property
    def movable(self) -> Bools:
        """Columns that can move: neither held nor switched off."""
        switch = self.problem.program.switch
        off = (switch >= 0) & (self.high[switch] <= 0)
        return np.asarray((self.low < self.high) & ~off)

    @cached_property
    def columns(self) -> list[Ints]:
        """The columns of each block."""
        p = self.problem.program
        return self.problem.members(p.col_block, np.ones(p.n_columns, bool))

    @cached_property
    def loose(self) -> Ints:
        """Columns outside all blocks that can move."""
        return np.flatnonzero(self.movable & (self.problem.program.col_block < 0))

    @cached_property
    def activity(self) -> Floats:
        """What each row adds up to."""
        return self.problem.program.activity(self.x)

    @cached_property
    def blocks_of_row(self) -> sparse.csr_matrix:
        """For each linking row the blocks in which it has columns that can move; the last stands for none of them."""
        p, n = self.problem.program, self.problem.n_blocks
        entry = self.problem.linking[self.problem.entry_row] & self.movable[self.problem.rows.indices]
        row, block = self.problem.entry_row[entry], p.col_block[self.problem.rows.indices[entry]]
        ones = np.ones(len(row))
        return sparse.csr_matrix((ones, (row, np.where(block < 0, n, block))), shape=(p.n_rows, n + 1))

    @cached_property
    def counted(self) -> tuple[sparse.csr_matrix, Floats, Floats]:
        """The rows that hold pairs and nothing else, over the pairs, and how far each may fall and rise.

        They limit partners, counties, load and changes.
        """
        p = self.problem.program
        others = np.ones(p.n_columns)
        others[self.pairs] = 0.0
        filled = np.diff(self.problem.rows.indptr) > 0
        at = np.flatnonzero(filled & (abs(self.problem.rows).sign() @ others == 0))
        return (sparse.csr_matrix(self.problem.rows[at][:, self.pairs]), p.row_lower[at] - self.activity[at],
                p.row_upper[at] - self.activity[at])


def standing(plan: Plan, built: Compiled) -> tuple[Standing, Question]:
    """Where a plan stands, and the question of which that is the optimum: the first level of the method.

    Raises
    ------
    InstanceError : the first level is a quotient
    SolveError : the selection leaves no plan
    """
    asked = question(plan, built)
    return standing_in(asked.program, asked.linear, built, plan.instance.settings.settings.seed), asked


def standing_in(program: Program, linear: Linear, built: Compiled, seed: int = 0) -> Standing:
    """The optimum of a program whose bounds hold every whole decision; the columns of ``built`` stand first in it.

    Raises
    ------
    SolveError : they leave no plan
    """
    problem, n = Problem.of(program, linear), built.program.n_columns
    whole = np.zeros(program.n_columns, bool)
    whole[:n] = built.program.integer
    low, high = program.col_lower.copy(), program.col_upper.copy()
    open_low, open_high = low.copy(), high.copy()
    open_low[:n], open_high[:n] = built.program.col_lower, built.program.col_upper
    pairs = program.columns_of(PAIR).index.to_numpy(dtype=np.int64)
    x, dual = _optimum(problem, low, high, seed)
    return Standing(problem, low, high, open_low, open_high, whole, pairs, x, dual)


def held_at(at: Standing, low: Floats, high: Floats) -> Standing:
    """Where another plan of the same program stands, one with these bounds, which hold every whole decision.

    Raises
    ------
    SolveError : they leave no plan, also where a row of held columns alone stands against them
    """
    x, dual = _optimum(at.problem, low, high, 0)
    p, activity = at.problem.program, at.problem.program.activity(x)
    slip = SLIP * np.maximum(1.0, np.abs(activity))
    if ((activity < p.row_lower - slip) | (activity > p.row_upper + slip)).any():
        raise SolveError("These pairs and projects leave no plan.")
    return replace(at, low=low, high=high, x=x, dual=dual)


def _optimum(problem: Problem, low: Floats, high: Floats, seed: int) -> tuple[Floats, Floats]:
    """Point and prices of the program within these bounds, over the columns that they leave a say."""
    p = problem.program
    off = (p.switch >= 0) & (high[p.switch] <= 0)
    kept = (low < high) & ~off
    x = np.where(off, 0.0, low)
    dual = np.zeros(p.n_rows)
    filled = np.asarray(np.diff(problem.rows[:, np.flatnonzero(kept)].indptr) > 0)
    if not kept.any():
        return x, dual
    part, columns, rows = p.with_bounds(col_lower=low, col_upper=high, integer=np.zeros(p.n_columns, bool)).restricted(
        kept, filled, np.where(kept, 0.0, x))
    session = Session(part.with_criteria({"held": Linear("max", problem.cost[columns])}), "held", seed=seed)
    result = session.solve("lp", method=method_for(len(rows)))
    if result.x is None or result.row_dual is None:
        raise SolveError("The plan's pairs and projects leave no plan.", result.outcome)
    x[columns], dual[rows] = result.x, result.row_dual
    return x, dual
