"""The optimum of each form against all points of a grid, and its value against the definition."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from equity_cases import COST, PEOPLE, SHARES, best, compiled, grid, instance, true_value
from scipy.optimize import minimize

from optimizer.instance.equity_forms import BOUNDED, INDICES, OPTIMISED
from optimizer.methods.levels import held
from optimizer.plan.equity import FORMS, Units

TOLERANCE = 0.001


def criterion(form, **more):
    return {"e": {"equity": form, "outcome": "covered_share", **SHARES.get(form, {}), **more}}


def test_every_form_offered_is_tried_here():
    assert set(OPTIMISED) - {"maximin", "leximin", "nash", "kalai"} == set(SHARES) == set(BOUNDED) - {"maximin", "nash", "kalai"}


@pytest.mark.parametrize("form", list(SHARES))
def test_no_point_of_a_grid_is_better(form):
    """With 80 % of the coverage that is possible held, which makes equality cost something."""
    built = compiled(instance(criterion(form), ["e"]))
    coverage = built.program.criteria["coverage"]
    most = best(built, coverage).outcome.objective
    program = held(built.program, "coverage", coverage, 0.8 * most, 0.0)
    linear = program.criteria["e"]
    found = best(built, linear, program)
    outcomes = built.outcomes["e"].at(found.x)
    fields = SHARES[form]
    value = found.outcome.objective
    assert true_value(form, outcomes, **fields)[0] == pytest.approx(value, abs=2 * TOLERANCE)
    u = grid()
    u = u[u @ PEOPLE >= 0.8 * most - 1e-9]
    others = true_value(form, u, **fields)
    small = form in INDICES
    assert linear.sense == ("min" if small else "max")
    if small:
        assert found.outcome.bound <= others.min() + 1e-6
        assert value == pytest.approx(others.min(), abs=0.02, rel=0.05)
    else:
        assert found.outcome.bound >= np.nanmax(others) - 1e-6
        assert value == pytest.approx(np.nanmax(others), abs=0.02, rel=0.05)


@pytest.mark.parametrize("form", list(SHARES))
def test_a_bound_leaves_the_plans_that_keep_it_and_no_others(form):
    u = grid()
    fields = SHARES[form]
    values = true_value(form, u, **fields)
    small = form in INDICES
    limit = float(np.nanquantile(values, 0.3 if small else 0.7))
    kept = u[values <= limit] if small else u[values >= limit]
    side = "max" if small else "min"
    rule = {"id": "r", "type": "equity", "equity": form, "outcome": "covered_share", **fields, side: limit}
    built = compiled(instance(rules=[rule]))
    found = best(built, built.program.criteria["coverage"])
    reached = true_value(form, built.outcomes["r"].at(found.x), **fields)[0]
    assert reached <= limit + 1e-5 if small else reached >= limit - 1e-5
    top = float((kept @ PEOPLE).max())
    assert top - 1e-6 <= found.outcome.objective <= top * 1.05


@pytest.mark.parametrize(("form", "fields"), [("nash", {}), ("alpha", {"alpha": 2}), ("alpha", {"alpha": 0.9})])
def test_welfare_against_scipy(form, fields):
    floor = {"id": "floor", "type": "equity", "equity": "maximin", "outcome": "covered_share", "min": 0.05}
    built = compiled(instance({"e": {"equity": form, "outcome": "covered_share", **fields}}, ["e"], rules=[floor]))
    found = best(built, built.program.criteria["e"])
    spend = PEOPLE * COST

    def loss(u):
        return -true_value(form, u, **fields)[0]

    theirs = minimize(loss, np.full(3, 0.2), bounds=[(0.05, 1)] * 3, method="SLSQP", options={"ftol": 1e-12, "maxiter": 500},
                      constraints=[{"type": "ineq", "fun": lambda u: 300 - u @ spend}])
    best_value = -theirs.fun
    room = TOLERANCE * max(1.0, abs(best_value))
    assert best_value - 1e-6 <= found.outcome.bound <= best_value + 2 * room
    assert true_value(form, built.outcomes["e"].at(found.x), **fields)[0] == pytest.approx(best_value, abs=2 * room)


def test_the_tolerance_is_kept_and_can_be_made_finer():
    apart = []
    for tolerance in (0.05, 0.0001):
        built = compiled(instance(criterion("alpha", tolerance=tolerance), ["e"]))
        found = best(built, built.program.criteria["e"])
        true = true_value("alpha", built.outcomes["e"].at(found.x), alpha=0.5)[0]
        assert found.outcome.objective >= true - 1e-9
        apart.append(found.outcome.objective - true)
        assert apart[-1] <= tolerance * 0.5 * true + 1e-9  # a share of the equal outcome to the power 1 − α
    assert apart[1] <= apart[0]


@pytest.mark.parametrize("form", ["gini", "gini_absolute", "hoover", "mad", "theil", "atkinson", "alpha", "cvar"])
def test_units_count_by_their_weight(form):
    fields = {**SHARES[form], **({"m": 2} if form == "cvar" else {})}
    built = compiled(instance({"e": {"equity": form, "outcome": "covered_share", "weight": "votes", **fields}}, ["e"]))
    program = held(built.program, "coverage", built.program.criteria["coverage"], 150.0, 0.0)
    found = best(built, program.criteria["e"], program)
    u, w = built.outcomes["e"].at(found.x), np.array([1.0, 2.0, 3.0])
    assert built.outcomes["e"].weight == pytest.approx(w)
    if form == "cvar":  # the worst two by weight
        order = np.argsort(u)
        taken, left = 0.0, 2.0
        for at in order:
            part = min(left, w[at])
            taken, left = taken + part * u[at], left - part
        assert found.outcome.objective == pytest.approx(taken / 2, abs=1e-6)
        return
    assert true_value(form, u, w, **fields)[0] == pytest.approx(found.outcome.objective, abs=2 * TOLERANCE)


@pytest.mark.parametrize("form", ["cvar", "owa", "alpha", "mad", "hoover", "gini", "atkinson", "theil", "hooker_williams"])
@pytest.mark.parametrize("first", [{}, {"weight": "people"}])
def test_a_unit_of_weight_0_is_left_out_here_as_in_the_plan(form, first):
    """Although another criterion looks at the same outcome over all units; the plan's own form says the value."""
    criteria = {"first": {"equity": "mad", "outcome": "covered_share", **first},
                "e": {"equity": form, "outcome": "covered_share", "weight": "votes", **SHARES[form]}}
    for levels in (["first", "e"], ["e", "first"]):
        given = instance(criteria, levels, votes=[0, 1, 2])
        built = compiled(given)
        assert built.outcomes["e"].labels == ("B", "C") and len(built.outcomes["first"]) == 3
        program = held(built.program, "coverage", built.program.criteria["coverage"], 150.0, 0.0)
        found = best(built, program.criteria["e"], program)
        u = [Fraction(float(value)) for value in built.outcomes["first"].at(found.x)]
        true = FORMS[form](Units.of(u, [Fraction(0), Fraction(1), Fraction(2)]), given.settings.criteria["e"])
        assert float(true) == pytest.approx(found.outcome.objective, abs=2 * TOLERANCE)


