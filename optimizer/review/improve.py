"""Exchanges that make a plan better before it is recommended, applied until none is found: the plan is no optimum of its own.

A plan within its gap of the best can hold a county whose second choice is better. A local search over the exchanges that
are priced (Aarts and Lenstra, "Local Search in Combinatorial Optimization", 1997) looks at a few counties at a time, takes
theirs, the best first and those apart from each other at once, and solves the linear program over all amounts again. Counties
near which nothing changed are not looked at again until all others are done (Bentley's don't-look bits, ORSA J. on Computing
4, 1992). A few at a time: most exchanges found at one plan want the same few donors, and only one of these can be made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Floats, Ints
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Ask, Reached
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.review.around import Move
from optimizer.review.everyone import Task, each_county
from optimizer.review.pricing import ROUNDING, Pricer
from optimizer.review.standing import Standing, held_at
from optimizer.search.limits import Limits
from optimizer.solve import Session, by_instance

AT_ONCE = 24  # counties looked at before exchanges are made: fewer would not pay the start of other processes
ENOUGH = 0.6  # share of what exchanges bring one by one that they must bring together
NOISE = 1e-9  # share of the plan's value that two solutions of one program may differ by
PROVED = 1e-7  # percent of a gap that is none


@dataclass(frozen=True, eq=False)
class Exchange:
    """A change of pairs, or of one county's projects alone, that makes the plan better.

    Attributes
    ----------
    move : the pairs that end and begin; a pair in both stays, and its county's projects are chosen anew
    gain : what it brings, in units of ``cost``
    columns, values : whole decisions that may have other values after it, and these
    """

    move: Move
    gain: float
    columns: Ints
    values: Floats

    @property
    def of_pairs(self) -> bool:
        """Whether pairs change."""
        return self.move.off != self.move.on


@dataclass(frozen=True, eq=False)
class Improved:
    """A plan's optimum after exchanges.

    Attributes
    ----------
    task : at the better plan
    applied : the changes that were made
    finished : whether none that improves was found at the end
    """

    task: Task
    applied: tuple[Exchange, ...]
    finished: bool

    @property
    def exchanges(self) -> int:
        """How many changes of pairs were made."""
        return sum(one.of_pairs for one in self.applied)

    @property
    def renewals(self) -> int:
        """How many times the projects of one county alone were chosen anew."""
        return len(self.applied) - self.exchanges


def improved(
    task: Task, counties: Sequence[str], *, workers: int = 1, deadline: float = math.inf,
    stop: Callable[[], bool] = lambda: False, tell: Callable[[int], None] = lambda found: None,
) -> Improved:
    """Apply improving exchanges, a few counties at a time, until there is none or the time is over.

    Parameters
    ----------
    counties : in which exchanges are looked for
    workers : processes; what is found depends on their number only where the time runs out
    deadline : on the monotonic clock
    tell : called with the number of exchanges applied so far
    """
    done: list[Exchange] = []
    queue, thorough, changed = list(counties), False, False
    while queue:
        looked, queue = queue[:AT_ONCE], queue[AT_ONCE:]
        ask = partial(best_exchange, least=ROUNDING * abs(task.at.value), thorough=thorough)
        found = each_county(task, looked, ask, workers=workers, deadline=deadline, stop=stop)
        options = [one for one in found.values() if one is not None]
        at, taken = applied(task.at, apart(options, task))
        done, task, changed = done + taken, replace(task, at=at), changed or bool(taken)
        tell(len(done))
        if len(found) < len(looked):
            return Improved(task, tuple(done), finished=False)
        if taken:
            again = _near(taken, task) | {county for county, one in found.items() if one is not None and one not in taken}
            queue += [county for county in counties if county in again and county not in queue]
        elif not queue and (changed or not thorough):  # once more all of them; at the end with all that can be looked at
            queue, thorough, changed = list(counties), thorough or not changed, False
    return Improved(task, tuple(done), finished=True)


def _near(taken: Sequence[Exchange], task: Task) -> set[str]:
    """Counties of exchanges, and those that have a donor of them."""
    pairs = {k for one in taken for k in (*one.move.off, *one.move.on)}
    donors = {task.donor[k] for k in pairs}
    chosen = np.flatnonzero(np.round(task.at.x[task.at.pairs]) > 0).tolist()
    partners = {task.county[k] for k in chosen if task.donor[k] in donors}
    return partners | {task.county[k] for k in pairs}


def best_exchange(pricer: Pricer, county: str, least: float, thorough: bool = False) -> Exchange | None:
    """The exchange for a county, or the new choice of its projects, that gains most; None where none gains ``least``.

    Parameters
    ----------
    thorough : look also at exchanges that gain only together with a new choice of projects
    """
    found = pricer.gaining(county, -math.inf if thorough else least)
    if found is None or found[0].gain <= least:
        return None
    local, move = found
    whole = pricer.at.whole[local.columns]
    return Exchange(move, local.gain, local.columns[whole], np.round(local.values[whole]))


def apart(options: Sequence[Exchange], task: Task) -> list[Exchange]:
    """Exchanges that share no county and no donor, the best first."""
    taken: list[Exchange] = []
    used: set[tuple[str, str]] = set()
    for one in sorted(options, key=lambda one: (-one.gain, one.move.off, one.move.on)):
        pairs = (*one.move.off, *one.move.on)
        touched = {("donor", task.donor[k]) for k in pairs} | {("county", task.county[k]) for k in pairs}
        if not touched & used:
            taken.append(one)
            used |= touched
    return taken


def applied(at: Standing, exchanges: list[Exchange]) -> tuple[Standing, list[Exchange]]:
    """The optimum after exchanges, and those that were made; where all together bring much less than each alone, by halves."""
    if not exchanges:
        return at, []
    low, high = at.low.copy(), at.high.copy()
    for one in exchanges:
        low[one.columns] = high[one.columns] = one.values
    worth, after = sum(one.gain for one in exchanges), None
    with suppress(SolveError):  # together they may ask for more of something shared than there is
        after = held_at(at, low, high)
    least = ENOUGH * worth if len(exchanges) > 1 else NOISE * abs(at.value)
    if after is not None and after.value - at.value > least:
        return after, exchanges
    if len(exchanges) == 1:
        return at, []
    half = len(exchanges) // 2
    at, first = applied(at, exchanges[:half])
    at, second = applied(at, exchanges[half:])
    return at, first + second


def settled(plan: Plan, session: Session, values: Floats, *, should_stop: Callable[[], bool] | None = None) -> Plan | None:
    """The plan with these pairs and projects, in whole steps and audited; None where that is no better.

    Its bounds are those of ``plan``, for they hold for every plan of the instance.

    Parameters
    ----------
    session : of the plan's instance
    values : of the columns of the session's program; NaN where a column is free
    """
    whole = np.isfinite(values)

    def held(instance: Instance, built: Compiled, ask: Ask, start: Floats | None, limits: Limits, in_steps: bool) -> Reached:
        low = np.where(whole, values, built.program.col_lower)
        high = np.where(whole, values, built.program.col_upper)
        program = built.program.with_bounds(col_lower=low, col_upper=high)
        return by_instance(instance, replace(built, program=program), ask, None, limits, in_steps)

    try:
        found = session.solve(method=held, known=plan.claims.levels, should_stop=should_stop)
    except SolveError:  # whole steps of these amounts break a rule
        return None
    if found.audit is None or not found.audit.passed or not better(found, plan):
        return None
    return replace(found, claims=replace(found.claims, status=_status(found, plan)))


def held_in(at: Standing, columns: int) -> Floats:
    """Values of the whole decisions at an optimum, NaN for other columns; of its first columns."""
    return np.where(at.whole[:columns], np.round(at.x[:columns]), np.nan)


def better(one: Plan, other: Plan) -> bool:
    """Whether a plan's first level is strictly better than another's."""
    a, b = one.outcome.objective, other.outcome.objective
    return a is not None and b is not None and (a > b if one.outcome.sense == "max" else a < b)


def _status(found: Plan, before: Plan) -> str:
    """The status by the gap that is left; past the one asked for, what ended the search before."""
    left, asked = found.outcome.gap_percent, 100 * found.instance.settings.settings.gap
    if left is None or left > asked:
        return before.claims.status
    return str(Status.OPTIMAL if left <= PROVED else Status.WITHIN_GAP)


__all__ = ["Exchange", "Improved", "apart", "applied", "best_exchange", "better", "held_in", "improved", "settled"]
