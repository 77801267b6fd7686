"""A picture of a front: two criteria as a curve, more as parallel coordinates; the knee is marked."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.methods.pareto.front import Front

LINE, POINT, KNEE, REGION = "#30638e", "#003d5b", "#d1495b", "#dddddd"


def draw_front(front: Front, file: str | Path) -> Path:
    """Write the picture of a front as SVG or PNG, by the ending of the name.

    Returns
    -------
    Path : the file
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    place = Path(file)
    figure = Figure(figsize=(8, 5.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    (_two if len(front.names) == 2 else _parallel)(front, axes)
    end = "complete" if front.complete else "not complete"
    axes.set_title(f"{len(front)} points, {end}", loc="left")
    place.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Gg]lyph")  # a machine without such a font shows boxes instead
        _written(figure, place)
    return place


def _written(figure: Any, place: Path) -> None:
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "front"}):
        figure.savefig(place, metadata={"Date": None} if place.suffix == ".svg" else {"Software": None}, dpi=150)


def _label(front: Front, name: str) -> str:
    told = front.criteria[name]
    unit = f" ({told['unit']})" if told["unit"] else ""
    return f"{name}{unit} · {'more' if told['sense'] == 'max' else 'less'} is better"


def _two(front: Front, axes: Any) -> None:
    """The points over each other; edges of a continuous front as lines, the region that no plan reaches in grey."""
    first, second = front.names
    x, y = front.points[first].to_numpy(float), front.points[second].to_numpy(float)
    if front.kind == "continuous":
        axes.plot(x, y, color=LINE, zorder=2)
    axes.scatter(x, y, color=POINT, s=22, zorder=3, label="points")
    axes.margins(0.08)
    axes.autoscale_view()
    if len(front.unreachable):
        _region(front, axes)
    if front.knee is not None:
        at = front.points["point"] == front.knee
        axes.scatter(x[at], y[at], color=KNEE, s=70, zorder=4, label=f"knee (point {front.knee})")
    axes.set_xlabel(_label(front, first))
    axes.set_ylabel(_label(front, second))
    axes.legend()


def _region(front: Front, axes: Any) -> None:
    """Grey from each corner on towards the better side."""
    ends = axes.get_xlim(), axes.get_ylim()
    far = [e[1] if front.criteria[name]["sense"] == "max" else e[0] for e, name in zip(ends, front.names, strict=True)]
    near = [e[0] if front.criteria[name]["sense"] == "max" else e[1] for e, name in zip(ends, front.names, strict=True)]
    for corner in front.unreachable[front.names].to_numpy(float):
        at = np.where(np.isnan(corner), near, corner)
        axes.fill([at[0], far[0], far[0], at[0]], [at[1], at[1], far[1], far[1]], color=REGION, lw=0, zorder=1)
    axes.fill([], [], color=REGION, label="no plan (proved)")
    axes.set_xlim(ends[0])
    axes.set_ylim(ends[1])


def _parallel(front: Front, axes: Any) -> None:
    """One line a point over one axis a criterion; up is better, each axis from its nadir to its ideal."""
    good = 1.0 - front.shares()
    at = np.arange(len(front.names))
    for row in good:
        axes.plot(at, row, color=LINE, alpha=max(0.15, min(0.8, 20 / len(good))), lw=1)
    if front.knee is not None:
        row = good[int(np.flatnonzero(front.points["point"] == front.knee)[0])]
        axes.plot(at, row, color=KNEE, lw=2.5, label=f"knee (point {front.knee})")
        axes.legend()
    ideal, nadir = front.ideal, front.nadir
    axes.set_xticks(at, [f"{nadir[n]:,.6g}\n{_label(front, n)}" for n in front.names])
    axes.set_yticks([0, 1], ["worst", "best"])
    for k, name in enumerate(front.names):
        axes.axvline(k, color="#999999", lw=0.8, zorder=0)
        axes.annotate(f"{ideal[name]:,.6g}", (k, 1.02), ha="center")
    axes.set_ylim(-0.03, 1.08)
