"""Small instances whose best value as a function of the money can be worked out by other means."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance


def knapsack(costs: list[float], people: list[float], budget: float, **settings: object) -> Instance:
    """One county for each unit cost: the fractional knapsack, cheapest person first."""
    names = [f"C{n}" for n in range(len(costs))]
    return Instance.from_frames(
        counties=pd.DataFrame({"county": names, "population": 10_000.0, "province": ["P", "Q"] * (len(names) // 2) + ["P"] * (
            len(names) % 2)}),
        needs=pd.DataFrame({"county": names, "need": "water", "people": people, "unit_cost": costs}),
        settings={
            "format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 0.01},
            "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
            "streams": {"central": {"budget": budget}}, **settings,
        },
    )


def greedy(costs: list[float], people: list[float], money: float) -> float:
    """People covered with the money spent on the cheapest first."""
    covered = 0.0
    for cost, there in sorted(zip(costs, people, strict=True)):
        taken = min(there, money / cost)
        covered, money = covered + taken, money - taken * cost
    return covered


def choosing(seed: int, count: int = 7) -> tuple[Instance, np.ndarray, np.ndarray]:
    """Indivisible projects in three counties and nothing else: the 0-1 knapsack; costs and people by project."""
    rng = np.random.default_rng(seed)
    costs, people = rng.integers(5, 40, count).astype(float), rng.integers(10, 200, count).astype(float)
    counties = ["A", "B", "C"]
    projects = [f"X{n}" for n in range(count)]
    places = [counties[n % 3] for n in range(count)]
    instance = Instance.from_frames(
        counties=pd.DataFrame({"county": counties, "population": 10_000.0, "province": "P"}),
        needs=pd.DataFrame({"county": counties, "need": "water", "people": 5_000.0}),
        projects=pd.DataFrame({"project": projects, "county": places, "category": "infra", "cost": costs}),
        effects=pd.DataFrame({"project": projects, "need": "water", "people": people}),
        settings={
            "format": 1, "periods": [2026], "money": {"unit": "10k_yuan", "step": 1},
            "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
            "streams": {"central": {"budget": 100}},
        },
    )
    return instance, costs, people


def most_people(costs: np.ndarray, people: np.ndarray, money: float) -> float:
    """The best choice of projects by looking at all of them."""
    picks = np.array(list(itertools.product([0.0, 1.0], repeat=len(costs))))
    return float((picks @ people)[picks @ costs <= money + 1e-9].max())
