"""Projects: starts, amounts, locks, prerequisites, exclusive groups, partners' sectors, resources and costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from optimizer.plan.audit.books import Books
from optimizer.plan.audit.exact import agrees, column, exact, total
from optimizer.plan.audit.report import Tallies
from optimizer.plan.audit.tables import Started

ZERO = Fraction(0)


def audit_projects(books: Books, tallies: Tallies) -> None:
    """All clauses on projects and resources."""
    starts_and_amounts(books, tallies)
    locks_and_forbids(books, tallies)
    prerequisites(books, tallies)
    exclusive_groups(books, tallies)
    partners_sectors(books, tallies)
    repeated_columns(books, tallies)
    costs(books, tallies)
    resources(books, tallies)


def starts_and_amounts(books: Books, tallies: Tallies) -> None:
    """Starts are in allowed periods; all starts of a project together have an allowed amount."""
    frame = books.data.project_starts
    allowed = set(zip(frame["project"].tolist(), frame["start"].tolist(), strict=True))
    rows: dict[str, list[Started]] = defaultdict(list)
    for row in books.tables.projects:
        rows[row.project].append(row)
        tallies["project_starts"].holds(
            (row.project, row.start) in allowed, f"projects.csv, {row.project}", f"may not start in {row.start}")
    known = books.data.projects[["scalable", "least", "most"]].to_dict("index")
    for project, starts in rows.items():
        info = known[project]
        tally, at = tallies["project_amounts"], f"projects.csv, {project}"
        amount = total(books.amount[row.project, row.start] for row in starts)
        if info["scalable"] != 1:
            tally.equal(amount, 1, at, "amount")
            continue
        for row in starts:
            true = books.amount[row.project, row.start]
            if not agrees(row.amount, true):
                tally.equal(row.amount, true, at, "amount (cost over unit cost)")
        least, most = exact(info["least"]), info["most"]
        margin = amount - least if most == float("inf") else min(amount - least, exact(most) - amount)
        tally.margin(margin, at, f"amount {float(amount):g} is not between {float(least):g} and {most:g}")


def locks_and_forbids(books: Books, tallies: Tallies) -> None:
    """Locked projects are started, forbidden ones are not."""
    started = {project for project, _ in books.started}
    known = books.data.projects
    any_amount = ((known["scalable"] == 1) & (known["least"] == 0)).to_dict()
    for project, status in known["status"].items():
        if status == "lock":  # a scalable project without a least amount may be started with none
            good = project in started or any_amount[project]
            tallies["project_locks"].holds(good, f"project {project}", "locked but not started")
        elif status == "forbid":
            tallies["project_forbids"].holds(project not in started, f"project {project}", "forbidden but started")


def prerequisites(books: Books, tallies: Tallies) -> None:
    """What a project requires is started in the same period or before."""
    first: dict[str, int] = {}
    for project, start in sorted(books.started):
        first[project] = min(start, first.get(project, start))
    requires = books.data.projects["requires"]
    for project, start in first.items():
        for needed in _listed(requires[project]):
            tallies["project_requires"].holds(
                needed in first and first[needed] <= start, f"project {project}, {start}",
                f"requires {needed}, which " + (f"starts in {first[needed]}" if needed in first else "is not started"))


def exclusive_groups(books: Books, tallies: Tallies) -> None:
    """At most one project of a group is started."""
    groups: dict[str, list[str]] = defaultdict(list)
    exclusive = books.data.projects["exclusive"]
    for project in sorted({project for project, _ in books.started}):
        if isinstance(exclusive[project], str) and exclusive[project]:
            groups[exclusive[project]].append(project)
    for name, members in groups.items():
        tallies["project_exclusive"].margin(1 - len(members), f"group {name}", f"started: {', '.join(members)}")


def partners_sectors(books: Books, tallies: Tallies) -> None:
    """The county of a project that needs a partner's sector has a chosen donor strong in it."""
    sectors = {str(donor): set(_listed(cell)) for donor, cell in books.data.donors["sectors"].items()}
    strong: dict[str, set[str]] = defaultdict(set)
    for donor, county in books.chosen:
        strong[county] |= sectors.get(donor, set())
    wanted, home = books.data.projects["partner_sector"], books.data.projects["county"]
    for project in sorted({project for project, _ in books.started}):
        sector = wanted[project]
        if isinstance(sector, str) and sector:
            tallies["project_partners"].holds(
                sector in strong[home[project]], f"project {project}", f"no chosen donor of its county is strong in {sector}")


