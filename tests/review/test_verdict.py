"""How sure a county's partner is: what is said of it depends on prices and on what was studied, not on the plan's gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_recommend import instance

import optimizer as opt
from optimizer.plan.plan import Plan
from optimizer.review.everyone import CountyPrices
from optimizer.review.recommendations import shaped
from optimizer.review.tables import counties_of

WORTH = 20_000.0


@pytest.fixture(scope="module")
def plan() -> Plan:
    return opt.solve(instance())


def told(plan: Plan, prices: list[tuple[float, float]], frequency: float = np.nan, runs: float = np.nan,
         worth: float = WORTH) -> tuple[str, str]:
    """Verdict and remark on county A with alternatives at these prices, and shares of studied plans that have its partner."""
    chosen = plan.pairings[(plan.pairings["county"] == "A") & (plan.pairings["status"] != "ended")]["donor"].iloc[0]
    others = [donor for donor in "PQR" if donor != chosen]
    rows = [{"county": "A", "rank": 1, "donor": chosen, "chosen": True, "frequency": frequency, "runs_frequency": runs}]
    rows += [{"county": "A", "rank": n, "donor": donor, "price_low": low, "price_high": high}
             for n, (donor, (low, high)) in enumerate(zip(others, prices, strict=False), start=2)]
    known = {"A": CountyPrices("A", {}, [], worth)}
    row = counties_of(plan, shaped(pd.DataFrame(rows).fillna({"chosen": False}), "recommendations"), known).set_index("county")
    assert row.loc["A", "worth"] == abs(worth)
    return str(row.loc["A", "verdict"]), str(row.loc["A", "note"])


@pytest.mark.parametrize(("price", "verdict"), [
    (-30.0, "toss_up"), (0.0, "toss_up"), (20.0, "toss_up"), (20.1, "clear"), (200.0, "clear"), (200.1, "settled"),
])
def test_one_in_a_thousand_is_a_toss_up_and_more_than_one_in_a_hundred_settles(plan, price, verdict):
    assert told(plan, [(5000.0, 5000.0), (price, price)])[0] == verdict
    assert told(plan, [(price, price)], worth=-WORTH)[0] == verdict  # a criterion that is made small counts the same


def test_the_gap_of_the_plan_has_no_part_in_it(plan):
    values = plan.criteria["value"]
    far = replace(plan, criteria=plan.criteria.assign(bound=2 * values, gap=values, gap_percent=100.0))
    assert far.outcome.gap_percent == 100.0 and told(far, [(300.0, 300.0)])[0] == "settled" == told(plan, [(300.0, 300.0)])[0]


def test_of_a_bracket_the_lower_end_decides(plan):
    assert told(plan, [(10.0, 900.0)])[0] == "toss_up" and told(plan, [(210.0, 900.0)])[0] == "settled"


def test_a_pair_that_most_studied_plans_lack_is_not_settled(plan):
    assert told(plan, [(300.0, 300.0)], frequency=0.5, runs=0.8)[0] == "settled"
    for shares in ({"frequency": 0.4}, {"runs": 0.4}, {"frequency": 0.9, "runs": 0.1}):
        verdict, note = told(plan, [(300.0, 300.0)], **shares)
        assert verdict == "clear" and "fewer than half" in note
    assert told(plan, [(10.0, 10.0)], runs=1.0)[0] == "toss_up"


def test_an_alternative_that_would_be_better_is_named(plan):
    verdict, note = told(plan, [(-5.0, -5.0), (40.0, 40.0)])
    assert verdict == "toss_up" and "would be better" in note


def test_without_alternatives_or_prices_it_is_said_why(plan):
    assert told(plan, []) == ("settled", "no other donor can take its place")
    table = counties_of(plan, shaped(pd.DataFrame({"county": ["A"], "donor": ["P"], "chosen": [True]}), "recommendations"), {})
    assert set(table["verdict"]) == {"unpriced"} and table["worth"].isna().all()
    assert table["note"].str.contains("not priced").all()
