"""Small instances with one need, and every equity form written a second time over arrays of outcomes (points × units)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.program import Floats, Linear, Program
from optimizer.instance.instance import Instance
from optimizer.methods.cuts import Refined
from optimizer.methods.quotients import with_quotients
from optimizer.model.build import build
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.search.drive import Found, search
from optimizer.search.limits import Limits

PEOPLE, COST, BUDGET = np.array([200.0, 100.0, 150.0]), np.array([1.0, 4.0, 2.0]), 300.0
SHARES = {  # fields of each form, over the share of need covered
    "cvar": {"m": 2}, "owa": {"weights": [3, 2, 1]}, "alpha": {"alpha": 0.5}, "mad": {}, "range": {}, "hoover": {}, "gini": {},
    "gini_absolute": {}, "atkinson": {"alpha": 0.5}, "theil": {}, "hooker_williams": {"threshold": 0.2},
    "chen_hooker": {"m": 2, "threshold": 0.2}, "mcloone": {},
}


def instance(criteria: dict[str, Any] | None = None, levels: Any = ("coverage",), rules: Any = (), people: Any = PEOPLE,
             cost: Any = COST, budget: float = BUDGET, kind: str = "lexicographic", step: float | None = None,
             votes: Any = None) -> Instance:
    """Counties A, B, C … that share one budget; money / cost people of each are reached."""
    names = [chr(65 + n) if n < 26 else f"C{n}" for n in range(len(people))]
    votes = np.arange(1, len(people) + 1) if votes is None else votes
    counties = pd.DataFrame({"county": names, "population": 10.0 * np.asarray(people), "votes": np.asarray(votes, float),
                             "claim": 100.0})
    needs = pd.DataFrame({"county": names, "need": "water", "people": people, "unit_cost": cost})
    settings = {
        "format": 1, "periods": [2026], "needs": {"water": {"kind": "lasting", "category": "infra"}},
        "categories": {"infra": {}}, "streams": {"central": {"budget": budget}}, "criteria": criteria or {},
        "method": {"type": kind, "levels": [one if isinstance(one, dict) else {"criterion": one} for one in levels]},
        "rules": [{"sentence": "A rule", **rule} for rule in rules],
    }
    if step is not None:
        settings["money"] = {"step": step}
    return Instance.from_frames(settings=settings, counties=counties, needs=needs)


def compiled(given: Instance) -> Compiled:
    return compile_numbers(build(given.data, pyomo=False))


def best(built: Compiled, linear: Linear, program: Program | None = None) -> Found:
    """The optimum before whole steps, with rows on demand and quotients."""
    limits = Limits()

    def ask(program: Program, linear: Linear, start: Floats | None) -> Found:
        return search(program, linear, limits, start=start)

    return with_quotients(Refined(ask, built.cutting, limits))(program or built.program, linear, None)


# -- the forms again, straight from their definitions

def true_value(form: str, u: Floats, w: Floats | None = None, **fields: Any) -> Floats:
    """Value of a form at each row of ``u`` where high outcomes are good."""
    u = np.atleast_2d(np.asarray(u, float))
    w = np.ones(u.shape[1]) if w is None else np.asarray(w, float)
    share = w / w.sum()
    mean = u @ share
    pairs = np.abs(u[:, :, None] - u[:, None, :])
    difference = np.einsum("nij,i,j->n", pairs, share, share) / 2
    deviation = np.abs(u - mean[:, None]) @ share
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = u / mean[:, None]
        if form == "gini_absolute":
            return difference
        if form == "gini":
            return difference / mean
        if form == "mad":
            return deviation
        if form == "hoover":
            return deviation / mean / 2
        if form == "range":
            return (u.max(axis=1) - u.min(axis=1)) / mean
        if form == "theil":
            return np.where(ratio > 0, ratio * np.log(ratio), 0.0) @ share
        if form in ("alpha", "nash"):
            a = 1.0 if form == "nash" else fields["alpha"]
            return (np.log(u) if a == 1 else u ** (1 - a) / (1 - a)) @ share
        if form == "atkinson":
            a = fields["alpha"]
            equal = np.exp(np.log(ratio) @ share) if a == 1 else (ratio ** (1 - a) @ share) ** (1 / (1 - a))
            return 1 - equal
    order = np.sort(u, axis=1)
    if form == "maximin":
        return order[:, 0]
    if form == "hooker_williams":
        edge, n = fields["threshold"], u.shape[1]
        return ((n - 1) * edge + n * order[:, 0] + np.maximum(0, u - order[:, :1] - edge).sum(axis=1)) / n
    if form == "chen_hooker":  # of three units and k = 2: the worst counts for all, the others up to the threshold and past it
        assert u.shape[1] == 3 and fields["m"] == 2
        edge = order[:, 0] + fields["threshold"]
        return (3 * order[:, 0] + 2 * np.minimum(edge, order[:, 1])
                + np.maximum(order[:, 1] - edge, 0) + np.maximum(order[:, 2] - edge, 0)) / 3
    if form == "mcloone":
        middle = np.median(u, axis=1)
        lower = u <= middle[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(middle > 0, (u * lower).sum(axis=1) / (middle * lower.sum(axis=1)), np.nan)
    if form == "cvar":
        return order[:, : fields["m"]].mean(axis=1)
    if form == "owa":
        weights = np.asarray(fields["weights"], float)
        weights = np.append(weights, np.full(u.shape[1] - len(weights), weights[-1]))
        return order @ weights / weights.sum()
    raise KeyError(form)


def grid(points: int = 51) -> Floats:
    """All shares of need covered on a grid that the budget pays for (points × 3)."""
    axis = np.linspace(0.0, 1.0, points)
    u = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    return u[u @ (PEOPLE * COST) <= BUDGET + 1e-9]
