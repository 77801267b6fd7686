"""Fronts of linear and mixed programs against weights, enumeration and bounds."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Linear
from optimizer.methods.pareto.asked import front_of
from optimizer.methods.pareto.every import Limits
from optimizer.methods.pareto.front import Front
from tests.pareto.conftest import ask, program_of


def drawn(seed, criteria, integer=False):
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 20, (3, 8))
    return program_of(weights, weights.sum(axis=1) * 0.4, rng.integers(1, 20, (criteria, 8)), integer=integer)


def best(program, weights):
    vector = sum(w * program.criteria[f"c{k}"].vector for k, w in enumerate(weights))
    return ask(program, Linear("max", vector), None).outcome.objective


@pytest.mark.parametrize("seed", range(5))
def test_the_edges_are_those_of_a_dense_sweep_of_weights(seed):
    program = drawn(seed, 2)
    front = front_of(program, ["c0", "c1"], ask)
    values = front.points[["c0", "c1"]].to_numpy()
    assert front.complete and front.edges["proved"].all() and (front.edges["rate"] < 0).all()
    assert (np.diff(front.edges["rate"]) > 0).all() or len(front.edges) < 2  # from the best c0 on ever less is paid for c1
    for share in np.linspace(0.001, 0.999, 40):
        assert best(program, [share, 1 - share]) == pytest.approx((values @ [share, 1 - share]).max(), rel=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_points_and_half_spaces_enclose_the_front_of_three_criteria(seed):
    program, tolerance = drawn(seed, 3), 0.01
    front = front_of(program, ["c0", "c1", "c2"], ask, tolerance=tolerance)
    assert front.error is not None and front.error <= tolerance and not front.complete
    values = front.points[front.names].to_numpy()
    size = values.max(axis=0) - values.min(axis=0)
    outer, least = front.halfspaces[front.names].to_numpy(), front.halfspaces["least"].to_numpy()
    assert (values @ outer.T >= least - 1e-7).all()
    for weights in np.random.default_rng(seed).dirichlet(np.ones(3), 25):
        reached = (values @ weights).max()
        assert reached <= best(program, weights) + 1e-7
        assert best(program, weights) <= reached + tolerance * float(size @ weights) * 1.01


@pytest.mark.parametrize("criteria", [2, 3])
def test_points_of_a_mixed_problem_lie_outside_the_region_that_is_proved_empty(criteria):
    program = drawn(3, criteria, integer=np.arange(8) < 4)
    front = front_of(program, [f"c{k}" for k in range(criteria)], ask, points=6)
    assert 3 <= len(front) <= 7 and not front.complete and not front.stopped and front.kind == "mixed"
    values, corners = front.points[front.names].to_numpy(), front.unreachable[front.names].to_numpy()
    rng, x = np.random.default_rng(0), []
    for _ in range(3000):
        point = rng.random(8)
        point[:4] = np.round(point[:4])
        if program.violation(point) <= 0:
            x.append(point)
    sample = np.vstack([np.array(x) @ np.array([program.criteria[n].vector for n in front.names]).T, values])
    for corner in corners:
        limits = np.where(np.isnan(corner), -np.inf, corner)
        assert not (sample > limits + 1e-6).all(axis=1).any()


def test_criteria_that_never_conflict_and_one_without_limit():
    same = program_of([[1, 1]], [1], [[1, 2], [2, 4]], integer=False)
    front = front_of(same, ["c0", "c1"], ask)
    assert front.complete and len(front) == 1
    endless = same.with_bounds(col_upper=np.full(2, np.inf), row_upper=np.array([np.inf]))
    with pytest.raises(SolveError, match="without limit") as caught:
        front_of(endless, ["c0", "c1"], ask)
    assert caught.value.outcome.status is Status.UNBOUNDED


@pytest.mark.parametrize("criteria", [2, 3])
def test_an_interrupted_front_of_a_linear_program_goes_on_to_the_same_end(criteria, tmp_path):
    program, names = drawn(1, criteria), [f"c{k}" for k in range(criteria)]
    whole = front_of(program, names, ask)
    part = front_of(program, names, ask, Limits(questions=len(whole.subproblems) // 2))
    part.write(tmp_path)
    assert part.stopped and not part.complete
    after = front_of(program, names, ask, known=Front.read(tmp_path))
    assert after.complete == whole.complete and not after.stopped and len(after.subproblems) > len(part.subproblems)
    if criteria == 2:
        assert after.points[names].to_numpy() == pytest.approx(whole.points[names].to_numpy(), rel=1e-7)
        assert after.edges["proved"].all()
    else:
        values, size = after.points[names].to_numpy(), whole.points[names].max() - whole.points[names].min()
        assert after.error is not None and after.error <= 0.01
        for weights in np.random.default_rng(5).dirichlet(np.ones(3), 25):
            assert best(program, weights) <= (values @ weights).max() + 0.0101 * float(size @ weights)
    again = front_of(program, names, ask, known=after)
    assert len(again) == len(after) and again.complete == after.complete
