"""Prices of decisions against every selection of pairs, and the commands from decisions to log."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.cli.main import run
from optimizer.instance.instance import Instance
from optimizer.review.decisions import DecisionPrices, _overruling_first, bracket, named, price_sentences, promise, with_prices
from optimizer.review.promised import promises
from tests.extent import few

SETTINGS: dict[str, Any] = {
    "format": 1, "title": "Three", "periods": [2026], "needs": {"water": {"kind": "lasting", "category": "works"}},
    "categories": {"works": {}}, "streams": {"central": {"budget": 50}},
}
KEYS = list(product(["D0", "D1", "D2"], ["C0", "C1", "C2"]))


def instance(seed: int) -> Instance:
    """Three donors and counties, one partner each; one yuan reaches one person."""
    rng = np.random.default_rng(seed)
    counties = ["C0", "C1", "C2"]
    return Instance.from_frames(
        settings=SETTINGS, counties=pd.DataFrame({"county": counties, "partners_min": 1}),
        pairs=pd.DataFrame(KEYS, columns=["donor", "county"]).assign(most_support=rng.integers(10, 100, 9).astype(float)),
        needs=pd.DataFrame({"county": counties, "need": "water", "people": 1000.0, "unit_cost": 1.0}),
        donors=pd.DataFrame({"donor": ["D0", "D1", "D2"], "money": 1000.0, "pairs_max": 2}),
    )


def best(given: Instance, decided: dict[tuple[str, str], str]) -> float:
    """Coverage of the best choice of one donor for each county under these decisions."""
    most = given.data.pairs.set_index(["donor", "county"])["most_support"]
    found = -np.inf
    for donors in product(["D0", "D1", "D2"], repeat=3):
        chosen = set(zip(donors, ["C0", "C1", "C2"], strict=True))
        kept = all((key in chosen) == (word == "lock") for key, word in decided.items())
        if kept and max(donors.count(d) for d in donors) <= 2:
            found = max(found, 50 + sum(most[key] for key in chosen))
    return found


def _exchanged(given: Instance, decided: dict[tuple[str, str], str], plan: Any, lifted: tuple[str, str]) -> float:
    """The best that one exchange of the county's donor brings once a decision is lifted, all other pairs held."""
    most = given.data.pairs.set_index(["donor", "county"])["most_support"]
    has = dict(plan.pairings[["county", "donor"]].itertuples(index=False))
    found = []
    for donor in ["D0", "D1", "D2"]:
        now = has | {lifted[1]: donor}
        full = max(list(now.values()).count(d) for d in now.values()) > 2
        kept = all((now[c] == d) == (word == "lock") for (d, c), word in decided.items() if (d, c) != lifted)
        found.append(50 + sum(most[d, c] for c, d in now.items()) if kept and not full else -np.inf)
    return max(found)


@pytest.mark.parametrize("seed", few(1, range(2)))
def test_prices_against_every_choice(seed: int) -> None:
    rng, given = np.random.default_rng(seed + 100), instance(seed)
    decided: dict[tuple[str, str], str] = {}
    while not decided or not np.isfinite(best(given, decided)):
        decided = {KEYS[k]: str(rng.choice(["lock", "forbid"])) for k in rng.choice(9, 3, replace=False)}
    frame = pd.DataFrame([(*key, word) for key, word in decided.items()], columns=["donor", "county", "decision"])
    free = next(key for key in KEYS if key not in decided)
    frame.loc[3] = [*free, "undecided"]
    frame = frame.assign(kind="pair")
    plan, prices = with_prices(given.with_decisions(frame), given, seconds=900)
    now = best(given, decided)
    assert plan.outcome.objective == now
    assert len(prices.table) == 3
    for row in prices.table.to_dict("records"):
        rest = {key: word for key, word in decided.items() if key != (row["donor"], row["county"])}
        assert row["price_low"] == row["price_high"] == best(given, rest) - now, (row, decided)
        assert row["price_kind"] == "exact"
        alone = _exchanged(given, decided, plan, (row["donor"], row["county"]))
        assert alone - now - 1e-6 <= row["price_held"] <= row["price_high"] + 1e-6
    assert prices.low == prices.high == best(given, {}) - now
    assert prices.undecided is not None and prices.undecided.outcome.objective == best(given, {})


