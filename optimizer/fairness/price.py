"""The price of fairness: the plan of each sense of fair beside the plan that reaches most people.

Source: D. Bertsimas, V. Farias and N. Trichakis, "The price of fairness", Operations Research 59 (2011): the share of
the most that can be reached which is given up to be fair. A sense alone says nothing of what is left over once it is
satisfied, so every plan is, among the fairest, the one that reaches most people.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.progress import Progress
from optimizer.fairness.asking import REFUSED, Question, answers_of
from optimizer.fairness.clock import Clock
from optimizer.fairness.question import EFFICIENT, Sense, asked_for, held_selection, senses_of, tolerance_of
from optimizer.instance.equity_forms import INDICES
from optimizer.instance.instance import Instance
from optimizer.plan.criteria import equity
from optimizer.plan.indicators import covered_by_county, money_by_county
from optimizer.plan.measure import Measures
from optimizer.plan.plan import Plan
from optimizer.solve import solve

__all__ = ["PriceOfFairness", "Sense", "price_of_fairness", "senses_of"]

FAIR_ENOUGH = "1%"
MOST_PEOPLE = "most people"
BESIDE = ("check", "build", "compile", "whole steps", "plan", "audit")
TRIFLE = 0.02  # share of a sense's value in the first plan: the tolerance of senses, and what whole steps move
MOVED = 1e-3  # share of a county's need by which its coverage must move to call it a gain or a loss


@dataclass(frozen=True, eq=False)
class PriceOfFairness:
    """What each sense of fair costs.

    Attributes
    ----------
    table : one row for each plan, the one that reaches most people first; ``plan``, ``status``, ``coverage`` (weighted
        person-periods), ``price`` (what is given up), ``price_percent``, ``price_at_most_percent`` (against the bound on
        coverage: what it costs no more than, whatever the gap of the first plan), ``gap_percent`` (how far the sense's own
        value may be from its best; of an index whose best may be 0 as a share of its value in the first plan),
        ``gain``, ``lose`` (counties whose share of need covered rises or falls), ``fairer`` (another plan of the table that
        is clearly better in this row's sense, where the search was stopped too early to find it), ``poorest_tenth`` (their
        share of all money), then the value of every sense (column by its name)
    counties : ``plan``, ``county``, ``covered_share``, ``change`` (against the first plan), ``money``, ``money_change``
    plans : the audited plan of each row that has one
    held : whether pairs and projects were held as in the first plan; a price is then no less than the true one
    better : sense → ``max`` or ``min``, which way its value is better
    """

    table: pd.DataFrame
    counties: pd.DataFrame
    plans: Mapping[str, Plan]
    held: bool
    better: Mapping[str, str]

    def write(self, folder: str | Path, *, plans: bool = False) -> Path:
        """Write ``fairness.csv``, ``counties.csv`` and ``fairness.svg``; with ``plans`` every plan in a folder of its own."""
        from optimizer.fairness.picture import draw

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        self.table.to_csv(place / "fairness.csv", index=False, lineterminator="\n")
        self.counties.to_csv(place / "counties.csv", index=False, lineterminator="\n")
        draw(self, place / "fairness.svg")
        if plans:
            for name, plan in self.plans.items():
                plan.write(place / name.replace(" ", "-"))
        return place

    def winners(self, name: str, count: int = 10) -> pd.DataFrame:
        """Counties that gain most under a sense, by share of need covered."""
        rows = self.counties[(self.counties["plan"] == name) & (self.counties["change"] > MOVED)]
        return rows.sort_values("change", ascending=False, kind="stable").head(count)

    def losers(self, name: str, count: int = 10) -> pd.DataFrame:
        """Counties that lose most under a sense, by share of need covered."""
        rows = self.counties[(self.counties["plan"] == name) & (self.counties["change"] < -MOVED)]
        return rows.sort_values("change", kind="stable").head(count)


def price_of_fairness(
    instance: Instance, forms: Mapping[str, Mapping[str, Any]] | None = None, *, outcome: str = "covered_share",
    over: str = "counties", tolerance: str = FAIR_ENOUGH, hold_selection: bool = False, executor: Executor | None = None,
    workers: int = 1, within: float = math.inf, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> PriceOfFairness:
    """The plan of each sense of fair, what it costs in people, and how it fares under every other sense.

    Parameters
    ----------
    forms : name → fields of an equity criterion; by default the instance's own and every usual one, see `senses_of`
    outcome, over : what the usual senses look at, and over which units
    tolerance : how far below its best each sense may stay, so that as many people as possible are reached: a percent of
        that best (of inequality, of what it is in the plan that reaches most people: its best may be 0), or an amount
    hold_selection : keep the pairs and projects of the plan that reaches most people and move money alone: far quicker, and
        each price is then no less than the true one
    executor, workers : solve the senses side by side in its workers, of which there are so many (their progress is not shown)
    within : seconds that the whole may take; what one sense leaves of its part is shared by those that come after it

    Raises
    ------
    InstanceError : the instance or a sense is at fault
    SolveError : there is no plan that reaches most people
    """
    senses = senses_of(instance, forms, outcome=outcome, over=over)
    clock = Clock.started(within, workers if executor else 1, len(senses))
    first = solve(asked_for(instance, None, tolerance), progress=progress, should_stop=should_stop)
    base = instance.with_decisions(held_selection(first)) if hold_selection else instance
    measures = Measures(first.data, first.tables)
    beside = _beside(first)
    questions = [Question(sense, asked_for(base, sense, tolerance_of(sense, tolerance, measures)), clock.part(n, beside))
                 for n, sense in enumerate(senses)]
    answers = answers_of(questions, first, executor, workers, progress, should_stop)
    plans = {MOST_PEOPLE: first} | {
        sense.name: answer for sense, answer in zip(senses, answers, strict=True) if isinstance(answer, Plan)
    }
    failed = {sense.name: answer for sense, answer in zip(senses, answers, strict=True) if isinstance(answer, str)}
    sound = [sense for sense in senses if not failed.get(sense.name, "").startswith(REFUSED)]
    better = {sense.name: equity(measures, sense.parsed).sense for sense in sound}
    table = _table(plans, failed, senses, sound)
    table["fairer"] = [_fairer(table, name, better) for name in table["plan"]]
    return PriceOfFairness(table, _counties(plans), plans, hold_selection, better)


def _beside(plan: Plan) -> float:
    """Seconds that a plan took besides the search, which its time limit does not count."""
    return sum(plan.claims.seconds.get(stage, 0.0) for stage in BESIDE)


def _table(
    plans: Mapping[str, Plan], failed: Mapping[str, str], senses: list[Sense], sound: list[Sense]
) -> pd.DataFrame:
    first = plans[MOST_PEOPLE]
    most, bound = _coverage(first), first.outcome.bound
    shares = {name: _shares(plan) for name, plan in plans.items()}
    ideals = {key: units for plan in plans.values() for key, units in plan.claims.ideals.items()}
    values = {name: _values(plan, sound, ideals) for name, plan in plans.items()}
    rows: list[dict[str, Any]] = []
    for name in (MOST_PEOPLE, *(sense.name for sense in senses)):
        if name in failed:
            rows.append({"plan": name, "status": failed[name]})
            continue
        plan, reached = plans[name], _coverage(plans[name])
        change = (shares[name] - shares[MOST_PEOPLE]).dropna()
        rows.append({
            "plan": name, "status": plan.outcome.status, "coverage": reached, "price": most - reached,
            "price_percent": 100 * (most - reached) / most if most else np.nan,
            "price_at_most_percent": 100 * (bound - reached) / bound if bound else np.nan,
            "gap_percent": _gap_percent(name, plan, sound, values[MOST_PEOPLE]),
            "gain": int((change > MOVED).sum()), "lose": int((change < -MOVED).sum()),
            "fairer": "", "poorest_tenth": _poorest_tenth(plan), **values[name],
        })
    columns = list(rows[0])
    return pd.DataFrame(rows).reindex(columns=columns)


def _fairer(table: pd.DataFrame, name: str, better: Mapping[str, str]) -> str:
    """The plan that is best in a sense, where that is not the sense's own and not for a trifle; else nothing."""
    if name not in better or name not in table:
        return ""
    values = table.set_index("plan")[name].dropna()
    if name not in values.index:
        return ""
    best = str(values.idxmax() if better[name] == "max" else values.idxmin())
    return best if abs(values[best] - values[name]) > TRIFLE * abs(values[MOST_PEOPLE]) else ""


