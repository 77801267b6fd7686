"""The commands ``uncertainty`` and ``robust`` on a small folder."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import optimizer as opt
from optimizer.cli.main import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two projects, money for one; in the scenario ``dry`` the better one covers little."""
    place = tmp_path_factory.mktemp("uncertain") / "given"
    opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [200.0], "unit_cost": [np.nan]}),
        projects=pd.DataFrame({"project": ["P", "Q"], "county": "A", "category": "infra", "cost": 10.0}),
        effects=pd.DataFrame({"project": ["P", "Q"], "need": "water", "people": [60.0, 50.0]}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": 10.0}},
                  "scenarios": {"dry": {"set": {"effects.people[project=P]": 5}}}},
    ).to_folder(place)
    return place


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_uncertainty_writes_its_tables_and_says_what_they_hold(folder, tmp_path):
    spec = tmp_path / "spec.yaml"
    spec.write_text("seed: 3\nuncertain:\n  'effects.people[project=Q]': uniform(20, 80)\n", encoding="utf-8")
    out = tmp_path / "out"
    done = run("uncertainty", folder, "--spec", spec, "--runs", 6, "--inclusion-error", "30%", "--out", out, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert {row["project"]: row["share"] for row in said["selection"]} == pytest.approx({"P": 2 / 3, "Q": 1 / 3})
    assert pd.read_csv(out / "targeting.csv")["reached"].tolist() == pytest.approx([42])
    before = (out / "runs.csv").read_bytes()
    assert run("uncertainty", folder, "--spec", spec, "--runs", 6, "--out", out).exit_code == 0  # nothing is left to do
    assert (out / "runs.csv").read_bytes() == before
    assert run("uncertainty", folder, "--spec", spec, "--runs", 5, "--out", out).exit_code == 2  # other draws lie there
    assert run("uncertainty", folder, "--spec", spec, "--runs", 5, "--out", out, "--force").exit_code == 0
    assert len(pd.read_csv(out / "runs.csv")) == 5


def test_a_wrong_specification_ends_with_two(folder, tmp_path):
    done = run("uncertainty", folder, "--uncertain", "needs.peeple=uniform(1, 2)", "--uncertain", "needs.people=uniform(2, 1)",
               "--out", tmp_path / "none")
    assert done.exit_code == 2
    assert not (tmp_path / "none").exists()
    assert run("uncertainty", folder, "--out", tmp_path / "none").exit_code == 2  # nothing is uncertain
    assert run("uncertainty", folder, "--uncertain", "needs.people=uniform(1, 2)", "--inclusion-error", "130%").exit_code == 2


def test_robust_writes_plans_and_the_table(folder, tmp_path):
    done = run("robust", folder, "--measure", "worst", "--out", tmp_path / "worst")
    assert done.exit_code == 0, done.output
    assert pd.read_csv(tmp_path / "worst" / "scenarios.csv")["kept_robust"].tolist() == pytest.approx([50, 50])
    done = run("robust", folder, "--measure", "effects", "--loss", "50%", "--gamma", 1, "--out", tmp_path / "effects")
    assert done.exit_code == 0, done.output
    assert pd.read_csv(tmp_path / "effects" / "price_of_robustness.csv")["guaranteed"].tolist() == pytest.approx([30])
    assert run("robust", folder, "--over", "flood", "--out", tmp_path / "none").exit_code == 2
