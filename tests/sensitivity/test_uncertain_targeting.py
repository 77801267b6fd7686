"""Errors of the register, against counts by hand and against registers drawn person by person."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.sensitivity.uncertainty import targeting


def plan(covered: float = 400) -> opt.Plan:
    """1000 people registered in one county, money for ``covered`` of them."""
    return opt.solve(opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [1000.0], "unit_cost": [1.0]}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": covered}}},
    ))


def test_thirty_percent_each_way_by_hand():
    """700 of 1000 registered are poor, and they are 70 % of 1000 poor; of 400 covered 280 are poor and 120 are not."""
    row = targeting(plan(), 0.3, 0.3).needs.iloc[0]
    assert row["poor"] == pytest.approx(1000)
    assert (row["covered"], row["reached"], row["leaked"]) == pytest.approx((400, 280, 120))
    assert (row["excluded"], row["unregistered"], row["money_leaked"]) == pytest.approx((720, 300, 120))
    totals = targeting(plan(), 0.3, 0.3).totals.iloc[0]
    assert totals[["coverage_planned", "coverage_true", "leakage", "exclusion"]].tolist() == pytest.approx([0.4, 0.28, 0.3, 0.72])


def test_a_register_without_errors_changes_nothing():
    row = targeting(plan(), 0, 0).needs.iloc[0]
    assert (row["reached"], row["reached_low"], row["reached_high"]) == (400, 400, 400)
    assert (row["leaked"], row["unregistered"], row["excluded"]) == (0, 0, 600)


def test_the_range_is_that_of_drawing_people_from_the_register():
    row = targeting(plan(), 0.3, 0.0).needs.iloc[0]
    generator = np.random.default_rng(0)
    register = np.arange(1000) < 700
    drawn = [register[generator.permutation(1000)[:400]].sum() for _ in range(3000)]
    assert row["reached"] == pytest.approx(np.mean(drawn), abs=1)
    assert row["reached_low"] == pytest.approx(np.quantile(drawn, 0.05), abs=2)
    assert row["reached_high"] == pytest.approx(np.quantile(drawn, 0.95), abs=2)


def test_errors_may_differ_by_need_and_county_and_must_be_shares():
    by_need = targeting(plan(), {"water": 0.1}, {"water": 0.5}).needs.iloc[0]
    frame = pd.DataFrame({"county": ["A"], "need": ["water"], "share": [0.1]})
    assert targeting(plan(), frame, 0.5).needs.iloc[0].to_dict() == by_need.to_dict()
    assert by_need["poor"] == pytest.approx(1800)
    for wrong in (1.0, -0.1, {"housing": 0.2}):
        with pytest.raises(opt.InstanceError):
            targeting(plan(), wrong, 0.0)
