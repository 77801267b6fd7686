"""Starts, amounts, prerequisites, exclusive groups, resources and partners' sectors."""

from __future__ import annotations

import pytest
from small_cases import INF, case, rows

from optimizer.engine.outcome import Status

T2, T3 = [2026, 2027], [2026, 2027, 2028]
COUNTY = {"counties": rows("county", "A"), "needs": rows("county,need,people", "A,work,1000")}
TWO = {**COUNTY, "projects": rows("project,county,category,cost", "X,A,infra,30", "Y,A,infra,50"),
       "effects": rows("project,need,people", "X,work,10", "Y,work,20")}


def projects(header: str, *lines: str, effects=("X,work,10", "Y,work,20"), periods=None, **tables):
    return case({**COUNTY, "projects": rows(f"project,county,category,{header}", *lines),
                 "effects": rows("project,need,people", *effects), **tables}, periods=periods or [2026])


def test_a_project_is_started_whole_or_not_at_all():
    stated = case(TWO)
    assert stated.column("start[X,2026]") == (0, 1, True)
    assert stated.best().value == 30
    assert case(TWO, streams={"central": {"budget": 79}}).best().value == 20


def test_a_project_starts_once():
    stated = case(TWO, periods=T3)
    row = stated.row("started_once[X]")
    assert row.terms == {f"start[X,{t}]": 1 for t in T3}
    assert (row.low, row.high) == (-INF, 1)
    assert stated.best().value == 30 * 3  # a yearly need, served from the first period on


def test_one_period_needs_no_such_row():
    assert case(TWO).names("started_once") == []


def test_starts_are_limited_to_the_periods_named():
    stated = projects("cost,starts", "X,A,infra,30,2027;2028", "Y,A,infra,50,", periods=T3)
    assert [name for name in stated.columns("start") if "X" in name] == ["start[X,2027]", "start[X,2028]"]
    assert stated.best().value == 10 * 2 + 20 * 3


@pytest.mark.parametrize("periods", [[2026], T3])
def test_locked_projects_start_and_forbidden_ones_do_not(periods):
    stated = projects("cost,status", "X,A,infra,30,lock", "Y,A,infra,50,forbid", periods=periods)
    assert stated.row("started_once[X]").low == 1
    assert stated.column("start[Y,2026]") == (0, 0, True)
    best = stated.best()
    assert sum(best.family("start").values()) == 1
    assert best.value == 10 * len(periods)


def test_a_locked_project_that_cannot_be_paid_is_infeasible():
    assert projects("cost,status", "X,A,infra,130,lock", "Y,A,infra,50,").best().status is Status.INFEASIBLE


def test_a_scalable_project_takes_any_amount_up_to_most():
    stated = projects("cost,scalable,most", "X,A,infra,30,1,2", "Y,A,infra,50,0,")
    assert stated.column("amount[X,2026]") == (0, 2, False)
    assert stated.columns("started") == []
    assert stated.row("amount_total[X]").high == 2
    best = stated.best()  # Y first (0.4 a unit of money), then 50/30 of X
    assert (best["start[Y,2026]"], best["amount[X,2026]"]) == (1, round(5 / 3, 6))
    assert best.value == pytest.approx(20 + 50 / 3)


def test_most_holds_over_all_starts_together():
    stated = projects("cost,scalable,most", "X,A,infra,10,1,2", effects=("X,work,10",), periods=T2)
    assert stated.row("amount_total[X]").terms == {"amount[X,2026]": 1, "amount[X,2027]": 1}
    assert stated.best().value == 2 * 10 * 2


def test_a_scalable_project_without_limit_is_limited_by_money():
    stated = projects("cost,scalable,most", "X,A,infra,10,1,inf", effects=("X,work,10",))
    assert stated.column("amount[X,2026]")[1] == INF
    assert stated.names("amount_total") == []
    assert stated.best().value == 100


def test_a_least_amount_needs_a_binary():
    stated = projects("cost,scalable,least,most", "X,A,infra,100,1,0.5,2", effects=("X,work,10",))
    assert stated.column("started[X,2026]") == (0, 1, True)
    assert stated.row("amount_most[X,2026]").terms == {"amount[X,2026]": 1, "started[X,2026]": -2}
    assert stated.row("amount_most[X,2026]").high == 0
    assert stated.row("amount_least[X,2026]").terms == {"amount[X,2026]": 1, "started[X,2026]": -0.5}
    assert stated.row("amount_least[X,2026]").low == 0
    assert stated.row("started_scalable[X]").high == 1


@pytest.mark.parametrize(("budget", "value"), [(40, 0), (50, 5), (90, 9), (500, 20)])
def test_least_and_most_by_hand(budget, value):
    tables = {**COUNTY, "projects": rows("project,county,category,cost,scalable,least,most", "X,A,infra,100,1,0.5,2"),
              "effects": rows("project,need,people", "X,work,10")}
    assert case(tables, streams={"central": {"budget": budget}}).best().value == value


