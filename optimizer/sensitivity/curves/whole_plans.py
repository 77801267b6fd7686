"""Whole plans at several budgets: a band between the best plan found and what no plan can exceed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Floats
from optimizer.engine.progress import Progress
from optimizer.instance.counting import count
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Ask, Reached
from optimizer.methods.run import TOGETHER
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.search.limits import Limits
from optimizer.sensitivity.curves.budget_line import scaled
from optimizer.sensitivity.curves.nested import Kept
from optimizer.solve import Session, by_instance

NONE_BROKEN = 1e-9


@dataclass(frozen=True, eq=False)
class Rung:
    """One budget: the plan found, its value and the bound, both in the criterion's own sense (nan without a plan).

    ``broken``: points of soft rules that the plan breaks.
    """

    factor: float
    status: str
    value: float = math.nan
    bound: float = math.nan
    broken: float = 0.0
    plan: Plan | None = None


def named_first(instance: Instance) -> str:
    """The name under which plans report what the method makes best first, soft rules aside."""
    method = instance.settings.method
    return method.type if method.type in TOGETHER else method.levels[0].criterion


def named_row(plan: Plan) -> dict[str, str]:
    """Sense and unit of what a plan makes best first, soft rules aside."""
    rows = plan.criteria[plan.criteria["criterion"] == named_first(plan.instance)]
    return {name: str(rows[name].iloc[0]) for name in ("sense", "unit")}


class Ladder:
    """Plans of one instance under scaled budgets, each from the one before, on one loaded program."""

    def __init__(
        self, instance: Instance, keys: tuple[str, ...], highest: float, *, progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self.keys, self._progress, self._stop = keys, progress, should_stop
        self._over = 1.0  # what the session's own budgets are multiplied by already
        self.session = self._opened(instance, highest)
        self.ranges: Mapping[str, float] = {}
        if instance.settings.method.type in TOGETHER:
            self._pin(instance, highest)

    def _opened(self, instance: Instance, highest: float) -> Session:
        try:
            return Session(instance, progress=self._progress)
        except InstanceError as error:  # counting may prove that the budgets as they stand are too small
            if not _by_counting(instance, error):
                raise
            self._over = highest
            return Session(instance.with_(scaled(self.keys, highest)), progress=self._progress)

    def _pin(self, instance: Instance, highest: float) -> None:
        """State the ranges that criteria are divided by, so that the points of all budgets mean the same."""
        first = self.at(1.0)
        first = first if first.plan is not None else self.at(highest)
        if first.plan is None:
            return
        self.ranges = dict(first.plan.claims.ranges)
        levels = [{"criterion": level.criterion, "weight": level.weight, "range": self.ranges[level.criterion],
                   **({} if level.target is None else {"target": level.target})} for level in instance.settings.method.levels]
        self.session = Session(self.session.instance.with_({"method.levels": levels}), progress=self._progress)

    def at(self, factor: float, kept: Kept | None = None) -> Rung:
        """The best plan at a factor; ``kept``: what no county may lose, or gain."""
        def method(
            instance: Instance, built: Compiled, ask: Ask, start: Floats | None, limits: Limits, whole: bool
        ) -> Reached:
            assert kept is not None
            program = built.program.extended(rows=[kept.rows(built.program.n_columns)])
            return by_instance(instance, replace(built, program=program), ask, start, limits, whole)

        try:
            plan = self.session.solve(scaled(self.keys, factor / self._over), progress=self._progress, should_stop=self._stop,
                                      method=None if kept is None else method)
        except SolveError as error:
            if error.outcome is None or error.outcome.status not in (Status.INFEASIBLE, Status.LIMIT_WITHOUT_PLAN):
                raise
            return Rung(factor, str(error.outcome.status))
        except InstanceError as error:
            if not _by_counting(self.session.instance.with_(scaled(self.keys, factor / self._over)), error):
                raise
            return Rung(factor, str(Status.INFEASIBLE))
        return _rung(factor, plan)


def _rung(factor: float, plan: Plan) -> Rung:
    rows = plan.criteria.drop_duplicates("criterion").set_index("criterion")[["value", "bound"]].astype(float)
    value, bound = rows.loc[named_first(plan.instance)].to_numpy(float)
    broken = rows["value"].to_dict().get("broken", 0.0)
    return Rung(factor, plan.outcome.status, float(value), float(bound), broken, plan)


def _by_counting(instance: Instance, error: InstanceError) -> bool:
    """Whether an error only says that counting proves that there is no plan."""
    return set(count(instance, sound=False)).issuperset(f for f in error.findings if f.severity == "error")


@dataclass(frozen=True, eq=False)
class Band:
    """Between which values the best plan lies, budget by budget.

    Attributes
    ----------
    rungs : budgets in rising order, those without a plan too
    low, high : at each rung, in the criterion's own sense: the best plan known is at ``low`` (``max``) or ``high``
    growing : whether a plan for less money is one for more, so that plans and bounds speak for other budgets too
    sound : whether no plan breaks a soft rule; only then do bounds of the program that breaks none hold
    """

    rungs: tuple[Rung, ...]
    low: Floats
    high: Floats
    sense: str
    growing: bool
    sound: bool

    def between(self, factor: float) -> tuple[float, float]:
        """The band at any factor: at the last rung below, and at the first above, where budgets are ceilings."""
        at = np.array([rung.factor for rung in self.rungs])
        best, bound = (self.low, self.high) if self.sense == "max" else (self.high, self.low)
        here = np.flatnonzero(np.abs(at - factor) <= 1e-12)
        before = here if not self.growing else np.flatnonzero(at <= factor + 1e-12)
        after = here if not self.growing else np.flatnonzero(at >= factor - 1e-12)
        reached = best[before[-1]] if len(before) else math.nan
        limit = bound[after[0]] if len(after) else math.nan
        return (float(reached), float(limit)) if self.sense == "max" else (float(limit), float(reached))


def band(
    rungs: Sequence[Rung], sense: str, growing: bool, ceiling: Callable[[float], float] | None = None
) -> Band:
    """The band of plans found.

    Parameters
    ----------
    growing : whether a plan for less money is a plan for more
    ceiling : a bound (made large) on the value at each factor, from the program without whole numbers
    """
    sign = 1.0 if sense == "max" else -1.0
    sound = all(rung.broken <= NONE_BROKEN for rung in rungs)
    best = np.array([sign * rung.value for rung in rungs])
    bound = np.array([sign * rung.bound for rung in rungs])
    if ceiling is not None and sound:
        bound = np.fmin(bound, [ceiling(rung.factor) if rung.plan is not None else math.nan for rung in rungs])
    growing = growing and sound
    if growing:
        best = np.fmax.accumulate(best)
        bound = np.fmin.accumulate(bound[::-1])[::-1]
    best = np.fmin(best, bound)  # a value read off tables and a bound found by a solver meet to a few digits only
    low, high = (best, bound) if sense == "max" else (-bound, -best)
    return Band(tuple(rungs), low, high, sense, growing, sound)
