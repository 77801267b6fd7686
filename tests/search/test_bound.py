"""The bound by blocks lies between the best whole point and the relaxation."""

from __future__ import annotations

import numpy as np
import pytest
from block_programs import problem, relaxed_optimum, whole_optimum

from optimizer.search import bound, relaxation
from optimizer.search.bound import block_bound
from optimizer.search.candidates import Candidates
from optimizer.search.dominance import Dominance
from optimizer.search.relaxation import Relaxer

SEEDS = range(6)
NEAR = 1e-4


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(relaxation, "SHORT", 1)
    monkeypatch.setattr(bound, "NEAREST", 1)


def bounded(seed: int, **options: object) -> tuple[float, float, float]:
    """The bound, the best whole point's value and the relaxation's."""
    asked = problem(seed, blocks=4, donors=10, **options)
    relaxer = Relaxer(asked)
    found = relaxer.solve()
    return (block_bound(asked, found, relaxer.candidates), whole_optimum(asked).objective, relaxed_optimum(asked).objective)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("sense", ["max", "min"])
def test_between_the_whole_optimum_and_the_relaxation(seed, sense):
    proved, whole, relaxed = bounded(seed, sense=sense)
    assert proved >= whole - NEAR
    assert proved <= relaxed + NEAR * max(1.0, abs(relaxed))


def test_it_is_better_than_the_relaxation_somewhere():
    found = [bounded(seed) for seed in range(4)]
    assert any(proved < relaxed - 0.1 for proved, _, relaxed in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_candidates_that_others_replace_change_nothing(seed, monkeypatch):
    with_them = bounded(seed)[0]
    monkeypatch.setattr(Dominance, "needed", lambda self, own: own)
    assert bounded(seed)[0] == pytest.approx(with_them, abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_fewer_first_candidates_change_nothing(seed, monkeypatch):
    few = bounded(seed)[0]
    monkeypatch.setattr(bound, "NEAREST", 1000)
    assert bounded(seed)[0] == pytest.approx(few, abs=1e-3)


def test_some_candidates_are_never_needed():
    dropped = 0
    for seed in SEEDS:
        asked = problem(seed, blocks=4, donors=10)
        owned = Candidates.of(asked)
        dominance = Dominance(asked, owned, asked.cost)
        for block in range(asked.n_blocks):
            own = np.flatnonzero(owned.block == block)
            kept = dominance.needed(own)
            assert set(kept) <= set(own)
            dropped += len(own) - len(kept)
    assert dropped > 0


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_stop_proves_nothing(after):
    asked = problem(1, blocks=4, donors=10)
    relaxer = Relaxer(asked)
    found = relaxer.solve()
    calls = iter(range(100))
    assert block_bound(asked, found, relaxer.candidates, stop=lambda: next(calls) >= after) == np.inf


def test_two_workers_prove_the_same():
    asked = problem(2, blocks=4, donors=10)
    relaxer = Relaxer(asked)
    found = relaxer.solve()
    one, two = (block_bound(asked, found, relaxer.candidates, workers=n) for n in (1, 2))
    assert one == two
