"""Projects: by category, sector and region; what is chosen, and what is next in line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.report.blocks import Block, Column, Named, Section, Table
from optimizer.report.sections.pictures import picture
from optimizer.report.view import View

TOP, NEXT = 60, 8
WHATS = ("cost", "effects")


def projects(view: View) -> Section | None:
    """Which projects are paid for; nothing where the instance has none."""
    if not len(view.plan.data.projects):
        return None
    blocks: list[Block] = [
        _by(view, "category"),
        *picture(view, "projects_by_sector", "cost"),
        *_sectors(view),
        *_regions(view),
        *_chosen(view),
        *_next(view),
    ]
    return Section("projects", view.t("section.projects"), tuple(blocks))


def _offered(view: View) -> pd.DataFrame:
    """Every project with its county's place, and what the plan takes of it."""
    plan = view.plan
    sums = plan.projects.groupby("project")[["amount", "cost", "tail", "own"]].sum()
    known = plan.data.projects[["name", "county", "category", "sector", "whole_cost", "status"]].copy()
    for name in sums:
        known[f"taken_{name}"] = sums[name].reindex(known.index).fillna(0.0)
    known["started"] = known.index.isin(sums.index)
    if view.places != "county":
        known["place"] = known["county"].map(plan.data.counties[view.places])
    return known


def _sums(view: View, label: Any, rows: pd.DataFrame) -> list[Any]:
    return [
        label,
        int(rows["started"].sum()),
        len(rows),
        *(float(rows[f"taken_{name}"].sum()) for name in ("cost", "tail", "own")),
    ]


def _columns(view: View, head: str) -> tuple[Column, ...]:
    column = view.column
    return (
        Column(head),
        column("started", "number", "projects"),
        column("offered", "number", "projects"),
        *(column(name, "number", "money") for name in ("cost", "tail", "own")),
    )


def _by(view: View, column: str) -> Table:
    """Started of offered, and what it costs, by a column."""
    offered = _offered(view)
    name = {"category": view.names.category, "sector": view.names.sector}.get(
        column, lambda value: view.names.places(view.places, [value])[0]
    )
    rows = [
        _sums(view, name(str(value)), part) for value, part in offered.groupby(column, sort=column != "category", dropna=True)
    ]
    rows.append(_sums(view, view.t("word.all"), offered[offered[column].notna()]))
    word = "place" if column == "place" else column
    head = view.names.level(view.places) if column == "place" else view.t(f"head.{column}")
    return Table(
        f"projects-{word}",
        view.t(f"table.projects_{word}"),
        _columns(view, head),
        rows,
        (),
        view.grounds.of("cost"),
        totals=frozenset({len(rows) - 1}),
    )


def _sectors(view: View) -> list[Table]:
    known = view.plan.data.projects["sector"].dropna()
    return [_by(view, "sector")] if len(known) and known.nunique() > 1 else []


def _regions(view: View) -> list[Table]:
    return [_by(view, "place")] if view.places != "county" else []


def _chosen(view: View) -> list[Table]:
    """The dearest projects that are started; all of them to download."""
    plan = view.plan
    rows = plan.projects.sort_values(["cost", "project"], ascending=[False, True], kind="stable")
    if not len(rows):
        return []
    names, counties = plan.data.projects["name"].to_dict(), view.counties["name"].to_dict()
    cells = [
        [
            Named(str(names[row.project]), str(row.project)),
            Named(counties[row.county], str(row.county)),
            view.names.category(str(row.category)),
            _sector(view, row.sector),
            view.names.period(row.start),
            row.amount,
            row.cost,
            row.tail,
            row.own,
        ]
        for row in rows.itertuples(index=False)
    ]
    column = view.column
    columns = (
        column("project"),
        column("county"),
        column("category"),
        column("sector"),
        column("start"),
        column("amount", "number", "projects"),
        *(column(name, "number", "money") for name in ("cost", "tail", "own")),
    )
    notes = (view.t("note.top_full", shown=f"{min(TOP, len(cells)):,}", all=f"{len(cells):,}"),) if len(cells) > TOP else ()
    return [
        Table(
            "projects-chosen",
            view.t("table.projects_chosen"),
            columns,
            cells[:TOP],
            notes,
            view.grounds.of("cost"),
            search=True,
            full=cells,
            sheet=view.names.say("sheet.projects"),
        )
    ]


def _sector(view: View, sector: Any) -> str:
    return "" if sector is None or sector != sector or sector == "" else view.names.sector(str(sector))


def _next(view: View) -> list[Table]:
    """Projects that are not started, those that reach most people for their money first, some of each category.

    Where a folder of sensitivity is given, those that could bring most at its prices come first.
    """
    offered = _offered(view)
    waiting = offered[~offered["started"] & (offered["status"] != "forbid")].copy()
    if not len(waiting):
        return []
    waiting["rate"] = view.people_per_money.reindex(waiting.index)
    reduced = _reduced(view)
    waiting["gain"] = reduced.reindex(waiting.index) if reduced is not None else np.nan
    by = ["gain", "rate"] if reduced is not None else ["rate"]
    ordered = (
        waiting.rename_axis("key")
        .assign(project=list(waiting.index))
        .sort_values([*by, "project"], ascending=[False] * len(by) + [True], kind="stable")
    )
    shown = ordered.groupby("category", sort=False).head(NEXT)
    shown = shown.sort_values(
        "category",
        kind="stable",
        key=lambda values: values.map({name: n for n, name in enumerate(view.plan.instance.settings.categories)}),
    )
    counties = view.counties["name"].to_dict()
    cells = [
        [
            Named(str(row["name"]), str(project)),
            Named(counties[row["county"]], str(row["county"])),
            view.names.category(str(row["category"])),
            _sector(view, row["sector"]),
            float(row["whole_cost"]),
            row["rate"],
            *([row["gain"]] if reduced is not None else []),
        ]
        for project, row in shown.iterrows()
    ]
    column = view.column
    columns = [
        column("project"),
        column("county"),
        column("category"),
        column("sector"),
        column("whole_cost", "number", "money"),
        Column(view.t("head.rate"), "fine", view.t("unit.per", over=view.t("unit.weighted person-periods"), under=view.money)),
    ]
    columns += (
        [Column(view.t("head.could_bring"), "number", view.names.unit(view.plan.outcome.unit))] if reduced is not None else []
    )
    note = view.t("note.next_prices" if reduced is not None else "note.next_rate", each=NEXT, all=f"{len(waiting):,}")
    return [Table("projects-next", view.t("table.projects_next"), tuple(columns), cells, (note,), view.grounds.of(*WHATS))]


def _reduced(view: View) -> pd.Series | None:
    """Project → what it could bring at most at the prices of a given sensitivity."""
    found = view.given.of("sensitivity")
    if not found:
        return None
    table = found[0].table
    if "reduced" not in table:
        return None
    rows = table[(table["kind"] == "project") & table["reduced"].notna()]
    return (
        pd.Series(rows["reduced"].to_numpy(float), index=rows["index"].str.removeprefix("project="), dtype=float)
        .groupby(level=0)
        .first()
    )