def test_a_locked_scalable_project_is_started_with_at_least_a_step():
    stated = projects("cost,scalable,least,most,status", "X,A,infra,40,1,0,1,lock", effects=())
    assert stated.row("amount_total[X]").low == pytest.approx(1 / 40)
    stated = projects("cost,scalable,least,most,status", "X,A,infra,40,1,0.25,1,lock", effects=())
    assert stated.row("amount_total[X]").low == pytest.approx(0.25)
    assert stated.best("spend").value == 10


def test_a_prerequisite_starts_in_the_same_period_or_before():
    stated = projects("cost,requires", "X,A,infra,30,", "Y,A,infra,50,X", periods=T3)
    assert stated.row("prerequisite[Y,X,2026]").terms == {"start[Y,2026]": 1, "start[X,2026]": -1}
    row = stated.row("prerequisite[Y,X,2027]")
    assert row.terms == {"start[Y,2026]": 1, "start[Y,2027]": 1, "start[X,2026]": -1, "start[X,2027]": -1}
    assert (row.low, row.high) == (-INF, 0)


@pytest.mark.parametrize(("lines", "value"), [
    (("X,A,infra,0,,2028", "Y,A,infra,0,X,"), 10 + 20), (("X,A,infra,0,,", "Y,A,infra,0,X,"), 30 + 60),
    (("X,A,infra,0,,2028", "Y,A,infra,0,X,2026;2027"), 10),
])
def test_prerequisites_across_periods_by_hand(lines, value):
    assert projects("cost,requires,starts", *lines, periods=T3).best().value == value


def test_what_is_required_may_be_scalable_and_then_counts_only_if_something_is_started():
    stated = projects("cost,scalable,least,most,requires", "X,A,infra,50,1,0,1,", "Y,A,infra,10,,,,X", effects=("Y,work,20",))
    assert stated.columns("started") == ["started[X,2026]"]
    assert stated.row("amount_least[X,2026]").terms["started[X,2026]"] == pytest.approx(-1 / 50)
    best = stated.best()
    assert best.value == 20
    assert best["amount[X,2026]"] >= 1 / 50 - 1e-6
    poor = case({**COUNTY, "projects": rows("project,county,category,cost,scalable,least,most,requires", "X,A,infra,50,1,0,1,",
                                            "Y,A,infra,10,,,,X"), "effects": rows("project,need,people", "Y,work,20")},
                streams={"central": {"budget": 10}})
    assert poor.best().value == 0


def test_at_most_one_project_of_an_exclusive_group():
    stated = projects("cost,exclusive", "X,A,infra,30,site", "Y,A,infra,50,site", periods=T2)
    row = stated.row("exclusive_group[site,A]")
    assert row.terms == {"start[X,2026]": 1, "start[X,2027]": 1, "start[Y,2026]": 1, "start[Y,2027]": 1}
    assert (row.low, row.high) == (-INF, 1)
    assert stated.best().value == 40


def test_an_exclusive_group_may_span_counties_and_scalable_projects():
    tables = {"counties": rows("county", "A", "B"), "needs": rows("county,need,people", "A,work,100", "B,work,100"),
              "projects": rows("project,county,category,cost,scalable,most,exclusive", "X,A,infra,30,1,2,g", "Y,B,infra,50,,,g"),
              "effects": rows("project,need,people", "X,work,10", "Y,work,15")}
    stated = case(tables)
    assert stated.row("exclusive_group[g]").terms == {"started[X,2026]": 1, "start[Y,2026]": 1}
    assert stated.best().value == 20


LAND = {"counties": rows("county,region", "A,west", "B,west", "C,mid"),
        "needs": rows("county,need,people", "A,work,100", "B,work,100", "C,work,100"),
        "projects": rows("project,county,category,cost", "X,A,infra,1", "Y,B,infra,1", "Z,C,infra,1"),
        "effects": rows("project,need,people", "X,work,10", "Y,work,20", "Z,work,40"),
        "uses": rows("project,resource,amount", "X,land,1", "Y,land,2", "Z,land,3")}


@pytest.mark.parametrize(("scope", "capacity", "rows_of", "value"), [
    ("all", 3, {"resource_capacity_all[land,all,all,horizon]"}, 40),
    ("county", 2, {f"resource_capacity_county[land,county,{c},horizon,{c}]" for c in "ABC"}, 30),
    ("region", 2, {f"resource_capacity_region[land,region,{r},horizon]" for r in ("mid", "west")}, 20),
])
def test_resources_by_scope(scope, capacity, rows_of, value):
    stated = case({**LAND, "resources": rows("resource,scope,capacity", f"land,{scope},{capacity}")})
    assert set(stated.names(f"resource_capacity_{scope}")) == rows_of
    assert stated.best().value == value


