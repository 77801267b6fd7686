"""Claims rules: the problems of the literature, their axioms, and bands around them in plans and programs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import solve
from optimizer.instance.baselines import baseline_rows
from optimizer.instance.check import check
from optimizer.instance.claims import RULES
from optimizer.instance.instance import Instance
from optimizer.plan import Plan
from optimizer.plan.audit import audit
from optimizer.plan.audit.estates import NAMES, awards
from tests.extent import MORE

F = Fraction
GIVEN = st.lists(st.fractions(0, 40, max_denominator=4), min_size=1, max_size=7)


def shared(rule: str, claims: list[Any], estate: Any) -> list[Fraction]:
    return RULES[rule]([F(claim) for claim in claims], F(estate))


@pytest.mark.parametrize(("rule", "claims", "estate", "wanted"), [
    # three wives of the Mishnah (Ketubot 93a), as Aumann and Maschler (1985) table them
    ("talmud", [100, 200, 300], 100, [F(100, 3)] * 3),
    ("talmud", [100, 200, 300], 200, [50, 75, 75]),
    ("talmud", [100, 200, 300], 300, [50, 100, 150]),
    ("talmud", [100, 200, 300], 400, [50, 125, 225]),
    # the contested garment (Bava Metzia 2a): one claims all, the other half
    ("talmud", [2, 1], 2, [F(3, 2), F(1, 2)]),
    ("proportional", [100, 200, 300], 300, [50, 100, 150]),
    ("cea", [100, 200, 300], 200, [F(200, 3)] * 3),
    ("cea", [100, 200, 300], 400, [100, 150, 150]),
    ("cel", [100, 200, 300], 100, [0, 0, 100]),
    ("cel", [100, 200, 300], 200, [0, 50, 150]),
    ("cel", [100, 200, 300], 450, [50, 150, 250]),
    ("talmud", [3, 0], 0, [0, 0]),
    ("cel", [0, 0], 5, [0, 0]),
])
def test_problems_of_the_literature(rule: str, claims: list[int], estate: int, wanted: list[Any]) -> None:
    assert shared(rule, claims, estate) == wanted


@pytest.mark.parametrize("rule", sorted(RULES))
@given(claims=GIVEN, part=st.fractions(0, F(5, 4), max_denominator=20))
@settings(max_examples=20 * MORE, deadline=None)
def test_what_every_claims_rule_keeps(rule: str, claims: list[Fraction], part: Fraction) -> None:
    whole = sum(claims, F(0))
    estate = part * whole
    found = shared(rule, claims, estate)
    assert sum(found, F(0)) == min(estate, whole)
    assert all(0 <= award <= claim for award, claim in zip(found, claims, strict=True))
    pairs = sorted(zip(claims, found, strict=True))
    for (low, little), (high, much) in pairwise(pairs):
        assert little <= much and low - little <= high - much  # order of awards and of losses
    read = awards(rule, {str(n): claim for n, claim in enumerate(claims)}, estate)
    assert list(read.values()) == found  # the audit's own way


@given(claims=GIVEN, part=st.fractions(0, 1, max_denominator=20))
@settings(max_examples=20 * MORE, deadline=None)
def test_duality(claims: list[Fraction], part: Fraction) -> None:
    """Awards of an estate and losses of the rest: equal awards and equal losses are dual, the other two are self-dual."""
    whole = sum(claims, F(0))
    for rule, dual in (("cea", "cel"), ("cel", "cea"), ("talmud", "talmud"), ("proportional", "proportional")):
        lost = shared(dual, claims, whole - part * whole)
        assert shared(rule, claims, part * whole) == [claim - loss for claim, loss in zip(claims, lost, strict=True)]


def test_the_talmud_agrees_with_the_contested_garment_on_every_pair() -> None:
    """Consistency: what two claimants have together is shared between them as the garment is (Aumann & Maschler 1985)."""
    claims = [F(70), F(120), F(200), F(310)]
    for estate in range(0, 701, 35):
        found = shared("talmud", claims, estate)
        for i in range(4):
            for j in range(i):
                both = found[i] + found[j]
                conceded = (max(F(0), both - claims[j]), max(F(0), both - claims[i]))
                assert found[i] == conceded[0] + (both - sum(conceded)) / 2


COUNTIES = "county,province,population,claim|A,west,100,100|B,west,200,200|C,mid,300,300"
BAND = {"id": "fair", "type": "band", "sentence": "x", "of": {"sum": "money", "stream": "s"}, "each": "county"}


@pytest.mark.parametrize(("budget", "wanted"), [
    ({1: 200, 2: 0}, {1: [50, 75, 75], 2: [0, 0, 0]}), ({1: 150, 2: 150}, {1: [25, 50, 75], 2: [25, 50, 75]}),
    ({1: 900, 2: 300}, {1: [75, 150, 225], 2: [25, 50, 75]}), ({1: 60, 2: 40}, {1: [20, 20, 20], 2: [14, 13, 13]})])
def test_awards_of_the_whole_are_paid_out_as_the_budgets_fall(world: Callable[..., Instance], budget: Any, wanted: Any) -> None:
    data = world({"streams": {"s": {"budget": budget}}}, counties=COUNTIES).data
    rows = baseline_rows(data, "talmud", ["s"], None)
    assert {period: rows.loc[rows["period"] == period, "money"].tolist() for period in (1, 2)} == wanted


@pytest.mark.parametrize("rule", NAMES)
@pytest.mark.parametrize("more", [{"each": "county"}, {"each": "province", "periods": "total"}, {"each": "all", "scaled": 1},
                                  {"of": {"sum": "money"}, "each": "county"}])
def test_plan_and_audit_read_bands_alike(plan_of: Callable[..., Plan], rule: str, more: dict[str, Any]) -> None:
    plan = plan_of({"rules": [{**BAND, "to": rule, "low": 0.2, "high": 1.1, **more}]}, counties=COUNTIES)
    report = audit(plan.instance, plan.tables, plan.claims)
    assert [one.sentence() for one in report.failures if one.clause != "rule_hard"] == []
    assert (plan.rules["status"] != "off").all() and (plan.rules["max"] > 0).any()


@pytest.mark.parametrize(("rule", "wanted"), [
    ("talmud", [50, 75, 75]), ("cel", [0, 50, 150]), ("cea", [67, 67, 66]), ("proportional", [33, 67, 100])])
def test_a_band_of_no_width_makes_the_program_pay_the_awards(
    world: Callable[..., Instance], rule: str, wanted: list[int]
) -> None:
    rules = [{**BAND, "to": rule, "low": 1, "high": 1}]
    instance = world({"periods": [2026], "streams": {"s": {"budget": 200}}, "rules": rules},
                     counties=COUNTIES, needs="county,need,people,unit_cost|A,n,400,1|B,n,600,1|C,n,800,1",
                     donors="donor,money|D,0")
    funds = solve(instance).funds.groupby("county")["money"].sum()
    assert [funds.get(county, 0) for county in "ABC"] == wanted


def test_what_check_says_of_bands_around_claims_rules(world: Callable[..., Instance]) -> None:
    def told(rule: dict[str, Any], **tables: str) -> str:
        one = world({"rules": [{**BAND, "to": "cea", "low": 0.5, **rule}]}, **tables)
        return "\n".join(finding.sentence() for finding in check(one))

    assert "rules.fair" not in told({}, counties=COUNTIES)
    assert "the claim is unknown for 1 counties that the rule reads (C)" in told({})
    assert "shares one budget by county, not by category" in told({"each": "category"}, counties=COUNTIES)
    budgets = "stream,scope,period,amount|s,province=west,1,5|s,province=west,2,5|s,province=mid,1,5|s,province=mid,2,5"
    settings_ = {"streams": {"s": {}}, "rules": [{**BAND, "to": "cea", "low": 0.5}]}
    text = "\n".join(finding.sentence() for finding in check(world(settings_, counties=COUNTIES, budgets=budgets)))
    assert "has 2 budgets that cannot pay each other's counties" in text
