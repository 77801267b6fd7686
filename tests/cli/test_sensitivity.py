"""``optimizer sensitivity``: what it writes, and what it says."""

import pandas as pd
import pytest


def test_the_worked_example(optimizer, two, tmp_path):
    ran = optimizer("sensitivity", two, "--out", tmp_path / "out", "--again", "budget.central=10")
    assert ran.status == 0, ran.err
    table = pd.read_csv(tmp_path / "out" / "sensitivity.csv")
    assert set(table["tier"]) == {"selection", "solved"}
    budgets = table[(table["kind"] == "budget") & (table["tier"] == "selection")]
    assert len(budgets) == 2
    assert (budgets["price_up"] > 0).all()
    assert "Raising the budget of central, 2026 by a million yuan would cover" in ran.out
    assert "budget.central, solved again: raising it by 0.1 million yuan" in ran.out
    assert "for this selection of pairs and projects" in ran.out
    for name in ("answer", "variables", "constraints", "limits", "solved"):
        assert len(pd.read_csv(tmp_path / "out" / f"{name}.csv"))
    again = optimizer("sensitivity", two, "--out", tmp_path / "out", "--again", "budget.central")
    assert again.status == 2
    assert "--force" in again.err


def test_a_plan_already_made_and_the_answer_as_json(optimizer, two, plan, tmp_path):
    ran = optimizer("sensitivity", two, "--plan", plan, "--out", tmp_path / "out", "--most", 0, "--json")
    assert ran.status == 0, ran.err
    assert ran.json["tier"] == "selection"
    assert ran.json["value"] == pytest.approx(3035)
    assert ran.json["solved"] == []
    refused = optimizer("sensitivity", two, "--plan", plan, "--out", tmp_path / "other", "--set", "budget.central=x2")
    assert refused.status == 2
    assert "--plan" in refused.err


def test_keys_that_are_none_are_told(optimizer, two):
    ran = optimizer("sensitivity", two, "--again", "budget.nobody")
    assert ran.status == 2
    assert "budget.nobody" in ran.err
