"""Rules of type bound: rows by unit and period, denominators, least grants, and softness."""

from __future__ import annotations

import pytest
from small_cases import INF, case, rows

from optimizer.engine.outcome import Status

TABLES = {
    "counties": rows("county,province,population,income", "A,P,1000,5000", "B,P,3000,8000", "C,Q,2000,4000"),
    "needs": rows("county,need,people,unit_cost", "A,water,100,1", "B,water,100,2", "C,water,50,4", "C,work,40,1"),
}
T3 = [2026, 2027, 2028]


def bound(rule, tables=None, **settings):
    return case({**TABLES, **(tables or {})}, rules=[{"type": "bound", **rule}], **settings)


def test_one_row_for_everything():
    stated = bound({"of": {"sum": "money", "category": "infra"}, "min": 10, "max": 60})
    assert stated.names("rule_r") == ["rule_r[2026]"]
    row = stated.row("rule_r[2026]")
    assert row.terms == {f"transfer[central,{c},infra,2026]": 1 for c in "ABC"}
    assert (row.low, row.high) == (10, 60)
    assert stated.best().value == 60 + 40


def test_a_row_for_each_county_or_text_column():
    assert bound({"of": {"sum": "money"}, "each": "county", "min": 1}).names("rule_r") == [
        "rule_r[A,2026]", "rule_r[B,2026]", "rule_r[C,2026]"]
    stated = bound({"of": {"sum": "money"}, "each": "province", "max": 30})
    assert stated.names("rule_r") == ["rule_r[P,2026]", "rule_r[Q,2026]"]
    assert stated.row("rule_r[P,2026]").terms == {"transfer[central,A,infra,2026]": 1, "transfer[central,B,infra,2026]": 1}
    assert stated.best().value == 30 + 30


@pytest.mark.parametrize(("wanted", "counties"), [
    ("A", "A"), (["A", "C"], "AC"), ({"province": "P"}, "AB"), ("rich", "B"), (["rich", "C"], "BC"),
])
def test_counties_are_named_listed_or_grouped(wanted, counties):
    rich = {"rich": {"income": {"min": 6000}}}
    stated = bound({"of": {"sum": "money", "county": wanted}, "each": "county", "max": 5}, groups=rich)
    assert stated.names("rule_r") == [f"rule_r[{c},2026]" for c in counties]


@pytest.mark.parametrize(("periods", "names", "terms"), [
    ("each", [f"rule_r[{t}]" for t in T3], 3), ("total", ["rule_r"], 9), ("last", ["rule_r[2028]"], 3),
    ([2026, 2028], ["rule_r[2026]", "rule_r[2028]"], 3),
])
def test_periods_of_a_rule(periods, names, terms):
    stated = bound({"of": {"sum": "money", "category": "infra"}, "max": 50, "periods": periods}, periods=T3)
    assert stated.names("rule_r") == names
    assert len(stated.row(names[0]).terms) == terms


def test_the_measures_own_periods_go_before_the_rules():
    of = {"sum": "money", "category": "infra", "periods": "last"}
    stated = bound({"of": of, "max": 50, "periods": "total"}, periods=T3)
    assert stated.names("rule_r") == ["rule_r[2028]"]
    stated = bound({"of": {**of, "periods": "total"}, "max": 50}, periods=T3)
    assert stated.names("rule_r") == ["rule_r"]


def test_a_filter_on_periods_leaves_no_rows_outside_it():
    stated = bound({"of": {"sum": "money", "period": [2026, 2027]}, "min": 5}, periods=T3)
    assert stated.names("rule_r") == ["rule_r[2026]", "rule_r[2027]"]
    stated = bound({"of": {"sum": "money", "category": "industry", "period": 2027}, "max": 5, "periods": "total"}, periods=T3)
    assert stated.row("rule_r").terms == {"transfer[central,C,industry,2027]": 1}


def test_stocks_count_by_period_weight_in_a_total_and_flows_do_not():
    weights = {2026: 1, 2027: 0.5}
    stock = bound({"of": {"sum": "covered", "need": "work"}, "min": 5, "periods": "total"}, periods=weights)
    assert stock.row("rule_r").terms == {"reach[C,work,1,2026]": 1, "reach[C,work,1,2027]": 0.5}
    flow = bound({"of": {"sum": "money", "category": "industry"}, "min": 5, "periods": "total"}, periods=weights)
    assert flow.row("rule_r").terms == {"transfer[central,C,industry,2026]": 1, "transfer[central,C,industry,2027]": 1}


def test_denominators_multiply_columns_and_turn_yuan_into_money():
    stated = bound({"of": {"sum": "money", "category": "infra"}, "each": "province", "per": ["population"], "max": 0.01})
    assert stated.row("rule_r[P,2026]").high == pytest.approx(40)
    stated = bound({"of": {"sum": "money"}, "per": ["income", "population"], "max": 0.1},
                   money={"unit": "10k_yuan", "yuan": 10000})
    assert stated.row("rule_r[2026]").high == pytest.approx(0.1 * (5000 * 1000 + 8000 * 3000 + 4000 * 2000) / 10000)