def _gap_percent(name: str, plan: Plan, senses: list[Sense], first: Mapping[str, float]) -> float | None:
    """How far the first criterion of a plan may be from its best."""
    of_index = {sense.name for sense in senses if sense.parsed.equity in INDICES}
    if name not in of_index or plan.outcome.gap is None or not first[name] > 0:
        return plan.outcome.gap_percent
    return 100 * plan.outcome.gap / first[name]


def _values(
    plan: Plan, senses: list[Sense], ideals: Mapping[tuple[str, str], Mapping[str, float]]
) -> dict[str, float]:
    """The value of every sense on a plan, true values of the whole-unit plan; ``ideals`` are the same for all plans."""
    measures = Measures(plan.data, plan.tables, ideals)
    return {sense.name: equity(measures, sense.parsed).number for sense in senses}


def _coverage(plan: Plan) -> float:
    row = plan.criteria.set_index("criterion").loc[EFFICIENT]
    return float(row["value"] if isinstance(row, pd.Series) else row["value"].iloc[0])


def _shares(plan: Plan) -> pd.Series:
    """Share of weighted need covered by county; NaN where there is no need."""
    table = covered_by_county(plan.data, plan.coverage)
    return table["covered"] / table["people"].where(table["people"] > 0)


def _poorest_tenth(plan: Plan) -> float:
    """Share of all money that goes to the tenth of counties with the lowest income; NaN where incomes are unknown."""
    income = plan.data.counties["income"].dropna() if "income" in plan.data.counties else pd.Series(dtype=float)
    money = money_by_county(plan.data, plan.funds)
    if not len(income) or not money.sum():
        return float("nan")
    poorest = income.nsmallest(max(1, round(len(income) / 10))).index
    return float(Fraction(str(money.reindex(poorest).sum())) / Fraction(str(money.sum())))


def _counties(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """How every county fares under every plan."""
    first = plans[MOST_PEOPLE]
    share, money = _shares(first), money_by_county(first.data, first.funds)
    parts = []
    for name, plan in plans.items():
        now, paid = _shares(plan), money_by_county(plan.data, plan.funds)
        parts.append(pd.DataFrame({
            "plan": name, "county": now.index, "covered_share": now.to_numpy(float), "change": (now - share).to_numpy(float),
            "money": paid.reindex(now.index).to_numpy(float),
            "money_change": (paid - money).reindex(now.index).to_numpy(float),
        }))
    return pd.concat(parts, ignore_index=True)
