"""Fields that equity criteria and equity rules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from optimizer.instance.checks.equity_model import is_low, modelled, named
from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import near, some
from optimizer.instance.equity_forms import EVALUATED, INDICES
from optimizer.instance.findings import Finding
from optimizer.instance.schema import TABLES
from optimizer.instance.settings import Criterion, EquityFields, EquityRule

OUTCOMES = frozenset({"covered_share", "gap_per_1000", "money", "money_per_head", "loss", "burden"})
#: Forms that mislead of an outcome of which less is better: few people left uncovered, unevenly, is no injustice.
HIGH_ONLY = ("atkinson", "alpha", "nash", "gini", "hoover", "theil", "mcloone")
PEOPLE = "people"


def equity_fields(view: View, path: tuple[str, str], fields: EquityFields, severity: Any) -> Iterator[Finding]:
    """The form, outcome, units and weights of an equity criterion or rule."""
    outcomes = OUTCOMES | view.identifiers("outcomes")
    if isinstance(fields, EquityRule) or path[1] in named(view):
        yield from modelled(view, path, fields, severity)
    elif fields.equity not in EVALUATED:
        yield view.setting(*path, "equity", fields.equity, "cannot be worked out from a plan alone",
                           f"Name one of {', '.join(EVALUATED)}, or take it out", severity)
    if fields.outcome is not None and fields.outcome not in outcomes:
        yield view.setting(*path, "outcome", fields.outcome, "is no outcome", near(fields.outcome, outcomes))
    else:
        yield from _direction(view, path, fields, severity)
    if fields.over == "donors" and not view.size("donors"):
        yield view.setting(*path, "over", "donors", "there are no donors", "Write counties, or a text column of counties")
    columns = frozenset(map(str, view.frame("counties").columns)) | {"counties", "donors"}
    if fields.over not in columns:
        yield view.setting(*path, "over", fields.over, "is neither counties, donors nor a column of counties",
                           near(fields.over, columns))
    if fields.weight is not None:
        yield from _weight(view, path, fields, fields.weight, severity)


def _direction(view: View, path: tuple[str, str], fields: EquityFields, severity: Any) -> Iterator[Finding]:
    """Indices of inequality and welfare are about outcomes of which more is better; each form is good one way only."""
    form, low = str(fields.equity), is_low(view, fields)
    if low and form in HIGH_ONLY:
        yield view.setting(*path, "outcome", fields.outcome, f"is better low, and {form} would then call the wrong plans equal",
                           "Name an outcome of which more is better, or a form such as mad, range or cvar", severity)
        return
    if low and form == "kalai":
        yield view.setting(*path, "outcome", fields.outcome, "is better low, and kalai takes shares of the most a unit could "
                           "have", "Name an outcome of which more is better, or the form maximin", severity)
        return
    good = "min" if form in INDICES or (low and form != "mcloone") else "max"
    if isinstance(fields, Criterion) and fields.sense not in (None, good):
        yield view.setting(*path, "sense", fields.sense, f"would make {form} of {fields.outcome} as unfair as can be",
                           f"Write {good}, or leave sense out", severity)


def _weight(view: View, path: tuple[str, str], fields: EquityFields, column: str, severity: Any) -> Iterator[Finding]:
    """The weight is a numeric column of the units, known everywhere, never negative and not 0 throughout."""
    table = "donors" if fields.over == "donors" else "counties"
    if column == PEOPLE and table == "counties":
        return
    offered = {c.name for c in TABLES[table].columns} | set(map(str, view.frame(table).columns)) | {PEOPLE}
    if column not in offered or column == PEOPLE:
        yield view.setting(*path, "weight", column, f"is no column of {table}", near(column, frozenset(offered)), severity)
        return
    if column not in view.frame(table) or view.frame(table)[column].dtype.kind not in "fiub":
        yield view.setting(*path, "weight", column, f"is not filled in with numbers in {view.file(table)}",
                           "Name a numeric column, such as population", severity)
        return
    values, names = view.number(table, column), view.keys(table)
    for wrong, problem in ((np.isnan(values), "is blank (unknown)"), (values < 0, "is negative")):
        if wrong.any():
            yield view.setting(*path, "weight", column, f"{problem} in {int(wrong.sum()):,} rows of {table} "
                               f"({some(list(names[wrong]))})", "Mend these cells, or weight by another column", severity)
    if len(values) and not (values > 0).any():
        yield view.setting(*path, "weight", column, f"is 0 in every row of {table}", "Weight by another column", severity)
