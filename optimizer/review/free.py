"""Prices with everything free: the plan solved again with a pair locked, all other pairs and projects free to follow."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import pandas as pd

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Floats
from optimizer.engine.progress import Progress
from optimizer.instance.findings import InstanceError
from optimizer.plan.plan import Plan
from optimizer.review.pricing import ROUNDING
from optimizer.review.recommendations import shaped
from optimizer.solve import Session

HELD, FREE = "others", "free"
DIGITS = 4


def solved_free(
    plan: Plan, table: pd.DataFrame, count: int, session: Session, point: Floats, *, deadline: float = math.inf,
    progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """The table with the ``count`` alternatives that cost least priced with everything free, one solve each.

    The best plan with the pair lies between the plan found and the bound proved, so the price lies between what these lack of
    the recommended plan. Rows that are not reached in the time keep their price with others held.

    Parameters
    ----------
    session : of the plan's instance
    point : the recommended plan as a point of its program, from which each solve starts
    """
    rows = table.to_dict("records")
    nearest = sorted((n for n, row in enumerate(rows) if not row["chosen"]), key=lambda n: (rows[n]["price_high"], n))[:count]
    for done, n in enumerate(nearest):
        left = (deadline - time.monotonic()) / (len(nearest) - done)
        if left <= 0 or (should_stop is not None and should_stop()):
            break
        session.rewind(point)
        found = _found(session, str(rows[n]["donor"]), str(rows[n]["county"]), left, progress, should_stop)
        if found is not None:
            rows[n] |= _priced(plan, found, str(rows[n]["donor"]), str(rows[n]["county"]))
    whole = pd.DataFrame(rows, columns=list(table.columns))
    whole = whole.assign(order=whole["price_high"].where(~whole["chosen"], -math.inf)).sort_values(
        ["county", "order", "donor"], kind="stable", ignore_index=True)
    whole["rank"] = whole.groupby("county")["chosen"].transform(lambda chosen: (~chosen).cumsum() + 1)
    return shaped(whole.drop(columns="order"), "recommendations")


def _found(session: Session, donor: str, county: str, seconds: float, progress: Progress | None,
           should_stop: Callable[[], bool] | None) -> Plan | None:
    lock = pd.DataFrame([{"kind": "pair", "donor": donor, "county": county, "decision": "lock"}])
    try:
        locked = session.instance.with_decisions(lock)
        return session.solve(locked, progress=progress, should_stop=should_stop, time_limit=seconds)
    except (InstanceError, SolveError):  # a decision of before stands against it, or no plan in the time
        return None


def _priced(plan: Plan, found: Plan, donor: str, county: str) -> dict[Any, Any]:
    """What the plan with a pair lacks of the recommended one, and what else changes in it."""
    before, after = plan.outcome, found.outcome
    sign = 1.0 if before.sense == "max" else -1.0
    high = sign * (float(before.objective or 0.0) - float(after.objective or 0.0))
    low = math.nan if after.bound is None else min(high, sign * (float(before.objective or 0.0) - after.bound))
    if high - low <= ROUNDING * abs(float(before.objective or 0.0)):
        low = high
    was, now = _pairs(plan), _pairs(found)
    ended, begun = (sorted(key for key in one.keys() - other.keys() if key[1] != county)
                    for one, other in ((was, now), (now, was)))
    replaced = sorted(d for d, c in was.keys() - now.keys() if c == county)
    covered = [float(one.criteria.loc[one.criteria["criterion"] == "coverage", "value"].iloc[0]) for one in (plan, found)]
    support = [float(one.support.loc[one.support["county"] == county, "money"].sum()) for one in (plan, found)]
    along = found.support[(found.support["donor"] == donor) & (found.support["county"] == county)]
    return {
        "price_low": round(low, DIGITS), "price_high": round(high, DIGITS), "price_kind": "exact" if low == high else "bound",
        "held": FREE, "people_change": round(covered[1] - covered[0], DIGITS),
        "fit_change": round(sum(now.values()) - sum(was.values()), DIGITS),
        "money_change": round(support[1] - support[0], DIGITS), "money": round(float(along["money"].sum()), DIGITS),
        "displaces": ";".join(f"{d}>{c}" for d, c in ended),
        "moves": ";".join(f"{d}>{c}" for d, c in begun), "binding": "",
        "replaces": ";".join(replaced),
    }


def _pairs(plan: Plan) -> dict[tuple[str, str], float]:
    """Fit of each chosen pair."""
    chosen = plan.pairings[plan.pairings["status"] != "ended"]
    return {(d, c): 0.0 if fit != fit else float(fit) for d, c, fit in
            chosen[["donor", "county", "fit"]].itertuples(index=False, name=None)}
