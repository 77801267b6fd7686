"""Which changes of pairs bring a county another donor: a plain exchange, two donors swapped, or a county that gives way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from optimizer.engine.program import Floats, Ints
from optimizer.review.around import Move
from optimizer.review.standing import Standing

NEAR = 1e-9


class Moves:
    """The pairs of a plan and the changes of them that every limit on their number and load allows.

    Parameters
    ----------
    at : the plan's optimum
    donor, county : of each pair, in the order of ``at.pairs``
    """

    def __init__(self, at: Standing, donor: Sequence[str], county: Sequence[str]) -> None:
        self.at, self.donor, self.county = at, list(donor), list(county)
        self.chosen = np.round(at.x[at.pairs]) > 0
        self.may = at.open_high[at.pairs] > 0
        self.must = at.open_low[at.pairs] > 0
        self.number = {key: k for k, key in enumerate(zip(self.donor, self.county, strict=True))}
        rows, below, above = at.counted
        self._rows, self._below, self._above = rows.tocsc(), below, above

    @cached_property
    def of_county(self) -> dict[str, list[int]]:
        """The chosen pairs of each county that has one."""
        return self._grouped(self.county, self.chosen)

    @cached_property
    def of_donor(self) -> dict[str, list[int]]:
        """The chosen pairs of each donor that has one."""
        return self._grouped(self.donor, self.chosen)

    @cached_property
    def open_to(self) -> dict[str, list[int]]:
        """For each county the pairs that it could have and has not."""
        return self._grouped(self.county, self.may & ~self.chosen)

    @staticmethod
    def _grouped(names: Sequence[str], mask: np.ndarray) -> dict[str, list[int]]:
        out: dict[str, list[int]] = {}
        for k in np.flatnonzero(mask).tolist():
            out.setdefault(names[k], []).append(k)
        return out

    def allowed(self, move: Move) -> bool:
        """Whether the limits on pairs alone allow a move, and no lock is broken."""
        if self.must[list(move.off)].any() or not self.may[list(move.on)].all():
            return False
        change: dict[int, float] = {}
        for pairs, sign in ((move.off, -1.0), (move.on, 1.0)):
            for k in pairs:
                for n in range(self._rows.indptr[k], self._rows.indptr[k + 1]):
                    row = int(self._rows.indices[n])
                    change[row] = change.get(row, 0.0) + sign * float(self._rows.data[n])
        return all(self._below[row] - NEAR <= by <= self._above[row] + NEAR for row, by in change.items() if by)

    def direct(self, off: int | None, on: int) -> Iterator[Move]:
        """The plain exchange, and every swap with a county of the new donor."""
        gone = () if off is None else (off,)
        plain = Move(gone, (on,))
        if self.allowed(plain):
            yield plain
        if off is not None:
            for other in self._others(on):
                back = self.number.get((self.donor[off], self.county[other]))
                if back is not None and not self.chosen[back] and self.donor[off] != self.donor[on]:
                    swap = Move((off, other), (on, back))
                    if self.allowed(swap):
                        yield swap

    def displacing(self, off: int | None, on: int) -> Iterator[Move]:
        """Where the new donor has no room: one of its counties gives way, with nothing or with donors that have most left."""
        gone = () if off is None else (off,)
        if self.allowed(Move(gone, (on,))):
            return
        leaves = "" if off is None else self.donor[off]
        for other in self._others(on):
            alone = Move((*gone, other), (on,))
            if self.allowed(alone):
                yield alone
            taken = 0
            options = np.array(self.open_to.get(self.county[other], []), dtype=np.int64)
            for k in options[np.argsort(-self.left[options], kind="stable")].tolist():
                if taken == NEXT:
                    break
                if self.donor[k] in (leaves, self.donor[on]):
                    continue
                move = Move((*gone, other), (on, k))
                if self.allowed(move):
                    taken += 1
                    yield move

    def dropped(self, off: int) -> Move | None:
        """The pair ended with nothing in its place, where the county may go without."""
        move = Move((off,), ())
        return move if self.allowed(move) else None

    # -- what is looked at ------------------------------------------------------------------------------------------

    @cached_property
    def flows(self) -> Floats:
        """Money along each pair at the optimum."""
        out = np.zeros(len(self.at.pairs))
        switched = np.flatnonzero(self.pair_of >= 0)
        np.add.at(out, self.pair_of[switched], self.at.x[switched])
        return out

    @cached_property
    def left(self) -> Floats:
        """What each pair could carry of its donor's unspent money; the criterion's own weight of the pair without money."""
        p = self.at.problem.program
        switched = np.flatnonzero(self.pair_of >= 0)
        if not len(switched):
            return np.asarray(self.at.problem.cost[self.at.pairs], dtype=np.float64)
        keys = p.rows_of("donor_money")
        rows = keys.index.to_numpy(dtype=np.int64)
        spare: dict[str, float] = {}
        for donor, room in zip(keys.get("donor", []), p.row_upper[rows] - self.at.activity[rows], strict=True):
            spare[str(donor)] = spare.get(str(donor), 0.0) + float(room)
        most = np.zeros(len(self.at.pairs))
        np.add.at(most, self.pair_of[switched], p.col_upper[switched])
        return np.asarray(np.minimum(most, np.array([spare.get(donor, np.inf) for donor in self.donor])))

    @cached_property
    def pair_of(self) -> Ints:
        """The pair that switches each column; -1: none."""
        p = self.at.problem.program
        number = np.full(p.n_columns + 1, -1)
        number[self.at.pairs] = np.arange(len(self.at.pairs))
        return np.where(p.switch >= 0, number[p.switch], -1)

    def roomiest(self, pairs: Sequence[int]) -> list[int]:
        """Pairs in the order of what each could carry, the most first."""
        return sorted(pairs, key=lambda k: (-self.left[k], k))

    def _others(self, on: int) -> Ints:
        """Chosen pairs of a pair's donor with other counties."""
        return np.array([k for k in self.of_donor.get(self.donor[on], []) if self.county[k] != self.county[on]], dtype=np.int64)


NEXT = 2  # donors that a county that gives way may take instead
