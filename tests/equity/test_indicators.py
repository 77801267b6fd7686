"""Indicators in floating point agree with the exact forms; Jain's index and the variance by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.instance.settings import EquityFields
from optimizer.plan import Plan
from optimizer.plan.equity import FORMS, Units
from optimizer.plan.indicators import deviation, gini, gini_absolute, hoover, jain, mcloone, relative_range, theil, variance

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=8)


def of(function: Callable[[Any, Any], float], outcomes: list[int], weights: list[int] | None = None) -> float:
    return function(np.array(outcomes, float), np.array(weights or [1] * len(outcomes), float))


@pytest.mark.parametrize(("form", "function"), [
    ("gini", gini), ("gini_absolute", gini_absolute), ("hoover", hoover), ("mad", deviation), ("mcloone", mcloone),
    ("theil", theil), ("range", relative_range)])
@given(pairs=PAIRS)
@settings(max_examples=60, deadline=None)
def test_indicators_are_the_exact_forms_in_floats(form: str, function: Callable[[Any, Any], float], pairs: Any) -> None:
    outcomes, weights = ([one[n] for one in pairs] for n in (0, 1))
    units = Units.of([Fraction(u) for u in outcomes], None if form == "range" else [Fraction(w) for w in weights])
    exact, found = FORMS[form](units, EquityFields(equity=form)), of(function, outcomes, weights)  # type: ignore[arg-type]
    if exact is None:  # nobody has anything: the table says equal, or nothing where there is no median
        assert found == 0 or math.isnan(found)
    else:
        assert found == pytest.approx(float(exact), abs=1e-12)


def test_jain_and_variance_by_hand() -> None:
    assert of(jain, [1, 2, 3, 4]) == pytest.approx(100 / 120)
    assert of(jain, [0, 0, 0, 5]) == 0.25  # one of four has all
    assert of(jain, [7, 7]) == of(jain, [0, 0]) == 1
    assert of(variance, [1, 2, 3, 4]) == 1.25
    assert of(variance, [1, 3], [3, 1]) == 0.75
    assert of(jain, [1, 3], [3, 1]) == pytest.approx(6**2 / (4 * 12))
    assert math.isnan(of(mcloone, []))


@given(pairs=PAIRS)
@settings(max_examples=60, deadline=None)
def test_jain_is_one_over_one_and_the_squared_coefficient_of_variation(pairs: Any) -> None:
    outcomes, weights = ([one[n] for one in pairs] for n in (0, 1))
    mean = sum(u * w for u, w in pairs) / sum(weights)
    if mean:
        assert of(jain, outcomes, weights) == pytest.approx(1 / (1 + of(variance, outcomes, weights) / mean**2))


def test_the_table_of_indicators_names_them_with_their_units(plan_of: Callable[..., Plan]) -> None:
    found = plan_of().indicators().set_index(["outcome", "by", "indicator", "group"])
    head = found.loc["money_per_head", "county"].droplevel("group")
    per_head = np.array([42 / 100, 10 / 200, 60 / 300])  # in yuan, the unit of money
    persons = np.array([100.0, 200.0, 300.0])
    assert head.loc["jain", "after"] == pytest.approx(jain(per_head, persons))
    assert head.loc["relative_range", "after"] == pytest.approx((0.42 - 0.05) / (0.67 / 3))
    assert head.loc[["variance", "gini_absolute", "jain"], "unit"].tolist() == ["(yuan per head)²", "yuan per head", "index"]
