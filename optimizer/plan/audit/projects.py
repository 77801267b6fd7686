"""Projects: starts, amounts, locks, prerequisites, exclusive groups, partners' sectors, resources and costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from optimizer.plan.audit.books import Books
from optimizer.plan.audit.cells import by_name, cells, listed, text
from optimizer.plan.audit.exact import agrees, exact, times, total
from optimizer.plan.audit.report import Tallies
from optimizer.plan.audit.tables import Started

ZERO = Fraction(0)


def audit_projects(books: Books, tallies: Tallies) -> None:
    """All clauses on projects and resources."""
    amounts(books, tallies)
    locks_and_forbids(books, tallies)
    prerequisites(books, tallies)
    exclusive_groups(books, tallies)
    partners_sectors(books, tallies)
    repeated_columns(books, tallies)
    costs(books, tallies)
    resources(books, tallies)


def project_starts(books: Books, tallies: Tallies) -> None:
    """Projects start only in periods in which they may."""
    allowed = set(cells(books.data.project_starts, "project", "start"))
    for row in books.tables.projects:
        tallies["project_starts"].holds(
            (row.project, row.start) in allowed, f"projects.csv, {row.project}", f"may not start in {row.start}")


def amounts(books: Books, tallies: Tallies) -> None:
    """All starts of a project together have an allowed amount."""
    rows: dict[str, list[Started]] = defaultdict(list)
    for row in books.tables.projects:
        rows[row.project].append(row)
    scalable, lowest, highest = (by_name(books.data.projects[name]) for name in ("scalable", "least", "most"))
    for project, starts in rows.items():
        tally, at = tallies["project_amounts"], f"projects.csv, {project}"
        amount = total(books.amount[row.project, row.start] for row in starts)
        if scalable[project] != 1:
            tally.equal(amount, 1, at, "amount")
            continue
        for row in starts:
            true = books.amount[row.project, row.start]
            if not agrees(row.amount, true):
                tally.equal(row.amount, true, at, "amount (cost over unit cost)")
        least, most = exact(lowest[project]), highest[project]
        margin = amount - least if most == float("inf") else min(amount - least, exact(most) - amount)
        tally.margin(margin, at, f"amount {float(amount):g} is not between {float(least):g} and {most:g}")


def locks_and_forbids(books: Books, tallies: Tallies) -> None:
    """Locked projects are started, forbidden ones are not."""
    started = {project for project, _ in books.started}
    known = books.data.projects
    any_amount = by_name((known["scalable"] == 1) & (known["least"] == 0))
    for project, status in by_name(known["status"]).items():
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
    requires = by_name(books.data.projects["requires"])
    for project, start in first.items():
        for needed in listed(requires[project]):
            tallies["project_requires"].holds(
                needed in first and first[needed] <= start, f"project {project}, {start}",
                f"requires {needed}, which " + (f"starts in {first[needed]}" if needed in first else "is not started"))


def exclusive_groups(books: Books, tallies: Tallies) -> None:
    """At most one project of a group is started."""
    groups: dict[str, list[str]] = defaultdict(list)
    exclusive = by_name(books.data.projects["exclusive"])
    for project in sorted({project for project, _ in books.started}):
        if text(exclusive[project]):
            groups[exclusive[project]].append(project)
    for name, members in groups.items():
        tallies["project_exclusive"].margin(1 - len(members), f"group {name}", f"started: {', '.join(members)}")


def partners_sectors(books: Books, tallies: Tallies) -> None:
    """The county of a project that needs a partner's sector has a chosen donor strong in it."""
    sectors = {donor: set(listed(cell)) for donor, cell in by_name(books.data.donors["sectors"]).items()}
    strong: dict[str, set[str]] = defaultdict(set)
    for donor, county in books.chosen:
        strong[county] |= sectors.get(donor, set())
    wanted, home = (by_name(books.data.projects[name]) for name in ("partner_sector", "county"))
    for project in sorted({project for project, _ in books.started}):
        sector = text(wanted[project])
        if sector:
            tallies["project_partners"].holds(
                sector in strong[home[project]], f"project {project}", f"no chosen donor of its county is strong in {sector}")


def repeated_columns(books: Books, tallies: Tallies) -> None:
    """County, category and sector are those of the project."""
    known = {name: by_name(books.data.projects[name]) for name in ("county", "category", "sector")}
    for row in books.tables.projects:
        for name, cells_of in known.items():
            true, claimed = text(cells_of[row.project]), getattr(row, name)
            tallies["project_columns"].holds(
                claimed == true, f"projects.csv, {row.project}", f"{name} {claimed!r} should be {true!r}")


def costs(books: Books, tallies: Tallies) -> None:
    """Cost inside the horizon, tail after it and others' part follow from the amount; a scalable cost is in steps."""
    frame = books.of_started(books.data.project_tail)
    tails = {(project, start): exact(tail) for project, start, tail in cells(frame, "project", "start", "tail")}
    scalable = by_name(books.data.projects["scalable"])
    tally = tallies["project_cost"]
    for row in books.tables.projects:
        key, at = (row.project, row.start), f"projects.csv, {row.project}, {row.start}"
        whole, amount = books.whole_money.get(key, []), books.amount[row.project, row.start]
        for name, claimed, unit in (
            ("cost", row.cost, total(money for _, money, _ in whole)),
            ("own", row.own, total(own for _, _, own in whole)),
            ("tail", row.tail, tails.get(key, ZERO)),
        ):
            true = times(amount, unit)
            if agrees(claimed, true):
                tally.holds(True, at)
            else:
                tally.equal(claimed, true, at, name)
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
    for resource, scope, of, period, room in cells(rows, "resource", "scope", "of", "period", "capacity"):
        uses = scopes[scope].get((resource, of, period), ZERO)
        capacity = exact(room) + (brought.get((resource, of), ZERO) if scope == "county" else ZERO)
        at = f"{resource}, {scope} {of}, {period}"
        tallies["resources"].margin(capacity - uses, at, f"uses {float(uses):g} of {float(capacity):g}")


def _in_scope(
    books: Books, used: Mapping[tuple[str, str, int], Fraction], scope: str
) -> dict[tuple[str, str, int | str], Fraction]:
    """Use by resource, value of the scope and period, and over the horizon."""
    values = by_name(books.data.counties[scope]) if scope not in ("all", "county") else {}
    out: dict[tuple[str, str, int | str], Fraction] = defaultdict(Fraction)
    for (resource, county, start), amount in used.items():
        of = "all" if scope == "all" else str(values.get(county, county))
        out[resource, of, start] += amount
        out[resource, of, "horizon"] += amount
    return out


def _used(books: Books) -> dict[tuple[str, str, int], Fraction]:
    """Use by resource, county and start period."""
    starts: dict[str, list[int]] = defaultdict(list)
    for project, start in books.started:
        starts[project].append(start)
    home = by_name(books.data.projects["county"])
    out: dict[tuple[str, str, int], Fraction] = defaultdict(Fraction)
    for project, resource, amount in cells(books.data.uses, "project", "resource", "amount"):
        for start in starts.get(project, ()):
            out[resource, home[project], start] += books.amount[project, start] * exact(amount)
    return out


def _brought(books: Books) -> dict[tuple[str, str], Fraction]:
    """What chosen pairs bring, by resource and county."""
    out: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for donor, county, resource, amount in cells(books.data.brings, "donor", "county", "resource", "amount"):
        if (donor, county) in books.chosen:
            out[resource, county] += exact(amount)
    return out