def test_a_resource_of_one_value_limits_only_that():
    stated = case({**LAND, "resources": rows("resource,scope,of,capacity", "land,region,west,1", "land,region,,3")})
    row = stated.row("resource_capacity_region[land,region,west,horizon]")
    assert row.terms == {"start[X,2026]": 1, "start[Y,2026]": 2}
    assert (row.low, row.high) == (-INF, 1)
    assert stated.row("resource_capacity_region[land,region,mid,horizon]").high == 3
    assert stated.best().value == 50


def test_a_resource_may_be_limited_in_each_period():
    land = {"resource": "land", "scope": "all", "per": "period", "capacity@2026": 3, "capacity": 2}
    stated = case({**LAND, "resources": [land]}, periods=T2)
    assert stated.row("resource_capacity_all[land,all,all,2026]").high == 3
    row = stated.row("resource_capacity_all[land,all,all,2027]")
    assert row.high == 2
    assert row.terms == {"start[X,2027]": 1, "start[Y,2027]": 2, "start[Z,2027]": 3}
    assert stated.best().value == 40 * 2 + 20  # Z in the first year, Y in the second


def test_some_projects_free_what_others_use():
    stated = case({**LAND, "uses": rows("project,resource,amount", "X,land,-2", "Y,land,2"),
                   "resources": rows("resource,scope,capacity", "land,all,0")})
    assert stated.row("resource_capacity_all[land,all,all,horizon]").terms == {"start[X,2026]": -2, "start[Y,2026]": 2}
    best = stated.best()
    assert best["start[X,2026]"] == best["start[Y,2026]"] == 1
    assert best.value == 70


BROUGHT = {**LAND, "donors": rows("donor,money", "D,0"), "pairs": rows("donor,county", "D,A", "D,B"),
           "brings": rows("donor,county,resource,amount", "D,B,land,2")}


@pytest.mark.parametrize(("per", "periods", "row"), [
    ("horizon", [2026], "resource_capacity_county[land,county,B,horizon,B]"),
    ("period", T2, "resource_capacity_county[land,county,B,2027,B]"),
])
def test_pairs_bring_capacity_to_their_county(per, periods, row):
    stated = case({**BROUGHT, "resources": rows("resource,scope,capacity,per", f"land,county,0,{per}")}, periods=periods)
    assert stated.row(row).terms == {f"start[Y,{periods[-1]}]": 2, "pair[D,B]": -2}
    assert stated.best().family("pair") == {"D,B": 1}
    assert stated.best().value == 20 * len(periods)


def test_what_pairs_bring_is_for_the_county_scope_only():
    stated = case({**BROUGHT, "resources": rows("resource,scope,capacity", "land,all,0")})
    assert "pair[D,B]" not in stated.row("resource_capacity_all[land,all,all,horizon]").terms
    assert stated.best().value == 0


SECTOR = {**COUNTY, "donors": rows("donor,money,sectors", "D,0,tea;ore", "E,0,fish"), "pairs": rows("donor,county", "D,A", "E,A"),
          "effects": rows("project,need,people", "X,work,10")}


def test_a_project_may_need_a_partner_of_a_sector():
    stated = case({**SECTOR, "projects": rows("project,county,category,cost,partner_sector", "X,A,infra,1,tea")})
    row = stated.row("partner_sector[X,2026,A]")
    assert row.terms == {"start[X,2026]": 1, "pair[D,A]": -1}
    assert (row.low, row.high) == (-INF, 0)
    best = stated.best()
    assert (best.value, best["pair[D,A]"]) == (10, 1)


def test_without_such_a_partner_the_project_is_not_started():
    stated = case({**SECTOR, "projects": rows("project,county,category,cost,partner_sector", "X,A,infra,1,silk")})
    assert stated.row("partner_sector[X,2026,A]").terms == {"start[X,2026]": 1}
    assert stated.best().value == 0


def test_a_scalable_project_with_a_partners_sector_needs_no_binary():
    header = "project,county,category,cost,partner_sector,scalable,most"
    stated = case({**SECTOR, "projects": rows(header, "X,A,infra,1,tea,1,3")})
    assert stated.columns("started") == []
    assert stated.row("partner_sector[X,2026,A]").terms == {"amount[X,2026]": 1, "pair[D,A]": -3}
    assert stated.best().value == 30


def test_a_partners_sector_holds_an_amount_without_end_to_what_money_pays():
    header = "project,county,category,cost,partner_sector,scalable,most"
    stated = case({**SECTOR, "projects": rows(header, "X,A,infra,10,tea,1,inf")})
    assert stated.row("partner_sector[X,2026,A]").terms == {"amount[X,2026]": 1, "pair[D,A]": -10}
    assert stated.best().value == 100
