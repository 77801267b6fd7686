"""Every county in one table that can be sorted and searched."""

from __future__ import annotations

from typing import Any

from optimizer.report.blocks import LONG_TABLE, Column, Named, Section, Table
from optimizer.report.view import View

MARKED = {"population": 3}


def counties(view: View) -> Section:
    """One row for each county."""
    column, table = view.column, view.counties
    columns = [
        column("county"),
        Column(view.names.level("province")),
        Column(view.names.level("prefecture")),
        column("population", "number", "persons"),
        column("money", "number", "money"),
        column("per_head", "number", "base"),
    ]
    columns += [column("change_against", "signed_percent", against=view.t(f"against.{which}")) for which in view.baselines]
    columns += [
        column("covered_share", "share"),
        column("left", "number", "person_needs"),
        column("partners"),
        column("projects", "number", "projects"),
    ]
    table = table.sort_values("money", ascending=False, kind="stable") if len(table) > LONG_TABLE else table
    rows = [_row(view, str(county), row) for county, row in zip(table.index, table.to_dict("records"), strict=True)]
    told = view.grounds.cells("counties", "population")
    marks = {(n, MARKED["population"]): told[county] for n, county in enumerate(table.index) if county in told}
    notes = (view.t("note.marks"),) if marks else ()
    grounds = view.grounds.of("population", "people", *(["last"] if "last" in view.baselines else []))
    return Section(
        "counties",
        view.t("section.counties"),
        (
            Table(
                "counties",
                view.t("table.counties"),
                tuple(columns),
                rows,
                (*notes, view.t("note.covered")),
                grounds,
                search=True,
                wide=True,
                marks=marks,
                sheet=view.names.say("sheet.distribution"),
            ),
        ),
    )


def _row(view: View, county: str, row: dict[Any, Any]) -> list[Any]:
    changes = [row[f"{which}_change_percent"] for which in view.baselines]
    return [
        Named(str(row["name"]), county),
        row["province"],
        row["prefecture"],
        row["population"],
        row["money"],
        row["per_head"],
        *changes,
        row["share"],
        row["gap"],
        row["partners"],
        row["projects"],
    ]
