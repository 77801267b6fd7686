"""Projects: what locked ones cost and use at least, what all could take at most, and whether that fits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from optimizer.instance.checks.words import amount, some
from optimizer.instance.counts.case import Case
from optimizer.instance.findings import Finding
from optimizer.instance.resources import resource_scope

TOLERANCE = 1e-6


def _money(case: Case, period: int | None) -> pd.DataFrame:
    """project, start, money (of one whole project in the period, or over the horizon), for every start there is."""
    data = case.data
    rows = data.project_money if period is None else data.project_money[(data.project_money["period"] == period).to_numpy()]
    money = rows.groupby(["project", "start"])["money"].sum()
    starts = data.project_starts[["project", "start"]]
    return starts.assign(money=money.reindex(pd.MultiIndex.from_frame(starts)).fillna(0.0).to_numpy())


def _by_account(case: Case, money: pd.Series) -> pd.Series:
    """Summed by category and county."""
    projects = case.data.projects.loc[money.index]
    keys = [projects["category"].to_numpy(), projects["county"].to_numpy()]
    return pd.Series(money.to_numpy(float), index=pd.MultiIndex.from_arrays(keys)).groupby(level=[0, 1]).sum()


def least_amount(case: Case) -> pd.Series:
    """Amount of each locked project that is started in every plan (1, or ``least`` of a scalable one)."""
    projects = case.data.projects
    locked = projects[(projects["status"] == "lock").to_numpy()]
    return pd.Series(np.where(locked["scalable"] == 1, locked["least"].astype(float), 1.0), index=locked.index)


def most_amount(case: Case) -> pd.Series:
    """Largest amount of each project that may be started."""
    projects = case.data.projects
    free = projects[(projects["status"] != "forbid").to_numpy()]
    return pd.Series(np.where(free["scalable"] == 1, free["most"].astype(float), 1.0), index=free.index)


def locked_cost(case: Case, period: int | None) -> pd.Series:
    """Least money of locked projects by category and county, whenever they start."""
    least = least_amount(case)
    cost = _money(case, period).groupby("project")["money"].min().reindex(least.index).fillna(0.0) * least
    return _by_account(case, cost[cost > 0])


def most_cost(case: Case, period: int | None) -> pd.Series:
    """Most money that projects can take, by category and county."""
    most = most_amount(case)
    cost = _money(case, period).groupby("project")["money"].max().reindex(most.index).fillna(0.0)
    paid = cost > 0
    return _by_account(case, (cost[paid] * most[paid]))


def check(case: Case) -> Iterator[Finding]:
    """Resources that locked projects use beyond what there is, with all that could be freed or brought."""
    data = case.data
    if not case.hard or not len(data.resources) or not len(data.uses):
        return
    use = _uses(case)
    for (resource, scope), rows in data.resources.groupby(["resource", "scope"], sort=True):
        mine = use[(use["resource"] == resource).to_numpy()]
        mine = mine.assign(of=resource_scope(data.counties, mine["county"], str(scope)).to_numpy())
        pressed = set(mine.loc[((mine["locked"] > 0) & (mine["amount"] > 0)).to_numpy(), "of"])
        brought = _brought(case, str(resource)) if scope == "county" else pd.Series(dtype=float)
        for row in rows[rows["of"].isin(pressed).to_numpy()].to_dict("records"):
            here = mine[(mine["of"] == row["of"]).to_numpy()]
            least, who = _least_use(here, row["period"])
            room = float(row["capacity"]) + float(brought.get(row["of"], 0.0))
            if least > room + TOLERANCE * max(1.0, abs(room)):
                place = "" if scope == "all" else f" in {row['of']}"
                when = "" if row["period"] == "horizon" else f" in {row['period']}"
                unit = f" {row['unit']}" if row["unit"] else ""
                yield Finding(
                    case.view.file("resources"), None, "capacity", str(resource),
                    f"is used by locked projects ({some(who)}): at least {amount(least)}{unit}{place}{when}, but there are at "
                    f"most {amount(room)}{unit}" + (" with what pairs can bring" if len(brought) else ""),
                    "Unlock a project, or raise the capacity",
                )


def _uses(case: Case) -> pd.DataFrame:
    """project, resource, amount, start, county, locked, most, starts: one row for each start that a project may have."""
    rows = case.data.uses.merge(case.data.project_starts, on="project")
    rows["county"] = rows["project"].map(case.data.projects["county"])
    rows["locked"] = rows["project"].map(least_amount(case))
    rows["most"] = rows["project"].map(most_amount(case)).fillna(0.0)
    rows["starts"] = rows.groupby(["project", "resource"])["start"].transform("size")
    return rows


def _least_use(rows: pd.DataFrame, period: object) -> tuple[float, list[str]]:
    """Least sum of uses: what locked projects take at least, less all that others could free."""
    per = rows["amount"].to_numpy(float)
    locked = rows["locked"].fillna(0.0).to_numpy(float)
    most = rows["most"].to_numpy(float)
    certain = (rows["starts"] == 1).to_numpy() if period != "horizon" else np.ones(len(rows), dtype=bool)
    at = np.ones(len(rows), dtype=bool) if period == "horizon" else (rows["start"] == period).to_numpy()
    first = ~rows.duplicated("project").to_numpy() if period == "horizon" else at
    used, freed = np.maximum(per, 0.0) * np.where(certain, locked, 0.0), np.zeros(len(rows))
    freed[per < 0] = -per[per < 0] * most[per < 0]
    names = rows.loc[first & (per > 0) & (locked > 0) & certain, "project"]
    return float(used[first].sum() - freed[first].sum()), sorted(set(names))


def _brought(case: Case, resource: str) -> pd.Series:
    """Most that chosen pairs can add to each county's capacity: the largest contributions of ``partners_max`` pairs."""
    data = case.data
    free = data.pairs.loc[(data.pairs["status"] != "forbid").to_numpy(), ["donor", "county"]]
    rows = data.brings[(data.brings["resource"] == resource).to_numpy() & (data.brings["amount"] > 0).to_numpy()]
    rows = rows.merge(free, on=["donor", "county"]).sort_values("amount", ascending=False, kind="stable")
    rank = rows.groupby("county").cumcount()
    kept = (rank < rows["county"].map(data.counties["partners_max"].fillna(1.0))).to_numpy(bool)
    most: pd.Series = rows[kept].groupby("county")["amount"].sum()
    return most
