"""`report.html`: one page that needs nothing else, every text escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from optimizer.plan.compare import against_baseline
from optimizer.plan.indicators import advice
from optimizer.plan.plan import Plan
from optimizer.report import facts
from optimizer.report.headlines import context_line, headlines
from optimizer.report.text import number, percent, signed


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("optimizer.report", "templates"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=select_autoescape(default=True, default_for_string=True, enabled_extensions=("html", "j2")),
    )
    environment.filters |= {"number": number, "percent": percent, "signed": signed}
    return environment


def context(plan: Plan) -> dict[str, Any]:
    """Everything the template shows."""
    table = facts.distribution_of(plan)
    most, least = facts.ends(plan, table)
    settings = plan.instance.settings
    return {
        "title": settings.title or "Allocation plan", "money": settings.money.label, "headlines": headlines(plan, table),
        "places": facts.by_place(plan, table), "needs": facts.by_need(plan), "evenness": facts.evenness(plan),
        "pairings": facts.pairings(plan), "more_pairs": max(0, len(plan.pairings) - facts.MOST_PAIRS),
        "projects": facts.projects(plan), "rules": facts.rules(plan), "most": most, "least": least,
        "why": reasons(plan, [row["county"] for row in (*most, *least)]),
        "criteria": facts.records(plan.criteria), "provenance": facts.provenance(plan), "advice": advice(plan),
        "audit": [] if plan.audit is None else list(plan.audit.checks), "passed": plan.audit is not None and plan.audit.passed,
        "periods": plan.data.periods, "has": set(table.columns), "source": settings.source, **context_line(plan),
    }


def reasons(plan: Plan, counties: list[str]) -> dict[str, str]:
    """A sentence for each county, against last year or else the factor method, where the instance has either."""
    if not counties:
        return {}
    if len(plan.instance.tables["baseline"]):
        found = against_baseline(plan, "last", estimate=False)
    elif plan.instance.settings.factor is not None:
        found = against_baseline(plan, "factor", estimate=False)
    else:
        return {}
    known = found.counties["money_change"].notna()
    return {county: found.why(county) for county in counties if pd.notna(known.get(county)) and bool(known[county])}


def render(plan: Plan) -> str:
    """The page as text."""
    return _environment().get_template("report.html.j2").render(context(plan))


def write_report(plan: Plan, path: Path) -> None:
    """Write ``report.html``."""
    path.write_text(render(plan), encoding="utf-8", newline="")