def _listed(cell: object) -> list[str]:
    """A list in a cell."""
    return [part.strip() for part in cell.split(";") if part.strip()] if isinstance(cell, str) else []


def repeated_columns(books: Books, tallies: Tallies) -> None:
    """County, category and sector are those of the project."""
    known = books.data.projects[["county", "category", "sector"]].to_dict("index")
    for row in books.tables.projects:
        for name in ("county", "category", "sector"):
            true = known[row.project][name]
            true = "" if pd.isna(true) else true
            claimed = getattr(row, name)
            tallies["project_columns"].holds(
                claimed == true, f"projects.csv, {row.project}", f"{name} {claimed!r} should be {true!r}")


def costs(books: Books, tallies: Tallies) -> None:
    """Cost inside the horizon, tail after it and others' part follow from the amount; a scalable cost is in steps."""
    frame = books.of_started(books.data.project_tail)
    tails = {
        (project, start): tail
        for project, start, tail in zip(
            frame["project"].tolist(), frame["start"].tolist(), column(frame, "tail"), strict=True)
    }
    scalable = books.data.projects["scalable"].to_dict()
    tally = tallies["project_cost"]
    for row in books.tables.projects:
        key, at = (row.project, row.start), f"projects.csv, {row.project}, {row.start}"
        whole, amount = books.whole_money.get(key, []), books.amount[row.project, row.start]
        for name, claimed, unit in (
            ("cost", row.cost, total(money for _, money, _ in whole)),
            ("own", row.own, total(own for _, _, own in whole)),
            ("tail", row.tail, tails.get(key, ZERO)),
        ):
            if agrees(claimed, amount * unit):
                tally.equal(0, 0, at)
            else:
                tally.equal(claimed, amount * unit, at, name)
        if scalable[row.project] == 1:
            rest = row.cost % books.step
            tally.margin(-min(rest, books.step - rest) if rest else 0, at, "the cost of a scalable project is not in steps")


def resources(books: Books, tallies: Tallies) -> None:
    """Use ≤ capacity + what chosen pairs bring, for each thing that is limited."""
    rows = books.data.resources
    if not len(rows):
        return
    used, brought = _used(books), _brought(books)
    scopes = {str(scope): _in_scope(books, used, str(scope)) for scope in rows["scope"].unique()}
    for row in rows.itertuples(index=False):
        resource, scope, of = str(row.resource), str(row.scope), str(row.of)
        uses = scopes[scope].get((resource, of, row.period), ZERO)
        capacity = exact(row.capacity) + (brought.get((resource, of), ZERO) if scope == "county" else ZERO)
        at = f"{resource}, {scope} {of}, {row.period}"
        tallies["resources"].margin(capacity - uses, at, f"uses {float(uses):g} of {float(capacity):g}")


def _in_scope(
    books: Books, used: Mapping[tuple[str, str, int], Fraction], scope: str
) -> dict[tuple[str, str, int | str], Fraction]:
    """Use by resource, value of the scope and period, and over the horizon."""
    cells = books.data.counties[scope].to_dict() if scope not in ("all", "county") else {}
    out: dict[tuple[str, str, int | str], Fraction] = defaultdict(Fraction)
    for (resource, county, start), amount in used.items():
        of = "all" if scope == "all" else str(cells.get(county, county))
        out[resource, of, start] += amount
        out[resource, of, "horizon"] += amount
    return out


def _used(books: Books) -> dict[tuple[str, str, int], Fraction]:
    """Use by resource, county and start period."""
    starts: dict[str, list[int]] = defaultdict(list)
    for project, start in books.started:
        starts[project].append(start)
    uses, home = books.data.uses, books.data.projects["county"].to_dict()
    out: dict[tuple[str, str, int], Fraction] = defaultdict(Fraction)
    for project, resource, amount in zip(
        uses["project"].tolist(), uses["resource"].tolist(), uses["amount"].tolist(), strict=True
    ):
        for start in starts.get(project, ()):
            out[resource, home[project], start] += books.amount[project, start] * exact(amount)
    return out


def _brought(books: Books) -> dict[tuple[str, str], Fraction]:
    """What chosen pairs bring, by resource and county."""
    brings = books.data.brings
    out: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for donor, county, resource, amount in zip(
        brings["donor"].tolist(), brings["county"].tolist(), brings["resource"].tolist(), brings["amount"].tolist(),
        strict=True,
    ):
        if (donor, county) in books.chosen:
            out[resource, county] += exact(amount)
    return out
