"""The least quotient of two linear expressions, by a sequence of programs (Dinkelbach, "On nonlinear fractional
programming", Management Science 13, 1967).

With q the quotient of a point, min numerator − q·denominator is below 0 exactly where some point has a smaller one;
that point's quotient is the next q. The bound: numerator ≥ q·denominator + F for every plan, F the proved least value,
so that no quotient is below q + F / least denominator (and none below 0).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from optimizer.engine.outcome import Status, relative_gap
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.methods.levels import Ask
from optimizer.search.drive import Found

ROUNDS = 40
ENOUGH = 1e-7  # a quotient that falls by less in a round is as small as it gets


def with_quotients(ask: Ask) -> Ask:
    """An ask that can be asked for quotients too."""

    def asked(program: Program, linear: Linear, start: Floats | None) -> Found:
        return _least(ask, program, linear, start) if isinstance(linear, Ratio) else ask(program, linear, start)

    return asked


def _least(ask: Ask, program: Program, ratio: Ratio, start: Floats | None) -> Found:
    """The point of least quotient: from that of the largest denominator, until the quotient falls no more."""
    found = ask(program, ratio.divisor(program.n_columns), start)
    if found.x is None:
        return found
    best, value, below = found, ratio.at(found.x), math.nan
    if math.isnan(value):  # there is nothing to share, in any plan
        return replace(found, outcome=replace(found.outcome, objective=0.0, bound=0.0, gap=0.0, sense="min"))
    status, bound = Status.LIMIT, 0.0
    for _ in range(ROUNDS):
        found = ask(program, _padded(ratio.less(value), program.n_columns), best.x)
        if found.x is None:
            return best if found.outcome.status.has_plan else _as_quotient(best, value, bound, Status.LIMIT)
        new = ratio.at(found.x)
        short = found.outcome.bound
        if value <= ENOUGH or short >= -ENOUGH * ratio.under(found.x if new == new else best.x):  # type: ignore[arg-type]
            bound, status = value - ENOUGH, Status.OPTIMAL
            break
        if not new < value - ENOUGH:
            below = _least_denominator(ask, program, ratio, best.x)
            bound, status = (value + short / below if below > 0 else 0.0), found.outcome.status
            break
        best, value = found, new
    return _as_quotient(best, value, max(bound, 0.0), status)


def _least_denominator(ask: Ask, program: Program, ratio: Ratio, start: Floats | None) -> float:
    return float(ask(program, replace(ratio.divisor(program.n_columns), sense="min"), start).outcome.bound)


def _padded(linear: Linear, size: int) -> Linear:
    return replace(linear, vector=np.append(linear.vector, np.zeros(size - len(linear.vector))))


def _as_quotient(found: Found, value: float, bound: float, status: Status) -> Found:
    """The answer in the quotient's own terms."""
    bound = min(bound, value)
    outcome = replace(found.outcome, objective=value, bound=bound, gap=relative_gap(value, bound), status=status, sense="min")
    return replace(found, outcome=outcome, basis=None)
