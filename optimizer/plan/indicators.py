"""Indicators before and after: how much is covered and how evenly, by county, province, region and flag.

Sources of the indices: Gini as half the relative mean difference; Hoover, "Interstate redistribution of population"
(1941); Theil, "Economics and Information Theory" (1967); Atkinson, "On the measurement of inequality" (1970); McLoone
after Berne & Stiefel, "The measurement of equity in school finance" (1984); Jain, Chiu & Hawe, "A quantitative measure of
fairness and discrimination for resource allocation in shared computer systems" (1984).
Weights are people (in need, or inhabitants), so that a small county counts as what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import BoundRule

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

Array = np.ndarray
FLAGS = ("deep_poverty", "ethnic", "border", "old_base", "key_county")
TENTH = 0.1
LEVELS = ("mean", "poorest_tenth", "range", "gini_absolute", "mean_deviation")  # in the unit of the outcome


def mean(u: Array, w: Array) -> float:
    """Weighted mean; NaN without weight."""
    total = float(w.sum())
    return float((u * w).sum() / total) if total > 0 else float("nan")


def gini(u: Array, w: Array) -> float:
    """Weighted relative Gini index: 0 = equal, towards 1 = one unit has all."""
    order = np.argsort(u, kind="stable")
    u, w = u[order], w[order]
    total, sum_u = float(w.sum()), float((w * u).sum())
    if total <= 0 or sum_u <= 0:
        return 0.0 if total > 0 else float("nan")
    before = np.cumsum(w) - w
    return float((w * u * (2 * before + w - total)).sum() / (total * sum_u))


def hoover(u: Array, w: Array) -> float:
    """Share of the total that would have to move for all to be equal."""
    average = mean(u, w)
    return float((w * np.abs(u - average)).sum() / (2 * w.sum() * average)) if average > 0 else _none(w)


def theil(u: Array, w: Array) -> float:
    """Theil's T: mean of (u/μ)·ln(u/μ); 0 where u = 0."""
    average = mean(u, w)
    if not average > 0:
        return _none(w)
    ratio = u / average
    logs = np.log(np.where(ratio > 0, ratio, 1.0))
    return mean(ratio * logs, w)


def atkinson(u: Array, w: Array, alpha: float = 1.0) -> float:
    """1 − (equally distributed equivalent) / mean; at ``alpha`` ≥ 1 any unit with 0 makes it 1."""
    average = mean(u, w)
    if not average > 0:
        return _none(w)
    if alpha >= 1 and bool(((u <= 0) & (w > 0)).any()):
        return 1.0
    if alpha == 1:
        return float(1 - np.exp(mean(np.log(np.where(u > 0, u, 1.0)), w)) / average)
    return float(1 - mean((u / average) ** (1 - alpha), w) ** (1 / (1 - alpha)))


def spread(u: Array, w: Array) -> float:
    """Largest minus least outcome."""
    return float(u.max() - u.min()) if len(u) else float("nan")


def relative_range(u: Array, w: Array) -> float:
    """Largest minus least outcome, over the unweighted mean of the units."""
    average = float(u.mean()) if len(u) else float("nan")
    return spread(u, w) / average if average > 0 else _none(w)


def gini_absolute(u: Array, w: Array) -> float:
    """Half the weighted mean difference, in the unit of the outcome."""
    return gini(u, w) * mean(u, w)


def deviation(u: Array, w: Array) -> float:
    """Mean absolute deviation from the mean."""
    return mean(np.abs(u - mean(u, w)), w)


def variance(u: Array, w: Array) -> float:
    """Mean squared deviation from the mean."""
    return mean((u - mean(u, w)) ** 2, w)


def jain(u: Array, w: Array) -> float:
    """(Σ w·u)² / (Σ w · Σ w·u²): 1 = equal, 1/n where one of n equal units has all."""
    squares = mean(u**2, w)
    return mean(u, w) ** 2 / squares if squares > 0 else 1.0 - _none(w)


def mcloone(u: Array, w: Array) -> float:
    """What units at or below the median have, over what they would have at the median; NaN where the median is 0."""
    order = np.argsort(u, kind="stable")
    u, w = u[order], w[order]
    upto, half = np.cumsum(w), float(w.sum()) / 2
    if not half > 0:
        return float("nan")
    first, last = int(np.searchsorted(upto, half)), int(np.searchsorted(upto, half, side="right"))
    median = float(u[first] + u[min(last, len(u) - 1)]) / 2
    return mean(u[u <= median], w[u <= median]) / median if median > 0 else float("nan")


def _none(w: Array) -> float:
    """Index of outcomes that are all 0: nobody has more than another."""
    return 0.0 if float(w.sum()) > 0 else float("nan")


def tenth(u: Array, w: Array, order: Array) -> float:
    """Mean outcome of the first tenth of people by ``order`` (income, or the outcome itself); the last unit in part."""
    at = np.argsort(order, kind="stable")
    u, w = u[at], w[at]
    limit = TENTH * float(w.sum())
    inside = np.clip(limit - (np.cumsum(w) - w), 0.0, w)
    return mean(u, inside)


def covered_by_county(data: Data, coverage: pd.DataFrame) -> pd.DataFrame:
    """Index county: people in need, covered (person-needs of all periods, by period and need weight)."""
    weights = data.needs.drop_duplicates("need").set_index("need")["weight"]
    factor = coverage["period"].map(dict(data.weight)).astype(float) * coverage["need"].map(weights).astype(float)
    rows = pd.DataFrame({"county": coverage["county"], "people": coverage["people"] * factor,
                         "covered": coverage["covered"] * factor})
    return rows.groupby("county")[["people", "covered"]].sum().reindex(data.counties.index).fillna(0.0)


