"""Criteria, outcomes and baselines by hand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Claims, Level, Plan, assemble
from optimizer.plan.baselines import baseline_table, compared_money, coverage_estimate
from optimizer.plan.exits import at_threshold, exit_rules
from optimizer.plan.measure import Measures
from optimizer.plan.outcomes import outcome

Maker = Callable[..., Instance]
COUNTIES = "county,province,population,rural_population,claim|A,甲,100,80,50|B,甲,200,150,10|C,乙,0,40,"
NEEDS = "county,need,people,unit_cost|A,n,40,1|B,n,60,1|A,m,20,1|B,m,10,1"
BASE: dict[str, Any] = {
    "periods": {1: 1, 2: 0.5}, "categories": {"c": {}, "e": {}},
    "needs": {"n": {"category": "c", "kind": "yearly"}, "m": {"category": "e", "kind": "yearly", "weight": 2}},
    "streams": {"s": {"budget": 100}},
}
CHOICES = Choices.of(
    transfers=[("s", "A", "c", 1, 30), ("s", "B", "e", 1, 10), ("s", "A", "c", 2, 12)],
    direct=[("A", "n", 1, 30), ("B", "m", 1, 10), ("A", "n", 2, 12)],
)


def plan_of(maker: Maker, settings: dict[str, Any] | None = None, claims: Claims | None = None, **tables: str) -> Plan:
    return assemble(maker({**BASE, **(settings or {})}, **{"counties": COUNTIES, "needs": NEEDS, **tables}), CHOICES, claims)


def value(plan: Plan, name: str) -> float:
    return float(plan.criteria.set_index("criterion").loc[name, "value"])


def test_built_in_criteria_by_hand(maker: Maker) -> None:
    plan = plan_of(maker)
    assert value(plan, "coverage") == 30 + 2 * 10 + 0.5 * 12
    assert value(plan, "gap") == (10 + 60 + 20 + 0) + 0.5 * (28 + 60 + 20 + 10)
    assert value(plan, "coverage_share") == pytest.approx(((30 + 6) / 150 + 10 / 45) / 2, abs=1e-15)
    assert value(plan, "spend") == 52
    assert (value(plan, "disruption"), value(plan, "fit"), value(plan, "exited"), value(plan, "broken")) == (0, 0, 0, 0)


def test_fit_is_weighted_by_the_money_that_flows(example_plan: Plan) -> None:
    assert value(example_plan, "fit") == 0.8 * 200 + 0.5 * 120
    assert value(example_plan, "fit_pairs") == 1.3
    assert value(example_plan, "disruption") == 2


def test_declared_criteria_of_measures(maker: Maker) -> None:
    criteria = {
        "money_c": {"sense": "max", "of": {"sum": "money", "category": "c"}},
        "late": {"sense": "max", "of": {"sum": "money", "periods": "last"}},
        "head": {"sense": "max", "of": {"sum": "money"}, "per": ["population"]},
        "worst": {"equity": "maximin", "outcome": "covered_share"},
    }
    plan = plan_of(maker, {"criteria": criteria})
    assert [value(plan, name) for name in criteria][:3] == [42, 12, 52 / 300]
    # B: weighted 2·10 of (60 + 2·10)·1.5; A: 30 + 6 of (40 + 2·20)·1.5
    assert value(plan, "worst") == pytest.approx(20 / 120, abs=1e-15)


def test_outcomes_leave_out_units_without_one(maker: Maker) -> None:
    measures = Measures(plan_of(maker).data, plan_of(maker).tables)
    share = outcome(measures, "covered_share")
    assert (share.units, share.left_out) == (["A", "B"], ["C"])
    head = outcome(measures, "money_per_head")
    assert (head.units, head.left_out) == (["A", "B"], ["C"])
    assert head.values().tolist() == [0.42, 0.05]
    loss = outcome(measures, "loss")
    assert (loss.units, loss.values().tolist(), loss.left_out, loss.better) == (["A", "B"], [8, 0], ["C"], "low")
    assert outcome(measures, "loss", "province").values().tolist() == [8]
    gaps = outcome(measures, "gap_per_1000")
    assert gaps.values().tolist() == [1000 * (10 + 20 + 0.5 * 48) / 100, 1000 * (60 + 0.5 * 70) / 200]


def test_burden_is_of_donors(example: Instance, example_choices: Choices, example_parts: Any) -> None:
    settings, tables = example_parts
    tables["donors"] = "donor,money,pairs_max,sectors,revenue|D1,100,1,tea,1000|D2,60,1,,"
    plan = assemble(Instance.from_frames(settings=settings, **_frames(tables)), example_choices)
    found = outcome(Measures(plan.data, plan.tables), "burden", "donors")
    assert (found.units, found.values().tolist(), found.left_out) == (["D1"], [0.2], ["D2"])


def _frames(tables: dict[str, str]) -> dict[str, Any]:
    out = {}
    for name, text in tables.items():
        header, *lines = text.split("|")
        out[name] = pd.DataFrame([line.split(",") for line in lines], columns=header.split(","))
    return out


def test_gap_to_the_bound_is_that_of_the_whole_unit_plan(maker: Maker) -> None:
    plan = plan_of(maker, claims=Claims("within_gap", levels=(Level("coverage", "max", 56.5, 57.0),)))
    assert (plan.outcome.objective, plan.outcome.bound, plan.outcome.gap, plan.outcome.gap_percent) == (56, 57, 1, 100 / 56)
    assert plan.criteria.iloc[0]["modelled_value"] == 56.5


def test_a_criterion_to_be_made_small_has_its_gap_above_the_bound(maker: Maker) -> None:
    method = {"method": {"levels": [{"criterion": "spend"}]}}
    plan = plan_of(maker, method, Claims(levels=(Level("spend", "min", 52, 50),)))
    assert (plan.outcome.sense, plan.outcome.gap, plan.outcome.gap_percent) == ("min", 2, 100 * 2 / 52)


def test_weighted_methods_report_their_sum(maker: Maker) -> None:
    levels = [{"criterion": "coverage", "weight": 2, "range": 10}, {"criterion": "spend", "weight": 1}]
    claims = Claims(method="weighted", ranges={"spend": 4}, levels=(Level("weighted", "max", 0.0, 0.0),))
    plan = plan_of(maker, {"method": {"type": "weighted", "levels": levels}}, claims)
    assert value(plan, "weighted") == pytest.approx(2 * 56 / 10 - 52 / 4)
    assert plan.criteria.loc[plan.criteria["role"] == "objective", "criterion"].tolist() == ["weighted", "coverage", "spend"]


def test_equity_rules_stand_among_the_criteria_as_bounded(maker: Maker) -> None:
    rule = {"id": "floor", "sentence": "x", "type": "equity", "equity": "maximin", "outcome": "money", "over": "province",
            "min": 0}
    plan = plan_of(maker, {"rules": [rule]})
    row = plan.criteria[plan.criteria["role"] == "bounded"].iloc[0]
    assert (row["criterion"], row["value"], row["sense"]) == ("floor", 0, "max")


FACTOR = {"factor": {"streams": ["s"], "factors": [
    {"column": "rural_population", "weight": 0.5}, {"column": "population", "weight": 0.5, "direction": "low"}]}}


def test_factor_method_by_hand(maker: Maker) -> None:
    table = baseline_table(plan_of(maker, FACTOR).data, "factor")
    # rural 80:150:40 of 270, population low 100:0:200 of 300
    shares = [Fraction(80, 540) + Fraction(100, 600), Fraction(150, 540), Fraction(40, 540) + Fraction(200, 600)]
    assert [round(float(100 * share), 2) for share in shares] == [31.48, 27.78, 40.74]
    first = table[table["period"] == 1].set_index("county")["money"]
    assert first.to_dict() == {"A": 31, "B": 28, "C": 41}
    assert table.groupby("period")["money"].sum().to_dict() == {1: 100, 2: 100}


def test_criteria_that_money_decides_are_given_under_both_baselines(maker: Maker) -> None:
    criteria = {"criteria": {"worst": {"equity": "maximin", "outcome": "money"}, "c": {"sense": "max", "of": {"sum": "covered"}}}}
    baseline = "county,stream,money|A,,10|B,,20|C,,30"
    rows = plan_of(maker, {**FACTOR, **criteria}, baseline=baseline).criteria.set_index("criterion")
    assert rows.loc["spend", ["last", "factor"]].tolist() == [120, 200]
    assert rows.loc["worst", ["last", "factor"]].tolist() == [20, 56]
    assert rows.loc[["c", "coverage"], ["last", "factor"]].isna().all(axis=None)


def test_a_baseline_of_some_streams_only_says_nothing_of_all_money(maker: Maker) -> None:
    streams = {"streams": {"s": {"budget": 100}, "z": {"budget": 5}}}
    baseline = "county,stream,money|A,s,10|B,s,20|C,s,30"
    rows = plan_of(maker, {**FACTOR, **streams}, baseline=baseline).criteria.set_index("criterion")
    assert rows.loc["spend", ["last", "factor"]].isna().all()
    every = plan_of(maker, streams, baseline=baseline + "|A,z,1|B,z,1|C,z,1").criteria.set_index("criterion")
    assert every.loc["spend", "last"] == 2 * 63


def test_a_factor_method_without_streams_shares_out_every_transfer_stream(maker: Maker) -> None:
    factor = {"factor": {"factors": [{"column": "rural_population", "weight": 1}]}}
    table = baseline_table(plan_of(maker, {**factor, "streams": {"s": {"budget": 100}, "z": {"budget": 5}}}).data, "factor")
    assert table.groupby("stream")["money"].sum().to_dict() == {"s": 200, "z": 10}


def test_counties_at_the_exit_threshold(maker: Maker) -> None:
    rule = {"id": "x", "sentence": "y", "type": "exit", "needs": ["n"], "combine": "max", "threshold": "40%", "by": 1,
            "at_least": 0}
    plan = plan_of(maker, {"rules": [rule]})  # gaps in 1: A 10 of 32, B 60 of 60
    assert at_threshold(plan.data, exit_rules(plan.data)[0], plan.coverage) == ["B"]


def test_an_incomplete_baseline_is_unknown_not_zero(maker: Maker) -> None:
    plan = plan_of(maker, baseline="county,stream,money|A,,10")
    assert np.isnan(plan.criteria.set_index("criterion").loc["spend", "last"])
    money = compared_money(plan.data, plan.funds, "last")
    assert money is not None
    assert money["baseline"].isna().tolist() == [False, True, True]


def test_a_baseline_is_compared_over_its_own_streams(maker: Maker) -> None:
    streams = {"streams": {"s": {"budget": 100}, "z": {"budget": 5}}}
    plan = plan_of(maker, streams, baseline="county,stream,money|A,z,10|B,,20|C,s,1")
    money = compared_money(plan.data, plan.funds, "last")
    assert money is not None
    assert money["plan"].tolist() == [0, 10, 0]  # A got nothing from z; B's whole is known


def test_coverage_estimate_buys_what_covers_most_per_money(maker: Maker) -> None:
    settings = {**BASE, "periods": [1], "needs": {"n": {"category": "c", "tiers": [{"width": 0.5}, {"width": 0.5, "factor": 4}]}}}
    instance = maker(settings, counties="county,population|A,1|B,1", needs="county,need,people,unit_cost|A,n,40,1|B,n,10,1",
                     projects="project,county,category,cost|P,A,c,5", effects="project,need,people|P,n,10")
    found = coverage_estimate(instance.data, pd.Series({"A": 29.0, "B": 100.0}))
    assert found is not None
    assert found.to_dict() == {"A": 10 + 20 + 1, "B": 10}  # P at 2 a coin, 20 at 1, then 4 coins for the last one


def test_a_rate_is_not_known_over_several_periods(maker: Maker) -> None:
    assert coverage_estimate(plan_of(maker).data, pd.Series(dtype=float)) is None
