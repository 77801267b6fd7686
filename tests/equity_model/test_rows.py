"""Rows by hand: cuts of the Gini coefficient, tangents, worst sums; what rounding moves; a quotient that there is none of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from equity_cases import best, compiled, instance

from optimizer.engine.program import Linear
from optimizer.engine.ratio import Ratio
from optimizer.model.answer import movements, unit_costs
from optimizer.model.equity.orders import Orders
from optimizer.model.equity.tangents import Entropy, Power, Tangents

UNITS = pd.DataFrame({"county": ["A", "B"]})


def test_the_row_of_an_order_is_the_mean_difference():
    orders = Orders("e", UNITS, np.array([0, 1]), np.ones(2), 2, 0.0)
    assert orders.cut(np.array([3.0, 1.0, 0.5])) is None  # |3 − 1| / 4
    rows = orders.cut(np.array([3.0, 1.0, 0.4]))
    assert rows.matrix.toarray() == pytest.approx(np.array([[-0.25, 0.25, 1.0]]))
    assert rows.matrix @ np.array([1.0, 3.0, 0.5]) == pytest.approx([1.0])  # holds for the other order too


def test_orders_hold_for_every_outcome():
    rng = np.random.default_rng(3)
    weight = rng.uniform(0.5, 3.0, 7)
    orders = Orders("e", pd.DataFrame({"county": range(7)}), np.arange(7), weight, 7, 0.0)
    share = weight / weight.sum()
    for _ in range(50):
        rows = orders.cut(np.append(rng.uniform(0, 1, 7), 0.0))
        u = rng.uniform(0, 1, 7)
        true = np.abs(u[:, None] - u[None, :]) @ share @ share / 2
        assert (rows.matrix @ np.append(u, true))[0] >= -1e-12


def test_a_tangent_touches_and_lies_outside():
    tangents = Tangents("e", UNITS, Power(1.0), np.array([0, 1]), np.array([2, 3]), np.full(2, 0.5), -1, np.full(2, 1e-6), 1e-3)
    rows = tangents.cut(np.array([2.0, 1.0, 5.0, 0.0]))  # B lies on ln 1 = 0, A past ln 2
    assert list(rows.keys["county"]) == ["A"]
    for u in (0.1, 2.0, 7.0):
        slack = rows.upper - rows.matrix @ np.array([u, 1.0, np.log(u)])
        assert slack == pytest.approx([0.0]) if u == 2.0 else slack[0] > 0
    assert tangents.cut(np.array([2.0, 1.0, np.log(2.0), 0.0])) is None


def test_a_tangent_of_a_perspective_scales():
    tangents = Tangents("e", UNITS, Entropy(), np.array([0, 1]), np.array([2, 3]), np.full(2, 0.5), 4, np.full(2, 1e-6), 1e-6)
    rows = tangents.cut(np.array([3.0, 1.0, -5.0, -5.0, 2.0]))
    u, s = np.array([3.0, 1.0]), 2.0
    assert rows.matrix @ np.concatenate([u, s * (u / s) * np.log(u / s), [s]]) == pytest.approx(np.zeros(2), abs=1e-12)
    rng = np.random.default_rng(0)
    for u, s in zip(rng.uniform(0.01, 5, (20, 2)), rng.uniform(0.1, 5, 20), strict=True):
        for scale in (1.0, 10.0):
            point = scale * np.concatenate([u, u * np.log(u / s), [s]])
            assert (rows.matrix @ point >= rows.lower - 1e-9).all()


def test_the_worst_two_of_three_by_hand():
    """90 of money, A 100 people at 1, B and C 100 at 2: a share of 0.18 each is the best, whichever two are the worst."""
    criteria = {"e": {"equity": "cvar", "outcome": "covered_share", "m": 2}}
    built = compiled(instance(criteria, ["e"], people=[100.0] * 3, cost=[1.0, 2.0, 2.0], budget=90))
    assert best(built, built.program.criteria["e"]).outcome.objective == pytest.approx(90 / 500, abs=1e-5)


def test_two_units_share_equally_where_the_gini_is_held_to_zero():
    rule = {"id": "r", "type": "equity", "equity": "gini", "outcome": "covered_share", "max": 0}
    built = compiled(instance(rules=[rule], people=[100.0, 100.0], cost=[1.0, 3.0], budget=100))
    found = best(built, built.program.criteria["coverage"])
    assert built.outcomes["r"].at(found.x) == pytest.approx([0.25, 0.25], abs=1e-5)


def test_outcomes_over_groups_and_constants():
    built = compiled(instance({"e": {"equity": "mad", "outcome": "gap_per_1000"}}, ["e"]))
    units = built.outcomes["e"]
    assert units.labels == ("A", "B", "C") and units.better == "low"
    assert units.at(np.zeros(built.program.n_columns)) == pytest.approx([100.0] * 3)
    assert units.at(np.zeros(built.program.n_columns + 5)) == pytest.approx([100.0] * 3)


def test_outcomes_move_with_what_they_add_up():
    given = instance({"e": {"equity": "mad", "outcome": "money"}}, ["e"])
    built = compiled(given)
    give = movements(built.program, given.data, built.money, unit_costs(built.program, given.data))
    of_outcome = next(give[f.start : f.stop] for f in built.program.columns if f.name == "outcome_money_counties")
    assert of_outcome == pytest.approx(np.full(3, given.data.step))
    of_mean = next(give[f.start : f.stop] for f in built.program.columns if f.name == "mean_money_counties")
    assert of_mean == pytest.approx([given.data.step])


def test_losses_are_not_called_larger_to_be_alike():
    """Claims of 100 and 200 of money: A takes 120 for more people, and B's loss is the 20 that 80 leave of its claim."""
    rule = {"id": "r", "type": "equity", "equity": "mad", "outcome": "loss", "max": 10}
    built = compiled(instance(rules=[rule], people=[500.0, 500.0], cost=[1.0, 2.0], budget=200))
    found = best(built, built.program.criteria["coverage"])
    money = next(found.x[f.start : f.stop] for f in built.program.columns if f.name == "transfer")
    losses = np.maximum(0, 100 - money)
    assert abs(losses - losses.mean()).mean() <= 10 + 1e-5
    assert found.outcome.objective == pytest.approx(120 + 40, abs=0.01)


def test_a_quotient_without_anything_to_share_is_zero():
    built = compiled(instance({"e": {"equity": "gini", "outcome": "covered_share"}}, ["e"], budget=0))
    found = best(built, built.program.criteria["e"])
    assert (found.outcome.objective, found.outcome.bound) == (0.0, 0.0)


def test_a_quotient_held_to_a_value_is_a_row():
    ratio = Ratio("min", np.array([1.0, 0.0]), 0.0, "", np.array([0.0, 2.0]))
    assert ratio.at(np.array([1.0, 1.0])) == 0.5
    assert np.isnan(ratio.at(np.zeros(2)))
    row = ratio.less(0.5)
    assert isinstance(row, Linear) and not isinstance(row, Ratio)
    assert row.vector == pytest.approx([1.0, -1.0])
