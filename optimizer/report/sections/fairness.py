"""Fairness: the Lorenz curve, indicators before and after, and how the poorest tenth fares."""

from __future__ import annotations

import math

from optimizer.report.blocks import Block, Named, Section, Table, Words
from optimizer.report.sections.pictures import picture
from optimizer.report.view import View

TOP = 20


def fairness(view: View) -> Section:
    """How evenly coverage and money are spread."""
    blocks: list[Block] = [
        *picture(view, "lorenz", "population", "people"),
        *picture(view, "indicators", "population", "people"),
        _indicators(view),
    ]
    blocks += [_poorest(view)] if _incomes(view) else [Words((view.t("note.no_incomes"),), "note")]
    return Section("fairness", view.t("section.fairness"), tuple(blocks))


def _incomes(view: View) -> bool:
    return not bool(view.plan.data.counties["income"].isna().any())


def _indicators(view: View) -> Table:
    """Every indicator over all counties."""
    found = view.indicators
    rows = [
        [
            view.names.outcome(str(row["outcome"])),
            Named(view.t(f"indicator.{row['indicator']}"), view.t(f"indicator.{row['indicator']}.says")),
            row["before"],
            row["after"],
            _unit(view, str(row["unit"])),
        ]
        for row in found[(found["by"] == "county") & (found["group"] == "all")].to_dict("records")
    ]
    columns = (
        view.column("outcome"),
        view.column("indicator"),
        view.column("before", "fine"),
        view.column("after", "fine"),
        view.column("unit"),
    )
    return Table(
        "indicators",
        view.t("table.indicators"),
        columns,
        rows,
        (view.t("note.indicators"),),
        view.grounds.of("population", "people", *(["income"] if _incomes(view) else [])),
    )


def _unit(view: View, unit: str) -> str:
    """Units of indicators, squares included."""
    square = unit.startswith("(")
    plain = unit.strip("()²")
    told = view.t("unit.base_per_head", base=view.names.base) if plain == "yuan per head" else view.names.unit(plain)
    return view.t("unit.square", unit=told) if square else told


def _poorest(view: View) -> Table:
    """The tenth of counties with the lowest incomes, the poorest first."""
    income, counties = view.plan.data.counties["income"], view.counties
    poorest = income.sort_values(kind="stable").index[: max(1, math.ceil(len(income) / 10))]
    marks = view.grounds.cells("counties", "income")
    rows = [
        [
            Named(str(row["name"]), str(county)),
            view.placed[str(county)],
            float(income.to_dict()[county]),
            row["money"],
            row["per_head"],
            row["share"],
        ]
        for county, row in counties.loc[poorest[:TOP]].iterrows()
    ]
    tenth, values = counties.loc[poorest], income.loc[poorest].to_numpy(float)
    people, population = float(tenth["people"].sum()), float(tenth["population"].sum(skipna=False))
    rows.append(
        [
            Named(view.t("poorest.all"), view.t.count("county", len(poorest))),
            None,
            float(values.mean()),
            float(tenth["money"].sum()),
            float(tenth["money"].sum()) * view.plan.data.yuan / population if population > 0 else None,
            float(tenth["covered"].sum()) / people if people > 0 else None,
        ]
    )
    column = view.column
    columns = (
        column("county"),
        column("place"),
        column("income", "number", "income"),
        column("money", "number", "money"),
        column("per_head", "number", "base"),
        column("covered_share", "share"),
    )
    told = {(n, 2): status for n, county in enumerate(poorest[:TOP]) if (status := marks.get(str(county)))}
    notes = (view.t("note.top", shown=f"{min(TOP, len(poorest)):,}", all=f"{len(poorest):,}"),) if len(poorest) > TOP else ()
    return Table(
        "poorest",
        view.t("table.poorest"),
        columns,
        rows,
        notes,
        view.grounds.of("income", "population", "people"),
        totals=frozenset({len(rows) - 1}),
        marks=told,
    )
