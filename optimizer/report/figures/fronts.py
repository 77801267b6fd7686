"""Fronts: two criteria over each other, more as parallel coordinates; the knee is marked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from optimizer.methods.pareto.front import Front
from optimizer.report.figures.canvas import (
    BLUE,
    LIGHT,
    RED,
    EmptyFigureError,
    Picture,
    grid,
    headed,
    paper,
    short,
    styled,
    thousands,
    wrapped,
)
from optimizer.report.figures.words import phrase, say, unit_word


@styled
def front(found: Front, *, lang: str = "en", labels: Mapping[str, tuple[str, str]] | None = None) -> Picture:
    """Every plan of a front by its criteria; for two of a continuous front also the edges, and where no plan is.

    Parameters
    ----------
    labels : criterion → its name and its unit in the reader's words; by default those that the front itself knows

    Returns
    -------
    Picture : data: the points of the front

    Raises
    ------
    EmptyFigureError : the front has no points
    """
    if not len(found):
        raise EmptyFigureError(say(lang, "nothing.front"))
    title = say(lang, "figure.front", points=len(found)) + ("" if found.complete else " " + say(lang, "figure.front.part"))
    picture = paper("front", title, found.points, 4.6)
    headed(picture)
    axes = picture.subplots()
    told = {name: _label(found, name, lang, (labels or {}).get(name)) for name in found.names}
    (_two if len(found.names) == 2 else _parallel)(found, axes, lang, told)
    return picture


def _label(found: Front, name: str, lang: str, label: tuple[str, str] | None) -> str:
    told, (words, unit) = found.criteria[name], label or ("", "")
    words = phrase(lang, name, unit or unit_word(lang, told["unit"]), words)
    return wrapped(say(lang, f"figure.front.{told['sense']}", name=words), 34, 3)


def _two(found: Front, axes: Axes, lang: str, labels: Mapping[str, str]) -> None:
    first, second = found.names
    x, y = found.points[first].to_numpy(float), found.points[second].to_numpy(float)
    if found.kind == "continuous":
        axes.plot(x, y, color=BLUE, zorder=2)
    axes.scatter(x, y, color=BLUE, s=20, zorder=3, label=say(lang, "figure.front.point"), gid="points")
    axes.margins(0.08)
    axes.autoscale_view()
    if len(found.unreachable):
        _region(found, axes, lang)
    if found.knee is not None:
        at = (found.points["point"] == found.knee).to_numpy()
        axes.scatter(x[at], y[at], color=RED, s=70, marker="D", zorder=4, label=say(lang, "figure.front.knee", point=found.knee))
    axes.set_xlabel(labels[first])
    axes.set_ylabel(labels[second])
    thousands(axes)
    thousands(axes, "y")
    grid(axes, "both")
    axes.legend(loc="best", frameon=True, framealpha=0.8, edgecolor="none")


def _region(found: Front, axes: Axes, lang: str) -> None:
    """Grey from each corner on towards the better side."""
    ends = axes.get_xlim(), axes.get_ylim()
    more = [found.criteria[name]["sense"] == "max" for name in found.names]
    far = [end[1] if better else end[0] for end, better in zip(ends, more, strict=True)]
    near = [end[0] if better else end[1] for end, better in zip(ends, more, strict=True)]
    for corner in found.unreachable[found.names].to_numpy(float):
        at = np.where(np.isnan(corner), near, corner)
        axes.fill([at[0], far[0], far[0], at[0]], [at[1], at[1], far[1], far[1]], color=LIGHT, lw=0, zorder=1)
    axes.fill([], [], color=LIGHT, label=say(lang, "figure.front.region"))
    axes.set_xlim(ends[0])
    axes.set_ylim(ends[1])


def _parallel(found: Front, axes: Axes, lang: str, labels: Mapping[str, str]) -> None:
    """One line a plan over one axis a criterion; up is better, each axis from its worst to its best value."""
    good, at = pd.DataFrame(1.0 - found.shares()), np.arange(len(found.names))
    for row in good.to_numpy():
        axes.plot(at, row, color=BLUE, alpha=max(0.15, min(0.8, 20 / len(good))), lw=1)
    if found.knee is not None:
        row = good.to_numpy()[int(np.flatnonzero(found.points["point"] == found.knee)[0])]
        axes.plot(at, row, color=RED, lw=2.5, label=say(lang, "figure.front.knee", point=found.knee))
        axes.legend(loc="lower right", frameon=True, framealpha=0.8, edgecolor="none")
    axes.set_xticks(at, [f"{short(found.nadir[name])}\n{labels[name]}" for name in found.names])
    axes.set_yticks([0, 1], [say(lang, "figure.front.worst"), say(lang, "figure.front.best")])
    for place, name in enumerate(found.names):
        axes.axvline(place, color="#999999", lw=0.8, zorder=0)
        axes.annotate(short(found.ideal[name]), (place, 1.02), ha="center", fontsize=8)
    axes.set_ylim(-0.03, 1.1)
    axes.set_xlim(-0.35, len(found.names) - 0.65)