@pytest.mark.parametrize(("of", "periods", "denominator"), [
    ({"sum": "covered"}, "each", 140 + 150), ({"sum": "covered", "need": "water"}, "last", 250),
    ({"sum": "covered", "county": "C"}, "each", 90), ({"sum": "covered", "weighted": 1}, "each", 290 + 250),
    ({"sum": "covered"}, "total", 290 * 1.5),
])
def test_people_are_those_in_need_of_what_the_row_counts(of, periods, denominator):
    needs = {"water": {"kind": "lasting", "category": "infra", "weight": 2}, "work": {"kind": "yearly", "category": "industry"}}
    stated = bound({"of": of, "per": ["people"], "min": "10%", "periods": periods}, periods={2026: 1, 2027: 0.5}, needs=needs)
    name = "rule_r" if periods == "total" else "rule_r[2027]"
    assert stated.row(name).low == pytest.approx(0.1 * denominator)


def test_a_row_without_a_denominator_is_left_out():
    stated = bound({"of": {"sum": "covered", "need": "work"}, "each": "county", "per": ["people"], "min": "10%"})
    assert stated.names("rule_r") == ["rule_r[C,2026]"]


def test_a_coverage_guarantee_by_hand():
    stated = bound({"of": {"sum": "covered", "need": "water"}, "each": "county", "per": ["people"], "min": "20%"})
    best = stated.best()  # guarantees: 20 in A, 20 in B for 40, 10 in C for 40: all 100 of the money
    assert best.value == 50
    more = bound({"of": {"sum": "covered", "need": "water"}, "each": "county", "per": ["people"], "min": "21%"})
    assert more.best().status is Status.INFEASIBLE


def test_gaps_have_a_constant():
    stated = bound({"of": {"sum": "gap", "need": "work"}, "max": 15})
    row = stated.row("rule_r[2026]")
    assert row.terms == {"reach[C,work,1,2026]": -1}
    assert (row.low, row.high) == (-INF, 15 - 40)
    assert bound({"of": {"sum": "gap", "need": "water", "county": ["A", "B"]}, "max": 160}).best().value == 100


PAIRED = {"donors": rows("donor,money,stream", "D,30,", "E,20,"),
          "pairs": rows("donor,county,existing,jobs", "D,A,1,3", "D,B,0,5", "E,A,0,7")}


def test_pairs_have_no_period():
    stated = bound({"of": {"sum": "pairs"}, "each": "donor", "max": 1}, tables=PAIRED, periods=T3)
    assert stated.names("rule_r") == ["rule_r[D]", "rule_r[E]"]
    assert stated.row("rule_r[D]").terms == {"pair[D,A]": 1, "pair[D,B]": 1}


def test_pairs_by_column_and_history():
    stated = bound({"of": {"sum": "pairs", "column": "jobs", "existing": 0}, "min": 6}, tables=PAIRED)
    assert stated.row("rule_r").terms == {"pair[D,B]": 5, "pair[E,A]": 7}


def test_support_by_donor_and_by_county():
    stated = bound({"of": {"sum": "support"}, "each": "county", "max": 12}, tables=PAIRED)
    assert stated.row("rule_r[A,2026]").terms == {"support[D,A,2026]": 1, "support[E,A,2026]": 1}
    stated = bound({"of": {"sum": "support", "donor": "D"}, "min": 12}, tables=PAIRED)
    assert stated.row("rule_r[2026]").terms == {"support[D,A,2026]": 1, "support[D,B,2026]": 1}


PROJECTS = {"projects": rows("project,county,category,sector,cost,cost+1,jobs,scalable,most", "X,A,infra,tea,30,4,5,,",
                             "Y,B,infra,ore,50,0,8,1,2"),
            "effects": rows("project,need,people", "X,water,10", "Y,water,20")}


def test_projects_by_number_column_and_money():
    number = bound({"of": {"sum": "projects"}, "max": 1}, tables=PROJECTS)
    assert number.row("rule_r[2026]").terms == {"start[X,2026]": 1, "amount[Y,2026]": 1}
    jobs = bound({"of": {"sum": "projects", "column": "jobs", "sector": "ore"}, "min": 4}, tables=PROJECTS)
    assert jobs.row("rule_r[2026]").terms == {"amount[Y,2026]": 8}
    money = bound({"of": {"sum": "projects", "column": "cost"}, "each": "sector", "max": 40}, tables=PROJECTS,
                  periods=[2026, 2027])
    assert money.row("rule_r[tea,2027]").terms == {"start[X,2026]": 4, "start[X,2027]": 30}


# -- nothing at all is allowed too


