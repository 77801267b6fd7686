"""People covered, recomputed from whole money: relapse, projects first, then tiers cheapest first.

State in whole people, for each county and need (ρ = relapse; a yearly need has no terms of t−1):

* built[t] = min(people[t], floor((1−ρ)·built[t−1] + Σ effect of projects)),
* kept[j,t] = floor((1−ρ)·held[j,t−1]), at most floor(width_j·people[t]) and, cheapest tier first, what `built`
  leaves of `people`,
* reach[j,t]: the money fills the tiers cheapest first, floor(money left / cost_j) people in each,
* held[j,t] = kept + reach, covered = Σ_j held + built.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.plan.exact import Exact, locate

KEYS = ["county", "need", "period"]
Whole = np.ndarray  # object array of Python ints


def coverage_table(
    data: Data, effects: tuple[pd.DataFrame, Exact], direct: pd.DataFrame, *, nested: bool = False
) -> pd.DataFrame:
    """The table ``coverage.csv``.

    Parameters
    ----------
    data : the instance
    effects : county, need, period and the people that projects serve there (exact)
    direct : county, need, period, money of direct support
    nested : effects of projects on one need reach the same people, so that the largest counts, instead of adding up
    """
    units = data.needs[["county", "need"]].drop_duplicates().sort_values(["county", "need"], ignore_index=True)
    count = len(units)
    keep = Exact.constant(1, count) - Exact.of(_first(data.needs, units, "relapse"))
    ladders = _ladders(data, units)
    built: Whole = np.zeros(count, dtype=object)
    held: list[Whole] = [np.zeros(count, dtype=object) for _ in range(max((len(x) for x in ladders.values()), default=0))]
    lasting = _first_text(data.needs, units, "kind") == "lasting"
    frames = []
    for period in data.periods:
        people = Exact.of(_at(data.needs, units, period, "people"))
        cap = people.floor()
        gain = _gain(effects, units, period, nested)
        before = (keep * Exact(built)) if lasting.any() else Exact(np.zeros(count, dtype=object))
        before = Exact(np.where(lasting, before.numerators, 0), before.denominator)
        built = np.minimum(cap, (before.most(gain) if nested else before + gain).floor())
        money = Exact.of(_at(direct, units, period, "money"))
        carried, reached, held = _fill(ladders[period], held, keep, lasting, people, cap - built, money)
        covered = built + carried + reached
        frames.append(units.assign(
            period=period, people=people.floats(), carried=carried.astype("int64"), built=built.astype("int64"),
            direct=reached.astype("int64"), direct_cost=money.floats(), covered=covered.astype("int64"),
            gap=(people - Exact(covered)).floats(),
        ))
    if not frames:
        raise ValueError("an instance has at least one period")
    return pd.concat(frames).sort_values(KEYS, ignore_index=True)


def _fill(
    ladder: list[tuple[Exact, Exact]], held: list[Whole], keep: Exact, lasting: np.ndarray, people: Exact,
    room: Whole, money: Exact,
) -> tuple[Whole, Whole, list[Whole]]:
    """Carried people, newly reached people and people held in each tier, in one period."""
    left, kept, caps = room.copy(), [], []
    for tier, (width, _) in enumerate(ladder):
        caps.append((width * people).floor())
        stay = np.where(lasting, (keep * Exact(held[tier])).floor(), 0)
        stay = np.minimum(np.minimum(stay, caps[tier]), left)
        kept.append(stay)
        left = left - stay
    reached = np.zeros(len(room), dtype=object)
    after = [np.zeros(len(room), dtype=object) for _ in held]
    for tier, (_, cost) in enumerate(ladder):
        space = np.maximum(np.minimum(caps[tier] - kept[tier], left), 0)
        payable = _payable(money, cost, space)
        money = money - cost * Exact(payable)
        left, reached = left - payable, reached + payable
        after[tier] = kept[tier] + payable
    carried = np.asarray(sum(kept, start=np.zeros(len(room), dtype=object)))
    return carried, reached, after


def _payable(money: Exact, cost: Exact, space: Whole) -> Whole:
    """People that the money reaches at this unit cost, at most ``space``; a cost of 0 reaches all of them."""
    free = ~cost.nonzero()
    price = np.where(free, 1, cost.numerators)
    people = (money.numerators * cost.denominator) // (price * money.denominator)
    return np.where(free, space, np.maximum(np.minimum(people, space), 0))


def _ladders(data: Data, units: pd.DataFrame) -> dict[int, list[tuple[Exact, Exact]]]:
    """Width and unit cost of the tiers of every unit in each period, cheapest first; width 0 where there is none."""
    tiers = data.tiers.sort_values(["county", "need", "period", "tier"])
    rank = tiers.groupby(["county", "need", "period"]).cumcount().to_numpy()
    at = locate(tiers, units, ["county", "need"])
    deepest = int(rank.max()) + 1 if len(rank) else 0
    out: dict[int, list[tuple[Exact, Exact]]] = {}
    for period in data.periods:
        steps = []
        for number in range(deepest):
            chosen = (tiers["period"].to_numpy() == period) & (rank == number) & (at >= 0)
            width, cost = np.zeros(len(units)), np.ones(len(units))
            width[at[chosen]] = tiers["width"].to_numpy(float)[chosen]
            cost[at[chosen]] = tiers["cost"].to_numpy(float)[chosen]
            steps.append((Exact.of(width), Exact.of(cost)))
        out[period] = steps
    return out


def _gain(effects: tuple[pd.DataFrame, Exact], units: pd.DataFrame, period: int, nested: bool) -> Exact:
    """People that projects bring to each unit in this period, not yet rounded: all of them, or of the largest alone."""
    frame, people = effects
    chosen = np.flatnonzero(frame["period"].to_numpy() == period)
    at = locate(frame.iloc[chosen], units, ["county", "need"])
    return people[chosen].max_by(at, len(units)) if nested else people[chosen].sum_by(at, len(units))


def _at(frame: pd.DataFrame, units: pd.DataFrame, period: int, column: str) -> np.ndarray:
    """Values of a long table in one period, in the order of ``units``; 0 where it has no row."""
    rows = frame[frame["period"] == period]
    at = locate(units, rows, ["county", "need"])
    values = rows[column].to_numpy(float)
    return np.where(at >= 0, values[at], 0.0) if len(values) else np.zeros(len(units))


def _first(needs: pd.DataFrame, units: pd.DataFrame, column: str) -> np.ndarray:
    rows = needs.drop_duplicates(["county", "need"])
    return np.asarray(rows[column].to_numpy(float)[locate(units, rows, ["county", "need"])])


def _first_text(needs: pd.DataFrame, units: pd.DataFrame, column: str) -> np.ndarray:
    rows = needs.drop_duplicates(["county", "need"])
    return np.asarray(rows[column].to_numpy(dtype=object)[locate(units, rows, ["county", "need"])])
