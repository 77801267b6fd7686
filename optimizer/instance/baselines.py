"""What plans are compared with: last year's money, the factor method (因素法), and claims rules.

All are tables ``stream, county, category, money`` per period; a missing row of last year is unknown, not zero.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from optimizer.instance.claims import RULES as CLAIMS_RULES
from optimizer.instance.data import Data

_FACTOR: WeakKeyDictionary[Data, pd.DataFrame] = WeakKeyDictionary()


def factor_shares(data: Data, counties: pd.Index) -> list[Fraction]:
    """Share of each of ``counties``: Σ_f w_f · n_i·g_i / Σ_j n_j·g_j, exact.

    n is the ``scale`` column (1 without one); g = x where a high value earns more, max_j x_j − x_i where a low one does.
    """
    factor = data.settings.factor
    assert factor is not None
    shares = [Fraction(0)] * len(counties)
    for part in factor.factors:
        x = _exact(data.counties.loc[counties, part.column])
        scale = _exact(data.counties.loc[counties, part.scale]) if part.scale else [Fraction(1)] * len(x)
        top = max(x, default=Fraction(0))
        score = [n * (v if part.direction == "high" else top - v) for v, n in zip(x, scale, strict=True)]
        total = sum(score, Fraction(0))
        weight = Fraction(str(part.weight))
        if total > 0:
            shares = [share + weight * s / total for share, s in zip(shares, score, strict=True)]
        else:  # nobody differs: the factor is shared out by scale
            whole = sum(scale, Fraction(0))
            shares = [share + weight * n / whole for share, n in zip(shares, scale, strict=True)] if whole else shares
    return shares


def _exact(values: pd.Series) -> list[Fraction]:
    return [Fraction(repr(float(value))) for value in values]


def largest_remainder(shares: list[Fraction], total: Fraction, step: Fraction) -> list[Fraction]:
    """Split ``total`` by ``shares`` (normalised) into multiples of ``step``: floors, then one step by largest remainder."""
    whole = sum(shares, Fraction(0))
    if not shares or whole <= 0:
        return [Fraction(0)] * len(shares)
    steps = int(total // step)
    exact = [share / whole * steps for share in shares]
    floors = [int(value) for value in exact]
    order = sorted(range(len(shares)), key=lambda i: (-(exact[i] - floors[i]), i))
    for i in order[: steps - sum(floors)]:
        floors[i] += 1
    return [floor * step for floor in floors]


def factor_money(data: Data) -> pd.DataFrame:
    """stream, county, period, money: every stream of ``factor.streams`` (none named: all transfer streams) shared out.

    Worked out once for each instance, in exact numbers.
    """
    if data not in _FACTOR:
        _FACTOR[data] = _shared_out(data)
    return _FACTOR[data]


def _shared_out(data: Data) -> pd.DataFrame:
    rows: list[tuple[str, str, int, float]] = []
    factor = data.settings.factor
    step = Fraction(str(data.step))
    streams = (factor.streams or sorted(data.budgets["stream"].unique())) if factor is not None else ()
    for stream in streams:
        budgets = data.budgets[data.budgets["stream"] == stream]
        for scope in budgets["scope"].unique():
            mask = (data.reach["stream"] == stream) & (data.reach["scope"] == scope)
            counties = pd.Index(sorted(data.reach.loc[mask, "county"]))
            shares = factor_shares(data, counties)
            here = budgets[budgets["scope"] == scope]
            for period, amount in zip(here["period"].tolist(), here["amount"].tolist(), strict=True):
                money = largest_remainder(shares, Fraction(repr(float(amount))), step)
                rows.extend((stream, county, period, float(m)) for county, m in zip(counties, money, strict=True))
    return pd.DataFrame(rows, columns=["stream", "county", "period", "money"])


def baseline_rows(
    data: Data, which: str, streams: Sequence[str] | None, categories: Sequence[str] | None, parted: Collection[str] = ()
) -> pd.DataFrame:
    """county, stream, category, period, money of a baseline: ``last`` (the same each period), ``factor`` or a claims rule.

    Parameters
    ----------
    streams, categories : only these (None = all of them)
    parted : ``stream``, ``category``: what the caller tells apart. Where neither this nor a list names the streams
        (categories), a row of the whole goes before the rows of its parts

    Raises
    ------
    ValueError : the factor method is asked for by category; it shares out money by stream and county only. A claims
        rule is asked for by stream or category; it shares out one budget
    """
    if which in CLAIMS_RULES:
        if categories is not None or parted:
            raise ValueError("a claims rule shares one budget by county; it has no streams or categories")
        return claims_money(data, which, streams)
    if which == "factor":
        if categories is not None or "category" in parted:
            raise ValueError("the factor method shares money by stream and county; it has no categories")
        rows = factor_money(data).assign(category="")
        return rows if streams is None else rows[rows["stream"].isin(list(streams))].reset_index(drop=True)
    rows = _one_level(data.baseline, "stream", streams, "stream" in parted, ["county"])
    rows = _one_level(rows, "category", categories, "category" in parted, ["county", "stream"])
    rows = rows[["county", "stream", "category", "money"]]
    return rows.merge(pd.DataFrame({"period": list(data.periods)}), how="cross")


def claims_money(data: Data, which: str, streams: Sequence[str] | None) -> pd.DataFrame:
    """county, stream and category (blank), period, money by a claims rule: all money of ``streams`` (None = all) as one estate.

    Claimants are the counties that this money can reach and whose ``claim``, over all periods, is known. What they are
    awarded of the budgets of all periods is paid out in proportion to the budget of each, by largest remainder to steps.
    """
    names = list(data.streams) if streams is None else list(streams)
    counties = claimants(data, names)
    claims = _exact(data.counties.loc[counties, "claim"])
    budgets = [_money_of(data, names, period) for period in data.periods]
    estate = sum(budgets, Fraction(0))
    awards = CLAIMS_RULES[which](claims, estate)
    rows: list[tuple[str, int, float]] = []
    for period, budget in zip(data.periods, budgets, strict=True):
        part = sum(awards, Fraction(0)) * budget / estate if estate else Fraction(0)
        money = largest_remainder(awards, part, Fraction(str(data.step)))
        rows.extend((county, period, float(amount)) for county, amount in zip(counties, money, strict=True))
    out = pd.DataFrame(rows, columns=["county", "period", "money"]).astype({"period": "int64", "money": "float64"})
    return out.assign(stream="", category="")[["county", "stream", "category", "period", "money"]]


def claimants(data: Data, streams: Sequence[str]) -> list[str]:
    """Counties with a known claim that money of the streams can reach."""
    inside = set(data.reach.loc[data.reach["stream"].isin(list(streams)), "county"])
    claim = data.counties["claim"]
    return sorted(str(county) for county in claim.index[claim.notna().to_numpy()] if county in inside)


def _money_of(data: Data, streams: Sequence[str], period: int) -> Fraction:
    """Budgets and donors' money of streams in a period, exact."""
    budgets = data.budgets[data.budgets["stream"].isin(list(streams)) & (data.budgets["period"] == period)]
    donors = data.donor_money[data.donor_money["period"] == period]
    given = donors[donors["donor"].map(data.donors["stream"]).isin(list(streams))]
    return sum(_exact(budgets["amount"]) + _exact(given["money"]), Fraction(0))


