"""The log of rounds: what it says, and that every way of changing it afterwards is noticed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.findings import InstanceError
from optimizer.review.history import history
from optimizer.review.log import START, append_round, read_log

FACTS = {"time": "2026-05-31T09:00:00+00:00", "title": "T", "criterion": "coverage", "objective": 100.0, "price_low": 12.0,
         "price_high": 12.0, "plan": "plans/a"}


def decisions(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["donor", "county", "decision", "reviewer"])
    empty = dict.fromkeys(("project", "stream", "category", "date"))
    return frame.assign(kind="pair", period=np.nan, amount=np.nan, reason="=1+1 <b>\u2028", price_low=3.0, price_high=np.nan,
                        **empty)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three rounds."""
    file = tmp_path / "log.jsonl"
    first = decisions(("D", "A", "lock", "李"), ("D", "B", "forbid", "Wu"))
    append_round(file, first, FACTS, frozenset({("D", "B"), ("E", "A")}))
    append_round(file, decisions(("D", "A", "forbid", "Wu"), ("D", "B", "forbid", "Wu")), FACTS)
    append_round(file, decisions(("D", "A", "forbid", "Wu")), FACTS)
    return file


def test_what_a_round_says(log: Path) -> None:
    found = read_log(log)
    assert found.faults == () and found.rounds == 3
    told = [[(e["county"], e["decision"], e["change"], e.get("overrules")) for e in found.of(n)] for n in (1, 2, 3)]
    assert told[0] == [("A", "lock", "new", "the recommendation"), ("B", "forbid", "new", "the recommendation")]
    assert told[1] == [("A", "forbid", "changed", "lock of 李 in round 1"), ("B", "forbid", "same", "")]
    assert told[2] == [("A", "forbid", "same", ""), ("B", "forbid", "withdrawn", None)]
    assert found.of(1)[0]["reason"] == "=1+1 <b>\u2028" and found.of(1)[0]["price_high"] is None
    text = history(found)
    assert "  lock D–A (李, “=1+1 <b>\u2028”); overrules the recommendation; costs at least 3" in text
    assert text[0].startswith("Round 1, 2026-05-31T09:00:00+00:00 – T; coverage 100; all decisions together cost 12")
    assert found.seal[:16] in text[-1] and "No line was changed" in text[-1]


def test_places_are_named_and_every_price_has_its_unit(tmp_path: Path) -> None:
    names = {("donor", "D"): "上城区", ("county", "A"): "叙永县"}
    given = decisions(("D", "A", "lock", "李")).assign(price_held=2.0, promised_low=1.0, promised_high=1.5)
    facts = FACTS | {"unit": "people", "lost": 4.0}
    append_round(tmp_path / "log.jsonl", given, facts, frozenset(), None, names)
    made = append_round(tmp_path / "log.jsonl", given.head(0), facts | {"lost": -4.0})
    text = history(made)
    assert read_log(tmp_path / "log.jsonl").faults == ()
    assert text[0].startswith("Round 1, 2026-05-31T09:00:00+00:00 – T; coverage 100 people, 4 worse than the plan reviewed; "
                              "all decisions together cost 12 people; plan in")
    assert text[1] == ("  lock 上城区–叙永县 (D–A) (李, “=1+1 <b>\u2028”); overrules the recommendation; "
                       "promised between 1 and 1.5 people; costs at least 3 people, 2 with the other pairs held")
    assert "4 better than the plan reviewed" in text[2] and text[3].startswith("  withdrawn: lock 上城区–叙永县 (D–A)")


def test_what_was_overruled_within_the_file_is_told_though_no_round_held_it(tmp_path: Path) -> None:
    given = decisions(("D", "A", "lock", "Li"), ("D", "A", "forbid", "Wu"), ("D", "B", "lock", "Li"), ("D", "B", "lock", "Wu"))
    given = given.assign(round=[1.0, 2.0, np.nan, 2.0])
    made = append_round(tmp_path / "log.jsonl", given.iloc[[1, 3]], FACTS, None, given)
    assert [entry["overrules"] for entry in made.of(1)] == ["lock of Li earlier in the file", ""]


def test_the_chain_by_hand(log: Path) -> None:
    previous = START
    for line in log.read_bytes().decode().split("\n")[:-1]:
        entry = json.loads(line)
        own = entry.pop("digest")
        assert entry["previous"] == previous
        plain = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        previous = hashlib.sha256(plain).hexdigest()
        assert own == previous
    assert previous == read_log(log).seal


def lines_of(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").removesuffix("\n").split("\n")


@pytest.mark.parametrize(("name", "at", "words"), [
    ("change", 0, "was changed"), ("change", 4, "was changed"),
    ("remove", 0, "does not follow"), ("remove", 3, "does not follow"),
    ("double", 1, "does not follow"), ("swap", 0, "does not follow"), ("garbage", 2, "is no line of a log"),
    ("cut", 8, "the line of its plan is missing"), ("round", 3, "is of round 7, but round 2 comes here"),
])
def test_every_change_is_noticed(log: Path, name: str, at: int, words: str) -> None:
    lines = lines_of(log)
    assert len(lines) == 9
    if name == "change":
        lines[at] = lines[at].replace('"price_low": ', '"price_low": 1')
    elif name == "remove":
        del lines[at]
    elif name == "double":
        lines.insert(at, lines[at])
    elif name == "swap":
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    elif name == "garbage":
        lines[at] = "{half a li"
    elif name == "cut":
        del lines[at]
    else:
        lines[at] = lines[at].replace('"round": 2', '"round": 7')
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert any(words in fault.problem for fault in read_log(log).faults)
    before = log.read_bytes()
    with pytest.raises(InstanceError):
        append_round(log, decisions(("D", "A", "lock", "Li")), FACTS)
    assert log.read_bytes() == before


def test_a_line_made_up_with_its_own_digest_breaks_the_chain_after_it(log: Path) -> None:
    lines = lines_of(log)
    entry = json.loads(lines[0])
    entry["reviewer"] = "nobody"
    del entry["digest"]
    entry["digest"] = hashlib.sha256(
        json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    log.write_text("\n".join([json.dumps(entry), *lines[1:]]) + "\n", encoding="utf-8")
    faults = read_log(log).faults
    assert [fault.row for fault in faults] == ["line 2"]


def test_two_writers_at_once_and_a_failed_write_leave_the_log_whole(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = log.read_bytes()
    other = log.with_name(log.name + ".new")
    other.write_text("")
    with pytest.raises(InstanceError, match="is being written by someone else"):
        append_round(log, decisions(("D", "A", "lock", "Li")), FACTS)
    assert other.exists() and log.read_bytes() == before
    other.unlink()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        append_round(log, decisions(("D", "A", "lock", "Li")), FACTS)
    assert log.read_bytes() == before and not other.exists()


def test_an_empty_log_and_a_file_that_is_none(tmp_path: Path) -> None:
    assert read_log(tmp_path / "none.jsonl").rounds == 0 and history(read_log(tmp_path / "none.jsonl")) == ["The log is empty."]
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InstanceError, match="cannot be read as a log"):
        read_log(tmp_path / "bytes")
