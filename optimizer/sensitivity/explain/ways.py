"""The cheapest ways out of a conflict, in order: which clauses give way, and how far.

One elastic program: rules give way by one scalar each, limits in tables row by row, locks one by one, each counted as a
share of what it loosens. A way out is the cheapest such program; the next ones come from forbidding, one at a time, what
a way out loosened (best first, so the costs do not fall). Rules of lower priority give way first, however far.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.engine.arrays import Floats, Ints
from optimizer.engine.elastic import Elastic, elastic, first_method
from optimizer.engine.outcome import Status
from optimizer.engine.program import Program
from optimizer.engine.scaling import READABLE
from optimizer.engine.session import Basis, RawResult, Session
from optimizer.sensitivity.explain.clauses import Named

LOOSE = 1e-9
SLACK = 1e-7
WARM = 5.0  # seconds for a start from another question's basis, before the program is solved from scratch
Cost = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Loosening:
    """What gives way and how far: by clause a number for each of its bounds, as a share of its size (counts: in units).

    ``cost``: the sums of these shares, highest priority first; ``point``: a point that holds everything else.
    """

    by: Mapping[str, Floats]
    cost: Cost
    point: Floats


class Loosened:
    """The elastic program of an instance, asked again under more and more clauses that must not give way.

    Parameters
    ----------
    program, named : the clauses of the program; those that are ``fixed`` or kept stay as they are.
    size : by clause, how much one unit of a scalar loosens each bound, where it is not the bound's own size.
    moves : by clause, what a unit of its one scalar adds to the bounds of all rows (see `engine.elastic`).
    whole : whether integer columns must be whole.
    apart : rules each of whose rows gives way by itself.
    broad : whether the money of all donors gives way alike.
    start : the basis of a question much like the first one, to begin with; it is passed over where it does not fit.
    """

    def __init__(
        self, program: Program, named: Sequence[Named], *, size: Mapping[str, Floats] | None = None,
        moves: Mapping[str, tuple[Floats, Floats]] | None = None, whole: bool = True, deadline: float, threads: int = 1,
        apart: Collection[str] = (), broad: bool = False, start: Basis | None = None,
    ) -> None:
        free = {one.name for one in named if one.kind != "fixed" and not one.keep}
        moves = {name: move for name, move in (moves or {}).items() if name in free}
        self.named = [one for one in named if one.name in free or _moved(one, moves)]  # what is moved stands beside its mover
        self._held = frozenset(one.name for one in self.named) - free
        self.width, self.deadline = program.n_columns, deadline
        self._scale = {one.name: _scale(program, one, (size or {}).get(one.name)) for one in self.named}
        groups = {one.name: _groups(one, one.name in moves, one.name in apart, broad) for one in self.named}
        self._loose: Elastic = elastic(program, [one.clause for one in self.named], scale=self._scale, groups=groups, moves=moves)
        self._groups = groups
        self._weight, self._priority = self._weights()
        whole = whole and bool(program.integer.any())
        self._kind = "mip" if whole else "lp"
        made = self._loose.program
        if whole:
            made = made.with_bounds(integer=self._integer(made))
        self._session = Session(made, threads=threads)
        self._top = self._tops()
        self._begun, self._warm = False, False
        if start is not None and (len(start.rows), len(start.columns)) == (made.n_rows, made.n_columns):
            self._session.set_basis(start)
            self._warm = True

    @property
    def basis(self) -> Basis | None:
        """Where the last linear program ended."""
        return self._session.get_basis()

    def cheapest(self, kept: frozenset[str]) -> Loosening | None:
        """The cheapest loosening in which these clauses do not give way; None if there is none.

        Raises
        ------
        TimeoutError : not settled by the deadline
        """
        slack, session = self._loose.slack_columns, self._session
        held = kept | self._held
        top = np.where([self._loose.clause_of(n) in held for n in range(len(slack))], 0.0, self._top)
        session.set_col_bounds(slack, 0.0, top)
        point: Floats | None = None
        for priority in sorted(set(self._priority[top > 0].tolist()), reverse=True) or [0]:  # what stays is not asked for
            here = self._priority == priority
            cost = np.zeros(session.n_columns)
            cost[slack[here]] = READABLE * self._weight[here]
            session.set_objective(cost, "min")
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            result = session.solve("mip", time_limit=left) if self._kind == "mip" else self._linear(left)
            if result.x is None:
                if result.status.value == "infeasible":
                    return None
                raise TimeoutError
            point = result.x
            found = np.maximum(point[slack], 0.0)
            top = np.where(here, np.where(found > LOOSE, found * (1 + SLACK) + LOOSE, 0.0), top)
            session.set_col_bounds(slack, 0.0, top)
        return None if point is None else self._read(point)

    def _linear(self, left: float) -> RawResult:
        """The linear program of a question, from the last basis if there is one."""
        if self._warm:
            self._warm, self._begun = False, True
            result = self._session.solve("lp", time_limit=min(left, WARM))
            if result.status in (Status.OPTIMAL, Status.INFEASIBLE):
                return result
            self._begun = False
        method = "choose" if self._begun else first_method(self._loose.program)
        self._begun = True
        return self._session.solve("lp", method=method, time_limit=left)

    def _read(self, point: Floats) -> Loosening:
        found = point[self._loose.slack_columns]
        by: dict[str, Floats] = {}
        for number, one in enumerate(self.named):
            mine = np.flatnonzero(self._loose.owner == number)
            value = np.where(found[mine] > LOOSE, found[mine], 0.0)
            if value.any():
                by[one.name] = value[self._groups[one.name]]
        order = sorted(set(self._priority.tolist()), reverse=True)
        used = np.where(found > LOOSE, found, 0.0) * self._weight
        return Loosening(by, tuple(float(used[self._priority == p].sum()) for p in order), point[: self.width])

    def _weights(self) -> tuple[Floats, Ints]:
        weight = np.zeros(len(self._loose.owner))
        priority = np.zeros(len(weight), dtype=np.int64)
        for number, one in enumerate(self.named):
            mine = np.flatnonzero(self._loose.owner == number)
            scale, group = self._scale[one.name], self._groups[one.name]
            plain = one.kind in ("count", "switch")
            size = np.bincount(group, weights=np.ones(len(group)) if plain else scale, minlength=len(mine)).astype(float)
            total = float(size.sum())
            if one.kind == "count":  # one more partner weighs as a share of all there may be
                total = float(np.maximum(np.abs(_bounds(self._loose, number)), 1.0).sum())
            weight[mine], priority[mine] = size / max(total, 1e-12), one.priority
        return weight, priority

    def _integer(self, program: Program) -> np.ndarray:
        integer = program.integer.copy()
        for number, one in enumerate(self.named):
            if one.kind in ("count", "switch"):
                integer[self._loose.slack_columns[self._loose.owner == number]] = True
        return integer

    def _tops(self) -> Floats:
        """A floor can be lowered to nothing, a switch be switched off; a ceiling has no end."""
        top = np.full(len(self._loose.owner), np.inf)
        for number, one in enumerate(self.named):
            falls = one.kind in ("switch",) or (one.kind in ("scale", "share") and not len(one.clause.row_upper))
            if falls:
                top[self._loose.owner == number] = 1.0
        return top


def alone(loosened: Loosened, names: Sequence[str]) -> Iterator[Loosening]:
    """Ways out in which one of these clauses gives way and no other, as far as there are any."""
    every = {one.name for one in loosened.named}
    for name in names:
        found = loosened.cheapest(frozenset(every - {name})) if name in every else None
        if found is not None and found.by:
            yield found


def in_order(loosened: Loosened, most: int, kept: frozenset[str] = frozenset()) -> Iterator[Loosening]:
    """Ways out, cheapest first, none of which loosens all that an earlier one loosened and more, or any that are kept."""
    number = itertools.count()
    waiting: list[tuple[Cost, int, frozenset[str]]] = [((), next(number), kept)]
    seen: set[frozenset[str]] = {kept}
    told: list[set[str]] = []
    solved: dict[frozenset[str], Loosening] = {}
    while waiting and len(told) < most:
        cost, _, kept = heapq.heappop(waiting)
        if kept not in solved:
            found = loosened.cheapest(kept)
            if found is None:
                continue
            solved[kept] = found
            heapq.heappush(waiting, (found.cost, next(number), kept))
            continue
        way = solved.pop(kept)
        names = set(way.by)
        if not any(earlier <= names for earlier in told):
            told.append(names)
            yield way
        for name in way.by:
            branch = kept | {name}
            if branch not in seen:
                seen.add(branch)
                heapq.heappush(waiting, (cost, next(number), branch))


def _moved(one: Named, moves: Mapping[str, tuple[Floats, Floats]]) -> bool:
    """Whether giving way by another clause shifts bounds of this one."""
    return any(low[one.clause.row_lower].any() or high[one.clause.row_upper].any() for low, high in moves.values())


def _bounds(loose: Elastic, number: int) -> Floats:
    rows = [loose.first_row + n for n, (clause, _) in enumerate(loose.place) if clause == number]
    low, high = loose.program.row_lower[rows], loose.program.row_upper[rows]
    return np.where(np.isfinite(low), low, high)


def _scale(program: Program, one: Named, size: Floats | None) -> Floats:
    """How much a unit of a scalar loosens each bound of a clause."""
    clause = one.clause
    if size is not None:
        return size
    if one.kind == "count":
        return np.ones(len(clause))
    if one.kind == "switch":
        return _reach(program, one)
    if one.name == "pairs.least_support":  # support − least × pair ≥ 0: the level is a coefficient
        return np.asarray(np.maximum(-program.matrix[clause.row_lower].min(axis=1).toarray().ravel(), 0.0), dtype=np.float64)
    bounds = (program.row_lower[clause.row_lower], program.row_upper[clause.row_upper],
              program.col_lower[clause.col_lower], program.col_upper[clause.col_upper])
    return np.asarray(np.abs(np.concatenate(bounds)), dtype=np.float64)


def _reach(program: Program, one: Named) -> Floats:
    """How far each bound of a clause can be missed at all, by the bounds of the columns; else by a large number."""
    clause, matrix = one.clause, program.matrix
    out = []
    for rows, sign, bound in ((clause.row_lower, 1.0, program.row_lower), (clause.row_upper, -1.0, program.row_upper)):
        part = (sign * matrix[rows]).tocsr()
        worst = np.zeros(len(rows))
        for n in range(len(rows)):
            at, value = part.indices[part.indptr[n] : part.indptr[n + 1]], part.data[part.indptr[n] : part.indptr[n + 1]]
            ends = np.where(value > 0, program.col_lower[at], program.col_upper[at])
            worst[n] = float(np.sum(np.where(value == 0, 0.0, value * ends)))
        out.append(np.maximum(sign * bound[rows] - worst, 0.0))
    out.append(np.ones(len(clause.col_lower) + len(clause.col_upper)))
    reach = np.concatenate(out)
    largest = np.abs(program.row_upper[np.isfinite(program.row_upper)]).sum() + 1.0
    return np.where(np.isfinite(reach), reach, largest)


def by_one_scalar(one: Named, moves: bool, broad: bool) -> bool:
    """Whether all bounds of a clause give way alike: rules, what moves other rows; if `broad`, the money of all donors."""
    return moves or one.name.startswith("rule.") or (broad and one.name == "donors.money")


def _groups(one: Named, moves: bool, apart: bool, broad: bool) -> Ints:
    """The scalar that each bound of a clause gives way by; limits and locks one by one."""
    count = len(one.clause)
    together = by_one_scalar(one, moves, broad) and not (apart and not moves)
    return np.zeros(count, dtype=np.int64) if together else np.arange(count)
