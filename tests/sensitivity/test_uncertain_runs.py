"""Draws of uncertain figures, the plan kept and made anew, on worlds whose answers can be worked out by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import optimizer as opt
from optimizer.sensitivity.uncertainty import Distribution, overlap, read_specification, uncertainty
from optimizer.sensitivity.uncertainty.distributions import parse_distribution
from optimizer.sensitivity.uncertainty.fixed import kept_under
from optimizer.sensitivity.uncertainty.sampling import unit_points
from optimizer.sensitivity.uncertainty.specification import specified


def one_county(people: float = 1000.0, budget: float = 100.0, cost: float = 1.0) -> opt.Instance:
    """One county: a unit of money reaches ``1/cost`` people, up to ``people``."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [people], "unit_cost": [cost]}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": budget}}},
    )


def two_projects(first: float = 60.0, second: float = 50.0, people: float = 200.0) -> opt.Instance:
    """Money for one of two projects of one county."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [people], "unit_cost": [np.nan]}),
        projects=pd.DataFrame({"project": ["P", "Q"], "county": ["A", "A"], "category": ["infra"] * 2, "cost": [10.0, 10.0]}),
        effects=pd.DataFrame({"project": ["P", "Q"], "need": ["water"] * 2, "people": [first, second]}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": 10.0}}},
    )


@pytest.mark.parametrize(("text", "frozen"), [
    ("uniform(2, 5)", stats.uniform(2, 3)),
    ("triangular(1, 2, 5)", stats.triang(0.25, 1, 4)),
    ("lognormal(3, 0.4)", stats.lognorm(0.4, scale=3)),
    ("normal(10, 2, 7, 12)", stats.truncnorm(-1.5, 1, 10, 2)),
])
def test_quantiles_are_those_of_the_distribution(text, frozen):
    shares = np.linspace(0.01, 0.99, 33)
    assert parse_distribution(text).quantiles(shares) == pytest.approx(frozen.ppf(shares))


def test_factors_and_plain_numbers_are_told_apart():
    made = parse_distribution("uniform(-20%, x1.3) by row")
    assert made == Distribution("uniform", (0.8, 1.3), relative=True, by_row=True)
    assert parse_distribution(("-10%", "+10%")).values == (0.9, 1.1)
    normal = parse_distribution("normal(x1, 0.1)")
    assert normal.quantiles(np.array([0.0, 1.0])) == pytest.approx([0.7, 1.3])


@pytest.mark.parametrize("text", [
    "uniform(1)", "uniform(2, 1)", "uniform(x0.9, 2)", "cauchy(0, 1)", "uniform 1 2", "normal(x1, x0.1)", "lognormal(-1, 1)",
    "normal(x1, 0.5)", "triangular(1, 0, 2)", "uniform(1, inf)", "normal(1, 0)",
])
def test_what_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError):
        parse_distribution(text)


def test_every_slice_of_a_latin_hypercube_is_drawn_from_once():
    points = unit_points(40, 3, "lhs", seed=5)
    for column in points.T:
        assert sorted(np.floor(column * 40).astype(int)) == list(range(40))
    assert (unit_points(40, 3, "lhs", seed=5) == points).all()
    assert (unit_points(40, 3, "lhs", seed=6) != points).any()
    assert unit_points(7, 2, "random", seed=1).shape == (7, 2)


def test_all_problems_of_a_specification_come_at_once(tmp_path):
    with pytest.raises(opt.InstanceError) as caught:
        specified(one_county(), {"needs.peeple": "uniform(1, 2)", "needs.people": "uniform(1)",
                                 "budget.central": "uniform(1, 2) by row", "needs.unit_cost": "uniform(x0.9, x1.1)"})
    assert [finding.column for finding in caught.value.findings] == ["needs.peeple", "needs.people", "budget.central"]
    file = tmp_path / "spec.yaml"
    file.write_text("seeds: 3\nseed: -1\n", encoding="utf-8")
    with pytest.raises(opt.InstanceError) as caught:
        read_specification(file)
    assert len(caught.value.findings) == 3
    file.write_text("seed: 4\nuncertain:\n  needs.people: uniform(-20%, +20%) by row\n", encoding="utf-8")
    assert read_specification(file) == ({"needs.people": "uniform(-20%, +20%) by row"}, 4)


def test_rows_draw_for_themselves_only_where_asked():
    needs = pd.DataFrame({"county": ["A", "B"], "need": ["water"] * 2, "people": [100.0, 300.0], "unit_cost": [1.0, 1.0]})
    counties = pd.DataFrame({"county": ["A", "B"], "population": [1000, 1000]})
    given = opt.Instance.from_frames(counties=counties, needs=needs, settings=dict(one_county().raw_settings))
    each = specified(given, {"needs.people": "uniform(x0.5, x1.5) by row"})
    assert each.width == 2
    moved = each.under(each.drawn(np.array([0.0, 1.0])))
    assert moved.tables["needs"]["people"].tolist() == [50, 450]
    together = specified(given, {"needs.people": "uniform(x0.5, x1.5)"})
    assert together.under(together.drawn(np.array([1.0]))).tables["needs"]["people"].tolist() == [150, 450]
    single = specified(given, {"needs.people[county=B]": "uniform(7, 9) by row"})
    assert single.under(single.drawn(np.array([0.5]))).tables["needs"]["people"].tolist() == [100, 8]


def test_a_plan_kept_and_a_plan_made_anew_under_unit_costs_by_hand():
    """100 of money at a cost of c: floor(100 / c) people, kept or anew, since there is nothing else to pay."""
    found = uncertainty(one_county(), {"needs.unit_cost": "uniform(0.5, 2)"}, runs=10, seed=3)
    cost = found.runs["needs.unit_cost"].to_numpy(float)
    assert found.runs["kept.coverage"].to_numpy(float) == pytest.approx(np.floor(100 / cost + 1e-9))
    assert found.runs["again.coverage"].to_numpy(float) == pytest.approx(100 / cost, abs=1e-3)
    assert found.distribution.set_index(["figure", "what"]).loc[("coverage", "plan kept"), "runs"] == 10
    assert ((cost >= 0.5) & (cost <= 2)).all()


def test_the_budget_can_fall_below_what_the_plan_pays():
    found = uncertainty(one_county(), {"budget.central": "uniform(50, 150)"}, runs=4, again="plan")
    budget = found.runs["budget.central"].to_numpy(float)
    assert found.runs["kept.overdrawn"].to_numpy(float) == pytest.approx(np.maximum(0, 100 - budget))
    assert found.runs["again.coverage"].to_numpy(float) == pytest.approx(np.floor(budget))


def test_the_share_of_runs_that_choose_a_project_is_how_often_it_is_better():
    """P covers 60, Q between 20 and 80, uniformly: Q is better in a third of all runs; slices make that exact."""
    found = uncertainty(two_projects(), {"effects.people[project=Q]": "uniform(20, 80)"}, runs=6, seed=1)
    table = found.selection.set_index("project")
    assert table.loc["P", "in_plan"] == 1
    assert table.loc["Q", "share"] == pytest.approx(1 / 3)
    assert table["share"].sum() == pytest.approx(1)
    linear = uncertainty(two_projects(), {"effects.people[project=Q]": "uniform(20, 80)"}, runs=6, seed=1, again="lp")
    assert linear.selection.set_index("project")["share"].to_dict() == pytest.approx(table["share"].to_dict())


def test_runs_do_not_depend_on_who_runs_them():
    spec = {"needs.people": "uniform(-50%, +50%)", "needs.unit_cost": "normal(x1, 0.1)"}
    alone = uncertainty(one_county(people=110), spec, runs=6, seed=2)
    with ThreadPoolExecutor(2) as executor:
        shared = uncertainty(one_county(people=110), spec, runs=6, seed=2, executor=executor, workers=2)
    pd.testing.assert_frame_equal(alone.runs.drop(columns="seconds"), shared.runs.drop(columns="seconds"))


def test_a_draw_without_a_plan_is_said_and_the_others_count():
    rule = {"id": "least", "type": "bound", "sentence": "60 people", "of": {"sum": "covered"}, "min": 60}
    given = one_county().with_({"settings.gap": 0})
    settings = {**given.raw_settings, "rules": [rule]}
    made = opt.Instance.from_frames(settings=settings, **{n: t for n, t in given.tables.items() if len(t)})
    found = uncertainty(made, {"needs.unit_cost": "uniform(1, 3)"}, runs=6)
    cost = found.runs["needs.unit_cost"].to_numpy(float)
    assert (found.runs["again.coverage"].isna().to_numpy() == (100 / cost < 60)).all()
    assert ((found.runs["error"] != "").to_numpy() == (100 / cost < 60)).all()
    assert (found.runs["kept.rules_broken"].to_numpy(float) == (np.floor(100 / cost + 1e-9) < 60)).all()


def test_dearer_projects_are_paid_before_direct_support():
    given = opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [200.0], "unit_cost": [1.0]}),
        projects=pd.DataFrame({"project": ["P"], "county": ["A"], "category": ["infra"], "cost": [10.0]}),
        effects=pd.DataFrame({"project": ["P"], "need": ["water"], "people": [60.0]}),
        settings=dict(two_projects().raw_settings) | {"streams": {"central": {"budget": 30.0}}},
    )
    plan = opt.solve(given)
    assert plan.outcome.objective == 80
    dearer = kept_under(plan.choices, given.with_({"projects.cost": 14}))
    assert (dearer.plan.outcome.objective, dearer.short) == (76, 0)
    far = kept_under(plan.choices, given.with_({"projects.cost": 45}))
    assert (far.plan.outcome.objective, far.short) == (60, 15)
    same = kept_under(plan.choices, given)
    for name, table in plan.tables.items():
        if name != "criteria":
            pd.testing.assert_frame_equal(same.plan.tables[name], table)


def test_overlapping_effects_count_the_largest_alone():
    given = two_projects().with_({"budget.central": 20})
    plan = opt.solve(given)
    assert plan.outcome.objective == 110
    found = overlap(plan)
    assert found.needs["overlapping"].tolist() == [60]
    assert found.criteria.set_index("criterion").loc["coverage", "overlapping"] == 60


def test_tables_and_picture_are_written(tmp_path):
    found = uncertainty(two_projects(), {"effects.people": "uniform(-30%, +30%) by row"}, runs=5)
    place = found.write(tmp_path / "out")
    assert len(pd.read_csv(place / "runs.csv")) == 5
    assert set(pd.read_csv(place / "selection.csv")["project"]) == {"P", "Q"}
    assert "<svg" in (place / "uncertainty.svg").read_text(encoding="utf-8")
