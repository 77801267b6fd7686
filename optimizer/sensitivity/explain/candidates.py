"""Loosenings to make ways out of, cheapest first: of the whole program, or of the parts in conflict of a large one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from optimizer.sensitivity.explain.clauses import Named
from optimizer.sensitivity.explain.parted import Parted, cut_moves, cut_sizes, widened, within
from optimizer.sensitivity.explain.stated import Stated
from optimizer.sensitivity.explain.ways import Loosened, Loosening, alone, by_one_scalar, in_order


def of_all(stated: Stated, named: Sequence[Named], most: int, deadline: float) -> Iterator[Loosening]:
    """Loosenings of the whole program, cheapest first."""
    loosened = Loosened(stated.program, named, size=stated.sizes(named), moves=stated.moves(named), whole=stated.small,
                        deadline=deadline, threads=stated.threads)
    yield from in_order(loosened, most)


def of_parts(stated: Stated, named: Sequence[Named], parted: Parted, most: int, deadline: float) -> Iterator[Loosening]:
    """Loosenings of the parts in conflict: first those where one rule or budget alone gives way, then the cheapest."""
    assert parted.left is not None
    left, moves = parted.left, stated.moves(named)
    members = {name for found in parted.found for name in found.conflict.members}
    mine = [one if one.name in members or one.name in moves else replace(one, keep=True) for one in within(left, named)]
    loosened = Loosened(left.program, mine, size=cut_sizes(left, stated.sizes(named)), moves=cut_moves(left, moves),
                        whole=False, deadline=deadline, threads=stated.threads, broad=True)
    together = [one.name for one in named if by_one_scalar(one, one.name in moves, True)]
    every = set.intersection(*(set(found.conflict.members) for found in parted.found)) | set(moves)
    enough: list[str] = []
    for way in alone(loosened, sorted((one.name for one in mine if one.name in every), key=_budgets_first)):
        enough += way.by
        yield widened(left, named, way, stated.program.n_columns, together)
    for way in in_order(loosened, most, frozenset(enough)):  # what is enough by itself needs no company
        yield widened(left, named, way, stated.program.n_columns, together)


def _budgets_first(name: str) -> bool:
    """Sorting key: budgets are most often a way out by themselves, and the other questions start from their answer."""
    return not name.startswith("budget.")
