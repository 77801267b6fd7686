"""The page: made from the data, self-contained, every text escaped, assumptions called so."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Claims, Level, Plan, assemble
from optimizer.report import render

SCRIPT = "<script>alert(1)</script>"


def frame(text: str) -> pd.DataFrame:
    header, *lines = text.split("|")
    return pd.DataFrame([line.split(",") for line in lines], columns=header.split(","))


@pytest.fixture
def plan() -> Plan:
    settings: dict[str, Any] = {
        "title": f"Plan {SCRIPT}", "periods": [1], "categories": {"c": {}},
        "needs": {"n": {"category": "c", "label": "水 & water"}},
        "streams": {"s": {"budget": 100, "label": "=central"}},
        "rules": [{"id": "r", "type": "bound", "sentence": f"No more {SCRIPT}", "of": {"sum": "money"}, "max": 90}],
    }
    instance = Instance.from_frames(
        settings=settings,
        counties=frame(f"county,name,province,population,partners_max|A,{SCRIPT},甲省,100,1|B,乙县,乙省,200,1"),
        needs=frame("county,need,people,unit_cost|A,n,50,1|B,n,50,1"), donors=frame(f"donor,name,money|D,{SCRIPT},10"),
        pairs=frame("donor,county,fit|D,A,0.5"), baseline=frame("county,stream,money|A,s,20|B,s,40"),
        provenance=frame(f"table,key,column,status,source|needs,*,people,modelled,{SCRIPT}|needs,A/n,people,observed,survey|pairs,*,fit,assumed,"),
    )
    choices = Choices.of(transfers=[("s", "A", "c", 1, 30), ("s", "B", "c", 1, 30)],
                         direct=[("A", "n", 1, 40), ("B", "n", 1, 30)],
                         support=[("D", "A", 1, 10)], placed=[("collaboration", "A", "c", 1, 10)], pairs=[("D", "A")])
    claims = Claims("within_gap", levels=(Level("coverage", "max", 71.0, 72.0),), unaudited=(f"own row {SCRIPT}",))
    return assemble(instance, choices, claims).audited()


class Page(HTMLParser):
    """Tags that are open, links out, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts, self.links, self.text = 0, [], ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(plan: Plan) -> Page:
    parsed = Page()
    parsed.feed(render(plan))
    parsed.close()
    assert parsed.open == []
    return parsed


def test_the_page_is_self_contained_and_escapes_every_name(plan: Plan) -> None:
    parsed = page(plan)
    assert (parsed.scripts, parsed.links) == (0, [])
    assert parsed.text.count(SCRIPT) >= 5
    assert "@import" not in render(plan)
    assert "url(" not in render(plan)


def test_headlines_are_made_from_the_data(plan: Plan) -> None:
    text = page(plan).text
    assert "70 万元 go to 2 counties: 60 from =central, 10 from" in text
    assert "In 1 70 of 100 person-needs are covered (70.0 %)" in text
    assert "coverage is 70 weighted person-periods; no plan exceeds 72, so at most 2.86 % is left." in text
    assert "1 pair of 1 donor and 1 county bring 10 万元: 0 kept, 1 new, 0 ended." in text
    assert "Against last year, on the same streams, 1 counties get more and 1 less (0 万元 in all)." in text
    assert "all hold" in text
    assert "own row" in text


def test_what_is_assumed_modelled_observed_or_not_stated_is_called_so(plan: Plan) -> None:
    html = render(plan)
    assert '<td>pairs</td><td>fit</td><td class="assumed">assumed</td><td>all</td>' in html
    assert '<td>needs</td><td>people</td><td class="modelled">modelled</td><td>all others</td>' in html
    assert '<td>needs</td><td>people</td><td class="observed">observed</td><td>1</td>' in html
    assert '<td>donors</td><td>money</td><td class="silent">not stated</td>' in html


def test_a_plan_that_fails_is_not_praised(plan: Plan) -> None:
    funds = plan.funds.assign(money=plan.funds["money"] + 1)
    text = page(replace(plan, funds=funds, audit=None).audited()).text
    assert "The audit FAILS" in text
    assert "not passed" in text


def test_the_report_is_part_of_the_folder_and_the_same_each_time(plan: Plan, tmp_path: Path) -> None:
    plan.write(tmp_path / "a")
    plan.write(tmp_path / "b")
    assert (tmp_path / "a" / "report.html").read_bytes() == (tmp_path / "b" / "report.html").read_bytes()
    assert Plan.read(tmp_path / "a").audited().outcome == plan.outcome
