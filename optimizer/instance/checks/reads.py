"""Blank cells that something in use reads: a rule, a criterion of the method, the factor method.

Blank without a default means unknown, never 0, so a sum over it has no value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.instance.checks.filters import match
from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import near, some
from optimizer.instance.findings import Finding
from optimizer.instance.schema import TABLES
from optimizer.instance.settings import BandRule, BoundRule, Criterion, ExitRule, Measure, PairsRule, ShareRule

PLACES = {"money": "counties", "support": "pairs", "pairs": "pairs", "projects": "projects", "covered": "counties",
          "gap": "counties", "exited": "counties"}
PER_PEOPLE = "people"


@dataclass(frozen=True)
class Read:
    """One column that something reads."""

    reader: str  # what reads it, for the message: "rule floor"
    where: tuple[str, str | None, str]  # section, entry, field of the settings
    table: str
    column: str
    numeric: bool
    group: Any = None  # the rows read; None = all


def reads(view: View) -> Iterator[Read]:
    """Everything that active rules, the criteria of the method and the factor method read."""
    settings = view.settings
    for rule in settings.rules:
        if not rule.active:
            continue
        name = f"rule {rule.id}"
        if isinstance(rule, BoundRule):
            yield from _measure(name, ("rules", rule.id, "of"), rule.of)
            yield from _per(name, ("rules", rule.id, "per"), rule.of, rule.per, rule.each)
            yield from _each(view, name, ("rules", rule.id, "each"), rule.of, rule.each)
        elif isinstance(rule, ShareRule):
            yield from _measure(name, ("rules", rule.id, "part"), rule.part)
            yield from _measure(name, ("rules", rule.id, "whole"), rule.whole)
            yield from _each(view, name, ("rules", rule.id, "each"), rule.whole, rule.each)
            if rule.part_each is not None:
                yield from _each(view, name, ("rules", rule.id, "part_each"), rule.part, rule.part_each)
        elif isinstance(rule, BandRule):
            yield from _measure(name, ("rules", rule.id, "of"), rule.of)
            yield from _each(view, name, ("rules", rule.id, "each"), rule.of, rule.each)
        elif isinstance(rule, PairsRule) and rule.min_gain is not None:
            yield Read(name, ("rules", rule.id, "column"), "pairs", rule.column, True)
        elif isinstance(rule, ExitRule):
            yield Read(name, ("rules", rule.id, "per"), "counties", rule.per, True)
    for level in settings.method.levels:
        criterion = settings.criteria.get(level.criterion)
        if criterion is not None:
            yield from criterion_reads(view, f"criterion {level.criterion}", level.criterion, criterion)
    if settings.factor is not None and _factor_in_use(view):
        for part in settings.factor.factors:
            yield Read("the factor method", ("factor", None, "factors"), "counties", part.column, True)
            if part.scale is not None:
                yield Read("the factor method", ("factor", None, "factors"), "counties", part.scale, True)


def criterion_reads(view: View, name: str, key: str, criterion: Criterion) -> Iterator[Read]:
    """What one criterion reads."""
    if criterion.of is not None:
        yield from _measure(name, ("criteria", key, "of"), criterion.of)
        yield from _per(name, ("criteria", key, "per"), criterion.of, criterion.per, "all")
    if criterion.over not in ("counties", "donors"):
        yield Read(name, ("criteria", key, "over"), "counties", criterion.over, False)
    table = "donors" if criterion.over == "donors" else "counties"
    outcome = view.settings.outcomes.get(criterion.outcome or "")
    if outcome is not None:
        yield from _measure(name, ("outcomes", criterion.outcome, "of"), outcome.of)
        # a unit with a blank denominator is left out and listed, so only the column has to exist
        for column in outcome.per:
            if column != PER_PEOPLE and column not in _columns(view, table):
                yield Read(name, ("outcomes", criterion.outcome, "per"), table, column, True)


def _measure(name: str, where: tuple[str, str | None, str], measure: Measure) -> Iterator[Read]:
    if measure.column is None or (measure.sum == "projects" and measure.column == "cost"):
        return
    group = measure.filters.get("project" if measure.sum == "projects" else "county")
    del group  # the filter is on another table than the column; all rows count
    yield Read(name, where, PLACES[measure.sum], measure.column, True)


def _per(name: str, where: tuple[str, str | None, str], measure: Measure, per: tuple[str, ...], each: str) -> Iterator[Read]:
    donors = each == "donor"
    group = measure.filters.get("donor" if donors else "county")
    for column in per:
        if column != PER_PEOPLE:
            yield Read(name, where, "donors" if donors else "counties", column, True, group)


def _each(view: View, name: str, where: tuple[str, str | None, str], measure: Measure, each: str) -> Iterator[Read]:
    if each in ("all", "county", "donor", "project", "need"):
        return
    if each in ("sector", "category", "stream") and each not in _columns(view, "counties"):
        return
    if measure.sum == "projects" and each in _columns(view, "projects"):
        return
    yield Read(name, where, "counties", each, False, measure.filters.get("county"))


def _factor_in_use(view: View) -> bool:
    return any(
        rule.active and "factor" in (getattr(rule, "to", None), getattr(rule, "increase_over", None))
        for rule in view.settings.rules
    )


def _columns(view: View, table: str) -> frozenset[str]:
    named = frozenset(c.name for c in TABLES[table].columns)
    return named | frozenset(map(str, view.frame(table).columns))


def check(view: View) -> Iterator[Finding]:
    """Columns that are not there, that hold text where a number is read, or that are blank where they are read."""
    told: set[tuple[str, str, str]] = set()
    for read in reads(view):
        key = (read.reader, read.table, read.column)
        if key in told:
            continue
        told.add(key)
        yield from _check(view, read)


def _check(view: View, read: Read) -> Iterator[Finding]:
    section, entry, field = read.where
    columns = _columns(view, read.table)
    present = view.frame(read.table)
    if read.column not in columns:
        yield view.setting(section, entry, field, read.column, f"is no column of {read.table}",
                           f"{near(read.column, columns)} Correct it, or add the column to {view.file(read.table)}.")
        return
    if not len(present):
        return
    if read.column == "distance" and read.table == "pairs":
        yield from _distance(view, read)
        return
    spec = TABLES[read.table].column(read.column)
    if spec is not None and spec.default is not None:
        return
    written = view.written(read.table, read.column)
    text = any(present[c].dtype.kind not in "fiub" for c in written)
    if read.numeric and text:
        yield view.setting(section, entry, field, read.column, f"is a column of text in {read.table}, but a number is read",
                           "Name a numeric column.")
        return
    rows = match(view, read.table, read.group).mask
    if read.numeric and spec is not None and spec.split:
        blank = np.isnan(view.periodic(read.table, read.column)).any(axis=1)
    elif read.numeric:
        blank = np.isnan(view.number(read.table, read.column))
    else:
        blank = view.text(read.table, read.column).isna().to_numpy()
    blank = blank & rows
    if not blank.any():
        return
    if not written:
        yield view.setting(section, entry, field, read.column, f"{view.file(read.table)} has no column of this name, "
                           f"but {read.reader} reads it", "Add the column, or take it out here.")
        return
    keys = view.text(read.table, {"counties": "county", "donors": "donor", "projects": "project"}.get(read.table, "county"))
    count = int(blank.sum())
    what = f"is blank (unknown), but {read.reader} reads it"
    if count > 3:
        yield Finding(
            view.file(read.table), view.row(read.table, int(np.flatnonzero(blank)[0])), read.column, None,
            f"{what}; blank in {count:,} of {int(rows.sum()):,} rows that it reads ({some(list(keys[blank].dropna()))})",
            f"Fill the cells in, or keep these rows out by a filter in {section}{'.' + entry if entry else ''}",
        )
    else:
        yield from view.cells(read.table, read.column, blank, what, "Fill the cell in, or keep the row out by a filter.")


def _distance(view: View, read: Read) -> Iterator[Finding]:
    """A blank distance is the great circle, which needs both places."""
    unplaced = {}
    for table, key in (("donors", "donor"), ("counties", "county")):
        missing = np.isnan(view.number(table, "lon")) | np.isnan(view.number(table, "lat"))
        unplaced[key] = set(view.text(table, key)[missing].dropna())
    blank = np.isnan(view.number("pairs", "distance"))
    nowhere = view.text("pairs", "donor").isin(unplaced["donor"]) | view.text("pairs", "county").isin(unplaced["county"])
    lost = blank & nowhere.to_numpy()
    column = "distance" if "distance" in view.frame("pairs").columns else "donor"
    yield from view.cells("pairs", column, lost, f"the distance is unknown, but {read.reader} reads it: "
                          "neither distance nor both coordinates are given",
                          "Write the distance, or lon and lat of donor and county.")
    if view.settings.pairs.candidates != "none":
        for table, key in (("donors", "donor"), ("counties", "county")):
            rows = view.text(table, key).isin(unplaced[key]).to_numpy()
            yield from view.cells(table, "lon" if "lon" in view.frame(table).columns else key, rows,
                                  f"the place is unknown, but {read.reader} reads distances", "Write lon and lat.")
