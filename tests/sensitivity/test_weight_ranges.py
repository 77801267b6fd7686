"""Ranges of weights: by hand, by stepping just inside and outside, and against every choice of projects."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from small_instances import levels, small
from typer.testing import CliRunner

import optimizer as opt
from optimizer.cli.main import app
from optimizer.instance.instance import Instance
from optimizer.sensitivity.weights.stays import Best, end
from tests.extent import few


def two_needs(**changes) -> Instance:
    """One county: water at 1 a person, work at 2; 100 of each in need, 120 of money. Water first, then 10 of work."""
    return Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [1000.0]}),
        needs=pd.DataFrame({"county": "A", "need": ["water", "work"], "people": 100.0, "unit_cost": [1.0, 2.0]}),
        settings={
            "format": 1, "periods": [2026], "money": {"unit": "10k_yuan", "step": 1},
            "needs": {"water": {"kind": "lasting", "category": "all_"}, "work": {"kind": "yearly", "category": "all_"}},
            "categories": {"all_": {}}, "streams": {"central": {"budget": 120}}, **changes,
        },
    )


def test_the_range_of_a_need_by_hand():
    """A unit of money covers 1 of water or half of work: water comes first while its weight is above half of work's."""
    found = opt.weight_ranges(opt.solve(two_needs()))
    rows = found.table.set_index("name")
    assert rows.loc["water", ["low", "high"]].tolist() == pytest.approx([0.5, math.inf])
    assert rows.loc["work", ["low", "high"]].tolist() == pytest.approx([0, 2])
    assert set(found.table["tier"]) == {"exact"}
    beyond = found.beyond.set_index(["name", "side"])
    for end_ in (("water", "below"), ("work", "above")):  # then work first: 60 people for all the money
        assert beyond.loc[end_, "covered.water"] == pytest.approx(-100)
        assert beyond.loc[end_, "covered.work"] == pytest.approx(50)
    assert "between 0 and 2" in rows.loc["work", "sentence"]


def test_headlines_under_other_weightings():
    plan = opt.solve(two_needs())
    rows = opt.weight_ranges(plan).headlines.set_index("weighting")
    assert rows.loc["own", "value"] == 110
    assert rows.loc["equal", "percent"] == pytest.approx(55)
    assert rows.loc["share", "percent"] == pytest.approx(55)
    assert rows.loc["cost", "percent"] == pytest.approx(100 * (100 * 2 / 3 + 10 * 4 / 3) / 200)  # costs over their mean 1.5
    assert rows.loc["water", "percent"] == 100
    assert rows.loc["work", "percent"] == 10


