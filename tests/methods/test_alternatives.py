"""Alternatives stay within their distance, differ, and are whole plans."""

from __future__ import annotations

import importlib
import itertools

import numpy as np
import pytest
from scipy import sparse
from small_instances import levels, small
from small_programs import ask, program_of, whole_points
from typer.testing import CliRunner

import optimizer as opt
from optimizer.cli.main import app
from optimizer.instance.findings import InstanceError
from optimizer.methods.differing import differing_amounts, differing_choices
from optimizer.plan.audit import audit_folder
from optimizer.plan.differences import differs


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_point_is_farther_from_its_nearest_known_one(seed, count):
    rng = np.random.default_rng(seed)
    program = program_of(rng.integers(0, 4, (2, 6)), -np.inf, 7.0, 1.0, integer=np.ones(6, bool))
    points = whole_points(program)
    known = [points[n] for n in rng.integers(0, len(points), count)]
    chosen = np.array([True] * 5 + [False])

    def nearest(x: np.ndarray) -> float:
        return min(float(np.abs(x[:5] - point[:5]).sum()) for point in known)

    found = differing_choices(program, chosen, known, ask, known[0])[2]
    assert nearest(found.x) == pytest.approx(max(nearest(x) for x in points))


@pytest.mark.parametrize("differ", ["pairs", "projects"])
def test_large_programs_are_asked_for_what_choices_are_worth(monkeypatch, differ):
    """In the place of a row that holds the criterion: the same distance is kept, by plans that differ."""
    monkeypatch.setattr(importlib.import_module("optimizer.alternatives"), "MANY_COLUMNS", 0)
    found = opt.alternatives(small(), "10%", 2, differ)
    best = found.best.outcome.objective
    assert len(found.plans) == 2
    for n, plan in enumerate(found.plans):
        assert plan.audit.passed and best - plan.outcome.objective <= 0.1 * best * (1 + 1e-6)
        assert all(differs(other, plan, differ) > 0 for other in (found.best, *found.plans[:n]))


@pytest.mark.parametrize("seed", range(10))
def test_amounts_in_a_box_move_at_least_half_as_far_as_any_can(seed):
    """One of two opposite corners is: their distances from any point add up to the edges, which no distance exceeds."""
    rng = np.random.default_rng(seed)
    program = program_of(np.ones((1, 4)), -np.inf, 99.0, 4.0)
    known = rng.uniform(0, 4, 4)
    found = differing_amounts(program, sparse.identity(4, format="csr"), [known], ask, None)[2]
    corners = itertools.product((0.0, 4.0), repeat=4)
    assert np.abs(found.x - known).sum() >= 0.5 * max(np.abs(np.array(c) - known).sum() for c in corners)


@pytest.mark.parametrize(("differ", "within"), [
    ("pairs", "10%"), ("projects", "10%"), ("money", 100), pytest.param("money", "10%", marks=pytest.mark.thorough)])
def test_alternatives_differ_within_their_distance(differ, within):
    found = opt.alternatives(small(), within, 3, differ)
    best = found.best.outcome.objective
    room = 0.1 * best if within == "10%" else within
    assert found.plans
    for n, plan in enumerate(found.plans):
        assert plan.audit.passed, [check.sentence() for check in plan.audit.failures]
        assert best - plan.outcome.objective <= room * (1 + 1e-6)
        assert plan.outcome.bound >= best - 1e-6
        assert all(differs(other, plan, differ) > 0 for other in (found.best, *found.plans[:n]))
    assert list(found.table["alternative"]) == list(range(len(found.plans) + 1))
    assert found.table[differ].iloc[1:].to_numpy() == pytest.approx([differs(found.best, plan, differ) for plan in found.plans])
    assert (found.table["loss.coverage"].iloc[1:] <= room * (1 + 1e-6)).all()


def test_there_are_no_more_pairings_than_there_are():
    found = opt.alternatives(small(), "60%", 40, "pairs")
    chosen = [frozenset(zip(p.pairings["donor"], p.pairings["county"], strict=True)) for p in (found.best, *found.plans)]
    assert len(set(chosen)) == len(chosen) < 41
    assert "differs in pairs" in found.ended


def test_money_goes_in_the_directions_named():
    plain = opt.solve(small())
    found = opt.alternatives(small(), "10%", differ="money", directions=["+province=Q", "-province=Q"])
    assert len(found.plans) == 2

    def given(plan: opt.Plan) -> float:
        return float(plan.funds.loc[plan.funds["county"] == "C", "money"].sum())

    more, less = (given(plan) for plan in found.plans)
    assert less < given(plain) <= more
    assert less < more


@pytest.mark.parametrize("method", [
    levels({"criterion": "coverage", "tolerance": "2%"}, {"criterion": "spend"}),
    levels({"criterion": "coverage"}, {"criterion": "spend"}, kind="weighted"),
    levels({"criterion": "coverage", "target": 2500}, {"criterion": "spend", "target": 300}, kind="goal"),
    levels({"criterion": "coverage", "target": 2500}, {"criterion": "spend", "target": 300}, kind="reference"),
    levels({"criterion": "fair"}, kind="single"),
])
def test_every_method_has_alternatives(method):
    found = opt.alternatives(small(method), "20%", 1, "money")
    assert len(found.plans) == 1
    assert found.plans[0].audit.passed, [check.sentence() for check in found.plans[0].audit.failures]
    assert found.table["money"].iloc[1] > 0
    lost = found.table[[name for name in found.table if name.startswith("loss_percent.")]].iloc[1]
    assert (lost.dropna() <= 20 * (1 + 1e-6)).all()


def test_nothing_to_choose_is_told():
    instance = small().with_({"pairs.candidates": "none"})
    frames = {name: table for name, table in instance.tables.items() if len(table) and name not in ("pairs", "donors")}
    frames["counties"] = frames["counties"].drop(columns="partners_min")
    alone = opt.Instance.from_frames(settings={**instance.raw_settings, "streams": {"central": {"budget": 400}}}, **frames)
    with pytest.raises(InstanceError, match="has no pairs left to choose"):
        opt.alternatives(alone, differ="pairs")


def test_the_command_writes_each_plan_and_the_table(tmp_path):
    small().to_folder(tmp_path / "case")
    command = ["alternatives", str(tmp_path / "case")]
    ran = CliRunner().invoke(app, [*command, "--within", "10%", "--count", "2", "--differ", "projects", "--out",
                                   str(tmp_path / "out"), "--quiet"])
    assert ran.exit_code == 0, ran.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"best", "alternative-1", "alternative-2", "alternatives.csv"}
    assert audit_folder(tmp_path / "out" / "alternative-1").passed
    refused = CliRunner().invoke(app, [*command, "--within", "near", "--out", str(tmp_path / "new")])
    assert refused.exit_code == 2
