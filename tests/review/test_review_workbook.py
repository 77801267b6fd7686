"""The review workbook: what it says, what may be written on, and that it is read back as decisions."""

import dataclasses
import math
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pandas as pd
import pytest
from review_cases import LIMIT, PARTS, recommended

from optimizer.instance.decisions import read_decisions
from optimizer.review.page.data import PEOPLE
from optimizer.review.page.words import amount, price_in_words
from optimizer.review.recommendations import Recommendations
from optimizer.review.workbook import review_workbook
from optimizer.review.workbook.decisions import EMPTY_ROWS

PEOPLE_UNIT = "weighted person-periods"


@pytest.fixture(scope="module")
def made() -> Recommendations:
    return recommended()


@pytest.fixture
def file(tmp_path: Path, made: Recommendations) -> Path:
    review_workbook(made, tmp_path / "review.xlsx")
    return tmp_path / "review.xlsx"


def columns(sheet: Any) -> dict[str, int]:
    return {cell.value: cell.column for cell in sheet[1]}


def row_of(sheet: Any, donor: str, county: str) -> int:
    at = columns(sheet)
    return next(row for row in range(2, sheet.max_row + 1)
                if (sheet.cell(row, at["donor"]).value, sheet.cell(row, at["county"]).value) == (donor, county))


def test_it_is_read_as_decisions_before_anything_is_decided(file, made):
    _, found, _ = read_decisions(file)
    assert len(found) == len(made.table) and set(found["decision"]) == {"undecided"} and set(found["kind"]) == {"pair"}
    assert set(found[["donor", "county"]].itertuples(index=False)) == set(made.table[["donor", "county"]].itertuples(index=False))
    after = made.plan.instance.with_decisions(file)
    assert "status" not in after.tables["pairs"] or after.tables["pairs"]["status"].isna().all()


def test_what_is_written_on_it_is_read_back(file, made):
    book = openpyxl.load_workbook(file)
    sheet, at = book["decisions"], {}
    at = columns(sheet)
    chosen, other = made.table[made.table["chosen"]].iloc[3], made.table[~made.table["chosen"]].iloc[8]
    for pair, decision, reason in ((chosen, "forbid", "=SUM(1)"), (other, "lock", "近")):
        row = row_of(sheet, pair["donor"], pair["county"])
        for name, value in (("decision", decision), ("reviewer", "Li"), ("round", 2), ("date", "2026-05-31")):
            sheet.cell(row, at[name]).value = value
        sheet.cell(row, at["reason"]).value = reason
        sheet.cell(row, at["reason"]).data_type = "s"
    free = made.table[made.table["county"] != chosen["county"]].iloc[0]
    empty = len(made.table) + 2
    added = {"kind": "pair", "donor": free["donor"], "county": free["county"], "decision": "accept", "round": 3}
    for name, value in added.items():
        sheet.cell(empty, at[name]).value = value
    book.save(file)
    _, found, _ = read_decisions(file)
    decided = found[found["decision"] != "undecided"]
    assert decided[["donor", "county", "decision"]].values.tolist() == [
        *([p["donor"], p["county"], d] for p, d in sorted(((chosen, "forbid"), (other, "lock")), key=lambda item: row_of(
            sheet, item[0]["donor"], item[0]["county"]))), [free["donor"], free["county"], "accept"]]
    assert set(decided["reason"].dropna()) == {"=SUM(1)", "近"} and set(decided["round"]) == {2.0, 3.0}
    status = made.plan.instance.with_decisions(file).tables["pairs"].set_index(["donor", "county"])["status"]
    assert status[chosen["donor"], chosen["county"]] == "forbid" and status[other["donor"], other["county"]] == "lock"


def test_only_what_is_decided_may_be_written_on(file, made):
    sheet = openpyxl.load_workbook(file)["decisions"]
    at = columns(sheet)
    assert sheet.protection.sheet and not sheet.protection.password
    open_names = {name for name, column in at.items() if not sheet.cell(2, column).protection.locked}
    assert open_names == {"decision", "reason", "reviewer", "date", "round"}
    assert not sheet.cell(len(made.table) + 2, at["donor"]).protection.locked
    assert sheet.cell(2, at["overruled"]).value.startswith("=IF(")
    assert sheet.freeze_panes == "D2" and sheet.auto_filter.ref.startswith("A1:")
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    letter = openpyxl.utils.get_column_letter(at["decision"])
    assert lists[f"{letter}2:{letter}{len(made.table) + EMPTY_ROWS + 1}"] == '"accept,lock,forbid,undecided"'
    assert sheet.cell(1, at["decision"]).comment is not None


