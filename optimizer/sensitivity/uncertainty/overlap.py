"""A plan's coverage if the effects of projects on one need reach the same people instead of different ones.

The plan counts effects as disjoint: they add up to the people in need. If they are nested, the largest alone counts:
people through projects = max((1−ρ)·those before, the largest effect that begins now). What is true lies between the two.
Direct support goes to people whom no project reaches in both cases; money that finds nobody left reaches nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from optimizer.plan.accounts import effects_of
from optimizer.plan.coverage import coverage_table
from optimizer.plan.criteria import criterion_value
from optimizer.plan.measure import Measures
from optimizer.plan.plan import Plan

KEYS = ["county", "need", "period"]


@dataclass(frozen=True, eq=False)
class Overlap:
    """Coverage with effects added up (as in the plan) and with effects overlapping wholly.

    Attributes
    ----------
    needs : county, need, period, people, covered (as in the plan), overlapping (if effects overlap wholly), fewer
    criteria : criterion, unit, as_planned, overlapping; criteria that need the solver's ideals are left out
    """

    needs: pd.DataFrame
    criteria: pd.DataFrame


def overlap(plan: Plan) -> Overlap:
    """The plan's coverage if effects of projects on one need in one county overlap wholly: its lower bound."""
    data = plan.data
    nested = coverage_table(data, effects_of(data, plan.projects), plan.choices.direct, nested=True)
    now = plan.coverage.sort_values(KEYS, ignore_index=True)
    needs = now[[*KEYS, "people", "covered"]].assign(overlapping=nested["covered"].to_numpy())
    needs["fewer"] = needs["covered"] - needs["overlapping"]
    measures = Measures(data, {**plan.tables, "coverage": nested}, plan.claims.ideals)
    rows = []
    for row in plan.criteria.drop_duplicates("criterion").to_dict("records"):
        name = str(row["criterion"])
        if row["role"] == "objective" and name == plan.claims.method:
            continue  # a weighted sum is no criterion of its own
        if row["role"] == "bounded":
            continue
        rows.append({"criterion": name, "unit": row["unit"], "as_planned": row["value"],
                     "overlapping": criterion_value(measures, name).number})
    return Overlap(needs, pd.DataFrame(rows, columns=["criterion", "unit", "as_planned", "overlapping"]))
