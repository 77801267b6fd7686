"""Criteria: coefficients on a small case, and optima by hand."""

from __future__ import annotations

import pytest
from small_cases import INF, case, rows

TABLES = {
    "counties": rows("county,population,income,claim", "A,1000,5000,50", "B,3000,8000,"),
    "needs": rows("county,need,people,unit_cost", "A,water,100,1", "B,water,300,2", "B,work,50,1"),
    "donors": rows("donor,money,revenue", "D,40,100"), "pairs": rows("donor,county,fit,jobs", "D,A,0.5,3", "D,B,0.25,4"),
    "projects": rows("project,county,category,sector,cost,jobs", "X,A,infra,tea,30,7"),
    "effects": rows("project,need,people", "X,water,20"),
}
NEEDS = {"water": {"kind": "lasting", "category": "infra", "weight": 2}, "work": {"kind": "yearly", "category": "industry"}}


def stated(criteria=None, levels=("coverage",), tables=None, **settings):
    method = {"type": "lexicographic", "levels": [{"criterion": name} for name in levels]}
    return case({**TABLES, **(tables or {})}, criteria=criteria or {}, method=method, **settings)


def test_coverage_counts_need_and_period_weights():
    goal = stated(needs=NEEDS, periods={2026: 1, 2027: 0.5}).goal("coverage")
    assert goal == {"held[A,water,1,2026]": 2, "held[A,water,1,2027]": 1, "held[B,water,1,2026]": 2, "held[B,water,1,2027]": 1,
                    "reach[B,work,1,2026]": 1, "reach[B,work,1,2027]": 0.5, "built[A,water,2026]": 2, "built[A,water,2027]": 1}


def test_weights_by_cost_are_reference_costs_over_their_mean():
    by_cost = {name: {**need, "weight": "cost"} for name, need in NEEDS.items()}
    goal = stated(needs=by_cost).goal("coverage")
    water, work = (100 * 1 + 300 * 2) / 400, 1.0
    assert goal["reach[A,water,1,2026]"] == pytest.approx(water / ((water + work) / 2))
    assert goal["reach[B,work,1,2026]"] == pytest.approx(work / ((water + work) / 2))


def test_coverage_share_is_the_mean_over_needs():
    goal = stated(needs=NEEDS).goal("coverage_share")
    assert goal["reach[A,water,1,2026]"] == pytest.approx(1 / 400 / 2)
    assert goal["reach[B,work,1,2026]"] == pytest.approx(1 / 50 / 2)
    # work first: 50 people for 50; then water in A, 90 of it for the rest of 100 + 40
    assert stated().best("coverage_share").value == pytest.approx((1 + 90 / 400) / 2)


def test_gap_is_what_coverage_leaves():
    case_ = stated()
    assert case_.goal("gap")[""] == 450
    assert case_.goal("gap")["reach[B,work,1,2026]"] == -1
    assert case_.best("gap").value + case_.best("coverage").value == 450


def test_spend_counts_every_stream():
    case_ = stated()
    assert set(case_.goal("spend").values()) == {1}
    assert len(case_.goal("spend")) == len(case_.columns("transfer")) + len(case_.columns("placed"))
    assert case_.best("spend").value == 0


@pytest.mark.parametrize(("criterion", "goal", "best"), [
    ({"sense": "max", "of": {"sum": "projects", "column": "jobs"}}, {"start[X,2026]": 7}, 7),
    ({"sense": "min", "of": {"sum": "projects"}}, {"start[X,2026]": 1}, 0),
    ({"sense": "max", "of": {"sum": "pairs", "column": "jobs"}}, {"pair[D,A]": 3, "pair[D,B]": 4}, 7),
    ({"sense": "max", "of": {"sum": "support", "county": "B"}}, {"support[D,B,2026]": 1}, 40),
    ({"sense": "max", "of": {"sum": "covered", "need": "work"}}, {"reach[B,work,1,2026]": 1}, 50),
    ({"sense": "min", "of": {"sum": "gap", "need": "work"}, "per": ["population"]},
     {"reach[B,work,1,2026]": -1 / 4000, "": 50 / 4000}, 0),
    ({"sense": "max", "of": {"sum": "covered", "need": "work"}, "per": ["people"]}, {"reach[B,work,1,2026]": 1 / 50}, 1),
    ({"sense": "max", "of": {"sum": "covered", "need": "work", "county": "B"}, "per": ["population"]},
     {"reach[B,work,1,2026]": 1 / 3000}, 50 / 3000),
])
def test_a_declared_criterion_is_a_measure_over_columns(criterion, goal, best):
    case_ = stated({"mine": criterion}, levels=["mine"])
    assert case_.goal("mine") == pytest.approx(goal)
    assert case_.best("mine").value == pytest.approx(best, abs=1e-6)


