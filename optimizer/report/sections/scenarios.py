"""Other plans side by side: criteria, money, coverage by need, who wins and loses, pairs and projects that change."""

from __future__ import annotations

from typing import Any

from optimizer.plan.compare import compare
from optimizer.plan.plan import Plan
from optimizer.report import figures
from optimizer.report.blocks import Block, Column, Named, Section, Table
from optimizer.report.naming import Naming
from optimizer.report.sections.pictures import drawn
from optimizer.report.text import number
from optimizer.report.view import View

#: Changes that say how long and how to solve, and nothing of what is planned.
OF_THE_SOLVER = frozenset(f"settings.{name}" for name in ("time_limit", "gap", "threads", "seed"))


def scenarios(view: View) -> Section | None:
    """Nothing where no other plan is given."""
    if not view.given.plans:
        return None
    plans = _named(view)
    blocks: list[Block] = [
        *drawn(view, lambda: figures.scenarios(plans, lang=view.t.lang)),
        _criteria(view, plans),
        _needs(view, plans),
        _streams(view, plans),
        _differences(view),
    ]
    return Section("scenarios", view.t("section.scenarios"), tuple(blocks))


def _named(view: View) -> dict[str, Plan]:
    """This plan and the others, by names that differ."""
    out = {view.t("word.this_plan"): view.plan}
    for folder, plan in view.given.plans:
        folder = _called(view, plan) or folder
        name, n = folder, 2
        while name in out:
            name, n = f"{folder} ({n})", n + 1
        out[name] = plan
    return out


def _called(view: View, plan: Plan) -> str:
    """The scenario that a plan was made for, in words; nothing where it was made for none."""
    scenario = plan.claims.scenario or plan.instance.scenario_name
    return Naming(plan, view.t).scenario(scenario) if scenario else ""


def _columns(head: str, plans: dict[str, Plan], kind: str, unit: str = "") -> tuple[Column, ...]:
    return (Column(head), *(Column(name, kind, unit) for name in plans))


def _criteria(view: View, plans: dict[str, Plan]) -> Table:
    values = {
        name: plan.criteria.drop_duplicates("criterion").set_index("criterion")["value"].to_dict() for name, plan in plans.items()
    }
    rows: list[list[Any]] = []
    for row in view.plan.criteria.drop_duplicates("criterion").to_dict("records"):
        name = str(row["criterion"])
        words = Named(
            view.names.criterion(name),
            view.t("criterion.unit", unit=view.names.unit(str(row["unit"])), sense=view.t(f"sense.{row['sense']}")),
        )
        rows.append([words, *(each.get(name) for each in values.values())])
    return Table("scenario-criteria", view.t("table.scenario_criteria"), _columns(view.t("head.criterion"), plans, "fine"), rows)


def _needs(view: View, plans: dict[str, Plan]) -> Table:
    """Share of the people of each need that is covered in the last period."""
    shares = {}
    for name, plan in plans.items():
        last = plan.coverage[plan.coverage["period"] == plan.data.periods[-1]]
        sums = last.groupby("need")[["covered", "people"]].sum()
        shares[name] = (sums["covered"] / sums["people"].where(sums["people"] > 0)).to_dict()
    rows = [
        [view.names.need(need), *(share.get(need) for share in shares.values())] for need in view.plan.instance.settings.needs
    ]
    return Table("scenario-needs", view.t("table.scenario_needs"), _columns(view.t("head.need"), plans, "share"), rows)


def _streams(view: View, plans: dict[str, Plan]) -> Table:
    sums = {name: plan.funds.groupby("stream")["money"].sum().to_dict() for name, plan in plans.items()}
    rows = [
        [view.names.stream(stream), *(float(each.get(stream, 0.0)) for each in sums.values())]
        for stream in view.plan.data.streams
    ]
    rows.append([view.t("word.all"), *(float(plan.funds["money"].sum()) for plan in plans.values())])
    return Table(
        "scenario-streams",
        view.t("table.scenario_streams"),
        _columns(view.t("head.stream"), plans, "number", view.money),
        rows,
        totals=frozenset({len(rows) - 1}),
    )


def _differences(view: View) -> Table:
    """What changes from this plan to each of the others."""
    rows = []
    for name, other in list(_named(view).items())[1:]:
        found = compare(view.plan, other)
        whole = found.groups.iloc[0]
        told = Naming(other, view.t)
        changes = [told.change(str(key), value) for key, value in other.instance.changes if str(key) not in OF_THE_SOLVER]
        pairs = {kind: int((found.pairs["change"] == kind).sum()) for kind in ("made", "ended")}
        more, less = (
            int((found.projects["after"] > found.projects["before"]).sum()),
            int((found.projects["after"] < found.projects["before"]).sum()),
        )
        rows.append(
            [
                Named(name, "" if view.t.listed(changes) == name else view.t.listed(changes)),
                int(whole["winners"]),
                int(whole["losers"]),
                float(whole["money_change"]),
                pairs["made"],
                pairs["ended"],
                more,
                less,
                None if other.outcome.gap_percent is None else f"{number(other.outcome.gap_percent, 3)} %",
            ]
        )
    column = view.column
    columns = (
        column("plan"),
        column("more", "number", "counties"),
        column("less", "number", "counties"),
        column("change", "signed", "money"),
        column("pairs_made", "number", "pairs"),
        column("pairs_ended", "number", "pairs"),
        column("projects_more", "number", "projects"),
        column("projects_less", "number", "projects"),
        column("gap", "plain"),
    )
    return Table("scenario-differences", view.t("table.scenario_differences"), columns, rows, (view.t("note.scenarios"),))
