"""Stability against textbook examples, and against the definition on every pairing of small random markets."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.review.stability import Market, gains, stability, stable_pairs

GALE_SHAPLEY_1 = "13 22 31 / 31 13 22 / 22 31 13"  # rank that the row gives, then the column; three stable matchings
GALE_SHAPLEY_2 = "13 23 32 43 / 14 41 33 22 / 22 14 34 41 / 41 22 31 14"  # exactly one: row 1–3, 2–4, 3–1, 4–2


def ranked(text: str, rows_propose: bool) -> Market:
    """A market of one partner each from Gale and Shapley's tables of ranks; the proposing side is the counties."""
    cells = [[(int(cell[0]), int(cell[1])) for cell in line.split()] for line in text.split("/")]
    n = len(cells)
    row, column = np.divmod(np.arange(n * n), n)
    of_row, of_column = (np.array([float(n + 1 - cells[r][c][k]) for r, c in zip(row, column, strict=True)]) for k in (0, 1))
    county, donor = (row, column) if rows_propose else (column, row)
    mine, theirs = (of_row, of_column) if rows_propose else (of_column, of_row)
    return Market(donor, county, theirs, mine, np.ones((n * n, 1)), np.ones((n, 1)), np.ones(n), np.zeros(n * n, dtype=bool))


def stable(market: Market, chosen: np.ndarray) -> bool:
    donor, county = gains(market, chosen)
    return not ((donor > 1e-9) & (county > 1e-9)).any()


def matchings(n: int) -> list[np.ndarray]:
    out = []
    for order in itertools.permutations(range(n)):
        mask = np.zeros(n * n, dtype=bool)
        mask[[row * n + column for row, column in enumerate(order)]] = True
        out.append(mask)
    return out


def partners(market: Market, chosen: np.ndarray) -> list[int]:
    return (np.flatnonzero(chosen) % len(market.quota)).tolist()


