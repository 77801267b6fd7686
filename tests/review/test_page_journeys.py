"""The review page in a real browser: load, find, decide, export, read with the program, come back."""

import dataclasses
import math
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from browser import Browser
from review_cases import LIMIT, recommended
from reviewing import Reviewer

from optimizer.instance.folder import guarded, write_csv
from optimizer.review.page.words import price_in_words
from optimizer.review.recommendations import Recommendations

UNIT = "weighted person-periods"
BRACKETS = [  # one in four stands at a recommended pair, whose price is not shown
    *[(0.0, 0.0), (120.0, 120.0), (1.0, 1.0), (100.2, 140.4)], *[(0.0, 0.0), (57.5, 57.5), (0.2, 0.3), (0.0, 14.0)],
    *[(0.0, 0.0), (-3.0, 2.0), (-8.0, -8.0), (50.0, math.inf)],
    *[(0.0, 0.0), (math.nan, math.nan), (math.inf, math.inf), (9.96, 9.96)],
    *[(0.0, 0.0), (math.nan, 30.0), (99.6, 100.4), (1234.5, 23_456.7)], *[(0.0, 0.0), (0.0, math.inf), (2.0, 2.04), (-0.2, 0.1)],
    *[(0.0, 0.0), (-30.0, -20.0), (-7.0, 0.0), (-math.inf, -4.0)],
]
EDGES = [low for low, _ in BRACKETS]


@pytest.fixture(scope="module")
def made() -> Recommendations:
    return recommended()


@pytest.fixture
def page(chromium: Browser, tmp_path: Path, made: Recommendations) -> Reviewer:
    return Reviewer(chromium, tmp_path, made)


def alternatives(made: Recommendations, at: int) -> pd.DataFrame:
    rows = made.of(made.counties["county"].iloc[at])
    return rows[~rows["chosen"]].reset_index(drop=True)


def partner(made: Recommendations, at: int) -> str:
    rows = made.of(made.counties["county"].iloc[at])
    return str(rows.loc[rows["chosen"], "donor"].iloc[0])


def test_the_page_opens_from_disk_without_network_or_complaint(page, made):
    assert len(page.texts("#list .row")) == len(made.counties)
    assert page.browser.complaints == [] and set(page.browser.requests) == {page.file.as_uri()}
    told = page.browser.run("fetch('https://example.org/').then(() => 'fetched', () => 'refused')")
    assert told == "refused" and any("Content Security Policy" in text or "violates" in text for text in page.browser.complaints)


def test_counties_are_found_filtered_and_ordered(page, made):
    name, province = made.counties["name"].iloc[5], made.counties["province"].iloc[0]
    page.write("#search", name)
    page.browser.wait(f"document.querySelectorAll('#list .row').length === {int((made.counties['name'] == name).sum())}")
    page.write("#search", "")
    page.browser.wait(f"document.querySelectorAll('#list .row').length === {len(made.counties)}")
    page.choose("#filter-province", province)
    page.choose("#filter-verdict", "toss_up")
    wanted = made.counties[(made.counties["province"] == province) & (made.counties["verdict"] == "toss_up")]
    assert len(page.texts("#list .row")) == len(wanted) and f"{len(wanted)} of {len(made.counties)}" in page.text("#count")
    page.choose("#filter-province", "")
    page.choose("#filter-verdict", "")
    page.choose("#sort", "need")
    first = made.counties.sort_values("need", ascending=False)["name"].iloc[0]
    assert first in page.texts("#list .row")[0]
    page.click("#turn")
    assert first in page.texts("#list .row")[-1]


