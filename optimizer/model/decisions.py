"""The decisions: which columns the program has, with their bounds (MODEL.md, "Decisions")."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.model.algebra import Algebra, Terms, lookup

PAIR_STAGE, PROJECT_STAGE, RULE_STAGE = 1, 2, 3


def declare_decisions(model: Algebra, data: Data) -> None:
    """All families of columns that every instance has; rules and criteria add their own."""
    model.blocks.update({county: n for n, county in enumerate(data.counties.index)})
    model.home.update({str(project): county for project, county in data.projects["county"].items()})
    declare_transfers(model, data)
    declare_pairs(model, data)
    declare_projects(model, data)
    declare_coverage(model, data)
    declare_unspent(model, data)
    declare_carry(model, data)


def spendable(data: Data) -> pd.DataFrame:
    """county, category: where money can do something (a project or direct support), or may be left unspent."""
    if data.settings.settings.unspent == "allow":
        return pd.MultiIndex.from_product(
            [data.counties.index, list(data.settings.categories)], names=["county", "category"]
        ).to_frame(index=False)
    open_projects = data.projects[data.projects["status"] != "forbid"]
    direct = data.needs.merge(data.tiers[["county", "need"]].drop_duplicates(), on=["county", "need"])
    both = pd.concat([open_projects[["county", "category"]], direct[["county", "category"]]])
    return both.drop_duplicates().sort_values(["county", "category"], ignore_index=True)


def with_periods(frame: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Each row of ``frame`` once for each period."""
    return frame.merge(pd.DataFrame({"period": list(data.periods)}), how="cross")


def declare_transfers(model: Algebra, data: Data) -> None:
    """``transfer[s,i,c,t]`` ≥ 0: money of stream s with a budget, for category c in county i."""
    budgeted = [name for name, stream in data.streams.items() if stream.kind == "transfer"]
    keys = data.reach[data.reach["stream"].isin(budgeted)].merge(data.stream_categories, on="stream")
    keys = keys.merge(spendable(data), on=["county", "category"])
    keys = with_periods(keys[["stream", "county", "category"]].drop_duplicates(), data)
    model.declare("transfer", keys, money=True)


def declare_pairs(model: Algebra, data: Data) -> None:
    """``pair[d,i]`` ∈ {0,1}, ``support[d,i,t]`` ≥ 0 along it, ``placed[g,i,c,t]`` ≥ 0 what it is spent on."""
    pairs = data.pairs
    model.declare(
        "pair", pairs[["donor", "county"]], integer=True, stage=PAIR_STAGE,
        lower=(pairs["status"] == "lock").to_numpy(float), upper=(pairs["status"] != "forbid").to_numpy(float),
    )
    money = data.pair_money
    money = money[(money["most"] > 0).to_numpy()].reset_index(drop=True)
    switch = model.columns["pair"].first + money["pair"].to_numpy(int)
    open_ = (pairs["status"] != "forbid").to_numpy()[money["pair"].to_numpy(int)]
    model.declare("support", money[["donor", "county", "period"]], upper=np.where(open_, money["most"].to_numpy(float), 0.0),
                  switch=switch, money=True)
    paid = pairs[["stream", "county"]].drop_duplicates().merge(data.reach[["stream", "county"]], on=["stream", "county"])
    keys = paid.merge(data.stream_categories, on="stream").merge(spendable(data), on=["county", "category"])
    model.declare("placed", with_periods(keys[["stream", "county", "category"]], data), money=True)


