"""What lifting one decision on a pair gains at once: all other pairs stay, but those that an exchange displaces."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.plan.plan import Plan
from optimizer.review.everyone import Task
from optimizer.review.pricing import Pricer
from optimizer.review.standing import Standing, standing

TRIED = 8  # alternatives to a locked pair that are followed to the end, the most promising first


def held_gains(
    plan: Plan, before: Instance, decisions: pd.DataFrame, *, until: float = math.inf, stop: Callable[[], bool] = lambda: False,
) -> list[float]:
    """For each decision on a pair what its lifting gains with other pairs and other counties' projects held; else NaN.

    Parameters
    ----------
    plan : the plan that keeps the decisions
    before : its instance without them
    decisions : those that stand: kind, donor, county, decision
    until : on the monotonic clock; what is not reached by then is NaN
    """
    if time.monotonic() >= until or not (decisions["kind"] == "pair").any():
        return [math.nan] * len(decisions)
    others = decisions[decisions["kind"] != "pair"]
    free = before.with_decisions(others) if len(others) else before  # those on pairs are put back as bounds, all but one
    try:
        at, _ = standing(replace(plan, instance=free), compile_numbers(build(free.data, pyomo=False)))
    except (InstanceError, SolveError):  # a quotient, or a selection that the undecided instance does not know
        return [math.nan] * len(decisions)
    pairs = free.data.pairs
    place = {key: k for k, key in enumerate(zip(pairs["donor"], pairs["county"], strict=True))}
    rows = [(place.get((donor, county)) if kind == "pair" else None, word)
            for kind, donor, county, word in decisions[["kind", "donor", "county", "decision"]].itertuples(index=False)]
    held = [(k, word) for k, word in rows if k is not None]
    fit = np.nan_to_num(pairs["fit"].to_numpy(float))
    out = []
    for k, word in rows:
        if k is None or stop() or time.monotonic() > until:
            out.append(math.nan)
            continue
        task = Task(_but_one(at, held, k), pairs["donor"].tolist(), pairs["county"].tolist(), fit, None)
        out.append(_gain(task.pricer(), str(pairs["donor"].iat[k]), str(pairs["county"].iat[k]), word == "forbid"))
    return out


def _but_one(at: Standing, held: list[tuple[int, str]], lifted: int) -> Standing:
    """The standing under all of these decisions on pairs but one."""
    low, high = at.open_low.copy(), at.open_high.copy()
    for k, word in held:
        if k != lifted:
            low[at.pairs[k]], high[at.pairs[k]] = (0.0, 0.0) if word == "forbid" else (1.0, 1.0)
    return replace(at, open_low=low, open_high=high)


def _gain(pricer: Pricer, donor: str, county: str, forbidden: bool) -> float:
    """What the plan gains by a pair that is free again."""
    if forbidden:
        price = pricer.instead(donor, county)
    else:
        found = (pricer.instead(pricer.moves.donor[k], county, donor) for k in pricer.screened(county, TRIED)[:TRIED])
        price = pricer.without(donor, county, [one for one in found if one is not None])
    return 0.0 if price is None else max(0.0, -price.high)


__all__ = ["held_gains"]