def test_a_card_says_who_why_and_at_what_price(page, made):
    page.county(3)
    card, row = page.text("#card"), made.of(made.counties["county"].iloc[3]).iloc[0]
    donors = made.donors.set_index("donor")["name"]
    assert donors[row["donor"]] in card and f"{row['money']:,.0f} 万元" in card and "Sectors in common" in card
    assert f"Without this pair: {row['adds']:.0f} fewer people reached." in card
    page.county(5)
    bracket = made.of(made.counties["county"].iloc[5]).iloc[0]
    assert f"Without this pair: between {bracket['adds_low']:.0f} and {bracket['adds']:.0f} fewer" in page.text("#card")
    others = alternatives(made, 3)
    first, second = others.iloc[0], others.iloc[1]
    assert f"{first['price_low']:.0f} fewer people reached" in card and "exact; other pairs and projects held as they are" in card
    assert f"between {second['price_low']:.0f} and {second['price_high']:.0f} fewer people reached" in card
    place = made.counties.set_index("county")["name"][first["displaces"].split(">")[1]]
    assert f"Ends: {donors[first['donor']]} → {place}." in card


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page_and_workbook_say_prices_in_the_same_words(page, made, lang):
    table = made.table.assign(price_low=[*EDGES, *made.table["price_low"]][: len(made.table)],
                              price_high=[*(high for _, high in BRACKETS), *made.table["price_high"]][: len(made.table)])
    other = Reviewer(page.browser, page.folder, dataclasses.replace(made, table=table), lang=lang)
    for at in range(8):
        other.county(at)
        rows = table[(table["county"] == made.counties["county"].iloc[at]) & ~table["chosen"]]
        words = [price_in_words(low, high, UNIT, lang) for low, high in zip(rows["price_low"], rows["price_high"], strict=True)]
        assert other.texts("#card .alternative .lead strong") == words


def test_the_verdict_says_what_share_a_price_is_and_owns_up_to_a_better_choice(page, made):
    rows = made.table.index[(made.table["county"] == made.counties["county"][2]) & ~made.table["chosen"]]
    better = made.table.copy()
    better.loc[rows[0], ["price_low", "price_high"]] = -80.0
    told = {**made.settings, "exchanges": 31, "renewals": 1, "gain": 739.4, "exhausted": False}
    other = Reviewer(page.browser, page.folder, dataclasses.replace(
        made, table=better, settings=told, counties=made.counties.assign(worth=50_000.0)), lang="en")
    other.county(0)
    others = made.table[(made.table["county"] == made.counties["county"][0]) & ~made.table["chosen"]]
    nearest = others.sort_values("price_low").iloc[0]
    share, most = 100 * nearest["price_high"] / 50_000, "" if nearest["price_kind"] == "exact" else "at most "
    assert f"That is {most}{round(share, 2):g} % of what the plan counts in this county." in other.text("#card .verdict")
    other.county(2)
    verdict = other.text("#card .verdict")
    assert "Another choice would be better" in verdict and "80 more people reached" in verdict
    other.click("#tab-overview")
    lines = " ".join(other.texts("#overview li"))
    assert "first improved by 31 exchanges of partners and 1 new choice of one county's projects, worth 739 people." in lines
    assert "The time for such exchanges was over then" in lines
    assert "No alternative that was priced would improve it" not in lines and "at most one in a thousand" in lines


def test_what_is_nothing_is_not_told(page, made):
    """No new choices of projects were made, and no county is left without prices."""
    told = {**made.settings, "exchanges": 1, "renewals": 0, "gain": 12.0, "exhausted": True}
    other = Reviewer(page.browser, page.folder, dataclasses.replace(made, settings=told), lang="en")
    other.click("#tab-overview")
    lines = " ".join(other.texts("#overview li"))
    assert "first improved by 1 exchange of partners, worth 12 people. No alternative" in lines and "not priced" not in lines
    assert other.browser.run("document.getElementById('key-unpriced').offsetParent") is None
    assert "unpriced" not in other.browser.run("[...document.getElementById('filter-verdict').options].map((one) => one.value)")


def test_a_county_that_was_not_priced_says_so_everywhere(page, made):
    counties = made.counties.assign(verdict=["unpriced", *made.counties["verdict"][1:]],
                                    note=["not priced: the time was over", *made.counties["note"][1:]])
    first = counties["county"].iloc[0]
    table = made.table[made.table["chosen"] | (made.table["county"] != first)].reset_index(drop=True)
    other = Reviewer(page.browser, page.folder, dataclasses.replace(made, counties=counties, table=table), lang="en")
    other.county(0)
    assert other.text("#card .verdict").strip() == "Not priced" and "the time was over" in other.text("#card .hint")
    assert "There is no other candidate." not in other.text("#card")
    other.choose("#filter-verdict", "unpriced")
    assert len(other.texts("#list .row")) == 1
    assert other.browser.run("document.getElementById('key-unpriced').offsetParent !== null")
    other.click("#tab-overview")
    assert "1 county was not priced, for the time was over." in other.text("#overview")


