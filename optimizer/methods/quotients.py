"""The least quotient of two linear expressions, by a sequence of programs (Dinkelbach, "On nonlinear fractional
programming", Management Science 13, 1967).

With q the quotient of a point, min numerator − q·denominator is below 0 exactly where some point has a smaller one;
that point's quotient is the next q. The bound: numerator ≥ q·denominator + F for every plan, F the proved least value,
so that no quotient is below q + F / least denominator (and none below 0). A quotient to be made large is at most 1: what
it lacks of 1 is a quotient to be made small. The least quotient of the linear relaxation can come first
(`relaxed_quotient`): no plan has a smaller one, however early the search for the best plan is stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.engine.outcome import Status, relative_gap
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.methods.levels import Ask
from optimizer.methods.relaxed_quotient import Least
from optimizer.search.drive import Found

Bound = Callable[[Program, Ratio, Floats | None], Least]
Near = Callable[[Program, Ratio, Floats | None, Floats | None], Found | None]

ROUNDS = 40
FEASIBLE = 1e-6  # largest violation of a start whose quotient is looked at
LITTLE = 0.05  # share by which a quotient must fall for another question, where answers are cut short
ENOUGH = 1e-7  # a quotient that falls by less in a round is as small as it gets


def with_quotients(
    ask: Ask, gap: float = 0.0, relaxed: Bound | None = None, exact: float = 0.0, near: Near | None = None
) -> Ask:
    """An ask that can be asked for quotients too.

    Parameters
    ----------
    gap, exact : share of a quotient, or amount, within which it counts as the least
    relaxed : what no plan's quotient is below, asked before the search (None: 0)
    near : a point of small quotient that needs no search, by the point of the relaxation and a start (None: there is none)
    """

    def asked(program: Program, linear: Linear, start: Floats | None) -> Found:
        if not isinstance(linear, Ratio):
            return ask(program, linear, start)
        if linear.sense == "max":
            return _turned(asked(program, linear.complement(), start))
        least = Least() if relaxed is None else relaxed(program, linear, start)
        found = None if near is None else near(program, linear, least.x, start)
        if found is None or found.x is None:
            return _least(ask, program, linear, start, least.bound, gap, exact)
        value = linear.at(found.x)
        close = value - least.bound <= max(gap * value, exact, 2 * ENOUGH)
        return _as_quotient(found, value, least.bound, Status.WITHIN_GAP if close else Status.LIMIT)

    return asked


def _turned(found: Found) -> Found:
    """The answer on what a quotient lacks of 1 as one on the quotient."""
    if found.x is None:
        return found
    value, bound = 1 - found.outcome.objective, 1 - found.outcome.bound
    outcome = replace(found.outcome, objective=value, bound=bound, gap=relative_gap(value, bound), sense="max")
    return replace(found, outcome=outcome)


def _least(
    ask: Ask, program: Program, ratio: Ratio, start: Floats | None, floor: float, gap: float, exact: float
) -> Found:
    """The point of least quotient: from that of a known point, or of the largest denominator, until it falls no more.

    ``floor``: no point has a smaller one; where it is known the sequence begins there.
    """
    best: Found | None = None
    value = floor if floor > 0 else _known(program, ratio, start)
    if math.isnan(value):
        best = ask(program, ratio.divisor(program.n_columns), start)
        if best.x is None:
            return best
        value = ratio.at(best.x)
        if math.isnan(value):  # there is nothing to share, in any plan
            return replace(best, outcome=replace(best.outcome, objective=0.0, bound=0.0, gap=0.0, sense="min"))
    status, bound = Status.LIMIT, floor
    for _ in range(ROUNDS):
        if best is not None and value - floor <= max(gap * value, exact, 2 * ENOUGH):
            status = Status.OPTIMAL if value - floor <= 2 * ENOUGH else Status.WITHIN_GAP
            break
        found = _asked_less(ask, program, ratio, value, start if best is None else best.x)
        if found.x is None:
            if best is None:
                return found
            return best if found.outcome.status.has_plan else _as_quotient(best, value, bound, Status.LIMIT)
        new, short = ratio.at(found.x), found.outcome.bound
        if best is None and value == floor and new > value + ENOUGH:  # the bound itself is out of reach: on from the plan
            best, value = found, new
            continue
        best = best or found
        if value <= ENOUGH or short >= -ENOUGH * ratio.under(found.x if new == new else best.x):  # type: ignore[arg-type]
            value = min(value, new) if best is found else value
            bound, status = value - ENOUGH, Status.OPTIMAL
            break
        if not new < value - (ENOUGH if found.outcome.status.proved else LITTLE * value):
            asked = value
            if best is found or new < value:
                best, value = found, new
            status = found.outcome.status
            if status.proved or floor <= 0:
                below = _least_denominator(ask, program, ratio, best.x)
                bound = asked + short / below if below > 0 else 0.0
            break
        best, value = found, new
    assert best is not None
    return _as_quotient(best, value, max(bound, floor), status)


def _asked_less(ask: Ask, program: Program, ratio: Ratio, value: float, start: Floats | None) -> Found:
    """The least of numerator − value·denominator, asked with a constant that makes a gap a share of the quotient.

    Near the least quotient that difference is 0, and no share of it would be reached.
    """
    linear = _padded(ratio.less(value), program.n_columns)
    under = ratio.under(start) if start is not None and len(start) == program.n_columns else 1.0
    shift = value * max(under, 0.0)
    found = ask(program, replace(linear, constant=linear.constant + shift), start)
    outcome = replace(found.outcome, objective=found.outcome.objective - shift, bound=found.outcome.bound - shift)
    return replace(found, outcome=outcome)


def _known(program: Program, ratio: Ratio, start: Floats | None) -> float:
    """The quotient of a start that is a point of the program; nan otherwise. It only says where the sequence begins."""
    if start is None or len(start) != program.n_columns or program.violation(start) > FEASIBLE:
        return math.nan
    return ratio.at(start)


def _least_denominator(ask: Ask, program: Program, ratio: Ratio, start: Floats | None) -> float:
    return float(ask(program, replace(ratio.divisor(program.n_columns), sense="min"), start).outcome.bound)


def _padded(linear: Linear, size: int) -> Linear:
    return replace(linear, vector=np.append(linear.vector, np.zeros(size - len(linear.vector))))


def _as_quotient(found: Found, value: float, bound: float, status: Status) -> Found:
    """The answer in the quotient's own terms."""
    bound = min(bound, value)
    outcome = replace(found.outcome, objective=value, bound=bound, gap=relative_gap(value, bound), status=status, sense="min")
    return replace(found, outcome=outcome, basis=None)
