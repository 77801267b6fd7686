"""Figures of a plan as functions, drawn with matplotlib; `plan.plot` offers the same.

Each function takes a plan (or a result), ``lang`` (``en`` or ``zh``), and returns a `Picture`, a matplotlib figure that
also holds its name, its title and the numbers drawn. Loaded when first used, since matplotlib takes its time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan
    from optimizer.report.figures.canvas import EmptyFigureError, Picture
    from optimizer.report.figures.capacity import donor_capacity
    from optimizer.report.figures.changes import winners_losers
    from optimizer.report.figures.coverage import coverage_by_need
    from optimizer.report.figures.evenness import lorenz
    from optimizer.report.figures.fronts import front
    from optimizer.report.figures.funds import funds_by_region
    from optimizer.report.figures.inequality import indicators
    from optimizer.report.figures.page import svg
    from optimizer.report.figures.pairings import pairings_map
    from optimizer.report.figures.per_head import funds_per_head
    from optimizer.report.figures.results import budget_curve, tornado
    from optimizer.report.figures.sectors import projects_by_sector
    from optimizer.report.figures.side_by_side import scenarios
    from optimizer.report.figures.standing import rules_slack

#: Figures of one plan, in the order of a report, and the modules they live in.
OF_A_PLAN = {
    "funds_by_region": "funds", "funds_per_head": "per_head", "winners_losers": "changes", "coverage_by_need": "coverage",
    "lorenz": "evenness", "indicators": "inequality", "pairings_map": "pairings", "donor_capacity": "capacity",
    "projects_by_sector": "sectors", "rules_slack": "standing",
}
HOMES = OF_A_PLAN | {
    "EmptyFigureError": "canvas", "Picture": "canvas", "budget_curve": "results", "front": "fronts",
    "scenarios": "side_by_side", "svg": "page", "tornado": "results",
}
__all__ = [
    "EmptyFigureError", "Picture", "budget_curve", "coverage_by_need", "donor_capacity", "drawn", "front", "funds_by_region",
    "funds_per_head", "indicators", "lorenz", "pairings_map", "projects_by_sector", "rules_slack", "scenarios", "svg", "tornado",
    "winners_losers",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def drawn(plan: Plan, *, lang: str = "en") -> dict[str, Picture]:
    """Every figure of a plan that it has something for, by name, in the order of a report."""
    from optimizer.report.figures.canvas import EmptyFigureError

    out = {}
    for name in OF_A_PLAN:
        try:
            out[name] = __getattr__(name)(plan, lang=lang)
        except EmptyFigureError:
            continue
    return out