def last_money(data: Data, streams: list[str] | None, categories: list[str] | None) -> pd.Series:
    """Last year's money per period of each county with a known figure, for some streams and categories (None = all).

    A row with a blank stream (category) is the whole over streams (categories) and is used where the whole is asked
    for; otherwise the rows named are added up. Index: county.
    """
    rows = baseline_rows(data, "last", streams, categories)
    return rows[rows["period"] == data.periods[0]].groupby("county")["money"].sum()


def _one_level(rows: pd.DataFrame, column: str, wanted: Sequence[str] | None, apart: bool, keys: list[str]) -> pd.DataFrame:
    if wanted is not None:
        return rows[rows[column].isin(list(wanted))]
    whole = rows[rows[column] == ""]
    if apart:
        return rows[rows[column] != ""]
    known = pd.MultiIndex.from_frame(whole[keys])
    parts = rows[(rows[column] != "") & ~pd.MultiIndex.from_frame(rows[keys]).isin(known)]
    return pd.concat([whole, parts])


def budget_of(data: Data, streams: list[str] | None, period: int) -> float:
    """Money that streams may pay in a period: budgets of transfer streams, donors' money of pairing streams."""
    names = list(data.streams) if streams is None else streams
    budgets = data.budgets[data.budgets["stream"].isin(names) & (data.budgets["period"] == period)]
    donors = data.donor_money[data.donor_money["period"] == period]
    given = donors[donors["donor"].map(data.donors["stream"]).isin(names)]
    return float(budgets["amount"].sum() + np.asarray(given["money"], float).sum())
