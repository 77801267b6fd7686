"""Coverage by need: who was covered before, who is newly covered and how, who is left."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import (
    BLUE,
    GREEN,
    LIGHT,
    SKY,
    EmptyFigureError,
    Picture,
    grid,
    paper,
    styled,
    thousands,
    wrapped,
)
from optimizer.report.figures.names import Names

PARTS = {"carried": GREEN, "built": BLUE, "direct": SKY, "gap": LIGHT}


@styled
def coverage_by_need(plan: Plan, *, lang: str = "en") -> Picture:
    """People in need as bars: covered before, newly covered by projects and by direct support, left; one bar a need and year.

    Returns
    -------
    Picture : data: need, period, people, carried, built, direct, covered, gap (people), share (of the people)

    Raises
    ------
    EmptyFigureError : nobody is in need
    """
    names = Names(plan, lang)
    table = by_need_and_period(plan)
    if not len(table):
        raise EmptyFigureError(names.say("nothing.needs"))
    several = len(plan.data.periods) > 1
    title = names.say("figure.coverage.several") if several else names.say("figure.coverage", period=plan.data.periods[0])
    picture = paper("coverage_by_need", title, table, 1.5 + 0.36 * len(table))
    axes = picture.subplots()
    at, left = np.arange(len(table)), np.zeros(len(table))
    for part, colour in PARTS.items():
        width = table[part].to_numpy(float)
        if width.any():
            axes.barh(at, width, left=left, color=colour, height=0.72, gid=part, label=names.say(f"figure.coverage.{part}"))
        left = left + width
    for place, people, share in zip(at, table["people"], table["share"], strict=True):
        axes.annotate(f"{100 * share:.1f} %", (people, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(at, _labels(names, table, several))
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set_xlabel(names.say("figure.coverage.x"))
    axes.set_title(title)
    thousands(axes)
    grid(axes)
    picture.legend(loc="outside lower center", ncols=2)
    return picture


def by_need_and_period(plan: Plan) -> pd.DataFrame:
    """The coverage table summed over counties, needs in the order of the instance; needs that nobody has are left out."""
    columns = ["people", "carried", "built", "direct", "covered", "gap"]
    sums = plan.coverage.groupby(["need", "period"], sort=False)[columns].sum().reset_index()
    sums = sums[sums["people"] > 0]
    rank = {need: at for at, need in enumerate(plan.instance.settings.needs)}
    sums = sums.sort_values(["need", "period"], key=lambda column: column.map(rank) if column.name == "need" else column)
    return sums.assign(share=sums["covered"] / sums["people"]).reset_index(drop=True)


def _labels(names: Names, table: pd.DataFrame, several: bool) -> list[str]:
    needs: Iterable[str] = (names.need(str(need)) for need in table["need"])
    if not several:
        return [wrapped(need, 26) for need in needs]
    return [f"{wrapped(need, 26)} {period}" for need, period in zip(needs, table["period"], strict=True)]
