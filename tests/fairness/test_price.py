"""The price of fairness on counties whose optimum can be worked out by hand."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import pandas as pd
import pytest

import optimizer as opt
from optimizer.fairness import PriceOfFairness, price_of_fairness, senses_of
from optimizer.fairness.price import MOST_PEOPLE, _fairer, _gap_percent
from optimizer.fairness.question import Sense, held_selection


def instance(**changes) -> opt.Instance:
    """Two counties of 100 people in need: a person costs 1 in A and 3 in B; 120 of money."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A", "B"], "population": [1000, 1000], "income": [9000, 3000]}),
        needs=pd.DataFrame({"county": ["A", "B"], "need": ["water", "water"], "people": [100, 100], "unit_cost": [1.0, 3.0]}),
        settings={
            "format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
            "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
            "streams": {"central": {"budget": 120}}, **changes,
        },
    )


@cache
def alike(tolerance: str = "0%") -> PriceOfFairness:
    """What it costs to cover both alike."""
    return price_of_fairness(instance(), {"maximin": {}}, tolerance=tolerance)


def test_maximin_shares_the_money_so_that_both_are_covered_alike():
    """Most people: 100 in A, 6 in B (106). Alike: 30 of 100 each, 120 of money (60): 46 people fewer."""
    found = alike()
    table = found.table.set_index("plan")
    assert table.loc[MOST_PEOPLE, "coverage"] == 106
    assert table.loc["maximin", "coverage"] == 60
    assert table.loc["maximin", "price"] == 46
    assert table.loc["maximin", "price_percent"] == pytest.approx(100 * 46 / 106)
    assert table.loc[MOST_PEOPLE, "maximin"] == pytest.approx(0.06)
    assert table.loc["maximin", "maximin"] == pytest.approx(0.30)
    assert (table.loc["maximin", "gain"], table.loc["maximin", "lose"]) == (1, 1)
    assert found.winners("maximin")["county"].tolist() == ["B"]
    assert found.losers("maximin")["county"].tolist() == ["A"]
    assert all(plan.audit.passed for plan in found.plans.values())


def test_a_wider_tolerance_never_costs_more():
    prices = [alike(t).table.set_index("plan").loc["maximin", "price"] for t in ("0%", "20%", "60%")]
    assert prices == sorted(prices, reverse=True)
    assert prices[0] > prices[2]


def test_every_usual_sense_has_a_plan_that_is_best_under_it():
    found = price_of_fairness(instance(), tolerance="0%")
    table = found.table.set_index("plan")
    names = [sense.name for sense in senses_of(instance())]
    assert "maximin" in names
    assert list(table.index) == [MOST_PEOPLE, *names]
    refused = table.index[table["coverage"].isna()]
    assert set(refused) == {"nash"}  # a county may have nothing at all here, and then there is no product of shares
    for name in set(names) - {"nash"}:
        assert table.loc[name, "coverage"] <= table.loc[MOST_PEOPLE, "coverage"]
        largest = name in ("maximin", "leximin", "cvar", "mcloone", "kalai", "nash")
        others = table[name].dropna()
        assert table.loc[name, name] == pytest.approx(others.max() if largest else others.min(), abs=0.011), name


def test_an_own_criterion_is_priced_under_its_name_and_not_twice():
    given = instance(criteria={"worst": {"sense": "max", "equity": "maximin", "outcome": "covered_share"}})
    names = [sense.name for sense in senses_of(given)]
    assert names[0] == "worst"
    assert "maximin" not in names


def test_a_sense_that_is_refused_is_said_and_the_others_are_priced():
    found = price_of_fairness(instance(), {"maximin": {}, "odd": {"equity": "maximin", "over": "moon"}})
    table = found.table.set_index("plan")
    assert table.loc["odd", "status"].startswith("refused: ")
    assert table.loc["maximin", "price"] > 0


def test_pairs_and_projects_can_be_held():
    given = instance()
    first = opt.solve(given)
    assert set(held_selection(first)["decision"]) <= {"lock", "forbid"}
    free = alike().table.set_index("plan")
    held = price_of_fairness(given, {"maximin": {}}, tolerance="0%", hold_selection=True)
    assert held.held
    assert held.table.set_index("plan").loc["maximin", "price"] >= free.loc["maximin", "price"]


def test_the_tables_and_the_picture_are_written(tmp_path):
    found = alike("20%")
    place = found.write(tmp_path / "fair", plans=True)
    assert pd.read_csv(place / "fairness.csv")["plan"].tolist() == [MOST_PEOPLE, "maximin"]
    assert len(pd.read_csv(place / "counties.csv")) == 4
    text = (place / "fairness.svg").read_text()
    assert "<svg" in text
    again = opt.Plan.read(place / "maximin").audited().audit
    assert again is not None
    assert again.passed


def test_a_gap_of_an_index_is_a_share_of_what_it_was_and_of_other_senses_their_own():
    """The best of an inequality may be 0: of that no share can be told."""
    senses = [Sense(name, {"equity": name, "outcome": "covered_share", "over": "counties"}) for name in ("gini", "maximin")]
    plan = SimpleNamespace(outcome=SimpleNamespace(gap=0.01, gap_percent=100.0))
    told = {name: _gap_percent(name, plan, senses, {"gini": 0.2, "maximin": 0.2}) for name in ("gini", "maximin", MOST_PEOPLE)}
    assert told == {"gini": pytest.approx(5.0), "maximin": 100.0, MOST_PEOPLE: 100.0}
    assert _gap_percent("gini", plan, senses, {"gini": 0.0}) == 100.0


def test_a_plan_that_is_fairer_in_anothers_sense_is_named():
    """A search that was stopped may leave a sense with a plan that another sense's plan beats: the table says so."""
    table = pd.DataFrame({"plan": [MOST_PEOPLE, "gini", "mad", "maximin"], "gini": [0.2, 0.05, 0.01, 0.3],
                          "mad": [0.2, 0.1, 0.012, 0.01], "maximin": [0.3, 0.2, 0.1, None]})
    better = {"gini": "min", "mad": "min", "maximin": "max"}
    assert [_fairer(table, name, better) for name in table["plan"]] == ["", "mad", "", ""]
