"""The page: made from the data, self-contained, every text escaped, in two languages, equal to the plan's tables."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Claims, Level, Plan, assemble
from optimizer.plan import distribution as plan_distribution
from optimizer.plan import indicators as plan_indicators
from optimizer.report import render
from optimizer.report.sections.first import told
from optimizer.report.view import View
from tests.plan.conftest import TABLES, WORKED, make, worked_choices
from tests.report.pages import SCRIPT, Page, frame, hostile, small


@pytest.fixture(scope="module")
def plan() -> Plan:
    return hostile()


@pytest.fixture(scope="module")
def example() -> Plan:
    """The worked example of the format: two counties over two periods, all of it optimal."""
    claims = Claims(levels=(Level("coverage", "max", 3035.0, 3035.0),))
    return assemble(make(WORKED, **TABLES), worked_choices(), claims).audited()


@pytest.fixture(scope="module")
def example_page(example: Plan) -> Page:
    return Page.of(render(example))


@pytest.fixture(scope="module")
def pages(plan: Plan) -> dict[str, Page]:
    return {lang: Page.of(render(plan, lang=lang)) for lang in ("en", "zh")}


@pytest.fixture(params=["en", "zh"])
def page(request: pytest.FixtureRequest, pages: dict[str, Page]) -> Page:
    return pages[request.param]


def test_every_name_is_text_and_the_one_script_is_the_page_s_own(page: Page) -> None:
    assert page.text.count(SCRIPT) >= 5
    assert len(page.scripts) == 1
    assert "alert" not in page.scripts[0]
    assert [name for tag, attributes in page.tags for name in attributes if name.startswith("on")] == []


def test_the_page_may_fetch_nothing_and_names_nothing_to_fetch(page: Page) -> None:
    policy = next(said["content"] for _, said in page.tags if said.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            assert str(attributes.get(name, "#")).startswith(("#", "data:text/csv")), attributes
    assert re.findall(r"@import|url\((?!#)", page.html) == []


def test_no_text_to_download_begins_as_a_formula(page: Page) -> None:
    assert page.downloads
    for name, text in page.downloads.items():
        for line in text.splitlines()[1:]:
            for cell in line.split(","):
                assert not cell.strip('"').startswith(("=", "@", "+")), (name, line)


def test_what_is_referred_to_stands_once(page: Page) -> None:
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    wanted = {*re.findall(r'(?:href="#|url\(#)([^")]+)', page.html)}
    assert wanted
    assert {name: names.count(name) for name in wanted if names.count(name) != 1} == {}


def test_tables_that_several_parts_read_are_made_once(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for module, name in ((plan_distribution, "distribution"), (plan_indicators, "indicators")):
        make_it = getattr(module, name)
        monkeypatch.setattr(module, name, lambda one, make_it=make_it, name=name: asked.append(name) or make_it(one))
    again = replace(plan)
    render(again)
    render(again, lang="zh")
    assert sorted(asked) == ["distribution", "indicators"]


def test_the_first_page_is_five_sentences_made_from_the_data(pages: dict[str, Page]) -> None:
    page = pages["en"]
    first = page.lists[0]
    assert len(first) == 5
    assert first[0] == ("0.7 million yuan go to 2 counties: 0.6 million yuan from =central, "
                        "0.1 million yuan from Collaboration money of the donors.")
    assert first[1].startswith("In period 1 70 of 100 person-needs are covered (70.0 %).")
    assert first[2] == "1 pair of 1 donor and 1 county bring 0.1 million yuan: 0 kept, 1 new, 0 ended."
    assert "no plan exceeds 72, so at most 2.86 % is left." in page.text
    assert "Weighted coverage is 70 weighted person-periods" in page.text
    assert "The audit holds" in page.text
    assert f"Not audited: own row {SCRIPT}" in page.text


def test_a_sum_that_stays_is_told_as_such_and_not_as_zero_money(plan: Plan) -> None:
    assert "Against last year, on the same streams, 1 county get more and 1 less; the sum is the same." in told(View(plan))
    assert "与上年相比（同口径渠道），增加的有 1 个县，减少的有 1 个县，总额不变。" in told(View(plan, "zh"))
    assert re.search(r"\(−\d[\d.]* million yuan in all\)\.", " ".join(told(View(small()))))


def test_a_plan_that_fails_is_not_praised(plan: Plan) -> None:
    funds = plan.funds.assign(money=plan.funds["money"] + 1)
    page = Page.of(render(replace(plan, funds=funds, audit=None).audited()))
    assert "The audit FAILS" in page.text
    assert "The audit holds" not in page.text


def test_what_is_assumed_modelled_observed_or_not_stated_is_told_apart(pages: dict[str, Page]) -> None:
    page = pages["en"]
    found = {(row[0], row[1]): row[2:5] for row in page.tables["sources"].rows}
    assert found["pairs", "fit"][:2] == ["○ assumed", "all"]
    assert ["◐ modelled", "all others"] in [row[2:4] for row in page.tables["sources"].rows]
    assert ["● observed", "1"] in [row[2:4] for row in page.tables["sources"].rows]
    assert found["donors", "money"][:2] == ["? not stated", "all"]
    assert "people in need ◐ modelled, ● observed (1 cells)" in page.grounds["needs"]


def test_tables_of_the_page_are_those_of_the_plan(example: Plan, example_page: Page) -> None:
    plan, tables = example, example_page.tables
    money = plan.funds["money"].sum()
    assert tables["streams"].total("spent") == money
    assert tables["categories"].sum("in all", last=False) == money
    assert tables["counties"].sum("money") == money
    assert tables["places"].total("money", first=True) == money
    for head, column in {"in need": "people", "covered before": "carried", "by projects": "built", "directly, new": "direct",
                         "covered": "covered", "left": "gap", "direct support": "direct_cost"}.items():
        assert tables["needs"].sum(head) == plan.coverage[column].sum(), head
    last = plan.coverage[plan.coverage["period"] == 2027]
    assert tables["counties"].sum("left") == tables["left-counties"].sum("all needs") == last["gap"].sum()
    assert tables["pairs"].sum("money") == tables["pair-statuses"].sum("money") == plan.pairings["money"].sum()
    assert tables["donors"].sum("gives") == plan.support["money"].sum()
    assert tables["projects-chosen"].sum("cost") == tables["projects-category"].total("cost") == plan.projects["cost"].sum()
    assert tables["projects-category"].total("started") == plan.projects["project"].nunique()
    for name in ("holds", "rounding", "broken", "off"):
        head = {"holds": "hold", "off": "do not apply"}.get(name, name)
        assert tables["rules"].sum(head) == (plan.rules["status"] == name).sum()
    assert tables["rules"].sum("places") == len(plan.rules)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_numbers_of_figures_are_told_in_words_with_their_units(example: Plan, lang: str) -> None:
    page = Page.of(render(example, lang=lang))
    figures = {name: text for name, text in page.downloads.items() if name.startswith("figure-")}
    assert {"figure-funds_by_region", "figure-coverage_by_need", "figure-lorenz", "figure-rules_slack"} <= set(figures)
    for name, text in figures.items():
        head, *rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
        assert rows and all(len(row) == len(head) for row in rows), name
        assert not re.search(r"[a-z0-9]_[a-z0-9]|stream:", ",".join(head)), name
        if lang == "zh":
            assert not [word for word in head if re.search("[A-Za-z]{3}", word)], name
            assert all(re.search("[一-鿿]", word) for word in head), name
    money = example.funds["money"].sum()
    total = list(csv.reader(io.StringIO(figures["figure-funds_by_region"].lstrip("\ufeff"))))
    assert sum(float(row[-1]) for row in total[1:]) == money
    assert total[0][-1].endswith(("(10,000 yuan)", "(万元)"))


def test_a_plan_without_pairs_speaks_of_none(plan: Plan) -> None:
    for alone in (small("all"), small("pairs")):
        page = Page.of(render(alone.audited()))
        assert not re.search(r"\b(pair|pairs|paired|donor|donors)\b", page.text), re.findall(r".{40}\bpair.{20}", page.text)
    assert "donor" in Page.of(render(plan)).text


def test_a_place_says_what_parts_the_counties(plan: Plan) -> None:
    assert View(plan).placed == {"A": "甲省", "B": "+乙省"}
    settings = {"periods": [1], "categories": {"c": {}}, "streams": {"s": {"budget": 9}}, "settings": {"unspent": "allow"}}
    instance = Instance.from_frames(settings=settings, counties=frame("county,province,prefecture|A,甲省,东市|B,甲省,西市"))
    claims = Claims("limit", levels=(Level("coverage", "max", 0.0, 9.0),))
    one_province = assemble(instance, Choices.of(transfers=[("s", "A", "c", 1, 5)]), claims)
    assert View(one_province).placed == {"A": "东市", "B": "西市"}


def test_downloads_hold_what_the_tables_show(example_page: Page) -> None:
    for name, table in example_page.tables.items():
        frame = example_page.frame(name)
        assert len(frame) >= len(table.rows)
        assert [head.split(" (")[0] for head in frame.columns] == [head.split("\n")[0] for head in table.heads]


def test_indicators_on_the_page_are_the_plan_s(example: Plan, example_page: Page) -> None:
    rows = example_page.tables["indicators"].rows
    found = example.indicators()
    found = found[(found["by"] == "county") & (found["group"] == "all")]
    assert len(rows) == len(found)
    for row, value in zip(rows, found["after"], strict=True):
        assert row[3] == "–" if pd.isna(value) else float(row[3].replace(",", "")) == pytest.approx(value, rel=6e-3)


def test_the_report_is_part_of_the_folder_and_the_same_each_time(plan: Plan, tmp_path: Path) -> None:
    plan.write(tmp_path / "a")
    plan.write(tmp_path / "b")
    first = (tmp_path / "a" / "report.html").read_bytes()
    assert first == (tmp_path / "b" / "report.html").read_bytes()
    assert render(Plan.read(tmp_path / "a").audited()).encode() == first
    assert Plan.read(tmp_path / "a").audited().outcome == plan.outcome


@pytest.mark.parametrize(("without", "lang"), [
    ("pairs", "en"), ("baseline", "zh"), ("income", "en"), ("projects", "zh"), ("needs", "en"), ("all", "zh"),
])
def test_what_a_plan_does_not_have_leaves_no_empty_section(without: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.report.figures.svg", lambda figure: "<svg></svg>", raising=False)  # what it shows is not asked
    page = Page.of(render(small(without), lang=lang))
    assert len(page.lists[0]) == 5 or without == "all"
    assert all(table.rows for table in page.tables.values())
    assert "nan" not in re.findall(r"\w+", page.text.lower())
    gone = {"pairs": ["pairings"], "projects": ["projects"], "needs": ["coverage"],
            "all": ["pairings", "projects", "coverage", "rules"]}
    assert not set(gone.get(without, [])) & set(page.sections)
    absent = {"baseline": "beside", "income": "poorest", "all": "pairs"}
    assert absent.get(without) not in page.tables
