"""Curves, master, neighbourhoods and settling: each keeps its word on random block programs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from block_programs import problem
from scipy import sparse

from optimizer.engine.piece import Piece
from optimizer.search.candidates import Candidates
from optimizer.search.curves import Curve, first_tangents, value_curves
from optimizer.search.master import Master, master_of
from optimizer.search.neighbourhood import Neighbourhoods
from optimizer.search.polish import whole_master
from optimizer.search.problem import Problem
from optimizer.search.relaxation import Relaxation, Relaxer
from optimizer.search.sequence import settle

SEEDS = range(5)


def relaxed(asked: Problem) -> Relaxation:
    found = Relaxer(asked).solve()
    assert isinstance(found, Relaxation)
    return found


def gain(asked: Problem, dual: np.ndarray, curve: Curve, at: np.ndarray) -> float | None:
    """What the block's own program says at values of its first stage; stated anew, without a Piece that was used before."""
    p = asked.program
    others = asked.rows_with(~asked.first)
    cost = asked.priced(dual, asked.linking & others)
    columns = np.flatnonzero((p.col_block == curve.number) & ~asked.first)
    rows = np.flatnonzero((p.row_block == curve.number) & others)
    given = np.flatnonzero((p.col_block == curve.number) & asked.first)
    shift = p.matrix[rows][:, given] @ at
    answer = Piece(cost[columns], p.matrix[rows][:, columns].tocsc(), p.row_lower[rows] - shift, p.row_upper[rows] - shift,
                   p.col_lower[columns], p.col_upper[columns]).solve()
    return None if answer is None else answer.value


@pytest.mark.parametrize("seed", SEEDS)
def test_tangents_lie_above_the_curve_and_touch_it(seed):
    asked, rng = problem(seed), np.random.default_rng(seed)
    found, p = relaxed(asked), asked.program
    curves = value_curves(asked, found.dual)
    assert {curve.number for curve in curves} == set(range(asked.n_blocks))
    cuts = first_tangents(asked, curves, found.x)
    for curve in curves:
        own = [cut for cut in cuts if cut.block == curve.number]
        assert own
        for _ in range(6):
            at = rng.random(len(curve.given)) * p.col_upper[curve.given]
            value = gain(asked, found.dual, curve, at)
            tangent = curve.tangent(at)
            assert value is not None
            assert tangent.constant + tangent.slope @ at == pytest.approx(value, abs=1e-6)
            own.append(tangent)
            for cut in own:
                assert cut.constant + cut.slope @ at >= value - 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_the_master_over_all_columns_is_no_less_than_the_relaxation(seed):
    asked = problem(seed)
    found = relaxed(asked)
    curves = value_curves(asked, found.dual)
    master = master_of(asked, first_tangents(asked, curves, found.x), found.dual, np.ones(asked.program.n_columns, bool))
    top = Piece(master.cost, master.by_column, master.row_lower, master.row_upper, master.col_lower, master.col_upper).solve()
    p = asked.program
    priced = asked.linking & asked.rows_with(~asked.first)
    side = np.where(found.dual > 0, p.row_upper, p.row_lower)
    real = priced & (np.abs(found.dual) > 1e-9)
    loose = p.col_block < 0
    cost = asked.priced(found.dual, priced)
    alone = np.where(cost > 0, p.col_upper, p.col_lower)[loose] @ cost[loose]
    assert top.value + found.dual[real] @ side[real] + alone >= found.value - 1e-5
    values = master.expanded(top.x, p.n_columns)
    assert not values[~asked.first].any()


def feasible(master: Master, x: np.ndarray) -> bool:
    activity = master.rows @ x
    return bool(
        (activity <= master.row_upper + 1e-5).all() and (activity >= master.row_lower - 1e-5).all()
        and (x <= master.col_upper + 1e-6).all() and (x >= master.col_lower - 1e-6).all()
        and (np.abs(x - np.round(x))[master.integer] <= 1e-9).all()
    )


def first_stage(seed: int) -> tuple[Master, np.ndarray]:
    """A master of stage 1 and a poor point of it."""
    asked = problem(seed, blocks=8, donors=5)
    found = relaxed(asked)
    cuts = first_tangents(asked, value_curves(asked, found.dual), found.x)
    master = master_of(asked, cuts, found.dual, np.ones(asked.program.n_columns, bool))
    return master, poor(master)


def of_the_whole(seed: int) -> tuple[Master, np.ndarray]:
    asked = problem(seed, blocks=8, donors=5)
    p = asked.program
    master = whole_master(asked, p.col_lower, p.col_upper, np.ones(p.n_columns, bool))
    return master, poor(master)


def poor(master: Master) -> np.ndarray:
    worst = Piece(-master.cost, master.by_column, master.row_lower, master.row_upper, master.col_lower, master.col_upper,
                  master.integer).solve(nodes=50)
    start = master.with_integers(worst.x)
    assert start is not None
    assert (np.round(worst.x) == np.round(start))[master.integer].all()
    return np.where(master.integer, np.round(start), start)


