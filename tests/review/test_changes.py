"""The curve of changes against every selection of pairs, and today's partnerships against the plan."""

from __future__ import annotations

import importlib
import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.review.changes import changes, with_limit
from optimizer.review.today import today

SETTINGS: dict[str, Any] = {
    "format": 1, "periods": [2026], "needs": {"water": {"kind": "lasting", "category": "works"}}, "categories": {"works": {}},
}


def instance(seed: int = 0, size: int = 4, rules: list[dict[str, Any]] | None = None, **columns: Any) -> Instance:
    """As many donors as counties; one yuan reaches one person, and what pairs may carry differs."""
    rng = np.random.default_rng(seed)
    donors, counties = [f"D{n}" for n in range(size)], [f"C{n}" for n in range(size)]
    keys = list(itertools.product(donors, counties))
    pairs = pd.DataFrame(keys, columns=["donor", "county"]).assign(
        most_support=rng.integers(10, 100, size * size).astype(float), fit=rng.random(size * size).round(2),
        existing=[float(d[1:] == c[1:]) for d, c in keys], **columns)
    return Instance.from_frames(
        settings=SETTINGS | {"rules": rules or []}, counties=pd.DataFrame({"county": counties, "partners_min": 1}), pairs=pairs,
        needs=pd.DataFrame({"county": counties, "need": "water", "people": 1000.0, "unit_cost": 1.0}),
        donors=pd.DataFrame({"donor": donors, "money": 1000.0, "pairs_max": 1}),
    )


def by_hand(given: Instance, n: int) -> float:
    """The best of all assignments that end at most n existing pairs."""
    pairs = given.data.pairs.set_index(["donor", "county"])["most_support"]
    size = len(given.data.donors)
    return max(sum(pairs[f"D{d}", f"C{c}"] for d, c in enumerate(order)) for order in itertools.permutations(range(size))
               if sum(d != c for d, c in enumerate(order)) <= n)


def test_the_curve_against_every_assignment() -> None:
    given = instance(1)
    table = changes(given, [4, 0, 2, 3, 1])
    assert table["n"].tolist() == [0, 1, 2, 3, 4]
    assert table["value"].tolist() == [by_hand(given, n) for n in range(5)] == table["coverage"].tolist()
    assert (table["ended"] <= table["n"]).all() and (table["new"] == table["ended"]).all()
    assert (table["bound"] >= table["value"] - 1e-6).all() and table["gap_percent"].max() < 1e-6
    assert table["value"].is_monotonic_increasing and table["bound"].is_monotonic_increasing


def test_a_plan_that_is_known_stands_where_a_search_finds_a_worse_one(monkeypatch: pytest.MonkeyPatch) -> None:
    given = instance(1)
    kept, known = opt.solve(with_limit(given, 0)), opt.solve(given)
    assert known.outcome.objective > kept.outcome.objective
    monkeypatch.setattr(importlib.import_module("optimizer.review.changes"), "_best", lambda *_: kept)
    table = changes(given, [0, 4], known=known)
    assert table["value"].tolist() == [kept.outcome.objective, known.outcome.objective]
    assert table["ended"].iloc[0] == 0 < table["ended"].iloc[1]


def test_too_few_changes_are_recorded_as_impossible() -> None:
    forbidden = ["forbid" if (d, c) == (0, 0) else "free" for d, c in itertools.product(range(3), repeat=2)]
    table = changes(instance(1, 3, status=forbidden), [0, 1, 2])
    assert table["status"].tolist()[:2] == ["infeasible", "infeasible"]  # one more has to make room for the county
    assert table["value"].isna().tolist() == [True, True, False] and table["gap_percent"].isna().tolist() == [True, True, False]
    assert table["ended"].iloc[2] == 2


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(InstanceError, match="negative"):
        changes(instance(), [-1])
    with pytest.raises(InstanceError, match="no pair is marked as existing"):
        changes(instance().with_({"pairs.existing": 0}), [0])


def test_disruption_is_a_criterion_and_a_limit() -> None:
    given = instance(2)
    least = opt.solve(given.with_({"method.levels": "[{criterion: disruption}, {criterion: coverage}]",
                                   "method.type": "lexicographic"}))
    assert (least.outcome.objective, least.criteria.set_index("criterion")["value"]["coverage"]) == (0, by_hand(given, 0))
    most = opt.solve(given.with_({"method.levels": "[{criterion: coverage}, {criterion: disruption}]",
                                  "method.type": "lexicographic"}))
    assert most.outcome.objective == by_hand(given, 4)
    limited = opt.solve(with_limit(given, 2))
    assert limited.outcome.objective == by_hand(given, 2) and (limited.pairings["status"] == "ended").sum() <= 2


def test_a_rule_of_the_instance_may_have_the_name() -> None:
    rule = {"id": "at_most_ended", "type": "pairs", "sentence": "Keep them", "max_changed": 3}
    assert [rule.id for rule in with_limit(instance(rules=[rule]), 1).settings.rules] == ["at_most_ended", "at_most_ended_0"]


def test_today_tells_kept_ended_and_new_with_their_prices() -> None:
    plan = opt.solve(instance(2))
    table = today(plan, lambda donor, county, status: float(len(donor + county + status)))
    listed = plan.pairings.set_index(["donor", "county"])
    assert len(table) == len(listed) and {"ended", "new"} <= set(table["status"])
    assert table["status"].tolist() == sorted(table["status"], key=["ended", "new", "kept"].index)
    for row in table.to_dict("records"):
        assert row["status"] == listed.loc[(row["donor"], row["county"]), "status"]
        assert (row["price"] == 4 + len(row["status"])) != (row["status"] == "kept")
