"""Indices against published definitions, their invariances, and the indicators of a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, assemble
from optimizer.plan.indicators import advice, atkinson, gini, hoover, tenth, theil

Maker = Callable[..., Instance]
ONES = np.ones(4)
LADDER = np.array([1.0, 2.0, 3.0, 4.0])
UNITS = st.lists(st.tuples(st.floats(0.01, 1000), st.floats(0.1, 50)), min_size=2, max_size=12)


def test_indices_of_a_ladder() -> None:
    assert gini(LADDER, ONES) == pytest.approx(0.25)
    assert hoover(LADDER, ONES) == pytest.approx(0.2)
    assert theil(LADDER, ONES) == pytest.approx(sum(u / 2.5 * np.log(u / 2.5) for u in LADDER) / 4)
    assert atkinson(LADDER, ONES, 1) == pytest.approx(1 - 24 ** 0.25 / 2.5)
    assert atkinson(LADDER, ONES, 0.5) == pytest.approx(1 - np.mean(np.sqrt(LADDER)) ** 2 / 2.5)
    assert atkinson(LADDER, ONES, 2) == pytest.approx(1 - 1 / np.mean(1 / LADDER) / 2.5)


def test_gini_is_half_the_relative_mean_difference() -> None:
    u, w = np.array([3.0, 1.0, 7.0]), np.array([2.0, 5.0, 1.0])
    mean = (u * w).sum() / w.sum()
    pairs = sum(w[i] * w[j] * abs(u[i] - u[j]) for i in range(3) for j in range(3))
    assert gini(u, w) == pytest.approx(pairs / (2 * w.sum() ** 2 * mean))


@pytest.mark.parametrize("index", [gini, hoover, theil, atkinson])
@given(units=UNITS)
def test_indices_ignore_scale_order_and_replication(index: Callable[..., float], units: list[tuple[float, float]]) -> None:
    u, w = np.array([a for a, _ in units]), np.array([b for _, b in units])
    value = index(u, w)
    assert -1e-12 <= value <= np.log(len(u) * 5000)
    assert index(17 * u, w) == pytest.approx(value, abs=1e-9)
    assert index(u[::-1], w[::-1]) == pytest.approx(value, abs=1e-9)
    assert index(np.r_[u, u], np.r_[w, w] / 2) == pytest.approx(value, abs=1e-9)
    assert index(np.full(len(u), 3.0), w) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("index", [gini, hoover, theil, atkinson])
@given(units=UNITS, share=st.floats(0.05, 0.95))
def test_moving_towards_the_mean_lowers_every_index(
    index: Callable[..., float], units: list[tuple[float, float]], share: float
) -> None:
    u, w = np.array([a for a, _ in units]), np.array([b for _, b in units])
    mean = float((u * w).sum() / w.sum())
    assert index(u + share * (mean - u), w) <= index(u, w) + 1e-9


def test_all_zero_is_even_and_one_zero_is_the_worst_for_atkinson() -> None:
    nothing = np.zeros(4)
    assert [index(nothing, ONES) for index in (gini, hoover, theil, atkinson)] == [0, 0, 0, 0]
    assert atkinson(np.array([0.0, 1.0, 2.0, 3.0]), ONES) == 1
    assert atkinson(np.array([0.0, 1.0, 2.0, 3.0]), ONES, 0.5) < 1


def test_the_poorest_tenth_takes_part_of_a_unit() -> None:
    u, w = np.array([5.0, 1.0, 9.0]), np.array([6.0, 3.0, 91.0])
    assert tenth(u, w, np.array([1.0, 2.0, 3.0])) == pytest.approx((6 * 5 + 3 * 1 + 1 * 9) / 10)
    assert tenth(u, w, u) == pytest.approx((3 * 1 + 6 * 5 + 1 * 9) / 10)


SETTINGS: dict[str, Any] = {
    "periods": [1], "categories": {"c": {}}, "needs": {"n": {"category": "c"}}, "streams": {"s": {"budget": 100}},
}


def test_indicators_by_county_province_and_flag(maker: Maker) -> None:
    instance = maker(SETTINGS, counties="county,province,population,income,deep_poverty|A,甲,100,1,1|B,甲,100,2,0|C,乙,200,3,0",
                     needs="county,need,people,unit_cost|A,n,50,1|B,n,50,1|C,n,100,1")
    plan = assemble(instance, Choices.of(transfers=[("s", "A", "c", 1, 30), ("s", "C", "c", 1, 20)],
                                         direct=[("A", "n", 1, 30), ("C", "n", 1, 20)]))
    table = plan.indicators().set_index(["outcome", "by", "group", "indicator"])
    assert table.loc[("covered_share", "county", "all", "mean"), ["before", "after"]].tolist() == [0, 0.25]
    assert table.loc[("covered_share", "province", "甲", "mean"), "after"] == 0.3
    assert table.loc[("covered_share", "deep_poverty", "1", "mean"), "after"] == 0.6
    assert table.loc[("covered_share", "county", "all", "range"), "after"] == pytest.approx(0.6)
    assert table.loc[("covered_share", "county", "all", "poorest_tenth"), "after"] == 0.6  # A is poorest by income
    assert table.loc[("money_per_head", "county", "all", "mean"), "after"] == 50 * 10000 / 400
    again = plan.indicators(alpha=0.5).set_index(["outcome", "by", "group", "indicator"])
    at = ("money_per_head", "county", "all", "atkinson")
    assert again.loc[at, "after"] < table.loc[at, "after"] == 1


def test_a_need_at_its_guarantee_in_most_counties_is_reported(maker: Maker) -> None:
    rule = {"id": "floor", "sentence": "x", "type": "bound", "of": {"sum": "covered", "need": "n"}, "each": "county",
            "per": "people", "min": 0.2}
    instance = maker({**SETTINGS, "rules": [rule]}, counties="county,population|A,1|B,1|C,1",
                     needs="county,need,people,unit_cost|A,n,50,1|B,n,50,1|C,n,50,1")
    tight = assemble(instance, Choices.of(direct=[("A", "n", 1, 10), ("B", "n", 1, 10), ("C", "n", 1, 50)]))
    assert len(advice(tight)) == 1
    assert "2 of 3" in advice(tight)[0]
    loose = assemble(instance, Choices.of(direct=[("A", "n", 1, 10), ("B", "n", 1, 30), ("C", "n", 1, 50)]))
    assert advice(loose) == []
