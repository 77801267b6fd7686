"""The sections in the order of the report."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.report.blocks import Section
from optimizer.report.sections.counties import counties
from optimizer.report.sections.coverage import coverage
from optimizer.report.sections.fairness import fairness
from optimizer.report.sections.first import first
from optimizer.report.sections.funds import funds
from optimizer.report.sections.pairings import pairings
from optimizer.report.sections.projects import projects
from optimizer.report.sections.record import record
from optimizer.report.sections.rules import rules
from optimizer.report.sections.scenarios import scenarios
from optimizer.report.sections.sensitivity import sensitivity
from optimizer.report.sections.sources import sources
from optimizer.report.view import View

ORDER: tuple[Callable[[View], Section | None], ...] = (
    first,
    funds,
    coverage,
    fairness,
    pairings,
    projects,
    rules,
    sensitivity,
    scenarios,
    counties,
    sources,
    record,
)


def sections(view: View) -> list[Section]:
    """Every section that has something to show."""
    found = [make(view) for make in ORDER]
    return [section for section in found if section is not None]
