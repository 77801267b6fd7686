"""Folders: what is read, and every bad input with its message."""

import pickle
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance, read
from optimizer.instance.schema import TABLES


def findings(folder: Path) -> tuple[Finding, ...]:
    with pytest.raises(InstanceError) as caught:
        read(folder)
    return caught.value.findings


def only(folder: Path) -> Finding:
    found = findings(folder)
    assert len(found) == 1, [f.sentence() for f in found]
    return found[0]


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    (folder / name).write_bytes(text.encode(encoding))


def test_a_sound_folder_is_typed(two: Instance) -> None:
    assert set(two.tables) == set(TABLES)
    assert two.tables["counties"]["county"].tolist() == ["A", "B"]
    assert two.tables["needs"]["relapse"].tolist()[:2] == [0.1, 0.0]
    assert np.isnan(two.tables["needs"]["relapse"][2])
    assert str(two.tables["donors"]["sectors"].dtype) == "str"
    assert two.tables["donors"]["sectors"].isna().tolist() == [False, True]
    assert len(two.tables["budgets"]) == 0 and two.tables["budgets"]["amount"].dtype == np.float64
    assert two.settings.streams["central"].budget == {2026: 400.0, 2027: 300.0}
    assert two.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(folder: Path, encoding: str) -> None:
    write(folder, "counties.csv", "county,name,province\nA,㐀县,甘肃省\nB,東鄉族自治縣,四川省\n", encoding)
    assert read(folder).tables["counties"]["name"].tolist() == ["㐀县", "東鄉族自治縣"]


def test_line_ends_quotes_and_spaces(folder: Path) -> None:
    write(folder, "counties.csv", 'county , name,population\r\n A ,"x, ""y""\nz", 5 \r\nB,  b,\r\n')
    counties = read(folder).tables["counties"]
    assert counties["county"].tolist() == ["A", "B"]
    assert counties["name"].tolist() == ['x, "y"\nz', "  b"]
    assert counties["population"].tolist()[0] == 5


def test_identifiers_keep_their_zeros_and_codes_stay_text(folder: Path) -> None:
    write(folder, "counties.csv", "county,code,jobs,number18\nA,062901,12,511321198001011234\nB,513221,0.30000000000000004,1\n")
    counties = read(folder).tables["counties"]
    assert counties["code"].tolist() == ["062901", "513221"]
    assert counties["jobs"].tolist() == [12.0, 0.1 + 0.2]
    assert counties["number18"].tolist() == ["511321198001011234", "1"]


def test_blank_rows_are_skipped_and_rows_keep_their_numbers(folder: Path) -> None:
    write(folder, "counties.csv", "county,population\nA,1\n,\n\nB,-2\n")
    found = only(folder)
    assert (found.row, found.column, found.value, found.problem) == (5, "population", "-2", "is negative")
    assert "counties.csv, row 5, column population: '-2' is negative." in found.sentence()
    write(folder, "counties.csv", "county,population\nA,1\n,\n\nB,2\n")
    instance = read(folder)
    assert instance.tables["counties"]["county"].tolist() == ["A", "B"]
    assert instance.row_number("counties", 1) == 5


BAD_CELLS = [
    ("population", "-1", "is negative"),
    ("population", "abc", "is not a number"),
    ("population", "nan", "is not a number"),
    ("population", "inf", "is not a number"),
    ("population", "1e999", "is not a finite number"),
    ("population", "１２", "is not a number"),
    ("population", "1_000", "is not a number"),
    ("population", "+-1", "is not a number"),
    ("deep_poverty", "2", "is above 1"),
    ("deep_poverty", "yes", "is not a number"),
    ("deep_poverty", "0.5", "is not a whole number"),
    ("lon", "181", "is above 180"),
    ("lat", "-91", "is below -90"),
    ("partners_max", "1.5", "is not a whole number"),
    ("name", "a\x07b", "holds a control character"),
]


@pytest.mark.parametrize(("column", "cell", "problem"), BAD_CELLS)
def test_wrong_cells(folder: Path, column: str, cell: str, problem: str) -> None:
    write(folder, "counties.csv", f"county,{column}\nA,\nB,{cell}\n")
    found = only(folder)
    assert (found.file, found.row, found.column, found.value, found.problem) == ("counties.csv", 3, column, cell, problem)