def test_gale_and_shapleys_first_example_has_three_stable_matchings() -> None:
    market = ranked(GALE_SHAPLEY_1, True)
    found = [partners(market, chosen) for chosen in matchings(3) if stable(market, chosen)]
    assert sorted(found) == [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
    assert partners(market, stable_pairs(market)) == [0, 1, 2]  # every row its first choice
    assert partners(market, stable_pairs(ranked(GALE_SHAPLEY_1, False))) == [2, 0, 1]  # every column its first choice


def test_gale_and_shapleys_second_example_has_one() -> None:
    market = ranked(GALE_SHAPLEY_2, True)
    assert [partners(market, chosen) for chosen in matchings(4) if stable(market, chosen)] == [[2, 3, 0, 1]]
    for rows in (True, False):
        assert partners(market, stable_pairs(ranked(GALE_SHAPLEY_2, rows))) == [2, 3, 0, 1]


def drawn(seed: int, alike: bool, loads: bool) -> Market:
    rng = np.random.default_rng(seed)
    donors, counties = 3, 3
    donor, county = np.divmod(np.arange(donors * counties), counties)
    mine = rng.permutation(donors * counties) + 1.0
    load = rng.integers(1, 4, donors * counties).astype(float) if loads else np.ones(donors * counties)
    locked = rng.random(donors * counties) < 0.08
    locked &= ~pd.Series(donor).where(locked).duplicated().to_numpy() & ~pd.Series(county).where(locked).duplicated().to_numpy()
    return Market(donor, county, mine if alike else rng.permutation(donors * counties) + 1.0, mine,
                  np.column_stack([np.ones(len(load)), load]),
                  np.column_stack([rng.integers(1, 3, donors), rng.integers(3, 6, donors)]).astype(float),
                  rng.integers(1, 3, counties).astype(float), locked)


def blocked_by_definition(market: Market, chosen: np.ndarray) -> set[int]:
    """Pairs for which some partner, or none, can be given up on each side so that both are better off."""
    def room_of_donor(pairs: list[int], donor: int) -> bool:
        return bool((market.size[pairs].sum(axis=0) <= market.room[donor]).all())

    out = set()
    for pair in np.flatnonzero(~chosen):
        donor, county = market.donor_at[pair], market.county_at[pair]
        of_donor = [int(p) for p in np.flatnonzero(chosen) if market.donor_at[p] == donor]
        of_county = [int(p) for p in np.flatnonzero(chosen) if market.county_at[p] == county]
        willing = any(
            room_of_donor([p for p in of_donor if p != out_] + [int(pair)], donor)
            for out_ in [None, *of_donor]
            if out_ is None or (not market.locked[out_] and market.donor_wants[pair] > market.donor_wants[out_]))
        glad = any(
            len([p for p in of_county if p != out_]) + 1 <= market.quota[county]
            for out_ in [None, *of_county]
            if out_ is None or (not market.locked[out_] and market.county_wants[pair] > market.county_wants[out_]))
        if willing and glad:
            out.add(int(pair))
    return out


def feasible(market: Market) -> list[np.ndarray]:
    n = len(market.donor_at)
    out = []
    for bits in range(2**n):
        chosen = np.array([bits >> k & 1 for k in range(n)], dtype=bool)
        if (market.locked & ~chosen).any():
            continue
        if (np.bincount(market.county_at[chosen], minlength=len(market.quota)) > market.quota).any():
            continue
        used = [market.size[chosen & (market.donor_at == d)].sum(axis=0) for d in range(len(market.room))]
        if (np.array(used) <= market.room).all():
            out.append(chosen)
    return out


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("alike", "loads"), [(True, True), (False, False)])
def test_blocking_pairs_and_the_stable_pairing_against_the_definition(seed: int, alike: bool, loads: bool) -> None:
    market = drawn(seed, alike, loads)
    every = feasible(market)
    unblocked = []
    for chosen in every[:: max(1, len(every) // 60)]:
        donor, county = gains(market, chosen)
        assert set(np.flatnonzero((donor > 1e-9) & (county > 1e-9)).tolist()) == blocked_by_definition(market, chosen)
    made = stable_pairs(market)
    assert any(np.array_equal(made, chosen) for chosen in every)
    assert blocked_by_definition(market, made) == set()
    if alike:
        return
    unblocked = [chosen for chosen in every if not blocked_by_definition(market, chosen)]
    for county in range(3):  # of all stable pairings the counties' own proposals give each the best worst partner
        def worth(chosen: np.ndarray, county: int = county) -> list[float]:
            return sorted(market.county_wants[chosen & (market.county_at == county)], reverse=True)
        assert all(sum(worth(made)) >= sum(worth(chosen)) - 1e-9 for chosen in unblocked)


def plan(pairings: list[tuple[str, str]], **columns: Any) -> Any:
    pairs = pd.DataFrame({"donor": ["D", "D", "E", "E"], "county": ["A", "B"] * 2, "fit": [0.9, 0.8, 0.5, 0.4]} | columns)
    made = Instance.from_frames(
        settings={"format": 1, "periods": [2026], "needs": {"water": {"category": "works"}}, "categories": {"works": {}}},
        counties=pd.DataFrame({"county": ["A", "B"]}), pairs=pairs,
        donors=pd.DataFrame({"donor": ["D", "E"], "money": [50.0, 90.0], "pairs_max": 1}),
    )
    return SimpleNamespace(data=made.data, pairings=pd.DataFrame(pairings, columns=["donor", "county"]).assign(status="new"))


def test_a_plan_that_is_not_stable_and_how_far() -> None:
    found = stability(plan([("D", "B"), ("E", "A")]))
    assert found.table.values.tolist() == [["D", "A", "blocking", pytest.approx(0.1), pytest.approx(0.4)]]
    assert (found.blocking, found.share, found.largest) == (1, 0.5, pytest.approx(0.1))
    assert found.fit == pytest.approx(1.3) and found.reference_fit == pytest.approx(1.3)
    assert found.reference[["donor", "county"]].values.tolist() == [["D", "A"], ["E", "B"]]


def test_envy_is_one_sided() -> None:
    found = stability(plan([("D", "A"), ("E", "B")]))
    assert found.blocking == 0 and found.largest == 0 and found.share == 0
    assert found.table.values.tolist() == [["D", "B", "envy", pytest.approx(-0.1), pytest.approx(0.4)]]


def test_locked_and_forbidden_pairs_are_out_of_reach() -> None:
    assert stability(plan([("D", "B"), ("E", "A")], status=["free", "lock", "free", "free"])).table.empty
    assert stability(plan([("D", "B"), ("E", "A")], status=["forbid", "free", "free", "free"])).table.empty


def test_donors_may_want_by_what_they_gain() -> None:
    found = stability(plan([("D", "B"), ("E", "A")], own=[0.1, 0.2, 0.3, 0.1]), donor_wants="own")
    assert found.blocking == 0 and found.table["kind"].tolist() == ["envy"]


def test_least_support_above_the_donors_money_leaves_no_room() -> None:
    chosen = [("E", "A")]
    assert stability(plan(chosen)).blocking == 2
    found = stability(plan(chosen, least_support=[60.0, 10, 0, 0]))
    assert found.blocking == 1 and found.table.iloc[0][["donor", "county", "kind"]].tolist() == ["D", "B", "blocking"]
