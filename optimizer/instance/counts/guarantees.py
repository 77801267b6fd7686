"""Guaranteed coverage: can it be reached at all, and what does it cost at least?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.instance.checks.words import amount
from optimizer.instance.counts.bounds import per_county
from optimizer.instance.counts.case import Case
from optimizer.instance.counts.reachable import KEYS
from optimizer.instance.findings import Finding
from optimizer.instance.settings import BoundRule, ExitRule

TOLERANCE = 1e-6
COLUMNS = [*KEYS, "wanted", "reason"]


@dataclass(frozen=True, eq=False)
class Demand:
    """Least money that guaranteed coverage costs: ``direct`` by category and county, ``whole`` by county."""

    label: str
    direct: pd.Series
    whole: pd.Series


def guaranteed(case: Case) -> pd.DataFrame:
    """county, need, period, wanted (people), reason: coverage of one need in one county that hard rules demand."""
    parts = []
    for rule in case.data.settings.rules:
        if not case.counts(rule):
            continue
        if isinstance(rule, BoundRule):
            parts.append(_bound(case, rule))
        elif isinstance(rule, ExitRule) and rule.at_least == "all":
            parts.append(_exit(case, rule))
    rows = pd.concat([part for part in parts if part is not None and len(part)]) if any(
        part is not None and len(part) for part in parts) else pd.DataFrame(columns=COLUMNS)
    rows = rows[rows["wanted"].astype(float) > 0].sort_values("wanted", ascending=False, kind="stable")
    return rows.drop_duplicates(KEYS).reset_index(drop=True)


def _periods(case: Case, periods: object) -> list[int]:
    if periods == "each":
        return list(case.data.periods)
    if periods == "last":
        return [case.data.periods[-1]]
    return [int(p) for p in periods] if isinstance(periods, tuple) else []


def _bound(case: Case, rule: BoundRule) -> pd.DataFrame | None:
    """A least coverage of one need in each county."""
    of = rule.of
    need = of.filters.get("need")
    need = need[0] if isinstance(need, (list, tuple)) and len(need) == 1 else need
    if of.sum != "covered" or rule.each != "county" or rule.min is None or rule.or_zero or "period" in of.filters:
        return None
    if not isinstance(need, str) and len(case.data.settings.needs) > 1:
        return None
    needs = [need] if isinstance(need, str) else list(case.data.settings.needs)
    rows = _needs_of(case, needs, rule.periods, of.filters.get("county"))
    if list(rule.per) == ["people"]:
        wanted = rule.min * rows["people"].to_numpy(float)
    else:
        per = per_county(case, rule.per)
        if per is None:
            return None
        wanted = np.nan_to_num(rule.min * per[rows["county"].map(case.county_at).to_numpy(int)])
        weight = rows["weight"].to_numpy(float)
        if of.weighted:
            wanted = np.where(weight > 0, wanted / np.where(weight > 0, weight, 1.0), 0.0)
    return rows[KEYS].assign(wanted=wanted, reason=f"rule {rule.id}")


def _needs_of(case: Case, needs: list[str], periods: object, counties: object) -> pd.DataFrame:
    rows = case.data.needs
    inside = set(np.array(case.data.counties.index)[case.inside(counties, "counties")])
    mask = rows["need"].isin(needs) & rows["period"].isin(_periods(case, periods)) & rows["county"].isin(inside)
    return rows[mask.to_numpy()]


def thresholds(case: Case, rule: ExitRule) -> np.ndarray:
    """Threshold of each county: one share, or that of the first entry whose ``where`` holds."""
    size = len(case.data.counties)
    if not isinstance(rule.threshold, tuple):
        return np.full(size, float(rule.threshold))
    out = np.full(size, np.nan)
    for entry in rule.threshold:
        out = np.where(np.isnan(out) & case.inside(entry.where, "counties"), entry.value, out)
    return out


def _exit(case: Case, rule: ExitRule) -> pd.DataFrame | None:
    """All counties exit: of each need named at most threshold × ``per`` people stay uncovered."""
    per = per_county(case, (rule.per,))
    if per is None:
        return None
    limit = thresholds(case, rule) * per
    by = rule.by if rule.by is not None else case.data.periods[-1]
    rows = case.data.needs[(case.data.needs["period"] == by).to_numpy()]
    rows = rows[rows["need"].isin(list(rule.needs) or list(case.data.settings.needs)).to_numpy()]
    left = limit[rows["county"].map(case.county_at).to_numpy(int)]
    return rows[KEYS].assign(wanted=np.nan_to_num(rows["people"].to_numpy(float) - left), reason=f"rule {rule.id}")


def demands(case: Case, period: int | None) -> Demand:
    """Least money for what is guaranteed in a period (only what cannot have been paid before), or over the horizon."""
    rows, reachable = guaranteed(case), case.reachable
    label = "coverage guaranteed by " + " and ".join(sorted(set(rows["reason"])))
    nothing = Demand(label, pd.Series(dtype=float), pd.Series(dtype=float))
    if not len(rows):
        return nothing
    settings = case.data.settings.needs
    lasting = rows["need"].map({n: need.kind == "lasting" for n, need in settings.items()}).to_numpy(bool)
    first, single = case.data.periods[0], len(case.data.periods) == 1
    if period is not None:
        rows = rows[(rows["period"] == period).to_numpy() & (~lasting | (period == first))]
        if not len(rows):
            return nothing
        lasting = lasting[rows.index.to_numpy()]
    wanted = rows.set_index(KEYS)["wanted"].astype(float)
    built = reachable.built.reindex(wanted.index).fillna(0.0) if len(reachable.built) else wanted * 0.0
    direct = reachable.direct_cost((wanted - built).clip(lower=0.0)).reset_index(name="money")
    direct["category"] = direct["need"].map({n: need.category for n, need in settings.items()})
    direct["lasting"] = direct["need"].map({n: need.kind == "lasting" for n, need in settings.items()})
    held = direct[direct["lasting"].astype(bool)].groupby(["category", "county", "need"])["money"].max()
    served = direct[~direct["lasting"].astype(bool)].groupby(["category", "county", "need"])["money"].sum()
    by_account = pd.concat([held, served]).groupby(level=[0, 1]).sum()
    whole = pd.Series(dtype=float)
    if period is None or single:
        most = rows.sort_values("wanted", ascending=False, kind="stable").drop_duplicates(["county", "need"])
        whole = reachable.whole_cost(most.set_index(KEYS)["wanted"].astype(float))
    return Demand(label, by_account[by_account > 0], whole[whole > 0])


def check(case: Case) -> Iterator[Finding]:
    """Guarantees above what tiers and projects can reach."""
    rows = guaranteed(case)
    if not len(rows):
        return
    able = case.reachable.needs.set_index(KEYS)
    rows = rows.join(able[["people", "direct", "built", "covered"]], on=KEYS)
    rows = rows[(rows["wanted"].astype(float) > rows["covered"] * (1 + TOLERANCE) + TOLERANCE).to_numpy()]
    for (reason, need), short in rows.groupby(["reason", "need"], sort=True):
        worst = short.assign(lack=short["wanted"] - short["covered"]).sort_values("lack", ascending=False, kind="stable").iloc[0]
        when = f" in {worst['period']}" if len(case.data.periods) > 1 else ""
        problem = (
            f"{case.places(short['county'])} cannot reach what it demands for {need}: in {worst['county']}{when} "
            f"{amount(np.ceil(worst['wanted'] - TOLERANCE))} of {amount(worst['people'])} people must be covered, but direct "
            f"support reaches at most {amount(np.floor(worst['direct'] + TOLERANCE))} and projects "
            f"{amount(np.floor(worst['built'] + TOLERANCE))}"
        )
        yield case.located(str(reason), problem,
                           "Lower the rule, widen the tiers, give a unit_cost, or add projects with an effect on this need")
