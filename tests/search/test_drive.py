"""The search by decomposition against the solver on the whole."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from block_programs import problem, whole_optimum

from optimizer.engine.outcome import Status, relative_gap
from optimizer.engine.program import Program
from optimizer.search import drive, relaxation
from optimizer.search.drive import Found, Limits, search
from optimizer.search.problem import Problem
from tests.extent import few

NEAR = 1e-4
SEEDS = range(6)


@pytest.fixture(autouse=True)
def decomposed(monkeypatch):
    monkeypatch.setattr(drive, "SMALL", 0)
    monkeypatch.setattr(drive, "TURNS", 4)
    monkeypatch.setattr(drive, "FIRST_ROUNDS", 5)
    monkeypatch.setattr(drive, "TURN_ROUNDS", 5)
    monkeypatch.setattr(drive, "POLISH_TURNS", 2)
    monkeypatch.setattr(relaxation, "SHORT", 1)


def asked_of(seed: int, **options: object) -> Problem:
    return problem(seed, blocks=6, donors=5, sense="min" if seed % 2 else "max", **options)


def found_of(asked: Problem, limits: Limits, **options: object) -> Found:
    return search(asked.program, asked.program.criteria["value"], limits, **options)


def whole(p: Program, x: np.ndarray) -> bool:
    return p.violation(x) <= 1e-5 and bool((x == np.round(x))[p.integer].all())


def sound(asked: Problem, found: Found) -> None:
    """A whole feasible point; value ≤ optimum ≤ bound; the outcome says of them what is so."""
    outcome, best = found.outcome, whole_optimum(asked).objective
    assert found.x is not None
    assert whole(asked.program, found.x)
    value, bound = (asked.sign * (number - asked.constant) for number in (outcome.objective, outcome.bound))
    assert asked.cost @ found.x == pytest.approx(value, abs=1e-6)
    assert value <= best + NEAR
    assert bound >= best - NEAR
    assert outcome.gap == relative_gap(outcome.objective, outcome.bound)
    assert outcome.sense == asked.program.criteria["value"].sense


@pytest.mark.parametrize("gap", few(1, [0.05, 0.0]))
@pytest.mark.parametrize("seed", SEEDS)
def test_a_whole_point_and_a_bound_around_the_optimum(seed, gap):
    asked = asked_of(seed)
    found = found_of(asked, Limits(gap=gap, seed=seed))
    sound(asked, found)
    assert "linear relaxation" in found.seconds
    left = found.outcome.gap
    expected = Status.OPTIMAL if left <= 1e-9 else Status.WITHIN_GAP if left <= gap else Status.LIMIT
    assert found.outcome.status is expected


def test_the_points_found_are_good():
    ratios = []
    for seed in range(10, 16):
        asked = asked_of(seed)
        value = asked.cost @ found_of(asked, Limits(gap=0.02, seed=seed)).x
        ratios.append(value / whole_optimum(asked).objective)
    assert min(ratios) > 0.8
    assert np.mean(ratios) > 0.95


def test_the_same_seed_finds_the_same():
    asked = asked_of(4)
    one, two = (found_of(asked, Limits(gap=0.02, seed=5, threads=2)) for _ in range(2))
    assert (one.x == two.x).all()
    assert one.outcome.bound == two.outcome.bound


@pytest.mark.parametrize("seed", range(3))
def test_from_a_point_it_is_no_worse_than_with_its_pairs(seed):
    asked = asked_of(seed)
    best = whole_optimum(asked)
    found = found_of(asked, Limits(gap=0.02, seed=seed), start=best.x)
    sound(asked, found)
    assert asked.cost @ found.x >= 0.9 * best.objective


@pytest.mark.parametrize("seed", range(3))
def test_a_start_that_fits_nothing_is_only_a_wish(seed):
    asked = asked_of(seed)
    everything = np.where(asked.program.integer, asked.program.col_upper, 0.0)
    sound(asked, found_of(asked, Limits(gap=0.02, seed=seed), start=everything))


@pytest.mark.parametrize("seed", range(2))
def test_infeasible_is_called_so(seed):
    asked = asked_of(seed)
    low = asked.program.row_lower.copy()
    low[-1] = 50.0
    top = np.maximum(asked.program.row_upper, low)
    found = found_of(replace(asked, program=asked.program.with_bounds(row_lower=low, row_upper=top)), Limits(gap=0.01))
    assert found.outcome.status is Status.INFEASIBLE
    assert found.x is None


def test_infeasible_in_whole_numbers_only_is_called_so():
    asked = asked_of(0)
    p = asked.program
    column = int(np.flatnonzero(p.col_stage == 2)[0])
    matrix = p.matrix.tolil()
    low, high = p.row_lower.copy(), p.row_upper.copy()
    row = int(np.flatnonzero(p.row_block == p.col_block[column])[-1])
    matrix[row] = 0.0
    matrix[row, column] = 2.0
    low[row] = high[row] = 1.0  # half of it, and only half
    found = found_of(replace(asked, program=replace(p, matrix=matrix.tocsr(), row_lower=low, row_upper=high)), Limits(gap=0.01))
    assert found.outcome.status is Status.INFEASIBLE
    assert found.x is None


def test_no_time_gives_no_point_and_is_not_called_infeasible():
    found = found_of(asked_of(1), Limits(gap=0.01, deadline=time.monotonic() - 1))
    assert found.outcome.status in (Status.LIMIT, Status.LIMIT_WITHOUT_PLAN)
    assert (found.x is None) == (found.outcome.status is Status.LIMIT_WITHOUT_PLAN)


@pytest.mark.parametrize("after", [0, 1, 3, 10, 30])
def test_a_stop_is_told_and_never_proves_what_is_not_so(after):
    asked = asked_of(2)
    calls = iter(range(10**9))
    found = found_of(asked, Limits(gap=0.0, seed=1, stop=lambda: next(calls) >= after))
    assert found.outcome.status in (Status.INTERRUPTED, Status.LIMIT_WITHOUT_PLAN, Status.OPTIMAL)
    if found.x is None:
        assert found.outcome.status is Status.LIMIT_WITHOUT_PLAN
    else:
        sound(asked, found)


@pytest.mark.parametrize("seed", SEEDS)
def test_small_programs_go_to_the_solver_and_are_proved(seed, monkeypatch):
    monkeypatch.setattr(drive, "SMALL", 10_000)
    asked = asked_of(seed)
    found = found_of(asked, Limits(gap=0.0))
    sound(asked, found)
    assert found.outcome.status is Status.OPTIMAL
    assert found.outcome.gap == 0.0


def test_without_pairs_the_projects_are_settled_at_once():
    asked = problem(3, blocks=6, donors=0)
    sound(asked, found_of(asked, Limits(gap=0.05)))
