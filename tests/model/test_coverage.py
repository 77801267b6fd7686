"""Coverage: tiers, relapse, what projects build, caps; one period and three."""

from __future__ import annotations

import pytest
from small_cases import INF, case, rows

T3 = [2026, 2027, 2028]
TIERS = {"water": {"kind": "lasting", "category": "infra", "tiers": [{"width": 0.5, "factor": 1}, {"width": 0.3, "factor": 3}]},
         "work": {"kind": "yearly", "category": "industry"}}


def direct(need: str, relapse: str = "", **settings):
    return case({"counties": rows("county", "A"),
                 "needs": rows("county,need,people,relapse,unit_cost", f"A,{need},100,{relapse},1")}, **settings)


def test_one_period_needs_no_state():
    stated = direct("water", needs=TIERS)
    assert stated.columns("held") == []
    assert stated.column("reach[A,water,1,2026]") == (0, 50, False)
    assert stated.column("reach[A,water,2,2026]") == (0, pytest.approx(30), False)
    row = stated.row("people_in_need[A,water,2026]")
    assert row.terms == {"reach[A,water,1,2026]": 1, "reach[A,water,2,2026]": 1}
    assert (row.low, row.high) == (-INF, 100)


@pytest.mark.parametrize(("budget", "covered"), [(20, 20), (50, 50), (80, 60), (140, 80), (1000, 80)])
def test_tiers_fill_cheapest_first_and_end_at_their_widths(budget, covered):
    assert direct("water", needs=TIERS, streams={"central": {"budget": budget}}).best().value == covered


def test_a_county_with_tiers_of_its_own_uses_them_instead():
    stated = case({"counties": rows("county", "A"), "needs": rows("county,need,people,unit_cost", "A,water,100,"),
                   "tiers": rows("county,need,tier,width,unit_cost", "A,water,1,0.1,2", "A,water,2,0.2,5")}, needs=TIERS)
    assert stated.row("direct_cost[A,water,2026]").terms == {
        "direct[A,water,2026]": 1, "reach[A,water,1,2026]": -2, "reach[A,water,2,2026]": -5}
    assert stated.best().value == 10 + 16  # 20 of money for the first tier, 80 for 16 people of the second


def test_a_need_without_a_unit_cost_is_not_reached_directly():
    stated = case({"counties": rows("county", "A"), "needs": rows("county,need,people", "A,work,100")})
    assert stated.columns("reach") == []
    assert stated.best().value == 0


def test_people_stay_held_less_relapse():
    stated = direct("water", "0.1", needs=TIERS, periods=T3)
    first = stated.row("held_from_reach[A,water,1,2026]")
    assert first.terms == {"held[A,water,1,2026]": 1, "reach[A,water,1,2026]": -1}
    row = stated.row("held_from_reach[A,water,1,2027]")
    assert row.terms == {"held[A,water,1,2027]": 1, "held[A,water,1,2026]": -0.9, "reach[A,water,1,2027]": -1}
    assert (row.low, row.high) == (-INF, 0)
    assert stated.row("people_in_need[A,water,2027]").terms == {"held[A,water,1,2027]": 1, "held[A,water,2,2027]": 1}


@pytest.mark.parametrize(("relapse", "value"), [("0", 30), ("0.1", 10 * (1 + 0.9 + 0.81)), ("1", 10)])
def test_relapse_by_hand(relapse, value):
    once = {"central": {"budget": {2026: 10, 2027: 0, 2028: 0}}}
    assert direct("water", relapse, streams=once, periods=T3).best().value == pytest.approx(value)


def test_a_yearly_need_starts_from_nothing_each_period():
    stated = direct("work", streams={"central": {"budget": {2026: 10, 2027: 0, 2028: 4}}}, periods=T3)
    assert stated.columns("held") == []
    assert stated.best().value == 14


