"""The first sentences of the report, made from the data."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.text import count, number, percent, signed

STATUS = {
    "optimal": "No plan can be better: optimality is proved.",
    "within_gap": "The plan is within the gap that was asked for.",
    "limit": "The run ended at its limit; a better plan may exist.",
    "interrupted": "The run was interrupted; a better plan may exist.",
}


def headlines(plan: Plan, table: pd.DataFrame) -> list[str]:
    """What a reader must know first: money, people, proof, pairs, projects, change, what the audit found."""
    out = [_money(plan), _people(plan), _proof(plan), *_leximin(plan), *_pairs(plan),
           *_projects(plan), *_changes(plan, table), _audit(plan)]
    return [sentence for sentence in out if sentence]


def _money(plan: Plan) -> str:
    label = plan.instance.settings.money.label
    total = float(plan.funds["money"].sum())
    reached = plan.funds["county"].nunique()
    streams = plan.funds.groupby("stream")["money"].sum().sort_values(ascending=False)
    names = {name: stream.label or name for name, stream in plan.data.streams.items()}
    parts = ", ".join(f"{number(float(money))} from {names[str(name)]}" for name, money in streams.items())
    over = "" if len(plan.data.periods) == 1 else f" over {len(plan.data.periods)} periods"
    return f"{number(total)} {label} go to {count(reached, 'county', 'counties')}{over}: {parts}."


def _people(plan: Plan) -> str:
    last = plan.coverage[plan.coverage["period"] == plan.data.periods[-1]]
    people, covered = float(last["people"].sum()), float(last["covered"].sum())
    if people <= 0:
        return ""
    sums = last.groupby("need")[["covered", "people"]].sum()
    shares = (sums["covered"] / sums["people"].where(sums["people"] > 0)).dropna().sort_values()
    needs = plan.instance.settings.needs
    names = [needs[str(need)].label or str(need) for need in (shares.index[0], shares.index[-1])]
    spread = f"; least {names[0]} ({percent(float(shares.iloc[0]))}), most {names[1]} ({percent(float(shares.iloc[-1]))})"
    return (f"In {plan.data.periods[-1]} {number(covered)} of {number(people)} person-needs are covered "
            f"({percent(covered / people)}){spread if len(shares) > 1 else ''}. A person with two needs counts twice.")


def _proof(plan: Plan) -> str:
    outcome = plan.outcome
    text = STATUS.get(outcome.status, f"Status: {outcome.status}.")
    if outcome.status == "optimal" and len(plan.claims.levels) > 1:
        text = "Each criterion in its turn is as good as those before it allow: optimality is proved level by level."
    if outcome.bound is None or outcome.objective is None or outcome.gap_percent is None:
        return text
    beyond = "exceeds" if outcome.sense == "max" else "goes below"
    return (f"{text} {outcome.criterion} is {number(outcome.objective)} {outcome.unit}; no plan {beyond} "
            f"{number(outcome.bound)}, so at most {outcome.gap_percent:.3g} % is left.")


def _leximin(plan: Plan) -> list[str]:
    """How many of the worst levels were settled, how many of them are proved, and which only to a gap."""
    out = []
    for name, levels in plan.claims.leximin.items():
        proved = [float(level.get("gap", 0.0)) for level in levels if level["proved"]]
        near = [gap for gap in proved if gap > 0]
        text = f"{name}, from the worst outcome on: {count(len(levels), 'level', 'levels')} settled, {len(proved) - len(near)} " \
               "proved to be the best"
        text += f", {len(near)} proved to within {100 * max(near):.2g} %" if near else ""
        out.append(f"{text}, {len(levels) - len(proved)} not proved." if len(proved) < len(levels) else f"{text}.")
    return out


def _pairs(plan: Plan) -> list[str]:
    if not len(plan.pairings):
        return []
    status = plan.pairings["status"].value_counts()
    label = plan.instance.settings.money.label
    chosen = plan.pairings[plan.pairings["status"] != "ended"]
    return [f"{count(len(chosen), 'pair', 'pairs')} of {count(chosen['donor'].nunique(), 'donor', 'donors')} and "
            f"{count(chosen['county'].nunique(), 'county', 'counties')} bring {number(float(chosen['money'].sum()))} {label}: "
            f"{int(status.get('kept', 0))} kept, {int(status.get('new', 0))} new, {int(status.get('ended', 0))} ended."]


def _projects(plan: Plan) -> list[str]:
    if not len(plan.data.projects):
        return []
    label = plan.instance.settings.money.label
    return [f"{count(plan.projects['project'].nunique(), 'project', 'projects')} of {len(plan.data.projects):,} are paid for, "
            f"at {number(float(plan.projects['cost'].sum()))} {label}."]


def _changes(plan: Plan, table: pd.DataFrame) -> list[str]:
    label, out = plan.instance.settings.money.label, []
    counties = table[table["level"] == "county"]
    for which, name in (("last", "last year"), ("factor", "the factor method")):
        if f"{which}_change" not in table:
            continue
        known = counties[counties[f"{which}_change"].notna()]
        more, less = int((known[f"{which}_change"] > 0).sum()), int((known[f"{which}_change"] < 0).sum())
        total = float(known[f"{which}_change"].sum())
        out.append(f"Against {name}, on the same streams, {more} counties get more and {less} less "
                   f"({signed(total)} {label} in all).")
    return out


def _audit(plan: Plan) -> str:
    if plan.audit is None:
        return "The plan has not been audited."
    rows = sum(check.count for check in plan.audit.checks)
    if not plan.audit.passed:
        return f"The audit FAILS: {len(plan.audit.failures)} clauses are broken."
    broken = plan.rules[(plan.rules["status"] == "broken")]
    soft = f" {count(broken['rule'].nunique(), 'soft rule is', 'soft rules are')} broken at their price." if len(broken) else ""
    return f"The audit recomputed {rows:,} facts in exact arithmetic and all hold.{soft}"


def context_line(plan: Plan) -> dict[str, Any]:
    """Facts for the foot of the page."""
    return {"versions": dict(plan.claims.versions), "scenario": plan.claims.scenario or plan.instance.scenario_name,
            "changes": [(key, str(value)) for key, value in plan.instance.changes], "unaudited": list(plan.claims.unaudited)}
