"""Methods ask the search in order and keep what was reached."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from optimizer.engine.outcome import Status
from optimizer.engine.program import ExtraColumns, Floats, Linear, Program
from optimizer.instance.settings import Level
from optimizer.methods.levels import Reached, combined, flipped, held
from optimizer.methods.lexicographic import Ordered, lexicographic
from optimizer.methods.run import broken_first
from optimizer.methods.single import single
from optimizer.methods.weighted import weighted
from optimizer.search.drive import Found, Limits, search

INF = np.inf


def ask(program: Program, linear: Linear, point: Floats | None) -> Found:
    return search(program, linear, Limits(), start=point)


def drawn(seed: int) -> Program:
    """A knapsack in whole amounts with a criterion of each sense and points for what is broken."""
    rng = np.random.default_rng(seed)
    n = 7
    weight, cost, gain, other = (rng.integers(1, 20, n).astype(float) for _ in range(4))
    matrix = np.vstack([np.append(weight, 0.0), np.append(np.ones(n), 1.0)])
    return Program.build(
        [("x", pd.DataFrame({"j": range(n + 1)}))], [("row", pd.DataFrame({"i": range(2)}))], sparse.csr_matrix(matrix),
        row_lower=np.array([-INF, 4.0]), row_upper=np.array([weight.sum() * 0.6, INF]), col_lower=np.zeros(n + 1),
        col_upper=np.append(np.full(n, 2.0), 9.0), integer=np.append(np.ones(n, bool), False),
        criteria={
            "gain": Linear("max", np.append(gain, 0.0), 10.0), "cost": Linear("min", np.append(cost, 0.0), 5.0),
            "other": Linear("max", np.append(other, 0.0)), "broken": Linear("min", np.append(np.zeros(n), 1.0)),
        },
    )


def levels(*given: tuple[str, str | float | None]) -> list[Level]:
    return [Level(criterion=name, tolerance=tolerance) for name, tolerance in given]


def optimum(program: Program, name: str) -> float:
    return single(program, name, ask, None).levels[0].found.outcome.objective


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("tolerance", [None, 3.0, "10%"])
@pytest.mark.parametrize("names", [("gain", "cost", "other"), ("cost", "gain", "other"), ("other", "gain", "cost")])
def test_levels_stay_within_their_tolerance(seed, tolerance, names):
    program = drawn(seed)
    reached = lexicographic(program, levels(*((name, tolerance) for name in names)), ask, None)
    assert [level.criterion for level in reached.levels] == list(names)
    for level in reached.levels[:-1]:
        best = level.found.outcome.objective
        room = 0.0 if tolerance is None else tolerance if isinstance(tolerance, float) else 0.1 * abs(best)
        sign = 1 if program.criteria[level.criterion].sense == "max" else -1
        behind = (best - program.objective(level.criterion, reached.x)) * sign
        assert behind <= room + 1e-5
    assert reached.levels[0].found.outcome.objective == pytest.approx(optimum(program, names[0]))
    assert all(level.found.outcome.status is Status.OPTIMAL for level in reached.levels)
    assert program.objective(names[-1], reached.x) == pytest.approx(reached.levels[-1].found.outcome.objective)
    if tolerance is None:
        assert reached.program.n_rows == program.n_rows + len(names) - 1


@pytest.mark.parametrize("seed", range(8))
def test_what_later_levels_leave_of_a_tolerance_is_won_back(seed):
    program = drawn(seed)
    reached = lexicographic(program, levels(("gain", "25%"), ("cost", 2.0), ("other", None)), ask, None)
    kept = program
    for name in ("gain", "cost", "other"):
        linear = program.criteria[name]
        kept = held(kept, name, linear, program.objective(name, reached.x), 0.0)
    for name in ("gain", "cost", "other"):
        assert optimum(kept, name) == pytest.approx(program.objective(name, reached.x), abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_last_level_uses_the_room_that_is_left(seed):
    program = drawn(seed)
    strict, loose = (lexicographic(program, levels(("gain", room), ("cost", None)), ask, None) for room in (None, "30%"))
    assert loose.levels[1].found.outcome.objective < strict.levels[1].found.outcome.objective
    rest = held(program, "gain", program.criteria["gain"], 0.7 * optimum(program, "gain"), 0.0)
    assert loose.levels[1].found.outcome.objective == pytest.approx(optimum(rest, "cost"))


def test_what_the_last_linear_program_pays_for_is_not_looked_for_again():
    """x + y ≤ 1: the last level takes all that the first leaves, at a price, so nothing of it can be won back."""
    keys = pd.DataFrame({"n": range(2)})
    program = Program.build(
        [("x", keys)], [("row", keys)], sparse.csr_matrix([[1.0, 1.0], [0.0, 1.0]]), row_lower=np.full(2, -INF),
        row_upper=np.array([1.0, 0.5]), col_lower=np.zeros(2), col_upper=np.full(2, 2.0), integer=np.zeros(2, bool),
        criteria={"first": Linear("max", np.array([1.0, 0.0])), "second": Linear("max", np.array([0.0, 1.0]))},
    )
    whole = program.extended([ExtraColumns("decided", pd.DataFrame({"n": [0]}), matrix=sparse.csr_matrix((2, 1)), lower=1.0,
                                           upper=1.0, integer=True)])
    asked = []

    def counted(asked_of: Program, linear: Linear, point: Floats | None) -> Found:
        asked.append(linear)
        return ask(asked_of, linear, point)

    for tolerance, questions in ((0.25, 2), (0.75, 3)):  # of 0.75 the second can use 0.5: the rest is won back
        asked.clear()
        reached = lexicographic(whole, levels(("first", tolerance), ("second", None)), counted, None)
        assert len(asked) == questions
        assert reached.x[:2] == pytest.approx([1 - min(tolerance, 0.5), min(tolerance, 0.5)])


def test_levels_share_the_time_and_hand_on_what_they_leave():
    program, left = drawn(0), []
    limits = Limits(deadline=time.monotonic() + 1e6)

    def timed(asked: Program, linear: Linear, point: Floats | None) -> Found:
        left.append(limits.left)
        return ask(asked, linear, point)

    lexicographic(program, levels(("gain", None), ("cost", None), ("other", None)), timed, None, Ordered(limits=limits))
    assert left == pytest.approx([1e6 / 3, 1e6 / 2, 1e6], rel=0.02)


def test_a_level_without_a_plan_in_its_turn_is_asked_again_with_all_the_time():
    program, left = drawn(0), []
    limits = Limits(deadline=time.monotonic() + 1e6)

    def slow(asked: Program, linear: Linear, point: Floats | None) -> Found:
        left.append(limits.left)
        found = ask(asked, linear, point)
        if len(left) > 1:
            return found
        limits.turn.until = time.monotonic()
        return replace(found, x=None, outcome=replace(found.outcome, status=Status.LIMIT_WITHOUT_PLAN))

    reached = lexicographic(program, levels(("gain", None), ("cost", None)), slow, None, Ordered(limits=limits))
    assert left == pytest.approx([5e5, 1e6, 1e6], rel=0.02)
    assert [level.found.outcome.status for level in reached.levels] == [Status.OPTIMAL] * 2


def test_a_first_level_without_a_point_ends_the_method():
    program = drawn(0)
    program = program.with_bounds(row_lower=np.array([1e6, 4.0]), row_upper=np.full(2, INF))
    in_order = lexicographic(program, levels(("gain", None), ("cost", None)), ask, None)
    for reached in (in_order, single(program, "gain", ask, None)):
        assert reached.x is None
        assert len(reached.levels) == 1
        assert reached.levels[0].found.outcome.status is Status.INFEASIBLE


def test_a_later_level_without_a_point_keeps_the_one_before():
    program, calls = drawn(1), []

    def once(asked: Program, linear: Linear, point: Floats | None) -> Found:
        calls.append(point)
        found = ask(asked, linear, point)
        return found if len(calls) == 1 else Found(found.outcome, None, {})

    reached = lexicographic(program, levels(("gain", None), ("cost", None), ("other", None)), once, None)
    assert len(calls) == len(reached.levels) == 2
    assert calls[0] is None
    assert (calls[1] == reached.x).all()
    assert program.objective("gain", reached.x) == pytest.approx(optimum(program, "gain"))


@pytest.mark.parametrize("seed", range(5))
def test_a_weighted_sum_is_over_criteria_divided_by_their_ranges(seed):
    program = drawn(seed)
    asked = [Level(criterion="gain", weight=2.0), Level(criterion="cost", weight=1.0), Level(criterion="other", weight=0.5)]
    reached = weighted(program, asked, ask, None)
    alone = [single(program, level.criterion, ask, None).x for level in asked]
    for level in asked:
        values = [program.objective(level.criterion, x) for x in alone]
        assert reached.ranges[level.criterion] == pytest.approx(max(values) - min(values))
    worth = score(program, asked, reached.ranges, reached.x)
    assert all(worth >= score(program, asked, reached.ranges, x) - 1e-6 for x in alone)
    assert reached.levels[0].found.outcome.objective == pytest.approx(worth)
    assert [level.criterion for level in reached.levels] == ["weighted"]


def score(program: Program, asked: Sequence[Level], ranges: dict[str, float], x: Floats) -> float:
    signs = {"max": 1.0, "min": -1.0}
    return sum(level.weight * signs[program.criteria[level.criterion].sense] * program.objective(level.criterion, x)
               / ranges[level.criterion] for level in asked)


def test_ranges_that_are_given_are_not_looked_for():
    program, calls = drawn(2), []

    def counted(asked: Program, linear: Linear, point: Floats | None) -> Found:
        calls.append(linear)
        return ask(asked, linear, point)

    asked = [Level(criterion="gain", range=100.0), Level(criterion="cost", range=50.0)]
    reached = weighted(program, asked, counted, None)
    assert len(calls) == 1
    assert reached.ranges == {"gain": 100.0, "cost": 50.0}
    gain, cost = program.criteria["gain"], program.criteria["cost"]
    assert calls[0].vector == pytest.approx(gain.vector / 100 - cost.vector / 50)
    assert calls[0].constant == pytest.approx(10 / 100 - 5 / 50)


def test_the_unit_of_a_criterion_does_not_matter():
    program = drawn(3)
    gain = program.criteria["gain"]
    scaled = program.with_criteria({"gain": Linear("max", gain.vector * 1000, gain.constant * 1000)})
    asked = [Level(criterion="gain"), Level(criterion="cost", weight=0.7)]
    one, other = (weighted(p, asked, ask, None).levels[0].found.outcome.objective for p in (program, scaled))
    assert one == pytest.approx(other)


def test_a_criterion_that_never_moves_is_divided_by_one():
    program = drawn(0)
    program = program.with_criteria({"still": Linear("max", np.zeros(program.n_columns), 4.0)})
    reached = weighted(program, [Level(criterion="still"), Level(criterion="gain")], ask, None)
    assert reached.ranges["still"] == 1.0


def test_held_and_combined_and_flipped():
    program = drawn(0)
    for name, inside, outside in (("gain", 40.0, 39.0), ("cost", 40.0, 41.0)):
        kept = held(program, name, program.criteria[name], 40.0, 0.5)
        assert kept.row_names()[-1].startswith(f"level_{name}")
        x = np.zeros(program.n_columns)
        at = int(np.argmax(program.criteria[name].vector))
        for value, holds in ((inside, True), (outside, False)):
            x[at] = (value - program.criteria[name].constant) / program.criteria[name].vector[at]
            activity = kept.activity(x)[-1]
            assert bool(kept.row_lower[-1] <= activity <= kept.row_upper[-1]) is holds
    both = combined(program, [("gain", 2.0), ("cost", 3.0)])
    assert both.constant == 2.0 * 10 - 3.0 * 5
    assert both.vector == pytest.approx(2 * program.criteria["gain"].vector - 3 * program.criteria["cost"].vector)
    assert flipped(program.criteria["gain"]).sense == "min"
    assert flipped(flipped(program.criteria["cost"])).sense == "min"


@pytest.mark.parametrize("seed", range(3))
def test_points_of_broken_rules_come_first_with_weights_too(seed):
    program = drawn(seed)
    reached: Reached = broken_first(weighted, program, [Level(criterion="gain"), Level(criterion="cost", weight=9.0)], ask, None)
    assert [level.criterion for level in reached.levels] == ["broken", "weighted"]
    assert program.objective("broken", reached.x) == pytest.approx(optimum(program, "broken"), abs=1e-6)
    at_once = weighted(program, [Level(criterion="gain"), Level(criterion="cost", weight=9.0)], ask, None)
    assert at_once.x[-1] > 1  # points alone make the difference
