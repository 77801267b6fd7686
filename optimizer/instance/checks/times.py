"""Periods, years and dates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.instance.checks.view import View
from optimizer.instance.findings import Finding

FIRST_YEAR, LAST_YEAR = 1900, 2200
OLDEST = 1949


def check(view: View) -> Iterator[Finding]:
    """The horizon itself, and every column that names a period or a year."""
    yield from _horizon(view)
    yield from _budget_periods(view)
    yield from _starts(view)
    yield from _years(view)
    yield from _delays(view)


def _named(view: View) -> str:
    return ", ".join(map(str, view.periods))


def _horizon(view: View) -> Iterator[Finding]:
    for period in view.periods:
        if not FIRST_YEAR <= period <= LAST_YEAR:
            yield view.setting("periods", None, None, period, f"is no year between {FIRST_YEAR} and {LAST_YEAR}",
                               "Name periods by their years")
    if not any(weight > 0 for weight in view.settings.periods.values()):
        yield view.setting("periods", None, None, None, "no period has a weight above 0", "Give one a weight, such as 1")


def _budget_periods(view: View) -> Iterator[Finding]:
    values = view.number("budgets", "period")
    unknown = ~np.isnan(values) & ~np.isin(values, view.periods)
    yield from view.cells("budgets", "period", unknown, "is no period of this instance", f"The periods are {_named(view)}.")


def _starts(view: View) -> Iterator[Finding]:
    wanted = {str(p) for p in view.periods}
    listed = view.lists("projects", "starts")
    wrong = np.array([any(p not in wanted for p in cell) for cell in listed], dtype=bool)
    none = np.array([bool(cell) and not any(p in wanted for p in cell) for cell in listed], dtype=bool)
    locked = (view.text("projects", "status") == "lock").to_numpy()
    yield from view.cells("projects", "starts", wrong & ~none, "names a period that is not in this instance",
                          f"The periods are {_named(view)}.")
    yield from view.cells("projects", "starts", none & locked,
                          "names no period of this instance, but the project is locked",
                          f"The periods are {_named(view)}; name one of them, or leave the cell blank for all.")
    yield from view.cells("projects", "starts", none & ~locked,
                          "names no period of this instance: the project can never start",
                          f"The periods are {_named(view)}; name one of them, or leave the cell blank for all.", "warning")


def _years(view: View) -> Iterator[Finding]:
    first = view.periods[0] if view.periods else LAST_YEAR
    for table, column in (("baseline", "year"), ("pairs", "since")):
        years = view.number(table, column)
        with np.errstate(invalid="ignore"):
            out = ~np.isnan(years) & ((years < OLDEST) | (years > LAST_YEAR))
            late = ~np.isnan(years) & ~out & (years > first)
        yield from view.cells(table, column, out, "is no year between 1949 and 2200", "Write the year with four digits.")
        yield from view.cells(table, column, late, f"lies after the first period, {first}",
                              "Write the year the figure is from.", "warning")


def _delays(view: View) -> Iterator[Finding]:
    """Projects whose effect begins after the horizon whenever they start."""
    if not view.size("projects") or not view.periods:
        return
    delay, last = view.number("projects", "delay", 0.0), view.periods[-1]
    earliest = np.array([
        min((int(p) for p in cell if p.isdigit() and int(p) in view.periods), default=view.periods[0])
        for cell in view.lists("projects", "starts")
    ], dtype=float)
    acting = view.text("projects", "project").isin(set(view.text("effects", "project").dropna())).to_numpy()
    late = acting & (earliest + delay > last) & (view.text("projects", "status") != "forbid").to_numpy()
    yield from view.cells("projects", "delay", late, f"its effect begins after {last}, the last period, whenever it starts",
                          "Shorten the delay or lengthen the horizon; else the project serves nobody in this plan.", "warning")
