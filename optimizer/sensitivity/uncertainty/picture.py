"""One picture of an uncertainty study: what the kept plan comes to, and how sure each choice is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.sensitivity.uncertainty.study import Uncertainty

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#999999"  # Okabe & Ito's palette, told apart by the colour-blind


def draw(found: Uncertainty, file: Path) -> None:
    """Draw the first criterion over all runs, kept and made anew, and the choices from the surest to the least sure."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    outcome = found.plan.outcome
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for column, label, colour in ((f"kept.{outcome.criterion}", "plan kept", BLUE),
                                  (f"again.{outcome.criterion}", "solved again", ORANGE)):
        values = found.runs[column].dropna().to_numpy(float) if column in found.runs else np.empty(0)
        if len(values):
            left.plot(np.sort(values), np.arange(1, len(values) + 1) / len(values), drawstyle="steps-post", color=colour,
                      label=label)
    if outcome.objective is not None:
        left.axvline(outcome.objective, color=GREY, linestyle=":", label="figures as given")
    left.set_xlabel(f"{outcome.criterion} ({outcome.unit})".replace("$", r"\$"))
    left.set_ylabel("share of runs with no more")
    left.legend(fontsize=8)
    choices = found.selection.dropna(subset=["share"]).sort_values("share", ascending=False, kind="stable")
    for held, label, colour in ((1, "in the plan", BLUE), (0, "not in the plan", ORANGE)):
        rows = np.flatnonzero(choices["in_plan"].to_numpy() == held)
        right.scatter(rows + 1, choices["share"].to_numpy(float)[rows], s=10, color=colour, label=label)
    right.set_ylim(-0.02, 1.02)
    right.set_xlabel("pairs and projects, from the surest on")
    right.set_ylabel("share of runs that choose it")
    if len(choices):
        right.legend(fontsize=8)
    figure.savefig(file, format="svg", metadata={"Date": None})
