"""Exact columns: decimals as written, sums without rounding."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.plan.exact import Exact, fraction, join

MONEY = st.integers(min_value=-(10**9), max_value=10**9).map(lambda n: n / 100)


def test_decimals_are_what_they_are_written_as() -> None:
    assert fraction(0.1) == Fraction(1, 10)
    assert Exact.of([0.1, 0.2]).total() == Fraction(3, 10)


def test_tiny_and_huge_floats_keep_their_digits() -> None:
    column = Exact.of([1e-7, 1e16, 5e20])
    assert column.at(0) == Fraction(1, 10**7)
    assert column.at(2) == 5 * 10**20
    assert column.floats().tolist() == [1e-7, 1e16, 5e20]


@given(st.lists(MONEY, max_size=30))
def test_floats_come_back(values: list[float]) -> None:
    assert Exact.of(values).floats().tolist() == values


@given(st.lists(st.tuples(MONEY, st.integers(min_value=-1, max_value=3)), max_size=30))
def test_sums_by_group_are_those_of_fractions(rows: list[tuple[float, int]]) -> None:
    sums = Exact.of([value for value, _ in rows]).sum_by(np.array([code for _, code in rows], dtype=int), 4)
    for group in range(4):
        assert sums.at(group) == sum((fraction(value) for value, code in rows if code == group), start=Fraction(0))


@given(st.lists(st.tuples(MONEY, MONEY), min_size=1, max_size=10))
def test_arithmetic_agrees_with_fractions(pairs: list[tuple[float, float]]) -> None:
    a, b = Exact.of([x for x, _ in pairs]), Exact.of([y for _, y in pairs])
    for n, (x, y) in enumerate(pairs):
        p, q = fraction(x), fraction(y)
        assert (a + b).at(n) == p + q
        assert (a - b).at(n) == p - q
        assert (a * b).at(n) == p * q
        assert a.least(b).at(n) == min(p, q)
        assert a.most(b).at(n) == max(p, q)
        assert bool(a.below(b)[n]) == (p < q)
        assert a.floor()[n] == p // 1
        assert q == 0 or a.ratio(b)[n] == float(p / q)


def test_fractions_mix_with_whole_numbers() -> None:
    column = Exact.whole([1, Fraction(1, 3)]) * Exact.of([0.5, 0.6])
    assert [column.at(0), column.at(1)] == [Fraction(1, 2), Fraction(1, 5)]
    assert join([column, Exact.of([0.25])]).total() == Fraction(19, 20)


def test_a_quotient_by_zero_is_blank() -> None:
    assert np.isnan(Exact.of([1.0]).ratio(Exact.of([0.0]))[0])


def test_blank_counts_as_nothing_and_infinity_is_refused() -> None:
    assert Exact.of([float("nan")]).total() == 0
    with pytest.raises((ValueError, ArithmeticError)):
        Exact.of([float("inf")])
