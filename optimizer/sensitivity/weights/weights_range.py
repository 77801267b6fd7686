"""Over which weights a plan stays the best one, what is better beyond, and what the plan is worth under other weightings."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Floats, Linear, Program
from optimizer.methods.cuts import Refined
from optimizer.methods.goal import GOAL
from optimizer.methods.levels import combined
from optimizer.methods.levels import held as held_at
from optimizer.methods.reference_point import REFERENCE
from optimizer.model.build import build
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.plan.plan import Plan
from optimizer.search.drive import Found, search
from optimizer.search.limits import Limits
from optimizer.sensitivity.asked import Asked, Warm, asked_of, fractional, refused, whole_decisions
from optimizer.sensitivity.gains import Measured
from optimizer.sensitivity.weights.directions_of_weights import Direction, directions
from optimizer.sensitivity.weights.held_choice import chosen, with_whole_at
from optimizer.sensitivity.weights.stays import Best, End, end
from optimizer.sensitivity.weights.weightings import weightings

COLUMNS = ["kind", "name", "weight", "low", "high", "tier", "gap", "sentence"]
TIERS = {
    "exact": "exact",
    "selection": "for this selection of pairs and projects",
    "solved": "solved again with pairs and projects free",
}
MOVED = 1e-6


@dataclass(frozen=True, eq=False)
class WeightRanges:
    """Weights over which a plan stays the best.

    Attributes
    ----------
    table : ``kind`` (criterion, need), ``name``, ``weight`` (now), ``low``, ``high`` (the plan stays best between them, as
        long as nothing else changes; inf: however large), ``tier`` (exact: no whole decisions; selection: pairs and projects
        as they are; solved: with them free), ``gap`` (how much better another plan could still be at the ends, as a share of
        the value; 0: the ends are proved), ``sentence``
    beyond : the plan that is better past each end: ``kind``, ``name``, ``side`` (below, above), ``weight`` (at the end), for
        each criterion of the method ``value.<criterion>`` and ``change.<criterion>``, for each need ``covered.<need>`` (change
        in person-periods), ``pairs``, ``projects`` (how many are chosen or dropped), ``money`` (how much counties gain in all),
        ``sentence``
    headlines : what the same plan is worth under other weightings of needs; see `optimizer.sensitivity.weights.weightings`
    """

    table: pd.DataFrame
    beyond: pd.DataFrame
    headlines: pd.DataFrame

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every range and every headline in words."""
        beyond = self.beyond["sentence"] if len(self.beyond) else ()
        return (*self.table["sentence"], *beyond, *self.headlines["sentence"])

    def write(self, folder: str | Path) -> Path:
        """Write ``weight_ranges.csv``, ``beyond.csv`` and ``headlines.csv``."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for name, table in (("weight_ranges", self.table), ("beyond", self.beyond), ("headlines", self.headlines)):
            table.to_csv(place / f"{name}.csv", index=False, lineterminator="\n")
        return place


def weight_ranges(
    plan: Plan, *, solve_again: bool = False, should_stop: Callable[[], bool] | None = None
) -> WeightRanges:
    """The range of each weight over which a plan stays: weights of criteria (weighted methods) and of needs.

    The weights of needs are those in the criterion that is made best; rules and other criteria keep theirs. Amounts of money
    may move below whole steps, so that a range is that of the plan before it was rounded. Goals read their criteria through
    rows: there the weights of the goals have ranges, those of needs have none.

    Parameters
    ----------
    solve_again : let pairs and projects change with the weights too: an integer program for each step, each within the
        instance's own gap and time limit

    Raises
    ------
    InstanceError : the criterion is not linear; the method is a reference point, of whose weights there are no ranges; or goals
        are to be solved again
    SolveError : the program of the plan has no point any more
    """
    instance = plan.instance
    _with_ranges(instance.settings.method.type, solve_again)
    algebra = build(instance.data, pyomo=False)
    built = compile_numbers(algebra)
    levels = plan.criteria.drop_duplicates("criterion").set_index("criterion")["value"].to_dict()
    asked = asked_of(instance.settings, built, built.program, built.program, ranges=plan.claims.ranges,
                     broken=float(levels.get("broken", 0.0)))
    low, high = chosen(plan, asked.program)
    cost = _large(asked.linear)
    finder = _Finder(plan, built, should_stop or (lambda: False))
    x = finder.whole(asked.program.with_bounds(col_lower=low, col_upper=high), cost, None).x
    free = whole_decisions(asked.program)
    tier = "solved" if free and solve_again else "selection" if free else "exact"
    if tier == "solved":
        best, x = finder.again(asked.program, cost, x)
    else:
        held = with_whole_at(asked.program, x)
        best = finder.linear(held)
        x = best(cost).x
        if asked.name == GOAL:
            x = _past_goals(finder, held, asked, plan, x)
    measured = Measured(algebra, instance.data)
    rows, past = [], []
    for one in directions(plan, algebra, asked):
        if finder.stop():
            break
        ends = (_below(best, cost, one, x), end(best, cost, one.vector, x))
        rows.append(_row(one, ends, tier, finder.stop()))
        for side, found in zip(("below", "above"), ends, strict=True):
            if found.beyond is not None:
                at = one.weight + (-found.step if side == "below" else found.step)
                what = _changed(plan, asked, measured, x, found.beyond)
                past.append({"kind": one.kind, "name": one.name, "side": side, "weight": at} | what
                            | {"sentence": _past(plan, one, side, at, what)})
    table = pd.DataFrame(rows, columns=COLUMNS)
    return WeightRanges(table, pd.DataFrame(past), weightings(plan))


def _with_ranges(method: str, solve_again: bool) -> None:
    """Refuse what has no ranges of weights, and say why."""
    if method == REFERENCE:
        raise refused("aims at a reference point: its plan makes the worst of the weighted criteria best, so that it follows "
                      "every change of a weight and there is no range over which it stays",
                      "Try other weights with: optimizer sweep INSTANCE --vary weight.CRITERION=0.5,1,2")
    if method == GOAL and solve_again:
        raise refused("aims at goals, which several choices of pairs and projects may miss by as much, so that no range would be "
                      "that of this plan", "Leave --solve-again out: ranges are then for the plan's own pairs and projects")


def _past_goals(finder: _Finder, program: Program, asked: Asked, plan: Plan, x: Floats) -> Floats:
    """Among the points with the least deviations the one with the most of the weighted criteria, as the method takes it."""
    levels = plan.instance.settings.method.levels
    rest = combined(program, [(level.criterion, level.weight / asked.ranges[level.criterion]) for level in levels])
    least = asked.linear.at(x)
    kept = held_at(program, GOAL, asked.linear, least, 1e-9 * max(1.0, abs(least)))
    return finder.linear(kept)(_large(rest)).x


def _large(linear: Linear) -> Floats:
    return linear.vector if linear.sense == "max" else -linear.vector


def _below(best: Callable[[Floats], Best], cost: Floats, one: Direction, x: Floats) -> End:
    if one.weight <= 0:
        return End(0.0, None, 0.0)
    return end(best, cost, -one.vector, x, one.weight)


class _Finder:
    """Best points of the program of a plan under one cost after another."""

    def __init__(self, plan: Plan, built: Compiled, stop: Callable[[], bool]) -> None:
        self.settings, self.built, self.stop = plan.instance.settings.settings, built, stop
        self._warm = Warm(seed=self.settings.seed, threads=self.settings.threads)

    def linear(self, program: Program) -> Callable[[Floats], Best]:
        """An asker of the program without whole numbers, warm."""
        part = fractional(program)

        def best(cost: Floats) -> Best:
            found = self._warm.solve(part, Linear("max", cost))
            if found is None:
                raise SolveError("The linear program of this plan could not be solved.")
            return Best(found.x, found.bound)

        return best

    def whole(self, program: Program, cost: Floats, start: Floats | None) -> Best:
        """The best whole point, within the gap of the instance."""
        if not whole_decisions(program):
            return self.linear(program)(cost)
        found = self._searched(program, Linear("max", cost), start)
        if found.x is None:
            raise SolveError("The program of this plan has no point with its pairs and projects.", found.outcome)
        return Best(found.x, found.outcome.bound)

    def again(self, program: Program, cost: Floats, x: Floats) -> tuple[Callable[[Floats], Best], Floats]:
        """An asker of the program with everything free, and the point that is best at the present cost."""
        known = [x]

        def best(cost: Floats) -> Best:
            start = max(known, key=lambda point: float(cost @ point))
            found = self.whole(program, cost, start)
            points = [found.x, *known]
            top = max(points, key=lambda point: float(cost @ point))
            known.append(found.x)
            return Best(top, max(found.bound, float(cost @ top)))

        return best, best(cost).x

    def _searched(self, program: Program, linear: Linear, start: Floats | None) -> Found:
        limit = self.settings.time_limit
        limits = Limits(gap=self.settings.gap, deadline=math.inf if limit is None else time.monotonic() + limit,
                        threads=self.settings.threads, seed=self.settings.seed, node_limit=self.settings.node_limit,
                        stop=self.stop)
        refined = Refined(lambda asked, criterion, at: search(asked, criterion, limits, None, at), self.built.cutting, limits)
        return refined(program, linear, start)


def _row(one: Direction, ends: tuple[End, End], tier: str, stopped: bool) -> dict[str, Any]:
    low, high = one.weight - ends[0].step, one.weight + ends[1].step
    low = 0.0 if abs(low) <= 1e-12 * max(1.0, one.weight) else low
    gap = max(found.gap for found in ends)
    what = f"The weight of {one.label} ({one.weight:.4g})"
    if low <= 0 and math.isinf(high):
        text = f"{what} can be anything: the plan stays the same"
    elif high - low <= 1e-9 * max(1.0, one.weight):
        text = f"{what} cannot move at all: the plan is one of several that are equally good"
    else:
        upper = "" if math.isinf(high) else f" and {high:.4g}"
        text = f"{what} can be anything above {low:.4g}" if not upper else f"{what} can lie between {low:.4g}{upper}"
        text += " and the plan stays the same"
    text += f" ({TIERS[tier]}"
    text += ", stopped early" if stopped else f"; up to {100 * gap:.2g} % could be gained at the ends" if gap > 0 else ""
    return dict(zip(COLUMNS, (one.kind, one.name, one.weight, low, high, tier, gap, f"{text})."), strict=True))


def _past(plan: Plan, one: Direction, side: str, at: float, what: Mapping[str, Any]) -> str:
    """What the plan beyond an end does differently, in words."""
    parts = [f"{level.criterion} {_by(what[f'change.{level.criterion}'])}" for level in plan.instance.settings.method.levels]
    parts += [f"{plan.instance.settings.needs[need].label or need} {_by(what[f'covered.{need}'])} people"
              for need in plan.instance.settings.needs if abs(what.get(f"covered.{need}", 0.0)) >= 0.5]
    parts += [_counted(what[word], word) + " chosen or dropped" for word in ("pairs", "projects") if what[word]]
    return f"With a weight of {one.label} {side} {at:.4g} another plan is better: {', '.join(parts)}."


def _by(by: float) -> str:
    """A change with its sign: of people in whole ones, of little as much as can be told."""
    text = f"{abs(by):,.0f}" if abs(by) >= 100 else f"{abs(by):.3g}"
    return ("−" if by < 0 else "+") + text


def _counted(number: int, things: str) -> str:
    return f"{number} {things if number != 1 else things.removesuffix('s')}"


def _changed(plan: Plan, asked: Asked, measured: Measured, x: Floats, beyond: Floats) -> dict[str, Any]:
    """What differs between the plan's point and the one beyond."""
    out: dict[str, Any] = {}
    for level in plan.instance.settings.method.levels:
        linear = asked.program.criteria[level.criterion]
        out[f"value.{level.criterion}"] = linear.at(beyond)
        out[f"change.{level.criterion}"] = linear.at(beyond) - linear.at(x)
    before, after = measured.at(x), measured.at(beyond)
    covered = (after.covered - before.covered).groupby(level="need").sum()
    out |= {f"covered.{need}": float(change) for need, change in covered.items()}
    for word, names in (("pairs", ("pair",)), ("projects", ("start", "started"))):
        out[word] = sum(int((np.abs(beyond - x)[family.start : family.stop] > 0.5).sum())
                        for family in asked.program.columns if family.name in names)
    moved = (after.money - before.money).to_numpy(float)
    return out | {"money": float(moved[moved > MOVED].sum())}


