"""Forms over yes-or-no choices: the optimum and the bound are those of all choices, listed one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from choices import Choice, fields_of, rule_of, value_at
from equity_cases import best

from optimizer.model.compile import compile_numbers
from optimizer.model.equity import bound_form
from optimizer.model.equity.median import median_columns, ranked_truly
from optimizer.plan.equity import INEQUALITY
from tests.extent import few

CASES = [
    ("mcloone", {}, "high"), ("chen_hooker", {"m": 2, "threshold": 1}, "high"), ("chen_hooker", {"m": 3, "threshold": 2}, "high"),
    ("chen_hooker", {"m": 9, "threshold": 1.5}, "high"), ("chen_hooker", {"m": 3, "threshold": 1}, "low"),
    ("hooker_williams", {"threshold": 1.5}, "high"), ("hooker_williams", {"threshold": 1}, "low"),
    ("cvar", {"m": 2}, "high"), ("owa", {"weights": [3, 1, 0]}, "high"), ("gini", {}, "high"), ("mad", {}, "low"),
]


@pytest.mark.parametrize(("form", "more", "better"), CASES)
@pytest.mark.parametrize("seed", few(2, range(4)))
def test_the_optimum_is_the_best_of_all_choices(form: str, more: dict, better: str, seed: int) -> None:
    for units in (3, 4, 5):
        choice = Choice.drawn(10 * seed + units, units, better)
        fields = fields_of(form, **more)
        built = choice.compiled(fields)
        linear = built.program.criteria["e"]
        small = form in INEQUALITY or (better == "low" and form != "mcloone")
        assert linear.sense == ("min" if small else "max")
        found = best(built, linear)
        wanted = float(min(choice.values(fields)) if small else max(choice.values(fields)))
        assert found.outcome.objective == pytest.approx(wanted, abs=1e-5), (form, units, seed)
        assert float(value_at(choice, fields, built.outcomes["e"].at(found.x))) == pytest.approx(wanted, abs=1e-5)
        sign = -1 if small else 1
        assert sign * found.outcome.bound >= sign * wanted - 1e-6


def test_a_plan_whose_median_is_nothing_has_no_index() -> None:
    """Of this instance the choice of nothing has the median 0, and 0/0 is not the best of all."""
    choice, fields = Choice.drawn(10416, 6), fields_of("mcloone")
    built = choice.compiled(fields)
    assert None in [value_at(choice, fields, np.array(u, float)) for u in choice.outcomes()]
    assert best(built, built.program.criteria["e"]).outcome.objective == pytest.approx(0.75)


@pytest.mark.parametrize("seed", range(8))
def test_the_sides_of_a_median_follow_from_the_outcomes(seed: int) -> None:
    """Whatever is chosen, equal outcomes too: a point with its sides as they follow keeps every row."""
    for units in (2, 3, 4, 5, 6):
        choice = Choice.drawn(10 * seed + units, units)
        built = choice.compiled(fields_of("mcloone"))
        program = built.program
        own = median_columns(program)
        assert own.sum() == units * (4 if units % 2 == 0 else 2)
        rng = np.random.default_rng(seed)
        others = program.integer & ~own
        for _ in range(4):
            chosen = rng.integers(0, 2, program.n_columns).astype(float)
            bare = program.with_bounds(integer=program.integer & others,
                                       col_lower=np.where(others, chosen, program.col_lower),
                                       col_upper=np.where(others, chosen, program.col_upper))
            x = best(replace(built, program=bare), program.criteria["sum"]).x
            if x is None:  # more than one of a kind was drawn
                continue
            sides = ranked_truly(program, x)
            held = bare.with_bounds(col_lower=np.where(own, sides, bare.col_lower),
                                    col_upper=np.where(own, sides, bare.col_upper))
            found = best(replace(built, program=held), program.criteria["e"])
            value = value_at(choice, fields_of("mcloone"), built.outcomes["e"].at(x))
            if value is not None:
                assert found.outcome.objective == pytest.approx(float(value), abs=1e-5), (units, seed)


@pytest.mark.parametrize(("form", "more", "better"), CASES[:7])
@pytest.mark.parametrize("seed", few(1, range(3)))
def test_a_bound_leaves_exactly_the_choices_that_keep_it(form: str, more: dict, better: str, seed: int) -> None:
    for units in (3, 4):
        choice = Choice.drawn(100 + 10 * seed + units, units, better)
        rule = rule_of(form, **more, **{"min" if better == "high" else "max": 0.0})
        values = [value_at(choice, rule, np.array(u, float)) for u in choice.outcomes()]
        known = sorted(value for value in values if value is not None)
        limit = known[len(known) * (3 if better == "high" else 1) // 4]
        totals = [sum(u) for u, value in zip(choice.outcomes(), values, strict=True)
                  if value is None or (value >= limit if better == "high" else value <= limit)]
        model, of = choice.model()
        bound_form(model, rule.model_copy(update={"min" if better == "high" else "max": float(limit)}), of)
        built = compile_numbers(model)
        found = best(built, built.program.criteria["sum"])
        reached = round(float(built.outcomes["e"].at(found.x).sum()))
        assert reached == (max(totals) if better == "high" else min(totals)), (form, units, seed)
