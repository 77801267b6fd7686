"""Figures of results that stand beside a plan: budget curves, tornados and fronts, from the objects or their tables."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from optimizer.report.figures.canvas import (
    BLUE,
    GREY,
    ORANGE,
    EmptyFigureError,
    Picture,
    grid,
    headed,
    paper,
    styled,
    thousands,
    wrapped,
)
from optimizer.report.figures.words import phrase, say, unit_word

MOST_BARS = 25


class Curve(Protocol):
    """What `budget_curve` needs of a budget curve: ``curve.csv`` as a table, and what its numbers are."""

    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def criterion(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def money(self) -> str: ...


class Swings(Protocol):
    """What `tornado` needs: ``tornado.csv`` as a table, the unchanged value and its criterion."""

    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def base(self) -> float: ...
    @property
    def criterion(self) -> str: ...


@styled
def budget_curve(found: Curve, *, lang: str = "en") -> Picture:
    """The best value over the money, and below it what one more million brings.

    Parameters
    ----------
    found : a `optimizer.BudgetCurve`, or anything with its ``table``, ``criterion``, ``unit`` and ``money``

    Returns
    -------
    Picture : data: the table of the curve

    Raises
    ------
    EmptyFigureError : no row of the table has a value
    """
    table = found.table[found.table["value"].notna()]
    if not len(table):
        raise EmptyFigureError(say(lang, "nothing.curve"))
    picture = paper("budget_curve", say(lang, "figure.curve"), table, 5.2)
    headed(picture)
    top, below = picture.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    for tier, rows in table.groupby("tier", sort=False):
        colour = ORANGE if tier == "solved" else BLUE
        top.plot(rows["budget"], rows["value"], "o-" if len(rows) < 60 else "-", color=colour, markersize=3, gid=str(tier),
                 label=say(lang, f"figure.curve.{tier}"))
        if tier == "solved" and rows[["low", "high"]].notna().all(axis=None):
            top.fill_between(rows["budget"], rows["low"], rows["high"], color=ORANGE, alpha=0.18, linewidth=0,
                             label=say(lang, "figure.curve.band"))
        brings = rows["next_per_million"].to_numpy(float)[:-1]
        if len(brings):
            below.stairs(brings, rows["budget"].to_numpy(float), color=colour, baseline=None)
    if "nested_value" in table and table["nested_value"].notna().any():
        rows = table[table["nested_value"].notna()]
        top.plot(rows["budget"], rows["nested_value"], "s--", color=GREY, markersize=4, label=say(lang, "figure.curve.nested"))
    unit = unit_word(lang, found.unit)
    top.set_ylabel(wrapped(phrase(lang, found.criterion, unit), 34, 3))
    price = say(lang, "figure.curve.price", currency=unit_word(lang, getattr(found, "currency", "yuan")))
    below.set_ylabel(wrapped(phrase(lang, "", unit, price), 24, 4))
    below.set_xlabel(say(lang, "figure.curve.x", money=unit_word(lang, found.money)))
    for axes in (top, below):
        thousands(axes, "y")
        grid(axes, "both")
    thousands(below)
    below.locator_params(axis="y", nbins=4)
    top.legend(loc="lower right")
    return picture


@styled
def tornado(found: Swings, *, lang: str = "en", unit: str = "") -> Picture:
    """One bar for each figure around the value of the unchanged instance, the widest on top; an end without a plan is said.

    Parameters
    ----------
    found : a `optimizer.Tornado`, or anything with its ``table``, ``base`` and ``criterion``
    unit : of the criterion, as the plan's table of criteria has it

    Returns
    -------
    Picture : data: the table of the tornado

    Raises
    ------
    EmptyFigureError : the table has no rows
    """
    table = found.table
    if not len(table):
        raise EmptyFigureError(say(lang, "nothing.tornado"))
    rows = table.head(MOST_BARS)
    picture = paper("tornado", say(lang, "figure.tornado"), table, 1.5 + 0.36 * len(rows))
    axes = picture.subplots()
    base = found.base if np.isfinite(found.base) else 0.0
    for end, colour in (("low", BLUE), ("high", ORANGE)):
        values = rows[f"value_{end}"].to_numpy(float)
        wide = np.where(np.isfinite(values), values - base, 0.0)
        axes.barh(range(len(rows)), wide, left=base, color=colour, height=0.7, gid=end, label=say(lang, f"figure.tornado.{end}"))
        for place, (step, value, told) in enumerate(zip(wide, values, rows[end], strict=True)):
            text = str(told) if np.isfinite(value) else say(lang, "figure.tornado.none", value=told)
            left = step < 0 or (step == 0 and end == "low")
            axes.annotate(text, (base + step, place), xytext=(-3 if left else 3, 0), textcoords="offset points", va="center",
                          ha="right" if left else "left", fontsize=7)
    axes.axvline(base, color="black", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [wrapped(str(key), 34) for key in rows["key"]])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.margins(x=0.22)
    thousands(axes)
    grid(axes)
    axes.set_xlabel(phrase(lang, found.criterion, unit_word(lang, unit)))
    headed(picture)
    picture.legend(loc="outside lower center", ncols=2)
    return picture
