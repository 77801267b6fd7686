"""People from money: hand cases of relapse, tiers, delay, and what projects serve."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, assemble

Maker = Callable[..., Instance]
COUNTY = "county,population|A,1000"


def settings(periods: list[int], kind: str = "lasting", tiers: list[dict[str, float]] | None = None) -> dict[str, object]:
    return {
        "periods": periods, "categories": {"c": {}},
        "needs": {"n": {"kind": kind, "category": "c", **({"tiers": tiers} if tiers else {})}},
        "streams": {"s": {"budget": 10000}},
    }


def covered(instance: Instance, **choices: list[tuple[object, ...]]) -> pd.DataFrame:
    plan = assemble(instance, Choices.of(**choices))
    return plan.coverage.set_index("period")[["carried", "built", "direct", "covered", "gap"]].astype(int)


def test_worked_example_gives_its_coverage_table(example: Instance, example_choices: Choices) -> None:
    plan = assemble(example, example_choices)
    table = plan.coverage.set_index(["county", "need", "period"])[["people", "carried", "built", "direct", "covered", "gap"]]
    expected = {
        ("A", "water", 2026): (1000, 0, 600, 100, 700, 300), ("A", "water", 2027): (1000, 90, 540, 370, 1000, 0),
        ("A", "work", 2026): (400, 0, 0, 70, 70, 330), ("A", "work", 2027): (400, 0, 0, 165, 165, 235),
        ("B", "water", 2026): (600, 0, 0, 300, 300, 300), ("B", "water", 2027): (600, 300, 0, 0, 300, 300),
        ("B", "work", 2026): (300, 0, 200, 0, 200, 100), ("B", "work", 2027): (300, 0, 200, 100, 300, 0),
    }
    assert {key: tuple(row) for key, row in zip(table.index, table.astype(int).to_numpy().tolist(), strict=True)} == expected
    value = plan.criteria.set_index("criterion")["value"]
    assert value["coverage"] == 3035
    assert plan.coverage.groupby("period")["covered"].sum().to_dict() == {2026: 1270, 2027: 1765}


def test_direct_money_reaches_whole_people_rounded_down(maker: Maker) -> None:
    instance = maker(settings([1]), counties=COUNTY, needs="county,need,people,unit_cost|A,n,100,0.3")
    assert covered(instance, direct=[("A", "n", 1, 10)]).loc[1].tolist() == [0, 0, 33, 33, 67]


def test_unit_costs_divide_as_decimals_not_as_binary_floats(maker: Maker) -> None:
    # 3 / 0.1 in binary arithmetic floors to 29
    instance = maker(settings([1]), counties=COUNTY, needs="county,need,people,unit_cost|A,n,100,0.1")
    assert covered(instance, direct=[("A", "n", 1, 3)]).loc[1, "direct"] == 30


def test_tiers_fill_cheapest_first(maker: Maker) -> None:
    tiers = [{"width": 0.3, "factor": 1}, {"width": 0.2, "factor": 2}]
    instance = maker(settings([1], tiers=tiers), counties=COUNTY, needs="county,need,people,unit_cost|A,n,100,1")
    assert covered(instance, direct=[("A", "n", 1, 20)]).loc[1, "direct"] == 20
    assert covered(instance, direct=[("A", "n", 1, 41)]).loc[1, "direct"] == 35  # 30 at 1, 5 at 2, 1 left over
    assert covered(instance, direct=[("A", "n", 1, 500)]).loc[1, "direct"] == 50  # half the people cannot be reached directly


def test_a_tier_of_a_broken_width_holds_whole_people(maker: Maker) -> None:
    tiers = [{"width": 0.333, "factor": 1}]
    instance = maker(settings([1], tiers=tiers), counties=COUNTY, needs="county,need,people,unit_cost|A,n,10,1")
    assert covered(instance, direct=[("A", "n", 1, 9)]).loc[1, "direct"] == 3


def test_a_countys_own_tiers_replace_those_of_the_need(maker: Maker) -> None:
    instance = maker(settings([1]), counties=COUNTY, needs="county,need,people,unit_cost|A,n,100,1",
                     tiers="county,need,tier,width,unit_cost|A,n,1,0.1,2|A,n,2,0.9,5")
    assert covered(instance, direct=[("A", "n", 1, 70)]).loc[1, "direct"] == 20  # 10 at 2, 10 at 5


def test_relapse_takes_whole_people_from_each_tier(maker: Maker) -> None:
    tiers = [{"width": 0.5, "factor": 1}, {"width": 0.5, "factor": 2}]
    instance = maker(settings([1, 2], tiers=tiers), counties=COUNTY, needs="county,need,people,relapse,unit_cost|A,n,10,0.15,1")
    table = covered(instance, direct=[("A", "n", 1, 11)])  # 5 and 3; then floor(4.25) + floor(2.55)
    assert table.loc[1, "direct"] == 8
    assert table.loc[2].tolist() == [6, 0, 0, 6, 4]


def test_a_tier_does_not_refill_beyond_its_width(maker: Maker) -> None:
    tiers = [{"width": 0.5, "factor": 1}, {"width": 0.5, "factor": 2}]
    instance = maker(settings([1, 2], tiers=tiers), counties=COUNTY, needs="county,need,people,unit_cost|A,n,10,1")
    table = covered(instance, direct=[("A", "n", 1, 5), ("A", "n", 2, 5)])
    assert table.loc[2].tolist() == [5, 0, 2, 7, 3]  # the cheap half is full, so 5 buys two at cost 2


def test_a_yearly_need_starts_from_nothing(maker: Maker) -> None:
    instance = maker(settings([1, 2], kind="yearly"), counties=COUNTY, needs="county,need,people,unit_cost|A,n,100,1")
    assert covered(instance, direct=[("A", "n", 1, 40)])["covered"].tolist() == [40, 0]


def test_where_people_fall_projects_count_first_and_the_cheap_tier_next(maker: Maker) -> None:
    instance = maker(
        settings([1, 2]), counties=COUNTY, needs="county,need,people,people@2,unit_cost|A,n,100,50,1",
        projects="project,county,category,cost|P,A,c,0", effects="project,need,people|P,n,40")
    table = covered(instance, starts=[("P", 1, 1)], direct=[("A", "n", 1, 30)])
    assert table.loc[1].tolist() == [0, 40, 30, 70, 30]
    assert table.loc[2].tolist() == [10, 40, 0, 50, 0]


def test_what_is_lost_when_people_fall_does_not_come_back(maker: Maker) -> None:
    instance = maker(settings([1, 2, 3]), counties=COUNTY, needs="county,need,people,people@2,unit_cost|A,n,100,20,1")
    assert covered(instance, direct=[("A", "n", 1, 60)])["covered"].tolist() == [60, 20, 20]


def test_projects_cap_at_the_people_in_need_and_relapse(maker: Maker) -> None:
    instance = maker(settings([1, 2]), counties=COUNTY, needs="county,need,people,relapse|A,n,100,0.25",
                     projects="project,county,category,cost|P,A,c,0|Q,A,c,0", effects="project,need,people|P,n,70|Q,n,70")
    table = covered(instance, starts=[("P", 1, 1), ("Q", 1, 1)])
    assert table["built"].tolist() == [100, 75]


def test_an_effect_begins_after_its_delay(maker: Maker) -> None:
    instance = maker(settings([1, 2, 3]), counties=COUNTY, needs="county,need,people|A,n,100",
                     projects="project,county,category,cost,delay|P,A,c,0,1", effects="project,need,people|P,n,30")
    assert covered(instance, starts=[("P", 1, 1)])["built"].tolist() == [0, 30, 30]
    assert covered(instance, starts=[("P", 3, 1)])["built"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(("lasts", "built"), [("", [0, 30, 30, 30]), ("1", [0, 30, 0, 0]), ("2", [0, 30, 30, 0])])
def test_a_yearly_need_is_served_while_the_project_lasts(maker: Maker, lasts: str, built: list[int]) -> None:
    instance = maker(settings([1, 2, 3, 4], kind="yearly"), counties=COUNTY, needs="county,need,people|A,n,100",
                     projects=f"project,county,category,cost,delay,lasts|P,A,c,0,1,{lasts}", effects="project,need,people|P,n,30")
    assert covered(instance, starts=[("P", 1, 1)])["built"].tolist() == built


def test_scalable_projects_serve_whole_people_rounded_down_once(maker: Maker) -> None:
    instance = maker(
        settings([1]), counties=COUNTY, needs="county,need,people|A,n,100",
        projects="project,county,category,cost,scalable|P,A,c,3,1|Q,A,c,3,1", effects="project,need,people|P,n,10|Q,n,10")
    table = covered(instance, starts=[("P", 1, 1 / 3), ("Q", 1, 2 / 3)])  # exactly a third and two thirds: 10 people, not 9
    assert table.loc[1, "built"] == 10


def test_an_effect_may_fall_on_another_county(maker: Maker) -> None:
    instance = maker(settings([1]), counties="county,population|A,1|B,1", needs="county,need,people|A,n,50|B,n,50",
                     projects="project,county,category,cost|P,A,c,0", effects="project,need,county,people|P,n,,10|P,n,B,20")
    plan = assemble(instance, Choices.of(starts=[("P", 1, 1)]))
    assert plan.coverage.set_index("county")["built"].to_dict() == {"A": 10, "B": 20}
