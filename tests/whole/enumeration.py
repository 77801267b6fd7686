"""A linear program with a few whole choices, solved by going through every one of them.

Duals of the programs solved bound all others (weak duality: any dual solution is feasible whatever the right-hand
side), so choices that cannot be better are not solved; none is left out unproved.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.optimize import linprog

Expr = dict[Any, float]  # variable → coefficient; None → constant
TOLERANCE = 1e-7


def added(*parts: tuple[float, Expr]) -> Expr:
    out: Expr = {}
    for factor, expr in parts:
        for name, value in expr.items():
            out[name] = out.get(name, 0.0) + factor * value
    return out


def summed(exprs: Iterable[Expr]) -> Expr:
    return added(*((1.0, e) for e in exprs))


class Statement:
    """Variables and rows: continuous ``x`` ≥ 0 with an upper bound, whole ``z`` with a range."""

    def __init__(self) -> None:
        self.x: dict[Any, float] = {}
        self.z: dict[Any, tuple[int, int]] = {}
        self.rows: list[tuple[Expr, float]] = []  # Σ ≤ right-hand side

    def real(self, *name: Any, upper: float = np.inf) -> Expr:
        self.x[name] = upper
        return {name: 1.0}

    def whole(self, *name: Any, low: int = 0, high: int = 1) -> Expr:
        self.z[name] = (low, high)
        return {name: 1.0}

    def most(self, expr: Expr, limit: float) -> None:
        if limit < np.inf:
            self.rows.append(({k: v for k, v in expr.items() if k is not None and v}, limit - expr.get(None, 0.0)))

    def least(self, expr: Expr, limit: float) -> None:
        if limit > -np.inf:
            self.most(added((-1.0, expr)), -limit)

    def equal(self, expr: Expr, value: float) -> None:
        self.most(expr, value)
        self.least(expr, value)


class Enumeration:
    """A statement solved by going through every whole choice."""

    def __init__(self, s: Statement, limit: int) -> None:
        self.s = s
        self.at_x = {name: n for n, name in enumerate(s.x)}
        self.at_z = {name: n for n, name in enumerate(s.z)}
        rows = [*s.rows, *(({name: 1.0}, top) for name, top in s.x.items() if top < np.inf)]
        self.A, self.C, self.b = np.zeros((len(rows), len(s.x))), np.zeros((len(rows), len(s.z))), np.zeros(len(rows))
        for n, (expr, limit_of) in enumerate(rows):
            self.b[n] = limit_of
            for name, value in expr.items():
                (self.A if name in self.at_x else self.C)[n, (self.at_x if name in self.at_x else self.at_z)[name]] += value
        self.choices = self._choices(limit)
        self.solved = 0

    def _choices(self, limit: int) -> np.ndarray | None:
        """Every whole choice that the rows without continuous variables allow; None if there are too many to look at."""
        choices = np.zeros((1, 0))
        pure = ~self.A.any(axis=1)
        for n, (low, high) in enumerate(self.s.z.values()):
            values = np.arange(low, high + 1)
            choices = np.hstack([np.repeat(choices, len(values), axis=0), np.tile(values, len(choices))[:, None]])
            done = pure & ~self.C[:, n + 1 :].any(axis=1)
            choices = choices[(choices @ self.C[done][:, : n + 1].T <= self.b[done] + TOLERANCE).all(axis=1)]
            if len(choices) > limit:
                return None
        return choices

    def best(self, goal: Expr, extra: list[tuple[Expr, float]] | None = None) -> float | None:
        """The largest value of ``goal`` (None: no choice is feasible), with further rows Σ ≤ right-hand side."""
        A, C, b = self.A, self.C, self.b
        for expr, limit in extra or []:
            a, c = self._vectors(expr)
            A, C, b = np.vstack([A, a]), np.vstack([C, c]), np.append(b, limit - expr.get(None, 0.0))
        cost, of_choice = self._vectors(goal)
        assert self.choices is not None
        bound = np.full(len(self.choices), np.inf)
        fixed = self.choices @ of_choice
        best, open_ = -np.inf, np.ones(len(self.choices), bool)
        relaxed = linprog(-np.append(cost, of_choice), A_ub=np.hstack([A, C]), b_ub=b,
                          bounds=[(0, None)] * len(cost) + list(self.s.z.values()), method="highs")
        if relaxed.status == 2 or not len(self.choices):
            return None
        while open_.any():
            n = int(np.flatnonzero(open_)[np.argmax(bound[open_])])
            if bound[n] <= best + TOLERANCE * max(1.0, abs(best)):
                break
            open_[n] = False
            found = linprog(-cost, A_ub=A, b_ub=b - C @ self.choices[n], bounds=(0, None), method="highs")
            self.solved += 1
            if found.status == 2:
                continue
            assert found.status == 0, found.message
            best = max(best, fixed[n] - found.fun)
            dual = -np.minimum(found.ineqlin.marginals, 0.0)
            bound = np.minimum(bound, fixed + (b - self.choices @ C.T) @ dual + TOLERANCE)
        return None if best == -np.inf else best + goal.get(None, 0.0)

    def _vectors(self, expr: Expr) -> tuple[np.ndarray, np.ndarray]:
        a, c = np.zeros(len(self.at_x)), np.zeros(len(self.at_z))
        for name, value in expr.items():
            if name in self.at_x:
                a[self.at_x[name]] += value
            elif name is not None:
                c[self.at_z[name]] += value
        return a, c
