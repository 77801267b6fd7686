"""A budget curve as a picture: the best value, or the band it lies in, over the money; and the price of money below it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.sensitivity.curves.curve import BudgetCurve

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#999999"  # Okabe & Ito's palette, told apart by the colour-blind
LABELS = {"exact": "best value", "relaxation": "no plan is better", "selection": "these pairs and projects",
          "solved": "best plan found"}
UNITS = {"1k_yuan": "thousand yuan", "10k_yuan": "10,000 yuan", "million_yuan": "million yuan", "100m_yuan": "100 million yuan"}


def draw(found: BudgetCurve, file: Path) -> None:
    """Draw values over budgets, and below them what one more million yuan brings."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 6), layout="constrained")
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    for tier, rows in found.table[found.table["value"].notna()].groupby("tier", sort=False):
        colour = {"solved": ORANGE, "selection": GREEN}.get(str(tier), BLUE)
        top.plot(rows["budget"], rows["value"], "o-" if len(rows) < 60 else "-", color=colour, markersize=3,
                 drawstyle="steps-post" if tier == "solved" and found.band is not None and found.band.growing else "default",
                 label=LABELS[str(tier)])
        step = rows["next_per_million"].to_numpy(float)[:-1]
        if len(step):
            below.stairs(step, rows["budget"].to_numpy(float), color=colour, baseline=None)
    if found.band is not None:
        grid = np.linspace(found.table["budget"].min(), found.table["budget"].max(), 200)
        edges = np.array([found.at(budget) for budget in grid])
        top.fill_between(grid, edges[:, 0], edges[:, 1], color=ORANGE, alpha=0.15, linewidth=0, label="the best plan lies here")
    if "nested_value" in found.table:
        rows = found.table[found.table["nested_value"].notna()]
        top.plot(rows["budget"], rows["nested_value"], "s--", color=GREY, markersize=4, label="no county loses")
    criterion = found.criterion.replace("_", " ")
    top.set_ylabel(_plain(f"{criterion} ({found.unit})" if found.unit else criterion))
    top.legend(frameon=False, fontsize=8)
    below.set_ylabel(_plain(f"a million {found.currency} brings"), fontsize=9)
    below.set_xlabel(_plain(f"budget ({UNITS.get(found.money, found.label)})"))
    for ruler in (top.yaxis, below.xaxis):
        ruler.set_major_formatter(lambda value, _: f"{value:,.10g}")
    figure.savefig(file, format="svg", metadata={"Date": None})


def _plain(name: str) -> str:
    """A name as plain text: matplotlib reads dollar signs as formulas."""
    return name.replace("$", r"\$")
