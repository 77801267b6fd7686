"""Figures of a plan as functions, drawn with matplotlib; `plan.plot` offers the same.

Each function takes a plan (or a result), ``lang`` (``en`` or ``zh``), and returns a `Picture`, a matplotlib figure that
also holds its name, its title and the numbers drawn. Loaded when first used, since matplotlib takes its time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizer.report.figures.canvas import EmptyFigureError, Picture
    from optimizer.report.figures.coverage import coverage_by_need
    from optimizer.report.figures.evenness import lorenz
    from optimizer.report.figures.funds import funds_by_region
    from optimizer.report.figures.page import svg
    from optimizer.report.figures.pairings import pairings_map

HOMES = {
    "EmptyFigureError": "canvas", "Picture": "canvas", "svg": "page", "coverage_by_need": "coverage", "funds_by_region": "funds",
    "lorenz": "evenness", "pairings_map": "pairings",
}
__all__ = ["EmptyFigureError", "Picture", "coverage_by_need", "funds_by_region", "lorenz", "pairings_map", "svg"]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
