"""Whole steps by rounding alone, at points found by decomposition: every plan passes its audit."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from tiny_worlds import world

import optimizer as opt
from optimizer.instance.findings import InstanceError
from optimizer.search import drive, rounding
from optimizer.search.rounding import Whole, _whole_amounts, drawn_in, nested_rows

solving = importlib.import_module("optimizer.solve")
stepping = importlib.import_module("optimizer.whole_steps")
SEEDS = range(12)


@pytest.fixture(autouse=True)
def rounded(monkeypatch):
    """No program over every amount, no solver on the whole."""
    monkeypatch.setattr(stepping, "exact_point", lambda *given, **named: (None, False))
    monkeypatch.setattr(drive, "SMALL", 0)
    monkeypatch.setattr(drive, "TURNS", 3)
    monkeypatch.setattr(drive, "POLISH_TURNS", 1)


def planned(seed: int) -> opt.Plan | None:
    """The plan of a tiny world; None where check or the solver says that there is none."""
    try:
        return opt.solve(world(seed, few=True).instance())
    except InstanceError:
        return None
    except opt.SolveError as error:
        assert error.outcome is not None
        assert error.outcome.status == "infeasible"
        return None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rounded_plan_passes_its_audit(seed, monkeypatch):
    seen: list[int] = []
    round_point = rounding.round_point
    monkeypatch.setattr(stepping, "round_point", lambda *given, **named: seen.append(1) or round_point(*given, **named))
    plan = planned(seed)
    if plan is None:
        return
    assert seen == [1]
    assert plan.audit.passed, str(plan.audit)
    for table, columns in (("funds", ["money"]), ("support", ["money"])):
        for column in columns:
            money = plan.tables[table][column].to_numpy(float)
            assert (money == np.round(money)).all()
            assert (money >= 0).all()
    outcome = plan.outcome
    assert outcome.status in ("optimal", "within_gap", "limit")
    assert outcome.objective <= outcome.bound + 1e-6
    assert outcome.objective >= 0.85 * outcome.bound - 5.0


def test_amounts_go_down_to_whole_steps_but_not_below_their_least():
    amount, unit = np.array([2.55, 0.0, 0.52, 1.0]), np.array([2.0, 2.0, 2.0, 3.0])
    out = _whole_amounts(amount, unit, np.array([0.0, 0.0, 0.52, 0.0]), 1.0)
    assert out.tolist() == [2.5, 0.0, 1.0, 1.0]


def test_rows_are_drawn_in_and_never_past_each_other():
    instance = world(9, few=True).instance()
    built = solving.compiled(instance)
    program = built.program
    whole = Whole(1.0, built.money, np.zeros(program.n_columns), np.zeros(program.n_columns),
                  np.where(built.money, 1.0, 0.0), built.role)
    nested = nested_rows(program, whole)
    (low, high), margin = drawn_in(program, whole, nested)
    assert (margin >= 0).all()
    assert (low <= high).all()
    role = rounding.roles(program, whole.role)
    free = ~np.isin(role, rounding.FLOW) & ~nested
    assert (low >= program.row_lower)[free].all()
    assert (high <= program.row_upper)[free].all()
    for row in np.flatnonzero(role == "budget"):
        for side in (low[row], high[row]):
            assert not np.isfinite(side) or side == pytest.approx(round(side))
