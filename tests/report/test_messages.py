"""The table of messages: whole in both languages, the same braces, and every message that the report asks for."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import optimizer.report as report
from optimizer.instance.findings import InstanceError
from optimizer.instance.schema import TABLES
from optimizer.plan.indicators import indicators
from optimizer.plan.reasons import WORDS
from optimizer.report import render
from optimizer.report.messages import Messages, messages
from tests.report.pages import Page, small

ROOT = Path(report.__file__).parent
SOURCES = {path: path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.py"), *(ROOT / "sections").glob("*.py"),
                                                              ROOT / "templates" / "report.html.j2"]}
CHINESE = re.compile(r"[㐀-鿿]")


def braces(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)", text))


def test_every_message_exists_in_both_languages_with_the_same_braces() -> None:
    assert len(messages()) > 500
    for key, row in messages().items():
        assert row["en"].strip(), key
        assert row["zh"].strip(), key
        assert braces(row["en"]) >= braces(row["zh"]), key
        assert not CHINESE.search(row["en"]), key
        assert braces(row["en"]) - braces(row["zh"]) == set(), key


def test_what_is_chinese_is_not_english() -> None:
    """A message of words has Chinese words in the Chinese edition."""
    for key, row in messages().items():
        plain = re.sub(r"{[^}]*}|SHA-256|CSV|inputs/|optimizer sensitivity|--with|optimizer", "", row["zh"])
        assert not re.search(r"[A-Za-z]{2,}", plain), (key, row["zh"])


def test_the_report_asks_for_no_message_that_is_missing() -> None:
    asked: set[str] = set()
    for text in SOURCES.values():
        asked |= set(re.findall(r"""\bt(?:\.raw)?\(\s*f?"([^"]+)\"""", text))
        asked |= {f"head.{name}" for name in re.findall(r"""\bcolumn\(\s*"(\w+)\"""", text)}
        asked |= {f"count.{name}.{many}" for name in re.findall(r"""\bt\.count\(\s*"(\w+)\"""", text) for many in ("one", "many")}
    assert len(asked) > 150
    for key in asked:
        prefix, brace, _ = key.partition("{")
        assert any(known.startswith(prefix) for known in messages()) if brace else key in messages(), key


def test_what_plans_and_instances_are_made_of_has_a_word() -> None:
    plan = small().audited()
    assert plan.audit is not None
    wanted = {f"clause.{check.clause}" for check in plan.audit.checks} | {f"table.name.{name}" for name in TABLES}
    wanted |= {f"indicator.{name}" for name in indicators(plan)["indicator"]}
    wanted |= {f"why.{key}" for key in WORDS if key not in ("money", "against")}
    wanted |= {f"column.{column.name}" for table in TABLES.values() for column in table.columns}
    assert {key for key in wanted if key not in messages()} == set()


def test_nothing_english_is_left_in_a_chinese_page() -> None:
    plan = small()
    settings = plan.instance.settings.model_copy(update={"title": "小例"})
    text = Page.of(render(replace(plan, instance=plan.instance.replaced(settings=settings)), lang="zh")).text
    known = {"CSV", "SHA", "optimizer", "inputs", *plan.criteria["criterion"],
             *(column.name for table in TABLES.values() for column in table.columns)}
    left = {word for word in re.findall(r"[A-Za-z_][A-Za-z_0-9]{2,}", text) if word not in known}
    assert left == set()


def test_another_language_is_refused() -> None:
    with pytest.raises(InstanceError, match="en, zh"):
        Messages("fr")
