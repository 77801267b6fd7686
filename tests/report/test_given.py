"""Folders named with --with: told by their content, shown in both languages, refused with one clear message."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.findings import InstanceError
from optimizer.methods.pareto.front import Front
from optimizer.plan import Plan
from optimizer.report import render
from optimizer.report.given import Given, read_given
from tests.report.pages import SCRIPT, Page, hostile, small

SENSITIVITY = ["tier", "kind", "index", "value", "slack", "price_up", "price_down", "low", "high", "reduced", "unit", "sentence"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One folder of each kind, as the commands write them."""
    root = tmp_path_factory.mktemp("given")
    unit = "person-periods per 10k_yuan"
    tables: dict[str, dict[str, pd.DataFrame]] = {
        "prices": {"sensitivity.csv": pd.DataFrame([
            ("selection", "budget", "stream=s;scope=all;period=1", 100.0, 0.0, 1.5, 2.0, 90.0, 120.0, np.nan, unit, "s"),
            ("selection", "rule", "r_max[period=1]", 90.0, 0.0, 0.25, 0.5, 80.0, np.inf, np.nan, unit, "s"),
            ("selection", "donor", "donor=D;period=1", 10.0, 0.0, 3.0, 3.0, 5.0, 12.0, np.nan, unit, "s"),
        ], columns=SENSITIVITY)},
        "curve": {"curve.csv": pd.DataFrame({
            "budget": [80.0, 100.0], "factor": [0.8, 1.0], "value": [50.0, 70.0], "low": [50.0, 70.0], "high": [50.0, 71.0],
            "gap": [0.0, 0.0], "price_per_million": [100.0, 90.0], "next_per_million": [95.0, np.nan], "apart": [0.0, np.nan],
            "tier": ["exact", "exact"], "status": ["optimal", "optimal"]})},
        "swings": {"tornado.csv": pd.DataFrame({
            "rank": [1], "key": ["budget.s"], "low": ["-10%"], "high": ["+10%"], "value_low": [60.0], "value_high": [75.0],
            "change_low": [-10.0], "change_high": [5.0], "swing": [15.0], "swing_proved": [15.0], "status_low": ["optimal"],
            "status_high": ["optimal"]}), "runs.csv": pd.DataFrame({"run": [0], "status": ["optimal"], "exit": [0]})},
        "runs": {"runs.csv": pd.DataFrame({
            "run": [0, 1], "budget.s": ["x0.5", SCRIPT], "status": ["infeasible", "optimal"], "exit": [3, 0],
            "coverage": [np.nan, 70.0]})},
        "fair": {"fairness.csv": pd.DataFrame({
            "plan": ["most people", "maximin"], "status": ["optimal", "optimal"], "coverage": [70.0, 60.0],
            "price_percent": [0.0, 14.3], "gain": [0, 1], "lose": [0, 1]})},
        "advice": {"recommendations.csv": pd.DataFrame({
            "county": ["A", "A"], "rank": [1, 2], "donor": ["D", "E"], "fit": [0.5, 0.4], "people_change": [0.0, -3.0],
            "money_change": [0.0, -1.0], "price_low": [0.0, 2.0], "price_high": [0.0, 4.0]})},
    }
    for name, files in tables.items():
        (root / name).mkdir()
        for file, table in files.items():
            table.to_csv(root / name / file, index=False)
    note = {"keys": ["budget.s"], "base": {"coverage": "70"}}
    for name in ("swings", "runs"):
        (root / name / "sweep.json").write_text(json.dumps(note), encoding="utf-8")
    _front().write(root / "front")
    hostile().write(root / "other-plan")
    return {path.name: path for path in root.iterdir()}


def _front() -> Front:
    points = pd.DataFrame({"point": [1, 2], "coverage": [70.0, 60.0], "spend": [70.0, 50.0], "status": ["optimal"] * 2,
                           "gap": [0.0, 0.0], "bound_coverage": [70.0, 60.0], "bound_spend": [70.0, 50.0]})
    criteria = {"coverage": {"sense": "max", "unit": "weighted person-periods"}, "spend": {"sense": "min", "unit": "10k_yuan"}}
    return Front(points, criteria, "integer", True, "", "", pd.DataFrame(), {"coverage": 1.0, "spend": 1.0}, "print")


KINDS = {"prices": "prices-budget-prices", "curve": "curve", "swings": "tornado", "runs": "sweep", "front": "front",
         "fair": "fair", "advice": "recommended", "other-plan": "scenario-criteria"}


@pytest.fixture(scope="module")
def pages(folders: dict[str, Path]) -> dict[str, Page]:
    """The hostile plan with every folder beside it."""
    given = read_given(list(folders.values()))
    return {lang: Page.of(render(hostile(), lang=lang, given=given)) for lang in ("en", "zh")}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kind_is_told_by_its_content_and_shown(pages: dict[str, Page], lang: str) -> None:
    page = pages[lang]
    assert set(KINDS.values()) <= set(page.tables)
    assert {"curve", "tornado", "front"} <= {name.split("-")[0].removeprefix("budget_") for name in page.downloads}
    assert len(page.scripts) == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_with_everything_beside_it_fetches_nothing(pages: dict[str, Page], lang: str) -> None:
    names = ("src", "href", "xlink:href", "action", "srcset")
    named = [str(said[name]) for _, said in pages[lang].tags for name in names if name in said]
    assert sum(address.startswith("data:text/csv") for address in named) >= len(KINDS)
    assert [address for address in named if not address.startswith(("#", "data:text/csv"))] == []
    assert "default-src 'none'" in pages[lang].html


