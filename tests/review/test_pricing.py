"""Every price lies in its bracket, and is the price where the bracket says so: solved again on small worlds."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "whole"))
sys.path.insert(0, str(Path(__file__).parent))

from again import Again, close, pricer_of
from pair_worlds import pair_world
from tiny_worlds import world

import optimizer as opt
from optimizer.review.pricing import Pricer
from tests.extent import few


def pricer_in(seed: int) -> Pricer | None:
    """Of a world with many pairs; past 100 of one that uses every clause, with few."""
    instance = pair_world(seed) if seed < 100 else world(seed, soft=0.0)
    instance = instance if isinstance(instance, opt.Instance) else instance.instance()
    if len(instance.data.pairs) < 2 or any(finding.severity == "error" for finding in opt.check(instance)):
        return None
    return pricer_of(instance)


@pytest.mark.parametrize("seeds", few(2, [range(10), (112, 116, 122, 129, 133, 145), range(10, 20), range(20, 30)]))
def test_prices_are_those_of_solving_again(seeds):
    asked = exact = 0
    for seed in seeds:
        pricer = pricer_in(seed)
        if pricer is None:
            continue
        again, size = Again(pricer), abs(pricer.at.value / pricer.at.problem.scale)
        for on in np.flatnonzero(pricer.moves.may & ~pricer.moves.chosen).tolist():
            price = pricer.instead(pricer.moves.donor[on], pricer.moves.county[on])
            true = again.price(on)
            if price is None:
                assert true == np.inf, (seed, on)
                continue
            asked += 1
            exact += price.exact
            slack = 1e-5 * max(1.0, size)
            assert price.low - slack <= true <= price.high + slack, (seed, on, price, true)
            assert not price.exact or close(price.high, true, size)
    if seeds[0] < 100:
        assert asked >= 20 and exact >= 0.9 * asked


def test_what_a_pair_adds_is_what_ending_it_costs():
    asked = 0
    for seed in range(20, 26):
        pricer = pricer_in(seed)
        if pricer is None:
            continue
        again, moves, size = Again(pricer), pricer.moves, abs(pricer.at.value / pricer.at.problem.scale)
        for off in np.flatnonzero(moves.chosen).tolist():
            donor, county = moves.donor[off], moves.county[off]
            prices = [pricer.instead(moves.donor[k], county, donor) for k in moves.open_to.get(county, [])]
            ended = pricer.without(donor, county, [price for price in prices if price is not None])
            if moves.must[off]:
                assert ended is None
                continue
            true, slack = again.ended(off), 1e-5 * max(1.0, size)
            if ended is None:
                assert true == np.inf, (seed, off)
                continue
            asked += 1
            assert ended.low - slack <= true <= ended.high + slack, (seed, off, ended, true)
    assert asked >= 3
