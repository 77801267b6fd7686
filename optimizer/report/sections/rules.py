"""Rules: how each stands, and what it costs where a folder of sensitivity is given."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.instance.settings import ExitRule, RuleBase
from optimizer.plan.exits import at_threshold
from optimizer.report.blocks import Block, Named, Section, Table
from optimizer.report.sections.pictures import picture
from optimizer.report.sections.prices import rule_prices
from optimizer.report.view import View

STATUSES = ("holds", "rounding", "broken", "off")


def rules(view: View) -> Section | None:
    """Nothing where the instance has no rules."""
    if not len(view.plan.rules):
        return None
    blocks: list[Block] = [_standing(view), *picture(view, "rules_slack"), *rule_prices(view)]
    return Section("rules", view.t("section.rules"), tuple(blocks))


def _standing(view: View) -> Table:
    """Each rule: rows that hold, are at their limit, rounded, broken or off."""
    plan = view.plan
    by_id = {rule.id: rule for rule in plan.instance.settings.rules}
    sourced = not view.names.retold
    rows: list[list[Any]] = []
    for rule, part in plan.rules.groupby("rule", sort=True):
        settings, status = by_id[str(rule)], part["status"].value_counts()
        rows.append(
            [
                Named(view.names.sentence(str(rule)), str(rule)) if sourced else view.names.sentence(str(rule)),
                *([settings.source] if sourced else []),
                view.t("rule.hard" if settings.hard else "rule.soft"),
                len(part),
                int(status.get("holds", 0)),
                at_limit(view, settings, part),
                *(int(status.get(name, 0)) for name in STATUSES[1:]),
            ]
        )
    column = view.column
    columns = (
        column("rule"),
        *([column("source")] if sourced else []),
        column("kind"),
        column("rows", "number"),
        column("holds", "number"),
        column("at_limit", "number"),
        column("rounding", "number"),
        column("broken", "number"),
        column("off", "number"),
    )
    return Table("rules", view.t("table.rules"), columns, rows, (view.t("note.rules"),))


def at_limit(view: View, rule: RuleBase, rows: pd.DataFrame) -> int:
    """Rows that hold with nothing to spare: less than a step of money, a gap just under an exit threshold."""
    plan = view.plan
    if isinstance(rule, ExitRule):
        return len(at_threshold(plan.data, rule, plan.coverage)) if rule.active else 0
    money = rows["unit"] == plan.instance.settings.money.unit
    return int(((rows["status"] == "holds") & (rows["slack"] <= money * plan.data.step)).sum())
