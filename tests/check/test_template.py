"""The template can be filled in, read back and solved, as a folder and as a workbook."""

import zipfile

import openpyxl
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from optimizer.instance.check import check
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import read
from optimizer.instance.schema import TABLES
from optimizer.instance.template import write_template


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    return write_template(tmp_path_factory.mktemp("new") / "county plan", xlsx=True)


def test_folder_reads_without_any_finding(tmp_path):
    instance = read(write_template(tmp_path / "new"))
    assert instance.warnings == () and check(instance) == []
    assert all(len(instance.tables[name]) for name in TABLES), "every table has example rows"


def test_every_column_of_the_format_is_there(tmp_path):
    instance = read(write_template(tmp_path / "new"))
    for name, table in TABLES.items():
        missing = {c.name for c in table.columns} - {str(c).partition("@")[0] for c in instance.tables[name].columns}
        assert missing <= {"name"}, (name, missing)


def test_every_block_of_the_settings_has_a_remark(tmp_path):
    lines = (write_template(tmp_path / "new") / "instance.yaml").read_text(encoding="utf-8").splitlines()
    blocks = [n for n, line in enumerate(lines) if line[:1].isalpha()]
    told = [n for n in blocks if "#" in lines[n] or lines[n - 1].startswith("#")]
    assert {lines[n].partition(":")[0] for n in blocks} - {lines[n].partition(":")[0] for n in told} <= {"title", "source"}


def test_readme_describes_every_column(tmp_path):
    text = (write_template(tmp_path / "new") / "README.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        assert f"### {table.name}" in text
        for column in table.columns:
            assert f"| `{column.name}{'@' if column.split else ''}` |" in text


def test_folder_opens_in_excel_as_utf8(tmp_path):
    folder = write_template(tmp_path / "new")
    assert all(file.read_bytes().startswith(b"\xef\xbb\xbf") for file in folder.glob("*.csv"))


def test_workbook_and_folder_are_the_same_instance(tmp_path, workbook):
    folder, book = read(write_template(tmp_path / "new")), read(workbook)
    assert book.warnings == () and check(book) == []
    assert dict(book.raw_settings) == dict(folder.raw_settings)
    for name in TABLES:
        given = folder.tables[name]
        assert_frame_equal(book.tables[name][list(given.columns)], given)


def test_suffix_of_the_workbook_is_added(workbook):
    assert workbook.name == "county plan.xlsx" and zipfile.is_zipfile(workbook)


def test_workbook_has_drop_downs_for_choices_and_identifiers(workbook):
    book = openpyxl.load_workbook(workbook)
    assert lists(book["pairs"])["status"] == '"free,lock,forbid"'
    assert lists(book["pairs"])["donor"] == "donors!$A$2:$A$5000"
    assert lists(book["needs"])["county"] == "counties!$A$2:$A$5000"
    assert lists(book["needs"])["need"] == "needs_list!$A$2:$A$5000"
    assert lists(book["projects"])["category"] == "categories!$A$2:$A$5000"
    assert lists(book["counties"])["key_county"] == '"1,0"'
    assert lists(book["streams"])["kind"] == '"transfer,pairing"'


def lists(sheet):
    """What the drop-down of each column offers."""
    offered = {next(iter(v.sqref.ranges)).min_col: v.formula1 for v in sheet.data_validations.dataValidation if v.type == "list"}
    return {cell.value: offered[cell.column] for cell in sheet[1] if cell.column in offered}


def test_workbook_has_notes_units_and_ranges(workbook):
    book = openpyxl.load_workbook(workbook)
    for name, table in TABLES.items():
        notes = {cell.value: cell.comment.text for cell in book[name][1] if cell.comment}
        assert {column.name for column in table.columns} <= set(notes)
        for column in table.columns:
            assert not column.unit or f"Unit: {column.unit}" in notes[column.name]
    shares = [v for v in book["tiers"].data_validations.dataValidation if v.type == "decimal"]
    assert any(v.operator in (None, "between") and (float(v.formula1), float(v.formula2)) == (0, 1) for v in shares)


def test_workbook_keeps_identifiers_as_text(workbook):
    sheet = openpyxl.load_workbook(workbook)["counties"]
    assert sheet.column_dimensions["A"].width and sheet["A2"].data_type == "s" and sheet["A2"].number_format == "@"


@pytest.mark.parametrize("xlsx", [False, True])
def test_nothing_is_overwritten(tmp_path, xlsx):
    target = tmp_path / ("plan.xlsx" if xlsx else "plan")
    write_template(target, xlsx)
    before = target.stat().st_mtime_ns
    with pytest.raises(InstanceError, match="nothing is overwritten"):
        write_template(target, xlsx)
    assert target.stat().st_mtime_ns == before


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "plan").write_text("mine")
    with pytest.raises(InstanceError, match="is a file"):
        write_template(tmp_path / "plan")
    assert (tmp_path / "plan").read_text() == "mine"


def test_an_empty_folder_is_filled(tmp_path):
    assert (write_template(tmp_path) / "counties.csv").is_file()


def test_a_planner_can_add_rows_to_the_workbook(tmp_path, workbook):
    book = openpyxl.load_workbook(workbook)
    sheet = book["counties"]
    header = {cell.value: cell.column for cell in sheet[1]}
    for column, value in {
        "county": "062901",
        "name": "合作市",
        "province": "West",
        "rural_population": 9000,
        "income": 8000,
        "key_county": 0,
    }.items():
        sheet.cell(row=5, column=header[column], value=value)
    book["baseline"].append(["062901", "central", None, 10, 2025])
    book.save(tmp_path / "filled.xlsx")
    instance = read(tmp_path / "filled.xlsx")
    assert list(instance.tables["counties"]["county"])[-1] == "062901"
    assert pd.isna(instance.tables["counties"]["population"].iloc[-1])
