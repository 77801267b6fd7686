"""Plans for several scenarios, against every selection of projects enumerated."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.sensitivity.uncertainty import robust, scenario_plans

COST = {"P": 10.0, "Q": 10.0, "R": 20.0, "S": 10.0}
EFFECTS = {  # people by scenario; money for 30 of cost
    "as_given": {"P": 60.0, "Q": 50.0, "R": 90.0, "S": 36.0},
    "dry": {"P": 5.0, "Q": 40.0, "R": 30.0, "S": 35.0},
    "flood": {"P": 55.0, "Q": 2.0, "R": 88.0, "S": 20.0},
}


def world() -> opt.Instance:
    changes = {name: {f"effects.people[project={p}]": v for p, v in effects.items()} for name, effects in EFFECTS.items()}
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [400.0], "unit_cost": [np.nan]}),
        projects=pd.DataFrame({"project": list(COST), "county": "A", "category": "infra", "cost": list(COST.values())}),
        effects=pd.DataFrame({"project": list(COST), "need": "water", "people": list(EFFECTS["as_given"].values())}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": 30.0}},
                  "scenarios": {name: {"set": change} for name, change in changes.items() if name != "as_given"}},
    )


def selections() -> list[tuple[str, ...]]:
    found = []
    for taken in product((0, 1), repeat=len(COST)):
        chosen = tuple(name for name, on in zip(COST, taken, strict=True) if on)
        if sum(COST[name] for name in chosen) <= 30:
            found.append(chosen)
    return found


def values(chosen: tuple[str, ...]) -> np.ndarray:
    return np.array([sum(EFFECTS[scenario][name] for name in chosen) for scenario in EFFECTS])


BEST = np.array([max(values(c)[n] for c in selections()) for n in range(3)])


def tail(v: np.ndarray, alpha: float) -> float:
    """Mean of the worst 1 − alpha of three equally likely values, by cutting the probability into small parts."""
    parts = np.repeat(np.sort(v), 1000)
    return float(parts[: max(1, round((1 - alpha) * 3000))].mean())


def test_worst_case_is_the_best_of_all_selections():
    found = robust(world(), "worst")
    want = max(min(values(c)) for c in selections())
    assert (found.value, found.bound) == pytest.approx((want, want))
    assert found.table["kept_robust"].min() == pytest.approx(want)
    assert found.plan.audit.passed
    assert found.nominal.outcome.objective == max(values(c)[0] for c in selections())
    assert found.price == found.nominal.outcome.objective - found.plan.outcome.objective
    assert found.price > 0
    assert found.value_nominal < want


def test_largest_regret_is_the_least_of_all_selections():
    found = robust(world(), "regret")
    want = min(max(BEST - values(c)) for c in selections())
    assert found.value == pytest.approx(want)
    assert found.table["regret_robust"].max() == pytest.approx(want)
    assert found.table["best"].tolist() == pytest.approx(BEST.tolist())


@pytest.mark.parametrize("alpha", [0.4])
def test_cvar_is_the_best_of_all_selections(alpha):
    found = robust(world(), "cvar", alpha=alpha)
    assert found.value == pytest.approx(max(tail(values(c), alpha) for c in selections()), rel=1e-6)


def test_cvar_comes_to_the_worst_case_and_to_the_mean():
    assert robust(world(), "cvar", alpha=0.99).value == pytest.approx(robust(world(), "worst").value)
    assert robust(world(), "cvar", alpha=0.0).value == pytest.approx(max(values(c).mean() for c in selections()))


def test_probabilities_count():
    chances = {"as_given": 0.1, "dry": 0.8, "flood": 0.1}
    found = robust(world(), "cvar", alpha=0.0, probabilities=chances)
    want = max(float(values(c) @ np.array(list(chances.values()))) for c in selections())
    assert found.value == pytest.approx(want)
    with pytest.raises(opt.InstanceError):
        robust(world(), "cvar", probabilities={"as_given": 1.0, "rain": 0.0})


def two_counties() -> opt.Instance:
    """Two counties of 100 people at a unit cost of 1; 100 of money."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A", "B"], "population": [1000, 1000]}),
        needs=pd.DataFrame({"county": ["A", "B"], "need": ["water"] * 2, "people": [100.0, 100.0], "unit_cost": [1.0, 1.0]}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": 100.0}}},
    )


def test_money_follows_the_scenario_or_is_given_out_before():
    """In one scenario A is dear (4), in the other B. Money that follows reaches 100; given out before, x in A and
    100 − x in B reach x/4 + 100 − x and x + (100 − x)/4: at best 62.5 in both."""
    cases = {"dear_a": {"needs.unit_cost[county=A]": 4}, "dear_b": {"needs.unit_cost[county=B]": 4}}
    follows = robust(two_counties(), "worst", cases)
    assert follows.value == pytest.approx(100)
    before = robust(two_counties(), "worst", cases, shared="money")
    assert before.value == pytest.approx(62.5)
    assert before.plan.funds.groupby("county")["money"].sum().to_dict() == {"A": 50, "B": 50}
    assert before.plan.outcome.objective == 100
    assert before.plan.audit.passed


def test_money_that_a_scenario_cannot_use_stays_unspent_there():
    cases = {"empty": {"needs.people[county=A]": 10, "needs.people[county=B]": 10}}
    assert robust(two_counties(), "worst", cases, shared="money").value == pytest.approx(20)


def test_what_cannot_be_shared_is_refused():
    with pytest.raises(opt.InstanceError):
        robust(two_counties(), "worst")  # it has no scenarios
    with pytest.raises(opt.InstanceError):
        robust(two_counties(), "best", {"x": {}})  # type: ignore[arg-type]


def test_it_is_written(tmp_path):
    place = robust(world(), "worst", ["dry"]).write(tmp_path / "out")
    assert pd.read_csv(place / "scenarios.csv")["scenario"].tolist() == ["as_given", "dry"]
    assert opt.Plan.read(place / "robust").audited().audit.passed


def test_soft_rules_are_kept_as_far_as_can_be_before_anything_else():
    """P must not start, at a price: without it Q, R or S are left, whatever the scenario."""
    rule = {"id": "no_p", "type": "bound", "sentence": "P should not start", "hard": 0, "price": 1,
            "of": {"sum": "projects", "project": "P"}, "max": 0}
    given = world()
    settings = {**given.raw_settings, "rules": [rule]}
    made = opt.Instance.from_frames(settings=settings, **{n: t for n, t in given.tables.items() if len(t)})
    found = robust(made, "worst")
    assert found.value == pytest.approx(max(min(values(c)) for c in selections() if "P" not in c))
    assert "P" not in set(found.plan.projects["project"])


def test_what_floating_point_numbers_leave_of_nothing_is_no_regret():
    best = np.array([24241.2, 23372.8])
    assert scenario_plans._exact(np.array([-9e-13, 3.0]), best).tolist() == [0.0, 3.0]
    assert np.isnan(scenario_plans._exact(float("nan"), best))
