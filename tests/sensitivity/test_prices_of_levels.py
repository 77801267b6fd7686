"""Prices where the method has several criteria: levels held, weights, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from stated import stated

import optimizer as opt

PROFIT, USES = {"x": 2.0, "y": 4.0}, {"first": ({"x": 1, "y": 2}, 5), "second": ({"x": 1, "y": 1}, 4)}
LABOUR = {"x": 3.0, "y": 1.0}


def with_levels(kind: str, *levels: dict[str, Any]) -> opt.Instance:
    return stated(PROFIT, USES, labour=LABOUR, method={"type": kind, "levels": list(levels)})


def price(found: opt.Sensitivity, name: str) -> tuple[float, float]:
    row = next(row for row in found.of("resource").itertuples() if f"resource={name};" in row[3])
    return row.price_up, row.price_down


def test_a_later_level_is_priced_with_the_earlier_held_at_its_best():
    """Most profit is 10 on x + 2y = 5; the least labour there is 2.5 at (0, 2.5).

    With profit held at 10, more of the first resource changes nothing and less of it leaves no plan.
    """
    asked = with_levels("lexicographic", {"criterion": "profit"}, {"criterion": "labour"})
    found = opt.sensitivity(asked, criterion="labour")
    assert (found.criterion, found.sense, found.value) == ("labour", "min", pytest.approx(2.5, abs=1e-5))
    assert price(found, "first")[0] == pytest.approx(0, abs=1e-5)
    assert price(opt.sensitivity(asked), "first") == pytest.approx((2, 2))


def test_a_tolerance_leaves_room_for_the_later_level():
    """Profit may fall to 8: y = 2 takes labour 2, and a unit less of profit would save a quarter."""
    asked = with_levels("lexicographic", {"criterion": "profit", "tolerance": "20%"}, {"criterion": "labour"})
    found = opt.sensitivity(asked, criterion="labour")
    assert found.value == pytest.approx(2.0, abs=1e-5)
    assert price(found, "first") == pytest.approx((0, 0), abs=1e-5)


def test_weights_make_one_criterion():
    """profit / 10 − labour / 100 is largest at (0, 2.5), where the first resource earns 0.195 a unit."""
    asked = with_levels("weighted", {"criterion": "profit", "weight": 1, "range": 10},
                        {"criterion": "labour", "weight": 1, "range": 100})
    found = opt.sensitivity(asked)
    assert (found.criterion, found.value) == ("weighted", pytest.approx(1 - 0.025))
    assert price(found, "first") == pytest.approx((0.195, 0.195))


def test_a_criterion_that_is_no_level_is_refused():
    with pytest.raises(opt.InstanceError, match="no level of the method"):
        opt.sensitivity(stated(PROFIT, USES, labour=LABOUR), criterion="labour")
