"""Which named clauses of a program cannot hold together: smallest sets, each proved by solving it alone.

A clause is a set of bounds of rows and columns that goes by one name. Whether some clauses can hold together is asked
of one elastic program that is loaded once: every clause has a scalar that loosens it, those that must hold pay for it
and the others do not, so a question changes costs only and starts from the last basis. Where the loosening cannot be
nothing, the rows with a price prove it (Farkas), and the clauses they belong to are a conflict, made smallest by
deletion (J. W. Chinneck, "Feasibility and Infeasibility in Optimization", 2008, ch. 6). All conflicts come from the
tree of hitting sets (R. Reiter, "A theory of diagnosis from first principles", 1987): of each conflict one member at a
time is taken out, and what is left is asked again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from optimizer.engine.arrays import Floats, Ints
from optimizer.engine.elastic import Elastic, elastic, first_method, released
from optimizer.engine.outcome import Status
from optimizer.engine.program import Program
from optimizer.engine.scaling import READABLE
from optimizer.engine.session import Session

LOOSE = 1e-9  # loosening, relative to what is loosened, that counts as nothing
PRICED = 1e-9


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Clause:
    """Bounds that go by one name.

    Parameters
    ----------
    name : what a planner calls it.
    row_lower, row_upper, col_lower, col_upper : positions of the rows and columns whose bound it is.
    """

    name: str
    row_lower: Ints = field(default_factory=_none)
    row_upper: Ints = field(default_factory=_none)
    col_lower: Ints = field(default_factory=_none)
    col_upper: Ints = field(default_factory=_none)

    def __len__(self) -> int:
        return sum(len(part) for part in (self.row_lower, self.row_upper, self.col_lower, self.col_upper))


@dataclass(frozen=True)
class Conflict:
    """Clauses that cannot hold together.

    Parameters
    ----------
    members : names of the clauses, in the order in which they were given.
    minimal : whether the rest can hold whichever member is taken out, tried for each.
    whole : whether it is only whole numbers that make it impossible.
    """

    members: tuple[str, ...]
    minimal: bool
    whole: bool


@dataclass(frozen=True)
class Conflicts:
    """All conflicts found; ``complete`` if there is no other smallest one, else ``why_not`` says what ended the search."""

    found: tuple[Conflict, ...]
    complete: bool
    why_not: str = ""


class Together:
    """Whether clauses of a program can hold together, asked again and again.

    Parameters
    ----------
    program : with every clause in its bounds.
    clauses : those that may be taken out; what belongs to none always holds.
    whole : whether integer columns must be whole where the relaxation says yes.
    deadline : on the monotonic clock.
    """

    def __init__(self, program: Program, clauses: Sequence[Clause], *, whole: bool = True, deadline: float = math.inf,
                 threads: int = 1) -> None:
        self.program, self.clauses, self.deadline = program, {clause.name: clause for clause in clauses}, deadline
        self._whole = whole and bool(program.integer.any())
        self._loose: Elastic = elastic(program, clauses)
        self._session = Session(self._loose.program, threads=threads)
        self._threads = threads
        self._integer: Session | None = None
        self._begun = False
        self.point: Floats | None = None  # where the clauses last asked for hold together

    def holds(self, names: Iterable[str]) -> bool | None:
        """Whether these clauses can hold together; None if it was not settled in time."""
        wanted = set(names)
        if self.priced(wanted) is not None:
            return False
        return self._holds_whole(wanted) if self._whole else True

    def priced(self, names: Iterable[str]) -> set[str] | None:
        """Clauses among these whose rows prove that the relaxation has no point; None if it has one."""
        wanted = set(names)
        cost = np.zeros(self._loose.program.n_columns)
        slack = self._loose.slack_columns
        cost[slack] = [READABLE if self._loose.clause_of(n) in wanted else 0.0 for n in range(len(slack))]
        self._session.set_objective(cost, "min")
        method = "choose" if self._begun else first_method(self._loose.program)
        result = self._session.solve("lp", method=method, time_limit=self._left())
        self._begun = True
        if result.x is None or result.row_dual is None:
            if result.status in (Status.INFEASIBLE,):
                return set()  # what belongs to no clause cannot hold by itself
            raise TimeoutError
        if result.objective <= LOOSE * READABLE:
            self.point = result.x[: self.program.n_columns]
            return None
        size = np.abs(result.row_dual[self._loose.first_row :])
        hit = np.flatnonzero(size > PRICED * max(1.0, float(size.max(initial=0.0))))
        return {self._loose.clause_of_row(int(row)) for row in hit} & wanted

    def _holds_whole(self, wanted: set[str]) -> bool | None:
        """The same with whole numbers, by branch and bound."""
        if self._integer is None:
            self._integer = Session(self.program, threads=self._threads)
        out = [clause for name, clause in self.clauses.items() if name not in wanted]
        free, session = released(self.program, out), self._integer
        session.set_row_bounds(np.arange(free.n_rows), free.row_lower, free.row_upper)
        session.set_col_bounds(np.arange(free.n_columns), free.col_lower, free.col_upper)
        result = session.solve("mip", time_limit=self._left())
        if result.status is Status.INFEASIBLE:
            return False
        self.point = result.x
        return True if result.x is not None else None

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def smallest(self, names: Iterable[str]) -> Conflict:
        """A conflict among clauses that cannot hold together, made smallest by taking one out at a time.

        Each member that stays was taken out once and the rest could hold. Proofs by price narrow it down on the way.
        """
        wanted = set(names)
        kept = [name for name in self.clauses if name in wanted]
        relaxed = self.priced(kept)
        minimal = True
        if relaxed is not None:
            kept = [name for name in kept if name in relaxed]
            try:
                kept = self._alone(kept)._thinned(kept)
            except TimeoutError:
                return Conflict(tuple(kept), False, False)
        if relaxed is None or self._whole:
            try:
                kept, minimal = self._thinned_whole(kept)
            except TimeoutError:
                return Conflict(tuple(kept), False, relaxed is None)
        return Conflict(tuple(kept), minimal, self._whole and self.priced(kept) is None)

    def _alone(self, names: Sequence[str]) -> Together:
        """These clauses without the rows of all others: each later question is put to a program as small as the proof."""
        others = [clause for name, clause in self.clauses.items() if name not in set(names)]
        free = released(self.program, others)
        bound = np.isfinite(free.row_lower) | np.isfinite(free.row_upper)
        part, _, rows = free.restricted(None, bound)
        place = np.full(free.n_rows, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        mine = [replace(clause, row_lower=place[clause.row_lower], row_upper=place[clause.row_upper])
                for name, clause in self.clauses.items() if name in set(names)]
        return Together(part, mine, whole=False, deadline=self.deadline, threads=self._threads)

    def _thinned(self, kept: list[str]) -> list[str]:
        """Members without which the relaxation has a point."""
        for name in list(kept):
            if name in kept:
                rest = [other for other in kept if other != name]
                smaller = self.priced(rest)
                if smaller is not None:
                    kept = [other for other in rest if other in smaller]
        return kept

    def _thinned_whole(self, kept: list[str]) -> tuple[list[str], bool]:
        """Members without which there is a point in whole numbers, and whether that was settled for each."""
        minimal = True
        for name in list(kept):
            rest = [other for other in kept if other != name]
            fits = self.holds(rest)
            if fits is None:
                minimal = False
            elif not fits:
                kept = rest
        return kept, minimal

    def conflicts(self, most: int = 12) -> Conflicts:
        """Every smallest conflict, those without a common member first, up to ``most``."""
        found: list[Conflict] = []
        waiting: list[frozenset[str]] = [frozenset()]
        seen: set[frozenset[str]] = set(waiting)
        try:
            while waiting:
                out = waiting.pop(0)
                known = next((one for one in found if not out & set(one.members)), None)
                if known is None:
                    left = [name for name in self.clauses if name not in out]
                    fits = self.holds(left)
                    if fits is None:
                        raise TimeoutError
                    if fits:
                        continue
                    known = self.smallest(left)
                    found.append(known)
                    if len(found) >= most:
                        return Conflicts(tuple(found), False, f"the search ended at {most} conflicts")
                    if not known.minimal:
                        raise TimeoutError
                    every = frozenset(out | set(known.members))
                    if every not in seen:  # conflicts that share nothing with those found come next
                        seen.add(every)
                        waiting.insert(0, every)
                for name in known.members:
                    branch = out | {name}
                    if branch not in seen:
                        seen.add(branch)
                        waiting.append(branch)
        except TimeoutError:
            return Conflicts(tuple(found), False, "the time limit ended the search")
        return Conflicts(tuple(found), True)


def places(program: Program, clauses: Sequence[Clause], time_limit: float = math.inf) -> list[dict[str, Ints]]:
    """Where clauses conflict: parts that have no column in common, each by clause the positions of its bounds.

    Every bound of the clauses is loosened by itself, and those with a price are the places. Parts without a common column
    are conflicts of their own. Positions count the bounds of a clause: row_lower, row_upper, col_lower, col_upper.
    """
    loose = elastic(program, clauses, each=True)
    cost = np.zeros(loose.program.n_columns)
    cost[loose.slack_columns] = READABLE
    session = Session(loose.program)
    session.set_objective(cost, "min")
    result = session.solve("lp", method=first_method(loose.program), time_limit=time_limit)
    if result.row_dual is None or result.objective <= LOOSE * READABLE:
        return []
    size = np.abs(result.row_dual)
    rows = np.flatnonzero(size > PRICED * max(1.0, float(size.max())))
    part = _parts(loose, rows)
    out: list[dict[str, Ints]] = []
    for number in np.unique(part):
        mine: dict[str, list[int]] = {}
        for row in rows[part == number]:
            if row >= loose.first_row:
                name, position = loose.place_of_row(int(row) - loose.first_row)
                mine.setdefault(name, []).append(position)
        if mine:
            out.append({name: np.asarray(sorted(at), dtype=np.int64) for name, at in mine.items()})
    return out


def _parts(loose: Elastic, rows: Ints) -> Ints:
    """A number for each of these rows, the same for those that columns of the program join."""
    inside: sparse.csr_matrix = loose.program.matrix[rows][:, : loose.slack_columns[0]].tocsr()
    fixed: Floats = loose.program.col_upper - loose.program.col_lower
    movable = (fixed[: loose.slack_columns[0]] > 0).astype(float)
    inside = inside @ sparse.diags(movable)
    inside.eliminate_zeros()
    cells = inside.tocoo()
    size = sum(inside.shape)
    joined = sparse.csr_matrix((np.ones(cells.nnz), (cells.row, inside.shape[0] + cells.col)), shape=(size, size))
    return np.asarray(connected_components(joined, directed=False)[1][: len(rows)], dtype=np.int64)