def declare_projects(model: Algebra, data: Data) -> None:
    """``start[p,t]`` ∈ {0,1}; scalable projects ``amount[p,t]`` ≥ 0, with a binary ``started[p,t]`` only where needed."""
    starts, projects = data.project_starts, data.projects
    info = projects.loc[starts["project"], ["scalable", "least", "most", "status", "exclusive"]].reset_index(drop=True)
    free = (info["status"] != "forbid").to_numpy()
    whole = (info["scalable"] != 1).to_numpy()
    only = ~starts["project"].duplicated(keep=False).to_numpy()  # one period it can start in: locked is a bound, no row
    locked = (info["status"] == "lock").to_numpy() & only
    model.declare("start", starts[whole], integer=True, stage=PROJECT_STAGE, lower=locked[whole].astype(float),
                  upper=free[whole].astype(float))
    scalable = starts[~whole].reset_index(drop=True)
    most = np.where(free[~whole], info.loc[~whole, "most"].to_numpy(float), 0.0)
    switched = needs_switch(projects)
    needs = scalable["project"].isin(switched).to_numpy()
    model.declare("started", scalable[needs], integer=True, stage=PROJECT_STAGE,
                  lower=locked[~whole][needs].astype(float), upper=free[~whole][needs].astype(float))
    switch = np.full(len(scalable), -1)
    switch[needs] = model.columns["started"].numbers
    model.declare("amount", scalable, upper=most, switch=switch)


def needs_switch(projects: pd.DataFrame) -> set[str]:
    """Scalable projects that need a binary: ``least`` > 0, in an exclusive group, or part of a prerequisite."""
    scalable = projects[projects["scalable"] == 1]
    required = {name for cell in projects["requires"].dropna() for name in str(cell).split(";")}
    mask = (scalable["least"] > 0) | scalable["exclusive"].notna() | scalable["requires"].notna()
    return set(scalable.index[mask]) | (set(scalable.index) & {name.strip() for name in required})


def declare_coverage(model: Algebra, data: Data) -> None:
    """``reach``, ``direct`` (its money), ``held`` (lasting needs over several periods), ``built``."""
    tiers = data.tiers.merge(data.needs[["county", "need", "period", "people", "kind"]], on=["county", "need", "period"])
    room = (tiers["width"] * tiers["people"]).to_numpy(float)
    several = len(data.periods) > 1
    lasting = (tiers["kind"] == "lasting").to_numpy() & several
    keys = tiers[["county", "need", "tier", "period"]]
    model.declare("reach", keys, upper=room)
    model.declare("held", keys[lasting], upper=room[lasting])
    direct = tiers[["county", "need", "period"]].drop_duplicates()
    model.declare("direct", direct, money=True)
    built = data.served[["county", "need"]].drop_duplicates()
    people = data.needs[["county", "need", "period", "people"]].merge(built, on=["county", "need"])
    model.declare("built", people[["county", "need", "period"]], upper=people["people"].to_numpy(float))


def declare_unspent(model: Algebra, data: Data) -> None:
    """``unspent[i,c,t]`` ≥ 0, only where the instance allows it."""
    if data.settings.settings.unspent == "allow":
        model.declare("unspent", with_periods(spendable(data), data))


def declare_carry(model: Algebra, data: Data) -> None:
    """``carried_out[s,scope,t]`` ≥ 0 up to the stream's share of the period's own budget; none from the last period."""
    budgets = data.budgets[data.budgets["period"] != data.periods[-1]]
    share = budgets["stream"].map({name: stream.carry for name, stream in data.streams.items()}).astype(float)
    carried = budgets[(share > 0).to_numpy()]
    top = (share * budgets["amount"])[carried.index].to_numpy(float)
    model.declare("carried_out", carried[["stream", "scope", "period"]], upper=top, money=True)


def position(model: Algebra, family: str, keys: pd.DataFrame) -> np.ndarray:
    """Global column numbers of a family's columns under ``keys``; -1 where there is none."""
    columns = model.columns[family]
    at = lookup(columns.keys, keys)
    return np.where(at >= 0, columns.first + at, -1)


def per_start(model: Algebra, rows: pd.DataFrame, value: np.ndarray) -> Terms:
    """Terms ``value`` × start (or amount) of the project and start period that each row names."""
    start = position(model, "start", rows[["project", "start"]])
    amount = position(model, "amount", rows[["project", "start"]])
    return Terms(rows.reset_index(drop=True), np.where(start >= 0, start, amount), value)
