"""Indicators: indices of inequality, and covered shares by place with the poorest tenth beside the mean."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import (
    BLUE,
    HALF,
    ORANGE,
    RED,
    EmptyFigureError,
    Picture,
    grid,
    headed,
    paper,
    percents,
    styled,
    wrapped,
)
from optimizer.report.figures.funds import MOST_BARS
from optimizer.report.figures.names import Names
from optimizer.report.once import indicators as indicators_of

INDICES = ("gini", "hoover", "theil", "atkinson")  # 0 = all equal
SHARES = {"mean": (BLUE, "o"), "poorest_tenth": (RED, "D")}
OUTCOMES = {"covered_share": (BLUE, "o"), "money_per_head": (ORANGE, "s")}


@styled
def indicators(plan: Plan, *, lang: str = "en") -> Picture:
    """Indices of inequality of coverage and money after the plan, and the covered share of each place.

    Returns
    -------
    Picture : data: the rows of the plan's indicators that are drawn

    Raises
    ------
    EmptyFigureError : nobody is in need and nobody gets money
    """
    names = Names(plan, lang)
    table = indicators_of(plan)
    whole = table[(table["by"] == "county") & table["indicator"].isin(INDICES) & table["after"].notna()]
    places = _places(table, plan)
    if not len(whole) and not len(places):
        raise EmptyFigureError(names.say("nothing.needs"))
    groups = list(dict.fromkeys(zip(places["by"], places["group"], strict=True)))
    picture = paper("indicators", names.say("figure.indicators"), pd.concat([whole, places]), max(2.6, 1.5 + 0.22 * len(groups)))
    headed(picture)
    left, right = picture.subplots(1, 2, width_ratios=[1, 1.15])
    _indices(left, names, whole)
    _covered(right, names, places, groups)
    picture.legend(loc="outside lower center", ncols=2)
    return picture


def _places(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Mean covered share and that of the poorest tenth: over all, and by the first column that splits counties into few."""
    rows = table[(table["outcome"] == "covered_share") & table["indicator"].isin(SHARES) & table["after"].notna()]
    counted = rows.groupby("by", sort=False)["group"].nunique()
    columns = [name for name in ("province", "prefecture", "region") if 1 < counted.get(name, 0) <= MOST_BARS]
    return rows[rows["by"].isin(["county", *columns[:1]])]


def _indices(axes: Axes, names: Names, rows: pd.DataFrame) -> None:
    for outcome, (colour, marker) in OUTCOMES.items():
        values = rows[rows["outcome"] == outcome].set_index("indicator")["after"].reindex(list(INDICES))
        if values.notna().any():
            shift = -0.12 if outcome == "covered_share" else 0.12
            at = [place + shift for place in range(len(INDICES))]
            axes.hlines(at, 0, values, color=colour, linewidth=1.2)
            label = names.say(f"figure.indicators.{outcome}")
            axes.plot(values, at, marker, color=colour, markersize=6, gid=outcome, label=label)
            for place, value in zip(at, values, strict=True):
                axes.annotate(f"{value:.3f}", (value, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_yticks(range(len(INDICES)), [names.say(f"indicator.{name}") for name in INDICES])
    axes.set_ylim(len(INDICES) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.margins(x=0.2)
    axes.set_xlabel(wrapped(names.say("figure.indicators.x"), HALF))
    grid(axes)


def _covered(axes: Axes, names: Names, rows: pd.DataFrame, groups: list[tuple[str, str]]) -> None:
    means = rows[rows["indicator"] == "mean"].set_index(["by", "group"])["after"]
    groups = sorted(groups, key=lambda group: (group[0] != "county", -float(means.get(group, 0.0))))
    at = {group: place for place, group in enumerate(groups)}
    for indicator, (colour, marker) in SHARES.items():
        chosen = rows[rows["indicator"] == indicator]
        places = [at[group] for group in zip(chosen["by"], chosen["group"], strict=True)]
        axes.plot(chosen["after"], places, marker, color=colour, markersize=5, gid=indicator,
                  label=names.say(f"figure.indicators.{indicator}"))
    labels = [names.say("level.all") if by == "county" else names.places(by, [group])[0] for by, group in groups]
    axes.set_yticks(range(len(groups)), [wrapped(label, 22) for label in labels])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlim(0, 1.02)
    percents(axes)
    axes.set_xlabel(wrapped(names.say("figure.indicators.share"), HALF))
    grid(axes)
