"""People in need by dimension, and what reaching one of them costs.

Every need is a rate over the rural population: the exponential of a weighted sum of standardised county
indicators, capped, then scaled so that all counties together give a stated total. Only the total of
`income` rests on a published headcount; the other totals and all weights are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TIERS = ((0.5, 1.0), (0.3, 1.4), (0.2, 2.0))
"""Width (share of people) and cost factor of each tier; the same as in instance.yaml."""


@dataclass(frozen=True)
class NeedModel:
    """One dimension: drivers of the rate, total people, cost of reaching one person (10,000 yuan)."""

    name: str
    total: float
    drivers: dict[str, float]
    unit_cost: float
    relapse: float | None = None
    highest: float = 0.15


POOR_END_2019 = 5_510_000
"""Poor people nationwide at the end of 2019 (poverty_headcounts_published.csv)."""
SHARE_IN_832 = 0.85
"""Assumed part of them that lives in the 832 counties."""
HOUSING_COST = 50.46e2 / 2151
"""Safe housing in Liangshan, 2019: 50.46 million yuan for 2,151 people, in 10,000 yuan a person."""

MODELS = (
    NeedModel("income", POOR_END_2019 * SHARE_IN_832,
              {"income": -0.45, "relief": 0.12, "last_52": 0.6, "delisted": 0.25, "three_regions": 0.2}, 0.9, None, 0.10),
    NeedModel("employment", 7_800_000, {"income": -0.35, "delisted": 0.15, "relief": 0.05, "three_regions": 0.15}, 0.5),
    NeedModel("housing", 2_600_000, {"income": -0.3, "relief": 0.25, "last_52": 0.4, "three_regions": 0.2}, HOUSING_COST, 0.02),
    NeedModel("water", 7_500_000, {"income": -0.2, "relief": 0.2, "dry": 0.45}, 0.3, 0.05),
    NeedModel("education", 5_400_000, {"income": -0.3, "ethnic": 0.15, "relief": 0.1}, 0.4),
    NeedModel("medical", 8_600_000, {"income": -0.25, "delisted": 0.1, "three_regions": 0.15}, 0.24),
)


def indicators(counties: pd.DataFrame) -> pd.DataFrame:
    """Standardised drivers; flags stay 0/1."""
    def z(values: pd.Series) -> pd.Series:
        return (values - values.mean()) / values.std()

    dry = ((counties["lat"] > 34) & (counties["lon"] < 112)).astype(float)
    return pd.DataFrame({
        "income": z(np.log(counties["income"])).clip(-2.5, 2.5), "relief": z(counties["terrain_relief"]),
        "delisted": counties["year_delisted"] - 2018.0, "last_52": counties["last_52"],
        "three_regions": counties["three_regions"], "ethnic": counties["ethnic"], "dry": dry,
    })


def people(counties: pd.DataFrame, model: NeedModel, total: float, known: dict[str, float] | None = None) -> pd.Series:
    """Return whole persons by county, adding up to `total` exactly.

    `known` holds published rates (share of the rural population) that are taken as they are.
    """
    score = sum(weight * indicators(counties)[name] for name, weight in model.drivers.items())
    rural = counties["rural_population"]
    fixed = pd.Series({c: rate for c, rate in (known or {}).items() if c in counties.index}, dtype=float)
    level = total / rural.sum()
    free = ~counties.index.isin(fixed.index)
    rest = total - float((fixed * rural.reindex(fixed.index)).sum())
    for _ in range(60):  # the cap moves people to other counties: rescale until the total holds
        rate = (level * np.exp(score)).clip(upper=model.highest)
        level *= rest / float((rate * rural)[free].sum())
    amount = (rate * rural).where(free, (counties.index.map(fixed.get) * rural.to_numpy()).astype(float))
    return whole(amount, round(total))


def whole(amount: pd.Series, total: int) -> pd.Series:
    """Round to whole numbers with the given sum by largest remainder, ties by order."""
    floor = np.floor(amount)
    order = (amount - floor).sort_values(ascending=False, kind="stable").index
    floor[order[: int(total - floor.sum())]] += 1
    return floor.astype(int)


def unit_costs(counties: pd.DataFrame, model: NeedModel) -> pd.Series:
    """Cost of reaching one person in the first tier: dearer in rough terrain and on the plateau (assumed).

    Housing is scaled so that the mean over Liangshan is the published cost there.
    """
    factor = (1 + 0.05 * counties["terrain_relief"]) * np.where(counties["terrain_relief"] > 4, 1.1, 1.0)
    place = counties["prefecture"] == "凉山彝族自治州"
    if not (model.name == "housing" and place.any()):
        place = pd.Series(True, index=counties.index)
    return (model.unit_cost * factor / factor[place].mean()).round(3)


def make_needs(counties: pd.DataFrame, totals: dict[str, float], known: dict[str, float]) -> pd.DataFrame:
    """Return the `needs` table; `known` are published rates of the income need."""
    parts = []
    for model in MODELS:
        frame = pd.DataFrame({"county": counties.index, "need": model.name})
        headcount = people(counties, model, totals[model.name], known if model.name == "income" else None)
        frame["people"] = headcount.to_numpy()
        frame["relapse"] = np.nan if model.relapse is None else model.relapse
        frame["unit_cost"] = unit_costs(counties, model).to_numpy()
        parts.append(frame)
    return pd.concat(parts).sort_values(["county", "need"], kind="stable").reset_index(drop=True)


def claims(needs: pd.DataFrame) -> pd.Series:
    """Cost of covering everybody by direct support, tier by tier, by county (whole 10,000 yuan)."""
    mean_factor = sum(width * factor for width, factor in TIERS)
    return (needs["people"] * needs["unit_cost"] * mean_factor).groupby(needs["county"]).sum().round()
