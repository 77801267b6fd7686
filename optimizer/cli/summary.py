"""A plan in a few sentences, and the same facts for machines."""

from __future__ import annotations

from typing import Any

from optimizer.plan.plan import Plan
from optimizer.report.sections.first import told
from optimizer.report.view import View


def sentences(plan: Plan) -> list[str]:
    """Money by stream, people covered, how good the plan is proved to be, pairs, projects, changes, the audit."""
    title = plan.instance.settings.title
    scenario = plan.instance.scenario_name
    label = plan.instance.settings.scenarios[scenario].label or scenario if scenario else ""
    first = [" – ".join(part for part in (title, label) if part)] if title or label else []
    return first + told(View(plan))


def facts(plan: Plan) -> dict[str, Any]:
    """Outcome, money by stream, people by need and period, pairs, projects, criteria and the audit's verdict."""
    people = plan.coverage.groupby(["need", "period"], sort=False)[["people", "covered"]].sum().reset_index()
    status = plan.pairings["status"].value_counts()
    report = plan.audit
    return {
        **plan.outcome.to_dict(),
        "title": plan.instance.settings.title, "scenario": plan.instance.scenario_name,
        "changes": [list(change) for change in plan.instance.changes],
        "money_unit": plan.instance.settings.money.unit,
        "money": plan.funds.groupby("stream")["money"].sum().to_dict(),
        "people": people.to_dict("records"),
        "pairs": {name: int(status.get(name, 0)) for name in ("kept", "new", "ended")},
        "projects": int(plan.projects["project"].nunique()),
        "criteria": plan.criteria.set_index("criterion")["value"].to_dict(),
        "audit": None if report is None else {"passed": report.passed, "checks": len(report.checks),
                                              "failures": [check.sentence() for check in report.failures]},
        "seconds": dict(plan.claims.seconds),
    }
