"""The relaxation over a short list of candidates is the relaxation over all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from block_programs import problem, relaxed_optimum

from optimizer.engine.outcome import Status
from optimizer.search import relaxation
from optimizer.search.candidates import Candidates, best_of, shortlist
from optimizer.search.problem import Problem
from optimizer.search.relaxation import Relaxation, Relaxer

SEEDS = range(6)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(relaxation, "SHORT", 1)
    monkeypatch.setattr(relaxation, "ENTER", 1)


def wide(seed: int) -> Problem:
    return problem(seed, blocks=6, donors=9)


def agrees(found: object, asked: Problem) -> None:
    """Same optimum as the whole, a point that holds, duals that prove it."""
    assert isinstance(found, Relaxation)
    full = relaxed_optimum(asked)
    assert full.status is Status.OPTIMAL
    near = 2e-6 * max(1.0, abs(full.objective))
    assert found.value == pytest.approx(full.objective, abs=near)
    assert found.bound >= full.objective - near
    assert found.bound >= found.value
    assert asked.program.violation(found.x) <= 1e-5
    assert asked.cost @ found.x == pytest.approx(found.value)
    assert not found.x[~Candidates.of(asked).columns(found.listed)].any()


def other(asked: Problem, rng: np.random.Generator, *, matrix: bool) -> Problem:
    """The same rows and columns with other numbers."""
    p = asked.program
    linking = np.isfinite(p.row_upper) & (p.row_block < 0)
    top = np.where(linking, np.round(p.row_upper * rng.choice([0.5, 1.0, 2.0], p.n_rows)), p.row_upper)
    top = np.maximum(top, np.where(np.isfinite(p.row_lower), p.row_lower, -np.inf))
    entries = p.matrix.copy()
    changed = (entries.data >= 4.0) & (rng.random(entries.nnz) < 0.5) & matrix
    entries.data = np.where(changed, entries.data + 1.0, entries.data)
    high = np.where((p.switch < 0) & ~p.integer, p.col_upper * rng.choice([0.5, 1.0, 1.5], p.n_columns), p.col_upper)
    cost = asked.cost * rng.choice([0.5, 1.0, 2.0], p.n_columns)
    return replace(asked, program=replace(p, matrix=entries, row_upper=top, col_upper=high), cost=cost)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_short_list_has_the_optimum_of_all(seed):
    asked = wide(seed)
    relaxer = Relaxer(asked)
    assert not relaxer._loaded.listed.all()
    found = relaxer.solve()
    agrees(found, asked)


def test_candidates_enter_that_the_first_list_left_out():
    rounds = [Relaxer(wide(seed)).solve().rounds for seed in SEEDS]
    assert max(rounds) > 1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("matrix", [False, True])
def test_a_changed_problem_is_solved_as_if_it_were_new(seed, matrix):
    asked, rng = wide(seed), np.random.default_rng(seed)
    relaxer = Relaxer(asked)
    relaxer.solve()
    for _ in range(3):
        changed = other(asked, rng, matrix=matrix)
        assert relaxer.change(changed)
        found = relaxer.solve()
        agrees(found, changed)
        assert found.value == pytest.approx(Relaxer(changed).solve().value, abs=1e-5)
    assert relaxer.change(asked)
    agrees(relaxer.solve(), asked)


def test_a_candidate_left_out_enters_when_a_change_demands_it():
    asked = problem(0, blocks=6, donors=9, least=False)
    first = Relaxer(asked)
    first.solve()
    demanded = 0
    for candidate in np.flatnonzero(~first._loaded.listed)[:8]:
        low = asked.program.col_lower.copy()
        low[first.candidates.switch[candidate]] = 1.0
        changed = replace(asked, program=asked.program.with_bounds(col_lower=low))
        relaxer = Relaxer(asked)
        relaxer.solve()
        assert relaxer.change(changed)
        agrees(relaxer.solve(), changed)
        demanded += 1
    assert demanded


def test_another_pattern_is_not_taken_over():
    relaxer = Relaxer(wide(1))
    assert not relaxer.change(problem(2, blocks=6, donors=8))
    agrees(relaxer.solve(), wide(1))


def test_too_many_changed_entries_are_not_taken_over(monkeypatch):
    monkeypatch.setattr(relaxation, "MANY_ENTRIES", 0)
    asked = wide(3)
    relaxer = Relaxer(asked)
    changed = other(asked, np.random.default_rng(0), matrix=True)
    assert not relaxer.change(changed)
    agrees(relaxer.solve(), asked)


def test_an_infeasible_program_is_called_so_after_the_list_is_widened():
    asked = wide(0)
    low = asked.program.row_lower.copy()
    low[-2] = asked.program.row_upper[-2] + 1e4  # the last donor must give more than all may take
    top = np.maximum(asked.program.row_upper, low)
    found = Relaxer(replace(asked, program=asked.program.with_bounds(row_lower=low, row_upper=top))).solve()
    assert found.status is Status.INFEASIBLE
    assert not isinstance(found, Relaxation)


def test_a_stop_gives_no_relaxation():
    found = Relaxer(wide(0)).solve(stop=lambda: True)
    assert isinstance(found, Relaxation) or not found.status.proved


def test_who_owns_what():
    asked = wide(4)
    owned, p = Candidates.of(asked), asked.program
    assert (owned.of_column[owned.switch] == np.arange(len(owned))).all()
    switched = np.flatnonzero(p.switch >= 0)
    assert (owned.switch[owned.of_column[switched]] == p.switch[switched]).all()
    for row in range(p.n_rows):
        owners = {int(n) for n in owned.of_column[p.matrix.indices[p.matrix.indptr[row] : p.matrix.indptr[row + 1]]]}
        assert owned.of_row[row] == (owners.pop() if len(owners) == 1 and min(owners) >= 0 else -1)


def test_forced_candidates_and_those_of_a_least_amount_are_listed():
    asked = wide(5)
    owned, p = Candidates.of(asked), asked.program
    low = p.col_lower.copy()
    low[owned.switch[-1]] = 1.0
    asked = replace(asked, program=p.with_bounds(col_lower=low))
    listed = shortlist(asked, owned, 1, 0)
    assert listed[-1]
    needing = np.flatnonzero((p.row_block < 0) & (p.row_lower == 1.0))
    members = np.isin(owned.switch, p.matrix[needing].indices)
    assert members.any()
    assert listed[members].all()


def test_the_best_of_each_group():
    out = best_of(np.array([1.0, 5.0, 3.0, 9.0, 2.0]), np.array([0, 0, 0, 1, 1]), 2)
    assert out.tolist() == [False, True, True, True, True]
    assert best_of(np.empty(0), np.empty(0, int), 2).tolist() == []
