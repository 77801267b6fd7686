"""Rules of type share and band: parts of a whole, increases, and amounts around a baseline."""

from __future__ import annotations

import pytest
from small_cases import INF, case, rows

COUNTIES = rows("county,province,population", "A,P,1000", "B,P,3000", "C,Q,2000")
TABLES = {
    "counties": COUNTIES,
    "needs": rows("county,need,people,unit_cost", "A,water,500,1", "A,work,500,2", "B,water,500,1", "C,water,500,1"),
    "baseline": rows("county,stream,category,money", "A,central,,20", "B,central,,30", "C,central,infra,25",
                     "C,central,industry,5"),
}
T2 = [2026, 2027]
A_INFRA, A_WORK, B, C = (f"transfer[central,{key},2026]" for key in ("A,infra", "A,industry", "B,infra", "C,infra"))


def ruled(rule, tables=None, **settings):
    return case({**TABLES, **(tables or {})}, rules=[rule], **settings)


def share(tables=None, periods=None, streams=None, **rule):
    whole = {"type": "share", "part": {"sum": "money", "category": "industry"}, "whole": {"sum": "money"}, **rule}
    settings = {key: value for key, value in (("periods", periods), ("streams", streams)) if value is not None}
    return ruled(whole, tables, **settings)


def test_a_share_is_an_exact_linear_row():
    stated = share(min=0.4)
    row = stated.row("rule_r_min[2026]")
    assert row.terms == {A_INFRA: -0.4, A_WORK: 0.6, B: -0.4, C: -0.4}
    assert (row.low, row.high) == (0, INF)
    assert stated.best().value == 60 + 20  # 40 of 100 buy people at 2


def test_both_ends():
    stated = share(min=0.1, max=0.3)
    assert stated.row("rule_r_max[2026]").terms == {A_INFRA: -0.3, A_WORK: 0.7, B: -0.3, C: -0.3}
    assert (stated.row("rule_r_max[2026]").low, stated.row("rule_r_max[2026]").high) == (-INF, 0)
    assert stated.best().value == 90 + 5


def test_shares_of_each_unit():
    stated = share(min=0.5, each="province")
    assert stated.row("rule_r_min[P,2026]").terms == {A_INFRA: -0.5, A_WORK: 0.5, B: -0.5}
    assert stated.row("rule_r_min[Q,2026]").terms == {C: -0.5}
    assert stated.best().value == 50 + 25


@pytest.mark.parametrize(("periods", "names"), [
    ("each", ["rule_r_min[2026]", "rule_r_min[2027]"]), ("total", ["rule_r_min"]), ("last", ["rule_r_min[2027]"]),
])
def test_periods_are_those_of_the_rule_unless_the_whole_names_its_own(periods, names):
    assert share(min=0.5, periods=T2, each="all").names("rule_r_min") == ["rule_r_min[2026]", "rule_r_min[2027]"]
    rule = {"type": "share", "part": {"sum": "money", "category": "industry"}, "min": 0.5}
    stated = ruled({**rule, "whole": {"sum": "money"}, "periods": periods}, periods=T2)
    assert stated.names("rule_r_min") == names
    stated = ruled({**rule, "whole": {"sum": "money", "periods": periods}}, periods=T2)
    assert stated.names("rule_r_min") == names


SECTORS = {"projects": rows("project,county,category,sector,cost,status", "X,A,industry,tea,30,", "Y,B,industry,ore,50,",
                            "Z,C,industry,tea,20,forbid"),
           "effects": rows("project,need,people", "X,work,90", "Y,work,150")}


def test_a_part_for_each_value_of_a_column():
    cost = {"sum": "projects", "column": "cost"}
    stated = ruled({"type": "share", "part": cost, "whole": cost, "part_each": "sector", "max": 0.6}, SECTORS)
    assert stated.names("rule_r_max") == ["rule_r_max[2026,ore]", "rule_r_max[2026,tea]"]
    assert stated.row("rule_r_max[2026,ore]").terms == {
        "start[X,2026]": -18, "start[Y,2026]": pytest.approx(20), "start[Z,2026]": -12}
    assert stated.best().family("start") == {}  # neither may stand alone, and 50 of 80 is more than 60 %


@pytest.mark.parametrize(("least", "families"), [(2, ["rule_r_max"]), (3, [])])
def test_from_counts_projects_that_may_start(least, families):
    cost = {"sum": "projects", "column": "cost", "category": "industry"}
    stated = ruled({"type": "share", "part": cost, "whole": cost, "part_each": "sector", "max": 0.6, "from": least}, SECTORS)
    assert [name for name in stated.families() if name.startswith("rule")] == families


def test_from_by_unit():
    cost = {"sum": "projects", "column": "cost"}
    rule = {"type": "share", "part": {**cost, "sector": "tea"}, "whole": cost, "each": "province", "max": 0.6, "from": 2}
    stated = ruled(rule, SECTORS)
    assert stated.names("rule_r_max") == ["rule_r_max[P,2026]"]


def test_a_share_of_the_increase_is_of_amounts_minus_the_baseline():
    stated = ruled({"type": "share", "part": {"sum": "money", "county": "B"}, "whole": {"sum": "money"}, "min": 0.5,
                    "increase_over": "last", "periods": "total"})
    row = stated.row("rule_r_min")
    assert row.terms == {A_INFRA: -0.5, A_WORK: -0.5, B: 0.5, C: -0.5}
    assert row.low == 30 - 0.5 * 80
    assert stated.best("coverage").value == 100


