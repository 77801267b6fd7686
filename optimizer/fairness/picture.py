"""One picture of the price of fairness: what each sense costs, and how its plan fares under every other sense."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from optimizer.fairness.price import PriceOfFairness

BLUE, GREY = "#0072B2", "#999999"  # Okabe & Ito's palette, told apart by the colour-blind


def draw(found: PriceOfFairness, file: Path) -> None:
    """Draw prices as bars and, beside them, each plan's value under each sense, written and shaded from worst to best."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    table = found.table[found.table["coverage"].notna()].reset_index(drop=True)
    senses = list(table.columns[list(table.columns).index("poorest_tenth") + 1:])
    height = 1.6 + 0.42 * len(table)
    figure = Figure(figsize=(5.5 + 0.95 * len(senses), height), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[4, max(1, len(senses))])
    at = np.arange(len(table))
    left.barh(at, table["price_percent"], color=[GREY, *[BLUE] * (len(table) - 1)])
    for n, value in zip(at, table["price_percent"], strict=True):
        left.text(max(value, 0), n, f" {value:.2f} %", va="center", fontsize=8)
    left.set_yticks(at, [_plain(name) for name in table["plan"]])
    left.invert_yaxis()
    left.margins(x=0.25)
    left.set_xlabel("people not reached, % of the most" + (" (no more than)" if found.held else ""))
    left.set_title("Price of fairness", fontsize=10)
    right.imshow(_shades(table[senses], found.better), aspect="auto", cmap="cividis", vmin=0, vmax=1, alpha=0.55)
    for row, values in enumerate(table[senses].to_numpy(float)):
        for column, value in enumerate(values):
            right.text(column, row, f"{value:.3g}" if np.isfinite(value) else "", ha="center", va="center", fontsize=7)
    right.set_xticks(range(len(senses)), [_plain(name) for name in senses], rotation=40, ha="right", fontsize=8)
    right.set_title("Value of each plan under each sense (yellow: best of its column)", fontsize=10)
    figure.savefig(file, format="svg", metadata={"Date": None})


def _plain(name: object) -> str:
    """A name as plain text: matplotlib reads dollar signs as formulas."""
    return str(name).replace("$", r"\$")


def _shades(values: pd.DataFrame, better: Mapping[str, str]) -> np.ndarray:
    """Each column from 0 (its worst value) to 1 (its best)."""
    out = np.full(values.shape, np.nan)
    for column, name in enumerate(values.columns):
        series = values[name].to_numpy(float) * (1.0 if better[str(name)] == "max" else -1.0)
        finite = series[np.isfinite(series)]
        if len(finite):
            low, wide = finite.min(), float(np.ptp(finite))
            out[:, column] = (series - low) / wide if wide > 0 else 1.0
    return out