def test_it_tells_names_prices_and_units(file, made):
    book = openpyxl.load_workbook(file)
    sheet, at = book["decisions"], columns(book["decisions"])
    assert {"price at least (people)", "price at most (people)", "money (万元)", "distance (km)"} <= set(at)
    pair = made.table[~made.table["chosen"]].iloc[1]
    row = row_of(sheet, pair["donor"], pair["county"])
    names = made.counties.set_index("county")["name"], made.donors.set_index("donor")["name"]
    assert sheet.cell(row, at["county name"]).value == names[0][pair["county"]]
    assert sheet.cell(row, at["donor name"]).value == names[1][pair["donor"]]
    assert sheet.cell(row, at["price at least (people)"]).value == pytest.approx(pair["price_low"])
    assert sheet.cell(row, at["price in words"]).value == price_in_words(pair["price_low"], pair["price_high"], PEOPLE_UNIT, "en")
    assert book.sheetnames == ["decisions", "counties", "donors", "reasons", "today", "swaps", "changes", "summary", "about"]
    assert book["counties"].max_row == 1 + len(made.counties) and book["donors"].max_row == 1 + len(made.donors)


def test_it_says_all_that_the_page_says(file, made):
    """Parts of the fit with their weights, what binds, today, swaps, the curve; what holds for the whole."""
    book = openpyxl.load_workbook(file)
    sheet, at = book["reasons"], columns(book["reasons"])
    assert {f"{name} (weight {weight:g})" for name, weight in zip(
        ("Means against need", "Sectors in common", "Nearness", "Existing partner"), PARTS.values(), strict=True)} <= set(at)
    assert sheet.max_row == 1 + len(made.table)
    name = made.counties.set_index("county")["name"]
    rows = {(row[0].value, row[1].value): [cell.value for cell in row] for row in sheet.iter_rows(min_row=2)}
    donors = made.donors.set_index("donor")["name"]
    for pair in made.table.iloc[:6].to_dict("records"):
        row = rows[name[pair["county"]], donors[pair["donor"]]]
        parts = [row[at[f"{label} (weight {weight:g})"] - 1] * weight for label, weight in zip(
            ("Means against need", "Sectors in common", "Nearness", "Existing partner"), PARTS.values(), strict=True)]
        assert sum(parts) == pytest.approx(row[at["fit"] - 1]) == pytest.approx(pair["fit"])
        assert ("as many counties as it may have" in row[at["what binds"] - 1]) == (pair["binding"] == "donor_limit")
    assert book["today"].max_row == 1 + len(made.today) and book["swaps"].max_row == 1 + len(made.stability)
    assert [row[1].value for row in book["changes"].iter_rows(min_row=2)] == made.changes["value"].tolist()
    told = " ".join(str(row[0].value) for row in book["about"].iter_rows() if row[0].value)
    for words in ("24 recommended pairs", "8 counties are settled, 8 clear, 8 a close call",
                  "no plan is better by more than 0.035 %", "2 pairs of a donor and a county"):
        assert words in told, words


