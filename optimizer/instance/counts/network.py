"""Floors and ceilings on the arcs of a network: does any flow keep them all, and if not, which ones conflict?

Hoffman's circulation theorem: a circulation with lower bounds l and upper bounds u exists if and only if for no set
of nodes the floors on arcs into it exceed the ceilings on arcs out of it. The set is read off a minimum cut
(A. J. Hoffman, "Some recent applications of the theory of linear inequalities to extremal combinatorial analysis",
1960); with bounds 0 and 1 this is Hall's theorem on partners.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

LARGEST = 2**30  # sums of capacities stay within 32 bits
TOLERANCE = 1e-6
TYPES: tuple[type, ...] = (np.int64, np.int64, float, float, object, object, object)


@dataclass(frozen=True, eq=False)
class Conflict:
    """Floors that exceed the ceilings they have to pass.

    ``floors`` and ``ceilings`` have the columns label, about (a county, donor …) and amount.
    """

    floors: pd.DataFrame
    ceilings: pd.DataFrame
    crossed: bool = False  # each floor is above the ceiling of its own arc

    @property
    def least(self) -> float:
        """What the floors demand."""
        return float(self.floors["amount"].sum())

    @property
    def most(self) -> float:
        """What the ceilings let pass."""
        return float(self.ceilings["amount"].sum())

    @property
    def missing(self) -> float:
        return self.least - self.most


@dataclass
class Network:
    """Arcs with floors and ceilings; node 0 is the source, node 1 the sink, and what arrives there starts again."""

    nodes: int = 2
    parts: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def block(self, count: int) -> np.ndarray:
        """Numbers of ``count`` new nodes."""
        self.nodes += count
        return np.arange(self.nodes - count, self.nodes)

    def add(
        self, tail: np.ndarray | int, head: np.ndarray | int, lower: np.ndarray | float, upper: np.ndarray | float,
        floor: object, ceiling: object, about: object,
    ) -> None:
        """Arcs from ``tail`` to ``head``; ``floor`` and ``ceiling`` say where the bounds come from, for the message."""
        sizes = [np.size(x) for x in (tail, head, lower, upper)]
        if min(sizes):
            columns = zip((tail, head, lower, upper, floor, ceiling, about), TYPES, strict=True)
            self.parts.append(tuple(np.broadcast_to(np.asarray(x, dtype=kind), (max(sizes),)) for x, kind in columns))

    def conflicts(self) -> list[Conflict]:
        """Sets of floors and ceilings that cannot hold together; empty if all can.

        First floors above the ceiling of their own arc; then, with those taken as met, what a maximum flow leaves.
        """
        if not self.parts:
            return []
        arcs = _Arcs(*(np.concatenate(column) for column in zip(*self.parts, strict=True)))
        crossed = arcs.lower > arcs.upper * (1 + TOLERANCE) + TOLERANCE
        out = _crossed(arcs, np.flatnonzero(crossed))
        return out + _cut(arcs._replace(upper=np.maximum(arcs.upper, arcs.lower)), self.nodes)


class _Arcs(NamedTuple):
    """The columns of all arcs."""

    tail: np.ndarray
    head: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    floor: np.ndarray
    ceiling: np.ndarray
    about: np.ndarray

    def floors(self, which: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame({"label": self.floor[which], "about": self.about[which], "amount": self.lower[which]})

    def ceilings(self, which: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame({"label": self.ceiling[which], "about": self.about[which], "amount": self.upper[which]})


def _crossed(arcs: _Arcs, which: np.ndarray) -> list[Conflict]:
    """Floors above ceilings on one arc, those of the same two reasons together."""
    together: dict[tuple[str, str], list[int]] = {}
    for n in which:
        together.setdefault((str(arcs.floor[n]), str(arcs.ceiling[n])), []).append(int(n))
    return [Conflict(arcs.floors(np.array(at)), arcs.ceilings(np.array(at)), crossed=True) for _, at in sorted(together.items())]


def _cut(arcs: _Arcs, nodes: int) -> list[Conflict]:
    tail, head, lower, upper = arcs.tail, arcs.head, arcs.lower, arcs.upper
    total = float(lower.sum())
    if total <= 0:
        return []
    scale = LARGEST / 4 / total
    whole = np.floor(lower * scale).astype(np.int64)
    room = np.ceil(np.minimum(upper, total) * scale).astype(np.int64) - whole
    inside = _reachable(tail, head, whole, room, nodes)
    if inside is None:
        return []
    into, out_of = ~inside[tail] & inside[head], inside[tail] & ~inside[head]
    side = ~inside if inside[0] else inside  # the side without the source falls apart into conflicts of their own
    _, part = connected_components(_graph(tail, head, side[tail] & side[head], nodes), directed=False)
    from_part, to_part = np.where(side[tail], part[tail], part[head]), np.where(side[head], part[head], part[tail])
    conflicts = []
    for component in np.unique(from_part[into & (lower > 0)]):
        floors = into & (from_part == component) & (lower > 0)
        ceilings = out_of & (to_part == component)
        least, most = lower[floors].sum(), upper[ceilings].sum()
        if least > most * (1 + TOLERANCE) + TOLERANCE:
            conflicts.append(Conflict(arcs.floors(floors), arcs.ceilings(ceilings)))
    return conflicts


def _graph(tail: np.ndarray, head: np.ndarray, which: np.ndarray, nodes: int) -> csr_array:
    return csr_array(coo_array((np.ones(int(which.sum())), (tail[which], head[which])), shape=(nodes, nodes)))


def _reachable(
    tail: np.ndarray, head: np.ndarray, lower: np.ndarray, room: np.ndarray, nodes: int
) -> np.ndarray | None:
    """Nodes on the source side of a minimum cut, or None if a circulation keeps every floor.

    Each floor l on (u, v) becomes a supply at v and a demand at u; the arc keeps the room u − l.
    """
    start, end = nodes, nodes + 1
    supply = np.bincount(head, weights=lower, minlength=nodes).astype(np.int64)
    demand = np.bincount(tail, weights=lower, minlength=nodes).astype(np.int64)
    net = supply - demand
    give, take = np.flatnonzero(net > 0), np.flatnonzero(net < 0)
    wanted = int(net[give].sum())
    if wanted == 0:
        return None
    room = np.minimum(room, wanted)
    every = np.concatenate([tail, np.full(len(give), start), take, [1]])
    to = np.concatenate([head, give, np.full(len(take), end), [0]])
    capacity = np.concatenate([room, net[give], -net[take], [wanted]])
    graph = csr_array(coo_array((capacity, (every, to)), shape=(nodes + 2, nodes + 2)))
    graph.data = np.minimum(graph.data, wanted)  # parallel arcs have been added up
    graph = csr_array(graph.astype(np.int32))
    result = maximum_flow(graph, start, end)
    if int(result.flow_value) >= wanted:
        return None
    residual = csr_array(graph - result.flow)
    residual.data = np.where(residual.data > 0, residual.data, 0)
    residual.eliminate_zeros()
    inside = np.zeros(nodes + 2, dtype=bool)
    inside[breadth_first_order(residual, start, directed=True, return_predecessors=False)] = True
    return inside[:nodes]
