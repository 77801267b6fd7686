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

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.outcome import Status, relative_gap
from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.engine.units import UnitOutcomes
from optimizer.instance.settings import Level
from optimizer.methods.levels import Ask, WorstLevel, room_of
from optimizer.methods.saturation import saturate
from optimizer.methods.worst_sums import SumBounds, spread, with_sum
from optimizer.search.drive import Found
from optimizer.search.limits import Limits

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
        self.bounds = SumBounds(program, units, asked, limits)
        self.proofs: list[Proof] = []
        self.held: list[Held] = []

    def run(self, start: Floats | None) -> Summed:
        x, first = start, None
        while len(self.proofs) < self.asked:
            k = len(self.proofs) + 1
            wide, linear = with_sum(self.program, self.units, k)
            found = self.ask(wide, linear, None if x is None else spread(self.units, x, self.program.n_columns, k))
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
                x = spread(self.units, x, before, k)
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


def _just_below(total: float) -> float:
    return total - HELD * max(1.0, abs(total))
