"""Needs that nothing can cover, tiers that do not fit, effects that fall on nobody."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import amount, counted, some
from optimizer.instance.findings import Finding

SLACK = 1e-9


def check(view: View) -> Iterator[Finding]:
    """Tiers first, then what can cover each need."""
    yield from _tiers(view)
    yield from _uncoverable(view)
    yield from _effects_on_nobody(view)
    yield from _more_than_population(view)
    yield from _relapse_of_yearly(view)


def _pair_keys(view: View, table: str, county: pd.Series | None = None) -> pd.Series:
    """``county/need`` of every row, missing where either is blank."""
    first = view.text(table, "county") if county is None else county
    return first.str.cat(view.text(table, "need"), sep="/") if len(first) else first


def _tiers(view: View) -> Iterator[Finding]:
    if not view.size("tiers"):
        return
    rows = pd.DataFrame({
        "county": view.text("tiers", "county"), "need": view.text("tiers", "need"), "tier": view.number("tiers", "tier"),
        "width": view.number("tiers", "width", 0.0), "cost": view.number("tiers", "unit_cost"), "at": range(view.size("tiers")),
    }).sort_values(["county", "need", "tier", "at"])
    groups = rows.groupby(["county", "need"], dropna=True)
    total = groups["width"].transform("sum")
    last = ~rows.duplicated(["county", "need"], keep="last")
    over = rows[(total > 1 + SLACK) & last]
    sums = dict(zip(over["at"], total[over.index], strict=True))
    yield from view.cells(
        "tiers", "width", np.isin(np.arange(len(rows)), over["at"]),
        lambda i: f"the tiers of this county and need add up to {sums[i]:g} of its people",
        "Widths add up to at most 1; what is missing to 1 cannot be reached directly",
    )
    falls = rows["at"][(groups["cost"].diff() < -SLACK)].to_numpy()
    yield from view.cells("tiers", "unit_cost", np.isin(np.arange(len(rows)), falls), "is below the cost of the tier before",
                          "Number tiers from cheap to dear; costs do not fall")
    steps = groups["tier"].diff()
    gaps = rows["at"][(steps.notna() & (steps > 1)) | (~rows.duplicated(["county", "need"]) & (rows["tier"] > 1))].to_numpy()
    yield from view.cells("tiers", "tier", np.isin(np.arange(len(rows)), gaps), "follows no tier one below it",
                          "Number the tiers 1, 2, … without a gap", "warning")
    keys, known = _pair_keys(view, "tiers"), set(_pair_keys(view, "needs").dropna())
    lonely = keys.notna() & ~keys.isin(known) & view.text("tiers", "need").isin(view.identifiers("needs"))
    yield from view.cells("tiers", "need", lonely.to_numpy(), "this county has no people with that need",
                          f"Add the row to {view.file('needs')}, or delete the tier", "warning")


def _uncoverable(view: View) -> Iterator[Finding]:
    """Needs with people in them, no direct support and no project that may be started."""
    if not view.size("needs"):
        return
    keys = _pair_keys(view, "needs")
    people = view.periodic("needs", "people", 0.0)
    direct = np.isfinite(view.periodic("needs", "unit_cost")).any(axis=1)
    direct |= keys.isin(set(_pair_keys(view, "tiers").dropna())).to_numpy()
    alive = set(view.text("projects", "project")[view.text("projects", "status") != "forbid"])
    home = dict(zip(view.text("projects", "project"), view.text("projects", "county"), strict=True))
    projects = view.text("effects", "project")
    county = view.text("effects", "county").where(view.text("effects", "county").notna(), projects.map(home))
    works = (projects.isin(alive) & (view.number("effects", "people", 0.0) > 0)).to_numpy()
    served = set(_pair_keys(view, "effects", county)[works].dropna()) if view.size("effects") else set()
    bare = (people > 0).any(axis=1) & ~direct & ~keys.isin(served).to_numpy() & keys.notna().to_numpy()
    needs = view.text("needs", "need")
    for need in view.settings.needs:
        rows = (needs == need).to_numpy() & (people > 0).any(axis=1)
        lacking = rows & bare
        if not lacking.any():
            continue
        if (lacking == rows).all():
            yield view.setting(
                "needs", need, None, None,
                f"nothing can cover this need: no county has a unit_cost for it, and no project has an effect on it "
                f"({amount(people[rows].max(axis=1).sum())} people in {counted(int(rows.sum()), 'county', 'counties')})",
                f"Give a unit_cost in {view.file('needs')} (direct support), or effects of projects in "
                f"{view.file('effects')}, or take the need out",
            )
        else:
            yield from view.cells(
                "needs", "need", lacking,
                lambda i: f"nothing can cover this need here ({amount(people[i].max())} people): "
                          "no unit_cost, and no project with an effect on it",
                "Give a unit_cost, or a project with an effect; else these people stay uncovered", "warning",
            )


def _effects_on_nobody(view: View) -> Iterator[Finding]:
    if not view.size("effects"):
        return
    home = dict(zip(view.text("projects", "project"), view.text("projects", "county"), strict=True))
    projects = view.text("effects", "project")
    county = view.text("effects", "county").where(view.text("effects", "county").notna(), projects.map(home))
    keys = _pair_keys(view, "effects", county)
    known = set(_pair_keys(view, "needs").dropna())
    sound = keys.notna() & projects.isin(view.identifiers("projects")) & county.isin(view.identifiers("counties"))
    nobody = sound & view.text("effects", "need").isin(view.identifiers("needs")) & ~keys.isin(known)
    yield from view.cells(
        "effects", "need", nobody.to_numpy(),
        lambda i: f"is a need that nobody in county {county[i]} has, so the effect counts for nothing",
        f"Add the county's row to {view.file('needs')}, or delete the effect", "warning",
    )


def _more_than_population(view: View) -> Iterator[Finding]:
    population = dict(zip(view.text("counties", "county"), view.number("counties", "population"), strict=True))
    here = view.text("needs", "county").map(population).to_numpy(dtype=float, na_value=np.nan)
    people = view.periodic("needs", "people", 0.0).max(axis=1, initial=0.0)
    with np.errstate(invalid="ignore"):
        over = (people > here) & np.isfinite(people)
    yield from view.cells(
        "needs", (view.written("needs", "people") or ["people"])[0], over,
        lambda i: f"more people in need ({amount(people[i])}) than the county has inhabitants ({amount(here[i])})",
        f"Check both figures: people and population ({view.file('counties')}) are in persons", "warning",
    )
    rural, whole = view.number("counties", "rural_population"), view.number("counties", "population")
    with np.errstate(invalid="ignore"):
        yield from view.cells("counties", "rural_population", rural > whole,
                              lambda i: f"is more than the whole population, {amount(whole[i])}", "Check both figures", "warning")


def _relapse_of_yearly(view: View) -> Iterator[Finding]:
    yearly = {name for name, need in view.settings.needs.items() if need.kind == "yearly"}
    needs = view.text("needs", "need")
    read = needs.isin(yearly).to_numpy() & (view.number("needs", "relapse", 0.0) > 0)
    yield from view.cells("needs", "relapse", read, lambda i: f"is not read: {needs[i]} is a yearly need",
                          f"Leave it blank for {some(yearly)}", "warning")
