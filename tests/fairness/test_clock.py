"""How senses share the time: nobody is given more than is left, nobody nothing, and what one leaves the others have."""

from __future__ import annotations

import importlib
import math
from types import SimpleNamespace

import pandas as pd
import pytest

import optimizer as opt
from optimizer.engine.outcome import SolveError
from optimizer.fairness.clock import LEAST, MORE, Clock, Part

price, asking, clock = (importlib.import_module(f"optimizer.fairness.{name}") for name in ("price", "asking", "clock"))
NOW = 1000.0


@pytest.fixture(autouse=True)
def a_clock_that_stands_still(monkeypatch):
    """A machine may be busy: what is given is looked at, not what is used."""
    monkeypatch.setattr(clock, "time", SimpleNamespace(time=lambda: NOW))
    monkeypatch.setattr(price, "_beside", lambda plan: 0.0)


def test_shares_of_what_is_left_use_it_up():
    clock, left = Clock(0.0, 2, 6), 100.0
    shares = [clock.part(place, 0.0).share for place in range(6)]
    assert shares == pytest.approx([2 / 6, 2 / 5, 2 / 4, 2 / 3, 1.0, 1.0])
    for first in shares[::2]:  # two at a time, each pair taking its whole part
        left -= first * left
    assert left == pytest.approx(0.0)


def test_a_part_is_less_by_what_no_limit_counts_and_never_nothing():
    ends = NOW + 100.0
    assert Part(ends, 0.5, 20.0).seconds() == 50.0 - 20.0 * MORE
    assert Part(ends, 0.5, 80.0).seconds() == LEAST
    assert Part(NOW - 5.0, 1.0, 0.0).seconds() == LEAST
    assert Part(math.inf, 0.5, 20.0).seconds() == math.inf


def test_each_question_is_given_its_part_and_no_more_than_its_own_limit(monkeypatch):
    limits: list[float | None] = []

    def noted(question: opt.Instance, **_: object) -> opt.Plan:
        limits.append(question.settings.settings.time_limit)
        if len(limits) == 1:
            return first
        raise SolveError("not asked here", None)

    monkeypatch.setattr(asking, "Session", noted)

    instance = opt.Instance.from_frames(
        settings={"format": 1, "periods": [2026], "needs": {"work": {"kind": "yearly", "category": "industry"}},
                  "categories": {"industry": {}}, "streams": {"central": {"budget": 50}}, "settings": {"time_limit": 40}},
        counties=pd.DataFrame({"county": ["A"]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["work"], "people": [100], "unit_cost": [1.0]}))
    first = opt.solve(instance)
    monkeypatch.setattr(price, "solve", noted)
    price.price_of_fairness(instance, {"gini": {}, "maximin": {}}, within=60.0)
    assert limits[0] == 40  # the plan that reaches most people is not hurried
    assert limits[1:] == [pytest.approx(27.0), 40]  # half of what is not kept back
    limits.clear()
    price.price_of_fairness(instance, {"gini": {}}, within=math.inf)
    assert limits == [40, 40]
