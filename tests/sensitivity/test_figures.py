"""Figures as planners write them."""

import pytest

from optimizer.sensitivity.figures import figure, remainder


@pytest.mark.parametrize(("value", "text"), [
    (18664165.2, "18,664,165"), (1397174.4, "1,397,174"), (0.0123, "0.0123"), (-45.5, "-45.5")])
def test_large_figures_stand_in_full(value, text):
    assert figure(value) == text


@pytest.mark.parametrize(("value", "part", "left"), [
    (394_000.0, 394_000.0000000001, 0.0), (394_000.0, 393_999.9, pytest.approx(0.1)), (5.0, float("inf"), float("-inf"))])
def test_what_is_left_is_nothing_where_only_rounding_is(value, part, left):
    assert remainder(value, part) == left