def test_least_grants_have_a_binary():
    stated = bound({"of": {"sum": "money"}, "each": "county", "min": 30, "max": 70, "or_zero": 1})
    assert stated.column("granted_r[A,2026]") == (0, 1, True)
    least, most = stated.row("rule_r_least[A,2026]"), stated.row("rule_r_most[A,2026]")
    assert least.terms == {"transfer[central,A,infra,2026]": 1, "granted_r[A,2026]": -30}
    assert (least.low, least.high) == (0, INF)
    assert most.terms == {"transfer[central,A,infra,2026]": 1, "granted_r[A,2026]": -70}
    assert (most.low, most.high) == (-INF, 0)


def test_without_a_ceiling_all_money_is_one():
    stated = bound({"of": {"sum": "money"}, "each": "county", "min": 30, "or_zero": 1})
    assert stated.row("rule_r_most[A,2026]").terms["granted_r[A,2026]"] == -100


@pytest.mark.parametrize(("least", "granted", "value"), [(30, "AB", 50 + 40), (50, "AB", 50 + 40), (60, "B", 70 + 12.5 / 5)])
def test_least_grants_by_hand(least, granted, value):
    """A: 50 people at 1 each; B: 70 people at 1.25, then 50 at 5. From 60 on, 100 of money is for one of them only."""
    stated = case({"counties": rows("county", "A", "B"),
                   "needs": rows("county,need,people,unit_cost", "A,water,50,1", "B,water,70,1.25", "B,work,50,5")},
                  rules=[{"type": "bound", "of": {"sum": "money"}, "each": "county", "min": least, "or_zero": 1}])
    best = stated.best()
    assert best.value == value
    assert {name.split(",")[1] for name in best.family("transfer")} == set(granted)
    assert best.family("granted_r") == {f"{county},2026": 1 for county in granted}


# -- soft rules


def test_a_soft_rule_may_be_missed_at_a_price():
    stated = bound({"of": {"sum": "money"}, "each": "county", "min": 20, "max": 60, "price": 3})
    assert stated.columns("broken_r") == ["broken_r[A,2026]", "broken_r[B,2026]", "broken_r[C,2026]"]
    assert stated.row("rule_r_min[A,2026]").terms == {"transfer[central,A,infra,2026]": 1, "broken_r[A,2026]": 1}
    assert stated.row("rule_r_min[A,2026]").low == 20
    assert stated.row("rule_r_max[A,2026]").terms == {"transfer[central,A,infra,2026]": 1, "broken_r[A,2026]": -1}
    assert stated.row("rule_r_max[A,2026]").high == 60
    assert stated.goal("broken") == {f"broken_r[{c},2026]": 3 for c in "ABC"}


def test_it_is_missed_by_units_of_the_rule():
    stated = bound({"of": {"sum": "covered", "need": "water"}, "each": "county", "per": ["people"], "min": "30%", "price": 10})
    assert stated.row("rule_r[B,2026]").terms == {"reach[B,water,1,2026]": 1, "broken_r[B,2026]": 100}
    # 30 + 60 + 60 of money are asked for and 100 there: 50 of C's 60 are missed, 12.5 of its 50 people
    assert stated.best("broken").value == pytest.approx(10 * 12.5 / 50)


def test_a_soft_least_grant_is_missed_by_what_lacks_of_the_least():
    rule = {"of": {"sum": "money"}, "each": "county", "min": 60, "or_zero": 1, "price": 2}
    stated = bound(rule)
    assert stated.row("rule_r_least[A,2026]").terms == {
        "transfer[central,A,infra,2026]": 1, "granted_r[A,2026]": -60, "broken_r[A,2026]": 1}
    assert stated.row("rule_r_most[A,2026]").terms == {"transfer[central,A,infra,2026]": 1, "granted_r[A,2026]": -100}
    assert stated.goal("broken") == {f"broken_r[{c},2026]": 2 for c in "ABC"}
    assert stated.best("broken").value == 0
    forced = bound(rule, streams={"central": {"budget": 100, "least_spend": 1}}, tables={
        "needs": rows("county,need,people,unit_cost", "A,water,50,1", "B,water,25,2")})
    assert forced.best("broken").value == 2 * (10 + 10)  # 50 each, both below 60


def test_a_soft_least_grant_with_a_ceiling_may_pass_it():
    stated = bound({"of": {"sum": "money"}, "each": "county", "min": 20, "max": 40, "or_zero": 1, "price": 2})
    assert stated.row("rule_r_most[A,2026]").terms["granted_r[A,2026]"] == -100
    assert stated.row("rule_r_max[A,2026]").terms == {"transfer[central,A,infra,2026]": 1, "broken_r[A,2026]": -1}
    assert stated.row("rule_r_max[A,2026]").high == 40


def test_a_rule_that_is_switched_off_has_no_rows():
    stated = bound({"of": {"sum": "money"}, "max": 1, "active": 0})
    assert not [name for name in stated.families() if name.startswith("rule")]
