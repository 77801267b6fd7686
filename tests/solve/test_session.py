"""One loaded program under changes says what a program made anew says."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pyomo.environ as pyo
import pytest
from tiny_worlds import world

import optimizer as opt
from optimizer.instance.data import rebudgeted
from optimizer.instance.instance import Instance
from optimizer.model.build import build
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.model.patch import with_budgets
from tests.extent import few

SEEDS = range(3)
CAP = 60
BUDGETS = ({"budget.central": "x0.9"}, {"budget.central": 143.0}, {"budget.local": "+20%"},
           {"budget.central": "x1.5", "budget.local": "x0.5"})


@cache
def _instances() -> tuple[Instance, ...]:
    found: list[Instance] = []
    for seed in range(100):
        instance = world(seed, few=True).instance()
        if any(finding.severity == "error" for finding in opt.check(instance)):
            continue
        if isinstance(relaxed(opt.Session(instance)), tuple):
            found.append(instance)
        if len(found) == len(SEEDS):
            break
    return tuple(found)


def instance_of(number: int) -> Instance:
    """A tiny world whose relaxation has a point."""
    return _instances()[number]


def relaxed(session: opt.Session, changes: dict[str, object] | None = None) -> tuple[float, float] | str:
    """Value and bound, or how it ended."""
    try:
        found = session.relax(changes)
    except opt.SolveError as error:
        assert error.outcome is not None
        return str(error.outcome.status)
    except opt.InstanceError:
        return "refused"
    return found.value, found.bound


def same_program(one: Compiled, other: Compiled) -> None:
    a, b = one.program, other.program
    assert a.column_names() == b.column_names()
    assert a.row_names() == b.row_names()
    assert abs(a.matrix - b.matrix).max() <= 1e-12
    for name in ("row_lower", "row_upper", "col_lower", "col_upper", "integer", "switch", "col_block", "col_stage", "row_block"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-12, err_msg=name)
    assert set(a.criteria) == set(b.criteria)
    for name, linear in a.criteria.items():
        np.testing.assert_allclose(linear.vector, b.criteria[name].vector, rtol=1e-12)
        assert linear.constant == pytest.approx(b.criteria[name].constant)
    assert one.role == other.role
    assert (one.money == other.money).all()


@cache
def patches(number: int) -> tuple[Compiled, list[tuple[Instance, Compiled | None]]]:
    """The program of a world, and each change of budgets with its patch (None: the program is made anew)."""
    instance = instance_of(number)
    session = opt.Session(instance)
    changed = [instance.with_(changes) for changes in BUDGETS]
    return session.compiled, [
        (one, with_budgets(session._algebra, session.compiled, rebudgeted(instance.data, one))) for one in changed]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_of_budgets_patches_the_program_that_would_be_made_anew(seed):
    for changed, patched in patches(seed)[1]:
        if patched is not None:
            same_program(patched, compile_numbers(build(changed.data, pyomo=False)))


def test_most_changes_of_budgets_are_patched():
    assert np.mean([patched is not None for seed in SEEDS for _, patched in patches(seed)[1]]) > 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_the_two_ways_of_compiling_agree(seed):
    same_program(patches(seed)[0], compile_numbers(build(instance_of(seed).data, pyomo=False)))


@pytest.mark.parametrize("seed", few(1, [1, 0]))
def test_the_relaxation_under_changes_is_that_of_the_changed_instance(seed):
    instance = instance_of(seed)
    session = opt.Session(instance)
    first = relaxed(session)
    others = ({"needs.unit_cost": "x1.2"}, {"needs.people": "x0.8"}, {"stream.central.carry": 0.1})
    for changes in (*BUDGETS, *others):
        fresh = relaxed(opt.Session(instance.with_(changes))) if not refused(instance, changes) else "refused"
        found = relaxed(session, changes)
        if fresh == "refused":
            assert isinstance(found, str)
            continue
        assert found == (pytest.approx(fresh, rel=1e-6, abs=1e-5) if isinstance(fresh, tuple) else fresh), changes
    assert relaxed(session) == pytest.approx(first, rel=1e-6)


def refused(instance: Instance, changes: dict[str, object]) -> bool:
    return any(finding.severity == "error" for finding in opt.check(instance.with_(changes)))


def test_a_change_that_leaves_no_plan_raises():
    instance = instance_of(0)
    with pytest.raises((opt.InstanceError, opt.SolveError)):
        opt.Session(instance).solve({"needs.unit_cost": "x-1"})


def capped(model: pyo.ConcreteModel) -> None:
    """An analyst's own limit: central money of all counties and years together."""
    keys = [key for key in model.transfer if key[0] == "central"]
    model.own_cap = pyo.Constraint(expr=sum(model.transfer[key] for key in keys) <= CAP)


def example() -> Instance:
    """Two counties that could use far more central money than the cap allows."""
    return opt.Instance.from_frames(
        settings={"format": 1, "periods": [2026, 2027], "money": {"unit": "10k_yuan", "yuan": 10000, "step": 1},
                  "needs": {"water": {"kind": "yearly", "category": "infrastructure"}}, "categories": {"infrastructure": {}},
                  "streams": {"central": {"budget": 200}}, "method": {"type": "single", "levels": [{"criterion": "coverage"}]}},
        counties=pd.DataFrame({"county": ["A", "B"], "population": [1000, 900]}),
        needs=pd.DataFrame({"county": ["A", "B"], "need": "water", "people": [300, 200], "unit_cost": [1.0, 0.5]}),
    )


def test_an_analyst_s_constraint_is_obeyed_and_named():
    instance = example()
    free, limited = opt.solve(instance), opt.solve(instance, extend=capped)
    spent = [plan.funds.loc[plan.funds["stream"] == "central", "money"].sum() for plan in (free, limited)]
    assert spent[0] > CAP
    assert spent[1] <= CAP
    assert limited.outcome.objective < free.outcome.objective
    assert limited.audit.passed
    assert not free.claims.unaudited
    assert len(limited.claims.unaudited) == 1
    assert limited.claims.unaudited[0].startswith("own_cap")


def test_an_analyst_s_constraint_holds_under_changes_too():
    session = opt.Session(example(), extend=capped)
    plan = session.solve({"budget.central": "x1.5"})
    assert plan.funds.loc[plan.funds["stream"] == "central", "money"].sum() <= CAP
    assert plan.claims.unaudited