@pytest.mark.parametrize("seed", range(40))
def test_ends_are_where_another_of_many_points_is_better(seed):
    """Points drawn at random: the range is worked out from all pairwise crossings."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 9, (12, 4)).astype(float)
    cost, direction = rng.integers(1, 9, 4).astype(float), rng.integers(-4, 9, 4).astype(float)

    def best(asked: np.ndarray) -> Best:
        n = int((points @ asked).argmax())
        return Best(points[n], float(points[n] @ asked))

    x = best(cost).x
    gains, losses = points @ direction - x @ direction, x @ cost - points @ cost
    crossings = [loss / gain for loss, gain in zip(losses, gains, strict=True) if gain > 1e-12]
    found = end(best, cost, direction, x)
    assert found.step == pytest.approx(min(crossings, default=math.inf))
    assert found.gap == 0
    if crossings:
        assert found.beyond is not None
        assert found.beyond @ direction > x @ direction
    near = min(crossings, default=math.inf)
    assert end(best, cost, direction, x, 0.5).step == pytest.approx(min(0.5, near))


def drawn(seed: int) -> tuple[Instance, np.ndarray, np.ndarray]:
    """Projects that cover two needs each, and nothing else; costs and people by project and need."""
    rng = np.random.default_rng(seed)
    count = 7
    costs, people = rng.integers(5, 40, count).astype(float), rng.integers(1, 90, (count, 2)).astype(float)
    projects = [f"X{n}" for n in range(count)]
    effects = [(p, need, people[n, k]) for n, p in enumerate(projects) for k, need in enumerate(("water", "work"))]
    return Instance.from_frames(
        counties=pd.DataFrame({"county": ["A", "B"], "population": [5000.0, 5000.0]}),
        needs=pd.DataFrame([(c, k, 5000.0) for c in "AB" for k in ("water", "work")], columns=["county", "need", "people"]),
        projects=pd.DataFrame({"project": projects, "county": [*"AB"] * 3 + ["A"], "category": "infra", "cost": costs}),
        effects=pd.DataFrame(effects, columns=["project", "need", "people"]),
        settings={
            "format": 1, "periods": [2026], "money": {"unit": "10k_yuan", "step": 1},
            "needs": {"water": {"kind": "lasting", "category": "infra"}, "work": {"kind": "lasting", "category": "infra"}},
            "categories": {"infra": {}}, "streams": {"central": {"budget": 80}},
        },
    ), costs, people


@pytest.mark.parametrize("seed", few(2, range(3)))
def test_ranges_with_projects_free_are_those_of_looking_at_every_choice(seed):
    case, costs, people = drawn(seed)
    plan = opt.solve(case)
    found = opt.weight_ranges(plan, solve_again=True).table.set_index("name")
    assert set(found["tier"]) == {"solved"}
    picks = np.array(list(itertools.product([0.0, 1.0], repeat=len(costs))))
    picks = picks[picks @ costs <= 80 + 1e-9]
    taken = np.isin([f"X{n}" for n in range(len(costs))], plan.projects["project"]).astype(float)
    for k, need in enumerate(("water", "work")):
        for inside, weight in ((True, found.loc[need, "low"] + 1e-3), (True, min(found.loc[need, "high"] - 1e-3, 50.0)),
                               (False, found.loc[need, "low"] - 1e-3), (False, found.loc[need, "high"] + 1e-3)):
            if weight < 0 or math.isinf(weight) or found.loc[need, "high"] - found.loc[need, "low"] < 3e-3:
                continue
            value = np.ones(2)
            value[k] = weight
            short = (picks @ people @ value).max() - taken @ people @ value
            assert (short <= 1e-6) == inside, (need, weight, short)


def test_pairs_and_projects_held_give_wider_ranges_than_pairs_and_projects_free():
    plan = opt.solve(small(levels({"criterion": "coverage"}, {"criterion": "spend"}, kind="weighted")))
    held, free = opt.weight_ranges(plan).table, opt.weight_ranges(plan, solve_again=True).table
    assert list(held["name"]) == list(free["name"]) == ["coverage", "spend", "water", "work"]
    assert set(held["tier"]) == {"selection"}
    assert (held["low"] <= free["low"] + 1e-9).all()
    assert (held["high"] >= free["high"] - 1e-9).all()
    assert (held["low"] <= held["weight"]).all()
    assert (held["high"] >= held["weight"]).all()


def test_weights_of_criteria_by_solving_just_inside_and_outside():
    """Just inside a range the plan is the same, just outside another one is found, with ranges of criteria pinned."""
    size = {"coverage": 1000.0, "spend": 370.0}

    def solved(weight: float) -> opt.Plan:
        asked = [{"criterion": "coverage", "range": size["coverage"], "weight": weight},
                 {"criterion": "spend", "range": size["spend"]}]
        return opt.solve(small(levels(*asked, kind="weighted")))

    plan = solved(1.0)
    row = opt.weight_ranges(plan, solve_again=True).table.set_index("name").loc["coverage"]
    assert 0 < row["low"] < 1 < row["high"] < math.inf
    before = plan.criteria.set_index("criterion")["value"]
    for weight, inside in ((row["low"] * 1.01, True), (row["low"] * 0.99, False), (row["high"] * 0.99, True),
                           (row["high"] * 1.01, False)):
        other = solved(float(weight)).criteria.set_index("criterion")["value"]
        same = abs(other["coverage"] - before["coverage"]) < 1.5 and abs(other["spend"] - before["spend"]) < 1.5
        assert same == inside, weight


def test_the_command_reads_a_plan_and_writes_tables(tmp_path):
    opt.solve(two_needs()).write(tmp_path / "plan")
    ran = CliRunner().invoke(app, ["weight-ranges", str(tmp_path / "plan"), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    assert list(pd.read_csv(tmp_path / "out" / "weight_ranges.csv")["name"]) == ["water", "work"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"weight_ranges.csv", "beyond.csv", "headlines.csv"}
    assert "between 0 and 2" in ran.output
    wrong = CliRunner().invoke(app, ["weight-ranges", str(tmp_path)])
    assert wrong.exit_code == 2


def goals(weight: float = 1.0, other: float = 1.0) -> Instance:
    """Goals of 100 of water and 40 of work with 120 of money: a unit of money is 1 of water or half of work."""
    asked = [{"criterion": "wet", "target": 100, "weight": weight}, {"criterion": "busy", "target": 40, "weight": other}]
    criteria = {name: {"sense": "max", "of": {"sum": "covered", "need": need}} for name, need in (("wet", "water"),
                                                                                                ("busy", "work"))}
    return two_needs(criteria=criteria, method={"type": "goal", "levels": asked})


def test_the_range_of_a_goals_weight_by_hand():
    """A unit of money is worth 1/100 for water and 0.5/40 for work: work comes first while its weight is above 0.8."""
    found = opt.weight_ranges(opt.solve(goals()))
    rows = found.table.set_index("name")
    assert set(found.table["kind"]) == {"criterion"}
    assert rows.loc["wet", ["low", "high"]].tolist() == pytest.approx([0, 1.25])
    assert rows.loc["busy", ["low", "high"]].tolist() == pytest.approx([0.8, math.inf])
    beyond = found.beyond.set_index(["name", "side"])
    assert beyond.loc[("wet", "above"), "change.wet"] == pytest.approx(60)  # 40 to 100 of water,
    assert beyond.loc[("wet", "above"), "change.busy"] == pytest.approx(-30)  # work from 40 to the 10 left


@pytest.mark.parametrize(("weight", "wet"), [(1.24, 40), (1.26, 100)])
def test_just_inside_the_range_of_a_goal_the_plan_stays_and_just_outside_it_does_not(weight, wet):
    values = opt.solve(goals(weight)).criteria.set_index("criterion")["value"]
    assert values["wet"] == pytest.approx(wet)


def test_a_reference_point_has_no_ranges_and_goals_none_with_projects_free(tmp_path):
    plan = opt.solve(goals())
    with pytest.raises(opt.InstanceError, match="goals"):
        opt.weight_ranges(plan, solve_again=True)
    aims = [{"criterion": "wet", "target": 100, "range": 100}, {"criterion": "busy", "target": 40, "range": 40}]
    opt.solve(goals().with_({"method.type": "reference", "method.levels": aims})).write(tmp_path / "plan")
    ran = CliRunner().invoke(app, ["weight-ranges", str(tmp_path / "plan"), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 2
    assert "follows every change of a weight" in " ".join(ran.output.split())
    assert not (tmp_path / "out").exists()
