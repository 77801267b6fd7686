"""Streams: budgets, scopes, and who may pay for what."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.instance.checks.filters import match
from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import some
from optimizer.instance.findings import Finding
from optimizer.instance.settings import Stream


def check(view: View) -> Iterator[Finding]:
    """Budgets where they belong, scopes that part the counties, categories that someone may pay."""
    yield from _budgets(view)
    yield from _disjoint(view)
    yield from _unpaid(view)
    yield from _two_pairing_meanings(view)


def _budgets(view: View) -> Iterator[Finding]:
    given = view.text("budgets", "stream")
    pairing = set(view.pairing_streams)
    yield from view.cells(
        "budgets", "stream", given.isin(pairing).to_numpy(),
        "is a stream of kind pairing: it has no budget, it is what donors give along pairs",
        f"Delete the row; write the donors' money in {view.file('donors')}",
    )
    for name, stream in view.settings.streams.items():
        in_table = bool((given == name).any())
        if stream.kind == "pairing":
            continue
        if stream.budget is None and not in_table:
            yield view.setting("streams", name, "budget", None, "has no budget, so it pays nothing",
                               f"Give a budget here or rows in {view.file('budgets')}", "warning")
        elif in_table:
            rows = (given == name).to_numpy() & (view.number("budgets", "amount", 0.0) > 0)
            missing = set(view.periods) - {int(p) for p in view.number("budgets", "period", -1)[rows] if np.isfinite(p)}
            for period in sorted(missing):
                yield view.setting("streams", name, "budget", period, f"{view.file('budgets')} has no money for this period",
                                   "Add a row for it if the stream pays in that period", "warning")


def budgets_of(stream: Stream) -> dict[int, float]:
    """Budget by period as the settings say it; empty if they say nothing."""
    return dict(stream.budget) if isinstance(stream.budget, dict) else {}


def _disjoint(view: View) -> Iterator[Finding]:
    """Scopes of one stream may not share a county."""
    streams, scopes = view.text("budgets", "stream"), view.text("budgets", "scope")
    counties = view.text("counties", "county")
    for stream in streams.dropna().unique():
        taken = np.full(len(counties), -1)
        names = list(scopes[(streams == stream).to_numpy()].dropna().unique())
        for n, scope in enumerate(names):
            mask = match(view, "counties", scope).mask
            for other in sorted({int(x) for x in taken[mask] if x >= 0}):
                both = list(counties[mask & (taken == other)])
                rows = (streams == stream).to_numpy() & (scopes == scope).to_numpy()
                first = np.zeros(len(rows), dtype=bool)
                first[np.flatnonzero(rows)[:1]] = True
                yield from view.cells(
                    "budgets", "scope", first,
                    f"shares {len(both):,} counties ({some(both)}) with scope '{names[other]}' of stream {stream}",
                    "Scopes of a stream are disjoint: change one so that each county is in one scope only",
                )
            taken[mask & (taken < 0)] = n


def payers(view: View) -> dict[str, dict[str, np.ndarray]]:
    """By category and stream: the counties that stream could pay for it (it has a budget, or donors with candidates)."""
    size = view.size("counties")
    given, scopes = view.text("budgets", "stream"), view.text("budgets", "scope")
    has_money = view.number("budgets", "amount", 0.0) > 0
    out: dict[str, dict[str, np.ndarray]] = {c: {} for c in view.settings.categories}
    for name in sorted(view.identifiers("streams")):
        stream = view.settings.streams.get(name)
        allowed = np.ones(size, dtype=bool) if stream is None else match(view, "counties", stream.counties).mask
        if name in view.pairing_streams:
            reach = _candidate_counties(view)
        elif (given == name).any():
            reach = np.zeros(size, dtype=bool)
            for scope in scopes[(given == name).to_numpy() & has_money].dropna().unique():
                reach |= match(view, "counties", scope).mask
        else:
            reach = np.full(size, bool(stream and any(a > 0 for a in budgets_of(stream).values())))
        for category in out:
            if stream is None or stream.categories is None or category in stream.categories:
                out[category][name] = allowed & reach
    return out


def _candidate_counties(view: View) -> np.ndarray:
    """Counties that are in some candidate pair which is not forbidden."""
    counties = view.text("counties", "county")
    if not view.size("donors"):
        return np.zeros(len(counties), dtype=bool)
    candidates = view.settings.pairs.candidates
    if candidates == "all":
        return np.ones(len(counties), dtype=bool)
    free = (view.text("pairs", "status") != "forbid").to_numpy()
    mask = counties.isin(set(view.text("pairs", "county")[free].dropna())).to_numpy(copy=True)
    if not isinstance(candidates, str):
        for bloc in candidates:
            if match(view, "donors", bloc.donors).mask.any():
                mask |= match(view, "counties", bloc.counties).mask
    return np.asarray(mask)


def _unpaid(view: View) -> Iterator[Finding]:
    """Categories that nobody may pay, and projects whose county nobody pays for their category."""
    paying = payers(view)
    used = {need.category for need in view.settings.needs.values()} | set(view.text("projects", "category").dropna())
    nobody = [c for c, streams in paying.items() if not any(mask.any() for mask in streams.values())]
    for category in nobody:
        if category in used:
            yield view.setting(
                "categories", category, None, None,
                "no stream with money may pay for this category, so its needs and projects get nothing",
                f"Name it under categories of a stream ({some(sorted(view.identifiers('streams')))}), or give that stream money",
            )
    if not view.size("projects"):
        return
    place = {c: i for i, c in enumerate(view.text("counties", "county"))}
    at = view.text("projects", "county").map(place)
    covered = np.zeros(view.size("projects"), dtype=bool)
    categories = view.text("projects", "category")
    for category, streams in paying.items():
        rows = (categories == category).to_numpy() & at.notna().to_numpy()
        if category in nobody:
            covered |= rows  # told above
        elif rows.any():
            anyone = np.logical_or.reduce(list(streams.values()))
            covered[rows] = anyone[at[rows].astype(int).to_numpy()]
    cost = view.number("projects", "cost", 0.0) * (1 - view.number("projects", "own_share", 0.0)) > 0
    known = categories.isin(view.identifiers("categories")).to_numpy() & at.notna().to_numpy()
    bare = known & ~covered & cost
    locked = (view.text("projects", "status") == "lock").to_numpy()
    county = view.text("projects", "county")
    for mask, severity in ((bare & locked, "error"), (bare & ~locked, "warning")):
        yield from view.cells(
            "projects", "category", mask,
            lambda i: f"no stream with money may pay for this category in county {county[i]}"
                      + (", yet the project is locked" if locked[i] else ", so the project cannot be started"),
            "Widen the categories, counties or scopes of a stream, or take the project out", severity,  # type: ignore[arg-type]
        )


def _two_pairing_meanings(view: View) -> Iterator[Finding]:
    """Pairing switched on without donors, or donors without any candidate."""
    if view.size("donors") and view.settings.pairs.candidates == "none" and not view.size("pairs"):
        yield view.setting("pairs", None, "candidates", "none",
                           "there are donors, but no donor–county combination is a candidate",
                           f"Write rows in {view.file('pairs')}, or candidates: all, or blocs of donors and counties", "warning")
    if not view.size("donors") and any(s.kind == "pairing" for s in view.settings.streams.values()):
        names = [n for n, s in view.settings.streams.items() if s.kind == "pairing"]
        yield view.setting("streams", names[0], "kind", "pairing", "there are no donors, so this stream brings nothing",
                           f"Fill in {view.file('donors')}, or take the stream out", "warning")
