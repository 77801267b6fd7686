"""Funds: by stream, category, place and group, per head, and who wins and loses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.compare import Comparison
from optimizer.plan.indicators import group_columns
from optimizer.plan.reasons import WORDS
from optimizer.report.blocks import Block, Column, Named, Section, Table
from optimizer.report.sections.pictures import picture
from optimizer.report.view import View

TOP = 10


def funds(view: View) -> Section:
    """Where the money comes from, goes to and what changes."""
    blocks: list[Block] = [
        _streams(view),
        _categories(view),
        *picture(view, "funds_by_region", "budget"),
        _places(view),
        *_groups(view),
        *picture(view, "funds_per_head", "population"),
    ]
    blocks += picture(view, "winners_losers", *(["last"] if "last" in view.baselines else []))
    return Section("funds", view.t("section.funds"), (*blocks, *_changes(view)))


def _streams(view: View) -> Table:
    """What each stream had and paid; of donors' money, what they could give."""
    plan, rows = view.plan, []
    spent = plan.funds.groupby("stream")["money"].sum().to_dict()
    sums = plan.streams.groupby("stream")[["budget", "carried_in", "carried_out", "lapsed"]].sum().to_dict("index")
    limits = plan.data.donor_money.assign(stream=plan.data.donor_money["donor"].map(plan.data.donors["stream"]))
    given = limits.groupby("stream")["money"].sum().to_dict()
    for name, stream in plan.data.streams.items():
        had = sums.get(name, {})
        pairing = stream.kind == "pairing"
        budget = float(given.get(name, 0.0)) if pairing else float(had.get("budget", 0.0))
        paid = float(spent.get(name, 0.0))
        rest = [None] * 3 if pairing else [float(had.get(key, 0.0)) for key in ("carried_in", "carried_out", "lapsed")]
        small = view.t("stream.pairing") if pairing else ""
        rows.append([Named(view.names.stream(name), small), budget, paid, paid / budget if budget > 0 else None, *rest])
    total = float(plan.funds["money"].sum())
    rows.append(
        [view.t("word.all"), sum(row[1] for row in rows), total, None, *[sum(row[n] or 0.0 for row in rows) for n in (4, 5, 6)]]
    )
    column = view.column
    columns = (
        column("stream"),
        column("budget", "number", "money"),
        column("spent", "number", "money"),
        column("used", "share"),
        *(column(name, "number", "money") for name in ("carried_in", "carried_out", "lapsed")),
    )
    whats = ["budget", *(["donors"] if len(plan.data.donors) else [])]
    return Table(
        "streams", view.t("table.streams"), columns, rows, (), view.grounds.of(*whats), totals=frozenset({len(rows) - 1})
    )


def _categories(view: View) -> Table:
    """Money by category and stream."""
    plan = view.plan
    pivot = plan.funds.pivot_table(index="category", columns="stream", values="money", aggfunc="sum", fill_value=0.0)
    streams = [name for name in plan.data.streams if name in pivot]
    total, rows = float(plan.funds["money"].sum()), []
    for name in plan.instance.settings.categories:
        if name in pivot.index:
            parts = [float(pivot[stream].to_dict()[name]) for stream in streams]
            rows.append([view.names.category(name), *parts, sum(parts), sum(parts) / total if total else None])
    rows.append([view.t("word.all"), *(float(pivot[stream].sum()) for stream in streams), total, 1.0 if total else None])
    columns = (
        view.column("category"),
        *(Column(view.names.stream(stream), "number", view.money) for stream in streams),
        view.column("total", "number", "money"),
        view.column("share_of_money", "share"),
    )
    return Table("categories", view.t("table.categories"), columns, rows, totals=frozenset({len(rows) - 1}))


def _place_columns(view: View, head: str) -> tuple[Column, ...]:
    column = view.column
    changes = [
        (
            column("change_against", "signed", "money", against=view.t(f"against.{which}")),
            column("change_against", "signed_percent", against=view.t(f"against.{which}")),
        )
        for which in view.baselines
    ]
    return (
        Column(head),
        column("counties", "number"),
        column("population", "number", "persons"),
        column("money", "number", "money"),
        column("per_head", "number", "base"),
        *(each for pair in changes for each in pair),
        column("covered_share", "share"),
        column("left", "number", "person_needs"),
    )


