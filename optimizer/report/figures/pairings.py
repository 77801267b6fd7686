"""Pairs on a map of dots and lines: coordinates only, no borders."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import BLUE, GREY, LIGHT, ORANGE, RED, EmptyFigureError, Picture, grid, paper, styled
from optimizer.report.figures.names import Names

LINES = {"ended": (RED, ":"), "new": (BLUE, "-"), "kept": ("black", "-")}


@styled
def pairings_map(plan: Plan, *, lang: str = "en") -> Picture:
    """Donors and counties at their coordinates, a line for each pair: kept, new or ended.

    Returns
    -------
    Picture : data: donor, county, status, money, lon_donor, lat_donor, lon_county, lat_county (degrees)

    Raises
    ------
    EmptyFigureError : no pair has coordinates at both ends
    """
    names = Names(plan, lang)
    pairs = _placed(plan)
    drawn = pairs.dropna().reset_index(drop=True)
    if not len(drawn):
        raise EmptyFigureError(names.say("nothing.pairs"))
    everyone = plan.data.counties[["lon", "lat"]].dropna()
    height = _height(np.concatenate([drawn[["lon_donor", "lat_donor"]], everyone]))
    picture = paper("pairings_map", names.say("figure.map"), drawn, height)
    axes = picture.subplots()
    for status, (colour, line) in LINES.items():
        rows = drawn[drawn["status"] == status]
        if len(rows):
            ends = rows[["lon_donor", "lat_donor", "lon_county", "lat_county"]].to_numpy(float).reshape(-1, 2, 2)
            faint = max(0.35, min(0.9, 60 / len(rows)))
            axes.add_collection(
                LineCollection(list(ends), colors=colour, linestyles=line, linewidths=0.7, alpha=faint, gid=status))
            axes.plot([], [], color=colour, linestyle=line, label=names.say(f"figure.map.{status}", count=len(rows)))
    _dots(plan, axes, drawn, names)
    axes.set_title(picture.title)
    axes.set_xlabel(names.say("figure.map.x"))
    axes.set_ylabel(names.say("figure.map.y"))
    axes.set_aspect(1 / np.cos(np.radians(float(everyone["lat"].mean()))), adjustable="datalim")
    grid(axes, "both")
    if len(drawn) < len(pairs):
        missing = names.say("figure.map.nowhere", count=len(pairs) - len(drawn))
        axes.text(0.01, 0.01, missing, transform=axes.transAxes, fontsize=7)
    picture.legend(loc="outside lower center", ncols=3)
    return picture


def _placed(plan: Plan) -> pd.DataFrame:
    """Pairs with the coordinates of both ends."""
    pairs = plan.pairings[["donor", "county", "status", "money"]].reset_index(drop=True)
    for end, table in (("donor", plan.data.donors), ("county", plan.data.counties)):
        for axis in ("lon", "lat"):
            pairs[f"{axis}_{end}"] = pairs[end].map(table[axis]).astype(float)
    return pairs


def _dots(plan: Plan, axes: Axes, drawn: pd.DataFrame, names: Names) -> None:
    """Counties without a partner first, then those with one, then donors."""
    counties = plan.data.counties[["lon", "lat"]].dropna()
    paired = counties.index.isin(drawn.loc[drawn["status"] != "ended", "county"])
    size = 14 if len(counties) < 200 else 6
    for rows, colour, edge, key in ((counties[~paired], LIGHT, GREY, "other"), (counties[paired], ORANGE, "black", "county")):
        if len(rows):
            axes.scatter(rows["lon"], rows["lat"], s=size, color=colour, edgecolors=edge, linewidths=0.3, zorder=3,
                         label=names.say(f"figure.map.{key}"), gid=key)
    donors = drawn.drop_duplicates("donor")
    axes.scatter(donors["lon_donor"], donors["lat_donor"], s=size * 1.4, marker="s", color="white", edgecolors=BLUE,
                 linewidths=1.0, zorder=4, label=names.say("figure.map.donor"), gid="donor")


def _height(points: np.ndarray) -> float:
    """Height in inches that shows degrees in their true proportion."""
    wide, high = np.ptp(points, axis=0)
    slope = high / max(wide * np.cos(np.radians(points[:, 1].mean())), 1e-9)
    return float(np.clip(6.3 * slope + 1.2, 3.6, 7.5))
