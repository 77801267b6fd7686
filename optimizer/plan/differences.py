"""By how much two plans differ: shares of money, pairs and projects."""

from __future__ import annotations

import pandas as pd

from optimizer.plan.plan import Plan


def differs(one: Plan, other: Plan, what: str) -> float:
    """The share of ``money``, ``pairs`` or ``projects`` in which two plans differ, from 0 (alike) to 1 (nothing in common).

    Money: what would have to move between counties and categories, of all money of the richer plan. Pairs and projects
    with their start: those in one plan alone, of those in either.
    """
    if what == "money":
        return _moved(one, other)
    columns, table = {"pairs": (["donor", "county"], "pairings"), "projects": (["project", "start"], "projects")}[what]
    first, second = (_chosen(getattr(plan, table), columns) for plan in (one, other))
    either = first | second
    return len(first ^ second) / len(either) if either else 0.0


def _chosen(table: pd.DataFrame, columns: list[str]) -> set[tuple[object, ...]]:
    if "status" in table:
        table = table[table["status"] != "ended"]
    return set(table[columns].itertuples(index=False, name=None))


def _moved(one: Plan, other: Plan) -> float:
    first, second = (plan.funds.groupby(["county", "category"])["money"].sum() for plan in (one, other))
    change = first.sub(second, fill_value=0.0)
    most = max(float(first.sum()), float(second.sum()))
    return max(float(change.clip(lower=0).sum()), float(-change.clip(upper=0).sum())) / most if most else 0.0
