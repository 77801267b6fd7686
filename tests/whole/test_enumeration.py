"""Hundreds of random tiny instances: the optimum is that of the enumeration, and every plan passes its audit.

Continuous integration goes through four times as many as ``make test``, ``OPTIMIZER_WORLDS=1000`` through more still.
"""

from __future__ import annotations

import os

import pytest
from brute import Reading, optimum
from enumeration import Enumeration
from numbers_alone import program_of, value
from tiny_worlds import world

import optimizer as opt
from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.session import Session
from optimizer.instance.findings import InstanceError
from tests.extent import MORE

COUNT = int(os.environ.get("OPTIMIZER_WORLDS", 60 * MORE))
BATCH = 20
PLANS = COUNT // 3  # as many are solved all the way to their audited plans


def near(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-5 * max(1.0, abs(other))


@pytest.mark.parametrize("batch", range(COUNT // BATCH))
def test_the_program_has_the_optimum_of_the_enumeration(batch):
    wrong = []
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        expected, points, coverage = optimum(world(seed))
        if expected == "too many":
            continue
        found = value(world(seed))
        same = found.status == expected and (expected == "infeasible" or (
            near(found.points, points) and near(found.coverage, coverage)))
        if not same:
            wrong.append((seed, found, expected, points, coverage))
    assert wrong == []


def test_other_criteria_have_the_optimum_of_the_enumeration():
    compared = 0
    seeds = range(4000, 4000 + 8 * MORE)
    for seed in seeds:
        reading = Reading(world(seed, rules=1, soft=0.0, few=True))
        choices = Enumeration(reading.s, 4000)
        if choices.choices is None:
            continue
        program = program_of(reading.w.instance())
        for criterion, goal in reading.goals().items():
            expected = choices.best(goal)
            result = Session(program, criterion).solve("mip")
            assert (result.x is None) == (expected is None), (seed, criterion)
            if expected is not None:
                compared += 1
                sign = 1 if program.criteria[criterion].sense == "max" else -1
                assert near(sign * result.objective, expected), (seed, criterion)
    assert compared >= 3 * len(seeds)


@pytest.mark.parametrize("batch", range(max(1, PLANS // 8)))
def test_the_whole_unit_plan_passes_its_audit_and_states_that_optimum(batch):
    wrong = []
    for seed in range(1000 + batch * 8, 1000 + (batch + 1) * 8):
        given = world(seed)
        expected, points, coverage = optimum(given)
        if expected == "too many":
            continue
        try:
            plan = opt.solve(given.instance())
        except InstanceError as error:  # counting proved it, or the solver did
            found: tuple[object, ...] = ("infeasible", [f.sentence() for f in error.findings if f.severity == "error"])
        except SolveError as error:
            found = (str(error.outcome.status),)
        else:
            levels = [level.modelled_value for level in plan.claims.levels]
            assert [f.sentence() for f in plan.audit.failures] == [], seed
            good = near(levels[-1], coverage) and (len(levels) == 1 or near(levels[0], points))
            found = ("optimal" if good else "another optimum", levels, points, coverage)
        if found[0] != expected:
            wrong.append((seed, found, expected))
    assert wrong == []


def test_what_counting_calls_infeasible_is_infeasible_to_the_solver():
    proved = 0
    for seed in range(2000, 2026 + 10 * (MORE - 1)):
        given = world(seed, soft=0)
        try:
            refused = [f for f in opt.check(given.instance()) if f.severity == "error"]
        except InstanceError as error:
            refused = list(error.findings)
        if refused:
            proved += 1
            result = Session(program_of(given.instance()), "coverage").solve("mip")
            assert result.status is Status.INFEASIBLE, (seed, [f.sentence() for f in refused])
    assert proved >= 3  # counting finds some of them, or this test says nothing
