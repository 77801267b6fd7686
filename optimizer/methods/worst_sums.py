"""The sum of the k worst outcomes as a linear criterion, and bounds on it that hold for every plan.

    Σ of the k worst = max  k·t_k − Σ_u d_uk,   d_uk ≥ t_k − y_u,  d_uk ≥ 0

(Ogryczak & Tamir, "Minimizing the sum of the k largest functions in linear time", 2003).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.certificate import dual_bound
from optimizer.engine.outcome import relative_gap
from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.engine.session import RawResult
from optimizer.engine.units import UnitOutcomes
from optimizer.search.bound import block_bound
from optimizer.search.limits import Limits
from optimizer.search.problem import Problem
from optimizer.search.relaxation import ROUNDS, Relaxer


class SumBounds:
    """Bounds on the sums of the worst outcomes of every plan, by the relaxation of one after another, loaded once."""

    def __init__(self, program: Program, units: UnitOutcomes, asked: int, limits: Limits) -> None:
        self.program, self.units, self.asked, self.limits = program, units, asked, limits
        self.known: dict[int, float] = {}
        self.relaxer: Relaxer | None = None

    def near(self, k: int, value: float, gap: float) -> float:
        """A bound on the k-th sum: of those known, of the last one's relaxation, of its own, the first that is near enough."""
        bound = self.of_known(k)
        for of in (self.asked, k):
            if relative_gap(value, bound) > gap and of not in self.known:
                self.known[of] = self._relaxed(of, math.inf if value <= 0 else value * (1 + gap) * of / k)
                bound = self.of_known(k)
        return bound

    def of_known(self, k: int) -> float:
        """The least bound on the k-th sum that the relaxations solved so far prove."""
        return min((bound * k / of for of, bound in self.known.items() if of >= k), default=math.inf)

    def _relaxed(self, k: int, enough: float) -> float:
        """Bound by weak duality at the relaxation's prices; by whole counties if that is not low ``enough``."""
        wide, linear = with_sum(self.program, self.units, k, named=0)
        problem = Problem.of(wide, linear)
        if self.relaxer is None or not self.relaxer.change(problem):
            self.relaxer = Relaxer(problem, seed=self.limits.seed, threads=self.limits.threads)
        relaxer = self.relaxer
        answer = relaxer.solve(time_limit=self.limits.left, stop=self.limits.stop, most=1 if relaxer.large else ROUNDS)
        if isinstance(answer, RawResult):
            return math.inf
        bound = dual_bound(wide, linear.vector, "max", answer.dual / problem.scale)
        if bound > enough and wide.col_block.max(initial=-1) > 0:
            bound = min(bound, problem.stated(block_bound(problem, answer, relaxer.candidates, workers=self.limits.threads,
                                                          stop=self.limits.over)))
        return bound


def with_sum(program: Program, units: UnitOutcomes, k: int, *, named: int | None = None) -> tuple[Program, Linear]:
    """Columns t and d_u, rows d_u ≥ t − y_u, and k·t − Σ_u d_u (the sum of the k worst) as a criterion to make large.

    At the optimum t is the k-th worst outcome, so that outcomes' bounds are its bounds.
    """
    n, count = program.n_columns, len(units)
    named = k if named is None else named
    sign = 1.0 if units.better == "high" else -1.0
    keys = pd.DataFrame({"unit": list(units.labels), "worst": named})
    low, high = _spans(program, units)
    least, most = float(low.min(initial=np.inf)), float(high.max(initial=-np.inf))
    if not count:
        least, most = -np.inf, np.inf
    columns = [ExtraColumns(f"worst_{named}", pd.DataFrame({"worst": [named]}), lower=least, upper=most),
               ExtraColumns(f"short_{named}", keys, upper=np.maximum(most - low, 0.0), block=_blocks(program, units))]
    empty = sparse.csr_matrix((count, n - units.matrix.shape[1]))
    short = sparse.hstack(
        [sign * units.matrix, empty, sparse.csr_matrix(-np.ones((count, 1))), sparse.identity(count)], format="csr")
    wide = program.extended(columns, [ExtraRows(f"short_of_{named}", keys, short, -sign * units.constant)])
    return wide, Linear("max", np.concatenate([np.zeros(n), [float(k)], -np.ones(count)]), 0.0, units.unit)


def _spans(program: Program, units: UnitOutcomes) -> tuple[Floats, Floats]:
    """The least and the most of each outcome (more being better) within the columns' bounds, a little widened."""
    sign = 1.0 if units.better == "high" else -1.0
    part = sign * units.matrix
    row = np.repeat(np.arange(len(units)), np.diff(part.indptr))
    ends = np.vstack([program.col_lower[part.indices] * part.data, program.col_upper[part.indices] * part.data])
    ends = np.where(part.data == 0.0, 0.0, ends)
    low = np.bincount(row, weights=ends.min(axis=0), minlength=len(units)) + sign * units.constant
    high = np.bincount(row, weights=ends.max(axis=0), minlength=len(units)) + sign * units.constant
    wider = 1e-6 * np.maximum(1.0, np.maximum(np.abs(low), np.abs(high)))
    return np.where(np.isfinite(low), low - wider, -np.inf), np.where(np.isfinite(high), high + wider, np.inf)


def _blocks(program: Program, units: UnitOutcomes) -> np.ndarray:
    """The block that all columns of a unit's outcome lie in; -1 where they lie in several or none."""
    out = np.full(len(units), -1, dtype=np.int64)
    for u in range(len(units)):
        at = units.matrix.indices[units.matrix.indptr[u] : units.matrix.indptr[u + 1]]
        blocks = np.unique(program.col_block[at])
        if len(blocks) == 1:
            out[u] = blocks[0]
    return out


def spread(units: UnitOutcomes, x: Floats, columns: int, k: int) -> Floats:
    """A point with the columns of the sum of the k worst added."""
    sign = 1.0 if units.better == "high" else -1.0
    y = sign * units.at(x)
    t = float(np.sort(y)[k - 1])
    return np.concatenate([x[:columns], [t], np.maximum(0.0, t - y)])
