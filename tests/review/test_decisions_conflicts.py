"""Decisions that contradict a limit are told at once, all of them, in words, before anything is solved."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.engine.outcome import SolveError
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance

SETTINGS: dict[str, Any] = {
    "format": 1, "periods": [2026], "needs": {"water": {"kind": "lasting", "category": "works"}}, "categories": {"works": {}},
}
COUNTIES = [f"C{n}" for n in range(9)]


def instance(counties: int = 9, *, partners_min: float = 0, **columns: Any) -> Instance:
    donors = pd.DataFrame({"donor": ["S", "W"], "name": ["Suzhou", None], "money": [1000.0, 400.0], "pairs_max": [6.0, np.nan],
                           "load_max": [np.nan, 5.0]})
    pairs = pd.DataFrame(list(product(["S", "W"], COUNTIES[:counties])), columns=["donor", "county"]).assign(**columns)
    return Instance.from_frames(
        settings=SETTINGS, donors=donors, pairs=pairs,
        counties=pd.DataFrame({"county": COUNTIES[:counties], "partners_max": 1, "partners_min": partners_min}),
        needs=pd.DataFrame({"county": COUNTIES[:counties], "need": "water", "people": 1000.0, "unit_cost": 1.0}),
    )


def decided(given: Instance, *rows: tuple[str, str, str]) -> Instance:
    return given.with_decisions(pd.DataFrame(rows, columns=["donor", "county", "decision"]).assign(kind="pair"))


def told(given: Instance) -> list[str]:
    return [finding.sentence() for finding in opt.check(given) if finding.severity == "error"]


def test_the_nine_counties_of_suzhou() -> None:
    found = told(decided(instance(), *(("S", county, "lock") for county in COUNTIES)))
    assert found == ["decisions: locks give Suzhou (S) nine counties (C0, C1, C2, C3 and 5 more), its limit is six. "
                     "Take back three of them, or raise pairs_max of S."]


def test_counties_and_donors_are_told_by_name() -> None:
    given = instance(7)
    named = given.replaced(tables={**given.tables, "counties": given.tables["counties"].assign(
        name=[f"县{n}" if n < 6 else None for n in range(7)])})
    [found] = told(decided(named, *(("S", county, "lock") for county in COUNTIES[:7])))
    assert "seven counties (县0 C0, 县1 C1, 县2 C2, 县3 C3 and 3 more)" in found
    both = told(decided(named, ("S", "C0", "lock"), ("W", "C0", "lock")))
    assert "locks give 县0 (C0) two partners (Suzhou S, W), its limit is one" in both[0]


def test_everything_is_told_together() -> None:
    given = instance(4, load=3.0, least_support=250.0)
    found = told(decided(given, ("S", "C0", "lock"), ("W", "C0", "accept"), ("W", "C1", "lock")))
    assert len(found) == 3 + sum("at least 500" in sentence and "locked pairs" in sentence for sentence in found)
    assert "decisions: locks give W a load of 6 (C0, C1), its limit is 5." in found[0]
    assert "locks oblige W to give at least 500 万元 (least_support of C0, C1), its money is 400 万元" in found[1]
    assert "locks give C0 two partners (Suzhou S, W), its limit is one. Take back one of them" in found[2]


def test_forbidding_every_candidate_of_a_county_that_must_have_a_partner() -> None:
    given = decided(instance(2, partners_min=1), ("S", "C1", "forbid"), ("W", "C1", "forbid"))
    assert "forbids leave C1 no candidates (two forbidden: Suzhou S, W), it must have at least one donor" in told(given)[0]
    assert told(decided(instance(2, partners_min=1), ("S", "C1", "forbid"))) == []


def test_locks_of_the_table_itself_are_told_of_the_table() -> None:
    assert told(instance(7).with_({"pairs.status[donor=S]": "lock"}))[0].startswith("pairs: locks give Suzhou (S) seven counties")


def test_unknown_identifiers_and_contradictions_are_told_together() -> None:
    with pytest.raises(InstanceError) as error:
        decided(instance(2), ("S", "C9", "lock"), ("S", "C0", "lock"), ("S", "C0", "forbid"), ("Z", "C1", "lock"))
    problems = [finding.problem for finding in error.value.findings]
    assert len(problems) == 3 and any("is both wanted and forbidden" in problem for problem in problems)


@pytest.mark.parametrize("seed", range(10))
def test_what_is_told_is_impossible_and_what_is_not_can_be_solved(seed: int) -> None:
    """Against every selection of pairs of a small case that keeps the decisions."""
    rng = np.random.default_rng(seed)
    given = instance(3, partners_min=1, load=rng.integers(1, 4, 6).astype(float),
                     least_support=rng.choice([0.0, 150, 300], 6))
    keys = list(product(["S", "W"], COUNTIES[:3]))
    verdicts = rng.choice(["lock", "forbid", "undecided"], 6, p=[0.3, 0.35, 0.35])
    now = decided(given, *((d, c, str(v)) for (d, c), v in zip(keys, verdicts, strict=True)))
    pairs = now.data.pairs
    load, least = pairs["load"].to_numpy(float), pairs["least_support"].fillna(0).to_numpy(float)

    def allowed(chosen: tuple[int, ...]) -> bool:
        x = np.array(chosen, dtype=bool)
        if any((v == "lock" and not on) or (v == "forbid" and on) for v, on in zip(verdicts, x, strict=True)):
            return False
        partners = x.reshape(2, 3).sum(axis=0)
        return bool((partners == 1).all() and load[3:][x[3:]].sum() <= 5 and x[:3].sum() <= 6
                    and least[:3][x[:3]].sum() <= 1000 and least[3:][x[3:]].sum() <= 400)

    possible = any(allowed(chosen) for chosen in product([0, 1], repeat=6))
    if told(now):
        assert not possible
    elif not possible:  # counting is not complete; the solver has the last word
        with pytest.raises(SolveError):
            opt.solve(now)