def test_of_several_partners_it_is_said_which_one_gives_way(page, made):
    table = made.table.copy()
    rows = table.index[table["county"] == made.counties["county"][0]]
    gone = table.loc[rows[0], "donor"]
    table.loc[rows[1], "chosen"] = True  # a county with two partners, and one with one
    table.loc[rows[2], "replaces"] = gone
    single = table.index[table["county"] == made.counties["county"][1]]
    table.loc[single[1], "replaces"] = table.loc[single[0], "donor"]
    other = Reviewer(page.browser, page.folder, dataclasses.replace(made, table=table), lang="en")
    name = made.donors.set_index("donor")["name"][gone]
    other.county(0)
    assert f"in place of {name} · " in other.text("#card .alternative .facts")
    other.county(1)
    assert "in place of" not in other.text("#card .alternative")


def test_needs_of_persons_are_called_so_where_a_person_may_have_several(page, made):
    page.county(0)
    assert page.texts("#card .figures dt")[:2] == ["People in need", "People reached"]
    needs = {name: {"kind": "yearly", "category": "infrastructure"} for name in ("water", "housing")}
    settings = SimpleNamespace(**{**vars(made.plan.instance.settings), "needs": needs})
    instance = SimpleNamespace(settings=settings, data=made.plan.data, decisions=None, raw_settings={}, tables={})
    plan = SimpleNamespace(**{**vars(made.plan), "instance": instance})
    other = Reviewer(page.browser, page.folder, dataclasses.replace(made, plan=plan), lang="en")
    other.county(0)
    assert other.texts("#card .figures dt")[:2] == ["Needs of people", "Needs met"]
    other.click("#tab-overview")
    assert "a person with two needs counts twice" in other.text("#overview")


def test_the_curve_of_changes_has_units_and_says_where_no_plan_is(page, made):
    curve = pd.concat([pd.DataFrame({"n": [0], "value": [math.nan], "bound": [math.nan], "ended": [0], "new": [0],
                                     "status": ["infeasible"]}), made.changes[made.changes["n"] > 0]], ignore_index=True)
    other = Reviewer(page.browser, page.folder, dataclasses.replace(made, changes=curve), lang="en")
    other.click("#tab-overview")
    drawn = other.texts("#overview .curve text")
    assert "people" in drawn and "Partnerships ended at most" in drawn and len(other.texts("#overview .curve circle")) == 3
    assert any(row.split() == ["0", "no", "plan", "can", "do", "that", "–", "–", "–"] for row in (
        " ".join(cells) for cells in other.browser.run("[...document.querySelectorAll('#overview tr')].map((row) => "
                                                       "[...row.cells].map((cell) => cell.textContent))")))


def test_how_far_the_pairing_is_from_stable_is_said_in_words(page, made):
    told = {**made.settings, "blocking_share": 0.25, "fit": 12.34, "stable_fit": 15.0}
    for lang, words in (("en", ["2 pairs of a donor and a county", "25 % of the counties", "add up to 12.3", "leave has 15."]),
                        ("zh", ["2 对", "25%", "12.3", "15"])):
        other = Reviewer(page.browser, page.folder, dataclasses.replace(made, settings=told), lang=lang)
        other.click("#tab-overview")
        text = other.text("#overview")
        assert [word for word in words if word not in text] == []


