"""Groups of counties: the money that can reach them, and what covering a number of their people costs at least."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.counts.case import Case
from optimizer.instance.counts.projects import locked_cost
from optimizer.instance.settings import BoundRule


def needs_of(case: Case, rule: BoundRule) -> pd.DataFrame:
    """Rows of the needs that a rule on coverage counts."""
    rows = case.reachable.needs
    wanted = rule.of.filters.get("need")
    listed = [wanted] if isinstance(wanted, str) else wanted
    return rows if listed is None else rows[rows["need"].isin([str(x) for x in listed]).to_numpy()]


def group_money(
    case: Case, streams: tuple[str, ...] | None, categories: tuple[str, ...] | None, period: int | None, inside: np.ndarray,
    group: pd.Series,
) -> pd.Series:
    """Most money of each group in a period (None = the horizon): budgets whose scope touches it, donors with a pair in it.

    Parameters
    ----------
    streams, categories : those that count; None = all
    inside : which counties count
    group : the group of each county, index county
    """
    data = case.data
    out = pd.Series(0.0, index=group.dropna().unique())
    members = pd.Series(inside, index=data.counties.index)
    allowed = data.stream_categories
    if categories is not None:
        allowed = allowed[allowed["category"].isin(categories).to_numpy()]
    payers = set(allowed["stream"]) if streams is None else set(allowed["stream"]) & set(streams)
    budgets = data.budgets if period is None else data.budgets[(data.budgets["period"] == period).to_numpy()]
    earlier = data.budgets[(data.budgets["period"] == (period or 0) - 1).to_numpy()]
    before = earlier.groupby(["stream", "scope"])["amount"].sum()
    for (stream, scope), rows in budgets.groupby(["stream", "scope"]):
        if stream in payers:
            carried = data.streams[str(stream)].carry * float(before.get((stream, scope), 0.0))
            reach = data.reach[((data.reach["stream"] == stream) & (data.reach["scope"] == scope)).to_numpy()]["county"]
            out[group[reach[members[reach].to_numpy()]].dropna().unique()] += float(rows["amount"].sum()) + carried
    pairs = data.pairs[((data.pairs["status"] != "forbid") & data.pairs["stream"].isin(payers)).to_numpy()]
    pairs = pairs[members[pairs["county"]].to_numpy()]
    money = data.donor_money if period is None else data.donor_money[(data.donor_money["period"] == period).to_numpy()]
    means = money.groupby("donor")["money"].sum()
    met = pd.DataFrame({"donor": pairs["donor"], "group": pairs["county"].map(group)}).dropna().drop_duplicates()
    return out.add(met["donor"].map(means).groupby(met["group"]).sum(), fill_value=0.0)


def cheapest_cover(case: Case, rule: BoundRule, period: int, members: np.ndarray, wanted: float) -> float:
    """Least money, with locked projects, for covering ``wanted`` people of the counties in ``members``.

    Tiers and projects are taken from the cheapest person on, whole projects by the part that is needed; that a need
    may be covered twice is let pass, and projects of counties outside are taken as free, so no plan costs less.
    """
    data, inside = case.data, set(case.data.counties.index[members])
    rows = needs_of(case, rule)
    rows = rows[(rows["period"] == period).to_numpy() & rows["county"].isin(inside).to_numpy()]
    keys = pd.MultiIndex.from_frame(rows[["county", "need"]])
    weight = pd.Series(rows["weight"].to_numpy(float) if rule.of.weighted else 1.0, index=keys)
    tiers = case.reachable.tiers
    tiers = tiers[(tiers["period"] == period).to_numpy() & pd.MultiIndex.from_frame(tiers[["county", "need"]]).isin(keys)]
    by_tier = weight.reindex(pd.MultiIndex.from_frame(tiers[["county", "need"]])).to_numpy()
    effects = case.reachable.effects
    effects = effects[(effects["period"] == period).to_numpy() & pd.MultiIndex.from_frame(effects[["county", "need"]]).isin(keys)]
    by_effect = weight.reindex(pd.MultiIndex.from_frame(effects[["county", "need"]])).to_numpy()
    single = (effects["single"] * by_effect).groupby(effects["project"]).sum()
    single = single[single > 0]
    most = case.reachable.started["most"].reindex(single.index)
    home, locked = data.projects["county"].reindex(single.index), data.projects["status"].reindex(single.index) == "lock"
    price = (case.reachable.least_cost.reindex(single.index) / single).where(home.isin(inside) & ~locked, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ways = pd.DataFrame({
            "people": np.concatenate([tiers["people"].to_numpy(float) * by_tier, (single * most).to_numpy(float)]),
            "cost": np.concatenate([tiers["cost"].to_numpy(float) / by_tier, price.to_numpy(float)]),
        })
    ways = ways[(ways["people"] > 0).to_numpy()].sort_values("cost", kind="stable")
    before = np.concatenate([[0.0], np.cumsum(ways["people"].to_numpy(float))[:-1]])
    taken = np.clip(wanted - before, 0.0, ways["people"].to_numpy(float))
    sunk = locked_cost(case, None)
    here = sunk.index.get_level_values(1).isin(list(inside))
    return float((taken * ways["cost"].to_numpy(float)).sum()) + float(sunk[here].sum())
