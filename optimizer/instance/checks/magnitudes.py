"""Units mixed up: figures that are thousands of times larger or smaller than their neighbours.

A figure in 亿元 among figures in 万元 is 10,000 times too small, one in 元 is 10,000 times too large. A figure is held
against the median of its neighbours on a logarithmic scale; neighbours are figures of the same column for the same
need, category, stream or donor. Money per head is then held against what can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from optimizer.instance.checks.streams import budgets_of
from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import amount
from optimizer.instance.findings import Finding

DECADES = 3.5  # a figure this far from the median of its neighbours is told
SPREAD = 0.75  # half of the neighbours within this many decades of the median: then it is an error, else a warning
LEAST = 4  # neighbours needed
COLUMNS = (  # (table, column, what makes neighbours)
    ("needs", "unit_cost", "need"), ("tiers", "unit_cost", "need"), ("projects", "cost", "category"),
    ("projects", "upkeep", "category"), ("budgets", "amount", "stream"), ("budgets", "least", "stream"),
    ("donors", "money", None), ("donors", "revenue", None), ("donors", "least_money", None),
    ("pairs", "least_support", None), ("pairs", "most_support", None), ("baseline", "money", "stream"),
    ("counties", "claim", None), ("counties", "income", None), ("counties", "population", None),
)
PEOPLE = {"income", "population"}
LOWEST_HEAD, HIGHEST_HEAD = 1.0, 10_000_000.0  # yuan a person that direct support may plausibly cost


def check(view: View) -> Iterator[Finding]:
    """Every column of money, income and population against its neighbours; then money per head."""
    for table, column, by in COLUMNS:
        for written in view.written(table, column):
            yield from _outliers(view, table, written, by)
    yield from _between_periods(view)
    yield from _unit_costs(view)
    yield from _budget_per_head(view)


def _mend(view: View, table: str, column: str, value: float, middle: float) -> str:
    """What the figure would be in the instance's unit if it was written in another."""
    unit = view.settings.money.label or view.settings.money.unit
    times = value / middle
    currency = view.settings.money.currency
    if column.partition("@")[0] in PEOPLE:
        return f"Write it in {currency + ' a person' if 'income' in column else 'persons'}, as the others are."
    likely = value / 10_000 if times > 1 else value * 10_000
    meant = "yuan (元)" if times > 1 else "亿元 (100 million yuan)"
    if abs(np.log10(likely / middle)) > 1.5 or currency != "yuan":
        return f"All money here is in {unit}; check the unit of this figure."
    return (
        f"All money here is in {unit}; if the figure was written in {meant}, it should read {amount(likely)}. "
        f"If it is right, say so by a row in {view.file('provenance')} (table {table}, this key and column, status observed)."
    )


def _outliers(view: View, table: str, column: str, by: str | None) -> Iterator[Finding]:
    values = view.number(table, column)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(np.isfinite(values) & (values > 0), np.log10(values), np.nan)
    if np.isfinite(logs).sum() < LEAST + 1:
        return
    middle, spread = _neighbours(logs, view.text(table, by) if by is not None else None)
    far = np.abs(logs - middle) >= DECADES
    if not far.any():
        return
    vouched = _vouched(view, table, column)
    sure = far & (spread <= SPREAD) & ~vouched
    for mask, severity in ((sure, "error"), (far & ~sure & ~vouched, "warning")):
        yield from view.cells(
            table, column, mask,
            lambda i: f"is {amount(_times(logs[i], middle[i]))} times {'larger' if logs[i] > middle[i] else 'smaller'} than its "
                      f"neighbours (median {amount(10 ** middle[i])}{_whose(view, table, by, i)}): units seem to be mixed up",
            lambda i: _mend(view, table, column, float(values[i]), float(10 ** middle[i])), severity,  # type: ignore[arg-type]
        )


def _times(a: float, b: float) -> float:
    times = 10 ** abs(a - b)
    return float(np.round(times, -int(np.floor(np.log10(times))) + 1))


def _whose(view: View, table: str, by: str | None, i: int) -> str:
    value = view.text(table, by)[i] if by is not None else None
    return f" for {by} {value}" if value is not None else ""