def test_the_tier_does_not_refill():
    stated = direct("water", "0", needs=TIERS, streams={"central": {"budget": 50}}, periods=[2026, 2027])
    best = stated.best()
    # the first tier of 50 people is full after the first period; the second year reaches 50 / 3 people at 3 each
    assert best.value == pytest.approx(50 + 50 + 50 / 3)
    assert best["held[A,water,1,2027]"] == 50


def test_periods_count_by_their_weight():
    stated = direct("work", periods={2026: 1, 2027: 0.5})
    assert stated.goal("coverage") == {"reach[A,work,1,2026]": 1, "reach[A,work,1,2027]": 0.5}


def test_fewer_people_in_need_cap_what_is_held():
    stated = case({"counties": rows("county", "A"), "needs": [
        {"county": "A", "need": "water", "people@2026": 100, "people@2027": 30, "unit_cost": 1}]}, periods=[2026, 2027])
    assert stated.row("people_in_need[A,water,2027]").high == 30
    assert stated.best().value == 100 + 30


def project(need: str = "water", timing: str = "0,", people: str = "80", **settings):
    delay, lasts = timing.split(",")
    return case({
        "counties": rows("county", "A"),
        "needs": rows("county,need,people,relapse", f"A,{need},100,{0.5 if need == 'water' else ''}"),
        "projects": rows("project,county,category,cost,delay,lasts", f"X,A,infra,10,{delay},{lasts}"),
        "effects": rows("project,need,people", f"X,{need},{people}"),
    }, periods=T3, **settings)


def test_a_lasting_effect_begins_once_and_decays():
    stated = project()
    row = stated.row("built_from_projects[A,water,2027]")
    assert row.terms == {"built[A,water,2027]": 1, "built[A,water,2026]": -0.5, "start[X,2027]": -80}
    assert stated.best().value == 80 + 40 + 20


def test_a_delayed_effect_begins_later_or_outside_the_horizon():
    stated = project(timing="1,")
    assert stated.row("built_from_projects[A,water,2026]").terms == {"built[A,water,2026]": 1}
    assert stated.row("built_from_projects[A,water,2028]").terms == {
        "built[A,water,2028]": 1, "built[A,water,2027]": -0.5, "start[X,2027]": -80}
    assert stated.best().value == 80 + 40


def test_a_yearly_effect_counts_in_every_period_it_serves():
    stated = project("work")
    assert stated.row("built_from_projects[A,work,2028]").terms == {
        "built[A,work,2028]": 1, "start[X,2026]": -80, "start[X,2027]": -80, "start[X,2028]": -80}
    assert stated.best().value == 240


def test_a_yearly_effect_ends_after_the_periods_it_lasts():
    stated = project("work", timing="1,1")
    assert stated.row("built_from_projects[A,work,2028]").terms == {"built[A,work,2028]": 1, "start[X,2027]": -80}
    assert stated.best().value == 80


def test_a_surplus_effect_is_not_counted():
    stated = project(people="500")
    assert stated.column("built[A,water,2026]") == (0, 100, False)
    assert stated.best().value == 100 + 50 + 25


def test_projects_and_direct_support_share_the_cap():
    stated = case({
        "counties": rows("county", "A"), "needs": rows("county,need,people,unit_cost", "A,water,100,1"),
        "projects": rows("project,county,category,cost", "X,A,infra,10"), "effects": rows("project,need,people", "X,water,80"),
    })
    assert stated.row("people_in_need[A,water,2026]").terms == {"built[A,water,2026]": 1, "reach[A,water,1,2026]": 1}
    best = stated.best()
    assert best.value == 100
    assert best["built[A,water,2026]"] + best["reach[A,water,1,2026]"] == 100


def test_an_effect_may_fall_on_another_county():
    stated = case({
        "counties": rows("county", "A", "B"), "needs": rows("county,need,people", "B,water,100"),
        "projects": rows("project,county,category,cost", "X,A,infra,10"),
        "effects": rows("project,county,need,people", "X,B,water,80"),
    })
    assert stated.row("built_from_projects[B,water,2026]").terms == {"built[B,water,2026]": 1, "start[X,2026]": -80}
    assert stated.best().value == 80
