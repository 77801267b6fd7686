"""The shape of what the benchmarks say, never a time."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bars import bars_of
from benchmarks.cases import CASES, GENERAL, case_of, prepared
from benchmarks.clock import Recorder
from benchmarks.figures import SOLVING, lp_floor, stage_ratio
from benchmarks.table import text_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ran(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What the command prints and writes for the tiny instance."""
    file = tmp_path_factory.mktemp("report") / "report.json"
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--case", str(tiny), "--quick", "--json", str(file)], cwd=ROOT,
                          capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture
def answer(ran: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    (answer,) = ran[1]["cases"]
    return dict(answer)


def test_every_stage_has_seconds_memory_and_a_ratio(answer: dict[str, Any]) -> None:
    names = [stage["name"] for stage in answer["stages"]]
    first = ["start", "read", "expand", "check", "build", "compile", "load", "integer program", "whole steps"]
    assert names == [*first, "plan", "audit", "write"]
    for stage in answer["stages"]:
        assert stage["seconds"] > 0 and stage["peak"] > 10
        assert stage_ratio(answer, stage)[0] > 0
    peaks = [stage["peak"] for stage in answer["stages"]]
    assert peaks == sorted(peaks) and answer["peak"] <= answer["peak_all"]


def test_the_stages_are_the_whole_job(answer: dict[str, Any]) -> None:
    assert 0.5 * answer["total"] <= sum(stage["seconds"] for stage in answer["stages"]) <= 1.001 * answer["total"]
    assert answer["first_point"] <= answer["first_plan"] <= answer["plan"] <= answer["total"]


def test_the_plan_is_audited_and_optimal(answer: dict[str, Any]) -> None:
    assert answer["audit_passed"] and answer["status"] in ("optimal", "within_gap")
    assert answer["point_within"]["0.1"] is not None
    assert answer["size"]["counties"] == 2 and answer["size"]["candidates"] == 4


def test_the_floor_solves_the_same_program(answer: dict[str, Any]) -> None:
    floor = answer["floor"]
    assert [lp["method"] for lp in floor["lp"]] == ["simplex", "ipx"] and all(lp["done"] for lp in floor["lp"])
    assert floor["lp_apart"] < 1e-6
    assert lp_floor(answer)[1]
    mip = floor["mip"]
    assert mip["done"] and mip["value"] <= floor["lp"][0]["value"] + 1e-6
    assert floor["handing_over"].keys() == {"arrays", "buffers"}


def test_what_ifs_agree_loaded_and_afresh(answer: dict[str, Any]) -> None:
    found = answer["whatif"]
    assert found["change"] == "budget.central +1%"
    assert found["linear_apart"] < 1e-6 and found["by_hand_apart"] < 1e-6
    assert all(found[name] > 0 for name in ("linear_ratio", "by_hand_ratio", "integers_ratio"))


def test_the_table_shows_every_stage_and_bar(ran: tuple[str, dict[str, Any]]) -> None:
    printed, report = ran
    (answer,) = report["cases"]
    for stage in answer["stages"]:
        assert f"\n{stage['name']} " in printed
    for bar in answer["bars"]:
        assert f"\n{bar['what']} " in printed
    assert [bar["figure"] for bar in answer["bars"]] == list(GENERAL)


def test_bars_say_met_missed_or_not_measured(answer: dict[str, Any]) -> None:
    case = CASES["national"]
    answer |= {"plan": 100.0, "gap_asked": 0.1, "gap_percent": 0.05, "first_plan": None, "peak": 1024.0}
    answer["whatif"] = {"linear_ratio": 9.0}
    told = {bar.figure: bar.met for bar in bars_of(case, answer)}
    assert told["plan"] is True and told["first_plan"] is None and told["memory"] is True
    assert told["whatif_lp"] is False and told["whatif_integers"] is None
    answer["gap_percent"] = 0.2
    assert {bar.figure: bar.met for bar in bars_of(case, answer)}["plan"] is False
    text = text_of("x", answer | {"whatif": {}}, bars_of(case, answer))
    assert "met" in text and "MISSED" in text and "not measured" in text


def test_a_floor_that_did_not_end_marks_its_ratios(answer: dict[str, Any]) -> None:
    lps = [{**lp, "done": False, "seconds": 300.0, "value": None} for lp in answer["floor"]["lp"]]
    answer["floor"] = {**answer["floor"], "lp": lps}
    assert stage_ratio(answer, {"name": SOLVING[0], "seconds": 30.0}) == (0.1, "<")


def test_the_recorder_keeps_the_first_point_and_when_a_gap_was_reached() -> None:
    recorder = Recorder(0.0)
    recorder.stage("one")
    recorder.update(100.0, math.nan)
    assert recorder.first is None and recorder.reached(50.0) is None
    recorder.update(100.0, 99.0)
    recorder.update(100.0, 99.0)
    recorder.stage("")
    assert recorder.first is not None and len(recorder.trace) == 2
    assert recorder.reached(2.0) == recorder.trace[-1][0] and recorder.reached(0.5) is None
    assert list(recorder.stages) == ["one"]


def test_cases_are_named_or_folders(tiny: Path, tmp_path: Path) -> None:
    assert list(CASES) == ["small", "national", "three", "free", "tenfold"]
    assert case_of("free").scenario == "free_pairing"
    assert case_of(str(tiny)).folder == tiny
    assert prepared(replace(CASES["small"]), tmp_path) == ROOT / "instances" / "zhejiang-sichuan"
    with pytest.raises(KeyError):
        case_of(str(tmp_path))


def test_an_unknown_case_is_refused() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--case", "nowhere"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "'nowhere' is none of small, national" in done.stderr
