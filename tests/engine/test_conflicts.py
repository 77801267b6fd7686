"""Conflicts of named clauses: against enumeration, against published infeasible systems, and in whole numbers only."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, sparse

from optimizer.engine.conflicts import Clause, Together, places
from optimizer.engine.elastic import released
from optimizer.engine.program import Program


def program(matrix, low, high, *, top=np.inf, integer=False):
    matrix = np.asarray(matrix, float)
    rows, columns = matrix.shape
    return Program.build(
        [("x", pd.DataFrame({"i": range(columns)}))], [("r", pd.DataFrame({"i": range(rows)}))], sparse.csr_matrix(matrix),
        row_lower=np.asarray(low, float), row_upper=np.asarray(high, float), col_lower=np.zeros(columns),
        col_upper=np.full(columns, float(top)), integer=np.broadcast_to(integer, columns).copy())


def clauses_of(made):
    """One clause for each row that is bounded."""
    out = []
    for row in range(made.n_rows):
        low = np.array([row] if np.isfinite(made.row_lower[row]) else [], int)
        high = np.array([row] if np.isfinite(made.row_upper[row]) else [], int)
        if len(low) + len(high):
            out.append(Clause(f"r{row}", low, high))
    return out


def has_point(made):
    """Whether there is a point, by another interface of another version of the solver than ours."""
    found = optimize.milp(np.zeros(made.n_columns), integrality=made.integer.astype(int),
                          bounds=optimize.Bounds(made.col_lower, made.col_upper),
                          constraints=optimize.LinearConstraint(made.matrix, made.row_lower, made.row_upper))
    assert found.status in (0, 2)
    return found.status == 0


def every_conflict(made, clauses):
    """All smallest sets of clauses without a common point, by trying every set from the smallest on."""
    bad: list[frozenset[str]] = []
    for size in range(len(clauses) + 1):
        for chosen in itertools.combinations(clauses, size):
            names = frozenset(clause.name for clause in chosen)
            out = [clause for clause in clauses if clause.name not in names]
            if not any(known <= names for known in bad) and not has_point(released(made, out)):
                bad.append(names)
    return set(bad)


def found(made, clauses=None):
    answer = Together(made, clauses or clauses_of(made)).conflicts(most=60)
    assert answer.complete
    assert all(conflict.minimal for conflict in answer.found)
    return {frozenset(conflict.members) for conflict in answer.found}


def random_program(seed):
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(3, 6)), int(rng.integers(2, 4))
    low = np.where(rng.random(rows) < 0.6, rng.integers(-2, 8, rows), -np.inf)
    high = np.where(rng.random(rows) < 0.5, rng.integers(-3, 6, rows), np.inf)
    high = np.where(np.isfinite(low) & (high < low), np.inf, high)
    return program(rng.integers(-3, 4, (rows, columns)), low, high, top=4, integer=rng.random(columns) < 0.5)


@pytest.mark.parametrize("seed", range(0, 120, 20))
def test_all_smallest_conflicts_of_random_programs_are_found(seed):
    conflicts = 0
    for number in range(seed, seed + 20):
        made = random_program(number)
        known = every_conflict(made, clauses_of(made))
        assert found(made) == known, number
        conflicts += len(known)
    assert conflicts > 3


def test_a_textbook_pair_and_a_triple():
    """x + y ≥ 5 against x ≤ 2, y ≤ 2 (all three needed), and x ≥ 3 against x ≤ 2."""
    made = program([[1, 1], [1, 0], [0, 1], [1, 0]], [5, -np.inf, -np.inf, 3], [np.inf, 2, 2, np.inf])
    assert found(made) == {frozenset({"r0", "r1", "r2"}), frozenset({"r1", "r3"})}


def test_the_example_of_the_sas_manual():
    """SAS/OR User's Guide, OPTMODEL, "Finding an Irreducible Infeasible Set": con1, con2, the top of con3 and x3 ≥ 0."""
    matrix = [[1, 1, 0], [1, 0, 1], [0, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 1]]
    made = program(matrix, [10, -np.inf, 4, -np.inf, 0, -np.inf], [np.inf, 4, np.inf, 5, np.inf, 3])
    made = made.with_bounds(col_lower=np.array([0.0, 0.0, -100.0]))
    assert found(made) == {frozenset({"r0", "r1", "r3", "r4"})}


def test_a_webinar_example_of_three_rows():
    """A ≤ 60, B ≤ 50 and A + 2B ≥ 220, in which all three are needed."""
    assert found(program([[1, 0], [0, 1], [1, 2]], [-np.inf, -np.inf, 220], [60, 50, np.inf])) == {frozenset({"r0", "r1", "r2"})}


def test_a_circle_of_rows_conflicts_as_a_whole():
    """A chain x1 ≥ x2 + 1, x2 ≥ x3 + 1, …, closed to a circle: the one conflict is the whole circle."""
    size = 9
    matrix = np.eye(size) - np.roll(np.eye(size), 1, axis=1)
    made = program(matrix, np.ones(size), np.full(size, np.inf))
    assert found(made) == {frozenset(f"r{n}" for n in range(size))}


def test_independent_conflicts_are_both_found():
    made = program([[1, 0], [1, 0], [0, 1], [0, 1]], [2, -np.inf, 3, -np.inf], [np.inf, 1, np.inf, 1])
    answer = Together(made, clauses_of(made)).conflicts()
    assert sorted(sorted(one.members) for one in answer.found) == [["r0", "r1"], ["r2", "r3"]]


def test_whole_numbers_alone_conflict():
    """2x + 2y = 3 has points, but none in whole numbers; with x ≥ 0.5 taken as x ≥ 1 there is a second one."""
    made = program([[2, 2], [1, 0]], [3, -np.inf], [3, 0.5], top=5, integer=True)
    answer = Together(made, clauses_of(made)).conflicts()
    assert [one.members for one in answer.found] == [("r0",)]
    assert answer.found[0].whole
    assert Together(made, clauses_of(made), whole=False).conflicts().found == ()


def test_bounds_of_columns_are_clauses_too():
    base = program([[1, 1]], [-np.inf], [1.0], top=1, integer=True)
    locked = base.with_bounds(col_lower=np.array([1.0, 1.0]))
    clauses = [Clause("locks", col_lower=np.array([0, 1])), Clause("one", row_upper=np.array([0]))]
    assert found(locked, clauses) == {frozenset({"locks", "one"})}


def test_parts_without_a_common_column_are_places_of_their_own():
    """Floors of three places against their ceilings, broken in two of them."""
    made = program(np.vstack([np.eye(3), np.eye(3)]), [5, 5, 1, *[-np.inf] * 3], [*[np.inf] * 3, 4, 3, 4])
    clauses = [Clause("floor", row_lower=np.arange(3)), Clause("ceiling", row_upper=np.arange(3, 6))]
    assert found(made, clauses) == {frozenset({"floor", "ceiling"})}
    parts = [{name: at.tolist() for name, at in part.items()} for part in places(made, clauses)]
    assert sorted(parts, key=str) == [{"floor": [0], "ceiling": [0]}, {"floor": [1], "ceiling": [1]}]


def test_a_search_that_may_not_finish_says_so():
    made = program([[1, 0], [1, 0], [0, 1], [0, 1]], [2, -np.inf, 3, -np.inf], [np.inf, 1, np.inf, 1])
    answer = Together(made, clauses_of(made)).conflicts(most=1)
    assert len(answer.found) == 1
    assert not answer.complete and "1" in answer.why_not
    late = Together(made, clauses_of(made), deadline=0.0).conflicts()
    assert late.found == () and not late.complete
