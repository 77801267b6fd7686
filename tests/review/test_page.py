"""The review page as a file: what it holds, what it refuses, and that both languages are whole."""

import base64
import dataclasses
import hashlib
import html
import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from review_cases import PARTS, recommended

from optimizer.review.page import review_page
from optimizer.review.page.data import key_of, page_data, plain
from optimizer.review.page.messages import LANGUAGES, PLACE, message, messages
from optimizer.review.page.page import SCRIPTS, as_script, asset

FORMED = {  # messages whose key data or the page's own words form
    "binding_", "changes_", "choose_", "count_", "decided_", "decision_", "explain_", "filter_", "held_", "list_",
    "mark_", "other_", "part_", "partner_", "people_", "room_", "search_", "sort_", "stability_", "status_", "tab_", "today_",
    "verdict_", "kind_", "workbook_", "note_",
}


@pytest.fixture(scope="module")
def page() -> str:
    return review_page(recommended())


def script_of(page: str, name: str) -> str:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found
    return found[1]


# -- messages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_exists_in_both_languages(lang):
    empty = [key for key, texts in messages().items() if not texts[lang] or not texts[lang].strip()]
    assert len(messages()) > 200 and empty == []


def test_messages_ask_for_the_same_values_in_both_languages():
    def asked(text: str) -> set[str]:
        return {found[1] for found in PLACE.finditer(text)}

    # a word that only English bends by number (`{many:person|people}`) need not stand in Chinese
    wrong = [key for key, texts in messages().items() if not asked(texts["zh"]) <= asked(texts["en"])
             or asked(PLACE.sub(lambda found: "" if found[2] is not None else found[0], texts["en"])) - asked(texts["zh"])]
    assert wrong == []


def test_chinese_messages_are_in_chinese():
    latin_only = {key for key, texts in messages().items() if not re.search("[\u4e00-\u9fff]", texts["zh"])}
    assert latin_only == {"percent", "list_mark", "part_mark", "colon"}


def test_every_message_that_script_and_template_name_exists_and_none_is_idle():
    source = "\n".join([*(asset(f"{name}.js") for name in SCRIPTS), asset("page.html.j2")])
    named = set(re.findall(r'\bt\("([a-z_]+)"', source)) | set(re.findall(r'data-(?:t|label)="([a-z_]+)"', source))
    assert {key for key in named if not key.endswith("_")} <= set(messages())
    words = set(re.findall(r'"([a-z_]+)"', source))
    idle = {key for key in messages() if key not in words and not any(key.startswith(prefix) for prefix in FORMED)}
    assert idle <= {"no_script", "page_title", "page_title_made"}


def test_words_bend_with_numbers():
    assert message("count_county", "en", n=1) == "1 county" and message("count_county", "en", n=1200) == "1,200 counties"
    assert message("count_county", "zh", n=1) == "1 个县"


