"""Kalai–Smorodinsky: ideals, the optimum, the bound and the indicator."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from choices import Choice, fields_of, rule_of
from equity_cases import best, compiled, instance
from scipy.optimize import linprog

import optimizer as opt
from optimizer.engine.outcome import SolveError
from optimizer.model.compile import compile_numbers
from optimizer.model.equity import FORMS, bound_form, ideals
from optimizer.plan.audit.folder import audit_folder
from optimizer.plan.equity import kalai

KEY = ("money", "counties")


@pytest.mark.parametrize("seed", range(8))
def test_ideals_optimum_and_bound_are_those_of_all_choices(seed: int) -> None:
    choice = Choice.drawn(500 + seed, 3 + seed % 3)
    every = choice.outcomes()
    ideal = [max(units) for units in zip(*every, strict=True)]
    built = choice.compiled(fields_of("kalai"))
    assert list(built.ideals[KEY].values()) == pytest.approx([float(one) for one in ideal], abs=1e-6)
    shares = [share for u in every if (share := kalai(u, ideal)) is not None]
    found = best(built, built.program.criteria["e"])
    assert found.outcome.objective == pytest.approx(float(max(shares)), abs=1e-6)
    assert found.outcome.bound >= float(max(shares)) - 1e-6
    limit = sorted(shares)[2 * len(shares) // 3]
    model, of = choice.model()
    bound_form(model, rule_of("kalai", min=float(limit) - 1e-9), of)
    bounded = compile_numbers(model)
    reached = round(float(bounded.outcomes["e"].at(best(bounded, bounded.program.criteria["sum"]).x).sum()))
    assert reached == max(sum(u) for u in every if kalai(u, ideal) >= limit)


def test_past_a_size_ideals_are_those_of_the_relaxation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ideals, "WHOLE", 0)
    choice = Choice.drawn(77, 5)
    built = choice.compiled(fields_of("kalai"))
    for unit, ideal in enumerate(built.ideals[KEY].values()):
        theirs = linprog(-choice.gain[unit], A_ub=choice.cost[None, :], b_ub=[choice.budget], bounds=(0, 1))
        assert ideal == pytest.approx(choice.base[unit] - theirs.fun)
        assert ideal >= float(max(u[unit] for u in choice.outcomes())) - 1e-9


@pytest.mark.parametrize(("estate", "awards"), [(100, [100 / 3] * 3), (200, [40, 80, 80]), (300, [50, 100, 150])])
def test_of_claims_it_is_the_proportional_rule_over_claims_no_larger_than_the_estate(estate: float, awards: list[float]) -> None:
    """Dagan & Volij, "The bankruptcy problem: a cooperative bargaining approach", Mathematical Social Sciences 26 (1993)."""
    built = compiled(instance({"k": {"equity": "kalai", "outcome": "covered_share"}}, ["k"],
                              people=np.array([100.0, 200.0, 300.0]), cost=np.ones(3), budget=estate))
    assert list(built.ideals["covered_share", "counties"].values()) == pytest.approx(
        [min(claim, estate) / claim for claim in (100, 200, 300)])
    found = best(built, built.program.criteria["k"])
    assert built.outcomes["k"].at(found.x) * [100, 200, 300] == pytest.approx(awards)


def test_outcomes_in_another_unit_leave_the_point_as_it_is() -> None:
    """Its scale invariance: what maximin lacks."""
    choice = Choice.drawn(31, 4)
    doubled = Choice(choice.base * [1, 5, 2, 7], choice.gain * np.array([[1], [5], [2], [7]]), choice.cost, choice.budget, "high",
                     choice.weight)
    values = [best(built, built.program.criteria["e"]).outcome.objective
              for built in (one.compiled(fields_of("kalai")) for one in (choice, doubled))]
    assert values[0] == pytest.approx(values[1])


def test_a_plan_records_the_ideals_and_the_audit_reads_them(tmp_path) -> None:
    criteria = {"k": {"equity": "kalai", "outcome": "covered_share"}, "also": {"equity": "kalai", "outcome": "money"}}
    plan = opt.solve(instance(criteria, ["k", "coverage"], step=1.0))
    assert plan.claims.ideals["covered_share", "counties"] == pytest.approx({"A": 1.0, "B": 0.75, "C": 1.0})
    assert any(sentence.startswith("kalai: the largest covered_share") for sentence in plan.claims.unaudited)
    shares = plan.coverage.set_index("county")["covered"] / plan.coverage.set_index("county")["people"]
    row = plan.criteria.set_index("criterion").loc[["k", "also"]]
    assert row.loc["k", "value"] == pytest.approx((shares / [1, 0.75, 1]).min())
    assert row.loc["k", "bound"] >= row.loc["k", "value"]
    assert row.loc["also", "value"] == pytest.approx(
        min(m / plan.claims.ideals["money", "counties"][c] for c, m in plan.funds.groupby("county")["money"].sum().items()))
    folder = plan.write(tmp_path / "plan")
    assert opt.Plan.read(folder).claims.ideals == plan.claims.ideals
    assert audit_folder(folder).passed
    about = json.loads((folder / "plan.json").read_text())
    about["ideals"][0]["units"]["B"] = 1.0
    (folder / "plan.json").write_text(json.dumps(about))
    assert not audit_folder(folder).passed


def test_other_budgets_have_other_ideals() -> None:
    session = opt.Session(instance({"k": {"equity": "kalai", "outcome": "money"}}, ["k"], step=1.0))
    first = session.solve().claims.ideals["money", "counties"]["B"]
    assert session.solve({"budget.central": "x1.2"}).claims.ideals["money", "counties"]["B"] == pytest.approx(1.2 * first)


def test_rules_that_no_plan_keeps_are_told_as_ever() -> None:
    rule = {"id": "floor", "type": "equity", "equity": "maximin", "outcome": "covered_share", "min": 0.9}
    with pytest.raises(SolveError, match="No plan can hold all hard rules"):
        opt.solve(instance({"k": {"equity": "kalai", "outcome": "covered_share"}}, ["k"], rules=[rule]))


def test_units_without_an_ideal_are_left_out() -> None:
    assert kalai([Fraction(0), Fraction(1)], [Fraction(0), Fraction(2)]) == Fraction(1, 2)
    choice = Choice.drawn(31, 3)
    nothing = Choice(choice.base * 0, choice.gain * np.array([[0], [1], [1]]), choice.cost, choice.budget, "high", choice.weight)
    model, of = nothing.model()
    model.criteria["e"] = FORMS["kalai"](model, "e", of, fields_of("kalai"))
    built = compile_numbers(model)
    assert built.ideals[KEY]["u0"] == 0.0
    assert best(built, built.program.criteria["e"]).outcome.objective > 0
