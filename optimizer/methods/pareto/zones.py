"""Search zones: where nondominated points may still lie, as boxes open below, each given by its upper corner.

K. Klamroth, R. Lacour, D. Vanderpooten, "On the representation of the search region in multi-objective optimization"
(European Journal of Operational Research 245, 2015), algorithm 3, keeps the corners without redundant ones, also where
points share a coordinate. S. Tamby, D. Vanderpooten, "Enumeration of the nondominated set of multiobjective discrete
optimization problems" (INFORMS Journal on Computing 33, 2021), say which zone to ask about, and which zones one answer
empties. With two criteria a zone is the gap between two neighbours.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from optimizer.engine.program import Floats

Key = tuple[int, tuple[float, ...]]
"""A subproblem: which cost is made small, and the upper corner without it (that coordinate is inf)."""


class Zones:
    """The search region ``∪ {y : y < corner}`` after points were inserted and zones found empty.

    Parameters
    ----------
    corner : first corner, above everything that can be reached
    ideal : below everything that can be reached; only the order of questions depends on it
    apart : how much two costs must differ to count as two
    """

    def __init__(self, corner: Floats, ideal: Floats, apart: Floats) -> None:
        self.corners = np.array([corner], dtype=float)
        self.ideal, self.apart = np.asarray(ideal, float), np.asarray(apart, float)

    def __len__(self) -> int:
        return len(self.corners)

    def insert(self, y: Floats) -> bool:
        """Take out what a nondominated point dominates; False if no zone holds it (it was known)."""
        u, tol = self.corners, 0.5 * self.apart
        below = y < u - tol
        inside = below.all(axis=1)
        if not inside.any():
            return False
        kept, fresh = u[~inside], []
        for j in range(len(y)):
            made = u[inside].copy()
            made[:, j] = y[j]
            made = np.unique(made, axis=0)
            level = (np.abs(u[:, j] - y[j]) <= tol[j]) & np.delete(below, j, axis=1).all(axis=1)
            fresh.append(_largest(made, u[level], tol))
        self.corners = np.vstack([kept, *fresh])
        return True

    def close(self, key: Key, value: float) -> None:
        """Drop the zones that an answer empties: no point below the key's limits has a cost under ``value`` (inf: none)."""
        k, limits = key
        tol = 0.5 * self.apart
        within = (self.corners <= np.array(limits) + tol).all(axis=1) & (self.corners[:, k] <= value + tol[k])
        self.corners = self.corners[~within]

    def choose(self, busy: Collection[Key]) -> Key | None:
        """The question with the largest base that nobody is asking; None without one."""
        sides = np.log(np.maximum(self.corners - self.ideal, 1e-300))
        base = sides.sum(axis=1)[:, None] - sides
        for flat in np.argsort(-base, axis=None, kind="stable"):
            n, k = divmod(int(flat), len(self.ideal))
            key = self.key(n, k)
            if key not in busy:
                return key
        return None

    def key(self, n: int, k: int) -> Key:
        """The question about zone ``n`` that makes cost ``k`` small."""
        limits = self.corners[n].copy()
        limits[k] = np.inf
        return k, tuple(float(value) for value in limits)


def _largest(made: Floats, level: Floats, tol: Floats) -> Floats:
    """Those of ``made`` that lie in no other one of ``made`` and none of ``level``."""
    rivals = np.vstack([made, level])
    keep = []
    for n, corner in enumerate(made):
        covers = (corner <= rivals + tol).all(axis=1)
        covers[n] = False
        # of two that are equal but for the tolerance the first stays
        same = (np.abs(rivals[: len(made)] - corner) <= tol).all(axis=1)
        covers[: len(made)] &= ~(same & (np.arange(len(made)) > n))
        keep.append(not covers.any())
    return made[np.array(keep, dtype=bool)] if len(made) else made