def test_decisions_are_exported_and_read_by_the_program(page, made):
    page.write("#reviewer", "Li Wei")
    page.county(0)
    page.decide("accept")
    page.county(1)
    page.decide("forbid")
    page.comment("Too far, said the county")
    page.county(2)
    page.decide("lock", alternative=1)
    found = page.exported()
    counties = made.counties["county"]
    assert found[["kind", "donor", "county", "decision"]].values.tolist() == [
        ["pair", partner(made, 0), counties[0], "accept"], ["pair", partner(made, 1), counties[1], "forbid"],
        ["pair", alternatives(made, 2)["donor"][1], counties[2], "lock"]]
    assert set(found["reviewer"]) == {"Li Wei"} and found["reason"].tolist()[1] == "Too far, said the county"
    assert set(found["round"]) == {1.0} and found["date"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    decided = made.plan.instance.with_decisions(page.folder / "decisions.csv").tables["pairs"].set_index(["donor", "county"])
    assert [decided.loc[tuple(key), "status"] for key in found[["donor", "county"]].values.tolist()] == ["lock", "forbid", "lock"]


def test_what_was_overruled_is_told_with_the_sum_of_its_prices(page, made):
    low = high = 0.0
    for at in (4, 5):
        page.county(at)
        page.decide("lock", alternative=1)
        low, high = low + alternatives(made, at)["price_low"][1], high + alternatives(made, at)["price_high"][1]
    page.county(6)
    page.decide("forbid")
    adds = made.of(made.counties["county"].iloc[6])["adds"].iloc[0]
    text = page.text("#summary")
    assert "2 accepted or locked, 1 forbidden" in text and "You overruled 3 pairs." in text
    assert f"between {low + adds:.0f} and {high + adds:.0f} fewer people reached" in text and "solving again" in text
    page.choose("#filter-decided", "overruled")
    assert len(page.texts("#list .row")) == 3


def test_forbidding_an_alternative_overrules_nothing(page):
    page.county(4)
    page.decide("forbid", alternative=0)
    assert "overruled" not in page.text("#summary") and "1 forbidden" in page.text("#summary")


def test_locks_beyond_a_limit_are_told_at_once(page, made):
    donor = made.donors["donor"].iloc[0]
    name = made.donors["name"].iloc[0]
    rows = made.table[made.table["donor"] == donor].reset_index(drop=True)
    at = {county: place for place, county in enumerate(made.counties["county"])}
    for many, row in enumerate(rows.head(LIMIT + 1).to_dict("records"), start=1):
        page.county(at[row["county"]])
        page.decide("lock", None if row["chosen"] else int(row["rank"]) - 2)
        assert ("its limit is 6" in page.text("#warnings")) == (many > LIMIT)
    assert f"Locks give {name} 7 counties; its limit is 6." in page.text("#warnings")
    page.decide("undecided", None if rows["chosen"][LIMIT] else int(rows["rank"][LIMIT]) - 2)
    assert page.text("#warnings") == ""


def test_a_county_with_one_place_has_one_partner(page):
    page.county(7)
    page.decide("accept")
    page.decide("lock", alternative=0)
    assert page.exported()["decision"].tolist() == ["lock"]


def test_forbidding_every_candidate_is_told(page, made):
    page.county(8)
    page.decide("forbid")
    for at in range(len(alternatives(made, 8))):
        page.decide("forbid", alternative=at)
    assert "possible" not in page.text("#warnings")  # one of five candidates is left
    fewer = dataclasses.replace(made, counties=made.counties.assign(candidates=4))
    other = Reviewer(page.browser, page.folder, fewer)
    other.county(8)
    other.decide("forbid")
    for at in range(len(alternatives(made, 8))):
        other.decide("forbid", alternative=at)
    assert "has 0 possible donors; it needs 1" in other.text("#warnings")


def test_work_is_kept_and_can_be_given_up(page):
    page.write("#reviewer", "Wang")
    page.county(2)
    page.decide("forbid")
    page.comment("kept?")
    page.browser.reload()
    assert page.browser.run("document.getElementById('reviewer').value") == "Wang"
    assert "1 forbidden" in page.text("#summary") and "Kept in this browser" in page.text("#kept")
    page.county(2)
    assert page.browser.run("document.querySelector('#card .panel input[value=forbid]').checked") is True
    assert page.browser.run("document.querySelector('#card .panel textarea').value") == "kept?"
    page.click("#tab-decided")
    page.click("#start-over")
    assert "1 forbidden" in page.text("#summary")  # the first press only asks
    page.click("#start-over")
    page.browser.reload()
    assert "0 forbidden" in page.text("#summary")


def test_a_browser_that_keeps_nothing_is_told_and_works(page):
    script = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    added = page.browser.send("Page.addScriptToEvaluateOnNewDocument", source=script)["identifier"]
    try:
        page.browser.reload()
        page.county(0)
        page.decide("forbid")
        assert "keeps nothing" in page.text("#kept") and page.exported()["decision"].tolist() == ["forbid"]
        page.browser.send("Page.removeScriptToEvaluateOnNewDocument", identifier=added)
        added = ""
    finally:
        if added:
            page.browser.send("Page.removeScriptToEvaluateOnNewDocument", identifier=added)
    assert page.browser.complaints == []


def test_what_the_browser_keeps_may_be_broken(page):
    page.county(0)
    page.decide("forbid")
    page.browser.run("for (const key of Object.keys(localStorage)) localStorage.setItem(key, '{\"rows\": [null, 3]}')")
    page.browser.reload()
    assert "0 forbidden" in page.text("#summary") and page.browser.complaints == []


def test_the_programs_own_file_comes_in_and_goes_out_unchanged(page, made):
    """Decisions of two rounds, on pairs, projects and money; texts that look like formulas."""
    donor, county = partner(made, 0), made.counties["county"].iloc[0]
    pair = {"kind": "pair", "donor": donor, "county": county}
    given = pd.DataFrame([
        pair | {"decision": "lock", "round": 1.0, "reason": "'=1+1", "reviewer": "-x"},
        pair | {"decision": "forbid", "round": 2.0, "reason": "a\nb", "reviewer": "@y"},
        {"kind": "money", "county": county, "decision": "least", "amount": 12.5, "round": 1.0, "reason": 'said "yes", twice'},
    ])
    file = page.folder / "given.csv"
    write_csv(file, guarded(given))
    assert "''=1+1" in file.read_text(encoding="utf-8-sig")
    page.import_file(file)
    assert "1 forbidden" in page.text("#summary")
    found = page.exported()
    for column in ("kind", "donor", "county", "decision", "round", "reason", "reviewer", "amount"):
        assert found[column].astype(object).fillna("").tolist() == given[column].astype(object).fillna("").tolist(), column
    page.choose("#round", "3")
    page.county(0)
    assert "Round 1: Lock" in page.text("#card .panel")
    page.decide("accept")
    after = page.exported()
    assert after["decision"].tolist() == ["lock", "forbid", "least", "accept"] and after["round"].tolist() == [1, 2, 1, 3]
    pairs = made.plan.instance.with_decisions(after).tables["pairs"].set_index(["donor", "county"])
    assert pairs.loc[(donor, county), "status"] == "lock"


@pytest.mark.parametrize(("text", "told"), [
    ("kind,donor\npair,x\n", "The column decision is missing."),
    ("kind,donor,county,decision\npair,{donor},nowhere,lock\n", "Row 2: nowhere is no county of this page."),
    ("kind,donor,county,decision\npair,{donor},{county},maybe\n", "Row 2: maybe is no decision."),
    ("kind,donor,county,decision\nconstructor,{donor},{county},lock\n", "Row 2: constructor is not pair, project or money."),
    ("kind,donor,county,decision\npair,{donor},{county},lock\npair,{donor},{county},forbid\n",
     "Row 3: the pair is both wanted and forbidden"),
    ('kind,donor,county,decision\npair,{donor},{county},"lock\n', "A quotation mark is opened and not closed."),
    ("PK\x03\x04 and so on", "It is a workbook"),
])
def test_a_wrong_file_is_refused_whole(page, made, text, told):
    file = page.folder / "wrong.csv"
    file.write_text(text.format(donor=partner(made, 0), county=made.counties["county"].iloc[0]), encoding="utf-8")
    page.import_file(file)
    assert told in page.text("#problem")
    assert "0 accepted or locked, 0 forbidden" in page.text("#summary")


def test_a_file_of_a_chinese_spreadsheet_is_read(page, made):
    file = page.folder / "chinese.csv"
    text = f"kind,donor,county,decision,reason\npair,{partner(made, 0)},{made.counties['county'].iloc[0]},forbid,距离太远\n"
    file.write_bytes(text.encode("gb18030"))
    page.import_file(file)
    assert page.exported()["reason"].tolist() == ["距离太远"]


def test_the_donors_view_the_overview_and_the_list_of_decisions(page, made):
    page.click("#tab-donor")
    assert len(page.texts("#list .row")) == len(made.donors)
    page.click("#list .row")
    card = page.text("#card")
    assert "Recommended counties" in card and "Counties it could take instead" in card
    page.click("#card .panel input[value=forbid]")
    page.click("#tab-decided")
    assert "Forbid" in page.text("#decided") and "optimizer solve INSTANCE --decisions decisions.csv" in page.text("#decided")
    page.click("#decided td:last-child button")
    assert "Nothing is decided yet." in page.text("#decided")
    page.click("#tab-overview")
    kept = int((made.today["status"] == "kept").sum())
    assert f"{kept} existing partnerships are kept" in page.text("#overview")
    assert "98,400" in page.text("#overview")  # the bound of the last point of the curve
    assert page.browser.complaints == []
