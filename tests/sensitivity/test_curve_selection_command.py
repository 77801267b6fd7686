"""``curve --selection`` from the command line."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from curve_cases import choosing, most_people
from typer.testing import CliRunner

from optimizer.cli.main import app


def test_the_curve_of_a_selection_lies_beside_the_one_of_all_plans(tmp_path):
    """Projects that cannot be divided: with those of one plan held, more money brings nothing."""
    instance, costs, people = choosing(1)
    instance.to_folder(tmp_path / "case")
    ran = CliRunner().invoke(app, ["curve", str(tmp_path / "case"), "--budget", "central", "--from", "100%", "--to", "150%",
                                   "--selection", "--points", "2", "--out", str(tmp_path / "out"), "--json"])
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.stdout)
    table = pd.read_csv(tmp_path / "out" / "curve.csv")
    assert set(table["tier"]) == {"relaxation", "selection"}
    held = table[table["tier"] == "selection"]
    assert held["value"].tolist() == pytest.approx([most_people(costs, people, 100)] * len(held))
    free = table[table["tier"] == "relaxation"].set_index("budget")["value"]
    assert free[150.0] == pytest.approx(most_parts(costs, people, 150))
    assert any("for the pairs and projects of one plan, held" in sentence for sentence in said["sentences"])
    assert (tmp_path / "out" / "curve.svg").stat().st_size > 1000


def most_parts(costs, people, money: float) -> float:
    """The most people with projects taken in parts: the dearest a head last."""
    total = 0.0
    for cost, count in sorted(zip(costs, people, strict=True), key=lambda one: one[0] / one[1]):
        part = min(1.0, money / cost)
        total, money = total + part * count, money - part * cost
    return total
