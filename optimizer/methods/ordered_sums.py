"""Exact leximin with integers: the sums of the k worst outcomes, made large one after another.

    Σ of the k worst = max  k·t_k − Σ_u d_uk,   d_uk ≥ t_k − y_u,  d_uk ≥ 0

(Ogryczak & Śliwiński, "On direct methods for lexicographic min-max optimization", 2006). Each sum is held when the next
is asked for, and has the search's own proof. Where a gap is allowed, three things spare most of the searches:

- with the integers found held, a linear program is left, whose leximin by saturation improves every level at once;
- the linear relaxation of one sum bounds it for every plan, whatever is held, and warm it costs next to nothing;
- the mean of the k worst rises with k, so that U bounding the sum of the k worst bounds that of the j worst, j < k, by
  U·j/k. (The sums of the relaxation's own leximin would prove nothing: its later levels hold its earlier ones, which no
  plan need reach.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.certificate import dual_bound
from optimizer.engine.outcome import Status, relative_gap
from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.engine.session import RawResult
from optimizer.engine.units import UnitOutcomes
from optimizer.instance.settings import Level
from optimizer.methods.levels import Ask, WorstLevel, room_of
from optimizer.methods.saturation import saturate
from optimizer.search.bound import block_bound
from optimizer.search.drive import Found
from optimizer.search.limits import Limits
from optimizer.search.problem import Problem
from optimizer.search.relaxation import ROUNDS, Relaxer

SAME = 1e-7  # sums closer than this (as a share of their size) are the same
HELD = 1e-9  # by as much may a sum that is held fall, so that the point that reached it stays feasible


@dataclass(frozen=True)
class Proof:
    """The bound of a level, and whether the search that gave it proved its point optimal, or within the gap."""

    bound: float
    optimal: bool = False
    within: bool = False


@dataclass(frozen=True)
class Held:
    """A sum that is held: of the ``k`` worst, in which row, at what."""

    k: int
    row: int
    total: float


@dataclass(frozen=True, eq=False)
class Summed:
    """What was reached: the program with the sums held, the point, the first search's answer, the levels."""

    program: Program
    x: Floats | None
    first: Found | None
    levels: tuple[WorstLevel, ...]


def by_sums(program: Program, units: UnitOutcomes, level: Level, ask: Ask, start: Floats | None, limits: Limits,
            asked: int, *, alone: bool = True) -> Summed:
    """The ``asked`` worst outcomes in order, over any program.

    Parameters
    ----------
    limits : ``gap`` is what each sum may lack of its bound
    alone : False if the ask adds rows of its own, which a linear program with the integers held would not keep
    """
    return _Sums(program, units, level, ask, limits, asked, ahead=alone and limits.gap > 0).run(start)


