"""Fronts with quotients among their criteria against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from optimizer.engine.ratio import Ratio
from optimizer.methods.pareto.asked import front_of
from optimizer.methods.quotients import with_quotients
from tests.pareto.conftest import ask, program_of


def drawn(seed):
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 9, (2, 6))
    program = program_of(weights, weights.sum(axis=1) // 2, rng.integers(1, 20, (1, 6)))
    quotients = {f"q{k}": Ratio("min", rng.integers(0, 9, 6).astype(float), 1.0, "", rng.integers(1, 9, 6).astype(float), 2.0)
                 for k in range(2)}
    share = Ratio("max", np.minimum(quotients["q0"].below, 3.0), 1.0, "", quotients["q0"].below, 2.0)  # at most 1
    return program.with_criteria({**quotients, "share": share})


def costs_of(program, names):
    """Costs of every 0-1 point that keeps the rows."""
    points = np.array(list(itertools.product([0.0, 1.0], repeat=program.n_columns)))
    points = points[[program.violation(x) <= 1e-9 for x in points]]
    sign = [1.0 if program.criteria[name].sense == "min" else -1.0 for name in names]
    return np.array([[s * program.criteria[name].at(x) for s, name in zip(sign, names, strict=True)] for x in points]), sign


@pytest.mark.parametrize("names", [["c0", "q0"], ["q0", "c0"], ["q0", "q1"], ["c0", "share"], ["c0", "q0", "q1"]])
@pytest.mark.parametrize("seed", range(2))
def test_points_are_nondominated_and_no_plan_lies_in_the_region_proved_empty(seed, names):
    program = drawn(seed)
    every, sign = costs_of(program, names)
    front = front_of(program, names, with_quotients(ask), points=30 if len(names) == 2 else 5)
    got = front.points[names].to_numpy() * sign
    for y in got:
        assert (np.abs(every - y) <= 2e-6).all(axis=1).any()
        assert not ((every <= y + 1e-9).all(axis=1) & (every < y - 1e-5).any(axis=1)).any()
    assert got.min(axis=0) == pytest.approx(every.min(axis=0), abs=2e-6)
    for corner in front.unreachable[names].to_numpy() * sign:
        assert not (every < np.where(np.isnan(corner), np.inf, corner) - 2e-6).all(axis=1).any()
    if len(names) == 2:
        best = [y for y in every if not ((every <= y).all(axis=1) & (every < y).any(axis=1)).any()]
        assert len(got) == min(30, len(np.unique(np.round(best, 6), axis=0)))
