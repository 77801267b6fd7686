"""Budgets, carrying over, least spend, accounts and money decisions: their rows, and cases solved by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from small_cases import INF, Stated, case, rows

from optimizer.engine.outcome import Status

ONE = {
    "counties": rows("county", "A", "B"),
    "needs": rows("county,need,people,unit_cost", "A,water,1000,0.5", "B,work,300,1"),
}
T3 = [2026, 2027, 2028]


def test_a_budget_has_a_row_for_each_stream_scope_and_period():
    stated = case(ONE)
    assert stated.names("stream_budget") == ["stream_budget[central,all,2026]"]
    row = stated.row("stream_budget[central,all,2026]")
    assert row.terms == {"transfer[central,A,infra,2026]": 1, "transfer[central,B,industry,2026]": 1}
    assert (row.low, row.high) == (-INF, 100)


def test_a_budget_binds():
    best = case(ONE).best()
    assert best.value == 200  # water at 0.5 is twice as cheap as work at 1
    assert best.family("transfer") == {"central,A,infra,2026": 100}


def test_scopes_pay_their_own_counties_only():
    stated = case({
        "counties": rows("county,province", "A,P", "B,Q", "C,R"),
        "needs": rows("county,need,people,unit_cost", "A,water,1000,1", "B,water,1000,1", "C,water,1000,1"),
        "budgets": rows("stream,scope,period,amount", "local,province=P,2026,10", "local,province=Q,2026,30"),
    }, streams={"local": {}})
    assert stated.row("stream_budget[local,province=P,2026]").terms == {"transfer[local,A,infra,2026]": 1}
    assert stated.columns("transfer") == ["transfer[local,A,infra,2026]", "transfer[local,B,infra,2026]"]
    assert stated.best().family("transfer") == {"local,A,infra,2026": 10, "local,B,infra,2026": 30}


def test_a_period_without_a_budget_pays_nothing():
    stated = case({
        "counties": rows("county", "A"), "needs": rows("county,need,people,unit_cost", "A,work,1000,1"),
        "budgets": rows("stream,scope,period,amount", "local,all,2026,10"),
    }, streams={"local": {}}, periods=[2026, 2027])
    assert stated.row("stream_budget[local,all,2027]").high == 0
    assert stated.best().value == 10


def test_a_stream_of_some_categories_pays_no_other():
    stated = case(ONE, streams={"central": {"budget": 100, "categories": ["industry"]}})
    assert stated.columns("transfer") == ["transfer[central,B,industry,2026]"]
    assert stated.best().value == 100


def test_a_stream_for_some_counties_pays_no_other():
    stated = case({**ONE, "counties": rows("county,province", "A,P", "B,Q")},
                  streams={"central": {"budget": 100, "counties": {"province": "Q"}}})
    assert stated.columns("transfer") == ["transfer[central,B,industry,2026]"]


def three_periods(carry: float) -> Stated:
    """Ten people a year cost ten; the last year has 30 in need and a budget of ten."""
    return case({
        "counties": rows("county", "A"),
        "needs": [{"county": "A", "need": "work", "people@2026": 2, "people@2027": 10, "people@2028": 30, "unit_cost": 1}],
    }, streams={"central": {"budget": {2026: 20, 2027: 20, 2028: 10}, "carry": carry}}, periods=T3)


def test_carrying_over_has_a_column_below_its_share_of_the_periods_own_budget():
    stated = three_periods(0.4)
    assert stated.columns("carried_out") == ["carried_out[central,all,2026]", "carried_out[central,all,2027]"]
    assert stated.column("carried_out[central,all,2026]") == (0, 8, False)
    row = stated.row("stream_budget[central,all,2027]")
    assert row.terms == {"transfer[central,A,industry,2027]": 1, "carried_out[central,all,2026]": -1,
                         "carried_out[central,all,2027]": 1}
    assert row.high == 20
    assert stated.row("stream_budget[central,all,2028]").terms == {
        "transfer[central,A,industry,2028]": 1, "carried_out[central,all,2027]": -1}


@pytest.mark.parametrize(("carry", "covered"), [(0, 2 + 10 + 10), (0.4, 2 + 10 + 18), (1, 2 + 10 + 30)])
def test_what_is_carried_moves_on_one_period_and_the_rest_lapses(carry, covered):
    best = three_periods(carry).best()
    assert best.value == covered
    assert best["transfer[central,A,industry,2027]"] == 10


def test_least_spend_forces_money_out():
    stated = case(ONE, streams={"central": {"budget": 100, "least_spend": "30%"}})
    row = stated.row("stream_least[central,all,2026]")
    assert row.terms == {"transfer[central,A,infra,2026]": 1, "transfer[central,B,industry,2026]": 1}
    assert (row.low, row.high) == (30, INF)
    assert stated.best("spend").value == 30


def test_least_spend_of_a_table_goes_with_its_scope():
    stated = case({**ONE, "budgets": rows("stream,scope,period,amount,least", "central,all,2026,50,20")})
    assert stated.row("stream_least[central,all,2026]").low == 20
    assert stated.row("stream_budget[central,all,2026]").high == 50


ACCOUNT = {
    "counties": rows("county", "A"),
    "needs": rows("county,need,people,unit_cost", "A,water,1000,0.5"),
    "donors": rows("donor,money", "D,40"),
    "pairs": rows("donor,county", "D,A"),
    "projects": rows("project,county,category,cost,own_share", "X,A,infra,60,0.5"),
    "effects": rows("project,need,people", "X,water,300"),
}


def test_an_account_has_money_in_and_money_out():
    row = case(ACCOUNT).row("account[A,infra,2026]")
    assert row.terms == {"transfer[central,A,infra,2026]": 1, "placed[collaboration,A,infra,2026]": 1, "start[X,2026]": -30,
                         "direct[A,water,2026]": -1}
    assert (row.low, row.high) == (0, 1 - 1e-5)  # a reserve below one step, for what a project costs exactly


def test_own_share_is_paid_by_others():
    best = case(ACCOUNT, streams={"central": {"budget": 20}}).best()
    assert best.value == 300 + 60  # 60 of money: 30 for the project, 30 for direct support at 0.5
    assert best["start[X,2026]"] == 1
    assert best["direct[A,water,2026]"] == 30


def test_unspent_money_has_a_column_only_where_it_is_allowed():
    assert case(ACCOUNT).columns("unspent") == []
    stated = case(ACCOUNT, settings={"unspent": "allow"}, streams={"central": {"budget": 100, "least_spend": 1}})
    assert stated.row("account[A,industry,2026]").terms == {
        "placed[collaboration,A,industry,2026]": 1, "transfer[central,A,industry,2026]": 1, "unspent[A,industry,2026]": -1}


def test_money_that_must_go_out_and_finds_nothing_to_do_is_infeasible_unless_it_may_lie():
    few = {"counties": rows("county", "A"), "needs": rows("county,need,people,unit_cost", "A,work,10,1")}
    spend_all = {"central": {"budget": 100, "least_spend": 1}}
    assert case(few, streams=spend_all).best().status is Status.INFEASIBLE
    best = case(few, streams=spend_all, settings={"unspent": "allow"}).best()
    assert best.value == 10
    assert 88 < sum(best.family("unspent").values()) <= 90  # the rest is left over by whole people and whole steps


def test_direct_money_is_what_reaching_people_costs():
    stated = case(ONE, needs={"water": {"kind": "lasting", "category": "infra",
                                        "tiers": [{"width": 0.5, "factor": 1}, {"width": 0.3, "factor": 3}]},
                              "work": {"kind": "yearly", "category": "industry"}})
    row = stated.row("direct_cost[A,water,2026]")
    assert row.terms == {"direct[A,water,2026]": 1, "reach[A,water,1,2026]": -0.5, "reach[A,water,2,2026]": -1.5}
    assert (row.low, row.high) == (0, pytest.approx(1.5 * (1 - 1e-5)))  # below what one more person costs


def test_upkeep_runs_from_the_period_after_the_last_cost_to_the_horizon():
    stated = case({
        "counties": rows("county", "A"), "needs": rows("county,need,people", "A,water,100"),
        "projects": rows("project,county,category,cost,cost+1,upkeep", "X,A,infra,20,8,3"),
        "effects": rows("project,need,people", "X,water,60"),
    }, periods=T3)
    coefficients = {t: {k: v for k, v in stated.row(f"account[A,infra,{t}]").terms.items() if k.startswith("start")}
                    for t in T3}
    assert coefficients == {
        2026: {"start[X,2026]": -20}, 2027: {"start[X,2026]": -8, "start[X,2027]": -20},
        2028: {"start[X,2026]": -3, "start[X,2027]": -8, "start[X,2028]": -20},
    }
    assert stated.best("coverage").value == 180
    paid = stated.best("coverage").family("transfer")
    assert list(paid) == ["central,A,infra,2026", "central,A,infra,2027", "central,A,infra,2028"]
    for money, cost in zip(paid.values(), (20, 8, 3), strict=True):
        assert cost <= money < cost + 1  # but for a reserve below one step


DECIDED = {
    "counties": rows("county", "A", "B"),
    "needs": rows("county,need,people,unit_cost", "A,water,1000,0.5", "B,water,1000,1"),
}


@pytest.mark.parametrize(("decision", "amount", "bounds", "coverage"), [
    ("set", 30, (30, 30), 2 * 70 + 30), ("least", 30, (30, INF), 2 * 70 + 30), ("most", 0, (-INF, 0), 200),
])
def test_money_decisions_hold_amounts(decision, amount, bounds, coverage):
    instance = case(DECIDED).instance.with_decisions(pd.DataFrame([
        {"kind": "money", "stream": "central", "county": "B", "decision": decision, "amount": amount}]))
    stated = Stated(instance)
    row = stated.row("money_decision[1]")
    assert row.terms == {"transfer[central,B,infra,2026]": 1}
    assert (row.low, row.high) == bounds
    assert stated.best().value == coverage


def test_a_money_decision_counts_placed_money_and_every_period_it_does_not_name():
    instance = case(ACCOUNT, periods=[2026, 2027]).instance.with_decisions(pd.DataFrame([
        {"kind": "money", "county": "A", "category": "infra", "decision": "most", "amount": 50},
        {"kind": "money", "period": 2027, "decision": "set", "amount": 0}]))
    stated = Stated(instance)
    assert stated.row("money_decision[1]").terms == {
        "transfer[central,A,infra,2026]": 1, "transfer[central,A,infra,2027]": 1,
        "placed[collaboration,A,infra,2026]": 1, "placed[collaboration,A,infra,2027]": 1}
    assert stated.best().family("transfer").keys() <= {"central,A,infra,2026"}