def test_no_line_of_its_explanations_hides_another(file, made, tmp_path):
    review_workbook(made, tmp_path / "zh.xlsx", "zh")
    for one, name in ((file, "about"), (tmp_path / "zh.xlsx", "说明")):
        sheet = openpyxl.load_workbook(one)[name]
        wide = sheet.column_dimensions["A"].width
        for row in range(3, sheet.max_row + 1):
            letters = sum(1 + (letter > "\u2e80") for letter in str(sheet.cell(row, 1).value or ""))
            assert sheet.row_dimensions[row].height >= 15 * math.ceil(letters / wide)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_of_several_partners_it_names_the_one_that_gives_way(made, tmp_path):
    table = made.table.copy()
    table.loc[1, "replaces"] = table.loc[0, "donor"]
    review_workbook(dataclasses.replace(made, table=table), tmp_path / "review.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "review.xlsx")["decisions"]
    row = row_of(sheet, table.loc[1, "donor"], table.loc[1, "county"])
    assert sheet.cell(row, columns(sheet)["in place of"]).value == made.donors.set_index("donor")["name"][table.loc[0, "donor"]]


def test_in_chinese_the_program_still_reads_it(made, tmp_path):
    review_workbook(made, tmp_path / "review.xlsx", "zh")
    book = openpyxl.load_workbook(tmp_path / "review.xlsx")
    assert book.sheetnames == ["decisions", "受援县", "支援方", "理由", "与现状比较", "互换", "可变动数", "汇总", "说明"]
    assert "县名" in columns(book["decisions"])
    assert len(read_decisions(tmp_path / "review.xlsx")[1]) == len(made.table)
    with pytest.raises(ValueError, match="'fr' is not a language of the workbook; use one of en, zh"):
        review_workbook(made, tmp_path / "no.xlsx", "fr")
    assert not (tmp_path / "no.xlsx").exists()


def test_decisions_in_force_are_shown_and_read_again(made, tmp_path):
    """Pairs of the list with their latest round; a pair that is not listed; money."""
    first, listed = made.table.iloc[0], set(zip(made.table["donor"], made.table["county"], strict=True))
    donor, county = next((d, c) for c in made.counties["county"] for d in made.donors["donor"] if (d, c) not in listed)
    given = pd.DataFrame([
        {"kind": "pair", "donor": first["donor"], "county": first["county"], "decision": "lock", "round": 1},
        {"kind": "pair", "donor": first["donor"], "county": first["county"], "decision": "forbid", "round": 2, "reason": "far"},
        {"kind": "pair", "donor": donor, "county": county, "decision": "forbid", "round": 1},
        {"kind": "money", "county": first["county"], "decision": "most", "amount": 12.5, "round": 1},
    ])
    instance = made.plan.instance.with_decisions(given)
    plan = SimpleNamespace(**{**vars(made.plan), "instance": instance})
    review_workbook(dataclasses.replace(made, plan=plan), tmp_path / "review.xlsx")
    _, found, _ = read_decisions(tmp_path / "review.xlsx")
    decided = found[found["decision"] != "undecided"]
    assert decided[["kind", "decision", "round", "amount"]].astype(object).fillna("").values.tolist() == [
        ["pair", "forbid", 2, ""], ["pair", "forbid", 1, ""], ["money", "most", 1, 12.5]]
    assert decided["reason"].tolist()[0] == "far"
    assert (decided["donor"].tolist()[1], decided["county"].tolist()[1]) == (donor, county)


def test_hostile_names_come_out_as_text(made, tmp_path):
    names = ["=1+1", "<b>x</b>", "长" * 40_000, "a\x00b\x1b", "\ud83d alone", "@x", "http://example.org", "\u202eabc"]
    counties = made.counties.assign(name=[names[at % len(names)] for at in range(len(made.counties))], province="+1")
    review_workbook(dataclasses.replace(made, counties=counties, settings={"title": "=2+2"}), tmp_path / "review.xlsx")
    book = openpyxl.load_workbook(tmp_path / "review.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert all(text.startswith(("=IF(", "=SUM")) and text != "=1+1" for text in formulas)
    told = {cell.value for cell in cells if cell.data_type in ("s", "inlineStr")}
    assert {"=1+1", "<b>x</b>", "ab", " alone", "+1", "=2+2"} <= told and not any(cell.hyperlink for cell in cells)
    assert len(read_decisions(tmp_path / "review.xlsx")[1]) == len(made.table)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="there is no LibreOffice to open the workbook with")
def test_an_office_opens_it_and_its_formulas_follow_the_decisions(file, made, tmp_path):
    """Saved without values by another program, so that what is read was worked out by the office."""
    book = openpyxl.load_workbook(file)
    sheet = book["decisions"]
    at = columns(sheet)
    donor = made.donors["donor"].iloc[0]
    locked = made.table[made.table["donor"] == donor].head(LIMIT + 1)
    for pair in locked.to_dict("records"):
        sheet.cell(row_of(sheet, pair["donor"], pair["county"]), at["decision"]).value = "lock"
    gone = made.table[made.table["chosen"] & ~made.table["county"].isin(locked["county"])].iloc[0]
    instead = made.table[made.table["chosen"] & made.table["county"].isin(locked.loc[~locked["chosen"], "county"])].iloc[0]
    for pair in (gone, instead):  # the second has an alternative locked: it is overruled once, not twice
        sheet.cell(row_of(sheet, pair["donor"], pair["county"]), at["decision"]).value = "forbid"
    book.save(file)
    command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    read = openpyxl.load_workbook(tmp_path / "out" / "review.xlsx", data_only=True)
    against = locked[~locked["chosen"]]
    values = [row[1].value for row in read["summary"].iter_rows(min_row=1, max_row=5)]
    assert values[:3] == [len(locked), 2, len(against) + 1]
    assert values[3] == pytest.approx(against["price_low"].sum() + gone["adds_low"])
    assert values[4] == pytest.approx(against["price_high"].sum() + gone["adds"])
    donors, heads = read["donors"], columns(read["donors"])
    remarks = {row[0].value: (row[heads["accepted or locked now"] - 1].value, row[heads["remark"] - 1].value)
               for row in donors.iter_rows(min_row=2)}
    assert remarks.pop(made.donors["name"].iloc[0]) == (LIMIT + 1, "over its limit")
    assert {remark or "" for _, remark in remarks.values()} == {""}
    wrong = [cell.value for sheet in read for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("#")]
    assert wrong == []


# -- prices in words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high", "text"), [
    (120, 120, "120 fewer people reached"), (1, 1, "1 fewer person reached"),
    (100.2, 140.4, "between 100 and 140 fewer people reached"), (57.5, 57.5, "58 fewer people reached"),
    (3.14, 3.14, "3.1 fewer people reached"), (0.2, 0.3, "no one fewer reached"),
    (0, 14, "at most 14 fewer people reached"), (-8, -8, "8 more people reached"), (-1, -1, "1 more person reached"),
    (-3, 2, "somewhere between 3 more and 2 fewer people reached"), (-0.4, 2, "at most 2 fewer people reached"),
    (-7, 0, "at most 7 more people reached"), (-7, 0.3, "at most 7 more people reached"), (0, 0, "no one fewer reached"),
    (-30, -20, "between 20 and 30 more people reached"), (-0.3, 0.2, "no one fewer reached"),
    (-math.inf, -4, "at least 4 more people reached"), (math.nan, 0.2, "no one fewer reached"),
    (50, math.inf, "at least 50 fewer people reached"), (math.nan, math.nan, "price not worked out"),
    (math.inf, math.inf, "not possible"), (0, math.inf, "price not worked out"),
    (math.nan, 30, "at most 30 fewer people reached"), (99.6, 100.4, "100 fewer people reached"),
])
def test_prices_are_told_in_words(low, high, text):
    assert price_in_words(low, high, PEOPLE_UNIT, "en") == text


