"""Budgets and last year's distribution: published totals, stated assumptions, no invented split."""

from __future__ import annotations

import pandas as pd

from .needs import whole

FACTORS = (
    {"column": "at_risk", "weight": 0.45, "direction": "high", "scale": None},
    {"column": "income", "weight": 0.3, "direction": "low", "scale": "rural_population"},
    {"column": "three_regions", "weight": 0.10, "direction": "high", "scale": "rural_population"},
    {"column": "terrain_relief", "weight": 0.15, "direction": "high", "scale": "rural_population"},
)
"""The factor method of instance.yaml. The kinds of factor are published, the weights are assumed."""

MATCHING = {"west": 0.30, "central": 0.45, "east": 0.60}
"""Assumed provincial money for each yuan of central money, by macro region."""

LAST_YEAR_MIX = {"factor": 0.75, "rural": 0.20, "equal": 0.05}
"""Last year's split is modelled as a mix of the factor method, rural population and equal shares."""

HIGHEST_OF_CLAIM = 0.5
"""No county is taken to have had more than this part of what covering all its needs would cost (assumed)."""


def factor_shares(counties: pd.DataFrame) -> pd.Series:
    """Share of each county by the factor method (people, income, policy, terrain), adding up to 1."""
    share = pd.Series(0.0, index=counties.index)
    for factor in FACTORS:
        values = counties[factor["column"]]
        score = values if factor["direction"] == "high" else values.max() - values
        if factor["scale"]:
            score = score * counties[factor["scale"]]
        share += factor["weight"] * score / score.sum()
    return share


def last_year(counties: pd.DataFrame, total: float) -> pd.Series:
    """Central money of the year before, whole 10,000 yuan, adding up to the published total's part."""
    rural = counties["rural_population"] / counties["rural_population"].sum()
    mix = LAST_YEAR_MIX
    share = mix["factor"] * factor_shares(counties) + mix["rural"] * rural + mix["equal"] / len(counties)
    ceiling = HIGHEST_OF_CLAIM * counties["claim"]
    money = share * total
    for _ in range(20):  # what the ceiling cuts off goes to the others, in proportion
        money = money.clip(upper=ceiling)
        open_ = money < ceiling
        money = money.where(~open_, money * (1 + (total - money.sum()) / money[open_].sum()))
    return whole(money, round(total))


def baseline_table(counties: pd.DataFrame, total: float, year: int) -> pd.DataFrame:
    """Return the `baseline` table of the central stream."""
    money = last_year(counties, total)
    return pd.DataFrame({"county": counties.index, "stream": "central", "category": "", "money": money.to_numpy(),
                         "year": year})


def provincial_budgets(counties: pd.DataFrame, central: float, periods: list[int]) -> pd.DataFrame:
    """Return the `budgets` rows of the provincial stream, one scope for each province."""
    share = factor_shares(counties) * central
    by_province = share.groupby(counties["province"], sort=False).sum()
    macro = counties.groupby("province")["macro_region"].first()
    rows = [{"stream": "provincial", "scope": f"province={province}", "period": period,
             "amount": round(by_province[province] * MATCHING[macro[province]])}
            for province in by_province.index for period in periods]
    return pd.DataFrame(rows)
