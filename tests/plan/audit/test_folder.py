"""Plan folders are audited from their files alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from optimizer.plan.audit import FOLDER, audit_folder


@pytest.fixture
def folder(rich, tmp_path) -> Path:
    """The enriched plan as a folder, written without the code that writes plans."""
    rich.instance.to_folder(tmp_path / "inputs")
    for name, table in rich.tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False, encoding="utf-8-sig")
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (tmp_path / "inputs").iterdir()}
    about = {**rich.claims, "inputs": hashes, "changes": [], "decisions": None}
    (tmp_path / "plan.json").write_text(json.dumps(about), encoding="utf-8")
    return tmp_path


def failures(folder, **against):
    return {check.clause: check.where for check in audit_folder(folder, **against).failures}


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_folder_passes(folder):
    report = audit_folder(folder)
    assert [check.sentence() for check in report.failures] == []
    assert report.passed
    assert report["inputs"].count > 3
    assert report["files"].count == 10


def test_a_missing_table(folder):
    (folder / "support.csv").unlink()
    assert failures(folder).keys() == {"files"}
    assert "support.csv" in failures(folder)["files"]


def test_a_broken_plan_json(folder):
    (folder / "plan.json").write_text("{", encoding="utf-8")
    assert failures(folder).keys() == {"files"}


def test_a_changed_input(folder):
    change(folder, "inputs/donors.csv", "tea", "teas")
    assert failures(folder).keys() == {"inputs", "project_partners"}


def test_an_added_and_a_lost_input(folder):
    (folder / "inputs/tiers.csv").write_text("county,need,tier,width,unit_cost\n", encoding="utf-8")
    assert failures(folder) == {"inputs": "inputs/tiers.csv: is not among the recorded inputs"}
    (folder / "inputs/tiers.csv").unlink()
    (folder / "inputs/brings.csv").unlink()
    assert failures(folder).keys() >= {"inputs", "resources"}


def test_a_figure_changed_by_hand(folder):
    change(folder, "coverage.csv", "A,water,2026.0,1000.0,0.0,600.0,100.0", "A,water,2026.0,1000.0,0.0,600.0,101.0")
    assert failures(folder).keys() == {"coverage_direct", "coverage_sums"}


def test_a_word_in_place_of_a_number(folder):
    change(folder, "funds.csv", "190.0", "much")
    assert failures(folder).keys() == {"numbers"}


def test_a_plan_held_to_another_instance(folder, rich):
    assert failures(folder, against=rich.instance) == {}
    rich.given("donors", "D2", pairs_max=0)
    assert failures(folder, against=rich.instance).keys() == {"donor_pairs"}


def test_every_clause_on_folders_has_a_fault_above():
    assert set(FOLDER) == {"files", "inputs"}