def test_a_decision_on_a_pair_is_not_paid_for_one_on_a_project() -> None:
    plain = instance(0)
    given = Instance.from_frames(
        settings=SETTINGS, **{name: plain.tables[name] for name in ("counties", "pairs", "needs", "donors")},
        projects=pd.DataFrame({"project": ["P"], "county": "C0", "category": "works", "cost": 10.0}),
        effects=pd.DataFrame({"project": ["P"], "need": "water", "people": 300.0}))
    frame = pd.DataFrame({"kind": ["pair", "project"], "donor": ["D0", None], "county": ["C0", None], "project": [None, "P"],
                          "decision": ["lock", "forbid"]})
    _, prices = with_prices(given.with_decisions(frame), given, seconds=900)
    pair, project = prices.table.to_dict("records")
    cost = best(plain, {}) - best(plain, {("D0", "C0"): "lock"})
    assert pair["price_low"] == pair["price_high"] == cost and pair["price_held"] <= cost + 1e-6
    assert project["price_low"] == project["price_high"] == 290 and np.isnan(project["price_held"])
    assert prices.low == prices.high == cost + 290


def test_without_time_prices_are_brackets_that_hold() -> None:
    given, key = instance(0), ("D0", "C0")
    frame = pd.DataFrame({"kind": ["pair", "pair"], "donor": ["D0", "D1"], "county": ["C0", "C1"], "decision": "forbid"})
    _, prices = with_prices(given.with_decisions(frame), given, seconds=0.0)
    decided = {key: "forbid", ("D1", "C1"): "forbid"}
    for row in prices.table.to_dict("records"):
        rest = {k: word for k, word in decided.items() if k != (row["donor"], row["county"])}
        true = best(given, rest) - best(given, decided)
        assert row["price_low"] <= true and not row["price_high"] < true


def test_what_overrules_the_recommendation_is_priced_first() -> None:
    listed = pd.DataFrame({"donor": ["D0", "D1"], "county": ["C0", "C1"], "status": ["new", "ended"]})
    undecided = SimpleNamespace(pairings=listed)
    rows = [("pair", "D0", "C0", "lock"), ("pair", "D1", "C1", "forbid"), ("pair", "D0", "C0", "forbid"),
            ("project", None, None, "lock"), ("pair", "D1", "C1", "accept")]
    table = pd.DataFrame(rows, columns=["kind", "donor", "county", "decision"])
    assert _overruling_first(table, undecided) == [2, 3, 4, 0, 1]  # type: ignore[arg-type]


def test_words() -> None:
    row = {"kind": "pair", "donor": "D", "county": "A", "project": None, "stream": None, "category": None, "period": np.nan,
           "decision": "lock", "amount": np.nan}
    assert named(pd.Series(row)) == "lock D–A"
    assert named(pd.Series(row), {("county", "A"): "甲县"}) == "lock D–甲县 (D–A)"
    assert named(pd.Series(row | {"kind": "project", "project": "P"})) == "lock project P"
    assert named(pd.Series(row | {"kind": "project", "project": "P"}), {("project", "P"): "Road"}) == "lock project Road (P)"
    money = row | {"kind": "money", "donor": None, "stream": "central", "period": 2026.0, "decision": "set", "amount": 1234.5}
    assert named(pd.Series(money)) == "set central/A/2026 to 1,234.5"
    assert [bracket(3, 3), bracket(3, 5), bracket(3, np.nan)] == ["3", "between 3 and 5", "at least 3"]
    assert [promise(3, 3), promise(-4, -4), promise(-6, -4)] == ["3", "a gain of 4", "a gain of between 4 and 6"]


def test_what_was_promised_stands_beside_what_it_came_to() -> None:
    """Chosen instead: its own price; forbidden: its stand-in's, unless another is chosen; what agrees was promised nothing."""
    rows = [("D", "A", True, 0.0, 0.0, 5.0, 4.0), ("E", "A", False, 7.0, 9.0, np.nan, np.nan),
            ("D", "B", True, 0.0, 0.0, 30.0, np.nan), ("E", "C", True, 0.0, 0.0, 2.0, 2.0)]
    table = pd.DataFrame(rows, columns=["donor", "county", "chosen", "price_low", "price_high", "adds", "adds_low"])
    words = ["forbid", "lock", "forbid", "lock", "forbid", "lock"]
    given = pd.DataFrame({"kind": ["pair"] * 5 + ["project"], "donor": ["D", "E", "D", "E", "F", None],
                          "county": ["A", "A", "B", "C", "B", None], "decision": words})
    found = promises(given, table)
    assert found["promised_low"].fillna(-1).tolist() == [-1, 7, 30, -1, -1, -1]
    assert found["promised_high"].fillna(-1).tolist() == [-1, 9, 30, -1, -1, -1]
    told = found.assign(project=None, stream=None, category=None, period=np.nan, amount=np.nan, reviewer="Li", price_low=0.0,
                        price_high=100.0, price_held=[np.nan, 8.0, np.nan, 1.0, np.nan, np.nan])
    prices = DecisionPrices(told.head(4), 0.0, 100.0, "coverage", "people", None, 41.0, 2, {("donor", "E"): "Essen"})
    lines = price_sentences(prices)
    assert lines[0] == ("Against the plan that was reviewed, this one is 41 (people) worse in coverage; "
                        "2 of its pairs are others now.")
    assert lines[1] == ("2 decisions overrule the recommendation; the prices promised for them, one by one, add up to "
                        "between 37 and 39.")
    assert "  lock Essen–A (E–A) (Li): promised between 7 and 9, came to 8 with the other pairs held (between 0 and 100 with " \
           "everything free)" in lines
    assert "  forbid D–B (Li): promised 30, came to between 0 and 100" in lines
    assert "  lock Essen–C (E–C) (Li): between 0 and 100; 1 with the other pairs held" in lines