@pytest.mark.parametrize(("form", "fields"), [
    ("cvar", {"m": 2}), ("owa", {"weights": [3, 2, 1]}), ("hooker_williams", {"threshold": 20}),
])
def test_low_outcomes_are_looked_at_from_the_other_end(form, fields):
    """Gaps per 1,000 are 100·(1 − share of need covered) here: the worst is the largest, and the value is made small."""
    built = compiled(instance({"e": {"equity": form, "outcome": "gap_per_1000", **fields}}, ["e"]))
    assert built.program.criteria["e"].sense == "min"
    found = best(built, built.program.criteria["e"])
    gaps = built.outcomes["e"].at(found.x)
    assert found.outcome.objective == pytest.approx(-true_value(form, -gaps, **fields)[0], abs=1e-5)
    theirs = -true_value(form, -100 * (1 - grid()), **fields)
    assert found.outcome.bound <= theirs.min() + 1e-6
    assert found.outcome.objective == pytest.approx(theirs.min(), rel=0.03)


def test_twenty_counties_reach_the_true_gini_and_theil():
    rng = np.random.default_rng(1)
    people, cost = rng.integers(50, 400, 20).astype(float), rng.uniform(1, 9, 20)
    for form, limit in (("gini", 0.1), ("theil", 0.05)):
        rule = {"id": "r", "type": "equity", "equity": form, "outcome": "covered_share", "max": limit}
        built = compiled(instance(rules=[rule], people=people, cost=cost, budget=4500.0))
        found = best(built, built.program.criteria["coverage"])
        assert true_value(form, built.outcomes["r"].at(found.x))[0] == pytest.approx(limit, abs=1e-5)
