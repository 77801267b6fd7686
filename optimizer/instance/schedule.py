"""What a project costs and serves in each period, for every period in which it may start."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer.instance.filled import split_list

AGE = re.compile(r"cost\+(\d+)")


def project_starts(projects: pd.DataFrame, periods: Sequence[int]) -> pd.DataFrame:
    """project, start: the periods in which each project may start (blank ``starts`` = all)."""
    rows = [
        (project, period)
        for project, listed in zip(projects.index, split_list(projects["starts"]), strict=True)
        for period in periods
        if not listed or str(period) in listed
    ]
    return pd.DataFrame(rows, columns=["project", "start"]).astype({"project": "str", "start": "int64"})


def costs_by_age(projects: pd.DataFrame) -> np.ndarray:
    """Whole cost by age in periods, shape (projects, ages); blank later costs are 0."""
    ages = {0: "cost"} | {int(m.group(1)): c for c in projects.columns if (m := AGE.fullmatch(str(c)))}
    out = np.zeros((len(projects), max(ages) + 1))
    for age, column in ages.items():
        out[:, age] = np.nan_to_num(projects[column].to_numpy(float))
    return out


def project_money(
    projects: pd.DataFrame, starts: pd.DataFrame, periods: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Money of one whole project in each period of the horizon, and what is due after it.

    Upkeep runs each period from the one after the last cost to the horizon. ``money`` is what the accounts bear,
    ``own`` what others pay (``own_share`` of cost and upkeep).

    Returns
    -------
    money : project, start, period, money, own
    tail : project, start, tail   (accounted money of costs whose age falls beyond the horizon)
    """
    costs = costs_by_age(projects)
    ages = costs.shape[1]
    last_age = np.where(costs > 0, np.arange(ages), 0).max(axis=1) if len(projects) else np.zeros(0, int)
    at = projects.index.get_indexer(pd.Index(starts["project"]))
    first = np.searchsorted(np.asarray(periods), starts["start"].to_numpy())
    upkeep, own_share = projects["upkeep"].to_numpy(float)[at], projects["own_share"].to_numpy(float)[at]
    pieces = []
    for t, period in enumerate(periods):
        age = t - first
        cost = np.where((age >= 0) & (age < ages), costs[at, np.clip(age, 0, ages - 1)], 0.0)
        whole = np.where(age > last_age[at], upkeep, cost)
        pieces.append(pd.DataFrame({
            "project": starts["project"], "start": starts["start"], "period": period,
            "money": _short(whole * (1 - own_share)), "own": _short(whole * own_share),
        })[whole > 0])
    beyond = (first[:, None] + np.arange(ages)[None, :]) >= len(periods)
    tail = _short((costs[at] * beyond).sum(axis=1) * (1 - own_share))
    money = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()
    return (
        money.sort_values(["project", "start", "period"], ignore_index=True),
        pd.DataFrame({"project": starts["project"], "start": starts["start"], "tail": tail}),
    )


def served(
    projects: pd.DataFrame, starts: pd.DataFrame, effects: pd.DataFrame, periods: Sequence[int]
) -> pd.DataFrame:
    """People a whole project serves: project, start, county, need, period, people.

    A lasting need: the one period in which the effect begins (``start`` + ``delay``); a yearly need: each of the
    ``lasts`` periods it serves. Nothing outside the horizon.
    """
    timing = projects[["delay", "lasts"]].rename_axis("project").reset_index()
    rows = starts.merge(timing, on="project").merge(effects, on="project")
    begin = rows["start"] + rows["delay"].astype(int)
    lasts = np.where(rows["kind"] == "lasting", 1, rows["lasts"].fillna(len(periods)))
    pieces = [
        rows.assign(period=period)[(begin <= period) & (period < begin + lasts)] for period in periods
    ]
    out = pd.concat(pieces, ignore_index=True)
    return out[["project", "start", "county", "need", "period", "people"]].sort_values(
        ["project", "start", "county", "need", "period"], ignore_index=True
    )


def _short(values: np.ndarray) -> np.ndarray:
    """Drop the noise of binary products: money is written with at most nine decimals."""
    return np.asarray(np.round(values, 9))