def test_figures_given_are_shown_as_they_are(pages: dict[str, Page]) -> None:
    tables = pages["en"].tables
    million = tables["prices-budget-prices"].rows[0]
    assert million[3:8] == ["100 × 10,000 yuan (a million)", "+150", "−200", "90", "120"]
    assert tables["prices-rule-prices"].rows[0][0].startswith(f"No more {SCRIPT}")
    assert tables["prices-rule-prices"].rows[0][7] == "∞"
    assert ",∞," in pages["en"].downloads["prices-rule-prices"]
    assert [row[:3] for row in tables["curve"].rows] == [["80", "80.0 %", "50"], ["100", "100.0 %", "70"]]
    assert tables["tornado"].rows[0][1:] == ["−10 %", "+10 %", "−10", "+5", "15"]
    assert [row[-2:] for row in tables["sweep"].rows] == [["no plan exists", "–"], ["optimal", "70"]]
    assert tables["fair"].rows[1][2:] == ["60", "14.3 %", "1", "1"]
    assert tables["recommended"].rows[0][2:] == ["0.5", "1", "E E", "0.4", "−3", "2", "4"]


def test_a_figure_of_results_gives_the_numbers_of_its_table(pages: dict[str, Page]) -> None:
    for page in pages.values():
        for figure, table in {"figure-budget_curve": "curve", "figure-tornado": "tornado", "figure-front": "front"}.items():
            assert page.downloads[figure] == page.downloads[table]
        shares = [row.split(",") for row in page.downloads["figure-scenarios"].strip().splitlines()]
        assert shares[1][1:] == shares[2][1:]
        assert float(shares[1][3]) == pytest.approx(70)


def test_senses_of_fair_and_scenarios_are_told_without_code_or_settings_of_the_solver(folders: dict[str, Path]) -> None:
    slow = hostile()
    slow = replace(slow, instance=slow.instance.with_({"settings.time_limit": 30, "budget.s": "+10%"}))
    page = Page.of(render(hostile(), lang="zh", given=Given(read_given([folders["fair"]]).results, (("slow", slow),))))
    assert not [row[0] for row in page.tables["fair"].rows if re.search("[a-z]{3}", row[0])]
    (row,) = page.tables["scenario-differences"].rows
    assert "+10 %" in row[0]
    assert "30" not in row[0]


def test_a_plan_beside_itself_differs_in_nothing(pages: dict[str, Page]) -> None:
    tables = pages["en"].tables
    assert all(row[1] == row[2] for row in tables["scenario-criteria"].rows)
    assert tables["scenario-differences"].rows[0][1:8] == ["0", "0", "0", "0", "0", "0", "0"]


def test_the_name_of_a_folder_says_nothing(folders: dict[str, Path], tmp_path: Path) -> None:
    named = tmp_path / "sensitivity"
    named.mkdir()
    (named / "curve.csv").write_bytes((folders["curve"] / "curve.csv").read_bytes())
    assert [result.kind for result in read_given([named]).results] == ["curve"]


@pytest.mark.parametrize(("files", "words"), [
    ({}, "holds neither a plan nor results"), (None, "does not exist"), ({"curve.csv": "a,b\n1,2\n"}, "lacks the columns budget"),
    ({"front.csv": "point,status\n1,optimal\n"}, "front.json"), ({"runs.csv": b"\xff\xfe\x00"}, "cannot be read"),
])
def test_what_cannot_be_shown_is_refused_in_one_message(tmp_path: Path, files: dict[str, Any] | None, words: str) -> None:
    folder = tmp_path / "given"
    if files is not None:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InstanceError) as refused:
        read_given([folder])
    assert len(refused.value.findings) == 1
    assert words in refused.value.findings[0].sentence()


def test_the_command_refuses_before_it_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from optimizer.cli.main import app

    small().audited().write(tmp_path / "plan")
    before = (tmp_path / "plan" / "report.html").read_bytes()
    runner = CliRunner()
    for bad in (["--lang", "fr"], ["--with", str(tmp_path)]):
        ran = runner.invoke(app, ["report", str(tmp_path / "plan"), *bad])
        assert ran.exit_code == 2
        assert "Traceback" not in ran.output
    assert (tmp_path / "plan" / "report.html").read_bytes() == before
    ran = runner.invoke(app, ["report", str(tmp_path / "plan"), "--lang", "zh", "--out", str(tmp_path / "page.html")])
    assert ran.exit_code == 0, ran.output
    assert 'lang="zh-CN"' in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "plan"]
    assert Plan.read(tmp_path / "plan").claims.status == "limit"
