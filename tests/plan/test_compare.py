"""Two plans side by side, and the sentence for a county."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Plan, assemble, compare

Maker = Callable[..., Instance]


@pytest.fixture
def other(example: Instance, example_choices: Choices) -> Plan:
    """The worked example with its existing pairs kept, PB gone and 70 less for A."""
    transfers = example_choices.transfers
    fewer = transfers[~((transfers["county"] == "A") & (transfers["category"] == "industry") & (transfers["period"] == 2026))]
    return assemble(example, replace(
        example_choices, transfers=fewer, pairs=Choices.of(pairs=[("D1", "A"), ("D2", "B")]).pairs,
        starts=Choices.of(starts=[("PA", 2026, 1)]).starts))


def test_a_plan_differs_in_nothing_from_itself(example_plan: Plan) -> None:
    found = compare(example_plan, example_plan)
    assert not len(found.differences)
    assert not len(found.winners)
    assert found.why("A") == "A gets the same as in the other plan, 670 万元."


def test_winners_losers_pairs_and_projects(example_plan: Plan, other: Plan) -> None:
    found = compare(other, example_plan)
    assert found.counties["money_change"].to_dict() == {"A": 70, "B": 0}
    assert found.counties.loc["A", ["money_before", "money_after", "per_head_change"]].tolist() == [600, 670, 7]
    assert list(found.winners.index) == ["A"]
    assert not len(found.losers)
    assert [tuple(row) for row in found.pairs.to_numpy()] == [
        ("D1", "A", "ended"), ("D1", "B", "made"), ("D2", "A", "made"), ("D2", "B", "ended")]
    assert found.projects.to_dict("records") == [{"project": "PB", "county": "B", "before": 0, "after": 1}]
    assert found.groups.to_dict("records")[0]["winners"] == 1


def test_the_other_way_round_changes_every_sign(example_plan: Plan, other: Plan) -> None:
    there, back = compare(other, example_plan), compare(example_plan, other)
    a, b = (found.differences.sort_values(["kind", "key", "item"], ignore_index=True) for found in (there, back))
    assert a[["kind", "key", "item"]].equals(b[["kind", "key", "item"]])
    assert a["before"].equals(b["after"])
    assert np.array_equal(a["change"], -b["change"])


def test_differences_hold_criteria_rules_and_people(example_plan: Plan, other: Plan) -> None:
    table = compare(other, example_plan).differences.set_index(["kind", "key", "item"])
    assert list(table.columns) == ["before", "after", "change", "unit"]
    assert table.loc[("criterion", "coverage", "value"), "change"] == 400  # PB's 200 people in two periods
    assert table.loc[("rule", "industry[period=2026]", "value"), ["before", "after"]].tolist() == [90, 160]
    assert table.loc[("county", "B", "covered"), "change"] == 400


def test_why_names_amount_partners_and_projects(example_plan: Plan, other: Plan) -> None:
    sentence = compare(other, example_plan).why("A")
    assert sentence.startswith("A gets 70 万元 (11.7 %) more than in the other plan (600 → 670, 7 yuan a head)")
    assert "new partner D2 brings 120 万元" in sentence
    assert "partner D1 is no longer there" in sentence
    assert sentence.endswith(".")
    assert "PB starts" in compare(other, example_plan).why("B")
    with pytest.raises(KeyError, match="no county 'X'"):
        compare(other, example_plan).why("X")


SETTINGS: dict[str, Any] = {
    "periods": [1], "categories": {"c": {}}, "needs": {"n": {"category": "c"}}, "streams": {"s": {"budget": 100}},
    "factor": {"streams": ["s"], "factors": [{"column": "population", "weight": 1}]},
    "rules": [{"id": "band", "type": "band", "sentence": "No county gets more than 1.2 times last year", "of": {"sum": "money"},
               "to": "last", "each": "county", "high": 1.2}],
}


def against(maker: Maker, baseline: str) -> Plan:
    instance = maker(SETTINGS, counties="county,name,province,population|A,甲县,P,100|B,乙县,P,300|C,丙县,Q,100",
                     needs="county,need,people,unit_cost|A,n,50,1|B,n,50,2|C,n,50,4", baseline=baseline)
    return assemble(instance, Choices.of(
        transfers=[("s", "A", "c", 1, 36), ("s", "B", "c", 1, 50), ("s", "C", "c", 1, 4)],
        direct=[("A", "n", 1, 36), ("B", "n", 1, 50), ("C", "n", 1, 4)]))


def test_against_last_year_by_group_and_county(maker: Maker) -> None:
    found = against(maker, "county,stream,money|A,,30|B,,60").against_last_year()
    assert found.counties["money_change"].fillna(-1).to_dict() == {"A": 6, "B": -10, "C": -1}
    assert np.isnan(found.counties.loc["C", "money_change"])
    groups = found.groups.set_index(["by", "group"])
    assert groups.loc[("province", "P"), ["counties", "winners", "losers", "money_change"]].tolist() == [2, 1, 1, -4]
    sentence = found.why("A")
    assert sentence.startswith("甲县 gets 6 万元 (20.0 %) more than last year (30 → 36")
    assert "held down by the rule “No county gets more than 1.2 times last year”" in sentence
    assert "its money covers 1 weighted person-periods per 万元 where the middle county covers 0.5" in sentence
    assert found.why("C").startswith("丙县 cannot be compared with its money last year: nothing is known of its money there")


def test_against_the_factor_method_with_an_estimate_of_coverage(maker: Maker) -> None:
    found = against(maker, "county,stream,money|A,,30|B,,60|C,,20").against_factor()
    assert found.counties["money_before"].to_dict() == {"A": 20, "B": 60, "C": 20}
    assert found.counties["covered_before"].to_dict() == {"A": 20, "B": 30, "C": 5}
    assert found.counties["covered_after"].to_dict() == {"A": 36, "B": 25, "C": 1}


def test_without_a_baseline_the_mend_is_named(example_plan: Plan) -> None:
    with pytest.raises(ValueError, match="add a table baseline"):
        example_plan.against_last_year()
    with pytest.raises(ValueError, match="add `factor:`"):
        example_plan.against_factor()
