"""How rules stand: a hand case for each type, its rows and its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Claims, assemble

Maker = Callable[..., Instance]
COUNTIES = ("county,province,region,population,rural_population,income|"
            "A,甲,west,100,80,5000|B,甲,east,200,150,8000|C,乙,west,50,40,4000")
NEEDS = "county,need,people,unit_cost|A,n,40,1|B,n,60,1|C,n,30,1|A,m,20,1|B,m,10,1"
BASE: dict[str, Any] = {
    "periods": {1: 1, 2: 0.5}, "categories": {"c": {}, "e": {}},
    "needs": {"n": {"category": "c", "kind": "yearly"}, "m": {"category": "e", "kind": "yearly", "weight": 2}},
    "streams": {"s": {"budget": 100}, "z": {"budget": 50}},
}
TRANSFERS = [
    ("s", "A", "c", 1, 30), ("s", "B", "c", 1, 20), ("s", "B", "e", 1, 10), ("z", "C", "c", 1, 5), ("s", "A", "c", 2, 10),
    ("s", "C", "e", 2, 40),
]
DIRECT = [("A", "n", 1, 30), ("B", "n", 1, 20), ("B", "m", 1, 10), ("C", "n", 1, 5), ("A", "n", 2, 10)]


def judged(maker: Maker, rule: dict[str, Any], choices: Choices | None = None, claims: Claims | None = None,
           settings: dict[str, Any] | None = None, **tables: str) -> pd.DataFrame:
    """The rows of one rule, under their index."""
    rule = {"id": "r", "sentence": "A rule", **rule}
    instance = maker({**BASE, **(settings or {}), "rules": [rule]}, **{"counties": COUNTIES, "needs": NEEDS, **tables})
    plan = assemble(instance, choices or Choices.of(transfers=TRANSFERS, direct=DIRECT), claims)
    return plan.rules.set_index("index")


def values(table: pd.DataFrame, column: str = "value") -> dict[str, float]:
    return {str(key): float(value) for key, value in table[column].items()}


def test_bound_over_all_has_a_row_a_period(maker: Maker) -> None:
    table = judged(maker, {"type": "bound", "of": {"sum": "money", "stream": "s"}, "min": 55})
    assert values(table) == {"period=1": 60, "period=2": 50}
    assert values(table, "slack") == {"period=1": 5, "period=2": 0}
    assert values(table, "broken_by") == {"period=1": 0, "period=2": 5}
    assert table["status"].to_dict() == {"period=1": "holds", "period=2": "broken"}
    assert set(table["unit"]) == {"10k_yuan"}


@pytest.mark.parametrize(("periods", "expected"), [
    ("each", {"period=1": 65, "period=2": 50}), ("total", {"": 115}), ("last", {"period=2": 50}), ([1], {"period=1": 65}),
])
def test_flows_add_up_over_periods(maker: Maker, periods: Any, expected: dict[str, float]) -> None:
    assert values(judged(maker, {"type": "bound", "of": {"sum": "money"}, "max": 200, "periods": periods})) == expected


def test_stocks_count_by_period_weight(maker: Maker) -> None:
    rule = {"type": "bound", "of": {"sum": "covered"}, "min": 1, "periods": "total"}
    assert values(judged(maker, rule)) == {"": 65 + 0.5 * 10}
    rule["of"] = {"sum": "covered", "weighted": 1}
    assert values(judged(maker, rule)) == {"": 55 + 2 * 10 + 0.5 * 10}


def test_a_row_for_each_county_even_without_money(maker: Maker) -> None:
    table = judged(maker, {"type": "bound", "of": {"sum": "money", "stream": "s"}, "each": "county", "min": 10, "periods": [1]})
    assert values(table) == {"county=A;period=1": 30, "county=B;period=1": 30, "county=C;period=1": 0}
    assert table.loc["county=C;period=1", ["status", "broken_by"]].tolist() == ["broken", 10]


def test_groups_and_filters_choose_counties(maker: Maker) -> None:
    for county in ("west", {"region": "west"}, "region=west", ["A", "C"]):
        settings = {"groups": {"west": {"region": "west"}}}
        table = judged(maker, {"type": "bound", "of": {"sum": "money", "county": county}, "min": 1}, settings=settings)
        assert values(table) == {"period=1": 35, "period=2": 50}


def test_text_columns_group_and_a_filter_leaves_their_other_values_out(maker: Maker) -> None:
    rule = {"type": "bound", "of": {"sum": "money"}, "each": "province", "min": 1, "periods": "total"}
    assert values(judged(maker, rule)) == {"province=甲": 70, "province=乙": 45}
    rule["of"] = {"sum": "money", "county": "B"}
    assert values(judged(maker, rule)) == {"province=甲": 30}


def test_per_people_counts_those_in_need_and_zero_denominators_have_no_row(maker: Maker) -> None:
    table = judged(maker, {"type": "bound", "of": {"sum": "covered", "need": "m"}, "each": "county", "per": "people", "min": 0.5,
                           "periods": [1]})
    assert values(table) == {"county=A;period=1": 0, "county=B;period=1": 1}
    assert table["unit"].tolist() == ["share", "share"]
    assert values(table, "broken_by") == {"county=A;period=1": 0.5, "county=B;period=1": 0}


def test_income_is_turned_into_money_before_it_divides(maker: Maker) -> None:
    table = judged(maker, {"type": "bound", "of": {"sum": "money", "category": "c"}, "each": "county", "max": 1, "periods": [1],
                           "per": ["rural_population", "income"]})
    assert values(table)["county=A;period=1"] == 30 / (80 * 0.5)


def test_or_zero_lets_nothing_at_all_pass(maker: Maker) -> None:
    table = judged(maker, {"type": "bound", "of": {"sum": "money", "stream": "z"}, "each": "county", "min": 8, "or_zero": 1,
                           "periods": [1]})
    assert table["status"].tolist() == ["holds", "holds", "broken"]
    assert np.isnan(table.loc["county=A;period=1", "slack"])


def test_a_filter_on_periods_leaves_no_rows_outside_it(maker: Maker) -> None:
    assert values(judged(maker, {"type": "bound", "of": {"sum": "money", "period": 2}, "min": 1})) == {"period=2": 50}


def test_share_compares_in_the_unit_of_the_part(maker: Maker) -> None:
    table = judged(maker, {"type": "share", "part": {"sum": "money", "category": "c"}, "whole": {"sum": "money"}, "min": "50%",
                           "max": "80%"})
    assert values(table) == {"period=1": 55, "period=2": 10}
    assert values(table, "min") == {"period=1": 32.5, "period=2": 25}
    assert values(table, "max") == {"period=1": 52, "period=2": 40}
    assert values(table, "broken_by") == {"period=1": 3, "period=2": 15}


PROJECTS = ("project,county,category,sector,cost|P1,A,c,tea,10|P2,A,c,fruit,20|P3,B,c,tea,30|P4,C,c,tea,5|P5,C,e,fruit,5")


def test_part_each_has_a_row_for_each_value_and_from_switches_off_small_rows(maker: Maker) -> None:
    choices = Choices.of(starts=[("P1", 1, 1), ("P2", 1, 1), ("P3", 1, 1), ("P4", 1, 1)])
    rule = {"type": "share", "each": "province", "part_each": "sector", "from": 2, "max": "60%", "periods": [1],
            "part": {"sum": "projects", "column": "cost", "category": "c"},
            "whole": {"sum": "projects", "column": "cost", "category": "c"}}
    table = judged(maker, rule, choices, projects=PROJECTS)
    assert values(table)["province=甲;sector=tea;period=1"] == 40
    assert values(table, "max")["province=甲;sector=fruit;period=1"] == 36
    assert table["status"].to_dict() == {
        "province=甲;sector=tea;period=1": "broken", "province=甲;sector=fruit;period=1": "holds",
        "province=乙;sector=tea;period=1": "off", "province=乙;sector=fruit;period=1": "off"}
    assert table.loc["province=乙;sector=tea;period=1", ["value", "min", "max", "slack", "broken_by"]].isna().all()


BASELINE = "county,stream,category,money,year|A,s,,20,2020|B,s,,10,2020|C,s,,10,2020"


def test_share_of_the_increase_counts_what_exceeds_last_year(maker: Maker) -> None:
    rule = {"type": "share", "part": {"sum": "money", "stream": "s", "county": ["A"]}, "whole": {"sum": "money", "stream": "s"},
            "min": "55%", "increase_over": "last"}
    table = judged(maker, rule, baseline=BASELINE)
    assert values(table) == {"period=1": 10, "period=2": -10}  # 30 − 20, 10 − 20
    assert values(table, "min") == {"period=1": 11, "period=2": 5.5}  # 55 % of 60 − 40 and of 50 − 40


def test_without_an_increase_the_rule_is_off(maker: Maker) -> None:
    rule = {"type": "share", "part": {"sum": "money", "stream": "s", "county": ["A"]}, "whole": {"sum": "money", "stream": "s"},
            "min": "55%", "increase_over": "last"}
    table = judged(maker, rule, baseline=BASELINE.replace("A,s,,20", "A,s,,120"))
    assert set(table["status"]) == {"off"}


def test_band_around_last_year_is_off_where_it_is_unknown(maker: Maker) -> None:
    rule = {"type": "band", "of": {"sum": "money", "stream": "s"}, "to": "last", "each": "county", "low": 0.9, "high": 1.3,
            "periods": [1]}
    table = judged(maker, rule, baseline="county,stream,money|A,s,20|B,s,40")
    assert values(table, "min")["county=A;period=1"] == 18
    assert values(table, "max")["county=A;period=1"] == 26
    assert table["status"].tolist() == ["broken", "broken", "off"]
    assert values(table, "broken_by")["county=A;period=1"] == 4


def test_a_scaled_band_grows_with_the_budget(maker: Maker) -> None:
    rule = {"type": "band", "of": {"sum": "money", "stream": "s"}, "to": "last", "each": "county", "low": 0.5, "high": 1,
            "scaled": 1, "periods": [1]}
    table = judged(maker, rule, baseline=BASELINE)  # budget 100 over a baseline of 40: everything times 2.5
    assert values(table, "max") == {"county=A;period=1": 50, "county=B;period=1": 25, "county=C;period=1": 25}
    assert values(table) == {"county=A;period=1": 30, "county=B;period=1": 30, "county=C;period=1": 0}


def test_band_around_the_factor_method(maker: Maker) -> None:
    factor = {"streams": ["s"], "factors": [{"column": "population", "weight": 1}]}
    rule = {"type": "band", "of": {"sum": "money", "stream": "s"}, "to": "factor", "each": "county", "high": 1, "periods": [1]}
    table = judged(maker, rule, settings={"factor": factor})
    assert values(table, "max") == {"county=A;period=1": 29, "county=B;period=1": 57, "county=C;period=1": 14}


PAIRS = "donor,county,fit,existing|D,A,0.5,1|D,B,0.7,0|E,A,0.55,0|E,B,0.4,1|E,C,0.9,0"
DONORS = "donor,money|D,10|E,10"


def test_pairs_rule_counts_ended_pairs_and_bars_small_gains(maker: Maker) -> None:
    choices = Choices.of(pairs=[("E", "A"), ("D", "B"), ("E", "C")])
    table = judged(maker, {"type": "pairs", "max_changed": 1, "min_gain": 0.1}, choices, pairs=PAIRS, donors=DONORS)
    assert table.loc["", ["value", "max", "broken_by", "status"]].tolist() == [2, 1, 1, "broken"]
    assert values(table)["county=A"] == 1  # 0.55 is less than 0.1 above 0.5
    assert "county=B" not in table.index  # 0.7 is 0.3 above 0.4
    assert "county=C" not in table.index  # nothing to be better than


def test_keep_all_allows_no_change(maker: Maker) -> None:
    table = judged(maker, {"type": "pairs", "keep": "all"}, Choices.of(pairs=[("D", "A")]), pairs=PAIRS, donors=DONORS)
    assert table.loc["", ["value", "max", "status"]].tolist() == [1, 0, "broken"]


def test_pairs_and_support_are_measured(maker: Maker) -> None:
    choices = Choices.of(pairs=[("D", "A"), ("E", "C")], support=[("D", "A", 1, 4), ("D", "A", 2, 3), ("E", "C", 1, 2)])
    of: dict[str, Any] = {"sum": "pairs", "existing": 1}
    assert values(judged(maker, {"type": "bound", "of": of, "min": 1}, choices, pairs=PAIRS, donors=DONORS)) == {"": 1}
    of = {"sum": "pairs", "column": "fit"}
    assert values(judged(maker, {"type": "bound", "of": of, "min": 1}, choices, pairs=PAIRS, donors=DONORS)) == {"": 1.4}
    rule = {"type": "bound", "of": {"sum": "support"}, "each": "donor", "max": 9, "periods": "total"}
    assert values(judged(maker, rule, choices, pairs=PAIRS, donors=DONORS)) == {"donor=D": 7, "donor=E": 2}


def test_exit_is_incidence_over_rural_population_and_stays(maker: Maker) -> None:
    rule = {"type": "exit", "needs": ["n"], "threshold": "50%", "at_least": 2, "by": 1}
    # gaps in 1: A 10 of 80, B 40 of 150, C 25 of 40; in 2: A 30, B 60, C 30
    table = judged(maker, rule)
    assert table.loc["period=1", ["value", "min", "status"]].tolist() == [2, 2, "holds"]
    table = judged(maker, rule | {"threshold": "30%"})  # A and B pass in 1, but B does not stay (60 of 150)
    assert table.loc["period=1", ["value", "status"]].tolist() == [0, "broken"]
    table = judged(maker, rule | {"threshold": "30%", "stay": 0})
    assert table.loc["period=1", ["value", "status"]].tolist() == [2, "holds"]


def test_exit_of_all_counties_has_a_row_a_county_that_it_speaks_of(maker: Maker) -> None:
    threshold = [{"where": {"region": "west"}, "value": "40%"}]
    table = judged(maker, {"type": "exit", "needs": ["n", "m"], "combine": "sum", "threshold": threshold, "by": 1, "stay": 0})
    assert values(table) == {"county=A;period=1": 1, "county=C;period=1": 0}  # (10 + 20)/80, 25/40


def test_equity_rule_bounds_the_true_value(maker: Maker) -> None:
    rule = {"type": "equity", "equity": "maximin", "outcome": "money_per_head", "min": 0.5}
    table = judged(maker, rule, Choices.of(transfers=[("s", "A", "c", 1, 50), ("s", "B", "c", 1, 50), ("s", "C", "c", 2, 30)]))
    assert table.loc["", ["value", "broken_by", "status"]].tolist() == [0.25, 0.25, "broken"]


def test_soft_rules_give_points_and_hard_ones_do_not(maker: Maker) -> None:
    instance = maker({**BASE, "rules": [
        {"id": "soft", "sentence": "x", "type": "bound", "of": {"sum": "money"}, "min": 70, "price": 2},
        {"id": "hard", "sentence": "y", "type": "bound", "of": {"sum": "money"}, "min": 500},
        {"id": "off", "sentence": "z", "type": "bound", "of": {"sum": "money"}, "min": 500, "active": 0},
    ]}, counties=COUNTIES, needs=NEEDS)
    plan = assemble(instance, Choices.of(transfers=TRANSFERS, direct=DIRECT))
    assert plan.criteria.set_index("criterion").loc["broken", "value"] == 2 * (5 + 20)
    assert plan.rules[plan.rules["rule"] == "off"]["status"].tolist() == ["off"]


def test_rounding_needs_a_proof_and_a_hard_rule(maker: Maker) -> None:
    rule = {"type": "bound", "of": {"sum": "money"}, "min": 66}
    claims = Claims(rounding={("r", "period=1"): "no whole-step plan meets it"})
    table = judged(maker, rule, claims=claims)
    assert table["status"].to_dict() == {"period=1": "rounding", "period=2": "broken"}
    soft = judged(maker, rule | {"price": 1}, claims=claims)
    assert soft["status"].to_dict() == {"period=1": "broken", "period=2": "broken"}