class _Sums:
    def __init__(self, program: Program, units: UnitOutcomes, level: Level, ask: Ask, limits: Limits, asked: int, *,
                 ahead: bool) -> None:
        self.program, self.units, self.level, self.ask, self.limits = program, units, level, ask, limits
        self.asked, self.ahead = asked, ahead
        self.sign = 1.0 if units.better == "high" else -1.0
        self.bounds = _Bounds(program, units, asked, limits)
        self.proofs: list[Proof] = []
        self.held: list[Held] = []

    def run(self, start: Floats | None) -> Summed:
        x, first = start, None
        while len(self.proofs) < self.asked:
            k = len(self.proofs) + 1
            wide, linear = with_sum(self.program, self.units, k)
            found = self.ask(wide, linear, None if x is None else _spread(self.units, x, self.program.n_columns, k))
            first = first or found
            if found.x is None:
                break
            x, status = found.x, found.outcome.status
            self.proofs.append(Proof(found.outcome.bound, status is Status.OPTIMAL, status.proved))
            self._hold(wide, linear, k, float(self._sums(x)[k - 1]))  # not the solver's, which may lie a tolerance above
            x = x[: self.program.n_columns]  # a sum that needs not be held leaves no columns
            if self.ahead and not self.limits.over():
                x = self._looked_ahead(self._levelled(x))
            if self.limits.over():
                break
        x = x if self.proofs else None
        return Summed(self._loosened(), x, first, self._levels(x))

    def _hold(self, wide: Program, linear: Linear, k: int, total: float) -> None:
        """Hold a sum, unless it is k times the worst outcome, which is held: then it can be no smaller."""
        if self.held:
            first = self.held[0].total
            room, first_room = room_of(self.level, total), room_of(self.level, first)
            if total <= k * first + SAME * max(1.0, abs(total)) and k * first_room <= room + SAME * max(1.0, room):
                return
        row = ExtraRows(f"leximin_{self.level.criterion}_{k}", pd.DataFrame({"sum": [k]}),
                        sparse.csr_matrix(linear.vector[None, :]), _just_below(total))
        self.program = wide.extended(rows=[row])
        self.held.append(Held(k, self.program.n_rows - 1, total))

    def _levelled(self, x: Floats) -> Floats:
        """Leximin over what is left once the integers of a point are held, sums held raised to what it reaches.

        The point itself where that fails.
        """
        low, high = self.program.col_lower.copy(), self.program.col_upper.copy()
        whole = self.program.integer
        low[whole] = high[whole] = np.round(x[whole])
        done = saturate(self.program.with_bounds(col_lower=low, col_upper=high), self.units, self.asked, self.limits)
        if done.x is None or tuple(self._sums(done.x)) < tuple(self._sums(x)):
            return x
        sums = self._sums(done.x)
        self.held = [replace(one, total=max(one.total, float(sums[one.k - 1]))) for one in self.held]
        self._put([_just_below(one.total) for one in self.held])
        return done.x

    def _put(self, least: list[float]) -> None:
        """Hold each sum that is held to another least value."""
        rows = self.program.row_lower.copy()
        rows[[one.row for one in self.held]] = least
        self.program = self.program.with_bounds(row_lower=rows)

    def _loosened(self) -> Program:
        """The program for what comes after leximin, which may take its tolerance from each sum."""
        if self.held:
            self._put([_just_below(one.total) - room_of(self.level, one.total) for one in self.held])
        return self.program

    def _looked_ahead(self, x: Floats) -> Floats:
        """Settle the next levels that the point reaches within the gap already, by bounds that hold for every plan."""
        sums = self._sums(x)
        while len(self.proofs) < self.asked and not self.limits.over():
            k = len(self.proofs) + 1
            total, before = float(sums[k - 1]), self.program.n_columns
            bound = self.bounds.near(k, total, self.limits.gap)
            if relative_gap(total, bound) > self.limits.gap:
                break
            self.proofs.append(Proof(bound, within=True))
            self._hold(*with_sum(self.program, self.units, k), k, total)
            if self.program.n_columns > before:
                x = _spread(self.units, x, before, k)
        return x

    def _sums(self, x: Floats) -> Floats:
        """The sums of the 1, 2, … ``asked`` worst outcomes, more being better."""
        return np.asarray(np.cumsum(np.sort(self.sign * self.units.at(x))[: self.asked]))

    def _levels(self, x: Floats | None) -> tuple[WorstLevel, ...]:
        """Each level with its proof, as the last point has it (no worse than the point that the level was settled with)."""
        if x is None:
            return ()
        levels, before, proved = list[WorstLevel](), 0.0, True
        for k, (total, proof) in enumerate(zip(self._sums(x).tolist(), self.proofs, strict=False), start=1):
            bound = max(min(proof.bound, self.bounds.of_known(k)), total)
            gap = 0.0 if proof.optimal else relative_gap(total, bound)
            proved = proved and (proof.within or gap <= self.limits.gap)
            levels.append(WorstLevel(k, self.sign * (total - before), self.sign * total, self.sign * bound, (), proved, gap))
            before = total
        return tuple(levels)


class _Bounds:
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
        bound = dual_bound(wide, linear.vector, "max", answer.dual)
        if bound > enough and wide.col_block.max(initial=-1) > 0:
            bound = min(bound, block_bound(problem, answer, relaxer.candidates, workers=self.limits.threads,
                                           stop=self.limits.over))
        return bound


def _just_below(total: float) -> float:
    return total - HELD * max(1.0, abs(total))


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


def _spread(units: UnitOutcomes, x: Floats, columns: int, k: int) -> Floats:
    """A point with the columns of the sum of the k worst added."""
    sign = 1.0 if units.better == "high" else -1.0
    y = sign * units.at(x)
    t = float(np.sort(y)[k - 1])
    return np.concatenate([x[:columns], [t], np.maximum(0.0, t - y)])