def test_an_increase_by_unit_and_kind_takes_each_its_own_baseline():
    stated = ruled({"type": "share", "part": {"sum": "money"}, "whole": {"sum": "money"}, "part_each": "category",
                    "each": "county", "max": 0.5, "increase_over": "last"})
    assert stated.row("rule_r_max[C,2026,infra]").high == 25 - 0.5 * 30
    assert stated.row("rule_r_max[C,2026,industry]").high == 5 - 0.5 * 30
    assert stated.row("rule_r_max[A,2026,infra]").high == -0.5 * 20  # nothing is known of the part: 0


@pytest.mark.parametrize(("budget", "periods", "there"), [
    (100, [2026], True), (80, [2026], False), (90, T2, True), (80, T2, False),
])
def test_where_the_budget_does_not_exceed_the_baseline_there_is_no_increase(budget, periods, there):
    stated = share(min=0.1, increase_over="last", periods=periods, streams={"central": {"budget": budget}})
    assert bool([name for name in stated.families() if name.startswith("rule")]) is there


def test_a_soft_share_is_missed_by_money():
    stated = share(min=0.4, price=2)
    assert stated.row("rule_r_min[2026]").terms["broken_r[2026]"] == 1
    assert stated.goal("broken") == {"broken_r[2026]": 2}


def test_both_ends_of_a_soft_share_are_one_miss():
    stated = share(min=0.1, max=0.3, price=2)
    assert stated.columns("broken_r") == ["broken_r[2026]"]
    assert stated.row("rule_r_max[2026]").terms["broken_r[2026]"] == -1


# -- band


def band(tables=None, periods=None, streams=None, factor=None, **rule):
    whole = {"type": "band", "of": {"sum": "money", "stream": "central"}, "to": "last", "each": "county", **rule}
    given = {"periods": periods, "streams": streams, "factor": factor}
    return ruled(whole, tables, **{key: value for key, value in given.items() if value is not None})


def test_a_band_lies_around_last_years_money():
    stated = band(low=0.8, high=1.5)
    row = stated.row("rule_r[C,2026]")
    assert row.terms == {C: 1}
    assert (row.low, row.high) == (pytest.approx(24), 45)
    best = stated.best()
    assert best.value == 100
    assert best[A_WORK] == 0


def test_low_or_high_alone():
    assert band(low=0.8).row("rule_r[A,2026]").high == INF
    assert band(high=1.5).row("rule_r[A,2026]").low == -INF


def test_a_county_without_a_baseline_has_no_row():
    stated = band({"baseline": TABLES["baseline"][:2]}, low=0.5)
    assert stated.names("rule_r") == ["rule_r[A,2026]", "rule_r[B,2026]"]


def test_a_band_by_category_reads_the_categories_own_rows():
    stated = ruled({"type": "band", "of": {"sum": "money"}, "to": "last", "each": "category", "low": 0.5})
    assert {name: stated.row(name).low for name in stated.names("rule_r")} == {
        "rule_r[infra,2026]": 12.5, "rule_r[industry,2026]": 2.5}


@pytest.mark.parametrize(("periods", "row", "low"), [("each", "rule_r[P,2027]", 25), ("total", "rule_r[P]", 50)])
def test_a_band_over_all_periods_holds_the_baseline_of_all(periods, row, low):
    rule = {"type": "band", "of": {"sum": "money", "stream": "central"}, "to": "last", "each": "province", "low": 0.5}
    assert ruled({**rule, "periods": periods}, periods=T2).row(row).low == low


def test_a_band_scaled_to_the_budget():
    stated = band(low=0.8, scaled=1)
    assert stated.row("rule_r[A,2026]").low == pytest.approx(0.8 * 20 * 100 / 80)
    stated = band(low=0.8, scaled=1, streams={"central": {"budget": {2026: 100, 2027: 40}}}, periods=T2)
    assert stated.row("rule_r[A,2027]").low == pytest.approx(0.8 * 20 * 40 / 80)


FACTOR = {"factors": [{"column": "population", "weight": 1}]}


@pytest.mark.parametrize("streams", [["central"], []])
def test_a_band_around_the_factor_method(streams):
    """100 by population 1 : 3 : 2 in whole steps: 17, 50, 33; no stream named is every transfer stream."""
    stated = band(to="factor", low=1, high=1, factor={**FACTOR, "streams": streams})
    assert {name: stated.row(name).low for name in stated.names("rule_r")} == {
        "rule_r[A,2026]": 17, "rule_r[B,2026]": 50, "rule_r[C,2026]": 33}
    assert stated.best().value == 100


def test_a_soft_band_has_one_miss_for_both_ends():
    stated = band(low=0.8, high=1.5, price=1)
    assert stated.row("rule_r_min[A,2026]").terms == {A_INFRA: 1, A_WORK: 1, "broken_r[A,2026]": 1}
    assert stated.row("rule_r_max[A,2026]").terms == {A_INFRA: 1, A_WORK: 1, "broken_r[A,2026]": -1}
    lean = band(low=0.8, price=3, streams={"central": {"budget": 60}})
    assert lean.best("broken").value == pytest.approx(3 * 4)  # 16 + 24 + 24 = 64 are asked for, 60 there
