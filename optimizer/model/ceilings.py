"""Ceilings: numbers that no plan exceeds, for rows that a binary switches on or off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Measure

FREE_AMOUNT = 1e6  # of a scalable project without cost and without end, which nothing else could limit


def money_total(data: Data) -> float:
    """All money that can be spent over the horizon: a ceiling for any sum of money."""
    return float(data.budgets["amount"].sum() + data.donor_money["money"].sum())


def ceiling(data: Data, measure: Measure) -> float:
    """A size that no sum of the measure exceeds, over any units and periods.

    All money, all pairs, all projects or all people, whichever is counted, times the weights it may be counted by.
    """
    weight = max(1.0, *data.weight.values())
    if measure.sum in ("money", "support") or measure.column == "cost":
        return money_total(data)
    if measure.sum in ("covered", "gap"):
        of_need = np.maximum(data.needs["weight"], 1.0) if measure.weighted else 1.0
        return weight * float((data.needs["people"] * of_need).sum())
    if measure.sum == "exited":
        return weight * len(data.counties) * len(data.periods)
    if measure.sum == "pairs":
        return float(data.pairs[measure.column].abs().sum()) if measure.column else float(len(data.pairs))
    amounts = largest_amounts(data)
    return float((amounts * data.projects[measure.column].abs()).sum() if measure.column else amounts.sum())


def largest_amounts(data: Data) -> pd.Series:
    """The largest amount of each project: 1, ``most``, or where that has no end what all money pays for."""
    projects = data.projects
    most = pd.Series(np.where(projects["scalable"] == 1, projects["most"], 1.0), index=projects.index, dtype=float)
    endless = np.isinf(most)
    if endless.any():
        paid = money_total(data) / whole_costs(data).where(lambda cost: cost > 0)
        most[endless] = paid[endless].fillna(FREE_AMOUNT)
    return most


def whole_costs(data: Data) -> pd.Series:
    """Accounted cost of a whole project inside the horizon, for the start for which that is least."""
    starts = data.project_starts.merge(
        data.project_money.groupby(["project", "start"], as_index=False)["money"].sum(), on=["project", "start"], how="left")
    return starts["money"].fillna(0.0).groupby(starts["project"]).min().reindex(data.projects.index).fillna(0.0)


def least_amounts(data: Data) -> pd.Series:
    """The least amount that counts as started: ``least`` of a scalable project, or one step of its money if that is none.

    Where it costs nothing, a thousandth: a project that is started with nothing would satisfy what requires it and yet
    not be in the plan.
    """
    cost = data.project_money.groupby(["project", "start"])["money"].sum().groupby("project").max()
    cost = cost.reindex(data.projects.index).fillna(0.0)
    token = (data.step / cost.where(cost > 0)).fillna(1e-3)
    return pd.Series(np.maximum(data.projects["least"], np.minimum(token, data.projects["most"])), index=data.projects.index)
