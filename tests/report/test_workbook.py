"""The workbook: text stays text, numbers are numbers, charts point at their tables, both languages, opens in LibreOffice."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.instance.findings import OptimizerError
from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Claims, Level, Plan, assemble
from optimizer.plan.distribution import distribution
from optimizer.plan.plan import TABLES
from optimizer.report.figures.names import Names
from optimizer.report.figures.words import say
from optimizer.report.messages import Messages
from optimizer.report.naming import Naming
from optimizer.report.workbook import write_workbook
from optimizer.report.workbook.readable import index_words
from optimizer.report.workbook.write import SHEETS

HOSTILE = ["=1+1", "<b>x</b>", "@cmd", "+A1", "http://example.org"]
SETTINGS: dict[str, Any] = {
    "title": "=HYPERLINK(1)", "periods": [1], "categories": {"c": {"label": "=SUM(A1)"}, "e": {"label": "教育 schooling"}},
    "needs": {"n": {"category": "c", "label": "水 water"}, "m": {"category": "c", "label": "水 water"}},
    "streams": {"s": {"budget": 1000, "label": "<i>中央</i>"}, "z": {"budget": 10}},
    "settings": {"unspent": "allow"}, "factor": {"streams": ["s"], "factors": [{"column": "population", "weight": 1}]},
    "rules": [{"id": "r", "type": "bound", "sentence": "=No more", "of": {"sum": "money", "category": "c"}, "each": "county",
               "max": 90}],
}


@pytest.fixture
def hostile(make: Callable[..., Instance]) -> Plan:
    lines = [f"C{n},{name},{'甲' if n < 3 else '乙'},{'p' if n < 2 else 'q'},{100 * (n + 1)}" for n, name in enumerate(HOSTILE)]
    instance = make(SETTINGS, counties="county,name,province,prefecture,population|" + "|".join(lines),
                    needs="county,need,people,unit_cost|C0,n,50,1|C1,m,20,1", baseline="county,stream,money|C0,s,100|C1,s,20",
                    donors="donor,name,money|D,=cmd|D2,,5".replace("|D,=cmd|", "|D,=cmd,10|"),
                    pairs="donor,county,fit,existing|D,C0,0.5,0|D2,C1,0.5,1")
    choices = Choices.of(transfers=[("s", "C0", "c", 1, 40), ("s", "C1", "e", 1, 30), ("z", "C4", "e", 1, 5)],
                         support=[("D", "C0", 1, 10)], placed=[("collaboration", "C0", "e", 1, 10)], pairs=[("D", "C0")],
                         direct=[("C0", "n", 1, 40)])
    return assemble(instance, choices, Claims("within_gap", levels=(Level("coverage", "max", 40.5, 41.0),)))


@pytest.fixture(params=["en", "zh"])
def written(request: pytest.FixtureRequest, hostile: Plan, tmp_path: Path) -> tuple[str, Path]:
    write_workbook(hostile, tmp_path / "plan.xlsx", request.param)
    return request.param, tmp_path / "plan.xlsx"


def sheet_of(book: openpyxl.Workbook, name: str, lang: str = "en") -> Worksheet:
    return book[say(lang, f"sheet.{name}")]


def column(sheet: Worksheet, header: str) -> list[Any]:
    at = [cell.value for cell in sheet[1]].index(header)
    return [row[at].value for row in sheet.iter_rows(min_row=2)]


def test_hostile_names_are_text_and_only_the_list_of_sheets_has_links(written: tuple[str, Path]) -> None:
    book = openpyxl.load_workbook(written[1])
    seen, links = set(), []
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                seen.add(cell.value)
                links += [cell.hyperlink] if cell.hyperlink is not None else []
    assert {*HOSTILE, "=cmd", "=No more", "=HYPERLINK(1)"} <= seen
    assert len(links) == len(SHEETS)
    assert all(link.location and not link.target for link in links)


def test_every_sheet_is_there_in_order_with_filter_frozen_header_and_a_word_on_it(written: tuple[str, Path]) -> None:
    lang, file = written
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == [say(lang, f"sheet.{name}") for name in ("about", *SHEETS)]
    for name in (*TABLES, "distribution", "indicators"):
        sheet = sheet_of(book, name, lang)
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None
        assert all(cell.value for cell in sheet[1])
    about = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row)
    assert all(say(lang, f"sheet.{name}.about") in about for name in SHEETS)


def test_numbers_are_numbers_with_their_unit_in_the_header(written: tuple[str, Path], hostile: Plan) -> None:
    lang, file = written
    book, names = openpyxl.load_workbook(file), Naming(hostile, Messages(lang))
    for table, key in (("funds", "money"), ("coverage", "direct_cost"), ("support", "money"), ("streams", "budget")):
        values = column(sheet_of(book, table, lang), f"{say(lang, f'head.{key}')} ({names.money})")
        assert values == hostile.tables[table][key].tolist()
    people = column(sheet_of(book, "coverage", lang), f"{say(lang, 'head.people')} ({names.unit('people')})")
    assert people == hostile.coverage["people"].tolist()
    money = column(sheet_of(book, "distribution", lang), say(lang, "head.distribution.money", money=names.money))
    assert money == distribution(hostile)["money"].tolist()


def test_words_stand_for_identifiers_in_the_language_asked_for(hostile: Plan, tmp_path: Path) -> None:
    seen: dict[str, openpyxl.Workbook] = {}
    for lang in ("en", "zh"):
        write_workbook(hostile, tmp_path / f"{lang}.xlsx", lang)
        seen[lang] = openpyxl.load_workbook(tmp_path / f"{lang}.xlsx")
    labels = {"c": "=SUM(A1)", "e": "schooling"}
    assert column(sheet_of(seen["en"], "funds"), "category") == [labels[name] for name in hostile.funds["category"]]
    assert set(column(sheet_of(seen["zh"], "funds", "zh"), "支出类别")) == {"=SUM(A1)", "教育"}
    assert set(column(sheet_of(seen["en"], "coverage"), "need")) == {"water (n)", "water (m)"}  # one label for two: told apart
    assert column(sheet_of(seen["zh"], "pairings", "zh"), "状态") == ["新增", "终止"]
    assert column(sheet_of(seen["en"], "pairings"), "status") == ["new", "ended"]
    assert set(column(sheet_of(seen["zh"], "rules", "zh"), "状态")) == {"满足"}
    assert set(column(sheet_of(seen["zh"], "indicators", "zh"), say("zh", "head.unit"))) <= {
        "比例", "指数", "元/人", "（比例）²", "（元/人）²"}
    assert not any(re.search(r"[a-z]_[a-z]", str(cell.value)) for sheet in seen["en"].worksheets for cell in sheet[1])


def test_charts_refer_to_the_cells_of_their_tables(written: tuple[str, Path], hostile: Plan) -> None:
    lang, file = written
    book = openpyxl.load_workbook(file)
    sheet = sheet_of(book, "overview", lang)
    charts = sheet._charts
    assert len(charts) == 3
    for chart in charts:
        for series in chart.series:
            for reference in (series.cat.strRef or series.cat.numRef, series.val.numRef):
                name, cells = reference.f.rsplit("!", 1)
                assert name.strip("'") == sheet.title
                values = [cell.value for row in sheet[cells.replace("$", "")] for cell in row]
                assert None not in values
                kind = str if reference is not series.val.numRef else (int, float)
                assert all(isinstance(value, kind) for value in values)
    whole = sum(cell.value for series in charts[0].series for row in sheet[series.val.numRef.f.rsplit("!")[1].replace("$", "")]
                for cell in row)
    assert whole == hostile.funds["money"].sum()
    people = sum(cell.value for series in charts[2].series for row in sheet[series.val.numRef.f.rsplit("!")[1].replace("$", "")]
                 for cell in row)
    assert people == hostile.coverage["people"].sum()


def test_what_changes_is_marked_and_the_record_names_versions_and_hashes(hostile: Plan, tmp_path: Path) -> None:
    hostile.write(tmp_path / "plan")
    book = openpyxl.load_workbook(tmp_path / "plan" / "plan.xlsx")
    for name in ("distribution", "pairings", "rules"):
        assert len(sheet_of(book, name).conditional_formatting) > 0 or name == "rules"
    text = {str(cell.value) for row in sheet_of(book, "record").iter_rows() for cell in row}
    inputs = [path for path in (tmp_path / "plan" / "inputs").rglob("*") if path.is_file()]
    assert {path.name for path in inputs} <= text
    hashes = {value for value in text if re.fullmatch(r"[0-9a-f]{64}", value)}
    assert len(hashes) == len({path.read_bytes() for path in inputs}) + 1


def test_the_same_plan_gives_the_same_bytes_without_todays_date(hostile: Plan, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_workbook(hostile, tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_an_unknown_language_is_refused_and_nothing_is_written(hostile: Plan, tmp_path: Path) -> None:
    with pytest.raises(OptimizerError, match="'fr'"):
        hostile.workbook(tmp_path / "plan.xlsx", "fr")
    assert not list(tmp_path.iterdir())


def test_indexes_of_rules_are_said_in_names(hostile: Plan) -> None:
    assert index_words(Names(hostile, "en"), "county=C1;period=1") == "<b>x</b> C1 · 1"
    assert index_words(Names(hostile, "zh"), "stream=s;scope=province=甲;period=horizon") == "<i>中央</i> · 甲 · 整个规划期"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_opens_it_and_shows_every_sheet(hostile: Plan, tmp_path: Path) -> None:
    write_workbook(hostile, tmp_path / "plan.xlsx", "zh")
    run = subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf", "--outdir",
         str(tmp_path), str(tmp_path / "plan.xlsx")], capture_output=True, text=True, timeout=240, check=True)
    assert "Error" not in run.stdout + run.stderr
    assert (tmp_path / "plan.pdf").stat().st_size > 20_000