MENDS = [
    ("1,234.5", "Write 1234.5, without separators"),
    ("55%", "Write 0.55; tables have shares between 0 and 1"),
    ("3万", "Write only the number, in the unit that instance.yaml names"),
    ("N/A", "Leave the cell blank if the figure is unknown"),
]


@pytest.mark.parametrize(("cell", "mend"), MENDS)
def test_mends_of_numbers(folder: Path, cell: str, mend: str) -> None:
    write(folder, "counties.csv", f'county,population\nA,"{cell}"\nB,1\n')
    assert only(folder).mend == mend


@pytest.mark.parametrize("identifier", ["a.b", "a b", "all", "x" * 65, "=1+1", "a/b", "none", "a;b"])
def test_bad_identifiers(folder: Path, identifier: str) -> None:
    write(folder, "counties.csv", f"county\nA\n{identifier}\n")
    found = only(folder)
    assert (found.row, found.column, found.value) == (3, "county", identifier)


@pytest.mark.parametrize("identifier", ["062901", "东乡", "a-b_c", "É", "0"])
def test_good_identifiers(folder: Path, identifier: str) -> None:
    write(folder, "counties.csv", f"county\nA\n{identifier}\n")
    assert read(folder).tables["counties"]["county"].tolist() == ["A", identifier]


def test_hostile_names_are_text(folder: Path) -> None:
    names = ["=HYPERLINK(1)", "<script>alert(1)</script>"]
    write(folder, "counties.csv", f"county,name\nA,{names[0]}\nB,{names[1]}\n")
    assert read(folder).tables["counties"]["name"].tolist() == names


BAD_FILES: list[tuple[str, Callable[[Path], None], str]] = [
    ("empty", lambda f: write(f, "needs.csv", ""), "is empty"),
    ("only blanks", lambda f: write(f, "needs.csv", "\n\n"), "is empty"),
    ("UTF-16", lambda f: write(f, "needs.csv", "county,need,people\nA,water,1\n", "utf-16"), "UTF-16"),
    ("workbook under another name", lambda f: (f / "needs.csv").write_bytes(b"PK\x03\x04abc") and None, "is a workbook"),
    (
        "broken UTF-8",
        lambda f: (f / "needs.csv").write_bytes("county,need,people,甘肃省东乡族自治县\n".encode()[:-2] + b"\n") and None,
        "neither UTF-8 nor GB18030",
    ),
    ("Latin-1", lambda f: write(f, "needs.csv", "county,need,people\né,water,1\n", "latin-1"), "neither UTF-8 nor GB18030"),
    ("semicolons", lambda f: write(f, "needs.csv", "county;need;people\nA;water;1\n"), "has no commas"),
    (
        "open quotation mark",
        lambda f: write(f, "needs.csv", 'county,need,people\nA,"water,1\nB,water,1\n'),
        "cannot be taken apart",
    ),
    ("missing column", lambda f: write(f, "needs.csv", "county,need\nA,water\n"), "is missing"),
    (
        "repeated header",
        lambda f: write(f, "needs.csv", "county,need,people,people\nA,water,1,2\n"),
        "stands twice in the header",
    ),
    (
        "too many cells",
        lambda f: write(f, "needs.csv", "county,need,people\nA,water,1,2\n"),
        "has 4 cells where the header has 3",
    ),
    ("too few cells", lambda f: write(f, "needs.csv", "county,need,people\nA,water\n"), "has 2 cells where the header has 3"),
    ("nameless column", lambda f: write(f, "needs.csv", "county,need,people,\nA,water,1,7\n"), "has cells but no name"),
    ("repeated key", lambda f: write(f, "needs.csv", "county,need,people\nA,water,1\nA,water,2\n"), "stands already in row 2"),
    ("blank identifier", lambda f: write(f, "needs.csv", "county,need,people\n,water,1\n"), "is blank but needed"),
    ("blank people", lambda f: write(f, "needs.csv", "county,need,people\nA,water,\n"), "is blank but needed"),
    (
        "period unknown",
        lambda f: write(f, "needs.csv", "county,need,people@2026,people@2027,people@2031\nA,water,1,1,1\n"),
        "2031 is not one of the periods",
    ),
    ("period missing", lambda f: write(f, "needs.csv", "county,need,people@2026\nA,water,1\n"), "is missing"),
    (
        "column not by period",
        lambda f: write(f, "needs.csv", "county,need,people,relapse@2026\nA,water,1,0\n"),
        "cannot be given by period",
    ),
    (
        "period not a number",
        lambda f: write(f, "needs.csv", "county,need,people,people@x\nA,water,1,0\n"),
        "does not end in a period",
    ),
    (
        "extra column like a key",
        lambda f: write(f, "needs.csv", "county,need,people,period\nA,water,1,0\n"),
        "is the name of an identifier",
    ),
    (
        "extra column with a dot",
        lambda f: write(f, "needs.csv", "county,need,people,a.b\nA,water,1,0\n"),
        "parts the words of a key",
    ),
    (
        "header in capitals",
        lambda f: write(f, "needs.csv", "county,need,people,Unit_Cost\nA,water,1,0\n"),
        "is not a column of this table",
    ),
    ("wrong choice", lambda f: write(f, "pairs.csv", "donor,county,status\nD1,A,locked\n"), "is not one of the values offered"),
    (
        "wrong list",
        lambda f: write(f, "projects.csv", "project,county,category,cost,requires\nP,A,industry,1,a.b;c\n"),
        "list of identifiers",
    ),
    (
        "wrong starts",
        lambda f: write(f, "projects.csv", "project,county,category,cost,starts\nP,A,industry,1,2026;soon\n"),
        "list of periods",
    ),
    ("misspelt file", lambda f: write(f, "effect.csv", "project\n"), "is not a table of an instance"),
]


