"""Limited things that are not money: construction land by province, specialist staff by county. Assumed."""

from __future__ import annotations

import numpy as np
import pandas as pd

LAND_SHARE, STAFF_SHARE = 0.75, 0.65
"""Capacity as a part of what all proposals together would use."""
STAFF_BROUGHT = 12
"""Teachers, doctors and technicians that a known pair brings (persons, assumed)."""


def make_resources(projects: pd.DataFrame, uses: pd.DataFrame, counties: pd.DataFrame) -> pd.DataFrame:
    """Return the `resources` table; what is locked always fits."""
    joined = uses.merge(projects[["project", "county", "most", "status"]], on="project")
    joined["province"] = joined["county"].map(counties["province"])
    joined["wanted"] = joined["amount"].clip(lower=0) * joined["most"]
    joined["locked"] = joined["wanted"].where(joined["status"] == "lock", 0)
    parts = []
    for resource, scope, share, unit in (("land", "province", LAND_SHARE, "mu"), ("staff", "county", STAFF_SHARE, "persons")):
        rows = joined[joined["resource"] == resource].groupby(scope, sort=False)[["wanted", "locked"]].sum()
        capacity = np.ceil(np.maximum(rows["wanted"] * share, rows["locked"]))
        parts.append(pd.DataFrame({"resource": resource, "scope": scope, "of": rows.index, "capacity": capacity.to_numpy(),
                                   "per": "horizon", "unit": unit}))
    return pd.concat(parts).reset_index(drop=True)


def make_brings(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the `brings` table: staff that known pairs bring."""
    return pd.DataFrame({"donor": pairs["donor"], "county": pairs["county"], "resource": "staff", "amount": STAFF_BROUGHT})
