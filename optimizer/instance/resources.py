"""Capacities of everything limited that is not money, one row for each thing that is limited."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from optimizer.instance.filled import by_period

COLUMNS = ["resource", "scope", "of", "period", "capacity", "unit"]


def resource_rows(resources: pd.DataFrame, counties: pd.DataFrame, periods: Sequence[int]) -> pd.DataFrame:
    """resource, scope, of, period (label, or "horizon"), capacity, unit.

    ``scope`` is ``all``, ``county`` or a text column of counties; a blank ``of`` stands for each value that has no
    row of its own. A capacity per horizon is the plain column, or that of the first period.
    """
    capacity = by_period(resources, "capacity", periods)
    rows: list[tuple[object, ...]] = []
    for n, row in enumerate(resources.itertuples(index=False)):
        unit = row.unit if isinstance(row.unit, str) else ""
        for of in _values(row, resources, counties):
            if row.per == "period":
                rows.extend((row.resource, row.scope, of, p, capacity[n, t], unit) for t, p in enumerate(periods))
            else:
                rows.append((row.resource, row.scope, of, "horizon", capacity[n, 0], unit))
    return pd.DataFrame(rows, columns=COLUMNS)


def _values(row: object, resources: pd.DataFrame, counties: pd.DataFrame) -> list[str]:
    """What one row of the table limits: everything, the value it names, or each value not named elsewhere."""
    scope, of, resource = (getattr(row, name) for name in ("scope", "of", "resource"))
    if scope == "all":
        return ["all"]
    if isinstance(of, str):
        return [of]
    named = set(resources.loc[(resources["resource"] == resource) & (resources["scope"] == scope), "of"].dropna())
    values = counties.index if scope == "county" else counties[scope].dropna().unique()
    return sorted(set(values) - named)


def resource_scope(counties: pd.DataFrame, county: pd.Series, scope: str) -> pd.Series:
    """The value of ``scope`` each county in ``county`` belongs to."""
    if scope == "all":
        return pd.Series("all", index=county.index)
    return county if scope == "county" else county.map(counties[scope])
