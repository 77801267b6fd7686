"""Files that are not what they should be: types, encodings, empty ones, missing columns, and what stays readable beside them."""


import numpy as np
import pandas as pd
import pytest

from optimizer.instance.check import check, check_path
from optimizer.instance.instance import Instance


def test_wrong_type_negative_money_and_unknown_identifier_are_told_together(draft):
    draft.put("projects", 2, "cost", "forty").put("donors", 3, "money", "-60").put("needs", 4, "county", "B99")
    draft.put("counties", 2, "deep_poverty", "maybe").put("projects", 5, "requires", "P4;P3").put("projects", 4, "requires", "P4")
    texts = "\n".join(f.sentence() for f in draft.findings("error"))
    assert "projects.csv, row 2, column cost: 'forty' is not a number" in texts
    assert "donors.csv, row 3, column money: '-60' is negative. Write a number of at least 0" in texts
    assert "needs.csv, row 4, column county: 'B99' is no county of this instance" in texts
    assert "counties.csv, row 2, column deep_poverty: 'maybe' is not a number" in texts
    assert "closes a circle of prerequisites: P3 → P4 → P3" in texts


def test_faults_of_the_settings_do_not_hide_those_of_the_tables(draft):
    draft.settings["rules"][0]["min"] = "140%"
    draft.put("effects", 2, "need", "watr")
    texts = "\n".join(f.sentence() for f in draft.findings("error"))
    assert "rules.industry.min: 1.4 is not a share between 0 and 1" in texts
    assert "effects.csv, row 2, column need: 'watr' is no need of this instance. Perhaps 'water' is meant" in texts


def test_duplicates(draft):
    draft.add("needs", county="A01", need="water", people="1")
    assert draft.told("needs.csv", 8) == (
        "needs.csv, row 8, column county, need: 'A01/water' stands already in row 2. Remove one of the two rows."
    )


@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-inf", "1e999", "#N/A"])
def test_not_a_number_and_infinity(draft, value):
    draft.put("budgets", 3, "amount", value)
    assert f"budgets.csv, row 3, column amount: '{value}' is not a" in draft.told("budgets.csv", 3, "amount")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_encoding_of_a_planner_is_read(draft, encoding):
    draft.put("counties", 2, "name", "山坡县").written()
    text = (draft.folder / "counties.csv").read_text(encoding="utf-8")
    draft.files["counties.csv"] = text.encode(encoding)
    assert draft.findings() == []


def test_utf16_is_told(draft):
    draft.files["counties.csv"] = "county\nA01\n".encode("utf-16")
    assert "counties.csv: is not text in UTF-8 or GB18030" in draft.told("counties.csv")


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_empty_file(draft, data):
    draft.files["needs.csv"] = data
    assert any(f.file == "needs.csv" and "is empty" in f.problem for f in draft.findings("error"))


def test_missing_column(draft):
    draft.tables["projects"] = draft.tables["projects"].drop(columns="cost")
    assert any(f.file == "projects.csv" and f.column == "cost" and "missing" in f.problem for f in draft.findings("error"))


def test_a_workbook_that_is_not_one(tmp_path):
    file = tmp_path / "plan.xlsx"
    file.write_bytes(b"county,name\nA,B\n")
    (finding,) = check_path(file)
    assert "is not a workbook that can be read" in finding.problem and "Save it as an Excel workbook" in finding.mend


def test_nothing_there(tmp_path):
    (finding,) = check_path(tmp_path / "nowhere")
    assert finding.problem == "does not exist"


def test_dates_and_years_out_of_range(draft):
    draft.put("pairs", 2, "since", "21").put("baseline", 2, "year", "2030").put("budgets", 2, "period", "2035")
    draft.put("projects", 4, "starts", "2031").put("projects", 2, "starts", "2019")
    texts = "\n".join(f.sentence() for f in draft.findings())
    assert "pairs.csv, row 2, column since: '21' is no year between 1949 and 2200. Write the year with four digits" in texts
    assert "baseline.csv, row 2, column year: '2030' lies after the first period, 2026" in texts
    assert "budgets.csv, row 2, column period: '2035' is no period of this instance. The periods are 2026, 2027" in texts
    assert "projects.csv, row 4, column starts: '2031' names no period of this instance: the project can never start" in texts
    assert "projects.csv, row 2, column starts: '2019' names no period of this instance, but the project is locked" in texts


def test_many_findings_of_one_kind_are_counted():
    size = 300
    needs = pd.DataFrame({"county": [f"X{n}" for n in range(size)], "need": "water", "people": 1.0})
    instance = Instance.from_frames(
        settings={"needs": {"water": {"category": "c"}}, "categories": {"c": {}}},
        counties=pd.DataFrame({"county": ["A"]}),
        needs=needs,
    )
    found = [f for f in check(instance) if f.column == "county"]
    assert len(found) == 11
    assert "290 more rows have the same problem in this column (first: row 12, last: row 301)" in found[-1].problem


def test_hundreds_of_thousands_of_sound_rows_have_no_finding():
    size = 200_000
    counties = np.array([f"C{n}" for n in range(size // 2)])
    needs = pd.DataFrame(
        {"county": np.tile(counties, 2), "need": np.repeat(["water", "work"], size // 2), "people": 10.0, "unit_cost": 1.0}
    )
    instance = Instance.from_frames(
        settings={
            "needs": {"water": {"category": "c"}, "work": {"category": "c"}},
            "categories": {"c": {}},
            "streams": {"s": {"budget": 1e6}},
        },
        counties=pd.DataFrame({"county": counties}),
        needs=needs,
    )
    assert [f for f in check(instance) if f.severity == "error"] == []