# -- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("element", ["script", "style"])
def test_the_policy_forbids_the_network_and_lets_through_this_text_alone(page, element):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    found = re.search(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
    assert found
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    allowed = [part.strip() for part in html.unescape(policy[1]).split(";")]
    assert f"{element}-src 'sha256-{digest}'" in allowed and allowed[0] == "default-src 'none'"
    assert "unsafe" not in policy[1] and "http" not in policy[1]


def test_nothing_is_fetched(page):
    assert re.findall(r'(?:src|href|action)\s*=\s*"', page) == []
    assert "@import" not in page and "url(" not in page and "fetch(" not in page and "XMLHttpRequest" not in page


def test_data_never_become_markup():
    """No part of the script sets markup from text."""
    source = "\n".join(asset(f"{name}.js") for name in SCRIPTS)
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"):
        assert word not in source


@pytest.mark.parametrize("text", [
    "</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;", "\u2028", "\ud800", "\x00\x7f\x85",
])
def test_any_text_stands_safely_in_a_script_element(text):
    written = as_script({"name": text})
    assert json.loads(written) == {"name": text}
    assert not set(written) & set("<>&\u2028\u2029\x7f\x85")
    written.encode("utf-8")


@pytest.mark.parametrize(("value", "expected"), [
    (np.nan, None), (None, None), (np.inf, "inf"), (-np.inf, "-inf"), (True, 1), (np.bool_(False), 0), (3.0, 3),
    (1 / 3, 0.333333), (18_663_451.506, 18_663_452), ("=1+1", "=1+1"),
])
def test_values_are_plain(value, expected):
    found = plain(value)
    assert found == expected and type(found) in (int, float, str, type(None))


def test_the_page_holds_the_tables(page):
    data, made = json.loads(script_of(page, "data")), recommended()
    assert data["counties"]["id"] == made.counties["county"].tolist() and data["donors"]["name"] == made.donors["name"].tolist()
    assert data["parts"] == [{"key": name, "weight": weight} for name, weight in PARTS.items()]
    pairs = pd.DataFrame(data["pairs"])
    assert len(pairs) == len(made.table) and pairs["chosen"].sum() == len(made.counties)
    row = made.table[~made.table["chosen"]].iloc[0]
    county, donor = data["counties"]["id"].index(row["county"]), data["donors"]["id"].index(row["donor"])
    at = pairs[(pairs["county"] == county) & (pairs["donor"] == donor)]
    assert at[["low", "high", "kind", "held"]].values.tolist() == [[row["price_low"], row["price_high"], "exact", "others"]]
    assert at["floor"].tolist() == [100] and set(data["counties"]["most"]) == {1}


def test_the_page_begins_with_the_decisions_it_is_given():
    made = recommended()
    donor, county = made.table.loc[0, ["donor", "county"]]
    given = pd.DataFrame([{"kind": "pair", "donor": donor, "county": county, "decision": "forbid", "round": 2, "reason": "=far"}])
    [row] = page_data(made, given)["decisions"]
    assert (row["donor"], row["decision"], row["round"], row["reason"], row["project"]) == (donor, "forbid", "2", "=far", "")


def test_another_instance_has_another_key():
    made, other = recommended(), recommended(seed=4)
    assert key_of(made) == key_of(recommended()) and key_of(made) != key_of(dataclasses.replace(other, plan=recommended(25).plan))


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="'fr' is not a language of the page; use one of en, zh"):
        review_page(recommended(), "fr")
    assert '<html lang="zh-CN">' in review_page(recommended(), "zh")


def test_a_national_page_is_small():
    assert len(review_page(recommended(832, 200, 10)).encode()) < 5e6


def test_a_lock_that_a_decision_made_is_told_as_that_decision():
    """Taken back on the page it locks no longer; a lock of the instance itself stays one."""
    made = recommended()
    first, second = made.table.iloc[0], made.table.iloc[5]
    given = pd.DataFrame([{"kind": "pair", "donor": first["donor"], "county": first["county"], "decision": "lock"}])
    plan = SimpleNamespace(**{**vars(made.plan), "instance": made.plan.instance.with_decisions(given)})
    table = made.table.assign(status=["lock" if at in (0, 5) else "free" for at in range(len(made.table))])
    data = page_data(dataclasses.replace(made, plan=plan, table=table))
    locked = [(data["donors"]["id"][d], data["counties"]["id"][c]) for d, c, status in zip(
        data["pairs"]["donor"], data["pairs"]["county"], data["pairs"]["status"], strict=True) if status == "lock"]
    assert locked == [(second["donor"], second["county"])] and len(data["decisions"]) == 1


def test_of_very_many_swaps_each_donor_shows_those_that_would_gain_most():
    made = recommended()
    rows = [(donor, county, "blocking", 0.01 * d, 0.02 * c) for d, donor in enumerate(made.donors["donor"], 1)
            for c, county in enumerate(made.counties["county"], 1)]
    many = pd.DataFrame(rows, columns=["donor", "county", "kind", "donor_gain", "county_gain"])
    data = page_data(dataclasses.replace(made, stability=many))
    shown = pd.DataFrame(data["stability"])
    assert data["unstable"] == {"blocking": len(many), "envy": 0} and shown["donor"].value_counts().tolist() == [10] * 5
    many["gain"] = many[["donor_gain", "county_gain"]].min(axis=1)
    assert shown[["donorGain", "countyGain"]].min(axis=1).sum() == pytest.approx(
        many.groupby("donor")["gain"].nlargest(10).sum())
