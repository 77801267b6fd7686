"""What a plan covers under other weightings of needs: the headline must not rest on one choice of weights."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.plan.plan import Plan

COLUMNS = ["weighting", "value", "of", "percent", "sentence"]
WORDS = {
    "own": "with the weights of the instance",
    "equal": "with every person alike",
    "cost": "with needs weighted by what a person costs",
    "share": "as the mean over needs of the share covered",
}


def weightings(plan: Plan) -> pd.DataFrame:
    """Coverage of one plan under the instance's own weights, equal ones, weights by unit cost, and as a mean of shares.

    Returns
    -------
    ``weighting`` (own, equal, cost, share, then each need alone), ``value`` (weighted person-periods covered; a share for
    ``share``), ``of`` (the same if everybody were covered), ``percent``, ``sentence``
    """
    needs = plan.data.needs.drop_duplicates("need").set_index("need")["weight"].astype(float)
    by_cost = plan.instance.with_({f"need.{need}.weight": "cost" for need in needs.index}).data.needs
    periods = plan.coverage["period"].map(dict(plan.data.weight)).astype(float)
    people = (plan.coverage["people"] * periods).groupby(plan.coverage["need"]).sum()
    covered = (plan.coverage["covered"] * periods).groupby(plan.coverage["need"]).sum().reindex(people.index)
    rows = []
    weights = {"own": needs, "equal": pd.Series(1.0, needs.index), "cost": by_cost.drop_duplicates("need").set_index(
        "need")["weight"].astype(float)}
    for name, weight in weights.items():
        each = weight.reindex(people.index).fillna(1.0)
        rows.append(_row(name, float((each * covered).sum()), float((each * people).sum()), WORDS[name]))
    there = people > 0
    mean = float((covered[there] / people[there]).mean()) if there.any() else np.nan
    rows.append(_row("share", mean, 1.0, WORDS["share"]))
    for need in people.index[there]:
        label = plan.instance.settings.needs[str(need)].label or str(need)
        rows.append(_row(str(need), float(covered[need]), float(people[need]), f"of {label} alone"))
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(name: str, value: float, whole: float, words: str) -> tuple[str, float, float, float, str]:
    percent = 100 * value / whole if whole > 0 else np.nan
    return name, value, whole, percent, f"Covered {words}: {percent:.2f} %."
