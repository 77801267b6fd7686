"""Projects that cannot be as they are written: prerequisites in a circle, locks that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import some
from optimizer.instance.findings import Finding


def check(view: View) -> Iterator[Finding]:
    """Every project by itself, then with those it names."""
    if not view.size("projects"):
        return
    yield from _circles(view)
    yield from _prerequisites(view)
    yield from _exclusive(view)
    yield from _scalable(view)
    yield from _partner_sector(view)


def _links(view: View) -> list[tuple[int, int]]:
    """(project, prerequisite) by position; unknown ones are told elsewhere."""
    names = view.text("projects", "project")
    place = {name: i for i, name in enumerate(names) if name is not None}
    return [
        (i, place[p]) for i, listed in enumerate(view.lists("projects", "requires")) for p in listed if p in place
    ]


def _circles(view: View) -> Iterator[Finding]:
    """Each group of projects that require one another, told once with one circle by name."""
    links = _links(view)
    if not links:
        return
    size = view.size("projects")
    names = list(view.text("projects", "project"))
    tails, heads = np.array(links).T
    graph = coo_array((np.ones(len(links)), (tails, heads)), shape=(size, size)).tocsr()
    _, label = connected_components(graph, directed=True, connection="strong")
    inside = np.bincount(label)[label] > 1
    after: dict[int, list[int]] = {}
    for tail, head in links:
        after.setdefault(tail, []).append(head)
    for start in [i for i in range(size) if i in after.get(i, ())]:
        yield view.cell("projects", start, "requires", f"project {names[start]} requires itself", "Take it out of its own list")
    told: set[int] = set()
    locked = (view.text("projects", "status") == "lock").to_numpy()
    for first in np.flatnonzero(inside):
        if label[first] in told:
            continue
        told.add(int(label[first]))
        circle = _one_circle(int(first), after, label)
        chain = " → ".join(str(names[i]) for i in (*circle, circle[0]))
        also = "; one of them is locked" if locked[circle].any() else ""
        yield view.cell(
            "projects", int(first), "requires", f"closes a circle of prerequisites: {chain}{also}",
            "Take one of these requirements out; projects that must start together may be written as one",
        )


def _one_circle(start: int, after: dict[int, list[int]], label: np.ndarray) -> list[int]:
    """A shortest circle through ``start`` within its strong component (breadth first)."""
    came: dict[int, int] = {start: -1}
    queue = [start]
    for node in queue:
        for then in after.get(node, ()):
            if then == start:
                path = [node]
                while came[path[-1]] >= 0:
                    path.append(came[path[-1]])
                return path[::-1]
            if label[then] == label[start] and then not in came:
                came[then] = node
                queue.append(then)
    return [start]


def _allowed_starts(view: View) -> list[tuple[int, ...]]:
    return [
        tuple(p for p in view.periods if not listed or str(p) in listed) for listed in view.lists("projects", "starts")
    ]


def _prerequisites(view: View) -> Iterator[Finding]:
    """Projects that need one which is forbidden, or which can only start later."""
    status = view.text("projects", "status").fillna("free").to_numpy()
    names = list(view.text("projects", "project"))
    starts = _allowed_starts(view)
    blocked: dict[int, list[int]] = {}  # project → chain down to a forbidden one
    after: dict[int, list[int]] = {}
    for tail, head in _links(view):
        after.setdefault(head, []).append(tail)
    queue = [int(i) for i in np.flatnonzero(status == "forbid")]
    for node in queue:
        for tail in after.get(node, ()):
            if tail not in blocked and status[tail] != "forbid":
                blocked[tail] = [node, *blocked.get(node, [])]
                queue.append(tail)
    for tail in sorted(blocked):
        chain = " → ".join(str(names[i]) for i in (tail, *blocked[tail]))
        if status[tail] == "lock":
            yield view.cell("projects", tail, "requires", f"the project is locked, but its prerequisite is forbidden ({chain})",
                            "Unlock the project, or free the prerequisite")
    idle = np.zeros(len(names), dtype=bool)
    idle[[i for i in blocked if status[i] == "free"]] = True
    yield from view.cells("projects", "requires", idle, lambda i: f"requires the forbidden project {names[blocked[i][-1]]}, "
                          "so it can never start", "Free the prerequisite, or forbid this project too", "warning")
    late = np.zeros(len(names), dtype=bool)
    by: dict[int, int] = {}
    for tail, head in _links(view):
        if starts[tail] and starts[head] and min(starts[head]) > max(starts[tail]):
            late[tail], by[tail] = True, head
    locked = status == "lock"
    for mask, severity in ((late & locked, "error"), (late & ~locked & (status != "forbid"), "warning")):
        yield from view.cells(
            "projects", "starts", mask,
            lambda i: f"allows no start after {max(starts[i])}, but its prerequisite {names[by[i]]} starts in "
                      f"{min(starts[by[i]])} at the earliest",
            "Widen the starts of one of them", severity,  # type: ignore[arg-type]
        )


def _exclusive(view: View) -> Iterator[Finding]:
    """Two locked projects of one exclusive group."""
    group, names = view.text("projects", "exclusive"), list(view.text("projects", "project"))
    locked = (view.text("projects", "status") == "lock").to_numpy() & group.notna().to_numpy()
    seen: dict[str, int] = {}
    for i in np.flatnonzero(locked):
        first = seen.setdefault(str(group[i]), int(i))
        if first != i:
            yield view.cell("projects", int(i), "exclusive",
                            f"projects {names[first]} (row {view.row('projects', first)}) and {names[i]} are both locked, "
                            "but at most one of this group is started", "Unlock one of them, or change its group")


def _scalable(view: View) -> Iterator[Finding]:
    """Amounts of projects that come whole or not at all; amounts without an end."""
    scalable = view.number("projects", "scalable", 0.0) == 1
    least, most = view.number("projects", "least"), view.number("projects", "most")
    fixed = ~scalable & ((~np.isnan(least) & (least > 0) & (least != 1)) | (~np.isnan(most) & (most != 1)))
    column = np.where(~np.isnan(most) & (most != 1), "most", "least")
    for name in ("least", "most"):
        yield from view.cells("projects", name, fixed & (column == name),
                              "is not read: the project is not scalable, so it is started whole or not at all",
                              "Write 1 in scalable, or leave the cell blank", "warning")
    named = {p for listed in view.lists("projects", "requires") for p in listed}
    linked = view.text("projects", "project").isin(named).to_numpy() | view.text("projects", "exclusive").notna().to_numpy()
    linked |= np.array([bool(x) for x in view.lists("projects", "requires")], dtype=bool)
    endless = scalable & np.isinf(most) & (linked | (np.nan_to_num(least) > 0))
    yield from view.cells("projects", "most", endless,
                          "an amount without end is allowed only with least 0 and without exclusive and requires",
                          "Write the largest amount that makes sense")
    idle = scalable & (most == 0) & (view.text("projects", "status") == "lock").to_numpy()
    yield from view.cells("projects", "most", idle, "the project is locked, but nothing of it may be started",
                          "Raise most, or unlock the project")


def _partner_sector(view: View) -> Iterator[Finding]:
    """Projects that need a partner of a sector which no candidate donor of their county has."""
    wanted = view.text("projects", "partner_sector")
    if not wanted.notna().any():
        return
    reach = _sectors_by_county(view, frozenset(wanted.dropna()))
    county = view.text("projects", "county")
    alone = np.array([
        s is not None and c in view.identifiers("counties") and c not in reach.get(s, set())
        for s, c in zip(wanted, county, strict=True)
    ], dtype=bool) & (view.text("projects", "status") != "forbid").to_numpy()
    locked = (view.text("projects", "status") == "lock").to_numpy()
    have = sorted({s for listed in view.lists("donors", "sectors") for s in listed})
    for mask, severity in ((alone & locked, "error"), (alone & ~locked, "warning")):
        yield from view.cells(
            "projects", "partner_sector", mask,
            lambda i: f"is a sector that no candidate donor of county {county[i]} has, so the project cannot be started"
                      + (", yet it is locked" if locked[i] else ""),
            f"Correct the sector (donors have: {some(have) if have else 'none'}), or add a candidate pair", severity,  # type: ignore[arg-type]
        )


def _sectors_by_county(view: View, sectors: frozenset[str]) -> dict[str, set[str]]:
    """By sector: the counties with a candidate donor of that sector."""
    from optimizer.instance.checks.filters import match

    donors, counties = view.text("donors", "donor"), view.text("counties", "county")
    has = {s: {d for d, listed in zip(donors, view.lists("donors", "sectors"), strict=True) if s in listed} for s in sectors}
    out: dict[str, set[str]] = {s: set() for s in sectors}
    row_donor, row_county = view.text("pairs", "donor"), view.text("pairs", "county")
    free = (view.text("pairs", "status") != "forbid").to_numpy()
    banned = set(zip(row_donor[~free], row_county[~free], strict=True))
    for sector, members in has.items():
        out[sector] |= set(row_county[free & row_donor.isin(members).to_numpy()].dropna())
    candidates = view.settings.pairs.candidates
    if candidates == "none" or (isinstance(candidates, str) and candidates != "all"):
        return out
    blocs = [(None, None)] if isinstance(candidates, str) else [(b.donors, b.counties) for b in candidates]
    for giving, taking in blocs:
        able = donors[match(view, "donors", giving).mask]
        reached = list(counties[match(view, "counties", taking).mask])
        for sector, members in has.items():
            here = set(able) & members
            if here:
                out[sector] |= {c for c in reached if not banned or any((d, c) not in banned for d in here)}
    return out