@pytest.fixture
def optimizer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Run the command in this process, in a folder with the instance ``it`` and decisions of two rounds."""
    monkeypatch.chdir(tmp_path)
    instance(1).to_folder("it")
    head = "kind,donor,county,decision,reviewer,date,reason,round\n"
    Path("first.csv").write_text(head + "pair,D0,C0,lock,李,2026-05-31,=why,1\n", encoding="utf-8")
    both = pd.DataFrame({"kind": "pair", "donor": ["D0", "D1"], "county": ["C0", "C1"], "decision": ["lock", "forbid"],
                         "reviewer": "Wu", "round": [2, 2]})
    with pd.ExcelWriter("second.xlsx") as book:
        both.to_excel(book, sheet_name="decisions", index=False)

    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["optimizer", *arguments])
        with pytest.raises(SystemExit) as end:
            run()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return command


def test_from_decisions_to_log(optimizer: Callable[..., Any]) -> None:
    status, out, _ = optimizer("solve", "it", "--decisions", "first.csv", "--log", "log.jsonl", "--out", "one")
    assert status == 0 and "What the decisions cost: coverage" in out and "lock D0–C0 (李): " in out
    assert "Round 1 was added to log.jsonl; its seal is" in out
    status, out, _ = optimizer("solve", "it", "--decisions", "second.xlsx", "--log", "log.jsonl", "--out", "two", "--json",
                               "--within", "900")
    told = json.loads(out)["decisions"]
    assert status == 0 and [row["decision"] for row in told["each"]] == ["lock", "forbid"]
    given = instance(1)
    assert told["price_low"] == best(given, {}) - best(given, {("D0", "C0"): "lock", ("D1", "C1"): "forbid"})
    status, out, err = optimizer("decisions", "log.jsonl")
    assert (status, err) == (0, "") and "as before: lock D0–C0 (Wu)" in out and "2 rounds" in out
    text = Path("log.jsonl").read_text(encoding="utf-8")
    Path("log.jsonl").write_text(text.replace("李", "王"), encoding="utf-8")
    status, out, err = optimizer("decisions", "log.jsonl")
    assert status == 2 and "line 1: was changed after it was written" in err and "not what was written" in out
    status, _, err = optimizer("solve", "it", "--decisions", "first.csv", "--log", "log.jsonl", "--out", "three")
    assert status == 2 and "was changed" in err and not Path("three").exists()


def test_without_time_for_prices_there_are_none(optimizer: Callable[..., Any]) -> None:
    status, out, _ = optimizer("solve", "it", "--decisions", "first.csv", "--within", "0", "--log", "log.jsonl", "--json")
    assert status == 0 and "decisions" not in json.loads(out)
    entry = json.loads(Path("log.jsonl").read_text(encoding="utf-8").split("\n")[0])
    assert entry["price_low"] is None and (entry["reviewer"], entry["reason"]) == ("李", "=why")


@pytest.mark.parametrize(("arguments", "words"), [
    (("solve", "it", "--log", "log.jsonl"), "has nothing to log"),
    (("solve", "it", "--decisions", "first.csv", "--log", "no/log.jsonl"), "is no folder"),
    (("decisions", "nowhere.jsonl"), "does not exist"),
])
def test_what_cannot_be_done_is_said_at_once(optimizer: Callable[..., Any], arguments: tuple[str, ...], words: str) -> None:
    status, _, err = optimizer(*arguments)
    assert status == 2 and words in err and not Path("plans").exists()


def test_decisions_that_no_plan_can_keep_end_with_3(optimizer: Callable[..., Any]) -> None:
    rows = "".join(f"pair,D0,{county},lock\n" for county in ("C0", "C1", "C2"))
    Path("many.csv").write_text("kind,donor,county,decision\n" + rows, encoding="utf-8")
    status, _, err = optimizer("solve", "it", "--decisions", "many.csv", "--log", "log.jsonl")
    assert status == 3 and "locks give D0 three counties (C0, C1, C2), its limit is two" in err
    assert not Path("log.jsonl").exists() and not Path("plans").exists()
