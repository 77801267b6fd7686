"""What a change of pairs can bring at most: never less than it does bring, and enough to find the best by."""

from __future__ import annotations

import numpy as np
from again import Again, pricer_of
from pair_worlds import pair_world

from optimizer.engine.program import Floats
from optimizer.review.around import Move
from optimizer.review.bounding import foremost


def ways_of(pricer, county: str) -> dict[int, list[Move]]:
    return {on: [move for off in pricer._replaced(county) for move in pricer._ways(off, on, deep=False)]
            for on in pricer.moves.open_to.get(county, [])}


def held_gain(again: Again, move: Move) -> float:
    """What a move brings in the whole program with every other whole decision held; −∞ where that cannot be."""
    at = again.at
    low, high = at.low.copy(), at.high.copy()
    low[at.pairs[list(move.off)]] = high[at.pairs[list(move.off)]] = 0.0
    low[at.pairs[list(move.on)]] = high[at.pairs[list(move.on)]] = 1.0
    again.session.set_col_bounds(np.arange(len(low)), low, high)
    result = again.session.solve("mip", gap=0.0)
    return -np.inf if result.x is None else float(at.problem.cost @ result.x) - at.value


def test_no_move_brings_more_than_its_bound_and_the_best_pairs_are_found_by_it():
    asked = told = 0
    for seed in range(14):
        pricer = pricer_of(pair_world(seed))
        if pricer is None:
            continue
        again, slack = Again(pricer), 1e-6 * max(1.0, abs(pricer.at.value))
        for county in sorted(set(pricer.moves.county)):
            ways = ways_of(pricer, county)
            for move in (move for moves in ways.values() for move in moves):
                bound, gain = pricer._bounds.of(move), held_gain(again, move)
                assert gain <= bound + slack, (seed, move)
                asked += 1
            each = {on: max(pricer._estimate(move) for move in moves) for on, moves in ways.items() if moves}
            if any(pricer._estimate(move) > pricer._bounds.of(move) + slack for moves in ways.values() for move in moves):
                continue  # the county's own whole decisions cannot stay: what another choice brings has no bound here
            found = [each[on] for on in pricer.screened(county, 2) if on in each][:2]
            assert np.allclose(found, sorted(each.values(), reverse=True)[:2], atol=slack), (seed, county)
            told += 1
    assert asked > 50 and told > 8


def test_what_is_not_worth_looking_at_is_not_looked_at():
    rng = np.random.default_rng(5)
    saved = 0
    for _ in range(200):
        values: Floats = rng.normal(size=rng.integers(1, 12))
        bounds = values + rng.exponential(0.3, len(values))
        bounds[rng.random(len(values)) < 0.1] = np.inf
        looked: list[int] = []

        def value(n: int, values: Floats = values, looked: list[int] = looked) -> float:
            looked.append(n)
            return float(values[n])

        count, least = int(rng.integers(1, 4)), float(rng.choice([-np.inf, 0.0]))
        found = foremost(zip(bounds.tolist(), range(len(values)), strict=True), value, count, least)
        best = sorted((float(v) for v in values if v > least), reverse=True)[:count]
        assert [worth for worth, _ in found] == best and all(values[n] == worth for worth, n in found)
        assert len(set(looked)) == len(looked)
        saved += len(values) - len(looked)
    assert saved > 300