def money_by_county(data: Data, funds: pd.DataFrame) -> pd.Series:
    """Money by county over all periods."""
    return funds.groupby("county")["money"].sum().reindex(data.counties.index).fillna(0.0)


def _outcomes(plan: Plan) -> dict[str, tuple[Array, Array, Array]]:
    """Outcome → (before, after, weight) by county, in the order of ``counties``."""
    data = plan.data
    covered = covered_by_county(data, plan.coverage)
    people = covered["people"].to_numpy(float)
    share = np.divide(covered["covered"].to_numpy(float), people, out=np.zeros(len(people)), where=people > 0)
    population = data.counties["population"].to_numpy(float)
    inhabitants = np.where(population > 0, population, 0.0)
    money = money_by_county(data, plan.funds).to_numpy(float)
    head = np.divide(money * data.yuan, inhabitants, out=np.zeros(len(money)), where=inhabitants > 0)
    nothing = np.zeros(len(people))
    return {"covered_share": (nothing, share, people), "money_per_head": (nothing, head, inhabitants)}


def group_columns(data: Data) -> list[str]:
    """Columns of counties by which indicators are reported: province, prefecture, region and flags in use."""
    return [name for name in ("province", "prefecture", "region", *FLAGS)
            if name in data.counties and data.counties[name].notna().any() and data.counties[name].nunique() > 1]


def indicators(plan: Plan, alpha: float = 1.0) -> pd.DataFrame:
    """Indicators before any support and after the plan.

    Parameters
    ----------
    plan : the plan
    alpha : aversion to inequality of the Atkinson index

    Returns
    -------
    DataFrame : outcome (``covered_share``; ``money_per_head`` in yuan over the horizon), by (``county`` = over all
        counties, or a column), group, indicator, before, after, unit. Within a group the indices are over its
        counties. ``poorest_tenth`` is by income where every county of the group has one, else by the outcome.
    """
    data = plan.data
    income = data.counties["income"].to_numpy(float)
    groups: list[tuple[str, str, Array]] = [("county", "all", np.ones(len(data.counties), dtype=bool))]
    for column in group_columns(data):
        values = data.counties[column]
        groups += [(column, _label(value), (values == value).to_numpy()) for value in sorted(values.dropna().unique())]
    rows = []
    for outcome, (before, after, weight) in _outcomes(plan).items():
        for by, group, inside in groups:
            chosen = inside & (weight > 0)
            for name, function in _functions(alpha, income[chosen]).items():
                plain = "share" if outcome == "covered_share" else "yuan per head"
                unit = plain if name in LEVELS else f"({plain})²" if name == "variance" else "index"
                rows.append((outcome, by, group, name, function(before[chosen], weight[chosen]),
                             function(after[chosen], weight[chosen]), unit))
    return pd.DataFrame(rows, columns=["outcome", "by", "group", "indicator", "before", "after", "unit"])


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _functions(alpha: float, income: Array) -> dict[str, Callable[[Array, Array], float]]:
    known = len(income) > 0 and not np.isnan(income).any()
    return {
        "mean": mean, "gini": gini, "theil": theil, "hoover": hoover,
        "atkinson": lambda u, w: atkinson(u, w, alpha), "range": spread,
        "poorest_tenth": lambda u, w: tenth(u, w, income if known else u),
        "gini_absolute": gini_absolute, "mean_deviation": deviation, "relative_range": relative_range, "mcloone": mcloone,
        "jain": jain, "variance": variance,
    }


def at_guarantee(plan: Plan) -> list[tuple[BoundRule, tuple[str, ...], int, int]]:
    """Guarantees at which more than half of the counties sit: the rule, its needs (none = all), rows at it, all rows."""
    found = []
    for rule in plan.data.settings.rules:
        if rule.type != "bound" or not rule.active or rule.of.sum != "covered" or rule.each != "county" or rule.min is None:
            continue
        rows = plan.rules[(plan.rules["rule"] == rule.id) & (plan.rules["status"] != "off")]
        if not len(rows):
            continue
        needed = rows["min"].to_numpy(float)
        tight = rows["slack"].to_numpy(float) <= 0.005 * np.maximum(np.abs(needed), 1e-12)
        named = rule.of.filters.get("need")
        if (needed > 0).any() and tight.mean() > 0.5:
            needs = tuple(map(str, named)) if isinstance(named, list | tuple) else (str(named),) if named else ()
            found.append((rule, needs, int(tight.sum()), len(rows)))
    return found


def advice(plan: Plan) -> list[str]:
    """What the plan shows about the instance: needs that sit at their guarantee in more than half of the counties."""
    known = plan.data.settings.needs
    out = []
    for rule, needs, tight, rows in at_guarantee(plan):
        by_cost = all(known[need].weight == "cost" for need in needs or known)
        mend = "Raise its weight" if by_cost else "Set `weight: cost` for the needs"
        name = ", ".join(needs) or "coverage"
        out.append(f"{name} sits at its guarantee ({rule.id}) in {tight} of {rows} rows: its unit cost is high for its weight. "
                   f"{mend}, or take coverage_share as the criterion.")
    return out
