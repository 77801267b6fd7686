"""Recommendations for review: the chosen partner of each county, and the price of the best alternative."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.report.blocks import Block, Column, Named, Table
from optimizer.report.given import Result
from optimizer.report.view import View

MOST = 400


def recommended(view: View, result: Result, mark: str) -> list[Block]:
    """A row for each county: its partners, its best alternative and what that would cost."""
    table, rows = result.table, []
    for county, part in table.groupby("county", sort=True):
        chosen, others = part[part["rank"] == 1], part[part["rank"] > 1].sort_values("rank", kind="stable")
        rows.append(
            [
                _county(view, str(county)),
                _donors(view, chosen),
                float(chosen["fit"].sum()) if len(chosen) else None,
                len(others),
                *(_alternative(view, others.iloc[0]) if len(others) else [None] * 5),
            ]
        )
    column, unit = view.column, view.names.unit(view.plan.outcome.unit)
    columns = (
        column("county"),
        column("recommended"),
        column("fit", "fine", "points"),
        column("alternatives", "number", "donors"),
        column("best_alternative"),
        column("fit_alternative", "fine", "points"),
        column("people_change", "signed", "people"),
        Column(view.t("head.price_low"), "number", unit),
        Column(view.t("head.price_high"), "number", unit),
    )
    notes = [view.t("note.recommended")]
    notes += [view.t("note.top_full", shown=f"{MOST:,}", all=f"{len(rows):,}")] if len(rows) > MOST else []
    return [
        Table(
            f"recommended{mark}",
            view.titled("table.recommended", result),
            columns,
            rows[:MOST],
            tuple(notes),
            search=True,
            full=rows,
        )
    ]


def _county(view: View, county: str) -> Named:
    return Named(view.counties["name"].to_dict().get(county, county), county)


def _donors(view: View, rows: pd.DataFrame) -> str:
    return view.t.listed(view.names.donors(rows["donor"].astype(str)))


def _alternative(view: View, row: pd.Series) -> list[Any]:
    donor = str(row["donor"])
    return [Named(view.names.donors([donor])[0], donor), row["fit"], row["people_change"], row["price_low"], row["price_high"]]
