"""Budget curves: the best value as a function of the money, what the next million buys, and where returns fall off.

With every whole number left aside the best value is concave in the money (convex where a criterion is made small):
duals give tangents that no plan exceeds, chords join what is reached. With whole plans there is a band instead: the best
plan found, and what no plan exceeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.engine.outcome import Outcome, SolveError, Status
from optimizer.engine.progress import Progress
from optimizer.instance.findings import InstanceError, listed
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.sensitivity.asked import refused, stated
from optimizer.sensitivity.curves.budget_line import Budgets, money_of
from optimizer.sensitivity.curves.concave import Sandwich
from optimizer.sensitivity.curves.curve_words import sentences_of
from optimizer.sensitivity.curves.nested import Kept, walk
from optimizer.sensitivity.curves.selection import held_line
from optimizer.sensitivity.curves.smooth import Smooth
from optimizer.sensitivity.curves.span import factor_of, million_of
from optimizer.sensitivity.curves.whole_plans import Band, Ladder, Rung, band, named_first, named_row
from optimizer.sensitivity.gains import Measured, Shares, next_table
from optimizer.solve import solve as solved

COLUMNS = ["budget", "factor", "value", "low", "high", "gap", "price_per_million", "next_per_million", "apart", "tier", "status"]
NESTED = ["nested_value", "nested_cost", "nested_cost_percent"]
CENTS = 6  # decimals of budgets in the table, which are factors of those of the instance


@dataclass(frozen=True, eq=False)
class BudgetCurve:
    """The best value as a function of the money.

    Attributes
    ----------
    table : a row for each budget looked at, tiers one after the other. ``budget`` (money of all keys together), ``factor``
        (of the instance's own), ``value``, ``low`` and ``high`` (between which the best plan's value lies; blank where
        nothing is known), ``gap`` (what is open between them, as a share of the value), ``price_per_million`` (what the last
        million yuan is worth here, by the duals), ``next_per_million`` (on average until the next row), ``apart`` (how far
        apart the bounds get on the way to the next row, as a share of the value), ``tier``, ``status``. With nested budgets
        ``nested_value``, ``nested_cost`` and ``nested_cost_percent`` where they were asked for.
        Tiers: ``exact`` (no whole decisions: the best value itself), ``relaxation`` (whole decisions left aside: no plan is
        better), ``selection`` (the pairs and projects of one plan held, money as is best for them: what they reach before
        whole steps of money), ``solved`` (whole plans, each with its gap)
    next : who gains between one budget and the next; see `optimizer.sensitivity.gains.next_table`
    sentences : the same in words
    plans : plans in whole units, by budget
    unit, sense : of the criterion ``criterion``
    money : unit of money of ``budget``; ``label``: what sentences call it; ``currency``: what they call a million of
    least : the smallest budget of the range for which there is a plan (whole decisions left aside where there is no plan)
    complete : whether the bounds of the curve are as near as was asked for
    """

    table: pd.DataFrame
    next: pd.DataFrame
    sentences: tuple[str, ...]
    plans: Mapping[float, Plan]
    criterion: str
    unit: str
    sense: str
    money: str
    total: float
    least: float
    complete: bool
    smooth: Smooth | None = field(repr=False, default=None)
    band: Band | None = field(repr=False, default=None)
    selection: Smooth | None = field(repr=False, default=None)
    currency: str = "yuan"
    label: str = ""

    def at(self, budget: float) -> tuple[float, float]:
        """Between which values the best plan lies at a budget of the range (nan where nothing is proved).

        Raises
        ------
        ValueError : the budget is outside what was looked at
        """
        factor = budget / self.total
        low, high = float(self.table["factor"].min()), float(self.table["factor"].max())
        if not low - 1e-9 <= factor <= high + 1e-9:
            raise ValueError(f"{budget:g} is not between {low * self.total:g} and {high * self.total:g}")
        around = (math.nan, math.nan) if self.smooth is None else self.smooth.between(factor)
        if self.band is None:
            held = around if self.selection is None else self.selection.between(factor)
            return (held[0], around[1]) if self.sense == "max" else (around[0], held[1])
        if not self.band.sound:
            return self.band.between(factor)
        best, sign = self.band.between(factor), 1.0 if self.sense == "max" else -1.0
        nearer = [sign * edge[1 if sign > 0 else 0] for edge in (around, best)]
        reached = best[0 if sign > 0 else 1]
        limit = sign * float(np.fmin(nearer[0], nearer[1]))
        return (reached, limit) if sign > 0 else (limit, reached)

    def write(self, folder: str | Path, *, plans: bool = False) -> Path:
        """Write ``curve.csv`` (with criterion and unit), ``next.csv`` and ``curve.svg``; with ``plans`` every plan."""
        from optimizer.sensitivity.curves.curve_picture import draw

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        table = self.table.round({"budget": CENTS}).assign(criterion=self.criterion, unit=self.unit)
        table.to_csv(place / "curve.csv", index=False, lineterminator="\n")
        self.next.to_csv(place / "next.csv", index=False, lineterminator="\n")
        draw(self, place / "curve.svg")
        if plans:
            for budget, plan in self.plans.items():
                plan.write(place / f"plan-{budget:.0f}")
        return place


def budget_curve(
    instance: Instance, budgets: str | Sequence[str], low: str | float = "80%", high: str | float = "120%",
    tolerance: float = 1e-3, exact: bool = False, integers: bool = False, *, points: int = 5,
    nested: bool | str | float = False, selection: bool | Plan = False, progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> BudgetCurve:
    """The best value of an instance as a function of the money of some budgets, all scaled by the same factor.

    Parameters
    ----------
    budgets : one or more KEYs such as ``"budget.central"`` or ``"budget.local[province=Q]"``
    low, high : ends of the range: ``"80%"`` of the instance's own, ``"-20%"``, ``"x0.8"``, or the money of all keys together
    tolerance : how far apart the bounds may be between two points, as a share of the value
    exact : find every linear piece instead
    integers : solve whole plans at ``points`` budgets: a band between the best plan found and what none exceeds
    points : budgets, evenly spread, at which whole plans are solved and shares of counties and needs are compared
    nested : also find what it costs that no county gets less money when the budget grows: True starts at the smallest budget,
        a budget (as for ``low``) starts there and goes both ways
    selection : also draw the curve with pairs and projects held: those of the plan at the instance's own budgets (True), or of
        a plan of this instance

    Raises
    ------
    InstanceError : the instance or what is asked of it has errors
    SolveError : no budget of the range has a plan
    """
    keys = (budgets,) if isinstance(budgets, str) else tuple(budgets)
    stated(instance)
    total = money_of(instance, keys)
    if not total > 0:
        raise refused(f"has no money under {', '.join(keys)}", "Name a budget with money in it")
    ends = (factor_of(low, total), factor_of(high, total))
    if not 0 <= ends[0] < ends[1] or points < 2 or not tolerance >= 0:
        raise refused(f"cannot be followed from {low} to {high} with {points} points and a tolerance of {tolerance:g}",
                      "Write a smaller and a larger budget, two points or more, a tolerance of 0 or more", "command line")
    factors = [float(f"{f:.12g}") for f in np.linspace(*ends, points)]
    start = None if nested is False else ends[0] if nested is True else factor_of(nested, total)
    if start is not None and start not in factors:
        if not ends[0] <= start <= ends[1]:
            raise refused("nests budgets from one outside the range", "Name a budget of the range", "command line")
        factors = sorted({*factors, start})
    states = Budgets.of(instance, keys)
    three = (ends[0], sum(ends) / 2, ends[1])
    line = states.line(three)
    ladder = Ladder(instance, keys, ends[1], progress=progress, should_stop=should_stop) if integers else None
    plan = selection if isinstance(selection, Plan) else None
    if selection is True:
        plan = solved(instance, progress=progress, should_stop=should_stop)
    ranges = {} if ladder is None else ladder.ranges
    ranges = ranges if plan is None else plan.claims.ranges
    try:
        if line is None:
            named = listed(states.bent(three))
            raise refused(f"has rules that change their form between these budgets ({named}), so that the value between two of "
                          "them is not bounded", "Ask with whole plans (integers), or for a narrower range")
        smooth = Smooth.of(instance, states.base, line, ends, ranges)
    except InstanceError as error:
        if ladder is None or plan is not None:
            raise
        smooth, why = None, "; ".join(finding.problem for finding in error.findings)
    else:
        why = ""
    beside = None if plan is None or line is None else Smooth.of(instance, states.base, held_line(line, plan), ends, ranges,
                                                                 "selection")
    measured = Measured(states.algebra, instance.data)
    asked = _Question(instance, keys, total, factors, start, measured, should_stop or (lambda: False))
    drawn = None if smooth is None else smooth.follow(0.0 if exact else tolerance, factors, asked.stop)
    drawn = drawn.knots(keep=factors) if exact and drawn is not None else drawn
    other = None if beside is None else beside.follow(0.0 if exact else tolerance, factors, asked.stop)
    growing = line is not None and line.growing
    rungs, side = asked.plans(ladder) if ladder is not None else ((), {})
    if ladder is not None and all(rung.plan is None for rung in rungs):
        raise SolveError("No budget looked at has a plan.", Outcome(
            Status.INFEASIBLE, math.nan, math.nan, math.inf, 0.0, 0, "max"))
    if smooth is None:
        sense, unit = asked.described(rungs)
    else:
        sense, unit = smooth.asked.linear.sense, smooth.asked.linear.unit
    made = band(rungs, sense, growing, None if smooth is None else smooth.ceiling) if rungs else None
    if not rungs and start is not None and smooth is not None:
        side = asked.nested(smooth)
    table = asked.table([(drawn, smooth), (other, beside)], made, side, sense)
    shares = asked.shares(smooth, rungs)
    gains = next_table(instance.data, shares, million_of(instance))
    name = smooth.asked.name if smooth is not None else named_first(instance)
    found = BudgetCurve(
        table, gains, (), {rung.factor * total: rung.plan for rung in rungs if rung.plan is not None}, name, unit, sense,
        instance.settings.money.unit, total, float(table.loc[table["value"].notna(), "budget"].min()),
        all(one is None or one.complete for one in (drawn, other)), smooth, made, beside, instance.settings.money.currency,
        instance.settings.money.label or instance.settings.money.unit,
    )
    return _with_words(found, instance, drawn, ends, why)


def _with_words(
    found: BudgetCurve, instance: Instance, drawn: Sandwich | None, ends: tuple[float, float], why: str
) -> BudgetCurve:
    return replace(found, sentences=sentences_of(found, instance, drawn, ends, why))


@dataclass(frozen=True, eq=False)
class _Question:
    instance: Instance
    keys: tuple[str, ...]
    total: float
    factors: Sequence[float]
    start: float | None
    measured: Measured
    stop: Callable[[], bool]

    def plans(self, ladder: Ladder) -> tuple[tuple[Rung, ...], dict[float, float]]:
        """Whole plans at every factor, and values of nested ones where these were asked for."""
        rungs: dict[float, Rung] = {}
        for factor in self.factors:
            if self.stop() and rungs:
                break
            rungs[factor] = ladder.at(factor)
        if self.start is None or self.stop():
            return tuple(rungs.values()), {}
        free = Kept.free(self.measured)

        def solve(factor: float, money: pd.Series | None, grows: bool) -> tuple[Rung, pd.Series | None]:
            rung = rungs.get(factor, Rung(factor, "")) if money is None else ladder.at(factor, free.beside(money, grows=grows))
            return rung, None if rung.plan is None else Shares.of_plan(rung.plan).money

        side = walk(list(rungs), self.start, solve)
        return tuple(_better(rungs[f], side[f]) for f in rungs), {factor: rung.value for factor, rung in side.items()}

    def nested(self, smooth: Smooth) -> dict[float, float]:
        """Values at every factor of the program in which nobody loses."""
        free = Kept.free(self.measured)

        def solve(factor: float, money: pd.Series | None, grows: bool) -> tuple[float, pd.Series | None]:
            value, x = smooth.beside(factor, free if money is None else free.beside(money, grows=grows))
            return value, None if x is None else self.measured.at(x).money

        return walk(list(self.factors), self.start if self.start is not None else self.factors[0], solve)

    def described(self, rungs: Sequence[Rung]) -> tuple[str, str]:
        """Sense and unit as the plans tell them."""
        row = named_row(next(rung.plan for rung in rungs if rung.plan is not None))
        return row["sense"], row["unit"]

    def shares(self, smooth: Smooth | None, rungs: Sequence[Rung]) -> list[tuple[float, Shares]]:
        """What each gets at every factor: by whole plans if there are any, or else by the points of the curve."""
        if rungs:
            return [(rung.factor * self.total, Shares.of_plan(rung.plan)) for rung in rungs if rung.plan is not None]
        assert smooth is not None
        return [(factor * self.total, self.measured.at(x)) for factor, x in sorted(smooth.points.items())]

    def table(
        self, lines: Sequence[tuple[Sandwich | None, Smooth | None]], made: Band | None, side: Mapping[float, float], sense: str
    ) -> pd.DataFrame:
        million = million_of(self.instance)
        parts = [smooth.table(drawn, self.total, million) for drawn, smooth in lines if drawn is not None and smooth is not None]
        if made is not None:
            parts.append(_solved(made, self.total, million))
        table = pd.concat(parts, ignore_index=True)[COLUMNS]
        if self.start is None:
            return table
        last = table["tier"] == (table["tier"].iloc[0] if made is None else "solved")
        value = table["factor"].map(side).where(last).astype(float)
        cost = (table["value"] - value) * (1.0 if sense == "max" else -1.0)
        cost = cost.mask(cost.abs() <= 1e-9 * table["value"].abs(), 0.0)
        percent = 100 * cost / table["value"].abs().where(table["value"] != 0)
        return table.assign(nested_value=value, nested_cost=cost, nested_cost_percent=percent)


def _better(free: Rung, nested: Rung) -> Rung:
    """A plan of nested budgets is a plan: where a search that ended early left a worse one, it takes its place."""
    if nested.plan is None or free.plan is None or nested.broken > free.broken:
        return free
    sign = 1.0 if named_row(free.plan)["sense"] == "max" else -1.0
    return free if sign * (nested.value - free.value) <= 0 else replace(nested, bound=free.bound, status=free.status)


def _solved(made: Band, total: float, million: float) -> pd.DataFrame:
    """Rows of whole plans."""
    factor = np.array([rung.factor for rung in made.rungs])
    value = np.where([rung.plan is not None for rung in made.rungs], made.low if made.sense == "max" else made.high, np.nan)
    open_ = np.abs(made.high - made.low)
    gap = np.divide(open_, np.abs(value), out=np.where(open_ <= 0, 0.0, np.inf), where=np.abs(value) > 0)
    gap[np.isnan(value)] = np.nan
    step = np.append(np.diff(value) / np.diff(factor * total) * million, np.nan)
    return pd.DataFrame({
        "budget": factor * total, "factor": factor, "value": value, "low": made.low, "high": made.high, "gap": gap,
        "price_per_million": np.nan, "next_per_million": step, "apart": np.nan, "tier": "solved",
        "status": [rung.status for rung in made.rungs],
    })
