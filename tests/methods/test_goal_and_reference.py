"""Goals and reference points against enumeration of whole points, and on plans."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from small_instances import levels, small
from small_programs import ask, program_of, whole_points

import optimizer as opt
from optimizer.engine.program import Linear, Program
from optimizer.instance.check import check
from optimizer.instance.settings import Level
from optimizer.methods.goal import goal
from optimizer.methods.reference_point import EPSILON, reference_point

SIGN = {"max": 1.0, "min": -1.0}


def drawn(seed: int) -> Program:
    rng = np.random.default_rng(seed)
    gain, cost, other = (rng.integers(1, 9, 4).astype(float) for _ in range(3))
    return program_of(rng.integers(1, 5, (2, 4)), -np.inf, [9.0, 12.0], 3.0, integer=np.ones(4, bool), criteria={
        "gain": Linear("max", gain, 3.0), "cost": Linear("min", cost, 1.0), "other": Linear("max", other)})


def past(program: Program, level: Level, x: np.ndarray) -> float:
    return SIGN[program.criteria[level.criterion].sense] * (program.objective(level.criterion, x) - level.target)


@pytest.mark.parametrize("seed", range(8))
def test_goals_are_missed_by_as_little_as_any_point_misses_them(seed):
    program = drawn(seed)
    asked = [Level(criterion="gain", target=30, weight=2), Level(criterion="cost", target=15),
             Level(criterion="other", target=20, range=5)]
    size = {"gain": 30, "cost": 15, "other": 5}

    def missed(x: np.ndarray) -> float:
        return sum(level.weight * max(0.0, -past(program, level, x)) / size[level.criterion] for level in asked)

    reached = goal(program, asked, ask, None)
    best = min(missed(x) for x in whole_points(program))
    assert missed(reached.x[:4]) == pytest.approx(best, abs=1e-6)
    assert reached.levels[0].found.outcome.objective == pytest.approx(best, abs=1e-6)
    assert reached.ranges == size


@pytest.mark.parametrize("seed", range(5))
def test_goals_within_reach_still_give_a_plan_that_no_other_beats(seed):
    program = drawn(seed)
    asked = [Level(criterion="gain", target=4), Level(criterion="cost", target=90)]
    x = goal(program, asked, ask, None).x[:4]
    here = [past(program, level, x) for level in asked]
    assert min(here) >= -1e-6
    for other in whole_points(program):
        there = [past(program, level, other) for level in asked]
        assert not (all(b >= a - 1e-9 for a, b in zip(here, there, strict=True)) and sum(there) > sum(here) + 1e-6)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("targets", [(10.0, 10.0, 5.0), (60.0, 0.0, 60.0)])
def test_no_point_achieves_more_against_the_reference(seed, targets):
    program = drawn(seed)
    asked = [Level(criterion=name, target=target, range=size, weight=weight)
             for name, target, size, weight in zip(("gain", "cost", "other"), targets, (20, 10, 15), (1, 2, 1), strict=True)]

    def achieved(x: np.ndarray) -> float:
        each = [level.weight * past(program, level, x) / level.range for level in asked]
        return min(each) + EPSILON * sum(each)

    reached = reference_point(program, asked, ask, None)
    best = max(achieved(x) for x in whole_points(program))
    assert achieved(reached.x[:4]) == pytest.approx(best, abs=1e-6)
    assert reached.levels[0].found.outcome.objective == pytest.approx(best, abs=1e-6)


def test_ranges_of_a_reference_point_come_from_the_single_optima():
    program = drawn(3)
    given = reference_point(program, [Level(criterion="gain", target=9), Level(criterion="cost", target=3)], ask, None).ranges
    points = [ask(program, program.criteria[name], None).x for name in ("gain", "cost")]
    for name in ("gain", "cost"):
        assert given[name] == pytest.approx(abs(np.subtract(*(program.objective(name, x) for x in points))))


@pytest.mark.parametrize("kind", ["goal", "reference"])
def test_plans_of_several_criteria_pass_the_audit(kind):
    plan = opt.solve(small(levels({"criterion": "coverage", "target": 3000}, {"criterion": "spend", "target": 300}, kind=kind)))
    assert plan.audit.passed, [check.sentence() for check in plan.audit.failures]
    assert plan.outcome.criterion == kind
    value = plan.criteria.set_index("criterion")["value"]
    sizes = plan.claims.ranges
    each = [(value["coverage"] - 3000) / sizes["coverage"], (300 - value["spend"]) / sizes["spend"]]
    expected = sum(max(0, -one) for one in each) if kind == "goal" else min(each) + EPSILON * sum(each)
    assert value[kind] == pytest.approx(expected)


def test_a_higher_target_for_coverage_is_paid_for():
    spent, most = [], opt.solve(small()).outcome.objective
    for target in (1000, 2000, 3000):
        plan = opt.solve(small(levels({"criterion": "coverage", "target": target, "weight": 100},
                                      {"criterion": "spend", "target": 0, "range": 400}, kind="goal")))
        assert plan.criteria.set_index("criterion")["value"]["coverage"] >= min(target, most) - 2
        spent.append(plan.criteria.set_index("criterion")["value"]["spend"])
    assert all(before <= after for before, after in pairwise(spent))
    assert spent[0] < spent[-1]


@pytest.mark.parametrize(("method", "words"), [
    (levels({"criterion": "coverage"}, kind="goal"), "target"),
    (levels({"criterion": "coverage"}, kind="reference"), "target"),
    (levels({"criterion": "spend", "target": 0}, kind="goal"), "range"),
    (levels({"criterion": "spend", "target": 9, "weight": 0}, {"criterion": "gap", "target": 9}, kind="reference"), "weight"),
    (levels({"criterion": "fair", "target": 1}, {"criterion": "gap", "target": 9}, kind="goal"), "leximin"),
    (levels({"criterion": "coverage", "worst": 3}, kind="single"), "worst"),
])
def test_a_method_that_lacks_something_is_told_so(method, words):
    errors = [finding.sentence() for finding in check(small(method)) if finding.severity == "error"]
    assert len(errors) == 1
    assert words in errors[0]
