"""Conflicts of a large instance, part by part, and the program that is left when only the parts in conflict are kept.

Every part is a piece of the program with rows left out, so what conflicts in it conflicts in the whole. Each conflict is
made smallest by taking out one clause at a time: what projects ask of one another first, budgets last, so that what
stays is what a planner decides.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.apart import Part, part, parts_apart
from optimizer.engine.arrays import Floats, Ints
from optimizer.engine.conflicts import Clause, Conflict, Together, places
from optimizer.engine.elastic import released
from optimizer.engine.program import Program
from optimizer.sensitivity.explain.clauses import Named
from optimizer.sensitivity.explain.ways import Loosening

FIRST_OUT = ("fixed", "switch", "count", "share", "scale")
MOST_IN_PART = 4
TOGETHER = 2  # linear programs of a large instance that are solved at the same time


@dataclass(frozen=True, eq=False)
class Found:
    """A conflict in one part, and by member which of the whole clause's bounds conflict there."""

    conflict: Conflict
    at: dict[str, Ints]

    def same(self, other: Found) -> bool:
        """Whether two conflicts are of the same clauses in the same place, as other parts show them again."""
        return self.at.keys() == other.at.keys() and all(np.array_equal(at, other.at[name]) for name, at in self.at.items())


@dataclass(frozen=True, eq=False)
class Parted:
    """Conflicts found part by part.

    Parameters
    ----------
    found : the conflicts.
    left : the parts in conflict, as one program; None where no part is.
    settled : whether every part was tried before time ran out.
    """

    found: tuple[Found, ...]
    left: Part | None
    settled: bool


def conflicts_by_part(program: Program, named: Sequence[Named], *, deadline: float, threads: int) -> Parted:
    """Conflicts in the parts that a program falls into, cut in two ways: first between provinces, then within them."""
    order = sorted(named, key=lambda one: (one.name.startswith("budget."), FIRST_OUT.index(one.kind), not one.keep))
    clauses = [one.clause for one in order]
    rank = {one.name: n for n, one in enumerate(named)}
    found: list[Found] = []
    rows, columns = np.zeros(program.n_rows, dtype=bool), np.zeros(program.n_columns, dtype=bool)
    try:
        for widest in (False, True):
            pieces = [piece for piece in parts_apart(program, clauses, widest=widest) if not columns[piece.columns].all()]
            for piece, mine in _in_parts(pieces, rank, deadline, threads):
                found += [one for one in mine if not any(one.same(other) for other in found)]
                if mine:
                    rows[piece.rows], columns[piece.columns] = True, True
    except TimeoutError:
        return Parted(tuple(found), _joint(program, clauses, rows, columns), False)
    return Parted(tuple(found), _joint(program, clauses, rows, columns), True)


def _joint(program: Program, clauses: Sequence[Clause], rows: np.ndarray, columns: np.ndarray) -> Part | None:
    """The parts in conflict as one program, with the budgets that they share with others: the others may do without."""
    if not rows.any():
        return None
    for clause in clauses:
        if clause.name.startswith("budget."):
            rows[clause.row_upper] = True
    return part(replace(program, criteria={}), clauses, rows, columns)


def _in_parts(pieces: Sequence[Part], rank: Mapping[str, int], deadline: float,
              threads: int) -> Iterator[tuple[Part, list[Found]]]:
    """The conflicts of parts that have no column in common, two parts at a time."""
    with ThreadPoolExecutor(TOGETHER) as pool:
        yield from zip(pieces, pool.map(lambda piece: _in_part(piece, rank, deadline, threads), pieces), strict=True)


def _in_part(piece: Part, rank: Mapping[str, int], deadline: float, threads: int) -> list[Found]:
    """The conflicts of one part that share no clause."""
    out: list[Found] = []
    left = [clause.name for clause in piece.clauses]
    together = Together(piece.program, piece.clauses, whole=False, deadline=deadline, threads=threads)
    while len(out) < MOST_IN_PART:
        priced = together.priced(left)
        if not priced:
            break
        conflict = together.smallest(priced)
        members = [clause for clause in piece.clauses if clause.name in conflict.members]
        others = [clause for clause in piece.clauses if clause.name not in conflict.members]
        for where in places(released(piece.program, others), members, max(deadline - time.monotonic(), 1.0)):
            if set(where) == set(conflict.members):
                at = {name: piece.at[name][inside] for name, inside in where.items()}
                out.append(Found(replace(conflict, members=tuple(sorted(conflict.members, key=rank.__getitem__))), at))
        if not out or set(out[-1].conflict.members) != set(conflict.members):
            at = {name: piece.at[name] for name in conflict.members}
            out.append(Found(replace(conflict, members=tuple(sorted(conflict.members, key=rank.__getitem__))), at))
        left = [name for name in left if name not in conflict.members]
    return out


def within(piece: Part, named: Sequence[Named]) -> list[Named]:
    """The clauses of a part, with the keys of their bounds there."""
    mine = {clause.name: clause for clause in piece.clauses}
    return [replace(one, clause=mine[one.name], index=one.index.iloc[piece.at[one.name]].reset_index(drop=True))
            for one in named if one.name in mine]


def cut_sizes(piece: Part, sizes: Mapping[str, Floats]) -> dict[str, Floats]:
    """Sizes of bounds, those in a part."""
    return {name: size[piece.at[name]] for name, size in sizes.items() if name in piece.at}


def cut_moves(piece: Part, moves: Mapping[str, tuple[Floats, Floats]]) -> dict[str, tuple[Floats, Floats]]:
    """What clauses move, in the rows of a part; clauses that have no bound there are left out."""
    return {name: (low[piece.rows], high[piece.rows]) for name, (low, high) in moves.items() if name in piece.at}


def widened(piece: Part, named: Sequence[Named], way: Loosening, width: int, together: Sequence[str]) -> Loosening:
    """A loosening of a part as one of the whole program: what gives way by one scalar does so everywhere."""
    by: dict[str, Floats] = {}
    for one in named:
        if one.name in way.by:
            value = np.zeros(len(one.clause))
            value[piece.at[one.name]] = way.by[one.name]
            by[one.name] = np.full(len(value), way.by[one.name].max()) if one.name in together else value
    point = np.zeros(width)
    point[piece.columns] = way.point
    return Loosening(by, way.cost, point)
