"""The reader's language: rules, titles, groups, scenarios and columns in words, whatever language the instance is in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.instance.settings_rules import RULE_TYPES
from optimizer.plan import Choices, Claims, Level, Plan, assemble
from optimizer.report import render
from optimizer.report.figures.rule_words import TYPES, rule_words
from optimizer.report.messages import Messages
from optimizer.report.naming import Naming
from optimizer.report.workbook.readable import readable
from tests.report.pages import Page, frame

MONEY, OF_TEA = {"sum": "money", "stream": "central"}, {"sum": "money", "stream": "central", "category": "industry"}
#: Fields of a rule → its sentence in English and in Chinese.
SENTENCES: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "bound", "of": {"sum": "covered", "need": "water"}, "each": "county", "per": ["people"], "min": "30%"},
     "In every county: people covered (drinking water), of those in need: at least 30 %",
     "各县饮水安全覆盖人数占有需求人数的比例不低于 30 %"),
    ({"type": "bound", "of": {"sum": "money", "county": "poor"}, "min": 20, "max": 50, "periods": "total"},
     "Money (in poor): 0.2 million yuan to 0.5 million yuan, over all periods together",
     "深度贫困县资金在 20 万元 至 50 万元 之间（全期合计）"),
    ({"type": "bound", "of": {"sum": "support"}, "each": "donor", "max": 7, "or_zero": 1},
     "From every donor: donors' money: at most 0.07 million yuan, or nothing at all",
     "各帮扶方帮扶资金不高于 7 万元（不安排者除外）"),
    ({"type": "bound", "of": {"sum": "money"}, "each": "province", "per": ["population"], "max": 3},
     "In every province: money for each of population: at most 0.03 million yuan", "各省份按人口平均的资金不高于 3 万元"),
    ({"type": "share", "part": OF_TEA, "whole": MONEY, "min": "60%"},
     "Of central, what goes to industry: at least 60 %", "中央资金中，用于产业发展的部分占比不低于 60 %"),
    ({"type": "share", "part": {**MONEY, "county": "poor"}, "whole": MONEY, "increase_over": "last", "min": "55%"},
     "Of the increase of central over last year, what goes to poor: at least 55 %",
     "中央资金较上年的增量中，深度贫困县所得占比不低于 55 %"),
    ({"type": "share", "part": MONEY, "whole": {"sum": "money"}, "max": "12.5%", "each": "county"},
     "In every county: of money, central: at most 12.5 %", "各县资金中，中央资金占比不高于 12.5 %"),
    ({"type": "share", "part": {"sum": "support"}, "whole": {"sum": "money"}, "max": "10%"},
     "Donors' money, of money: at most 10 %", "帮扶资金占资金的比例不高于 10 %"),
    ({"type": "band", "of": MONEY, "each": "county", "low": 0.85, "high": 1.3, "scaled": 1},
     "In every county: central: 85 % to 130 % of last year, in proportion to the budget",
     "各县中央资金在上年的 85 % 至 130 % 之间（按预算规模同比例折算）"),
    ({"type": "band", "of": MONEY, "to": "factor", "low": 0.9}, "Central: at least 90 % of the factor method",
     "中央资金不低于因素法的 90 %"),
    ({"type": "pairs", "max_changed": 3, "min_gain": 0.1},
     "Existing pairs that end: at most 3; a new pair only where its fit exceeds the county's best existing one by 0.1 or more",
     "终止的既有结对不超过 3 对；新结对的匹配度须比该县最好的既有结对高出 0.1 以上"),
    ({"type": "exit", "needs": ["water"], "per": "population", "threshold": "3%", "by": 2026},
     "By 2026 in every county the people left without drinking water, each by itself: at most 3 % of population",
     "到 2026 年，各县饮水安全未覆盖人数（逐项计）不超过人口的 3 %"),
    ({"type": "exit", "combine": "sum", "per": "population", "at_least": 1,
      "threshold": [{"where": {"deep_poverty": 1}, "value": "4%"}, {"where": {"deep_poverty": 0}, "value": "2%"}]},
     "In at least 1 counties the people left without help for any need, all together: at most 2 % to 4 % (by kind of county) of "
     "population", "至少 1 个县各项需求未覆盖人数（合计）不超过人口的 2 % 至 4 %（按县的类别）"),
    ({"type": "equity", "equity": "maximin", "outcome": "covered_share", "min": "35%"},
     "Share of people covered, worst of counties: at least 35 %", "各县人口覆盖率的最差值不低于 35 %"),
    ({"type": "equity", "equity": "gini", "outcome": "money_per_head", "max": 0.3},
     "Money per head over counties, Gini index: at most 0.3", "各县人均资金的“基尼系数”值不高于 0.3"),
]


def made(rules: list[dict[str, Any]], **more: Any) -> Plan:
    """A plan of two counties under some rules; ``more``: further settings."""
    settings: dict[str, Any] = {
        "title": "Two counties", "periods": [2026], "categories": {"industry": {}, "roads": {"label": "道路"}},
        "needs": {"water": {"category": "industry"}}, "streams": {"central": {"budget": 100, "label": "central"}},
        "groups": {"poor": {"deep_poverty": 1}}, "settings": {"unspent": "allow"}, "rules": rules,
        "factor": {"streams": ["central"], "factors": [{"column": "population", "weight": 1}]},
    } | more
    tables = {
        "counties": "county,name,province,population,deep_poverty|A,甲县,云南省,1000,1|B,乙县,云南省,500,0",
        "needs": "county,need,people,unit_cost|A,water,20,1|B,water,20,1", "donors": "donor,money|D,10",
        "pairs": "donor,county,fit,existing|D,A,0.5,1", "baseline": "county,stream,money|A,central,30|B,central,20",
    }
    instance = Instance.from_frames(settings=settings, **{name: frame(text) for name, text in tables.items()})
    choices = Choices.of(
        transfers=[("central", "A", "industry", 2026, 20)], direct=[("A", "water", 2026, 20)], pairs=[("D", "A")])
    return assemble(instance, choices, Claims("limit", levels=(Level("coverage", "max", 20.0, 40.0),)))


def names(plan: Plan, lang: str) -> Naming:
    return Naming(plan, Messages(lang))


@pytest.fixture(scope="module")
def ruled() -> Plan:
    return made([{"id": f"r{n}", "sentence": "s", **fields} for n, (fields, _, _) in enumerate(SENTENCES)])


@pytest.mark.parametrize("number", range(len(SENTENCES)))
def test_a_rule_is_told_from_its_own_fields(ruled: Plan, number: int) -> None:
    rule = ruled.instance.settings.rules[number]
    assert rule_words(names(ruled, "en"), rule) == SENTENCES[number][1]
    assert rule_words(names(ruled, "zh"), rule) == SENTENCES[number][2]


def test_every_type_of_rule_has_words_and_a_case_above() -> None:
    assert set(TYPES) == set(RULE_TYPES.values())
    assert {fields["type"] for fields, _, _ in SENTENCES} == set(RULE_TYPES)


@pytest.mark.parametrize(("own", "english", "chinese"), [
    ("No more than 50", "No more than 50", "资金不高于 50 万元"),
    ("不超过五十", "Money: at most 0.5 million yuan", "不超过五十"),
    ("不超过五十 No more than 50", "No more than 50", "不超过五十"),
])
def test_the_instance_s_own_sentence_is_told_where_it_is_in_the_reader_s_language(own: str, english: str, chinese: str) -> None:
    plan = made([{"id": "cap", "type": "bound", "sentence": own, "of": {"sum": "money"}, "max": 50}])
    for lang, told in (("en", english), ("zh", chinese)):
        assert names(plan, lang).sentence("cap") == told
        assert Page.of(render(plan, lang=lang)).tables["rules"].rows[0][0].split(" cap")[0].strip() == told
        assert readable(names(plan, lang), "rules", plan.rules)[0]["sentence"].unique().tolist() == [told]


def test_a_chinese_page_of_an_english_instance_has_english_only_where_it_quotes() -> None:
    plan = made([{"id": "cap", "type": "bound", "sentence": "No county above fifty", "source": "a survey of ours",
                  "of": {"sum": "money"}, "each": "county", "max": 50}],
                source="Drawn up by hand", scenarios={"less": {"label": "A tenth less", "set": {"budget.central": "-10%"}}})
    html = render(plan, lang="zh")
    assert Page.of(html).text.count("No county above fifty") == 1
    quoted = re.compile(r'<td class="[^"]*quoted[^"]*">.*?</td>|<td>cap</td>', re.DOTALL)
    assert len(quoted.findall(html)) > 2
    text = Page.of(quoted.sub("<td></td>", html)).text
    known = {"CSV", "SHA", "optimizer", "inputs", "sensitivity", "with", "Two", "counties", "Drawn", "hand"}
    again = Page.of(html).tables["again"].rows  # where the instance's title and account of itself stand as they are
    assert {row[1] for row in again} >= {"Two counties", "Drawn up by hand"}
    assert {word for word in re.findall(r"[A-Za-z_][A-Za-z_0-9]{2,}", text) if word not in known} == set()
    assert "<h1>资源配置方案（2 个县，2026 年）</h1>" in html


def test_scenarios_and_changes_are_told_in_words() -> None:
    plan = made([{"id": "cap", "type": "bound", "sentence": "上限", "of": {"sum": "money"}, "max": 50}], scenarios={
        "less": {"label": "A tenth less", "set": {"budget.central": "-10%", "rule.cap.active": 0}},
        "more": {"from": "less", "set": {"needs.people[need=water]": "x1.5", "method.levels": [{"criterion": "coverage"}]}},
    })
    english, chinese = names(plan, "en"), names(plan, "zh")
    assert english.scenario("less") == "A tenth less"
    assert chinese.scenario("less") == "中央资金预算 −10%、启用（上限） 停用"
    assert chinese.scenario("more") == "中央资金预算 −10%、启用（上限） 停用、需求：人数 · 饮水安全 ×1.5、目标层次 加权覆盖"
    assert english.scenario("more") == "A tenth less, needs: people · drinking water ×1.5, levels Weighted coverage"


@pytest.mark.parametrize(("more", "english", "chinese"), [
    ({}, "province", "省份"), ({"money": {"unit": "usd", "yuan": 1, "currency": "dollars"}}, "region", "地区"),
    ({"labels": {"province": "州 state"}}, "state", "州"), ({"labels": {"province": "state"}}, "state", "state"),
])
def test_places_are_called_as_the_instance_calls_them(more: dict[str, Any], english: str, chinese: str) -> None:
    plan = made([], **more)
    assert (names(plan, "en").level("province"), names(plan, "zh").level("province")) == (english, chinese)
    assert Page.of(render(plan)).tables["counties"].heads[1].strip() == english


def test_a_label_of_a_column_that_is_not_there_is_refused() -> None:
    found = [finding for finding in made([], labels={"provinse": "state"}).instance.check() if finding.severity == "error"]
    assert [(finding.column, finding.value) for finding in found] == [("labels.provinse", "state")]
    assert "province" in found[0].mend


def test_paper_shows_the_first_rows_of_long_tables_and_says_where_the_rest_is() -> None:
    from optimizer.report.blocks import LONG_TABLE, ON_PAPER, Column, Table

    def rows(many: int) -> Table:
        return Table("t", "t", (Column("a"),), [[str(n)] for n in range(many)])

    assert (rows(LONG_TABLE).cut, rows(LONG_TABLE + 1).cut) == (False, True)
    html = render(made([]).audited())
    assert f"tbody tr:nth-child(n+{ON_PAPER + 1}):not(.total) {{ display: none; }}" in html
    page = Page.of(html)
    assert len(page.tables["audit"].rows) > LONG_TABLE
    assert f"On paper: the first {ON_PAPER} of {len(page.tables['audit'].rows)} rows." in page.text
    assert [said for _, said in page.tags if said.get("id") == "whole"] == [{"type": "checkbox", "id": "whole"}]
    cut = {said["id"] for tag, said in page.tags if tag == "div" and " cut" in said.get("class", "")}
    assert cut == {f"table-{name}" for name, table in page.tables.items() if len(table.rows) > LONG_TABLE}
