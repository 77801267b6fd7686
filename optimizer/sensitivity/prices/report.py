"""The sensitivity report of a plan: what every limit is worth, what every choice would need, and how sure each figure is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.progress import Progress, Quiet
from optimizer.instance.instance import Instance
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.plan.plan import Plan
from optimizer.sensitivity.figures import remainder
from optimizer.sensitivity.prices.again import Clock, keys_of, named, solved_again
from optimizer.sensitivity.prices.choices import Choices
from optimizer.sensitivity.prices.excel import Reports, reports
from optimizer.sensitivity.prices.limits import Limit, limits_of
from optimizer.sensitivity.prices.prices import Optimum, Price
from optimizer.sensitivity.prices.question import question
from optimizer.sensitivity.prices.ranges import Priced
from optimizer.sensitivity.prices.sentences import Words
from optimizer.sensitivity.prices.told import dearest_first, notes_of, rows_of
from optimizer.solve import Session

COLUMNS = ["tier", "kind", "index", "value", "slack", "price_up", "price_down", "low", "high", "reduced", "unit", "sentence"]
SMALL = 2_000  # columns up to which ranges and coefficients are followed past the end of the basis
FIRST = ("budget", "resource", "decision", "rule", "donor", "project", "county")  # what is priced first where time is short
MOST = 10  # numbers solved again where none is named
SECONDS = 240.0
SHARE = 0.01  # of a number, by which it is moved to solve again
EACH_END = 2.0  # seconds for each end of a range of a large program
PRICES_SHARE = 0.45  # of the time limit that prices may take before anything is solved again
SOLVES_SHARE = 0.8  # of the time limit by which what is solved again ends; the rest is for its last plan and the tables


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """The report.

    Attributes
    ----------
    table : one row for each limit and choice, as FORMAT.md names the columns of ``sensitivity.csv``. ``price_up`` and
        ``price_down`` are changes of the criterion for one more unit of ``value``, above and below where it stands; from
        ``low`` to ``high`` they hold
    solved : what was solved again, with the gap of each solve and the ends that the gaps leave a price
    reports : Excel Solver's three
    criterion, sense, value : what is priced, and its value at the optimum for the tier
    tier : ``exact`` or ``selection``
    plan : the plan it speaks of
    notes : sentences about what solving again could not tell
    """

    table: pd.DataFrame
    solved: pd.DataFrame
    reports: Reports
    criterion: str
    sense: str
    value: float
    tier: str
    plan: Plan
    notes: tuple[str, ...] = ()

    def of(self, kind: str) -> pd.DataFrame:
        """The rows of one kind."""
        return self.table[self.table["kind"] == kind].reset_index(drop=True)

    def write(self, folder: str | Path) -> Path:
        """Write ``sensitivity.csv``, ``solved.csv``, the three reports as CSV files and all of it as ``sensitivity.xlsx``."""
        from optimizer.sensitivity.prices.sheets import write_tables

        return write_tables(self, Path(folder))


def sensitivity(
    plan: Plan | Instance, *, again: Iterable[str] | None = None, most: int = MOST, step: float = SHARE,
    time_limit: float | None = SECONDS, criterion: str | None = None, progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Sensitivity:
    """What each limit of a plan is worth, each way, how far that holds, and what each choice would need to change.

    Parameters
    ----------
    plan : a plan, or an instance that is solved first
    again : keys that are solved again a step up and a step down, as ``KEY`` or ``KEY=STEP``; None: budgets and the numbers of
        hard rules, where the plan holds whole decisions. Empty: nothing
    most : how many keys are solved again when none are named
    step : share by which a key is moved that names no step
    time_limit : seconds for everything but solving an instance; what is not known by then is said to be so
    criterion : a level of the method; the first by default

    Raises
    ------
    InstanceError : the criterion or a key is none of the instance
    SolveError : there is no plan
    """
    watch = progress or Quiet()
    session: Session | None = None
    if isinstance(plan, Instance):
        session = Session(plan, progress=progress)
        plan = session.solve(progress=progress, should_stop=should_stop)
    begun = time.monotonic()
    until = np.inf if time_limit is None else begun + time_limit
    keys = None if again is None else named(plan.instance, again, step)
    watch.stage("prices")
    algebra = build(plan.data, pyomo=False)
    built = compile_numbers(algebra) if session is None else session.compiled
    asked = question(plan, built, criterion, until)
    settings = plan.instance.settings.settings
    optimum = Optimum(asked.program, asked.linear, threads=settings.threads, seed=settings.seed,
                      time_limit=max(0.0, until - time.monotonic()))
    found = keys_of(plan.instance, step) if keys is None and asked.tier != "exact" else keys or []
    share = PRICES_SHARE if found else SOLVES_SHARE
    stop = should_stop or (lambda: False)
    priced = Priced(optimum, np.inf if time_limit is None else begun + share * time_limit, stop)
    words = Words(plan.data, asked)
    small = asked.program.n_columns <= SMALL
    choices = Choices(asked, optimum, words)
    rows = _limits(limits_of(asked, plan.data, optimum.point, algebra), priced, words, small, choices.another_county())
    rows += list(choices.rows(priced if small else None))
    solved, notes = pd.DataFrame(), tuple[str, ...]()
    if found:
        watch.stage("solving again")
        chosen = dearest_first(found, rows)[:most] if keys is None else found
        clock = Clock(np.inf if time_limit is None else begun + SOLVES_SHARE * time_limit, stop)
        compared = _compared(plan, asked.criterion)
        solved = solved_again(plan, chosen, criterion=compared, session=session, clock=clock, progress=progress)
        rows += rows_of(solved, words, compared)
        notes = notes_of(solved, words)
        solved = solved.drop(columns="kind")
    watch.stage("")
    return Sensitivity(pd.DataFrame(rows, columns=COLUMNS), solved, reports(asked, optimum), asked.criterion, asked.linear.sense,
                       optimum.value, asked.tier, plan, notes)


def _compared(plan: Plan, criterion: str) -> str:
    """The criterion as the plan's tables know it."""
    return criterion if (plan.criteria["criterion"] == criterion).any() else plan.outcome.criterion


