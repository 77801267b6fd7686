"""Integer fronts against published ones and against enumeration."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from optimizer.engine.outcome import SolveError, Status
from optimizer.methods.pareto import every
from optimizer.methods.pareto.asked import front_of
from optimizer.methods.pareto.every import Limits
from optimizer.methods.pareto.front import Front
from optimizer.methods.pareto.subproblem import Answer
from tests.extent import more
from tests.pareto.conftest import ask, enumerated, program_of, sorted_rows

C = [[566, 611, 506, 180, 817, 184, 585, 423, 26, 317], [62, 84, 977, 979, 874, 54, 269, 93, 881, 563],
     [664, 982, 962, 140, 224, 215, 12, 869, 332, 537], [557, 898, 148, 63, 78, 964, 246, 662, 386, 272]]


def found(program, names, **options):
    front = front_of(program, names, ask, **options)
    assert front.complete, front.why_not
    return sorted_rows(front.points[list(names)].to_numpy())


# Fronts as in the tests of MultiObjectiveAlgorithms.jl (test/problems.jl), after Kirlik & Sayın (2014).
def test_published_knapsack_of_three_criteria():
    program = program_of([C[3]], [2137], C[:3])
    expected = [[2518, 3866, 3191], [2706, 3857, 3304], [2854, 3570, 3714], [2854, 4636, 3076], [2997, 3539, 3509],
                [3042, 4627, 3189], [3394, 3817, 3408]]
    assert np.array_equal(found(program, ["c0", "c1", "c2"]), expected)


def test_published_knapsack_of_four_criteria():
    program = program_of([[979, 448, 355, 955, 426, 229, 9, 695, 322, 889]], [2653], C)
    expected = [[1904, 3253, 2530, 2469], [2092, 3244, 2643, 2705], [2146, 1944, 2947, 3428], [2298, 4034, 1885, 1885],
                [2435, 3618, 2282, 2094], [2725, 4064, 2652, 1819], [2862, 3648, 3049, 2028], [2883, 3237, 2535, 2397],
                [3152, 3232, 3596, 3382], [3269, 2320, 3059, 2891]]
    assert np.array_equal(found(program, ["c0", "c1", "c2", "c3"]), expected)


def test_published_assignment_of_three_criteria():
    costs = np.array([
        [6, 1, 20, 2, 3], [2, 6, 9, 10, 18], [1, 6, 20, 5, 9], [6, 8, 6, 9, 6], [7, 10, 10, 6, 2],
        [17, 20, 8, 8, 20], [10, 13, 1, 10, 15], [4, 11, 1, 13, 1], [19, 13, 7, 18, 17], [15, 3, 5, 1, 11],
        [10, 7, 1, 19, 12], [2, 15, 12, 10, 3], [11, 20, 16, 12, 9], [10, 15, 20, 11, 7], [1, 9, 20, 7, 6]])
    rows = np.vstack([np.kron(np.eye(5), np.ones(5)), np.kron(np.ones(5), np.eye(5))])
    expected = [[16, 61, 47], [17, 43, 71], [18, 47, 67], [20, 52, 54], [22, 37, 63], [22, 54, 47], [23, 43, 44], [24, 39, 45],
                [28, 33, 58], [28, 66, 39], [29, 29, 59], [34, 60, 42], [35, 38, 56], [35, 49, 39], [37, 55, 36], [38, 33, 53],
                [39, 43, 41], [40, 47, 37], [43, 51, 31], [45, 33, 34], [50, 40, 32]]
    blocks = costs.reshape(3, 25)
    program = program_of(rows, np.ones(10), blocks, ["min"] * 3, lower=np.ones(10))
    assert np.array_equal(found(program, ["c0", "c1", "c2"]), expected)


def drawn(seed, criteria, *, real=False):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    values = rng.uniform(-3, 9, (criteria, n)) if real else rng.integers(-2, 6, (criteria, n))  # few values: many ties
    weights = rng.integers(1, 9, (2, n))
    return program_of(weights, weights.sum(axis=1) // 2, values, list(rng.choice(["max", "min"], criteria)))


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("criteria", [2, 3, 4])
def test_fronts_are_those_of_enumeration(criteria, real):
    names = [f"c{k}" for k in range(criteria)]
    for seed in range(more(6, 18)):
        program = drawn(1000 * criteria + seed, criteria, real=real)
        values, expected = found(program, names), enumerated(program, names)
        assert values.shape == expected.shape, seed
        assert np.allclose(values, expected, atol=1e-6), seed


@pytest.mark.parametrize("seed", range(4))
def test_workers_order_sense_and_scale_change_nothing(seed):
    program = drawn(seed, 3)
    names = ["c0", "c1", "c2"]
    expected = enumerated(program, names)
    assert np.array_equal(found(program, names, limits=Limits(workers=2)), expected)
    turned = found(program, ["c2", "c0", "c1"])
    assert np.array_equal(sorted_rows(turned[:, [1, 2, 0]]), expected)
    c0 = program.criteria["c0"]
    flipped = type(c0)("min" if c0.sense == "max" else "max", -5.0 * c0.vector)
    assert np.array_equal(sorted_rows(found(program.with_criteria({"c0": flipped}), names) * [-0.2, 1, 1]), expected)


def test_processes_find_the_same_front():
    program, names = program_of([C[3]], [2137], C[:3]), ["c0", "c1", "c2"]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        two = front_of(program, names, ask, Limits(workers=2, executor=pool))
        stopped = front_of(program, names, ask, Limits(workers=2, executor=pool, questions=6))
    assert two.complete and two.points.equals(front_of(program, names, ask).points)
    assert "limit of 6" in stopped.why_not and len(stopped) < len(two)


def test_an_interrupted_front_says_so_and_goes_on_to_the_same_end(tmp_path):
    program, names = program_of([C[3]], [2137], C[:3]), ["c0", "c1", "c2"]
    part = front_of(program, names, ask, Limits(questions=5))
    assert not part.complete and "limit of 5" in part.why_not and part.stopped
    part.write(tmp_path)
    whole = front_of(program, names, ask, known=Front.read(tmp_path))
    assert whole.complete and whole.points.equals(front_of(program, names, ask).points)
    with pytest.raises(ValueError, match="another instance"):
        front_of(program, ["c0", "c1"], ask, known=part)


def test_a_subproblem_that_fails_leaves_the_front_incomplete(monkeypatch):
    real, calls = every.Solver.answer, []

    def failing(self, sub, start=None):
        calls.append(sub)
        return Answer(sub, Status.FAILED, None, None, -np.inf, 0.0) if len(calls) > 5 else real(self, sub, start)

    monkeypatch.setattr(every.Solver, "answer", failing)
    front = front_of(program_of([[1, 1, 1, 1, 1]], [2], [[1, 2, 4, 8, 16], [16, 8, 4, 2, 1]]), ["c0", "c1"], ask)
    assert len(calls) > 5
    assert not front.complete
    assert "failed" in front.why_not
    monkeypatch.setattr(every.Solver, "answer", lambda _, sub, start=None: Answer(sub, Status.FAILED, None, None, -np.inf, 0.0))
    with pytest.raises(SolveError, match="failed"):
        front_of(program_of([[2, 3]], [4], [[3, 1], [1, 5]]), ["c0", "c1"], ask)


def test_one_point_and_no_point():
    same = program_of([[1, 1, 1]], [2], [[3, 2, 1], [6, 4, 2]])
    assert np.array_equal(found(same, ["c0", "c1"]), [[5, 10]])
    front = front_of(same, ["c0", "c1"], ask)
    assert front.ideal == front.nadir and front.knee is None
    with pytest.raises(SolveError, match="hard rules") as caught:
        front_of(program_of([[1, 1]], [5], [[1, 2], [2, 1]], lower=[3]), ["c0", "c1"], ask)
    assert caught.value.outcome.status is Status.INFEASIBLE
