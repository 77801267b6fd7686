"""The question of a price, answered without the pricing: every way of changing the pairs, each solved as a program of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import optimizer as opt
from optimizer.engine.program import Linear
from optimizer.engine.session import Session
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.review.moves import Moves
from optimizer.review.pricing import Pricer
from optimizer.review.standing import Standing, standing_in


def pricer_of(instance: opt.Instance) -> Pricer | None:
    """Prices at the instance's best selection of pairs and projects; None without a plan."""
    data = instance.data
    built = compile_numbers(build(data, pyomo=False))
    program, linear = built.program, built.program.criteria[instance.settings.method.levels[0].criterion]
    found = Session(program.with_criteria({"best": linear}), "best").solve("mip", gap=0.0)
    if found.x is None:
        return None
    held = np.where(program.integer, np.round(found.x), np.nan)
    low, high = (np.where(np.isnan(held), bound, held) for bound in (program.col_lower, program.col_upper))
    at = standing_in(program.with_bounds(col_lower=low, col_upper=high, integer=np.zeros(program.n_columns, bool)), linear, built)
    moves = Moves(at, data.pairs["donor"].tolist(), data.pairs["county"].tolist())
    return Pricer(at, moves, data.pairs["fit"].fillna(0.0).to_numpy(float), program.criteria["coverage"])


class Again:
    """Values of a plan's program with other pairs: other counties' whole decisions held, the rest free."""

    def __init__(self, pricer: Pricer) -> None:
        self.at: Standing = pricer.at
        self.moves = pricer.moves
        self.session = Session(
            self.at.problem.program.with_bounds(integer=self.at.whole).with_criteria(
                {"again": Linear("max", self.at.problem.cost)}), "again")

    def lost(self, chosen: set[int]) -> float:
        """What the criterion loses with exactly these pairs; ∞ without a plan."""
        at, block = self.at, self.at.problem.program.col_block
        before = set(np.flatnonzero(self.moves.chosen).tolist())
        changed = np.unique(block[at.pairs[sorted(before ^ chosen)]])
        free = np.isin(block, changed)
        low, high = np.where(free, at.open_low, at.low), np.where(free, at.open_high, at.high)
        pairs = np.isin(np.arange(len(at.pairs)), sorted(chosen)).astype(float)
        may = (pairs >= at.open_low[at.pairs]) & (pairs <= at.open_high[at.pairs])
        if not may.all():
            return np.inf
        low[at.pairs] = high[at.pairs] = pairs
        self.session.set_col_bounds(np.arange(len(low)), low, high)
        result = self.session.solve("mip", gap=0.0)
        return np.inf if result.x is None else (at.value - float(at.problem.cost @ result.x)) / at.problem.scale

    def counted(self, chosen: set[int]) -> bool:
        """Whether rows that hold pairs alone allow these pairs."""
        program, pairs = self.at.problem.program, set(self.at.pairs.tolist())
        x = np.zeros(program.n_columns)
        x[self.at.pairs[sorted(chosen)]] = 1.0
        for row in range(program.n_rows):
            part = slice(program.matrix.indptr[row], program.matrix.indptr[row + 1])
            columns = program.matrix.indices[part]
            if len(columns) and set(columns.tolist()) <= pairs:
                value = float(program.matrix.data[part] @ x[columns])
                if not program.row_lower[row] - 1e-9 <= value <= program.row_upper[row] + 1e-9:
                    return False
        return True

    def ways(self, on: int, only: int | None = None) -> Iterator[set[int]]:
        """Every set of pairs that brings a county this pair: plain, swapped, or with a county of the donor giving way.

        ``only``: in place of this one of its pairs.
        """
        moves = self.moves
        before = set(np.flatnonzero(moves.chosen).tolist())
        own = [k for k in before if moves.county[k] == moves.county[on] and only in (None, k)]
        for off in own or [None]:
            plain: set[int] = (before - {off}) | {on}  # type: ignore[arg-type]
            yield plain
            full = not self.counted(plain)
            for other in [k for k in before if moves.donor[k] == moves.donor[on] and moves.county[k] != moves.county[on]]:
                for k in range(len(moves.county)):
                    new = moves.county[k] == moves.county[other] and k not in before
                    back = off is not None and moves.donor[k] == moves.donor[off]
                    if new and moves.donor[k] != moves.donor[on] and (back or full):
                        yield (plain - {other}) | {k}
                if full:
                    yield plain - {other}

    def price(self, on: int, only: int | None = None) -> float:
        """What the cheapest way costs."""
        return min((self.lost(chosen) for chosen in self.ways(on, only)), default=np.inf)

    def ended(self, off: int) -> float:
        """What it costs to end a pair: with nothing, or with any other pair, in its place."""
        before = set(np.flatnonzero(self.moves.chosen).tolist())
        others = [k for k in range(len(self.moves.county)) if self.moves.county[k] == self.moves.county[off] and k not in before]
        return min([self.lost(before - {off}), *(self.price(k, off) for k in others)])


def close(one: Any, other: Any, size: float) -> bool:
    """Whether two prices are one, where values of this size are added up."""
    return bool(abs(one - other) <= 1e-5 * max(1.0, size))