def _limits(
    limits: list[Limit], priced: Priced, words: Words, small: bool, another: dict[object, tuple[object, float]]
) -> list[dict[str, Any]]:
    """Rows of limits; what matters most is priced first, and rows come in the order of the limits."""
    order = sorted(range(len(limits)), key=lambda n: FIRST.index(limits[n].kind))
    prices = {n: priced.price(limits[n].direction, limits[n].value) for n in order if limits[n].movable}
    ends: set[int] = set()
    for n in order:  # every price is known before the ends of their ranges are looked for
        if n in prices and (small or limits[n].kind == "budget" or not limits[n].keys):
            prices[n], found = priced.followed(limits[n].direction, prices[n], np.inf if small else EACH_END)
            ends |= {n} if found else set()
    return [_row(limit, words, prices.get(n), n in ends, another) for n, limit in enumerate(limits)]


def _row(limit: Limit, words: Words, price: Price | None, ends: bool,
         another: dict[object, tuple[object, float]]) -> dict[str, Any]:
    """The row of a limit; ``ends``: whether the ends of its range are known."""
    row = {"tier": words.asked.tier, "kind": limit.kind, "index": limit.index, "value": limit.value, "slack": limit.slack,
           "price_up": np.nan, "price_down": np.nan, "low": np.nan, "high": np.nan, "reduced": np.nan, "unit": limit.unit}
    if price is not None:
        row |= {"price_up": price.up, "price_down": price.down, "low": remainder(limit.value, price.below),
                "high": limit.value + price.above, "unit": f"{words.asked.linear.unit or words.asked.criterion} per "
                                                           f"{limit.unit}"}
    sentence = words.limit(limit, price, ends)
    if price is None and limit.clause == "counties_of_donor" and limit.side == "most" and limit.keys["donor"] in another:
        sentence = words.another(limit, *another[limit.keys["donor"]])
    return row | {"sentence": sentence}