@pytest.mark.parametrize("make", [first_stage, of_the_whole])
@pytest.mark.parametrize("seed", SEEDS)
def test_neighbourhoods_keep_the_rows_and_never_lose(seed, make):
    master, x = make(seed)
    assert feasible(master, x)
    hunt = Neighbourhoods(master, seed, size=3, nodes=5)
    values = [master.value(x)]
    for _ in range(4):
        x = hunt.improve(x, rounds=1, enough=lambda value: False, stop=lambda: False)
        assert feasible(master, x)
        values.append(master.value(x))
    assert values == sorted(values)
    assert values[-1] > values[0] + 1.0


def test_the_same_seed_makes_the_same_point():
    for seed in range(3):
        master, x = of_the_whole(seed)
        ends = [Neighbourhoods(master, 7, size=3, workers=2, ideal=x).improve(
            x, rounds=5, enough=lambda value: False, stop=lambda: False) for _ in range(2)]
        assert (ends[0] == ends[1]).all()


def test_enough_or_a_stop_ends_at_once():
    master, x = first_stage(0)
    hunt = Neighbourhoods(master, 0)
    for enough, stop in ((True, False), (False, True)):
        same = hunt.improve(x, rounds=5, enough=lambda value, e=enough: e, stop=lambda s=stop: s)
        assert (same == x).all()
        assert same is not x


def test_integers_outside_all_blocks_stand_still():
    master, x = of_the_whole(1)
    master = replace(master, block=np.where(master.block == 0, -1, master.block))
    out = Neighbourhoods(master, 0, size=3).improve(x, rounds=3, enough=lambda value: False, stop=lambda: False)
    assert feasible(master, out)
    assert (out == x)[master.block < 0].all()


def test_a_master_without_a_point_with_these_integers():
    master, x = of_the_whole(0)
    x = np.where(master.integer, np.round(master.col_upper), x)
    assert master.with_integers(x) is None


def fixed_first(seed: int, sense: str = "max") -> tuple[Problem, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A problem, its relaxed point and duals with the first stage held at a whole point, and the bounds that hold it."""
    asked = problem(seed, blocks=7, donors=4, sense=sense)
    p = asked.program
    master = whole_master(asked, p.col_lower, p.col_upper, np.ones(p.n_columns, bool))
    whole = Piece(master.cost, master.by_column, p.row_lower, p.row_upper, p.col_lower, p.col_upper, p.integer).solve(nodes=1)
    at = Candidates.of(asked).switch
    low, high = p.col_lower.copy(), p.col_upper.copy()
    low[at] = high[at] = np.round(whole.x[at])
    answer = Piece(asked.cost, p.by_column, p.row_lower, p.row_upper, low, high).solve()
    return asked, answer.x, answer.row_dual, low, high


def fractional() -> tuple[Problem, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The first of these whose relaxed point leaves integers fractional in several blocks."""
    for seed in range(40):
        made = fixed_first(seed)
        p = made[0].program
        if len(set(p.col_block[p.integer & (np.abs(made[1] - np.round(made[1])) > 1e-3)])) > 1:
            return made
    raise AssertionError("every relaxed point is whole")


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_settling_makes_integers_whole_and_keeps_every_row(seed, workers):
    asked, x, dual, low, high = fixed_first(seed, "min" if seed % 2 else "max")
    p = asked.program
    out, unsettled = settle(asked, x, dual, low, high, seed=seed, workers=workers)
    broken = p.integer & (np.abs(out - np.round(out)) > 1e-6)
    assert set(p.col_block[broken]) <= set(unsettled)
    assert not unsettled  # leaving all projects out is always possible here
    assert p.violation(out) <= 1e-5
    assert (out <= high + 1e-6).all()
    assert (out >= low - 1e-6).all()


def test_settling_does_not_depend_on_threads():
    asked, x, dual, low, high = fractional()
    one, two = (settle(asked, x, dual, low, high, seed=1, workers=n)[0] for n in (1, 2))
    assert (one == two).all()
    assert (one != x).any()


def test_what_cannot_be_settled_is_named_and_left_as_it_was():
    asked, x, dual, low, high = fractional()
    p = asked.program
    column = int(np.flatnonzero(p.integer & (np.abs(x - np.round(x)) > 1e-3))[0])
    block = int(p.col_block[column])
    extra = sparse.csr_matrix(([1.0], ([0], [column])), shape=(1, p.n_columns))  # this amount and no other
    rows = p.matrix.copy()
    added = replace(
        p, matrix=sparse.vstack([rows, extra], format="csr"), row_lower=np.append(p.row_lower, x[column]),
        row_upper=np.append(p.row_upper, x[column]), row_block=np.append(p.row_block, block),
        rows=(replace(p.rows[0], stop=p.n_rows + 1, keys=p.rows[0].keys.reindex(range(p.n_rows + 1))),))
    out, unsettled = settle(replace(asked, program=added), x, np.append(dual, 0.0), low, high, seed=0, workers=1)
    assert unsettled == [block]
    assert (out == x)[p.col_block == block].all()
