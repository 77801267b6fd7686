"""The plan folder: whole or not at all, the same bytes, read back without loss."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from optimizer.instance.findings import InstanceError, OptimizerError
from optimizer.plan import AuditError, Choices, Claims, Level, Plan, assemble
from optimizer.plan.columns import FILES
from optimizer.plan.files import write_plan
from optimizer.plan.plan import TABLES

EXPECTED = {f"{name}.csv" for name in (*TABLES, "columns")} | {"audit.json", "plan.json", "run.json", "plan.xlsx", "inputs"}


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_folder_has_every_file_and_is_read_back_the_same(example_plan: Plan, tmp_path: Path) -> None:
    example_plan.write(tmp_path / "a")
    assert not EXPECTED - {path.name for path in (tmp_path / "a").iterdir()}
    again = Plan.read(tmp_path / "a")
    again.write(tmp_path / "b")
    first, second = content(tmp_path / "a"), content(tmp_path / "b")
    assert {name for name in first if first[name] != second[name]} <= {"run.json"}
    assert again.outcome == example_plan.outcome
    assert again.instance.equals(example_plan.instance)
    for name, frame in example_plan.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name], check_dtype=False)


def test_csv_files_are_utf8_with_bom_and_lf(example_plan: Plan, tmp_path: Path) -> None:
    example_plan.write(tmp_path / "a")
    for name in (*TABLES, "columns"):
        data = (tmp_path / "a" / f"{name}.csv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in data
        assert data.endswith(b"\n")
    lines = (tmp_path / "a" / "funds.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[:2] == ["stream,county,category,period,money", "central,A,industry,2026,70"]


def test_every_column_of_every_file_is_explained_in_both_languages(example_plan: Plan, tmp_path: Path) -> None:
    example_plan.write(tmp_path / "a")
    explained = pd.read_csv(tmp_path / "a" / "columns.csv", encoding="utf-8-sig", dtype="str", keep_default_na=False)
    described = set(zip(explained["file"], explained["column"], strict=True))
    for path in (tmp_path / "a").glob("*.csv"):
        header = path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
        assert {(path.name, column) for column in header} == {pair for pair in described if pair[0] == path.name}
    assert (explained["meaning"].str.len() > 3).all()
    assert explained["meaning_zh"].str.contains("[一-鿿]").all()
    assert "money" not in set(explained["unit"])


def test_tables_have_the_columns_of_the_format(example_plan: Plan) -> None:
    for name, frame in example_plan.tables.items():
        assert list(frame.columns) == list(FILES[name])


def test_plan_json_says_how_to_make_it_again(example_plan: Plan, tmp_path: Path) -> None:
    changed = example_plan.instance.with_({"budget.central": "x1"})
    claims = Claims("within_gap", levels=(Level("coverage", "max", 3035.0, 3036.0),), settings={"gap": 0.001},
                    versions={"x": "1"}, seconds={"solve": 1.5}, started="2024-01-01T00:00:00",
                    rounding={("industry", "period=2026"): "proof"})
    plan = assemble(changed, _choices(example_plan), claims)
    plan.write(tmp_path / "a")
    info = json.loads((tmp_path / "a" / "plan.json").read_text(encoding="utf-8"))
    assert (info["format"], info["status"], info["objective"], info["bound"], info["gap"]) == (1, "within_gap", 3035, 3036, 1)
    assert info["changes"] == [["budget.central", "x1"]]
    assert info["settings"] == {"gap": 0.001}
    assert info["decisions"] is None
    for file, digest in info["inputs"].items():
        assert hashlib.sha256((tmp_path / "a" / "inputs" / file).read_bytes()).hexdigest() == digest
    assert "2024" not in (tmp_path / "a" / "plan.json").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "a" / "run.json").read_text(encoding="utf-8"))["seconds"] == {"solve": 1.5}
    again = Plan.read(tmp_path / "a")
    assert again.claims == claims
    assert again.instance.changes == plan.instance.changes


def _choices(plan: Plan) -> Choices:
    """The choices a plan was made from, for the worked example."""
    transfer = plan.funds["stream"] == "central"
    direct = plan.coverage.rename(columns={"direct_cost": "money"}, errors="ignore")
    direct = direct.drop(columns="direct").query("money > 0")
    return Choices.of(transfers=plan.funds[transfer], placed=plan.funds[~transfer], support=plan.support,
                      pairs=plan.pairings[plan.pairings["status"] != "ended"], starts=plan.projects, direct=direct)


def test_a_plan_can_be_made_again_from_its_tables(example_plan: Plan) -> None:
    again = assemble(example_plan.instance, _choices(example_plan), example_plan.claims)
    for name, frame in example_plan.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name])


def test_a_plan_that_fails_its_audit_is_not_written(example_plan: Plan, tmp_path: Path) -> None:
    funds = example_plan.funds.copy()
    funds.loc[0, "money"] += 1
    with pytest.raises(AuditError, match="fails its audit") as caught:
        replace(example_plan, funds=funds).write(tmp_path / "a")
    assert caught.value.report is not None
    assert not caught.value.report.passed
    assert list(tmp_path.iterdir()) == []


def test_an_older_plan_is_replaced_and_anything_else_left_alone(example_plan: Plan, tmp_path: Path) -> None:
    example_plan.write(tmp_path / "a")
    (tmp_path / "a" / "stray.txt").write_text("old", encoding="utf-8")
    example_plan.write(tmp_path / "a")
    assert not (tmp_path / "a" / "stray.txt").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(OptimizerError, match="is not a plan"):
        example_plan.write(tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "precious"
    (tmp_path / "empty").mkdir()
    example_plan.write(tmp_path / "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "empty", "mine"]


def test_a_failure_half_way_leaves_the_older_plan_and_no_litter(example_plan: Plan, tmp_path: Path) -> None:
    example_plan.write(tmp_path / "a")
    before = content(tmp_path / "a")

    def fails(plan: Plan, path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_plan(example_plan, tmp_path / "a", {"plan.xlsx": fails})
    assert content(tmp_path / "a") == before
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_reading_something_else_or_a_damaged_plan_is_told_plainly(example_plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match="is not a plan folder"):
        Plan.read(tmp_path)
    example_plan.write(tmp_path / "a")
    (tmp_path / "a" / "coverage.csv").write_text("county,need\nA,water\n", encoding="utf-8")
    with pytest.raises(InstanceError, match=r"coverage.csv.*columns missing"):
        Plan.read(tmp_path / "a")
    (tmp_path / "a" / "plan.json").write_text("{", encoding="utf-8")
    with pytest.raises(InstanceError, match=r"plan.json.*cannot be read"):
        Plan.read(tmp_path / "a")
