"""Studies of uncertain figures grow as runs end, and go on where they were stopped."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.sensitivity.uncertainty import journal, runs
from optimizer.sensitivity.uncertainty.indices import InterruptedStudyError, influence
from optimizer.sensitivity.uncertainty.study import uncertainty
from optimizer.sensitivity.whatif.growing import OtherSweepError

SPEC = {"effects.people[project=Q]": "uniform(20, 80)"}


@pytest.fixture(scope="module")
def given() -> opt.Instance:
    """Money for one of two projects."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [200.0], "unit_cost": [np.nan]}),
        projects=pd.DataFrame({"project": ["P", "Q"], "county": "A", "category": "infra", "cost": 10.0}),
        effects=pd.DataFrame({"project": ["P", "Q"], "need": "water", "people": [60.0, 50.0]}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": 10.0}}},
    )


@pytest.fixture(scope="module")
def whole(given):
    return uncertainty(given, SPEC, 6, seed=1)


def stopping_after(runs: int, file):
    """A wish to stop once so many rows lie in a file."""
    return lambda: file.exists() and len(file.read_text(encoding="utf-8-sig").splitlines()) > runs


def same(one, other) -> None:
    pd.testing.assert_frame_equal(one.runs.drop(columns="seconds"), other.runs.drop(columns="seconds"), check_exact=True)
    for name in ("selection", "distribution", "counties"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_an_interrupted_study_goes_on_where_it_was(given, whole, tmp_path, monkeypatch):
    part = uncertainty(given, SPEC, 6, seed=1, out=tmp_path, should_stop=stopping_after(2, tmp_path / "runs.csv"))
    assert not part.complete and len(part.runs) == 2
    before = (tmp_path / "runs.csv").read_text(encoding="utf-8-sig")
    monkeypatch.setattr(journal.Session, "solve", lambda *given, **more: pytest.fail("the plan that is kept was found before"))
    again = uncertainty(given, SPEC, 6, seed=1, out=tmp_path)
    after = (tmp_path / "runs.csv").read_text(encoding="utf-8-sig")
    assert again.complete and after.startswith(before)  # seconds and all: what had ended was not asked again
    same(again, whole)
    again.write(tmp_path)
    assert (tmp_path / "runs.csv").read_text(encoding="utf-8-sig") == after  # what is written at the end has the same form


def test_lines_cut_short_and_runs_that_failed_are_asked_again(given, whole, tmp_path):
    uncertainty(given, SPEC, 6, seed=1, out=tmp_path)
    file = tmp_path / "runs.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    status = str(whole.runs["status"][1])
    lines[2] = lines[2].replace(f",{status},", ",failed,")
    file.write_text("".join(lines[:6]) + lines[6][:9], encoding="utf-8-sig")
    kept = tmp_path / "choices.csv"  # and a run that stands in one file alone does not count
    kept.write_text("".join(kept.read_text(encoding="utf-8-sig").splitlines(keepends=True)[:5]), encoding="utf-8-sig")
    asked = []
    found = uncertainty(given, SPEC, 6, seed=1, out=tmp_path, should_stop=lambda: asked.append(1) or False)
    same(found, whole)
    assert asked  # something was left to do


def test_a_folder_of_something_else_is_refused(given, tmp_path):
    uncertainty(given, SPEC, 2, again="no", out=tmp_path)
    for options in ({"seed": 5}, {"again": "lp"}):
        with pytest.raises(OtherSweepError, match="another folder"):
            uncertainty(given, SPEC, 2, **{"again": "no", **options}, out=tmp_path)
    with pytest.raises(OtherSweepError, match="another instance"):
        uncertainty(given.with_({"budget.central": 11}), SPEC, 2, again="no", out=tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "runs.csv").write_text("mine")
    with pytest.raises(OtherSweepError):
        uncertainty(given, SPEC, 2, again="no", out=tmp_path / "mine")
    assert (tmp_path / "mine" / "runs.csv").read_text() == "mine"


def test_what_a_run_found_comes_back_from_the_disk(given, whole, tmp_path):
    found = uncertainty(given, SPEC, 6, seed=1, out=tmp_path)
    note = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    again = journal.Journal(journal.Files(tmp_path), list(SPEC), found.plan, note["criteria"])
    assert [run.number for run in again.found()] == [1, 2, 3, 4, 5, 6]
    for run, row in zip(again.found(), found.runs.to_dict("records"), strict=True):
        assert run.drawn[next(iter(SPEC))] == row["effects.people[project=Q]"]
        assert run.kept["coverage"] == row["kept.coverage"]
        assert set(run.chosen) == {("project", "P" if row["effects.people[project=Q]"] < 60 else "Q")}
        assert run.counties["A"] == pytest.approx(row["kept.coverage"] / 200)


def test_a_fault_of_ours_in_one_run_stops_nothing(given, monkeypatch):
    kept = runs.kept_under
    calls = []

    def sometimes(*args):
        calls.append(args)
        if len(calls) == 2:
            raise ZeroDivisionError("now")
        return kept(*args)

    monkeypatch.setattr(runs, "kept_under", sometimes)
    found = uncertainty(given, SPEC, 3, again="no")
    assert found.runs["status"].tolist() == ["kept only", "failed", "kept only"]
    assert "now" in found.runs["error"][1]


def test_processes_answer_as_one_does(given, whole):
    same(uncertainty(given, SPEC, 6, seed=1, workers=2), whole)


def test_indices_go_on_too(given, tmp_path):
    pytest.importorskip("SALib", reason="SALib is not installed")
    stop = stopping_after(3, tmp_path / "influence_runs.csv")
    with pytest.raises(InterruptedStudyError, match="3 of 4"):
        influence(given, SPEC, "morris", 2, out=tmp_path, should_stop=stop)
    before = (tmp_path / "influence_runs.csv").read_text(encoding="utf-8-sig")
    found = influence(given, SPEC, "morris", 2, out=tmp_path)
    assert (tmp_path / "influence_runs.csv").read_text(encoding="utf-8-sig").startswith(before)
    pd.testing.assert_frame_equal(found.table, influence(given, SPEC, "morris", 2).table)