@pytest.mark.parametrize(("make", "problem"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES])
def test_bad_files(folder: Path, make: Callable[[Path], None], problem: str) -> None:
    if problem.startswith("is not a table"):
        (folder / "effects.csv").unlink()
    make(folder)
    found = only(folder)
    assert problem in found.problem
    assert found.mend and not found.mend.endswith(".")


def test_an_amount_without_limit_is_written_inf(folder: Path) -> None:
    write(folder, "projects.csv", "project,county,category,cost,scalable,most\nP,A,industry,1,1,inf\n")
    (folder / "effects.csv").unlink()
    assert read(folder).tables["projects"]["most"].tolist() == [float("inf")]


def test_a_plain_column_may_be_blank_where_every_period_is_split_out(folder: Path) -> None:
    write(folder, "needs.csv", "county,need,people,people@2026,people@2027\nA,water,,5,6\nB,water,7,,\n")
    assert read(folder).tables["needs"]["people@2027"].tolist()[0] == 6
    write(folder, "needs.csv", "county,need,people,people@2026,people@2027\nA,water,,5,\n")
    assert (only(folder).row, only(folder).column) == (2, "people")


def test_a_folder_without_counties_or_settings(folder: Path, tmp_path: Path) -> None:
    (folder / "counties.csv").unlink()
    assert only(folder).sentence().startswith("counties.csv: is missing.")
    (folder / "instance.yaml").unlink()
    assert {f.file for f in findings(folder)} == {"counties.csv", "instance.yaml"}
    with pytest.raises(InstanceError, match="does not exist"):
        read(tmp_path / "nowhere")


def test_counties_without_rows(folder: Path) -> None:
    write(folder, "counties.csv", "county\n")
    assert only(folder).problem == "has no rows"


def test_all_problems_at_once(folder: Path) -> None:
    write(folder, "counties.csv", "county,population\nA,-1\nA,x\n")
    write(folder, "pairs.csv", "donor,county,fit\nD1,A,?\n")
    write(folder, "instance.yaml", "format: 1\nneeds: {water: {kind: eternal, category: x}}\nstreams: {c: {carry: 200%}}\n")
    found = findings(folder)
    assert [(f.file, f.row, f.column) for f in found] == [
        ("counties.csv", 2, "population"),
        ("counties.csv", 3, "population"),
        ("counties.csv", 3, "county"),
        ("pairs.csv", 2, "fit"),
        ("instance.yaml", 2, "needs.water.kind"),
        ("instance.yaml", 3, "streams.c.carry"),
    ]


def test_a_thousand_equal_faults_are_told_briefly(folder: Path) -> None:
    write(folder, "counties.csv", "county,population\n" + "".join(f"C{n},x\n" for n in range(1000)))
    found = findings(folder)
    assert len(found) == 21
    assert found[-1].problem == "has 980 more cells of which each is not a number"