def _neighbours(logs: np.ndarray, group: pd.Series | None) -> tuple[np.ndarray, np.ndarray]:
    """Median and spread (median distance from it) of the neighbours of each figure, in decades."""
    names = np.full(len(logs), "", dtype=object) if group is None else np.array([x or "" for x in group], dtype=object)
    frame = pd.DataFrame({"log": logs, "group": names})
    count = frame.groupby("group")["log"].transform("count")
    frame.loc[count <= LEAST, "group"] = ""  # too few of their own: everything in the column
    small = frame["group"] == ""
    middle = frame.groupby("group")["log"].transform("median").to_numpy(copy=True)
    middle[small] = np.nanmedian(logs)
    frame["off"] = np.abs(logs - middle)
    spread = frame.groupby("group")["off"].transform("median").to_numpy(copy=True)
    return middle, spread


def _vouched(view: View, table: str, column: str) -> np.ndarray:
    """Cells that ``provenance`` calls observed by their own key: someone has looked at them."""
    out = np.zeros(view.size(table), dtype=bool)
    rows = (view.text("provenance", "table") == table) & (view.text("provenance", "status") == "observed")
    rows &= view.text("provenance", "column").isin([column, column.partition("@")[0]])
    keys = set(view.text("provenance", "key")[rows].dropna()) - {"*"}
    if not keys or not len(out):
        return out
    return np.asarray(view.keys(table).isin(keys))


def _between_periods(view: View) -> Iterator[Finding]:
    """The same figure in one period thousands of times what it is in the next."""
    unit = view.settings.money.label or view.settings.money.unit
    for name, stream in view.settings.streams.items():
        amounts = [(p, a) for p, a in budgets_of(stream).items() if a > 0 and np.isfinite(a)]
        for (p, a), (q, b) in pairwise(amounts):
            if abs(np.log10(b) - np.log10(a)) >= DECADES:
                times = f"{amount(_times(np.log10(a), np.log10(b)))} times {'larger' if b > a else 'smaller'}"
                yield view.setting(
                    "streams", name, "budget", b, f"is the budget of {q}, {times} than that of {p} ({amount(a)}): "
                    "units seem to be mixed up", f"All money here is in {unit}.")
    for table, column, _ in COLUMNS:
        for earlier, later in pairwise([c for c in view.written(table, column) if "@" in c]):
            yield from _between(view, table, earlier, later)


def _between(view: View, table: str, earlier: str, later: str) -> Iterator[Finding]:
    before, after = view.number(table, earlier), view.number(table, later)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (before > 0) & (after > 0) & (np.abs(np.log10(after) - np.log10(before)) >= DECADES)
    yield from view.cells(
        table, later, far,
        lambda i: f"is thousands of times away from {earlier}, which is {amount(before[i])}: units seem to be mixed up",
        "Write both in the same unit.",
    )


def _unit_costs(view: View) -> Iterator[Finding]:
    for table in ("needs", "tiers"):
        for column in view.written(table, "unit_cost"):
            yield from _per_person(view, table, column)


def _per_person(view: View, table: str, column: str) -> Iterator[Finding]:
    money = view.settings.money
    head = view.number(table, column) * money.yuan
    bad = (head > 0) & np.isfinite(head) & ((head < LOWEST_HEAD) | (head > HIGHEST_HEAD))
    yield from view.cells(
        table, column, bad, lambda i: f"means {amount(head[i])} {money.currency} for one person",
        f"Write the cost of one person in {money.label or money.unit}, each {amount(money.yuan)} {money.currency}.", "warning",
    )


def _budget_per_head(view: View) -> Iterator[Finding]:
    """All transfer budgets of a period over all inhabitants: outside 1 to 1,000,000 yuan a head is told."""
    population = float(np.nansum(np.clip(view.number("counties", "population"), 0, np.inf)))
    if not population > 0 or not view.periods:
        return
    total = 0.0
    named = set(view.text("budgets", "stream").dropna())
    for name, stream in view.settings.streams.items():
        if name not in named:
            total += budgets_of(stream).get(view.periods[0], 0.0)
    rows = view.number("budgets", "period") == view.periods[0]
    total += float(np.nansum(view.number("budgets", "amount")[rows]))
    money = view.settings.money
    head = total * money.yuan / population
    if total > 0 and np.isfinite(head) and not 1 <= head <= 1_000_000:
        yield view.setting(
            "money", None, "unit", money.unit,
            f"the budgets of {view.periods[0]} come to {amount(head)} {money.currency} for each of {amount(population)} "
            "inhabitants",
            f"Check the unit: money is counted in {amount(money.yuan)} {money.currency}, population in persons.", "warning",
        )
