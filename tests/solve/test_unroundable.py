"""Hard rules on money that no whole number of steps can meet: status `rounding`, with the proof, and a plan all the same."""

from __future__ import annotations

import pandas as pd
import pytest

import optimizer as opt


def instance(rules: list[dict], budget: float = 100.0) -> opt.Instance:
    """Two counties, one stream, money for direct support in steps of 1."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A", "B"]}),
        needs=pd.DataFrame({"county": ["A", "B"], "need": ["water", "water"], "people": [200, 300], "unit_cost": [0.5, 0.25]}),
        settings={
            "format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
            "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
            "streams": {"central": {"budget": budget}}, "rules": rules,
        },
    )


def band(county: str, least: float, most: float) -> dict:
    return {"id": f"band_{county}", "sentence": f"{county} within a band", "type": "bound", "hard": True,
            "of": {"sum": "money", "county": county}, "min": least, "max": most}


def test_limits_between_two_steps_are_missed_by_less_than_one_and_proved():
    plan = opt.solve(instance([band("A", 12.5, 12.5)]))
    assert plan.audit.passed, str(plan.audit)
    row = plan.rules.set_index("rule").loc["band_A"]
    assert row["status"] == "rounding"
    assert row["broken_by"] == pytest.approx(0.5)
    assert plan.claims.rounding == {
        ("band_A", "period=2026"): "between 12.5 and 12.5 steps of 1 million_yuan there is no whole number"}


def test_a_small_plan_in_whole_steps_is_proved_the_best_there_is():
    """12.5 for A at 0.5 a person, in steps of 1: the linear program's bound is not reached, the whole-unit one is."""
    plan = opt.solve(instance([band("A", 12.5, 13.5)], budget=60.5))
    assert plan.outcome.status == "optimal"
    assert plan.outcome.bound == plan.outcome.objective == 26 + 47 * 4


def test_limits_with_a_step_between_them_hold():
    plan = opt.solve(instance([band("A", 12.5, 13.5)]))
    assert plan.rules.set_index("rule").loc["band_A", "status"] == "holds"
    assert plan.claims.rounding == {}


def test_rules_that_only_together_leave_no_whole_point_are_missed_as_little_as_can_be():
    """A has exactly half of the money and all of it goes out: 25 steps cannot be halved, though 12.5 could."""
    half = {"id": "half", "sentence": "half for A", "type": "share", "hard": True, "part": {"sum": "money", "county": "A"},
            "whole": {"sum": "money"}, "min": 0.5, "max": 0.5}
    spent = {"id": "spent", "sentence": "all of it", "type": "bound", "hard": True, "of": {"sum": "money"}, "min": 25, "max": 25}
    plan = opt.solve(instance([half, spent], budget=25))
    assert plan.audit.passed, str(plan.audit)
    status = plan.rules.set_index("rule")["status"]
    assert "rounding" in set(status)
    assert "broken" not in set(status)
    (proof,) = set(plan.claims.rounding.values())
    assert proof.endswith("0.5 is the least that all rules together must be missed by")


def test_the_proof_is_read_back_from_the_plan_folder(tmp_path):
    plan = opt.solve(instance([band("A", 12.5, 12.5)]))
    plan.write(tmp_path / "plan")
    again = opt.Plan.read(tmp_path / "plan")
    assert again.claims.rounding == plan.claims.rounding
    assert again.audited().audit.passed