def _place_row(view: View, name: Any, rows: pd.DataFrame, given: pd.Series | None = None) -> list[Any]:
    """A group of counties; ``given``: its row of the distribution table, where it has one."""
    people, covered = float(rows["people"].sum()), float(rows["covered"].sum())
    population, money = rows["population"].sum(skipna=False), float(rows["money"].sum())
    out = [name, len(rows), population, money]
    if given is not None:
        out.append(given["per_head"])
        out += [given[f"{which}_{end}"] for which in view.baselines for end in ("change", "change_percent")]
    else:
        out.append(money * view.plan.data.yuan / population if population > 0 else None)
        for which in view.baselines:
            change, before = rows[f"{which}_change"].sum(skipna=False), rows[which].sum(skipna=False)
            out += [change, 100 * change / before if before > 0 else None]
    return [*out, covered / people if people > 0 else None, float(rows["gap"].sum())]


def _whats(view: View) -> list[str]:
    return ["population", "people", *(["last"] if "last" in view.baselines else [])]


def _places(view: View) -> Table:
    """Provinces (or prefectures, or counties) with the whole first."""
    level, counties, table = view.places, view.counties, view.distribution
    whole = table[table["level"] == "all"].iloc[0]
    rows = [_place_row(view, view.t("word.all"), counties, whole)]
    chosen = table[table["level"] == level]
    keys = chosen["county"] if level == "county" else chosen[level]
    known = view.plan.data.counties
    for key, (_, given) in zip(keys, chosen.iterrows(), strict=True):
        inside = counties.index == key if level == "county" else (known[level] == key).to_numpy()
        name = counties["name"].to_dict()[key] if level == "county" else view.names.places(level, [key])[0]
        rows.append(_place_row(view, name, counties[inside], given))
    title = view.t("table.places", level=view.names.level(level))
    return Table(
        "places",
        title,
        _place_columns(view, view.names.level(level)),
        rows,
        (view.t("note.changes"), view.t("note.covered")),
        view.grounds.of(*_whats(view)),
        totals=frozenset({0}),
        search=len(rows) > 30,
    )


def _groups(view: View) -> list[Table]:
    """Regions, flags and the groups that the instance names."""
    data, rows = view.plan.data, []
    for by in group_columns(data):
        if by in ("province", "prefecture"):
            continue
        values = data.counties[by]
        for value in sorted(values.dropna().unique()):
            shown = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
            if shown in ("0", "none"):
                continue
            rows.append(
                _place_row(
                    view, Named(view.names.group(by, shown), view.names.column(by)), view.counties[(values == value).to_numpy()]
                )
            )
    for name, rule in data.settings.groups.items():
        if set(rule) & set(group_columns(data)):
            continue
        inside = np.asarray(data.group_mask(name, "counties"), dtype=bool)
        if inside.any():
            rows.append(_place_row(view, Named(view.names.members(name, "county"), view.t("group.named")), view.counties[inside]))
    if not rows:
        return []
    return [
        Table(
            "groups",
            view.t("table.groups"),
            _place_columns(view, view.t("head.group")),
            rows,
            (view.t("note.groups"),),
            view.grounds.of(*_whats(view)),
        )
    ]


def _changes(view: View) -> list[Table]:
    """Who gets most more and most less than last year, or else by the factor method, and why."""
    found = view.against
    if found is None:
        return []
    against = view.t(f"against.{view.baselines[0]}")
    out = []
    for name, rows in (("winners", found.winners), ("losers", found.losers)):
        if not len(rows):
            continue
        column = view.column
        columns = (
            column("county"),
            column("place"),
            column("before_money", "number", "money"),
            column("after_money", "number", "money"),
            column("change", "signed", "money"),
            column("per_head_change", "signed", "base"),
            column("why"),
        )
        shown = [_change_row(view, found, str(county), row) for county, row in rows.head(TOP).iterrows()]
        out.append(
            Table(
                name,
                view.t(f"table.{name}", against=against),
                columns,
                shown,
                (view.t("note.top", shown=f"{len(shown):,}", all=f"{len(rows):,}"),),
            )
        )
    return out


def _change_row(view: View, found: Comparison, county: str, row: pd.Series) -> list[Any]:
    places = view.counties.loc[[county]].iloc[0]
    return [
        Named(str(places["name"]), county),
        view.placed[county],
        float(row["money_before"]),
        float(row["money_after"]),
        float(row["money_change"]),
        row["per_head_change"],
        found.why(county, why_words(view), view.amount, view.names.sentences),
    ]


def why_words(view: View) -> dict[str, str]:
    """The words of reasons in the language of the report."""
    words = {key: view.t.raw(f"why.{key}") for key in WORDS if key not in ("money", "against")}
    return words | {
        "money": view.money,
        "against": view.t(f"why.against.{view.baselines[0]}"),
        "head": words["head"].replace("{base}", view.names.base.replace("{", "{{").replace("}", "}}")),
    }
