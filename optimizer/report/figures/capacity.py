"""Donors: money given of what they have, and pairs of what they can carry."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import (
    BLUE,
    HALF,
    LIGHT,
    EmptyFigureError,
    Picture,
    beside,
    grid,
    headed,
    paper,
    styled,
    thousands,
    wrapped,
)
from optimizer.report.figures.names import Names

MOST_DONORS = 32


@styled
def donor_capacity(plan: Plan, *, lang: str = "en") -> Picture:
    """Money that donors have and give, and their capacity for pairs with the load they carry; many donors by their place.

    Returns
    -------
    Picture : data: donor (or place), donors, money, given (the instance's unit), capacity, load; NaN capacity = no limit

    Raises
    ------
    EmptyFigureError : the instance has no donors
    """
    names = Names(plan, lang)
    donors = by_donor(plan)
    if not len(donors):
        raise EmptyFigureError(names.say("nothing.donors"))
    data = _gathered(plan, donors, names).sort_values("money", ascending=False, kind="stable")
    picture = paper("donor_capacity", names.say("figure.donors"), data, 1.5 + 0.27 * len(data))
    headed(picture)
    limited = bool(data["capacity"].notna().any())
    panels = np.atleast_1d(picture.subplots(1, 1 + limited, sharey=True, width_ratios=[1.5, 1][: 1 + limited]))
    _panel(panels[0], data["money"], data["given"])
    panels[0].set_xlabel(wrapped(names.say("figure.donors.money", money=names.money), HALF))
    if limited:
        _panel(panels[1], data["capacity"], data["load"])
        panels[1].set_xlabel(wrapped(names.say("figure.donors.load"), HALF))
    panels[0].set_yticks(range(len(data)), [wrapped(name, 22) for name in data["donor"]])
    panels[0].set_ylim(len(data) - 0.4, -0.6)
    words = [names.say("figure.donors.had"), names.say("figure.donors.used")]
    picture.legend(panels[0].containers[:2], words, loc="outside lower center", ncols=2)
    return picture


def by_donor(plan: Plan) -> pd.DataFrame:
    """Index donor: money over the horizon, given, capacity (NaN = no limit), load of the pairs that are made or kept."""
    data = plan.data
    money = data.donor_money.groupby("donor")["money"].sum()
    given = plan.support.groupby("donor")["money"].sum()
    load = plan.pairings[plan.pairings["status"] != "ended"].groupby("donor")["load"].sum()
    out = pd.DataFrame({"money": money, "given": given, "load": load}).reindex(data.donors.index).fillna(0.0)
    return out.assign(donors=1, capacity=data.donors["pairs_max"].astype(float))


def _gathered(plan: Plan, donors: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Donors by name where they are few; else by the first of province, city and bloc that makes few; else the rest in one."""
    order = ["donor", "donors", "money", "given", "capacity", "load"]
    if len(donors) <= MOST_DONORS:
        return donors.assign(donor=names.donors(donors.index))[order]
    table = plan.data.donors
    for column in ("province", "city", "bloc"):
        if column in table and table[column].notna().all() and 1 < table[column].nunique() <= MOST_DONORS:
            keys = table[column].to_numpy(dtype=object)
            break
    else:
        most = set(donors["money"].nlargest(MOST_DONORS - 1).index)
        named = names.donors(donors.index)
        others = names.say("figure.funds.others", count=len(donors) - len(most))
        keys = np.array([name if key in most else others for key, name in zip(donors.index, named, strict=True)], dtype=object)
    sums = donors.groupby(keys, sort=False).sum(min_count=1)
    unlimited = donors["capacity"].isna().groupby(keys, sort=False).any()
    sums["capacity"] = sums["capacity"].where(~unlimited)
    return sums.rename_axis("donor").reset_index()[order]


def _panel(axes: Axes, whole: pd.Series, part: pd.Series) -> None:
    at = range(len(whole))
    axes.barh(at, whole.fillna(0.0), color=LIGHT, height=0.74, gid="whole")
    axes.barh(at, part, color=BLUE, height=0.44, gid="part")
    for place, had, used in zip(at, whole, part, strict=True):
        text = f"{100 * used / had:.0f} %" if had > 0 else ""
        beside(axes, text, max(had if had == had else 0.0, used), place)
    axes.margins(x=0.14)
    axes.locator_params(axis="x", nbins=5)
    thousands(axes)
    grid(axes)
