"""Coverage by need: who was covered before, who is now and how, who is left."""

from __future__ import annotations

from typing import Any

from optimizer.report.blocks import Block, Column, Named, Section, Table
from optimizer.report.sections.pictures import picture
from optimizer.report.view import View

PARTS = ["people", "carried", "built", "direct", "covered", "gap", "direct_cost"]
TOP = 15
WHATS = ("people", "unit_cost", "effects")


def coverage(view: View) -> Section | None:
    """Needs before and after, and where people are left; nothing where nobody is in need."""
    if not float(view.plan.coverage["people"].sum()):
        return None
    blocks: list[Block] = [*picture(view, "coverage_by_need", *WHATS), _needs(view), *_left_by_place(view), _left_by_county(view)]
    return Section("coverage", view.t("section.coverage"), tuple(blocks))


def _needs(view: View) -> Table:
    """Each need and period."""
    sums = view.plan.coverage.groupby(["need", "period"], sort=False)[PARTS].sum().reset_index()
    column = view.column
    columns = (
        column("need"),
        column("period"),
        column("people", "number", "people"),
        column("carried", "number", "people"),
        column("built", "number", "people"),
        column("direct", "number", "people"),
        column("covered", "number", "people"),
        column("covered_share", "share"),
        column("left", "number", "people"),
        column("direct_cost", "number", "money"),
    )
    rows = [
        [
            view.names.need(str(row["need"])),
            view.names.period(row["period"]),
            *(float(row[name]) for name in ("people", "carried", "built", "direct", "covered")),
            float(row["covered"] / row["people"]) if row["people"] else None,
            float(row["gap"]),
            float(row["direct_cost"]),
        ]
        for row in sums.to_dict("records")
    ]
    notes = (view.t("note.before"), view.t("note.twice"))
    return Table("needs", view.t("table.needs"), columns, rows, notes, view.grounds.of(*WHATS))


def _gaps(view: View) -> Any:
    """County → need → people left in the last period."""
    last = view.plan.coverage[view.plan.coverage["period"] == view.plan.data.periods[-1]]
    pivot = last.pivot_table(index="county", columns="need", values="gap", aggfunc="sum", fill_value=0.0)
    return pivot.reindex(view.plan.data.counties.index).fillna(0.0)


def _left_by_place(view: View) -> list[Table]:
    """People left by place and need."""
    if view.places == "county":
        return []
    gaps = _gaps(view)
    where = view.plan.data.counties[view.places]
    rows = [[view.t("word.all"), *(float(gaps[need].sum()) for need in gaps), float(gaps.to_numpy().sum())]]
    for place in sorted(where.dropna().unique()):
        inside = gaps[(where == place).to_numpy()]
        rows.append(
            [
                view.names.places(view.places, [place])[0],
                *(float(inside[need].sum()) for need in gaps),
                float(inside.to_numpy().sum()),
            ]
        )
    columns = (
        view.column("level", level=view.names.level(view.places)),
        *_need_columns(view, list(gaps)),
        view.column("in_all", "number", "person_needs"),
    )
    title = view.t(
        "table.left_places", period=view.names.period(view.plan.data.periods[-1]), level=view.names.level(view.places)
    )
    return [Table("left-places", title, columns, rows, (), view.grounds.of(*WHATS), totals=frozenset({0}))]


def _need_columns(view: View, needs: list[str]) -> list[Column]:
    return [Column(view.names.need(need), "number", view.t("unit.people")) for need in needs]


def _left_by_county(view: View) -> Table:
    """Counties with most people left."""
    gaps, counties = _gaps(view), view.counties
    total = gaps.sum(axis=1).sort_values(ascending=False, kind="stable")
    rows = []
    for county in total[total > 0].head(TOP).index:
        row = counties.loc[[county]].iloc[0]
        rows.append(
            [
                Named(str(row["name"]), str(county)),
                view.placed[str(county)],
                *(float(gaps[need].to_dict()[county]) for need in gaps),
                float(total.to_dict()[county]),
                row["share"],
            ]
        )
    columns = (
        view.column("county"),
        view.column("place"),
        *_need_columns(view, list(gaps)),
        view.column("in_all", "number", "person_needs"),
        view.column("covered_share", "share"),
    )
    notes = (view.t("note.top", shown=f"{len(rows):,}", all=f"{int((total > 0).sum()):,}"), view.t("note.all_counties"))
    return Table(
        "left-counties",
        view.t("table.left_counties", period=view.names.period(view.plan.data.periods[-1])),
        columns,
        rows,
        notes,
        view.grounds.of(*WHATS),
    )
