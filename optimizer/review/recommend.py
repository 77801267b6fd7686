"""Recommendations: the plan, every county's alternatives with their prices, and how sure each pair is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.progress import Progress, Quiet
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance
from optimizer.model.build import build
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.plan.plan import Plan
from optimizer.review.changes import changes as curve_of_changes
from optimizer.review.everyone import Task, all_prices, processes
from optimizer.review.free import solved_free
from optimizer.review.frequency import near_optimal, of_runs
from optimizer.review.improve import Improved, held_in, improved, settled
from optimizer.review.pricing import ROUNDING
from optimizer.review.recommendations import Recommendations, shaped
from optimizer.review.stability import stability
from optimizer.review.standing import standing
from optimizer.review.tables import Prices, counties_of, donors_of, finite, table_of
from optimizer.review.today import today
from optimizer.solve import Session

ALTERNATIVES = 5
IMPROVING = 120.0  # seconds for exchanges that make the plan better, unless said otherwise
SHARE = 3  # of the time for all prices, what they may take at most: one in so many


def recommend(
    plan: Plan | Instance, alternatives: int = ALTERNATIVES, *, near: int = 0, study: str | Path | None = None,
    changes: Sequence[int] = (), free: int = 0, improve: float = IMPROVING, time_limit: float | None = None,
    workers: int | None = None, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> Recommendations:
    """Who should be paired with whom, with the price of the best alternatives of every county.

    A price holds all other pairs, but those that the alternative displaces, and all other counties' projects; money goes
    anew wherever it does most, before it is put into whole steps. What is priced, and recommended, is the plan after all
    exchanges that make it better (see `optimizer.review.improve`).

    Parameters
    ----------
    plan : a plan, or an instance that is solved first
    alternatives : how many of each county
    near : look for so many near-optimal plans and tell the share of them that holds each pair
    study : folder of an uncertainty study, for the share of its runs that choose each pair
    changes : numbers of existing pairs that may end, for the best plan that ends no more
    free : so many alternatives, those that cost least, are solved again with all other pairs and projects free
    improve : seconds for exchanges that make the plan better; 0: it is recommended as it is
    time_limit : seconds for exchanges and prices; counties not priced by then are said to be so
    workers : processes; None: one for each processor, at most four, and one for fewer than 40 counties

    Raises
    ------
    InstanceError : the instance has errors, no pairs, or a first level that is a quotient
    SolveError : there is no plan
    """
    watch, stop, begun = progress or Quiet(), should_stop or (lambda: False), time.monotonic()
    instance = plan if isinstance(plan, Instance) else plan.instance
    refuse_without_pairs(instance)
    runs = None if study is None else of_runs(study, instance)
    session: Session | None = None
    if isinstance(plan, Instance):
        session = Session(plan, progress=progress)
        plan = session.solve(progress=progress, should_stop=should_stop)
    watch.stage("exchanges")
    until = math.inf if time_limit is None else begun + time_limit
    built = compile_numbers(build(plan.data, pyomo=False)) if session is None else session.compiled
    task, criterion = task_of(plan, built)
    pairs = plan.data.pairs
    pairable = sorted(set(pairs["county"]))
    workers = workers or processes(len(pairable))
    given, done = plan, Improved(task, (), finished=False)
    if improve > 0 and not plan.claims.unaudited:  # what the audit does not know, no exchange knows
        now = time.monotonic()
        done = improved(task, pairable, workers=workers, deadline=now + min(improve, (until - now) / SHARE), stop=stop,
                        tell=lambda count: watch.stage(f"exchanges: {count} made the plan better"))
        if done.applied:
            session = session or Session(plan.instance, progress=progress)
            better = settled(plan, session, held_in(done.task.at, session.compiled.program.n_columns), should_stop=stop)
            plan, done = (plan, replace(done, applied=())) if better is None else (better, done)
            task = task_of(plan, built)[0]
    watch.stage("prices of pairs")
    priced = time.monotonic()
    prices = all_prices(task, pairable, alternatives, workers=workers, deadline=until, stop=stop,
                        tell=lambda done: watch.stage(f"prices of pairs: {done} of {len(pairable)} counties"))
    seconds = time.monotonic() - priced
    shares, plans = (None, 0) if near <= 0 else near_optimal(instance, near, progress=progress, should_stop=should_stop)
    curve = pd.DataFrame()
    if len(changes):
        watch.stage("changes")
        curve = curve_of_changes(instance, changes, progress=progress, should_stop=should_stop, known=plan)
    table, unstable = table_of(plan, prices, shares, runs), stability(plan)
    if built.cutting:  # curved conditions stand as tangents at the plan's optimum: near it, not beyond doubt
        table.loc[~table["chosen"], "price_kind"] = "bound"
    if free > 0:
        session = session or Session(plan.instance, progress=progress)
        point = task.at.x[: session.compiled.program.n_columns]
        table = solved_free(plan, table, free, session, point, deadline=until, progress=progress, should_stop=should_stop)
    watch.stage("")
    settings = _settings(plan, prices, table, criterion, alternatives, plans, seconds)
    settings |= _improvement(given, plan, done, table)
    settings |= {"blocking_pairs": unstable.blocking, "blocking_share": round(unstable.share, 6),
                 "blocking_gain": round(unstable.largest, 6), "fit": round(unstable.fit, 6),
                 "stable_fit": round(unstable.reference_fit, 6)}
    return Recommendations(
        plan, table, counties_of(plan, table, prices), donors_of(plan, table, unstable.table),
        shaped(unstable.table, "stability"), shaped(today(plan, _known(table)), "today"), shaped(curve, "changes"), settings,
    )


def _improvement(given: Plan, plan: Plan, done: Improved, table: pd.DataFrame) -> dict[str, Any]:
    """What exchanges made better, as ``recommendations.json`` records it.

    ``exhausted``: none that gains was found at the end, nor is any alternative's price negative.
    """
    before, after = given.outcome.objective, plan.outcome.objective
    gain = 0.0 if before is None or after is None else abs(after - before)
    return {"exchanges": done.exchanges, "renewals": done.renewals, "gain": gain, "improved_from": finite(before),
            "exhausted": done.finished and not bool((table["price_high"] < -ROUNDING * abs(after or 0.0)).any())}


def task_of(plan: Plan, built: Compiled | None = None) -> tuple[Task, str]:
    """What it takes to price the pairs of a plan, and the criterion in which they are priced.

    Parameters
    ----------
    built : the plan's instance, compiled, where that is at hand

    Raises
    ------
    InstanceError, SolveError : as :func:`recommend`
    """
    built = built or compile_numbers(build(plan.data, pyomo=False))
    at, asked = standing(plan, built)
    pairs, people = plan.data.pairs, built.program.criteria.get("coverage")
    if people is not None:
        more = at.problem.program.n_columns - len(people.vector)
        people = replace(people, vector=np.append(people.vector, np.zeros(more)))
    task = Task(at, pairs["donor"].tolist(), pairs["county"].tolist(), np.nan_to_num(pairs["fit"].to_numpy(float)), people,
                frozenset(np.flatnonzero(pairs["existing"].to_numpy(float) == 1).tolist()))
    return task, asked.criterion


def _known(table: pd.DataFrame) -> Callable[[str, str, str], float]:
    """The price of keeping a pair that ends, or of doing without a new one."""
    rows = {(row["donor"], row["county"]): row for row in table.to_dict("records")}

    def price(donor: str, county: str, status: str) -> float:
        row = rows.get((donor, county))
        return math.nan if row is None else float(row["adds"] if status == "new" else row["price_high"])

    return price


def refuse_without_pairs(instance: Instance) -> None:
    """Raise where nothing can be recommended.

    Raises
    ------
    InstanceError : the instance has no candidate pairs
    """
    if not len(instance.data.pairs):
        raise InstanceError([Finding("instance", None, None, None, "has no pairs of donors and counties to recommend",
                                     "Give donors.csv and pairs.csv, or pairs.candidates in instance.yaml")])


def _settings(plan: Plan, prices: Prices, table: pd.DataFrame, criterion: str, alternatives: int, near: int,
              seconds: float) -> dict[str, Any]:
    outcome, settings, others = plan.outcome, plan.instance.settings, table[~table["chosen"]]
    linear = plan.criteria[plan.criteria["criterion"] == criterion]
    about = linear.iloc[0] if len(linear) else None
    return {
        "title": settings.title, "money": settings.money.label, "money_unit": settings.money.unit, "criterion": criterion,
        "unit": "points" if about is None else str(about["unit"]), "sense": "max" if about is None else str(about["sense"]),
        "objective": finite(outcome.objective), "bound": finite(outcome.bound), "gap_percent": finite(outcome.gap_percent),
        "status": str(outcome.status), "alternatives": alternatives, "held": "others", "near": near,
        "free": int((others["held"] == "free").sum()),
        "counties_priced": len(prices), "prices": len(others), "exact": int((others["price_kind"] == "exact").sum()),
        "seconds": round(seconds, 1), "versions": dict(plan.claims.versions),
    }
