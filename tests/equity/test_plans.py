"""Equity forms as indicators and bounds of plans: outcomes, groups, weights, and the audit's reading of the same files."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from optimizer.plan import Plan
from optimizer.plan.audit import audit

Plans = Callable[..., Plan]
F = Fraction
#: Money of the plan: A 42, B 10, C 60; covered, weighted by 2 and by period: A 72, B 20, C 100 of 120, 180, 240.
DECLARED: dict[str, tuple[dict[str, Any], Any, str]] = {
    "gini_money": ({"equity": "gini", "outcome": "money"}, F(2 * (32 + 18 + 50), 18 * F(112, 3)), "min"),
    "gini_head": ({"equity": "gini", "outcome": "money_per_head", "weight": "population"},
                  # per head 42/100, 10/200, 60/300 of 112/600
                  F(1, 600**2) * (100 * 200 * F(37, 100) + 100 * 300 * F(22, 100) + 200 * 300 * F(15, 100)) / F(112, 600), "min"),
    "hoover_share": ({"equity": "hoover", "outcome": "covered_share", "weight": "people"},
                     # weighted by people in need the mean is all covered of all in need, 192/540
                     F(72 - F(120 * 192, 540) + 100 - F(240 * 192, 540), 192), "min"),
    "deviation": ({"equity": "mad", "outcome": "gap_per_1000"}, None, "min"),
    "worst_two": ({"equity": "cvar", "m": 2, "outcome": "money"}, F(26), "max"),
    "worst_losses": ({"equity": "cvar", "m": 1, "outcome": "loss"}, F(8), "min"),
    "worst_gap": ({"equity": "maximin", "outcome": "gap_per_1000", "over": "province"}, None, "min"),
    "ordered": ({"equity": "owa", "weights": [2, 1], "outcome": "money"}, F(20 + 42 + 60, 4), "max"),
    "ordered_losses": ({"equity": "owa", "weights": [3, 1], "outcome": "loss", "weight": "jobs"}, None, "min"),
    "spread": ({"equity": "range", "outcome": "money"}, F(50) / F(112, 3), "min"),
    "provinces": ({"equity": "gini_absolute", "outcome": "money", "over": "province", "weight": "population"},
                  F(1, 4) * (60 - 52), "min"),
    "lower_half": ({"equity": "mcloone", "outcome": "money"}, F(52, 84), "max"),
    "welfare": ({"equity": "alpha", "alpha": 0, "outcome": "money", "weight": "jobs"}, F(42 * 31 + 10 * 12 + 60, 44), "max"),
    "worst": ({"equity": "leximin", "outcome": "money"}, F(10), "max"),
    "burdens": ({"equity": "mad", "outcome": "burden", "over": "donors", "weight": "revenue"}, None, "min"),
    "by_need": ({"equity": "hooker_williams", "threshold": 40, "outcome": "money"}, F(2 * 40 + 3 * 10 + 10, 3), "max"),
    "by_order": ({"equity": "chen_hooker", "threshold": 40, "m": 2, "outcome": "money"}, F(3 * 10 + 2 * 42 + 10, 3), "max"),
}


def declared() -> dict[str, Any]:
    return {"criteria": {name: given for name, (given, _, _) in DECLARED.items()}}


def failures(plan: Plan, *ignored: str) -> list[str]:
    report = audit(plan.instance, plan.tables, plan.claims)
    return [check.sentence() for check in report.failures if check.clause not in ignored]


def test_forms_over_every_kind_of_outcome_unit_and_weight(plan_of: Plans) -> None:
    rows = plan_of(declared()).criteria.set_index("criterion")
    for name, (_, wanted, sense) in DECLARED.items():
        assert rows.loc[name, "sense"] == sense
        assert not math.isnan(rows.loc[name, "value"])
        if wanted is not None:
            assert rows.loc[name, "value"] == pytest.approx(float(wanted), abs=1e-14), name


def test_the_audit_reads_each_of_them_alike(plan_of: Plans) -> None:
    plan = plan_of(declared())
    assert failures(plan) == []
    for name in DECLARED:
        wrong = {**plan.tables, "criteria": plan.criteria.assign(
            value=plan.criteria["value"].where(plan.criteria["criterion"] != name, plan.criteria["value"] * 1.001 + 1e-6))}
        assert any(check.clause == "criterion_values" for check in audit(plan.instance, wrong, plan.claims).failures), name


@pytest.mark.parametrize(("form", "alpha"), [("atkinson", 0.5), ("atkinson", 1), ("atkinson", 3), ("alpha", 1.5), ("nash", None),
                                             ("theil", None)])
@pytest.mark.parametrize("weight", [None, "population"])
def test_irrational_forms_of_a_plan(plan_of: Plans, form: str, alpha: float | None, weight: str | None) -> None:
    read = {"alpha": alpha, "weight": weight}
    given = {"equity": form, "outcome": "money", **{name: one for name, one in read.items() if one is not None}}
    plan = plan_of({"criteria": {"one": given}})
    money, persons = (42, 10, 60), (100, 200, 300) if weight else (1, 1, 1)
    whole = sum(persons)

    def mean(of: Callable[[float], float]) -> float:
        return sum(w * of(u) for u, w in zip(money, persons, strict=True)) / whole

    average = mean(lambda u: u)
    same = math.exp(mean(math.log)) if alpha in (1, None) else mean(lambda u: u ** (1 - alpha)) ** (1 / (1 - alpha))
    wanted = {
        "nash": lambda: mean(math.log), "alpha": lambda: mean(lambda u: u**-0.5 / -0.5),
        "theil": lambda: mean(lambda u: u / average * math.log(u / average)),
        "atkinson": lambda: 1 - same / average,
    }[form]()
    assert plan.criteria.set_index("criterion").loc["one", "value"] == pytest.approx(wanted, rel=1e-13)
    assert failures(plan) == []


@pytest.mark.parametrize(("limits", "status"), [({"max": 0.3}, "holds"), ({"max": 0.25}, "broken"), ({"min": 0.2}, "holds")])
def test_bounds_hold_for_the_true_value(plan_of: Plans, limits: dict[str, float], status: str) -> None:
    rule = {"id": "even", "sentence": "x", "type": "equity", "equity": "gini", "outcome": "money", **limits}
    plan = plan_of({"rules": [rule]})
    row = plan.rules.iloc[0]
    assert row["value"] == pytest.approx(200 / (18 * 112 / 3), abs=1e-15)
    assert row["status"] == status
    assert failures(plan, "rule_hard") == []
    assert plan.criteria.set_index("criterion").loc["even", ["role", "sense", "unit"]].tolist() == ["bounded", "min", "index"]


@pytest.mark.parametrize(("limits", "value", "status"), [({"min": 1}, 0, "broken"), ({"max": 1}, 1, "holds")])
def test_welfare_worse_than_any_number_breaks_its_bound(plan_of: Plans, limits: dict[str, int], value: int, status: str) -> None:
    rule = {"id": "well", "sentence": "x", "type": "equity", "equity": "nash", "outcome": "burden", "over": "donors", **limits}
    plan = plan_of({"rules": [rule]})  # E gives nothing
    assert plan.rules.iloc[0][["value", "status"]].tolist() == [value, status]
    assert math.isnan(plan.criteria.set_index("criterion").loc["well", "value"])
    assert failures(plan, "rule_hard") == []


def test_an_index_without_a_mean_is_blank_and_its_rule_off(plan_of: Plans) -> None:
    nothing = {"outcomes": {"late": {"of": {"sum": "money", "county": "B", "periods": "last"}, "better": "high"}},
               "criteria": {"even": {"equity": "gini", "outcome": "late"}},
               "rules": [{"id": "r", "sentence": "x", "type": "equity", "equity": "gini", "outcome": "late", "max": 0.1}]}
    plan = plan_of(nothing)
    assert math.isnan(plan.criteria.set_index("criterion").loc["even", "value"])
    assert plan.rules.iloc[0]["status"] == "off"
    assert failures(plan) == []


def test_people_as_weight_follow_the_periods_and_needs_of_the_outcome(plan_of: Plans) -> None:
    late = {"outcomes": {"late": {"of": {"sum": "covered", "periods": [2]}, "per": ["people"], "better": "high"}},
            "criteria": {"mean": {"equity": "alpha", "alpha": 0, "outcome": "late", "weight": "people"},
                         "west": {"equity": "alpha", "alpha": 0, "outcome": "late", "weight": "people", "over": "province"}}}
    plan = plan_of(late)
    values = plan.criteria.set_index("criterion")["value"]
    assert values["mean"] == values["west"] == pytest.approx(32 / 180, abs=1e-15)
    assert failures(plan) == []


def test_forms_of_money_are_given_under_last_years_money_too(plan_of: Plans) -> None:
    criteria = {"criteria": {"even": {"equity": "gini", "outcome": "money", "weight": "population"},
                             "mean": {"equity": "nash", "outcome": "money"},
                             "met": {"equity": "gini", "outcome": "covered_share"}}}
    plan = plan_of(criteria, baseline="county,stream,money|A,,10|B,,20|C,,30")
    last = plan.criteria.set_index("criterion")["last"]
    # money of two periods, 20, 40, 60 for 1, 2 and 3 parts of the people: (1·2·20 + 1·3·40 + 2·3·20)/36 over 280/6
    assert last["even"] == pytest.approx(280 / 36 / (280 / 6), abs=1e-15)
    assert last["mean"] == pytest.approx(math.log(20 * 40 * 60) / 3, rel=1e-14)
    assert math.isnan(last["met"])
    assert failures(plan) == []
