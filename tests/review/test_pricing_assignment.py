"""Pairing as a pure assignment, and as the generalized assignment problem: known optima, and prices in closed form."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment

import optimizer as opt

sys.path.insert(0, str(Path(__file__).parent))

from again import Again, pricer_of

# Problem c515-1 of the OR-Library (J. E. Beasley, file gap1): 5 agents, 15 jobs, to be made large; its optimum is 336.
WORTH = """17 21 22 18 24 15 20 18 19 18 16 22 24 24 16
23 16 21 16 17 16 19 25 18 21 17 15 25 17 24
16 20 16 25 24 16 17 19 19 18 20 16 17 21 24
19 19 22 22 20 16 19 17 21 19 25 23 25 25 25
18 19 15 15 21 25 16 16 23 15 22 17 19 22 24"""
LOAD = """8 15 14 23 8 16 8 25 9 17 25 15 10 8 24
15 7 23 22 11 11 12 10 17 16 7 16 10 18 22
21 20 6 22 24 10 24 9 21 14 11 14 11 19 16
20 11 8 14 9 5 6 19 19 7 6 6 13 9 18
8 13 13 13 10 20 25 16 16 17 10 10 5 12 23"""
CAPACITY = [36, 34, 38, 27, 33]
PUBLISHED = 336


def numbers(text: str) -> np.ndarray:
    return np.array([[float(cell) for cell in line.split()] for line in text.splitlines()])


def instance_of(worth: np.ndarray, *, sense: str, load: np.ndarray | None = None, capacity: list[float] | None = None,
                pairs_max: float = np.nan) -> opt.Instance:
    """Counties without any need that must be paired; the criterion sums a column of the pairs."""
    donors, counties = worth.shape
    pairs = pd.DataFrame([
        {"donor": f"D{d}", "county": f"C{c}", "worth": worth[d, c], "load": 1.0 if load is None else load[d, c]}
        for d in range(donors) for c in range(counties)
    ])
    return opt.Instance.from_frames(
        settings={"format": 1, "periods": [2026], "money": {"unit": "yuan"},
                  "criteria": {"score": {"sense": sense, "of": {"sum": "pairs", "column": "worth"}}},
                  "method": {"type": "single", "levels": [{"criterion": "score"}]}, "settings": {"gap": 0}},
        counties=pd.DataFrame({"county": [f"C{c}" for c in range(counties)], "partners_min": 1.0, "partners_max": 1.0}),
        donors=pd.DataFrame({"donor": [f"D{d}" for d in range(donors)], "pairs_max": pairs_max,
                             "load_max": np.nan if capacity is None else capacity}),
        pairs=pairs,
    )


def test_the_published_optimum_of_a_generalized_assignment():
    plan = opt.solve(instance_of(numbers(WORTH), sense="max", load=numbers(LOAD), capacity=CAPACITY))
    assert plan.outcome.objective == PUBLISHED and plan.outcome.status == "optimal"


def test_prices_of_a_generalized_assignment_are_those_of_solving_again():
    pricer = pricer_of(instance_of(numbers(WORTH), sense="max", load=numbers(LOAD), capacity=CAPACITY))
    again, moves = Again(pricer), pricer.moves
    for on in np.flatnonzero(~moves.chosen)[::7].tolist():
        price, true = pricer.instead(moves.donor[on], moves.county[on]), again.price(on)
        if price is None:
            assert true == np.inf
        else:
            assert price.low - 1e-6 <= true <= price.high + 1e-6
            assert price.low >= -1e-6  # the plan is the best there is


@pytest.mark.parametrize("seed", range(3))
def test_a_pure_assignment_is_that_of_the_hungarian_method_and_an_exchange_swaps_two(seed):
    cost = np.random.default_rng(seed).integers(1, 90, (5, 5)).astype(float)
    instance = instance_of(cost, sense="min", pairs_max=1.0)
    found = opt.recommend(instance, alternatives=4)
    donor, county = linear_sum_assignment(cost)
    partner = dict(zip(county.tolist(), donor.tolist(), strict=True))
    assert found.plan.outcome.objective == cost[donor, county].sum()
    others = found.table[~found.table["chosen"]]
    assert len(others) == 20 and (others["price_kind"] == "exact").all()
    have = {row["county"]: row["donor"] for row in found.table[found.table["chosen"]].to_dict("records")}
    assert sum(cost[int(d[1:]), int(c[1:])] for c, d in have.items()) == cost[donor, county].sum()
    holds = {d: c for c, d in have.items()}
    for row in others.to_dict("records"):
        c, d = int(row["county"][1:]), int(row["donor"][1:])
        old, other = int(have[row["county"]][1:]), int(holds[row["donor"]][1:])
        assert row["price_high"] == cost[d, c] + cost[old, other] - cost[old, c] - cost[d, other]
        assert row["displaces"] == f"D{d}>C{other}" and row["moves"] == f"D{old}>C{other}"
    assert len(partner) == 5


@pytest.mark.parametrize("seed", range(4))
def test_small_generalized_assignments_by_going_through_all(seed):
    rng = np.random.default_rng(100 + seed)
    worth, load = rng.integers(1, 40, (3, 5)).astype(float), rng.integers(2, 9, (3, 5)).astype(float)
    capacity = [14.0, 14.0, 14.0]
    best = max((sum(worth[d, c] for c, d in enumerate(who)) for who in product(range(3), repeat=5)
                if all(sum(load[d, c] for c, e in enumerate(who) if e == d) <= capacity[d] for d in range(3))), default=None)
    instance = instance_of(worth, sense="max", load=load, capacity=capacity)
    if best is None:
        with pytest.raises((opt.SolveError, opt.InstanceError)):
            opt.solve(instance)
        return
    assert opt.solve(instance).outcome.objective == best
