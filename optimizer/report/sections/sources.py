"""What the figures rest on: the instance's sources, column by column, and columns of which nothing is said."""

from __future__ import annotations

from typing import Any

from optimizer.report.blocks import Block, Named, Section, Table, Words
from optimizer.report.grounds import SIGNS, SILENT
from optimizer.report.view import View


def sources(view: View) -> Section:
    """Observed, modelled and assumed figures told apart."""
    blocks: list[Block] = [Words(tuple(view.t(f"status.{status}.says", sign=SIGNS[status]) for status in SIGNS), "list")]
    source = view.names.quoted(view.plan.instance.settings.source)
    blocks += [Words((view.t("sources.instance", source=source),), "text")] if source else []
    rows = [*_stated(view), *_silent(view)]
    columns = (
        view.column("table"),
        view.column("column"),
        view.column("what_status"),
        view.column("cells"),
        view.column("source", "quoted"),
        view.column("note", "quoted"),
    )
    notes = (view.t("note.quoted"),)
    blocks += [Table("sources", view.t("table.sources"), columns, rows, notes, search=len(rows) > 30)] if rows else []
    return Section("sources", view.t("section.sources"), tuple(blocks))


def _stated(view: View) -> list[list[Any]]:
    stated, out = view.grounds.stated, []
    kinds = stated.groupby(["table", "column"])["status"].nunique().to_dict()
    for (table, column, status, source), rows in stated.groupby(["table", "column", "status", "source"], sort=True):
        whole = bool((rows["key"] == "*").any())
        cells = view.t("cells.others" if kinds[table, column] > 1 else "cells.all") if whole else f"{len(rows):,}"
        note = str(rows["note"].iloc[0]) if rows["note"].nunique() == 1 else ""
        out.append(
            [
                view.names.either("table.name", str(table)),
                _column(view, str(column)),
                _status(view, str(status)),
                cells,
                str(source),
                note,
            ]
        )
    return out


def _column(view: View, column: str) -> Named:
    if column == "*":
        return Named(view.t("cells.all"))
    word = view.names.column(column)
    return Named(word, "" if view.t.known(f"column.{column}") or word == column else column)


def _status(view: View, status: str) -> str:
    return f"{SIGNS[status]} {view.t(f'status.{status}')}"


def _silent(view: View) -> list[list[Any]]:
    """Numeric columns in use of which the instance says nothing."""
    said, out = set(zip(view.grounds.stated["table"], view.grounds.stated["column"], strict=True)), []
    for name, frame in view.plan.instance.tables.items():
        if name == "provenance":
            continue
        used = frame.loc[:, frame.notna().any()].select_dtypes("number").columns
        for column in map(str, used):
            if not {(name, column), (name, column.split("@")[0]), (name, "*")} & said:
                out.append(
                    [
                        view.names.either("table.name", name),
                        _column(view, column),
                        _status(view, SILENT),
                        view.t("cells.all"),
                        "",
                        "",
                    ]
                )
    return out
