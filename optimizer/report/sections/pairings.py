"""Pairings: the map, kept, new and ended pairs, every pair, and how donors use their capacity."""

from __future__ import annotations

import pandas as pd

from optimizer.report.blocks import Block, Named, Section, Table
from optimizer.report.sections.pictures import picture
from optimizer.report.view import View

STATUSES = ("kept", "new", "ended")


def pairings(view: View) -> Section | None:
    """Who is paired with whom; nothing where the plan has no pairs."""
    if not len(view.plan.pairings):
        return None
    blocks: list[Block] = [
        _statuses(view),
        *picture(view, "pairings_map", "place", "existing"),
        *picture(view, "donor_capacity", "donors", "capacity"),
        _donors(view),
        _pairs(view),
    ]
    return Section("pairings", view.t("section.pairings"), tuple(blocks))


def _statuses(view: View) -> Table:
    """How many pairs are kept, new and ended."""
    pairs, rows = view.plan.pairings, []
    for status in STATUSES:
        some = pairs[pairs["status"] == status]
        rows.append(
            [view.t(f"pair.{status}"), len(some), some["donor"].nunique(), some["county"].nunique(), float(some["money"].sum())]
        )
    column = view.column
    columns = (
        column("status"),
        column("pairs", "number"),
        column("donors", "number"),
        column("counties", "number"),
        column("money", "number", "money"),
    )
    return Table("pair-statuses", view.t("table.pair_statuses"), columns, rows, (), view.grounds.of("existing"))


def _pairs(view: View) -> Table:
    """Every pair, the most money first."""
    rows = view.plan.pairings.sort_values(["money", "donor", "county"], ascending=[False, True, True], kind="stable")
    cells = [
        [
            Named(donor_name, str(row["donor"])),
            Named(county_name, str(row["county"])),
            view.placed.get(str(row["county"])),
            Named(view.t(f"pair.{row['status']}"), view.t("pair.locked") if row["locked"] else ""),
            row["fit"],
            row["distance"],
            row["money"],
        ]
        for row, donor_name, county_name in zip(
            rows.to_dict("records"), view.names.donors(rows["donor"]), view.names.counties(rows["county"]), strict=True
        )
    ]
    column = view.column
    columns = (
        column("donor"),
        column("county"),
        column("place"),
        column("status"),
        column("fit", "fine", "points"),
        column("distance", "number", "km"),
        column("money", "number", "money"),
    )
    return Table("pairs", view.t("table.pairs"), columns, cells, (), view.grounds.of("fit", "place", "existing"), search=True,
                 sheet=view.names.say("sheet.pairings"))


def _donors(view: View) -> Table:
    """What each donor gives, of what it could."""
    plan = view.plan
    chosen = (
        plan.pairings[plan.pairings["status"] != "ended"].groupby("donor").agg(pairs=("county", "nunique"), load=("load", "sum"))
    )
    given = plan.support.groupby("donor")["money"].sum()
    limit = plan.data.donor_money.groupby("donor")["money"].sum()
    table = (
        plan.data.donors[["pairs_max"]]
        .join([chosen, given.rename("given"), limit.rename("limit")])
        .fillna({"pairs": 0, "load": 0.0, "given": 0.0, "limit": 0.0})
    )
    names = dict(zip(table.index, view.names.donors(table.index), strict=True))
    ordered = (
        table.rename_axis("key")
        .assign(donor=list(table.index))
        .sort_values(["given", "donor"], ascending=[False, True], kind="stable")
    )
    rows = [
        [
            Named(names[str(donor)], str(donor)),
            row["given"],
            row["limit"],
            row["given"] / row["limit"] if row["limit"] > 0 else None,
            int(row["pairs"]),
            view.t("word.no_limit") if pd.isna(row["pairs_max"]) else int(row["pairs_max"]),
        ]
        for donor, row in ordered.iterrows()
    ]
    column = view.column
    columns = (
        column("donor"),
        column("given", "number", "money"),
        column("could_give", "number", "money"),
        column("used", "share"),
        column("pairs", "number"),
        column("pairs_max", "number", "pairs"),
    )
    return Table(
        "donors", view.t("table.donors"), columns, rows, (), view.grounds.of("donors", "capacity"), search=len(rows) > 30
    )
