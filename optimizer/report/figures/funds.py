"""Money by place: provinces (prefectures, counties) as bars, streams as their parts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import PALETTE, EmptyFigureError, Picture, grid, paper, short, styled, thousands, wrapped
from optimizer.report.figures.names import Names
from optimizer.report.once import distribution

MOST_BARS = 32


@styled
def funds_by_region(plan: Plan, *, lang: str = "en", level: str | None = None) -> Picture:
    """Money of the plan over the horizon by place, split by stream, the largest first.

    Parameters
    ----------
    level : ``province``, ``prefecture`` or ``county``; by default the highest at which there are several

    Returns
    -------
    Picture : data: place, one column for each stream, money (in the instance's unit)

    Raises
    ------
    EmptyFigureError : the plan gives no money
    """
    names = Names(plan, lang)
    table = distribution(plan)
    chosen = level or level_of(table)
    rows = table[(table["level"] == chosen) & (table["money"] > 0)]
    if not len(rows):
        raise EmptyFigureError(names.say("nothing.money"))
    streams = [str(name) for name in rows if str(name).startswith("stream:") and (rows[name] > 0).any()]
    rows = rows.sort_values("money", ascending=False, kind="stable")
    places = names.counties(rows["county"]) if chosen == "county" else names.places(chosen, rows[chosen])
    data = rows[[*streams, "money"]].assign(place=places)[["place", *streams, "money"]].reset_index(drop=True)
    picture = paper("funds_by_region", names.say("figure.funds", level=names.level(chosen)), data, 1.0)
    _bars(picture, names, _shortened(data, names), streams)
    return picture


def level_of(table: pd.DataFrame) -> str:
    """The highest level at which there are several places."""
    return next((name for name in ("province", "prefecture") if (table["level"] == name).sum() > 1), "county")


def _shortened(data: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The largest places, the rest in one row."""
    if len(data) <= MOST_BARS:
        return data
    head, rest = data.head(MOST_BARS - 1), data.iloc[MOST_BARS - 1:]
    others = rest.drop(columns="place").sum().to_frame().T.assign(place=names.say("figure.funds.others", count=len(rest)))
    return pd.concat([head, others[data.columns]], ignore_index=True)


def _bars(picture: Picture, names: Names, rows: pd.DataFrame, streams: list[str]) -> None:
    picture.set_figheight(1.5 + 0.24 * len(rows))
    axes = picture.subplots()
    at, left = np.arange(len(rows)), np.zeros(len(rows))
    for number, stream in enumerate(streams):
        width = rows[stream].to_numpy(float)
        axes.barh(at, width, left=left, height=0.74, color=PALETTE[number % len(PALETTE)], gid=stream,
                  hatch=None if number < len(PALETTE) else "//", label=wrapped(names.stream(stream.removeprefix("stream:")), 34))
        left = left + width
    for place, money in zip(at, rows["money"].to_numpy(float), strict=True):
        axes.annotate(short(money), (money, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_yticks(at, [wrapped(place, 24) for place in rows["place"]])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_title(picture.title)
    axes.set_xlabel(names.say("figure.funds.x", money=names.money))
    thousands(axes)
    grid(axes)
    picture.legend(loc="outside lower center", ncols=3)
