"""One question of a mixed front: the best of one cost while the others stay within limits, with the bound that is proved.

Each point is the answer to an ε-constraint question: the leading cost is made small while the others stay within limits,
``min cost_lead + ρ Σ_j range_lead/range_j · cost_j``, so that no other point within the limits dominates it (G. Mavrotas,
"Effective implementation of the ε-constraint method", Applied Mathematics and Computation 213, 2009). The bound that
the search proves for this sum, less what its second part can at most amount to, bounds the leading cost itself: no plan
lies below the corner (bound, limits).

A criterion that is a quotient stands among the limits, where it is linear: q ≤ ε is numerator − ε·denominator ≤ 0, and
that difference, which is never above 0, is its part of the sum. Its own best is found as `optimizer.methods.quotients`
says. A linear criterion leads if there is one. What a search that ends within its gap leaves of the other costs is won
back with the whole decisions held.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.outcome import Status
from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.methods.levels import Ask
from optimizer.methods.pareto.question import Question
from optimizer.search.drive import Found

SHARE = 1e-3  # ρ: what a whole range of all the others together is worth, in ranges of the first
HELD = 0.1  # how far a cost that is held may be past its value, in differences that count


@dataclass(frozen=True, eq=False)
class Reached:
    """One question and its answer, in costs.

    Attributes
    ----------
    limits : on the costs (inf: none); the cost made small has none
    least : which cost is made small
    bound : no plan within the limits has a smaller cost ``least``
    costs, x : the best plan found, None without one
    """

    least: int
    limits: Floats
    status: Status
    bound: float
    costs: Floats | None
    x: Floats | None
    seconds: float
    message: str = ""

    @property
    def alone(self) -> bool:
        """Whether nothing was held to a limit."""
        return bool(np.isinf(self.limits).all())

    @property
    def corner(self) -> Floats:
        """No plan has costs below this corner in every criterion."""
        out = self.limits.copy()
        out[self.least] = self.bound
        return out


class Epsilon:
    """Asks the questions of one front.

    Attributes
    ----------
    lead : the cost that is made small while the others are held to limits
    others : the others
    """

    def __init__(self, question: Question, ask: Ask) -> None:
        self.question, self.ask = question, ask
        plain = [k for k in range(question.size) if k not in question.quotients]
        self.lead = plain[0] if plain else 0
        self.others = np.flatnonzero(np.arange(question.size) != self.lead)
        self._size = dict[int, float]()

    def alone(self, k: int, start: Floats | None = None) -> Reached:
        """The best of one cost, then of the others with it held."""
        q, began = self.question, time.monotonic()
        limits = np.full(q.size, np.inf)
        found = self.ask(q.program, self._cost(k), start)
        x, status = found.x, found.outcome.status
        if x is not None:
            x = self._improved(k, limits, x, whole=status is Status.OPTIMAL or k in q.quotients)
        costs = None if x is None else q.costs(x)
        return Reached(k, limits, status, self._bound(k, found), costs, x, time.monotonic() - began, found.message)

    def within(self, limits: Floats, size: Floats, start: Floats | None) -> Reached:
        """The smallest leading cost within limits.

        Parameters
        ----------
        size : the range of each cost, 1 where it has none
        """
        q, k, began = self.question, self.lead, time.monotonic()
        program = self._limited(q.program, limits)
        objective, most = (self._cost(k), 0.0) if k in q.quotients else self._sum(limits, size)
        found = self.ask(program, objective, start)
        x, status = found.x, found.outcome.status
        if x is not None and (q.quotients or status is not Status.OPTIMAL):
            x = self._improved(k, limits, x, whole=k in q.quotients and status is Status.OPTIMAL)
        costs = None if x is None else q.costs(x)
        return Reached(k, limits, status, self._bound(k, found) - most, costs, x, time.monotonic() - began, found.message)

    def _sum(self, limits: Floats, size: Floats) -> tuple[Linear, float]:
        """The leading cost with a trace of the others, and the most that the trace can be within the limits."""
        q, k = self.question, self.lead
        weights = SHARE * size[k] / size / len(self.others)
        vector, constant, most = q.matrix[k].copy(), float(q.constant[k]), 0.0
        for j in self.others:
            if j in q.quotients:
                less = q.less(int(j), float(limits[j]))
                share = weights[j] / self._denominator(int(j))
                vector += share * less.vector
                constant += share * less.constant
            else:
                vector += weights[j] * q.matrix[j]
                constant += float(weights[j] * q.constant[j])
                most += float(weights[j] * limits[j])
        return Linear("min", vector, constant), most

    def _denominator(self, k: int) -> float:
        """A size of a quotient's denominator: the largest it can be; 1 where that is not known."""
        if k not in self._size:
            ratio = self.question.linear[k]
            assert isinstance(ratio, Ratio)
            found = self.ask(self.question.program, ratio.divisor(self.question.program.n_columns), None)
            size = math.nan if found.x is None else ratio.under(found.x)
            self._size[k] = size if size > 0 and math.isfinite(size) else 1.0
        return self._size[k]

    def _improved(self, k: int, limits: Floats, x: Floats, *, whole: bool) -> Floats:
        """The best of the other costs with cost ``k`` held where it is, in order if one is a quotient.

        ``whole``: whole decisions may still change; else they stay as they are.
        """
        q, others = self.question, [j for j in range(self.question.size) if j != k]
        limits = limits.copy()
        limits[k] = q.costs(x)[k] + HELD * q.apart[k]
        program = q.program
        if not whole:
            low, high = program.col_lower.copy(), program.col_upper.copy()
            low[program.integer] = high[program.integer] = np.round(x[program.integer])
            program = program.with_bounds(col_lower=low, col_upper=high)
        if not set(others) & set(q.quotients):
            weights = np.where(np.arange(q.size) == k, 0.0, 1.0 / q.unit)
            found = self.ask(self._limited(program, limits), Linear("min", weights @ q.matrix), x)
            return x if found.x is None else found.x
        for j in others:
            found = self.ask(self._limited(program, limits), self._cost(j), x)
            x = x if found.x is None else found.x
            limits[j] = min(limits[j], q.costs(x)[j] + HELD * q.apart[j])
        return x

    def _cost(self, k: int) -> Linear:
        q, linear = self.question, self.question.linear[k]
        return linear if isinstance(linear, Ratio) else Linear("min", q.matrix[k], float(q.constant[k]))

    def _limited(self, program: Program, limits: Floats) -> Program:
        held = [int(k) for k in np.flatnonzero(np.isfinite(limits))]
        if not held:
            return program
        rows = [self.question.limit(k, float(limits[k])) for k in held]
        keys = pd.DataFrame({"criterion": [self.question.names[k] for k in held]})
        matrix = sparse.csr_matrix(np.vstack([row for row, _ in rows]))
        return program.extended(rows=[ExtraRows("front_limit", keys, matrix, upper=np.array([most for _, most in rows]))])

    def _bound(self, k: int, found: Found) -> float:
        """The proved bound of a question that made cost ``k`` small: a quotient answers in its own sense."""
        if found.outcome.status is Status.INFEASIBLE:
            return math.inf
        sign = float(self.question.sign[k]) if k in self.question.quotients else 1.0
        return sign * found.outcome.bound if math.isfinite(found.outcome.bound) else -math.inf
