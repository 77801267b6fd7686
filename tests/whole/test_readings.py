"""The model, the plan's tables and the audit read every rule and criterion alike, in the cases where it is easy not to."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd
import pytest

import optimizer as opt
from optimizer.instance.findings import InstanceError
from optimizer.plan.audit import audit

PERIODS = [2026, 2027]
SETTINGS: dict[str, Any] = {
    "format": 1, "periods": PERIODS, "categories": {"infra": {}, "industry": {}}, "streams": {"central": {"budget": 100}},
    "needs": {"water": {"kind": "lasting", "category": "infra"}, "work": {"kind": "yearly", "category": "industry"}},
}
TABLES: dict[str, list[dict[str, Any]]] = {
    "counties": [{"county": "A", "population": 100, "rural_population": 400, "claim": 80, "side": "west"},
                 {"county": "B", "population": 200, "rural_population": 200, "claim": 70, "side": "east"}],
    "needs": [{"county": "A", "need": "work", "people@2026": 50, "people@2027": 80, "unit_cost": 1},
              {"county": "B", "need": "work", "people@2026": 60, "people@2027": 20, "unit_cost": 2}],
}
X = {"project": "X", "county": "A", "category": "infra", "cost": 7.3, "scalable": 1, "most": 2, "least": 0}
SCALABLE = {"projects": [X], "effects": [{"project": "X", "need": "work", "people": 1}]}


def instance(tables: Any = None, **settings: Any) -> opt.Instance:
    whole = {**copy.deepcopy(SETTINGS), **settings}
    whole["rules"] = [{"id": f"r{n}", "sentence": "A rule", **rule} for n, rule in enumerate(whole.get("rules", []))]
    frames = {name: pd.DataFrame(rows) for name, rows in {**TABLES, **(tables or {})}.items()}
    return opt.Instance.from_frames(settings=whole, **frames)


def checked(given: opt.Instance) -> opt.Plan:
    plan = opt.solve(given)
    assert [f.sentence() for f in plan.audit.failures] == []
    return plan


MONEY, COVERED = {"sum": "money"}, {"sum": "covered"}
WORST = {"type": "equity", "equity": "maximin"}


@pytest.mark.parametrize(("rules", "coverage"), [
    ([{"type": "bound", "of": {**MONEY, "period": 2026}, "max": 30, "periods": "last"}], 165),
    ([{"type": "bound", "of": {**MONEY, "periods": "last"}, "max": 30, "periods": "total"}], 75 + 30),
    ([{"type": "bound", "of": {**MONEY, "period": 2026}, "max": 30}], 30 + 90),
    ([{"type": "bound", "of": {**MONEY, "county": ["B"]}, "max": 30}], 65 + 90),
    ([{"type": "bound", "of": COVERED, "each": "need", "per": ["people"], "max": 0.5}], 55 + 50),
    ([{"type": "bound", "of": MONEY, "each": "county", "min": 95, "or_zero": 1, "price": 2}], 50),
    ([{**WORST, "outcome": "covered_share", "max": 0.2}], 146),
    ([{**WORST, "outcome": "gap_per_1000", "min": 700}], 130),
    ([{**WORST, "outcome": "loss", "min": 60}], 135),
    ([{**WORST, "outcome": "covered_share", "over": "side", "min": 0.3}], 165),
    ([{"type": "exit", "threshold": 0.1, "at_least": 0},
      {"type": "bound", "of": {"sum": "exited"}, "min": 1, "periods": "last"}], 165),
    ([{"type": "exit", "threshold": 0.01, "at_least": "all", "price": 10}], 165),
    ([{"type": "exit", "threshold": 0.05, "stay": 1, "at_least": 1},
      {"type": "exit", "threshold": 0.3, "stay": 0, "at_least": 1}], 165),
    ([{"type": "share", "part": {**MONEY, "county": "B"}, "whole": {**MONEY, "periods": "total"}, "min": 0.5}], 100 + 50),
    ([{"type": "band", "of": MONEY, "to": "factor", "each": "county", "low": 0.4}], 75 + 86.6),
])
def test_rules(rules, coverage):
    plan = checked(instance(rules=rules,
                            factor={"factors": [{"column": "population", "weight": 1}]}))
    assert plan.claims.levels[-1].modelled_value == pytest.approx(coverage)


@pytest.mark.parametrize(("periods", "per", "value"), [
    ("last", ["people"], 0.9), ("each", ["people"], 165 / 210), ([2026, 2027], ["people"], 165 / 210),
    ([2026, 2027], ["population"], 165 / 300), ("last", ["population"], 90 / 300),
])
def test_criteria_over_columns(periods, per, value):
    criteria = {"c": {"sense": "max", "of": {**COVERED, "periods": periods}, "per": per}}
    plan = checked(instance(criteria=criteria, method={"type": "single", "levels": [{"criterion": "c"}]}))
    assert plan.outcome.objective == pytest.approx(value)


@pytest.mark.parametrize(("periods", "per", "value"), [
    ("last", ["people"], 0.825), ([2026, 2027], ["people"], 0.6875), ("last", ["population"], 0.1),
    ([2026, 2027], ["population"], 0.35),
])
def test_outcomes_over_periods(periods, per, value):
    """The value of the whole-unit plan, whose people are whole."""
    plan = checked(instance(
        outcomes={"o": {"of": {**COVERED, "periods": periods}, "per": per}},
        criteria={"c": {"equity": "maximin", "outcome": "o"}},
        method={"type": "single", "levels": [{"criterion": "c"}]}))
    assert plan.outcome.objective == pytest.approx(value)
    assert plan.outcome.bound >= plan.outcome.objective - 1e-9


def test_a_later_level_may_pass_its_bound_where_whole_steps_cost_an_earlier_one():
    plan = checked(instance(rules=[{**WORST, "outcome": "covered_share", "min": 0.9, "price": 100}]))
    broken, coverage = plan.claims.levels
    values = plan.criteria.set_index("criterion")["value"]
    assert values["broken"] > broken.modelled_value
    assert values["coverage"] > coverage.bound


def test_a_locked_scalable_project_is_in_the_plan():
    plan = checked(instance({**SCALABLE, "projects": [{**X, "status": "lock"}]}))
    assert plan.projects["cost"].min() >= 1


def test_an_amount_without_end_and_a_least_number():
    plan = checked(instance({**SCALABLE, "projects": [{**X, "most": float("inf")}]},
                            rules=[{"type": "bound", "of": {"sum": "projects"}, "min": 2, "or_zero": 1}]))
    assert plan.outcome.objective > 0


def test_decisions_on_money_and_projects_hold_exactly():
    decided = pd.DataFrame([
        {"kind": "project", "project": "X", "decision": "accept"},
        {"kind": "money", "stream": "central", "county": "B", "decision": "set", "amount": 33},
        {"kind": "money", "stream": "central", "period": 2026, "decision": "most", "amount": 77}])
    plan = checked(instance(SCALABLE).with_decisions(decided))
    assert plan.funds.loc[plan.funds["county"] == "B", "money"].sum() == 33
    assert plan.funds.loc[plan.funds["period"] == 2026, "money"].sum() <= 77
    assert plan.projects["project"].tolist().count("X") >= 1


def test_a_period_without_a_budget_is_not_paid_and_the_audit_says_so_if_it_is():
    budgets = [{"stream": "local", "scope": "all", "period": 2026, "amount": 10}]
    plan = checked(instance({"budgets": budgets}, streams={"local": {}}))
    assert plan.funds["period"].tolist() == [2026]
    tables = dict(plan.tables)
    tables["funds"] = pd.concat([plan.funds, plan.funds.assign(period=2027)], ignore_index=True)
    report = audit(plan.instance, tables, plan.claims)
    assert report["stream_budget"].worst < 0


@pytest.mark.parametrize("rule", [
    {"type": "band", "of": {**MONEY, "category": "industry"}, "to": "factor", "low": 0.5},
    {"type": "band", "of": MONEY, "each": "category", "to": "factor", "low": 0.5},
    {"type": "share", "part": {**MONEY, "category": "infra"}, "whole": MONEY, "min": 0.5, "increase_over": "factor"},
])
def test_the_factor_method_has_no_categories(rule):
    with pytest.raises(InstanceError, match="shares money by stream and county, not by category"):
        opt.solve(instance(rules=[rule], factor={"factors": [{"column": "population", "weight": 1}]}))