def test_unknown_files_and_likely_misspellings_are_warnings(folder: Path) -> None:
    write(folder, "sources_of_2021.csv", "a\n1\n")
    write(folder, "counties.csv", "county,populaton\nA,1\nB,2\n")
    warnings = read(folder).warnings
    assert {(w.file, w.severity) for w in warnings} == {("counties.csv", "warning"), ("sources_of_2021.csv", "warning")}


def test_data_frames(two: Instance) -> None:
    frames = {name: table for name, table in two.tables.items() if len(table)}
    again = Instance.from_frames(settings=two.raw_settings, **frames)
    assert again.equals(two)
    indexed = Instance.from_frames(
        settings={}, counties=pd.DataFrame({"population": [1, 2]}, index=pd.Index(["A", "B"], name="county"))
    )
    assert indexed.tables["counties"]["county"].tolist() == ["A", "B"]
    assert indexed.tables["counties"]["population"].dtype == np.float64


def test_data_frames_are_checked_like_files() -> None:
    counties = pd.DataFrame(
        {
            "county": [1, 2],
            "population": [float("inf"), -1],
            "name": [None, "x"],
            "deep_poverty": [True, False],
            "income": ["5", "y"],
        }
    )
    with pytest.raises(InstanceError) as caught:
        Instance.from_frames(settings={}, counties=counties, county=counties)
    assert [(f.file, f.row, f.column, f.problem) for f in caught.value.findings] == [
        ("county", None, None, "is not a table"),
        ("counties", 2, "county", "is a number, but identifiers are texts"),
        ("counties", 2, "population", "is not a finite number"),
        ("counties", 3, "county", "is a number, but identifiers are texts"),
        ("counties", 3, "population", "is negative"),
        ("counties", 3, "income", "is not a number"),
    ]


def test_frames_given_are_not_changed() -> None:
    counties = pd.DataFrame({"county": ["A"], "population": ["5"]})
    instance = Instance.from_frames(settings={}, counties=counties)
    assert counties["population"].tolist() == ["5"]
    assert instance.tables["counties"]["population"].tolist() == [5.0]


def test_a_long_table_is_read_column_by_column(folder: Path) -> None:
    lines = [f"P{n},A,industry,{n}.5" for n in range(200_000)]
    write(folder, "projects.csv", "project,county,category,cost\n" + "\n".join(lines) + "\n")
    (folder / "effects.csv").unlink()
    began = time.process_time()
    assert read(folder).tables["projects"]["cost"].sum() == sum(range(200_000)) + 100_000
    assert time.process_time() - began < 10
    lines[150_000] = "P7,A,industry,many"
    write(folder, "projects.csv", "project,county,category,cost\n" + "\n".join(lines) + "\n")
    assert [(f.row, f.column) for f in findings(folder)] == [(150_002, "cost"), (150_002, "project")]


def test_an_instance_goes_to_other_processes(two: Instance) -> None:
    changed = two.with_({"budget.central": 5})
    again = pickle.loads(pickle.dumps(changed))
    assert again.equals(changed) and again.settings == changed.settings and again.changes == changed.changes
    with pytest.raises(TypeError):
        again.tables["counties"] = two.tables["counties"]


def test_written_folder_is_utf8_with_bom_and_lf(two: Instance, tmp_path: Path) -> None:
    two.to_folder(tmp_path / "out")
    data = (tmp_path / "out" / "needs.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfcounty,need,people") and b"\r" not in data
    assert not (tmp_path / "out" / "budgets.csv").exists()
    assert read(tmp_path / "out").equals(two)


def test_an_older_table_does_not_survive_in_a_folder_written_again(two: Instance, folder: Path) -> None:
    without = Instance.from_frames(settings={"format": 1}, counties=two.tables["counties"])
    without.to_folder(folder)
    assert read(folder).equals(without)


def test_the_folder_of_a_plan_is_no_instance_and_says_so_alone(tmp_path):
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "funds.csv").write_text("county,money\n")
    with pytest.raises(InstanceError) as refused:
        read(tmp_path)
    (finding,) = refused.value.findings
    assert finding.file == "plan.json" and "instance that the plan was made for" in finding.mend
