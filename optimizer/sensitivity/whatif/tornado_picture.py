"""A tornado as a picture: one bar for each key around the value of the unchanged instance, the widest on top."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.sensitivity.whatif.tornado import Tornado

BLUE, ORANGE = "#0072B2", "#E69F00"  # Okabe & Ito's palette, told apart by the colour-blind
MOST_BARS = 30


def draw(found: Tornado, file: Path) -> None:
    """Draw the low and the high end of each key as bars from the unchanged value, with what was changed beside them.

    An end without a plan is written instead of drawn.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    table = found.table.head(MOST_BARS)
    figure = Figure(figsize=(8.5, 1.4 + 0.42 * max(1, len(table))), layout="constrained")
    axes = figure.subplots()
    base = found.base if np.isfinite(found.base) else 0.0
    for place, row in enumerate(table.to_dict("records")):
        for end, colour in (("low", BLUE), ("high", ORANGE)):
            value = float(row[f"value_{end}"])
            wide = value - base if np.isfinite(value) else 0.0
            axes.barh(place, wide, left=base, color=colour, height=0.7, label=f"{end} value" if place == 0 else None)
            words = _plain(row[end]) if np.isfinite(value) else f"{_plain(row[end])}: {row[f'status_{end}']}"
            left = wide < 0 or (wide == 0 and end == "low")
            axes.text(base + wide, place, f" {words} ", va="center", ha="right" if left else "left", fontsize=8)
    axes.axvline(base, color="black", linewidth=0.8)
    axes.set_yticks(range(len(table)), [_plain(key) for key in table["key"]])
    axes.invert_yaxis()
    axes.margins(x=0.2)
    axes.ticklabel_format(axis="x", style="plain", useOffset=False)
    axes.set_xlabel(_plain(found.criterion) + (" (linear relaxation)" if found.runs.job.relax else ""))
    axes.set_title("What the answer hangs on: each figure alone at its low and its high value", fontsize=10)
    if len(table):
        axes.legend(loc="lower right", fontsize=8)
    figure.savefig(file, format="svg", metadata={"Date": None})


def _plain(name: object) -> str:
    """A name as plain text: matplotlib reads dollar signs as formulas."""
    return str(name).replace("$", r"\$")