def test_prices_in_another_unit_name_it():
    assert "10k_yuan" not in PEOPLE and price_in_words(2, 3.5, "10k_yuan", "en") == "between 2 and 3.5 10k_yuan worse"
    assert price_in_words(2, 2, PEOPLE_UNIT, "zh") == "少覆盖 2 人"
    assert price_in_words(-5, 3.5, "万元", "en") == "somewhere between 5 万元 better and 3.5 万元 worse"


def test_a_unit_is_told_in_the_readers_language_and_money_by_its_label(made, tmp_path):
    for unit, lang, told in (("10k_yuan", "en", "万元 worse"), ("10k_yuan", "zh", "万元"), ("points", "zh", "分"),
                             ("points", "en", "points worse")):
        review_workbook(dataclasses.replace(made, settings={"unit": unit}), tmp_path / "review.xlsx", lang)
        sheet = openpyxl.load_workbook(tmp_path / "review.xlsx")["decisions"]
        at = columns(sheet)["price in words" if lang == "en" else "代价说明"]
        prices = [str(sheet.cell(row, at).value) for row in range(2, 30)]
        assert any(price.endswith(told) for price in prices) and not any("10k" in price or "10,000" in price for price in prices)


@pytest.mark.parametrize(("value", "text"), [
    (1234.5, "1,235"), (12.34, "12"), (9.96, "10"), (9.94, "9.9"), (0.123, "0.12"), (-2.5, "−2.5"),
])
def test_people_are_told_whole_where_there_are_ten(value, text):
    assert amount(value, people=True) == text
