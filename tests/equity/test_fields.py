"""What settings and checks say of the fields of equity criteria and rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from optimizer.instance.check import check
from optimizer.instance.equity_forms import BOUNDED, EVALUATED, OPTIMISED
from optimizer.instance.instance import Instance
from optimizer.instance.settings import Criterion
from optimizer.instance.settings_measures import FORMS

Worlds = Callable[..., Instance]


def test_every_form_of_the_format_can_be_reported_and_optimised() -> None:
    assert set(EVALUATED) == set(OPTIMISED) == set(FORMS)
    assert set(BOUNDED) <= set(OPTIMISED) | {"leximin"} and "leximin" not in BOUNDED


@pytest.mark.parametrize(("fields", "problem"), [
    ({"equity": "atkinson"}, "alpha is missing: atkinson needs it"),
    ({"equity": "alpha"}, "alpha is missing"),
    ({"equity": "cvar"}, "m is missing"),
    ({"equity": "owa"}, "weights is missing"),
    ({"equity": "hooker_williams"}, "threshold is missing"),
    ({"equity": "chen_hooker", "threshold": 1}, "m is missing"),
    ({"equity": "chen_hooker", "threshold": 1, "m": 1.5}, "m 1.5 is not a whole number"),
    ({"equity": "hooker_williams", "threshold": -1}, "threshold -1 is below 0"),
    ({"equity": "gini", "alpha": 1}, "alpha is for atkinson, alpha, not for gini"),
    ({"equity": "maximin", "m": 2}, "m is for cvar, chen_hooker, not for maximin"),
    ({"equity": "owa", "weights": [1, 2]}, "weights must not increase"),
    ({"equity": "owa", "weights": [0, 0]}, "weights are all 0"),
    ({"equity": "cvar", "m": 0}, "is not more than 0"),
    ({"equity": "atkinson", "alpha": -1}, "is not at least 0"),
    *(({"equity": form, "weight": "population"}, f"weight is refused by {form}")
      for form in ("maximin", "leximin", "range", "kalai")),
])
def test_fields_that_do_not_fit_the_form(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Criterion.model_validate({"outcome": "money", **fields})


def told(instance: Instance) -> str:
    return "\n".join(finding.sentence() for finding in check(instance))


NEEDED = {"atkinson": {"alpha": 0.5}, "alpha": {"alpha": 0.5}}


MISLEAD = ("atkinson", "alpha", "nash", "gini", "hoover", "theil", "mcloone")


@pytest.mark.parametrize("outcome", ["gap_per_1000", "loss", "mine"])
def test_forms_that_mislead_of_outcomes_better_low_are_refused(world: Worlds, outcome: str) -> None:
    mine = {"outcomes": {"mine": {"of": {"sum": "gap"}, "better": "low"}}}
    given = {form: {"equity": form, "outcome": outcome, **NEEDED.get(form, {})} for form in MISLEAD}
    rules = [{"id": f"r_{form}", "type": "equity", "sentence": "x", **fields, "max": 0.5} for form, fields in given.items()]
    text = told(world({**mine, "criteria": {f"c_{form}": fields for form, fields in given.items()}, "rules": rules}))
    for form in MISLEAD:
        assert f"criteria.c_{form}.outcome: '{outcome}' is better low, and {form} would then" in text
        assert f"rules.r_{form}.outcome: '{outcome}' is better low" in text


def test_other_forms_take_outcomes_better_low(world: Worlds) -> None:
    forms = ("maximin", "leximin", "gini_absolute", "mad", "range")
    assert "criteria." not in told(world({"criteria": {f"c_{form}": {"equity": form, "outcome": "loss"} for form in forms}}))


def test_kalai_takes_no_outcome_better_low(world: Worlds) -> None:
    assert "criteria.one" not in told(world({"criteria": {"one": {"equity": "kalai", "outcome": "money"}}}))
    text = told(world({"criteria": {"one": {"equity": "kalai", "outcome": "loss"}}}))
    assert "criteria.one.outcome: 'loss' is better low, and kalai takes shares of the most a unit could have" in text


def test_leximin_is_no_bound(world: Worlds) -> None:
    rule = {"id": "r", "type": "equity", "sentence": "x", "equity": "leximin", "outcome": "money", "min": 1}
    assert "rules.r.equity: 'leximin' is not offered as a bound" in told(world({"rules": [rule]}))


def test_a_sense_that_makes_a_plan_unfair_is_told(world: Worlds) -> None:
    cases = [("gini", "money", "max", "min"), ("maximin", "money", "min", "max"), ("mad", "loss", "max", "min"),
             ("mcloone", "money", "min", "max"), ("leximin", "loss", "max", "min"), ("kalai", "money", "min", "max")]
    wrong, right = ({f"c_{case[0]}": {"equity": case[0], "outcome": case[1], "sense": case[at]} for case in cases}
                    for at in (2, 3))
    text = told(world({"criteria": wrong}))
    for form, outcome, bad, good in cases:
        assert f"criteria.c_{form}.sense: '{bad}' would make {form} of {outcome} as unfair as can be. Write {good}" in text
    assert "criteria." not in told(world({"criteria": right}))


@pytest.mark.parametrize(("weight", "over", "problem"), [
    ("populaton", "counties", "'populaton' is no column of counties. Perhaps 'population'"),
    ("province", "counties", "'province' is not filled in with numbers in counties"),
    ("claim", "counties", "'claim' is blank (unknown) in 1 rows of counties (C)"),
    ("low", "counties", "'low' is negative in 1 rows of counties (A)"),
    ("none_of", "province", "'none_of' is 0 in every row of counties"),
    ("people", "donors", "'people' is no column of donors"),
])
def test_weights_are_known_numbers_of_the_units(world: Worlds, weight: str, over: str, problem: str) -> None:
    table = "county,province,population,claim,low,none_of|A,west,100,50,-1,0|B,west,200,10,1,0|C,mid,300,,1,0"
    outcome = "burden" if over == "donors" else "money"
    given = {"equity": "mad", "outcome": outcome, "over": over, "weight": weight}
    assert f"criteria.one.weight: {problem}" in told(world({"criteria": {"one": given}}, counties=table))
    fine = {**given, "weight": "revenue" if over == "donors" else "people"}
    assert "criteria.one" not in told(world({"criteria": {"one": fine}}, counties=table))


def test_mcloone_over_weighted_units_can_be_reported_but_not_optimised_or_bounded(world: Worlds) -> None:
    given = {"equity": "mcloone", "outcome": "money", "weight": "population"}
    assert "criteria.one" not in told(world({"criteria": {"one": given}}))
    method = {"method": {"type": "single", "levels": [{"criterion": "one"}]}}
    assert "criteria.one.weight: 'population' cannot be used: mcloone is" in told(world({"criteria": {"one": given}, **method}))
    rule = {"id": "r", "type": "equity", "sentence": "x", **given, "min": 1.5}
    text = told(world({"rules": [rule]}))
    assert "rules.r.weight: 'population' cannot be used" in text
    assert "rules.r.min: '1.5' is above 1, and mcloone never is" in text


def test_exits_cannot_be_held_down_by_a_level(world: Worlds) -> None:
    exits = {"rules": [{"id": "x", "type": "exit", "sentence": "x", "needs": ["n"], "threshold": 0.5}]}
    one = {"of": {"sum": "exited"}, "sense": "min"}
    method = {"method": {"type": "single", "levels": [{"criterion": "few"}]}}
    text = told(world({**exits, **method, "criteria": {"few": one}}))
    assert "criteria.few.sense: 'min' would hold down the counties that exit, which can only be asked for. Write max" in text
    assert "criteria.few" not in told(world({**exits, **method, "criteria": {"few": {**one, "sense": "max"}}}))
    assert "criteria.few" not in told(world({**exits, "criteria": {"few": one}}))
