"""Money per head: a dot for each county, places one under the other, the place's own mean as a line."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import BLUE, RED, EmptyFigureError, Picture, grid, paper, short, styled, thousands, wrapped
from optimizer.report.figures.funds import MOST_BARS, level_of
from optimizer.report.figures.names import Names
from optimizer.report.once import distribution


@styled
def funds_per_head(plan: Plan, *, lang: str = "en") -> Picture:
    """Money per inhabitant over the horizon, by county; where there is one place only, a bar for each of the largest.

    Returns
    -------
    Picture : data: level, place, county, name, population, per_head (yuan); rows of places above counties hold their mean

    Raises
    ------
    EmptyFigureError : no county has both money and inhabitants
    """
    names = Names(plan, lang)
    table = distribution(plan)
    level = level_of(table)
    known = table[table["per_head"].notna() & (table["level"] != "all")]
    if not len(known) or not (known["per_head"] > 0).any():
        raise EmptyFigureError(names.say("nothing.heads"))
    counties = known[known["level"] == "county"]
    if level == "county":
        return _bars(names, counties)
    means = known[known["level"] == level].sort_values("per_head", ascending=False, kind="stable")
    data = pd.concat([means, counties], ignore_index=True)
    data = data.assign(place=names.places(level, data[level]))[["level", "place", "county", "name", "population", "per_head"]]
    picture = paper("funds_per_head", names.say("figure.head"), data, 1.4 + 0.27 * min(len(means), MOST_BARS))
    axes = picture.subplots()
    shown = means[level].head(MOST_BARS).tolist()
    for row, place in enumerate(shown):
        inside = counties.loc[counties[level] == place, "per_head"].to_numpy(float)
        axes.plot(inside, np.full(len(inside), row), "o", color=BLUE, alpha=0.45, markersize=4, markeredgewidth=0,
                  label=names.say("figure.head.county") if not row else None)
    axes.plot(means["per_head"].head(MOST_BARS), range(len(shown)), "|", color=RED, markersize=11, markeredgewidth=2, gid="mean",
              label=names.say("figure.head.mean"))
    axes.set_yticks(range(len(shown)), [wrapped(one, 24) for one in names.places(level, shown)])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    _finished(picture, names)
    picture.legend(loc="outside lower center", ncols=2)
    return picture


def _bars(names: Names, counties: pd.DataFrame) -> Picture:
    rows = counties.sort_values("per_head", ascending=False, kind="stable")
    rows = rows.assign(place="", name=names.counties(rows["county"]))
    data = rows[["level", "place", "county", "name", "population", "per_head"]]
    shown = rows.head(MOST_BARS)
    title = names.say("figure.head") if len(rows) <= MOST_BARS else names.say("figure.head.most", count=MOST_BARS)
    picture = paper("funds_per_head", title, data, 1.2 + 0.27 * len(shown))
    axes = picture.subplots()
    axes.barh(range(len(shown)), shown["per_head"], color=BLUE, height=0.7)
    for row, value in enumerate(shown["per_head"]):
        axes.annotate(short(round(value)), (value, row), xytext=(3, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_yticks(range(len(shown)), [wrapped(name, 24) for name in shown["name"]])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.margins(x=0.1)
    _finished(picture, names)
    return picture


def _finished(picture: Picture, names: Names) -> None:
    axes = picture.axes[0]
    axes.set_xlim(left=0)
    axes.set_title(picture.title)
    axes.set_xlabel(names.say("figure.head.x", unit=names.currency))
    thousands(axes)
    grid(axes)