def test_periods_of_a_criterion():
    flow = {"sense": "max", "of": {"sum": "money", "category": "industry", "stream": "central"}}
    weights = {2026: 1, 2027: 0.5}
    assert stated({"mine": flow}, periods=weights).goal("mine") == {
        "transfer[central,B,industry,2026]": 1, "transfer[central,B,industry,2027]": 1}
    stock = {"sense": "max", "of": {"sum": "covered", "need": "work"}}
    assert stated({"mine": stock}, periods=weights).goal("mine") == {"reach[B,work,1,2026]": 1, "reach[B,work,1,2027]": 0.5}
    last = {"sense": "max", "of": {"sum": "covered", "need": "work", "periods": "last"}, "per": ["people"]}
    assert stated({"mine": last}, periods=weights).goal("mine") == {"reach[B,work,1,2027]": 1 / 50}


def test_maximin_is_the_worst_unit():
    case_ = stated({"worst": {"equity": "maximin", "outcome": "covered_share"}}, levels=["worst"], needs=NEEDS)
    assert case_.goal("worst") == {"worst_worst": 1}
    row = case_.row("worst_of_worst[B]")
    assert row.terms == {"worst_worst": 1, "reach[B,water,1,2026]": pytest.approx(-2 / 650),
                         "reach[B,work,1,2026]": pytest.approx(-1 / 650)}
    assert (row.low, row.high) == (-INF, 0)
    assert case_.column("worst_worst") == (-INF, INF, False)


def test_maximin_by_hand():
    tables = {"counties": rows("county", "A", "B"), "needs": rows("county,need,people,unit_cost", "A,work,100,1", "B,work,300,2")}
    criteria = {"worst": {"equity": "maximin", "outcome": "covered_share"}}
    one = case(tables, criteria=criteria, method={"type": "single", "levels": [{"criterion": "worst"}]})
    assert one.best("worst").value == pytest.approx(100 / 700, abs=1e-6)


def test_minimax_of_a_low_outcome():
    case_ = stated({"worst": {"equity": "maximin", "outcome": "gap_per_1000"}}, levels=["worst"])
    row = case_.row("worst_of_worst[A]")
    assert row.terms == {"worst_worst": 1, "reach[A,water,1,2026]": 1, "built[A,water,2026]": 1}
    assert (row.low, row.high) == (100, INF)
    assert case_.program.criteria["worst"].sense == "min"


def test_minimax_of_losses():
    case_ = stated({"worst": {"equity": "maximin", "outcome": "loss"}}, levels=["worst"])
    assert case_.row("worst_of_worst[A]").terms == {"worst_worst": 1, "loss[A]": -1}
    assert case_.best("worst").value == 0


def test_maximin_over_groups_and_without_units():
    grouped = stated({"worst": {"equity": "maximin", "outcome": "money_per_head", "over": "province"}}, levels=["worst"],
                     tables={"counties": rows("county,population,province", "A,1000,P", "B,3000,P")})
    assert grouped.names("worst_of_worst") == ["worst_of_worst[P]"]
    assert grouped.row("worst_of_worst[P]").terms["transfer[central,A,infra,2026]"] == pytest.approx(-1 / 4000)
    nobody = stated({"worst": {"equity": "maximin", "outcome": "money_per_head"}}, levels=["worst"],
                    tables={"counties": rows("county,population", "A,0", "B,0")})
    assert nobody.best("worst").value == 0


def test_every_linear_criterion_is_there_to_be_asked_for():
    built_in = {"coverage", "coverage_share", "gap", "spend", "exited", "fit", "fit_pairs", "disruption", "broken"}
    mine = {"mine": {"sense": "max", "of": {"sum": "money"}}}
    assert set(stated(mine).program.criteria) == built_in | {"mine"}
