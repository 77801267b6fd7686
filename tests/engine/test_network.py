"""Flows rounded to whole steps: always whole, every total at its floor or ceiling, the best of all such."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from optimizer.engine.network import WHOLE, round_flow
from optimizer.engine.outcome import SolveError, Status

INF = np.inf


def unbounded(count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full(count, -INF), np.full(count, INF)


def incidence(groups: list[list[int]], arcs: int) -> sparse.csr_matrix:
    matrix = np.zeros((len(groups), arcs))
    for row, members in enumerate(groups):
        matrix[row, members] = 1.0
    return sparse.csr_matrix(matrix)


def rounded(values: list[float], groups: list[list[int]], gain: list[float] | None = None) -> list[int]:
    matrix = incidence(groups, len(values))
    count = len(values)
    weights = np.zeros(count) if gain is None else np.asarray(gain)
    return round_flow(
        np.asarray(values), matrix, *unbounded(len(groups)), np.zeros(count), np.full(count, INF), weights
    ).tolist()


def test_a_table_keeps_its_row_and_column_totals() -> None:
    values = [0.5, 0.5, 0.5, 0.5]
    answer = rounded(values, [[0, 1], [2, 3], [0, 2], [1, 3]], gain=[3, 0, 0, 1])
    assert answer == [1, 0, 0, 1]


def test_the_better_neighbour_is_taken() -> None:
    assert rounded([0.5, 0.5, 1.0], [[0, 1, 2]], gain=[1, 2, 5]) == [0, 1, 1]


def test_whole_amounts_stay_even_if_they_are_whole_only_up_to_noise() -> None:
    assert rounded([3.0 - 1e-9, 2.0 + 1e-9], [[0, 1]], gain=[-1, 1]) == [3, 2]


def test_conservation_rows_hold() -> None:
    """What flows in (arcs 0, 1) flows out (arcs 2, 3)."""
    matrix = sparse.csr_matrix([[1.0, 1.0, -1.0, -1.0]])
    zero = np.zeros(1)
    answer = round_flow(
        np.array([1.3, 2.2, 1.75, 1.75]), matrix, zero, zero, np.zeros(4), np.full(4, INF), np.array([1, 1, 0, 0])
    )
    assert answer[0] + answer[1] == answer[2] + answer[3]
    assert answer.tolist() == [2, 2, 2, 2]


def test_bounds_that_are_given_win_over_floor_and_ceiling() -> None:
    """A least grant of 3 lifts an arc of 1.4; a ceiling of 4 on the total takes it from the other."""
    matrix = incidence([[0, 1]], 2)
    answer = round_flow(
        np.array([1.4, 2.4]), matrix, np.array([-INF]), np.array([4.0]), np.array([3.0, 0.0]),
        np.array([INF, 1.0]), np.array([-1.0, -1.0]),
    )  # fmt: skip
    assert answer.tolist() == [3, 0]


def test_fractional_bounds_are_rounded_inward() -> None:
    matrix = incidence([[0, 1]], 2)
    answer = round_flow(
        np.array([0.5, 0.5]), matrix, np.array([0.2]), np.array([1.9]), np.array([0.1, 0.0]), np.array([INF, INF]),
        np.array([-1.0, 1.0]),
    )  # fmt: skip
    assert answer.tolist() == [1, 0]


def test_bounds_that_nothing_meets_are_told() -> None:
    matrix = incidence([[0, 1]], 2)
    with pytest.raises(SolveError, match="no rounding to whole steps") as caught:
        round_flow(
            np.array([0.5, 0.5]), matrix, np.array([5.0]), np.array([5.0]), np.zeros(2), np.ones(2), np.zeros(2)
        )
    assert caught.value.outcome is not None
    assert caught.value.outcome.status is Status.INFEASIBLE


def test_groups_that_cross_are_told() -> None:
    """A triangle is no network: three halves, each pair one, have no whole neighbour of sum one and a half."""
    with pytest.raises(SolveError, match="no network"):
        rounded([0.5, 0.5, 0.5], [[0, 1], [1, 2], [0, 2]], gain=[1, 1, 1])


def test_nothing_to_round_is_nothing() -> None:
    assert rounded([], []) == []
    assert rounded([0.5, 1.5], [], gain=[1, -1]) == [1, 1]


@st.composite
def laminar(draw: st.DrawFn, arcs: int) -> list[list[int]]:
    """A laminar family: the nodes of a random tree of halvings of a random order of the arcs."""
    order = draw(st.permutations(range(arcs)))
    groups: list[list[int]] = []

    def split(part: list[int]) -> None:
        if len(part) < 2:
            return
        if draw(st.booleans()):
            groups.append(sorted(part))
        cut = draw(st.integers(1, len(part) - 1))
        split(part[:cut])
        split(part[cut:])

    split(list(order))
    return groups


@st.composite
def flows(draw: st.DrawFn, largest: int) -> tuple[np.ndarray, list[list[int]], list[list[int]], np.ndarray]:
    arcs = draw(st.integers(1, largest))
    twentieths = draw(st.lists(st.integers(0, 120), min_size=arcs, max_size=arcs))
    gain = draw(st.lists(st.integers(-9, 9), min_size=arcs, max_size=arcs))
    return np.asarray(twentieths) / 20, draw(laminar(arcs)), draw(laminar(arcs)), np.asarray(gain, dtype=float)


def at_floor_or_ceiling(total: float, whole: float) -> bool:
    return np.floor(total + WHOLE) <= whole <= np.ceil(total - WHOLE)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(flows(largest=14))
def test_a_supply_tree_and_accounts_always_round(case: tuple) -> None:
    values, tree, accounts, gain = case
    count = len(values)
    matrix = incidence(tree + accounts, count)
    answer = round_flow(values, matrix, *unbounded(len(tree + accounts)), np.zeros(count), np.full(count, INF), gain)
    assert answer.dtype == np.int64
    assert all(at_floor_or_ceiling(*pair) for pair in zip(values, answer, strict=True))
    assert all(at_floor_or_ceiling(*pair) for pair in zip(matrix @ values, matrix @ answer, strict=True))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(flows(largest=8))
def test_no_other_rounding_gains_more(case: tuple) -> None:
    values, tree, accounts, gain = case
    count = len(values)
    matrix = incidence(tree + accounts, count).toarray()
    totals = matrix @ values
    answer = round_flow(
        values, sparse.csr_matrix(matrix), *unbounded(len(totals)), np.zeros(count), np.full(count, INF), gain
    )
    corners = [sorted({np.floor(v + WHOLE), np.ceil(v - WHOLE)}) for v in values]
    best = max(
        float(gain @ np.asarray(point))
        for point in itertools.product(*corners)
        if all(at_floor_or_ceiling(t, w) for t, w in zip(totals, matrix @ np.asarray(point), strict=True))
    )
    assert float(gain @ answer) == best


@settings(max_examples=60, deadline=None, derandomize=True)
@given(flows(largest=10), st.data())
def test_given_bounds_around_the_flow_are_respected(case: tuple, data: st.DataObject) -> None:
    """Whole bounds that the fractional flow satisfies never make a rounding impossible."""
    values, tree, accounts, gain = case
    groups = tree + accounts
    matrix = incidence(groups, len(values))

    def bounds(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        room = [data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in totals]
        low = np.array([np.floor(t + WHOLE) - r[0] for t, r in zip(totals, room, strict=True)])
        return low, np.array([np.ceil(t - WHOLE) + r[1] for t, r in zip(totals, room, strict=True)])

    group_low, group_high = bounds(np.asarray(matrix @ values))
    arc_low, arc_high = bounds(values)
    answer = round_flow(values, matrix, group_low, group_high, arc_low, arc_high, gain)
    assert ((answer >= arc_low) & (answer <= arc_high)).all()
    totals = matrix @ answer
    assert ((totals >= group_low) & (totals <= group_high)).all()
