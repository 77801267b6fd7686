"""Identifiers that name nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import near
from optimizer.instance.findings import Finding
from optimizer.instance.schema import TABLES

REFERS = {  # (table, column): what the identifier has to be among
    ("needs", "county"): "counties", ("needs", "need"): "needs",
    ("tiers", "county"): "counties", ("tiers", "need"): "needs",
    ("budgets", "stream"): "streams", ("donors", "stream"): "streams",
    ("pairs", "donor"): "donors", ("pairs", "county"): "counties",
    ("projects", "county"): "counties", ("projects", "category"): "categories",
    ("effects", "project"): "projects", ("effects", "need"): "needs", ("effects", "county"): "counties",
    ("uses", "project"): "projects", ("uses", "resource"): "resources",
    ("brings", "donor"): "donors", ("brings", "county"): "counties", ("brings", "resource"): "resources",
    ("baseline", "county"): "counties", ("baseline", "stream"): "streams", ("baseline", "category"): "categories",
}
SINGULAR = {
    "counties": "county", "donors": "donor", "projects": "project", "resources": "resource", "needs": "need",
    "categories": "category", "streams": "stream",
}
IN_SETTINGS = {"needs", "categories", "streams"}


def check(view: View) -> Iterator[Finding]:
    """Every identifier in the tables and in the first blocks of the settings."""
    for (table, column), target in REFERS.items():
        yield from _column(view, table, column, target)
    yield from _requires(view)
    yield from _streams_of_donors(view)
    yield from _provenance(view)
    yield from _resources(view)
    yield from _settings(view)
    yield from _labels(view)


def _column(view: View, table: str, column: str, target: str) -> Iterator[Finding]:
    if column not in view.frame(table).columns:
        return
    cells = view.text(table, column)
    known = view.identifiers(target)
    unknown = cells.notna() & ~cells.isin(known)
    if unknown.any():
        where = f"{target} in instance.yaml" if target in IN_SETTINGS else view.file(target)
        yield from view.cells(
            table, column, unknown, f"is no {SINGULAR[target]} of this instance",
            lambda i: f"{near(str(cells[i]), known)} Correct it, or add it to {where}.",
        )


def _requires(view: View) -> Iterator[Finding]:
    known = view.identifiers("projects")
    wanted = view.lists("projects", "requires")
    unknown = {i: [p for p in listed if p not in known] for i, listed in enumerate(wanted) if listed}
    mask = np.zeros(view.size("projects"), dtype=bool)
    mask[[i for i, missing in unknown.items() if missing]] = True
    yield from view.cells(
        "projects", "requires", mask, lambda i: f"requires '{unknown[i][0]}', which is no project of this instance",
        lambda i: f"{near(unknown[i][0], known)} Correct it, or take it out of the list.",
    )


def _labels(view: View) -> Iterator[Finding]:
    """Words for columns: each must be a column of some table."""
    known = frozenset(str(column).partition("@")[0] for table in TABLES for column in view.frame(table).columns)
    for name, label in view.settings.labels.items():
        if name not in known:
            yield view.setting("labels", name, None, label, "labels a column that no table has", near(name, known))


def _resources(view: View) -> Iterator[Finding]:
    """Scopes of resources, and what pairs bring to resources that are not counted by county."""
    scopes = view.text("resources", "scope")
    frame = view.frame("counties")
    columns = frozenset({c for c in map(str, frame.columns) if frame[c].dtype.kind not in "fiub"} | {"all", "county"})
    yield from view.cells(
        "resources", "scope", scopes.notna() & ~scopes.isin(columns), "is neither all, county nor a text column of counties",
        lambda i: near(str(scopes[i]), columns),
    )
    of = view.text("resources", "of")
    held = {c: frozenset(view.text("counties", c).dropna()) for c in scopes[scopes.isin(columns - {"all"})].unique()}
    wrong = [s in held and o is not None and o not in held[s] for s, o in zip(scopes, of, strict=True)]
    yield from view.cells("resources", "of", np.array(wrong, dtype=bool), "is no value of its scope in counties",
                          lambda i: near(str(of[i]), held[scopes[i]]))
    by_county = set(view.text("resources", "resource")[scopes == "county"])
    brought = view.text("brings", "resource")
    unused = brought.isin(view.identifiers("resources")) & ~brought.isin(by_county)
    yield from view.cells("brings", "resource", unused,
                          "has no capacity of scope county, so what the pair brings counts for nothing",
                          f"Give it a row with scope county in {view.file('resources')}, or delete the row.", "warning")


def _streams_of_donors(view: View) -> Iterator[Finding]:
    if not view.size("donors"):
        return
    given = view.text("donors", "stream")
    transfer = {name for name, s in view.settings.streams.items() if s.kind == "transfer"}
    yield from view.cells(
        "donors", "stream", given.isin(transfer), "is a stream with a budget; a donor's money belongs to one of kind pairing",
        f"Name one of: {', '.join(view.pairing_streams)}.",
    )
    if len(view.pairing_streams) > 1:
        yield from view.cells(
            "donors", "stream", given.isna(), "there are several streams of kind pairing and this donor names none",
            f"Name one of: {', '.join(view.pairing_streams)}.",
        )


def _provenance(view: View) -> Iterator[Finding]:
    tables = view.text("provenance", "table")
    known = frozenset(set(TABLES) - {"provenance"})
    yield from view.cells(
        "provenance", "table", tables.notna() & ~tables.isin(known), "is no table of the format",
        lambda i: near(str(tables[i]), known),
    )
    for table in tables[tables.isin(known)].unique():
        yield from _provenance_of(view, table, (tables == table).to_numpy())


def _provenance_of(view: View, table: str, here: np.ndarray) -> Iterator[Finding]:
    """The rows ``here`` of provenance, which speak of ``table``."""
    columns, keys = view.text("provenance", "column"), view.text("provenance", "key")
    present = set(map(str, view.frame(table).columns))
    named = frozenset(present | {c.partition("@")[0] for c in present} | {c.name for c in TABLES[table].columns} | {"*"})
    yield from view.cells(
        "provenance", "column", here & columns.notna().to_numpy() & ~columns.isin(named).to_numpy(), f"is no column of {table}",
        lambda i: near(str(columns[i]), named),
    )
    rows = set(view.keys(table)) | {"*"}
    yield from view.cells(
        "provenance", "key", here & keys.notna().to_numpy() & ~keys.isin(rows).to_numpy(), f"names no row of {table}",
        f"Write the identifiers {'/'.join(TABLES[table].key)} as they stand there, or * for all rows.",
    )


def _settings(view: View) -> Iterator[Finding]:
    categories = view.identifiers("categories")
    for name, need in view.settings.needs.items():
        if need.category not in categories:
            yield view.setting("needs", name, "category", need.category, "is no category of this instance",
                               f"{near(str(need.category), categories)} Correct it, or add it under categories.")
    for name, stream in view.settings.streams.items():
        for category in stream.categories or ():
            if category not in categories:
                yield view.setting("streams", name, "categories", category, "is no category of this instance",
                                   f"{near(str(category), categories)} Correct it, or add it under categories.")
    if view.settings.factor is not None:
        transfer = frozenset(n for n, s in view.settings.streams.items() if s.kind == "transfer")
        for name in view.settings.factor.streams:
            if name not in transfer:
                yield view.setting("factor", None, "streams", name, "is no stream with a budget", near(name, transfer))
