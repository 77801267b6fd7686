"""The distribution table: subtotals add up, and changes are known only where the baseline is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Plan, assemble
from optimizer.plan.distribution import distribution

Maker = Callable[..., Instance]
HOSTILE = ["=1+1", "<b>x</b>", "@cmd", "+A1", "http://example.org"]
SETTINGS: dict[str, Any] = {
    "periods": [1], "categories": {"c": {"label": "=SUM(A1)"}, "e": {"label": "教育"}}, "needs": {"n": {"category": "c"}},
    "streams": {"s": {"budget": 1000, "label": "<i>中央</i>"}, "z": {"budget": 10}},
    "factor": {"streams": ["s"], "factors": [{"column": "population", "weight": 1}]},
}


@pytest.fixture
def hostile(maker: Maker) -> Plan:
    lines = [f"C{n},{name},{'甲' if n < 3 else '乙'},{'p' if n < 2 else 'q'},{100 * (n + 1)}" for n, name in enumerate(HOSTILE)]
    instance = maker(SETTINGS, counties="county,name,province,prefecture,population|" + "|".join(lines),
                     needs="county,need,people,unit_cost|C0,n,50,1", baseline="county,stream,money|C0,s,100|C1,s,20")
    return assemble(instance, Choices.of(transfers=[("s", "C0", "c", 1, 40), ("s", "C1", "e", 1, 30), ("z", "C4", "e", 1, 5)],
                                         direct=[("C0", "n", 1, 40)]))


def test_subtotals_add_up_and_changes_are_over_the_same_streams(hostile: Plan) -> None:
    table = distribution(hostile)
    whole = table[table["level"] == "all"].iloc[0]
    for level in ("province", "county"):
        rows = table[table["level"] == level]
        for column in ("counties", "population", "money", "stream:s", "category:c", "factor"):
            assert rows[column].sum() == whole[column]
    assert whole["money"] == 75
    assert whole["per_head"] == 75 * 10000 / 1500
    counties = table[table["level"] == "county"].set_index("county")
    assert counties.loc["C0", ["last", "last_change", "last_change_percent"]].tolist() == [100, -60, -60]
    assert counties.loc[["C2", "C3", "C4"], "last"].isna().all()
    prefectures = table[table["level"] == "prefecture"].set_index(["province", "prefecture"])
    assert prefectures.loc[("甲", "p"), "last_change"] == -50
    assert table[table["level"] == "province"]["last"].isna().all()  # unknown where one county's is
    assert counties.loc["C4", ["money", "factor_change"]].tolist() == [5, -counties.loc["C4", "factor"]]


def test_counties_without_provinces_are_one_list(example_plan: Plan) -> None:
    assert distribution(example_plan)["level"].tolist() == ["all", "county", "county"]
