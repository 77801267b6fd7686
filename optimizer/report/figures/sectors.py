"""Projects by sector: how many are paid for of those proposed, and what they cost."""

from __future__ import annotations

import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import (
    BLUE,
    GREEN,
    HALF,
    LIGHT,
    EmptyFigureError,
    Picture,
    beside,
    grid,
    headed,
    paper,
    short,
    styled,
    thousands,
    wrapped,
)
from optimizer.report.figures.names import Names

MOST_SECTORS = 30


@styled
def projects_by_sector(plan: Plan, *, lang: str = "en") -> Picture:
    """Projects proposed and started, and their accounted cost, by category and sector.

    Returns
    -------
    Picture : data: category, sector, place (label), proposed, started (projects), cost (the instance's unit)

    Raises
    ------
    EmptyFigureError : the instance has no projects
    """
    names = Names(plan, lang)
    data = by_sector(plan)
    if not len(data):
        raise EmptyFigureError(names.say("nothing.projects"))
    data = data.assign(place=[_label(names, *pair) for pair in zip(data["category"], data["sector"], strict=True)])
    rows = data.head(MOST_SECTORS)
    title = names.say("figure.projects") if len(rows) == len(data) else names.say("figure.projects.most", count=MOST_SECTORS)
    picture = paper("projects_by_sector", title, data, 1.5 + 0.29 * len(rows))
    headed(picture)
    left, right = picture.subplots(1, 2, sharey=True)
    at = range(len(rows))
    offered = left.barh(at, rows["proposed"], color=LIGHT, height=0.74, gid="proposed")
    begun = left.barh(at, rows["started"], color=BLUE, height=0.44, gid="started")
    right.barh(at, rows["cost"], color=GREEN, height=0.6, gid="cost")
    for place, proposed, started, cost in zip(at, rows["proposed"], rows["started"], rows["cost"], strict=True):
        beside(left, f"{started:,.0f} / {proposed:,.0f}", proposed, place)
        beside(right, short(round(cost, 1)), cost, place)
    left.set_yticks(at, [wrapped(place, 24) for place in rows["place"]])
    left.set_ylim(len(rows) - 0.4, -0.6)
    left.set_xlabel(wrapped(names.say("figure.projects.count"), HALF))
    right.set_xlabel(wrapped(names.say("figure.projects.cost", money=names.money), HALF))
    for axes in (left, right):
        axes.margins(x=0.24)
        thousands(axes)
        axes.locator_params(axis="x", nbins=4)
        grid(axes)
    words = [names.say("figure.projects.proposed"), names.say("figure.projects.started")]
    picture.legend([offered, begun], words, loc="outside lower center", ncols=2)
    return picture


def by_sector(plan: Plan) -> pd.DataFrame:
    """category, sector (blank: none), proposed, started, cost; the most cost first."""
    known, chosen = plan.data.projects, plan.projects
    keys = ["category", "sector"]
    proposed = known.assign(sector=known["sector"].fillna("")).groupby(keys).size()
    rows = chosen.assign(sector=chosen["sector"].fillna(""))
    sums = rows.groupby(keys).agg(started=("project", "nunique"), cost=("cost", "sum"))
    out = sums.reindex(proposed.index).fillna(0.0).assign(proposed=proposed)[["proposed", "started", "cost"]]
    return out.sort_values(["cost", "proposed"], ascending=False, kind="stable").reset_index()


def _label(names: Names, category: str, sector: str) -> str:
    label = names.category(category)
    return names.say("figure.projects.within", category=label, sector=names.term("sector", sector)) if sector else label
