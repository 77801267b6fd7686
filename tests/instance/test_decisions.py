"""Decisions of planners: what they do to pairs and projects, what stands on money, and what is wrong with them."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.decisions import read_decisions
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance, read

HEADER = "kind,donor,county,project,stream,category,period,decision,amount,reviewer,date,reason,round\n"


def decided(instance: Instance, folder: Path, *rows: str) -> Instance:
    (folder / "decisions.csv").write_text(HEADER + "".join(row + "\n" for row in rows), encoding="utf-8")
    return instance.with_decisions(folder / "decisions.csv")


def status(instance: Instance, table: str) -> list[Any]:
    if "status" not in instance.tables[table]:
        return [None] * len(instance.tables[table])
    return [None if pd.isna(v) else v for v in instance.tables[table]["status"]]


def test_pairs_and_projects(two: Instance, tmp_path: Path) -> None:
    new = decided(
        two,
        tmp_path,
        "pair,D1,A,,,,,accept,,Li,2026-05-31,=good,1",
        "pair,D1,B,,,,,forbid,,,,,",
        "pair,D2,A,,,,,undecided,,,,,",
        "project,,,PA,,,,lock,,,,,",
        "project,,,PB,,,,forbid,,,,,",
    )
    assert status(new, "pairs") == ["lock", "forbid", None, None]
    assert status(new, "projects") == ["lock", "forbid"]
    assert new.decisions is not None and new.decisions["reason"].tolist()[0] == "=good"
    assert new.money_decisions is not None and len(new.money_decisions) == 0
    assert two.decisions is None and two.money_decisions is None and status(two, "pairs") == [None] * 4


def test_a_decision_replaces_the_status_of_the_table(two: Instance, tmp_path: Path) -> None:
    locked = two.with_({"pairs.status": "lock", "projects.status": "forbid"})
    new = decided(locked, tmp_path, "pair,D1,A,,,,,forbid,,,,,", "project,,,PA,,,,accept,,,,,")
    assert status(new, "pairs") == ["forbid", "lock", "lock", "lock"] and status(new, "projects") == ["lock", "forbid"]


def test_a_candidate_made_by_a_bloc_gets_a_row(two: Instance, tmp_path: Path) -> None:
    few = Instance.from_frames(
        settings={**two.raw_settings, "pairs": {"candidates": [{"donors": {"donor": "D1"}, "counties": {"province": "East"}}]}},
        **{name: table for name, table in two.tables.items() if len(table) and name != "pairs"},
    )
    new = decided(few, tmp_path, "pair,D1,B,,,,,accept,,,,,", "pair,D2,A,,,,,forbid,,,,,")
    assert new.tables["pairs"][["donor", "county", "status"]].values.tolist() == [["D1", "B", "lock"]]
    with pytest.raises(InstanceError, match="row 2, column donor, county: 'D2/A' is no candidate pair"):
        decided(few, tmp_path, "pair,D2,A,,,,,accept,,,,,")
    everything = decided(few.with_({"pairs.candidates": "all"}), tmp_path, "pair,D2,A,,,,,accept,,,,,")
    assert len(everything.tables["pairs"]) == 1


def test_money(two: Instance, tmp_path: Path) -> None:
    new = decided(
        two,
        tmp_path,
        "money,,A,,central,industry,2026,set,70,,,,",
        "money,,,,central,,,most,650.5,,,,",
        "money,,B,,,,,undecided,,,,,",
    )
    assert new.money_decisions is not None
    rows = [[None if pd.isna(v) else v for v in row] for row in new.money_decisions.values.tolist()]
    assert rows == [["central", "A", "industry", 2026, "set", 70], ["central", None, None, None, "most", 650.5]]


def test_later_rounds_replace_earlier_ones(two: Instance, tmp_path: Path) -> None:
    new = decided(
        two,
        tmp_path,
        "pair,D1,A,,,,,accept,,,,,1",
        "pair,D1,A,,,,,forbid,,,,,2",
        "pair,D1,B,,,,,forbid,,,,,1",
        "pair,D1,B,,,,,undecided,,,,,2",
        "money,,A,,central,,,set,50,,,,1",
        "money,,A,,central,,,set,60,,,,2",
    )
    assert status(new, "pairs") == ["forbid", None, None, None]
    assert new.money_decisions is not None and new.money_decisions["amount"].tolist() == [60]


WRONG = [
    ("pair,D1,,,,,,accept,,,,,", "county", "is blank in a decision on a pair"),
    ("project,,,,,,,accept,,,,,", "project", "is blank in a decision on a project"),
    ("pair,D1,A,,,,,set,5,,,,", "decision", "is no decision on a pair"),
    ("money,,A,,,,,accept,,,,,", "decision", "is no decision on money"),
    ("money,,A,,,,,set,,,,,", "amount", "is blank"),
    ("money,D1,A,,,,,set,5,,,,", "donor", "cannot be named in a decision on money"),
    ("money,,,,,,,set,5,,,,", "stream", "is blank like county, category and period"),
    ("pair,D9,A,,,,,accept,,,,,", "donor", "is not a donor of the instance"),
    ("pair,D1,Z,,,,,accept,,,,,", "county", "is not a county of the instance"),
    ("project,,,PX,,,,accept,,,,,", "project", "is not a project of the instance"),
    ("money,,,,centrl,,,set,5,,,,", "stream", "is not a stream of the instance"),
    ("money,,,,,x,,set,5,,,,", "category", "is not a category of the instance"),
    ("money,,,,,,2031,set,5,,,,", "period", "is not a period of the instance"),
    ("money,,A,,,,,set,-5,,,,", "amount", "is negative"),
    ("pairs,D1,A,,,,,accept,,,,,", "kind", "is not one of the values offered"),
]


@pytest.mark.parametrize(("row", "column", "problem"), WRONG)
def test_wrong_decisions(two: Instance, tmp_path: Path, row: str, column: str, problem: str) -> None:
    with pytest.raises(InstanceError) as caught:
        decided(two, tmp_path, "project,,,PA,,,,lock,,,,,", row)
    found = caught.value.findings[0]
    assert (found.file, found.row, found.column, found.problem) == ("decisions.csv", 3, column, problem) and found.mend


CONFLICTS = [
    (["pair,D1,A,,,,,lock,,,,,", "pair,D1,A,,,,,forbid,,,,,"], "is both wanted and forbidden (see row 2)"),
    (["project,,,PA,,,,accept,,,,,1", "project,,,PA,,,,forbid,,,,,1"], "is both wanted and forbidden (see row 2)"),
    (["money,,A,,,,,set,5,,,,", "money,,A,,,,,set,6,,,,"], "is set to two amounts (see row 2)"),
    (["money,,A,,,,,least,7,,,,", "money,,A,,,,,most,6,,,,"], "must be at least 7 and at most 6 (see row 2)"),
    (["money,,A,,,,,set,5,,,,", "money,,A,,,,,least,6,,,,"], "must be at least 6 and at most 5 (see row 2)"),
]


@pytest.mark.parametrize(("rows", "problem"), CONFLICTS)
def test_contradictions(two: Instance, tmp_path: Path, rows: list[str], problem: str) -> None:
    with pytest.raises(InstanceError) as caught:
        decided(two, tmp_path, *rows)
    assert [(f.row, f.problem) for f in caught.value.findings] == [(3, problem)]


def test_the_same_decision_twice_is_no_contradiction(two: Instance, tmp_path: Path) -> None:
    new = decided(
        two,
        tmp_path,
        "pair,D1,A,,,,,lock,,,,,",
        "pair,D1,A,,,,,accept,,,,,",
        "money,,A,,,,,least,5,,,,",
        "money,,A,,,,,most,6,,,,",
    )
    assert status(new, "pairs")[0] == "lock" and new.money_decisions is not None and len(new.money_decisions) == 2


def test_decisions_travel_with_the_instance(two: Instance, tmp_path: Path) -> None:
    new = decided(two, tmp_path, "pair,D1,A,,,,,lock,,,,,", "money,,A,,,,,set,5,,,,")
    new.to_folder(tmp_path / "out")
    plain = read(tmp_path / "out")
    assert [w.file for w in plain.warnings] == ["decisions.csv"] and plain.decisions is None
    again = plain.with_decisions(tmp_path / "out" / "decisions.csv")
    assert again.equals(new) and again.warnings == ()
    assert again.money_decisions is not None and again.money_decisions.equals(new.money_decisions)
    new.to_workbook(tmp_path / "out.xlsx")
    book = read(tmp_path / "out.xlsx").with_decisions(tmp_path / "out.xlsx")
    assert book.equals(new) and book.money_decisions is not None and book.money_decisions.equals(new.money_decisions)


def test_decisions_come_on_top_of_earlier_ones(two: Instance) -> None:
    first = two.with_decisions(
        pd.DataFrame({"kind": ["money"], "county": ["A"], "decision": ["set"], "amount": [5], "round": [1]})
    )
    second = first.with_decisions(
        pd.DataFrame({"kind": ["money"], "county": ["B"], "decision": ["set"], "amount": [6], "round": [1]})
    )
    assert second.money_decisions is not None and second.money_decisions["amount"].tolist() == [5, 6]


def test_a_later_change_overrules_a_decision(two: Instance, tmp_path: Path) -> None:
    new = decided(two, tmp_path, "pair,D1,A,,,,,lock,,,,,", "project,,,PA,,,,forbid,,,,,", "money,,A,,,,,set,5,,,,")
    later = new.with_({"pairs.status[donor=D1,county=A]": "free"})
    assert later.decisions is not None and later.decisions["kind"].tolist() == ["project", "money"]
    later.to_folder(tmp_path / "out")
    assert read(tmp_path / "out").with_decisions(tmp_path / "out" / "decisions.csv").equals(later)
    assert new.with_({"pairs.fit": 1}).decisions["kind"].tolist() == ["pair", "project", "money"]  # type: ignore[index]


def test_a_file_that_is_not_there(two: Instance) -> None:
    with pytest.raises(InstanceError, match="does not exist"):
        two.with_decisions("nowhere.csv")


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''-x", "+49", "@name", "＝全角", "'quoted'", "plain", "-", "'", "it's =1"])
def test_texts_that_look_like_formulas_survive_a_spreadsheet(two: Instance, tmp_path: Path, text: str) -> None:
    """Written with an apostrophe before them, read without it; whatever was there comes back."""
    given = pd.DataFrame([{"kind": "pair", "donor": "D1", "county": "A", "decision": "forbid", "reason": text, "reviewer": text}])
    two.with_decisions(given).to_folder(tmp_path)
    written = (tmp_path / "decisions.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert not any(cell.lstrip('"').startswith(("=", "+", "-", "@", "＝")) for cell in written.split(","))
    _, back, _ = read_decisions(tmp_path / "decisions.csv")
    assert back[["reason", "reviewer"]].values.tolist() == [[text, text]]
