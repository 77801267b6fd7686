"""Cards of an instance, a plan and a comparison of two."""

from __future__ import annotations

from optimizer.display.html import ROWS, Cell, Figure, Rows, card, given
from optimizer.instance.check import check
from optimizer.instance.instance import Instance
from optimizer.instance.settings_sections import LABELS
from optimizer.plan.compare import Comparison
from optimizer.plan.plan import Plan
from optimizer.report.figures.names import Names
from optimizer.report.figures.words import labelled, unit_word
from optimizer.report.sections.first import told
from optimizer.report.text import count, percent, signed
from optimizer.report.view import View

TABLES = {"counties": ("county", "counties"), "donors": ("donor", "donors"), "projects": ("project", "projects")}


def instance_card(instance: Instance) -> str:
    """What an instance holds: its tables, needs, money by stream, rules, and what a check says of it."""
    settings = instance.settings
    findings = check(instance)
    errors = sum(finding.severity == "error" for finding in findings)
    sizes = [count(len(instance.tables[name]), one, many) for name, (one, many) in TABLES.items() if len(instance.tables[name])]
    active = sum(bool(rule.active) for rule in settings.rules)
    sentences = [
        f"{', '.join(sizes)}; {'year' if len(settings.periods) == 1 else 'years'} {_years(list(settings.periods))}; "
        f"{count(active, 'rule', 'rules')} in force.",
        *([f"Changed: {', '.join(f'{key} = {value}' for key, value in instance.changes)}."] if instance.changes else []),
        "A check finds " + (f"{count(errors, 'error', 'errors')} and " if errors else "no error and ")
        + f"{count(len(findings) - errors, 'warning', 'warnings')}.",
    ]
    tables = [] if errors else [_needs(instance), _budgets(instance)]
    faults = Rows("Findings", ["finding"], [[finding.sentence()] for finding in findings], "optimizer.check(instance)")
    return card(settings.title or "Instance", sentences, [*tables, faults])


def _years(periods: list[int]) -> str:
    return str(periods[0]) if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"


def _needs(instance: Instance) -> Rows:
    needs = instance.data.needs.reset_index()
    people = needs.groupby(["need", "period"])["people"].sum()
    periods = list(instance.settings.periods)
    rows: list[list[Cell]] = [
        [labelled("en", "need", name, need.label or ""), *(float(people.get((name, period), float("nan"))) for period in periods)]
        for name, need in instance.settings.needs.items()]
    return Rows("People in need", ["need", *(f"{period} (people)" for period in periods)], rows)


def _budgets(instance: Instance) -> Rows:
    budgets = instance.data.budgets.groupby("stream")["amount"].sum()
    rows: list[list[Cell]] = [[labelled("en", "stream", name, stream.label or ""), float(budgets.get(name, float("nan")))]
            for name, stream in instance.settings.streams.items() if name in budgets.index]
    money = instance.settings.money
    unit = unit_word("en", money.unit) if LABELS.get(money.unit) == money.label else money.label
    return Rows("Money, all years", ["stream", f"budget ({unit})"], rows)


def plan_card(plan: Plan) -> str:
    """A plan at a glance: what was decided in sentences, money by stream, coverage by need."""
    names = Names(plan, "en")
    settings = plan.instance.settings
    spent = plan.streams.groupby("stream", sort=False)[["budget", "spent"]].sum()
    streams = Rows("Money by stream, all years", ["stream", f"budget ({names.money})", f"spent ({names.money})"],
                   [[names.stream(str(name)), float(row["budget"]), float(row["spent"])] for name, row in spent.iterrows()])
    last = plan.coverage[plan.coverage["period"] == plan.data.periods[-1]]
    sums = last.groupby("need", sort=False)[["people", "covered", "gap"]].sum()
    heads = ["need", "in need (people)", "covered (people)", "left (people)", "covered (share)"]
    needs = Rows(f"Coverage in {plan.data.periods[-1]}", heads,
                 [[names.need(str(name)), float(row["people"]), float(row["covered"]), float(row["gap"]),
                   Figure(percent(row["covered"] / row["people"] if row["people"] else None))] for name, row in sums.iterrows()])
    return card(f"Plan: {settings.title}" if settings.title else "Plan", told(View(plan)), [streams, needs])


def comparison_card(found: Comparison) -> str:
    """Who gains, who loses, and what else differs."""
    names = Names(found.plan, "en")
    winners, losers = found.winners, found.losers
    made = (found.pairs["change"] == "made").sum() if len(found.pairs) else 0
    sentences = [
        f"{count(len(winners), 'county gets', 'counties get')} more money than {found.against}, "
        f"{count(len(losers), 'county', 'counties')} less.",
        f"{count(int(made), 'pair', 'pairs')} made, {len(found.pairs) - int(made):,} ended; "
        f"{count(len(found.projects), 'project differs', 'projects differ')}." if found.before is not None else "",
    ]
    tables = []
    for caption, rows in (("Gain most", winners), ("Lose most", losers)):
        top = rows.head(ROWS // 2)
        tables.append(Rows(
            caption, ["county", f"before ({names.money})", f"after ({names.money})", f"change ({names.money})"],
            [[given(name), before, after, Figure(signed(change))] for name, before, after, change in zip(
                names.counties([str(key) for key in top.index]), top["money_before"], top["money_after"], top["money_change"],
                strict=True)],
        ))
    return card("Two plans side by side", sentences, tables)
