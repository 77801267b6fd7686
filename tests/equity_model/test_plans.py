"""Equity forms through the whole of it: solved, in whole steps, audited; bounds hold for the plan; check's refusals."""

from __future__ import annotations

import pytest
from equity_cases import SHARES, instance

import optimizer as opt
from optimizer.instance.check import check
from optimizer.instance.equity_forms import INDICES

LIMIT = {"cvar": 0.1, "owa": 0.1, "alpha": 0.8, "mad": 0.1, "range": 1.0, "hoover": 0.2, "gini": 0.2, "gini_absolute": 0.1,
         "atkinson": 0.05, "theil": 0.1, "hooker_williams": 0.35, "mcloone": 0.9, "chen_hooker": 0.3}


@pytest.mark.parametrize("form", list(SHARES))
def test_a_plan_with_the_form_as_its_last_level(form):
    criteria = {"e": {"equity": form, "outcome": "covered_share", **SHARES[form]}}
    plan = opt.solve(instance(criteria, [{"criterion": "coverage", "tolerance": "20%"}, "e"]))
    assert plan.audit.passed
    row = plan.criteria.set_index("criterion").loc["e"]
    assert row["bound"] <= row["value"] + 1e-9 if form in INDICES else row["bound"] >= row["value"] - 1e-9


@pytest.mark.parametrize(("form", "step"), [(form, 7.0 if n % 2 else 1.0) for n, form in enumerate(SHARES)])
def test_a_bound_holds_for_the_plan_in_whole_steps(form, step):
    side = "max" if form in INDICES else "min"
    rule = {"id": "r", "type": "equity", "equity": form, "outcome": "covered_share", **SHARES[form], side: LIMIT[form]}
    plan = opt.solve(instance(rules=[rule], step=step))
    assert plan.audit.passed
    assert list(plan.rules["status"]) == ["holds"]


@pytest.mark.parametrize(("form", "side", "limit"), [("cvar", "min", 0.6), ("mad", "max", 0.0), ("gini_absolute", "max", 0.0),
                                                     ("alpha", "min", 2.0)])
def test_a_soft_bound_is_missed_by_what_it_is_missed_by(form, side, limit):
    rule = {"id": "r", "type": "equity", "equity": form, "outcome": "covered_share", **SHARES[form], side: limit, "price": 3}
    plan = opt.solve(instance(rules=[rule]))
    assert plan.audit.passed
    row = plan.rules.iloc[0]
    assert row["broken_by"] == pytest.approx(abs(row["value"] - limit), abs=1e-6)
    points = plan.criteria.set_index("criterion").loc["broken"]
    assert points["bound"] <= points["value"] + 1e-9


@pytest.mark.parametrize(("rule", "said"), [
    ({"equity": "gini", "min": 0.1}, "on the side of the worse plans"),
    ({"equity": "cvar", "m": 2, "max": 0.1}, "on the side of the worse plans"),
    ({"equity": "gini", "max": 0.1, "price": 1}, "cannot soften gini"),
    ({"equity": "gini", "max": 0.1, "outcome": "gap_per_1000"}, "is better low"),
    ({"equity": "nash", "min": 0.1}, "breaks down where a unit has nothing"),
    ({"equity": "atkinson", "alpha": 1, "max": 0.1}, "breaks down where a unit has nothing"),
    ({"equity": "mad", "max": -1}, "is below 0"),
    ({"equity": "leximin", "min": 0.1}, "is not offered as a bound"),
])
def test_check_says_what_the_model_cannot_do(rule, said):
    given = instance(rules=[{"id": "r", "type": "equity", "outcome": "covered_share", **rule}])
    assert any(said in found.sentence() for found in check(given) if found.severity == "error")


def test_a_floor_makes_nash_sound_and_a_quotient_is_refused_in_a_weighted_sum():
    floor = {"id": "floor", "type": "equity", "equity": "maximin", "outcome": "covered_share", "min": 0.05}
    nash = {"e": {"equity": "nash", "outcome": "covered_share"}}
    plan = opt.solve(instance(nash, ["e"], rules=[floor]))
    assert plan.audit.passed
    gini = {"e": {"equity": "gini", "outcome": "covered_share"}}
    both = [{"criterion": "coverage", "weight": 1}, {"criterion": "e", "weight": 1}]
    assert any("relative to the mean" in found.sentence() for found in check(instance(gini, both, kind="weighted")))
