"""Shares of one whole that cannot hold together, and shares of a part that can get nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.checks.words import some
from optimizer.instance.counts.bounds import acts_in
from optimizer.instance.counts.case import Case
from optimizer.instance.findings import Finding
from optimizer.instance.settings import Measure, ShareRule

TOLERANCE = 1e-9
PARTS = ("category", "stream")


def check(case: Case) -> Iterator[Finding]:
    """A whole of nothing keeps every share, so both are proofs only where something has to be spent; else warnings."""
    rules = [r for r in case.data.settings.rules if isinstance(r, ShareRule) and case.counts(r) and r.increase_over is None]
    yield from _together(case, rules)
    for rule in rules:
        if rule.min and rule.part.sum == "money" and rule.whole.sum == "money":
            yield from _nothing_to_spend_on(case, rule)


def _frozen(value: Any) -> str:
    return repr(sorted(value.items()) if isinstance(value, dict) else value)


def _whole(rule: ShareRule) -> str:
    """What makes two rules share one whole: the same sum in the same rows."""
    filters = {k: _frozen(v) for k, v in rule.whole.filters.items()}
    return repr((rule.whole.sum, rule.whole.column, sorted(filters.items()), rule.each, rule.periods, rule.from_))


def _together(case: Case, rules: list[ShareRule]) -> Iterator[Finding]:
    """Least shares of parts that exclude one another add up to more than 1."""
    for part in PARTS:
        wholes: dict[str, list[ShareRule]] = {}
        for rule in rules:
            if rule.min and rule.part_each is None and _narrowed_by(rule.whole, rule.part) == {part}:
                wholes.setdefault(_whole(rule), []).append(rule)
        for same in wholes.values():
            taken: set[str] = set()
            chosen = []
            for rule in sorted(same, key=lambda r: -(r.min or 0.0)):
                names = _names(rule.part.filters[part])
                if not names & taken:
                    taken |= names
                    chosen.append(rule)
            total = sum(rule.min or 0.0 for rule in chosen)
            if total > 1 + TOLERANCE:
                spent = _spent(case, chosen[0])
                yield case.view.setting(
                    "rules", chosen[0].id, "min", None,
                    f"least shares of the same whole add up to {total:.4g}: " + ", ".join(f"{r.id} {r.min:g}" for r in chosen)
                    + (f"; at least {case.money(spent)} of it have to be spent" if spent > 0
                       else "; they hold together only where the whole is nothing"),
                    "Lower one of them so that they add up to at most 1", "error" if spent > 0 and case.hard else "warning",
                )


def _spent(case: Case, rule: ShareRule) -> float:
    """Money of the whole that has to be spent in one of the rule's rows (only where the least spend of a stream says so)."""
    if rule.each != "all" or rule.whole.sum != "money" or not set(rule.whole.filters) <= {"stream"} or rule.from_:
        return 0.0
    streams = _names(rule.whole.filters["stream"]) if "stream" in rule.whole.filters else set(case.data.streams)
    budgets = case.data.budgets[case.data.budgets["stream"].isin(streams).to_numpy()]
    periods = [p for p in case.data.periods if rule.periods == "total" or acts_in(case, rule.periods, rule.whole, p)]
    return float(budgets.loc[budgets["period"].isin(periods).to_numpy(), "least"].sum())


def _narrowed_by(whole: Measure, part: Measure) -> set[str]:
    """The filters by which a part is smaller than its whole; {"?"} if it is not simply a part of it."""
    if (whole.sum, whole.column, whole.weighted) != (part.sum, part.column, part.weighted):
        return {"?"}
    if any(_frozen(part.filters.get(key)) != _frozen(value) for key, value in whole.filters.items()):
        return {"?"}
    return set(part.filters) - set(whole.filters)


def _names(wanted: Any) -> set[str]:
    return {str(x) for x in wanted} if isinstance(wanted, (list, tuple)) else {str(wanted)}


def _nothing_to_spend_on(case: Case, rule: ShareRule) -> Iterator[Finding]:
    """A row whose part nobody can use, so that the whole has to be nothing too."""
    data = case.data
    if data.settings.settings.unspent == "allow" or rule.part_each is not None or "period" in rule.part.filters:
        return
    if rule.each not in ("all", "county") and rule.each not in data.counties:
        return
    usable = _usable(case, rule.part)
    inside = case.inside(rule.whole.filters.get("county"), "counties")
    if rule.each == "all":
        group = pd.Series("all", index=data.counties.index)
    else:
        group = pd.Series(data.counties.index, index=data.counties.index) if rule.each == "county" else data.counties[rule.each]
    rows = pd.DataFrame({"group": group.to_numpy(), "usable": usable, "inside": inside})
    able = rows[inside & group.notna().to_numpy()].groupby("group")["usable"].any()
    empty = list(able.index[~able.to_numpy(bool)])
    if empty:
        where = "" if rule.each == "all" else f" in {len(empty):,} rows ({some([str(e) for e in empty])})"
        yield case.view.setting(
            "rules", rule.id, "part", None, f"nothing can use money of the part{where}: the whole has to be nothing there",
            "Add projects or direct support that it can pay, or take these out by a filter", "warning",
        )


def _usable(case: Case, part: Measure) -> np.ndarray:
    """Counties in which a project or direct support can use money of the part."""
    data = case.data
    projects = data.projects[(data.projects["status"] != "forbid").to_numpy()]
    direct = data.needs.merge(data.tiers[["county", "need"]].drop_duplicates(), on=["county", "need"])
    uses = pd.concat([projects[["county", "category"]], direct[["county", "category"]]]).drop_duplicates()
    if "category" in part.filters:
        uses = uses[uses["category"].isin(_names(part.filters["category"])).to_numpy()]
    paid = data.reach[["stream", "county"]].merge(data.stream_categories, on="stream")
    if "stream" in part.filters:
        paid = paid[paid["stream"].isin(_names(part.filters["stream"])).to_numpy()]
    both = uses.merge(paid, on=["county", "category"])["county"]
    mask = np.asarray(data.counties.index.isin(both), dtype=bool)
    return np.asarray(mask & case.inside(part.filters.get("county"), "counties"))
