"""Bertsimas and Sim's counterpart, against every selection and every set of effects that falls short."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.sensitivity.uncertainty.budgeted import protect

EFFECT = {"P": 60.0, "Q": 33.0, "R": 32.0, "S": 31.0}
COST = {"P": 20.0, "Q": 15.0, "R": 15.0, "S": 15.0}
LOSS = {"P": 0.8, "Q": 0.1, "R": 0.2, "S": 0.5}
MONEY = 50.0


def world() -> opt.Instance:
    """Money for P and two others, or for three of the small ones."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [400.0], "unit_cost": [np.nan]}),
        projects=pd.DataFrame({"project": list(COST), "county": "A", "category": "infra", "cost": list(COST.values())}),
        effects=pd.DataFrame({"project": list(COST), "need": "water", "people": list(EFFECT.values())}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": MONEY}}},
    )


def left(chosen: tuple[str, ...], gamma: int) -> float:
    """People when the ``gamma`` effects whose loss hurts most fall short."""
    short = [few for n in range(min(gamma, len(chosen)) + 1) for few in combinations(chosen, n)]
    return sum(EFFECT[p] for p in chosen) - max(sum(LOSS[p] * EFFECT[p] for p in few) for few in short)


def best(gamma: int) -> float:
    return max(left(c, gamma) for n in range(5) for c in combinations(COST, n) if sum(COST[p] for p in c) <= MONEY)


@pytest.fixture(scope="module")
def found():
    return protect(world(), LOSS, gammas=(0, 1, 2, 4))


def test_every_gamma_is_the_best_of_all_selections(found):
    want = [best(gamma) for gamma in (0, 1, 2, 4)]
    assert found.table["guaranteed"].tolist() == pytest.approx(want)
    assert found.table["bound"].tolist() == pytest.approx(want)


def test_gamma_nought_is_the_plan_as_given_and_all_is_the_worst_case(found):
    table = found.table.set_index("gamma")
    assert table.loc[0, ["price", "price_percent"]].tolist() == [0, 0]
    assert table.loc[0, "as_given"] == found.nominal.outcome.objective
    worst = world().with_({f"effects.people[project={p}]": EFFECT[p] * (1 - LOSS[p]) for p in EFFECT})
    assert table.loc[4, "guaranteed"] == pytest.approx(opt.Session(worst).solve().claims.levels[0].modelled_value)


def test_what_is_guaranteed_falls_and_the_price_is_what_the_plans_differ_by(found):
    table = found.table
    assert table["guaranteed"].is_monotonic_decreasing
    assert (table["guaranteed"] >= table["guaranteed_nominal"] - 1e-9).all()
    assert (table["guaranteed"] <= table["as_given"] + 1e-9).all()
    assert table["price"].tolist() == [found.nominal.outcome.objective - v for v in table["as_given"]]
    assert table["price"].max() > 0
    assert all(plan.audit.passed for plan in found.plans.values())


def test_a_fraction_of_an_effect_lies_between(found):
    half = protect(world(), LOSS, gammas=(0.5,)).table["guaranteed"].iloc[0]
    assert found.table["guaranteed"].iloc[1] <= half <= found.table["guaranteed"].iloc[0]


def test_what_makes_no_sense_is_refused():
    for wrong in ({"loss": 1.2}, {"loss": {"X": 0.1}}, {"gammas": (-1,)}):
        with pytest.raises(opt.InstanceError):
            protect(world(), **wrong)


def test_plans_are_written(found, tmp_path):
    place = found.write(tmp_path / "out")
    assert len(pd.read_csv(place / "price_of_robustness.csv")) == 4
    assert opt.Plan.read(place / "gamma-2").audited().audit.passed
