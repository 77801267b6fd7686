"""The first sheet with numbers: a dozen figures, and three small tables with a native chart each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter.worksheet import Worksheet

from optimizer.plan.baselines import compared_money
from optimizer.plan.book import Book, width
from optimizer.plan.exact import Exact
from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import PALETTE
from optimizer.report.figures.coverage import PARTS, by_need_and_period
from optimizer.report.figures.funds import level_of
from optimizer.report.figures.names import Names
from optimizer.report.once import indicators

MOST_PLACES = 40
LINES = 18  # rows that a chart covers at least


def overview(book: Book, names: Names, table: pd.DataFrame) -> None:
    """Write the sheet; ``table`` is the distribution."""
    title = names.say("sheet.overview")
    sheet = book.book.add_worksheet(title)
    tables = [table for table in _tables(names, table) if len(table[1])]
    aside = 1 + max(3, *(len(headers) for _, _, headers, _ in tables)) if tables else 0
    sheet.set_column(0, 0, 48)
    sheet.set_column(1, max(aside - 2, 1), 15)
    sheet.write_string(0, 0, names.title, book.title)
    row = _facts(book, names, sheet, 2) + 2
    for name, frame, headers, stacked in tables:
        row = _charted(book, names, sheet, (row, aside), name, frame, headers, stacked)
    sheet.hide_gridlines(2)
    book.printed(sheet, header=False)
    sheet.fit_to_pages(1, 1)


def _facts(book: Book, names: Names, sheet: Worksheet, row: int) -> int:
    """A dozen figures with their units; returns the row behind them."""
    for label, value, unit in facts(names):
        sheet.write_string(row, 0, label, book.bold)
        if isinstance(value, str):
            sheet.write_string(row, 1, value)
        else:
            sheet.write_number(row, 1, value, book.styles[False, "#,##0" if value == round(value) else "#,##0.###"])
            sheet.write_string(row, 2, f" {unit}")
        row += 1
    return row


def facts(names: Names) -> list[tuple[str, Any, str]]:
    """Label, value and unit of the figures that a reader looks for first."""
    plan, outcome = names.plan, names.plan.outcome
    say = names.say
    out: list[tuple[str, Any, str]] = [(say("book.status"), names.term("status", plan.claims.status), "")]
    unit = names.unit(outcome.unit)
    for key, value in (("value", outcome.objective), ("bound", outcome.bound)):
        if value is not None:
            out.append((say(f"fact.{key}", name=names.criterion(outcome.criterion)), value, unit))
    if outcome.gap_percent is not None:
        out.append((say("fact.gap"), outcome.gap_percent, "%"))
    out.append((say("fact.money"), float(plan.funds["money"].sum()), names.money))
    out.append((say("fact.counties"), int(plan.funds.loc[plan.funds["money"] > 0, "county"].nunique()), say("fact.of_counties")))
    last = plan.coverage[plan.coverage["period"] == plan.data.periods[-1]]
    for key, column in (("people", "people"), ("covered", "covered"), ("left", "gap")):
        out.append((say(f"fact.{key}", period=plan.data.periods[-1]), float(last[column].sum()), say("fact.of_people")))
    if len(plan.pairings):
        out.append((say("fact.pairs"), int((plan.pairings["status"] != "ended").sum()), say("fact.of_pairs")))
    if len(plan.data.projects):
        out.append((say("fact.projects"), int(plan.projects["project"].nunique()), say("fact.of_projects")))
    found = indicators(plan)
    gini = found[(found["by"] == "county") & (found["outcome"] == "covered_share") & (found["indicator"] == "gini")]["after"]
    if len(gini) and gini.notna().all():
        out.append((say("figure.scenarios.gini"), float(gini.iloc[0]), ""))
    return out + _changes(names, plan) + [(say("fact.audit"), _verdict(names, plan), "")]


def _changes(names: Names, plan: Plan) -> list[tuple[str, Any, str]]:
    out: list[tuple[str, Any, str]] = []
    for which in ("last", "factor"):
        money = compared_money(plan.data, plan.funds, which)
        if money is None:
            continue
        change = (Exact.of(money["plan"]) - Exact.of(money["baseline"])).floats()
        change = np.where(money["baseline"].isna(), 0.0, change)
        out += [(names.say(f"fact.{which}.{key}"), int(many), names.say("fact.of_counties"))
                for key, many in (("more", (change > 0).sum()), ("less", (change < 0).sum()))]
    return out


def _verdict(names: Names, plan: Plan) -> str:
    if plan.audit is None:
        return names.say("fact.audit.none")
    return names.say("fact.audit.passed" if plan.audit.passed else "fact.audit.failed",
                     count=sum(check.count for check in plan.audit.checks))


def _tables(names: Names, table: pd.DataFrame) -> list[tuple[str, pd.DataFrame, list[str], bool]]:
    """Name, table, headers and whether bars are stacked: money by place, money by category, people by need."""
    level = level_of(table)
    rows = table[(table["level"] == level) & (table["money"] > 0)].sort_values("money", ascending=False, kind="stable")
    rows = rows.head(MOST_PLACES)
    streams = [str(name) for name in rows if str(name).startswith("stream:") and (rows[name] > 0).any()]
    places = names.counties(rows["county"]) if level == "county" else names.places(level, rows[level])
    money = rows[streams].set_axis(range(len(rows)))
    money.insert(0, "place", places)
    heads = [names.level(level), *(f"{names.stream(name.removeprefix('stream:'))} ({names.money})" for name in streams)]
    whole = table[table["level"] == "all"].iloc[0]
    used = [name for name in map(str, table.columns) if name.startswith("category:") and whole[name] > 0]
    categories = pd.DataFrame({"category": [names.category(name.removeprefix("category:")) for name in used],
                               "money": [float(whole[name]) for name in used]})
    covered = by_need_and_period(names.plan)
    people = covered[list(PARTS)]
    several = len(names.plan.data.periods) > 1
    people.insert(0, "need", [f"{names.need(need)} {period}" if several else names.need(need)
                              for need, period in zip(covered["need"], covered["period"], strict=True)])
    parts = [f"{names.say(f'figure.coverage.{part}')} ({names.say('fact.of_people')})" for part in PARTS]
    spent = [names.say("head.category"), f"{names.say('head.money')} ({names.money})"]
    return [("money", money, heads, True), ("category", categories, spent, False),
            ("people", people, [names.say("head.need"), *parts], True)]


def _charted(
    book: Book, names: Names, sheet: Worksheet, place: tuple[int, int], name: str, frame: pd.DataFrame, headers: list[str],
    stacked: bool,
) -> int:
    """A small table at the row of ``place`` with its chart at the column; returns the row behind both."""
    row, aside = place
    title = names.say(f"book.chart.{name}")
    sheet.write_string(row, 0, title, book.bold)
    for column, header in enumerate(headers):
        sheet.write_string(row + 1, column, header, book.head)
    sheet.set_row(row + 1, 66 if max(map(width, headers)) > 34 else 34)
    first, last = row + 2, row + 1 + len(frame)
    for at, cells in enumerate(frame.itertuples(index=False), start=first):
        sheet.write_string(at, 0, str(cells[0]))
        for column, value in enumerate(cells[1:], start=1):
            sheet.write_number(at, column, float(value), book.styles[False, "#,##0"])
    chart = book.book.add_chart({"type": "bar", **({"subtype": "stacked"} if stacked else {})})
    where, colours = sheet.get_name(), list(PARTS.values()) if name == "people" else PALETTE
    for column in range(1, len(headers)):
        colour = colours[(column - 1) % len(colours)]
        chart.add_series({"name": [where, row + 1, column], "categories": [where, first, 0, last, 0],
                          "values": [where, first, column, last, column], "fill": {"color": colour}, "gap": 40})
    chart.set_title({"name": title, "name_font": {"size": 11}, "overlay": False})
    chart.set_y_axis({"reverse": True, "crossing": "max", "num_font": {"size": 8}})
    unit = names.say("fact.of_people") if name == "people" else names.money
    chart.set_x_axis({"name": unit, "name_font": {"size": 9, "bold": False}, "num_format": "#,##0", "num_font": {"size": 8},
                      "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_legend({"none": True} if len(headers) == 2 else {"position": "bottom", "font": {"size": 8}})
    lines = max(LINES, len(frame) + 4)
    chart.set_size({"width": 640, "height": 20 * lines})
    sheet.insert_chart(row, aside, chart, {"object_position": 2, "description": title})
    return row + lines + 3
