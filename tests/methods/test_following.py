"""Points whose integers follow from the rest: never better than the optimum, under a true bound, counted in full."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "whole"))
from tiny_worlds import world

import optimizer as opt
from optimizer.engine.outcome import SolveError
from optimizer.fairness.question import held_selection
from optimizer.instance.findings import InstanceError
from optimizer.methods import following
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.model.counted import counted_truly, counting_columns
from optimizer.model.settling import Settling

SEEDS = [seed for seed in range(80) if len(world(seed, rules=1, few=True).periods) == 1][:7]


def asked(seed: int, form: str) -> opt.Instance:
    """Evenness first, then people; pairs and projects as in the plan that reaches most people."""
    made = copy.deepcopy(world(seed, rules=1, few=True))
    made.settings["criteria"] = {**made.settings.get("criteria", {}), "even": {"equity": form, "outcome": "covered_share"}}
    most = opt.solve(made.instance())
    made.settings["method"] = {"type": "lexicographic", "levels": [{"criterion": "even", "tolerance": 0.01},
                                                                     {"criterion": "coverage"}]}
    return made.instance().with_decisions(held_selection(most))


@pytest.mark.parametrize("form", ["gini", *(pytest.param(form, marks=pytest.mark.thorough) for form in ("range", "mad"))])
def test_points_are_feasible_no_better_than_the_optimum_and_bounded(form, monkeypatch):
    compared = 0
    for seed in SEEDS:
        try:
            instance = asked(seed, form)
            best = opt.solve(instance)
        except (SolveError, InstanceError):
            continue
        monkeypatch.setattr(following, "SMALL", 0)
        instance_program = compile_numbers(build(instance.data, pyomo=False)).program
        taken = following.follows(Settling(instance.data), instance_program)
        plan = opt.solve(instance)
        monkeypatch.undo()
        if not taken:
            continue
        first, exact = plan.claims.levels[0], best.claims.levels[0]
        assert first.modelled_value >= exact.modelled_value - 1e-6, seed  # nothing is better than the best
        assert first.bound <= exact.modelled_value + 1e-6, seed  # and the bound is one
        assert plan.audit.passed
        compared += 1
    assert compared >= 3


def test_what_follows_is_told_by_the_columns_that_can_move():
    """Too few to be worth it: the search takes them; held, they are nobody's question."""
    for seed in SEEDS:
        try:
            instance = asked(seed, "range")
        except (SolveError, InstanceError):
            continue
        program, settled = compile_numbers(build(instance.data, pyomo=False)).program, Settling(instance.data)
        assert not following.follows(settled, program)
        own = counting_columns(program)
        held = program.with_bounds(col_upper=np.where(own, program.col_lower, program.col_upper))
        assert not following.follows(settled, held)


def test_points_around_are_that_of_the_relaxation_as_it_counts_and_the_start():
    instance = asked(SEEDS[0], "range")
    program, settled = compile_numbers(build(instance.data, pyomo=False)).program, Settling(instance.data)
    x = np.minimum(np.maximum(program.col_lower, 0.4), program.col_upper)
    start = np.zeros(program.n_columns)
    limits = following.Limits()
    around = list(following.points_around(settled, program, x, start, limits))
    assert len(around) == 2 and around[1] is start
    assert np.array_equal(around[0], counted_truly(program, instance.data, around[0]))
    assert list(following.points_around(settled, program, None, np.zeros(3), limits)) == []
    assert [point is x for point in following.points_around(None, program, x, start, limits)] == [True]
