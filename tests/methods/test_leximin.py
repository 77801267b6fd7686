"""Leximin against enumeration, against one test a unit, and against water-filling by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_instances import levels, small
from small_programs import ask, drawn, in_order, leximin_by_single_tests, program_of, units_of, whole_points

import optimizer as opt
from optimizer.engine.outcome import Status, relative_gap
from optimizer.engine.program import Linear, Program
from optimizer.engine.units import UnitOutcomes
from optimizer.instance.settings import Level
from optimizer.methods import saturation
from optimizer.methods.levels import held
from optimizer.methods.lexicographic import Ordered, lexicographic
from optimizer.methods.leximin import Leximin, leximin, without_bystanders
from optimizer.methods.worst_sums import with_sum
from optimizer.report.sections.verdict import verdict
from optimizer.report.view import View
from optimizer.search import drive
from optimizer.search.drive import search
from optimizer.search.limits import Limits
from tests.extent import few

INF = np.inf
FAIR = Level(criterion="fair")


def solved(program, units, **given) -> Leximin:
    return leximin(program, units, FAIR, ask, None, Limits(), **given)


@pytest.mark.parametrize("seed", range(30))
def test_integer_programs_reach_the_best_of_all_points(seed):
    program, units = drawn(seed, whole=True)
    done = solved(program, units)
    sign = 1 if units.better == "high" else -1
    best = max(in_order(units, x) for x in whole_points(program))
    assert in_order(units, done.x) == best
    assert [round(sign * level.value, 5) for level in done.levels] == list(best)
    assert all(level.proved and level.bound == pytest.approx(level.total, abs=1e-5) for level in done.levels)


@pytest.mark.parametrize("batch", few(2, range(6)))
def test_hundreds_of_integer_programs_agree_with_enumeration_exactly(batch):
    """Outcomes in small whole numbers, so that many points tie; some of the worst are settled alone."""
    for seed in range(1000 + 30 * batch, 1030 + 30 * batch):
        program, units = drawn(seed, whole=True)
        sign, most = 1 if units.better == "high" else -1, None if seed % 3 else max(1, len(units) // 2)
        best = max(in_order(units, x) for x in whole_points(program))[:most]
        done = solved(program, units, most=most)
        assert in_order(units, done.x)[:most] == best, seed
        assert [round(sign * level.value, 5) for level in done.levels] == list(best), seed
        assert [sign * level.bound for level in done.levels] == pytest.approx(np.cumsum(best), abs=1e-5), seed
        assert all(level.proved and level.gap == 0 for level in done.levels), seed


@pytest.mark.parametrize("seed", range(36))
def test_within_a_gap_every_bound_holds_for_every_point_that_keeps_the_levels_before(seed):
    gap = (0.02, 0.1, 0.3)[seed % 3]
    program, units = drawn(seed, whole=seed % 2 == 0)
    half = program.integer | (np.arange(program.n_columns) % 2 == 0)  # some columns whole, some not
    program = program.with_bounds(integer=half)

    def within(program, linear, point):
        return search(program, linear, Limits(gap=gap), start=point)

    done = leximin(program, units, FAIR, within, None, Limits(gap=gap))
    sign = 1 if units.better == "high" else -1
    reached = [sign * level.total for level in done.levels]
    assert len(reached) == len(units)
    assert reached == pytest.approx(np.cumsum(np.sort(sign * units.at(done.x))), abs=1e-5)
    assert program.violation(done.x[: program.n_columns]) <= 1e-6
    for level in done.levels:
        assert level.proved and relative_gap(level.total, level.bound) <= gap + 1e-6
    for x in whole_points(program):  # whole everywhere: some of the points that the program has
        sums = np.cumsum(np.sort(sign * units.at(x)))
        for k, level in enumerate(done.levels):
            if (sums[:k] >= np.array(reached[:k]) - 1e-9).all():
                assert sums[k] <= sign * level.bound + 1e-6


@pytest.mark.parametrize("seed", range(30))
def test_linear_programs_reach_what_one_test_a_unit_reaches(seed):
    program, units = drawn(seed, whole=False)
    done = solved(program, units)
    best = leximin_by_single_tests(program, units)
    assert in_order(units, done.x) == pytest.approx(best, abs=2e-5)
    sign = 1 if units.better == "high" else -1
    each = [sign * level.value for level in done.levels for _ in level.units]
    assert each == pytest.approx(best, abs=2e-5)
    assert sorted(name for level in done.levels for name in level.units) == sorted(units.labels)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("lost", [1, 2, 5])
def test_a_solver_that_finds_no_point_by_rounding_is_given_room(seed, lost, monkeypatch):
    """What is fixed was reached by a point: there is one, and the levels go on to the last."""
    program, units = drawn(seed, whole=False)
    asked, solve = [], saturation.Session.solve

    def failing(self, *given, **options):
        result = solve(self, *given, **options)
        asked.append(result)
        late = 2 <= len(asked) < 2 + lost
        return replace(result, status=Status.INFEASIBLE, x=None) if late else result

    monkeypatch.setattr(saturation.Session, "solve", failing)
    done = solved(program, units)
    if lost < len(saturation.ROOMS):
        assert in_order(units, done.x) == pytest.approx(leximin_by_single_tests(program, units), abs=2e-5)
        assert done.found.outcome.status is Status.OPTIMAL
    elif sum(len(level.units) for level in done.levels) < len(units):
        assert done.found.outcome.status is Status.LIMIT  # and not called the optimum


@pytest.mark.parametrize("seed", range(0, 30, 3))
def test_sums_and_saturation_agree_on_linear_programs(seed):
    program, units = drawn(seed, whole=False)
    one, other = solved(program, units), solved(program, units, alone=False)
    assert in_order(units, one.x) == pytest.approx(in_order(units, other.x), abs=2e-5)


def blocks_of(seed: int) -> tuple[Program, UnitOutcomes]:
    """8 blocks of two projects (whole) and money, each with a ceiling of its own, that share a budget."""
    rng = np.random.default_rng(seed)
    count = 8
    gain, cost = rng.integers(2, 9, (count, 2)).astype(float), rng.integers(2, 7, (count, 2)).astype(float)
    ceiling = rng.integers(2, 12, count).astype(float)
    own = np.zeros((count, 3 * count))
    for b in range(count):
        own[b, 3 * b : 3 * b + 3] = [*gain[b], 1.0]
    spent = np.concatenate([[*cost[b], 1.5] for b in range(count)])
    program = program_of(np.vstack([own, spent]), -INF, np.append(ceiling, 45.0), np.tile([1.0, 1.0, 20.0], count),
                         integer=np.tile([True, True, False], count))
    block = np.repeat(np.arange(count), 3)
    program = replace(program, col_block=block, row_block=np.append(np.arange(count), -1), col_stage=np.tile([2, 2, 0], count))
    return program, units_of(own)


@pytest.mark.parametrize("seed", range(4))
def test_by_decomposition_every_level_is_bounded(seed, monkeypatch):
    program, units = blocks_of(seed)
    gap = 0.05
    with monkeypatch.context() as patch:
        patch.setattr(drive, "SMALL", 0)

        def by_parts(program, linear, point):
            return search(program, linear, Limits(gap=gap), start=point)

        done = leximin(program, units, FAIR, by_parts, None, Limits(gap=gap), most=6)
    assert len(done.levels) == 6
    assert [level.total for level in done.levels] == pytest.approx(np.cumsum(np.sort(units.at(done.x))[:6]))
    assert program.violation(done.x[: program.n_columns]) <= 1e-6
    kept = program
    for level in done.levels:
        assert level.proved == (level.gap <= gap)
        wide, linear = with_sum(kept, units, level.level)
        best = ask(wide, linear, None).outcome.objective
        assert level.total - 1e-5 <= best <= level.bound + 1e-5
        kept = held(wide, f"sum_{level.level}", linear, level.total, 1e-6)


def test_nobody_is_blocked_at_one_and_yet_one_is_all_there_is():
    """Outcomes (1, 5) or (5, 1): no unit is stuck at 1, so fixing units that cannot rise alone would go on for ever."""
    program = program_of([[1.0]], -INF, INF, 1.0, integer=np.array([True]))
    units = units_of([[4.0], [-4.0]], [1.0, 5.0])
    done = solved(program, units)
    assert [level.value for level in done.levels] == pytest.approx([1.0, 5.0])
    assert [level.total for level in done.levels] == pytest.approx([1.0, 6.0])


def test_water_fills_cups_from_the_lowest():
    """10 units of water, cups of 1, 2 and 8: the first two fill up, the third gets the remaining 7."""
    program = program_of(np.ones((1, 3)), -INF, 10.0, [1.0, 2.0, 8.0])
    done = solved(program, units_of(np.eye(3)))
    assert [(level.value, level.units) for level in done.levels] == [
        (pytest.approx(1.0), ("u0",)), (pytest.approx(2.0), ("u1",)), (pytest.approx(7.0), ("u2",))]


def test_units_that_share_one_limit_are_fixed_at_one_level():
    """20 units share 30 of water, 20 others are full at 1 each: two levels, whatever the number of units."""
    program = program_of(np.append(np.zeros(20), np.ones(20))[None, :], -INF, 30.0, np.append(np.ones(20), np.full(20, 9.0)))
    done = solved(program, units_of(np.eye(40)))
    assert [level.value for level in done.levels] == pytest.approx([1.0, 1.5])
    assert [len(level.units) for level in done.levels] == [20, 20]


def test_low_outcomes_are_made_small_from_the_largest():
    """Three bearers of a load of 10 with at most 2, 9 and 9: the largest shares are 4 and 4."""
    program = program_of(np.ones((1, 3)), 10.0, INF, [2.0, 9.0, 9.0])
    done = solved(program, units_of(np.eye(3), better="low"))
    assert [level.value for level in done.levels] == pytest.approx([4.0, 2.0])
    assert done.found.outcome.sense == "min"
    assert done.found.outcome.objective == pytest.approx(4.0)


@pytest.mark.parametrize("whole", [False, True])
def test_the_worst_can_be_settled_alone(whole):
    program = program_of(np.ones((1, 4)), -INF, 10.0, [1.0, 2.0, 3.0, 9.0], integer=np.full(4, whole))
    done = solved(program, units_of(np.eye(4)), most=2)
    assert [level.value for level in done.levels] == pytest.approx([1.0, 2.0])
    assert len(solved(program, units_of(np.eye(4)), most=0.5).levels) == 2
    with_coverage = lexicographic(program, [FAIR, Level(criterion="coverage")], ask, None,
                                  Ordered({"fair": units_of(np.eye(4))}, {"fair": 2}))
    assert with_coverage.x.sum() == pytest.approx(10.0) if not whole else with_coverage.x[:4].sum() == pytest.approx(10.0)
    assert with_coverage.worst["fair"] == done.levels


@pytest.mark.parametrize("whole", [False, True])
def test_later_levels_keep_every_outcome_but_for_the_tolerance(whole):
    program = program_of([[1.0, 1.0, 1.0]], -INF, 9.0, 9.0, integer=np.full(3, whole),
                         criteria={"coverage": Linear("max", np.array([1.0, 1.0, 5.0]))})
    units = units_of(np.eye(3))
    for tolerance, third in ((None, 3.0), (1.0, 5.0)):
        levels = [Level(criterion="fair", tolerance=tolerance), Level(criterion="coverage")]
        reached = lexicographic(program, levels, ask, None, Ordered({"fair": units}))
        assert reached.x[2] == pytest.approx(third, abs=1e-4) if not (whole and tolerance) else reached.x[2] >= 3
        assert [level.criterion for level in reached.levels] == ["fair", "coverage"]


def test_a_program_without_a_point_says_so():
    program = program_of(np.ones((1, 2)), 10.0, INF, 1.0)
    for alone in (True, False):
        done = solved(program, units_of(np.eye(2)), alone=alone)
        assert done.x is None
        assert done.levels == ()
        assert done.found.outcome.status is Status.INFEASIBLE


def test_a_limit_ends_with_what_is_proved_by_then():
    program = program_of(np.ones((1, 30)), -INF, 900.0, np.arange(1.0, 31.0))
    stopped = []

    def stop() -> bool:
        stopped.append(1)
        return len(stopped) > 12

    done = leximin(program, units_of(np.eye(30)), FAIR, ask, None, Limits(stop=stop))
    assert 1 <= len(done.levels) < 30
    assert [level.value for level in done.levels] == pytest.approx(np.arange(1.0, len(done.levels) + 1))
    assert done.found.outcome.status is Status.INTERRUPTED


def test_held_integers_make_a_linear_program():
    program = program_of(np.ones((1, 3)), -INF, 4.0, [1.0, 9.0, 9.0], integer=np.array([True, False, False]))
    program = program.with_bounds(col_lower=np.array([1.0, 0.0, 0.0]))
    done = solved(program, units_of(np.eye(3)))
    assert [level.value for level in done.levels] == pytest.approx([1.0, 1.5])
    assert done.x == pytest.approx([1.0, 1.5, 1.5])


def test_binaries_that_only_count_leave_a_linear_program():
    """reach − 3·passed ≥ 0, passed ≥ 1 as a row: passed must be 1, an uncounted one may stay at 0."""
    matrix = [[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, -3.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, -2.0]]
    program = program_of(matrix, [-INF, 0.0, 1.0, 0.0], [8.0, INF, INF, INF], [9.0, 9.0, 1.0, 1.0],
                         integer=np.array([False, False, True, True]))
    units = units_of(np.eye(2, 4) * [[0.5], [1.0]])
    left = without_bystanders(program, units)
    assert (left.col_lower[2:] == [1, 0]).all()
    assert (left.col_upper[2:] == [1, 0]).all()
    done = solved(program, units)
    assert [level.value for level in done.levels] == pytest.approx([8 / 3])
    assert done.levels[0].units == ("u0", "u1")


def test_without_units_any_plan_will_do():
    program = program_of(np.ones((1, 2)), -INF, 3.0, 2.0)
    done = solved(program, units_of(np.zeros((0, 2))))
    assert done.x is not None
    assert done.levels == ()


def test_a_leximin_instance_can_be_solved_relaxed_and_exported(tmp_path):
    session = opt.Session(small(levels({"criterion": "fair", "worst": 2}, kind="single")))
    plan = session.solve()
    assert plan.audit.passed, [check.sentence() for check in plan.audit.failures]
    said = [sentence for sentence in verdict(View(plan)) if "2 levels settled, " in sentence]
    assert len(said) == 1 and "not proved" not in said[0]
    rows = plan.criteria.set_index("criterion")
    proved = plan.claims.leximin["fair"]
    assert [level["level"] for level in proved] == [1, 2]
    assert rows.loc["fair", "bound"] == pytest.approx(proved[0]["bound"])
    assert session.relax().bound >= proved[0]["value"] - 1e-6
    assert rows.loc["coverage", "bound"] >= rows.loc["coverage", "value"] - 1e-6
    files = opt.export(session.instance, tmp_path / "fair.mps")
    assert all(file.exists() for file in files)
