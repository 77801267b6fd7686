"""For the record: criteria, the audit clause by clause, and what it takes to make the plan again."""

from __future__ import annotations

import hashlib
from typing import Any

from optimizer.report.blocks import Block, Named, Section, Table, Words
from optimizer.report.figures.words import has
from optimizer.report.sections.verdict import verdict
from optimizer.report.view import View

#: Criteria of this package that speak of pairs: nothing to tell where there are none.
OF_PAIRS = frozenset({"fit", "fit_pairs", "disruption"})


def record(view: View) -> Section:
    """The end of the report."""
    blocks: list[Block] = [_criteria(view), Words(tuple(verdict(view)), "list"), *_audit(view), *_rules(view), _again(view)]
    return Section("record", view.t("section.record"), tuple(blocks))


def _criteria(view: View) -> Table:
    """Each criterion with value, bound and gap."""
    rows = []
    paired = len(view.plan.data.donors) > 0
    for row in view.plan.criteria.to_dict("records"):
        if row["criterion"] in OF_PAIRS and row["role"] == "indicator" and not paired:
            continue
        level = "" if row["level"] != row["level"] or row["level"] is None else f" {int(row['level'])}"
        rows.append(
            [
                view.names.criterion(str(row["criterion"])),
                view.t(f"role.{row['role']}") + level,
                view.t(f"sense.{row['sense']}"),
                view.names.unit(str(row["unit"])),
                *(row[name] for name in ("value", "bound", "gap", "gap_percent", "last", "factor")),
            ]
        )
    column = view.column
    columns = (
        column("criterion"),
        column("role"),
        column("sense"),
        column("unit"),
        column("value", "fine"),
        column("bound", "fine"),
        column("gap", "fine"),
        column("gap", "fine", "percent"),
        column("under", "fine", against=view.t("against.last")),
        column("under", "fine", against=view.t("against.factor")),
    )
    return Table("criteria", view.t("table.criteria"), columns, rows)


def _audit(view: View) -> list[Table]:
    audit = view.plan.audit
    if audit is None:
        return []
    rows = [
        [
            Named(view.names.either("clause", check.clause), check.clause if check.failed else ""),
            check.count,
            check.failed,
            check.where if check.failed else "",
        ]
        for check in audit.checks
        if check.count or check.failed
    ]
    columns = (view.column("clause"), view.column("facts", "number"), view.column("failed", "number"), view.column("where"))
    notes = (view.t("note.audit"),) if len(rows) < len(audit.checks) else ()
    return [Table("audit", view.t("table.audit"), columns, rows, notes)]


def _rules(view: View) -> list[Table]:
    """Rules as the instance has them, with their identifiers, where the report tells them in other words."""
    if not view.names.retold:
        return []
    rows = [[rule.id, rule.sentence, rule.source] for rule in view.plan.instance.settings.rules]
    columns = (view.column("identifier"), view.column("own_words", "quoted"), view.column("source", "quoted"))
    return [Table("rules-own", view.t("table.rules_own"), columns, rows, (view.t("note.rules_own"),))] if rows else []


def _again(view: View) -> Table:
    """What it takes to make the plan again."""
    plan, claims, t = view.plan, view.plan.claims, view.t
    settings = plan.instance.settings
    rows: list[list[Any]] = [
        [t("record.title"), settings.title],
        *([[t("head.source"), settings.source]] if settings.source else []),
        [t("record.periods"), t.listed([view.names.period(p) for p in plan.data.periods])],
        [t("record.method"), t(f"method.{claims.method}") if t.known(f"method.{claims.method}") else claims.method],
    ]
    scenario = claims.scenario or plan.instance.scenario_name
    rows += [[t("record.scenario"), Named(view.names.scenario(scenario), scenario)]] if scenario else []
    for key, value in plan.instance.changes:
        rows.append([t("record.change"), Named(view.names.change(str(key), value), f"{key} = {value}")])
    rows += [
        [t(f"setting.{key}"), view.names.say(f"setting.{value}") if has(f"setting.{value}") else str(value)]
        for key, value in claims.settings.items()
        if value is not None and t.known(f"setting.{key}")
    ]
    versions = t.listed([f"{name} {version}" for name, version in sorted(claims.versions.items())])
    rows += [[t("record.versions"), versions]] if versions else []
    if view.hashes:
        whole = "\n".join(f"{name} {value}" for name, value in sorted(view.hashes.items()))
        rows.append([t("record.hash"), hashlib.sha256(whole.encode()).hexdigest()])
        rows += [[t("record.file", file=name), value] for name, value in sorted(view.hashes.items())]
    return Table("again", t("table.again"), (view.column("what"), view.column("stands")), rows, (t("note.again"),))
