"""Exchanges before a plan is recommended: they never make it worse, and end where no alternative would be better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pair_worlds import pair_world

import optimizer as opt
from optimizer.instance.findings import InstanceError
from optimizer.plan.plan import Plan
from optimizer.review import improve
from optimizer.review.improve import apart, applied, best_exchange, improved
from optimizer.review.recommend import task_of
from optimizer.review.recommendations import Recommendations


def poor_plan(seed: int) -> tuple[Plan, Plan] | None:
    """A plan of a small world without a pair of its best plan, under the bound that holds for all its plans; the best plan."""
    instance = pair_world(seed)
    try:
        best = opt.solve(instance)
        chosen = best.pairings[(best.pairings["status"] != "ended") & (best.pairings["locked"] == 0)]
        gone = chosen.head(2).assign(kind="pair", decision="forbid")[["kind", "donor", "county", "decision"]]
        other = opt.solve(instance.with_decisions(gone))
    except (InstanceError, opt.SolveError):
        return None
    poor = replace(other, instance=instance, claims=replace(other.claims, levels=best.claims.levels, status="limit"))
    criteria = poor.criteria.copy()
    at = criteria["role"] == "objective"
    criteria.loc[at, "bound"] = best.outcome.bound
    return replace(poor, criteria=criteria), best


@pytest.fixture(scope="module")
def worlds() -> list[tuple[Plan, Plan]]:
    found = [poor_plan(seed) for seed in range(14)]
    return [one for one in found if one is not None and one[0].outcome.objective < one[1].outcome.objective - 1]


@pytest.mark.parametrize("at_once", [24, 2])
def test_exchanges_make_the_plan_better_until_no_alternative_would(worlds, monkeypatch, at_once):
    monkeypatch.setattr(improve, "AT_ONCE", at_once)  # all counties of these worlds, and a few of them
    closed = 0
    for poor, best in worlds:
        task, _ = task_of(poor)
        counties = sorted(set(poor.data.pairs["county"]))
        done = improved(task, counties)
        scale = task.at.problem.scale
        assert done.finished and done.task.at.value >= task.at.value
        assert done.task.at.value / scale <= best.outcome.bound + 30  # what no plan exceeds, whole steps aside
        assert done.exchanges + done.renewals == len(done.applied)
        pricer = done.task.pricer()
        for county in counties:
            found = best_exchange(pricer, county, 1e-6 * abs(done.task.at.value), thorough=True)
            assert found is None
        closed += done.task.at.value > task.at.value
    assert len(worlds) >= 5 and closed >= 4


def test_what_is_recommended_is_the_better_plan_in_whole_steps_and_audited(worlds, tmp_path: Path):
    gained = 0
    for poor, best in worlds[:4]:
        found = opt.recommend(poor, alternatives=1)
        assert (found.plan.audit is not None and found.plan.audit.passed) or found.plan is poor
        gain = found.plan.outcome.objective - poor.outcome.objective
        assert gain >= 0 and found.settings["gain"] == gain and found.settings["improved_from"] == poor.outcome.objective
        assert found.plan.outcome.objective <= best.outcome.bound + 1e-6 and found.plan.outcome.bound == best.outcome.bound
        assert (found.settings["exchanges"] + found.settings["renewals"] > 0) == (gain > 0)
        if gain:
            gained += 1
            assert found.plan.claims.status in ("optimal", "within_gap", "limit")
            assert (found.plan.claims.status == "optimal") == (found.plan.outcome.gap_percent <= 1e-7)
            chosen = found.table[found.table["chosen"]]
            held = found.plan.pairings[found.plan.pairings["status"] != "ended"]
            keys = [set(zip(part["donor"], part["county"], strict=True)) for part in (chosen, held)]
            assert keys[0] == keys[1]
    assert gained >= 2
    found.write(tmp_path / "recs")
    again = Recommendations.read(tmp_path / "recs")
    assert again.plan.outcome.objective == found.plan.outcome.objective and again.settings["gain"] == found.settings["gain"]


def test_a_plan_can_be_recommended_as_it_is(worlds):
    poor, _ = worlds[0]
    as_it_is = opt.recommend(poor, alternatives=1, improve=0)
    assert as_it_is.plan is poor and as_it_is.settings["exchanges"] == 0 == as_it_is.settings["gain"]


def test_exchanges_that_share_a_donor_or_county_wait_and_those_that_do_not_go_together_are_halved(worlds):
    poor, _ = worlds[0]
    task, _ = task_of(poor)
    pricer = task.pricer()
    options = [one for county in sorted(set(task.county)) if (one := best_exchange(pricer, county, 1e-9)) is not None]
    taken = apart(options, task)
    names = [(task.donor[k], task.county[k]) for one in taken for k in {*one.move.off, *one.move.on}]
    for part in (0, 1):
        for one in taken:
            own = {(task.donor[k], task.county[k])[part] for k in (*one.move.off, *one.move.on)}
            others = {pair[part] for other in taken if other is not one
                      for pair in ((task.donor[k], task.county[k]) for k in (*other.move.off, *other.move.on))}
            assert not own & others
    assert names and taken[0].gain == max(one.gain for one in options)
    wrong = replace(taken[0], columns=task.at.pairs, values=np.ones(len(task.at.pairs)))  # every pair at once
    after, made = applied(task.at, [*taken, wrong])
    assert wrong not in made and after.value > task.at.value


def test_the_time_share_is_kept(worlds):
    poor, _ = worlds[0]
    task, _ = task_of(poor)
    done = improved(task, sorted(set(poor.data.pairs["county"])), deadline=0.0)
    assert not done.finished and not done.applied and done.task.at.value == task.at.value
    assert isinstance(done.task.at.value, float) and not pd.isna(done.task.at.value)
