"""Workbooks: both ways without loss, and what is not one."""

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance, read
from tests.extent import MORE

HOSTILE = [
    '=HYPERLINK("http://a")',
    "@SUM(1)",
    "-1+2",
    "+1",
    "http://a.b",
    "mailto:a@b",
    "internal:Sheet1!A1",
    "<r><t>x</t></r>",
    "<b>",
    "&amp;",
    "'quoted",
    "_x0041_",
    'a"b,c',
    "a\r\nb",
    "a\nb",
    "a\rb",
    " lead",
    "trail ",
    "\u2028x",
    "\x85",
    "062901",
    "TRUE",
    "#N/A",
    "1e5",
    "{=1}",
    "\t",
    "nan",
    "㐀𠮷",
    "a;b",
]


def both_ways(instance: Instance, place: Path) -> None:
    instance.to_workbook(place / "a.xlsx")
    from_book = read(place / "a.xlsx")
    assert from_book.equals(instance)
    instance.to_folder(place / "a")
    from_folder = read(place / "a")
    assert from_folder.equals(instance)
    from_folder.to_workbook(place / "b.xlsx")
    read(place / "b.xlsx").to_folder(place / "b")
    for file in (place / "a").iterdir():
        if file.suffix == ".csv":
            assert (place / "b" / file.name).read_bytes() == file.read_bytes()


def test_the_worked_example(two: Instance, tmp_path: Path) -> None:
    both_ways(two, tmp_path)
    assert read(tmp_path / "a.xlsx").raw_settings == two.raw_settings


def test_hostile_names(tmp_path: Path) -> None:
    counties = pd.DataFrame({"county": [f"C{n}" for n in range(len(HOSTILE))], "name": HOSTILE, "extra": HOSTILE})
    raw = {
        "title": "=1+1",
        "source": "<r>x</r>",
        "groups": {f"g{n}": {"name": text} for n, text in enumerate(HOSTILE)}
        | {"more": {"name": HOSTILE, "extra": "x", "unknown": "no"}},
        "categories": {f"c{n}": {"label": text} for n, text in enumerate(HOSTILE)},
    }
    both_ways(Instance.from_frames(settings=raw, counties=counties), tmp_path)
    cells = openpyxl.load_workbook(tmp_path / "a.xlsx")["counties"]
    assert {cell.data_type for row in cells.iter_rows(min_row=2) for cell in row} == {"s"}
    assert not any(cell.hyperlink for row in cells.iter_rows() for cell in row)


def test_numbers_keep_every_digit(tmp_path: Path) -> None:
    numbers = [0.1 + 0.2, 1 / 3, 1e-7, 123456789.123456789, 5e-324, 1.7976931348623157e308, 2**53 + 0.0, 1e15, 1e22, -1e-300, 0.0]
    counties = pd.DataFrame({"county": [f"C{n}" for n in range(len(numbers))], "extra": numbers})
    both_ways(Instance.from_frames(settings={}, counties=counties), tmp_path)
    assert read(tmp_path / "a.xlsx").tables["counties"]["extra"].tolist() == numbers


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12) | st.sampled_from(
    HOSTILE
)
IDENTIFIER = st.from_regex(r"[A-Za-z0-9_东-]{1,8}", fullmatch=True).filter(
    lambda t: t not in {"all", "each", "total", "other", "none", "last", "factor"}
)
NUMBER = st.floats(0, 1e300) | st.integers(0, 10**9).map(float) | st.none()


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    names = draw(st.lists(IDENTIFIER, min_size=1, max_size=5, unique=True))
    many = {"min_size": len(names), "max_size": len(names)}
    counties = pd.DataFrame(
        {
            "county": names,
            "name": draw(st.lists(TEXT | st.none(), **many)),
            "population": draw(st.lists(NUMBER, **many)),
            "number": pd.Series(draw(st.lists(st.floats(allow_nan=True, allow_infinity=False), **many)), dtype=float),
            "text": draw(st.lists(TEXT | st.integers().map(str) | st.floats().map(str) | st.none(), **many)),
        }
    )
    projects = pd.DataFrame(
        {
            "project": [f"P{n}" for n in range(len(names))],
            "county": names,
            "category": "c",
            "cost": draw(st.lists(st.floats(0, 1e12), **many)),
            "most": draw(st.lists(st.sampled_from([1.0, 0.5, float("inf")]), **many)),
            "requires": draw(st.lists(st.sampled_from(["P0", "P0;P1", None]), **many)),
        }
    )
    scalar = TEXT | st.integers(-(10**20), 10**20) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
    tree = st.recursive(
        scalar | st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
    )
    raw: dict[str, Any] = {
        "title": draw(TEXT),
        "periods": draw(st.sampled_from([[2026], {2026: 1, 2027: 0.9}])),
        "categories": {"c": {"label": draw(TEXT)}},
        "money": draw(st.sampled_from([{}, {"step": 0.01}, {"unit": "yuan", "label": "=元"}])),
        "groups": draw(
            st.dictionaries(
                IDENTIFIER,
                st.dictionaries(
                    TEXT.filter(lambda t: t.strip() == t != "" and t != "unknown"),
                    scalar | st.lists(scalar, min_size=1, max_size=3),
                    min_size=1,
                    max_size=2,
                ),
                max_size=2,
            )
        ),
        "scenarios": draw(
            st.dictionaries(
                IDENTIFIER, st.fixed_dictionaries({"label": TEXT, "set": st.dictionaries(TEXT, tree, max_size=3)}), max_size=2
            )
        ),
    }
    return Instance.from_frames(settings=raw, counties=counties, projects=projects)


@settings(max_examples=8 * MORE, deadline=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(instances())
def test_any_instance_goes_both_ways(tmp_path: Path, instance: Instance) -> None:
    both_ways(instance, tmp_path)


def findings(path: Path) -> tuple[Finding, ...]:
    with pytest.raises(InstanceError) as caught:
        read(path)
    return caught.value.findings


@pytest.mark.parametrize("data", [b"", b"county\nA\n", b"PK\x03\x04" + b"x" * 50, b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_a_workbook_that_is_not_one(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    found = findings(tmp_path / "a.xlsx")
    assert len(found) == 1 and found[0].file == "a.xlsx" and "is not a workbook" in found[0].problem


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_torn_workbook(two: Instance, tmp_path: Path, cut: float) -> None:
    two.to_workbook(tmp_path / "a.xlsx")
    data = (tmp_path / "a.xlsx").read_bytes()
    (tmp_path / "a.xlsx").write_bytes(data[: int(len(data) * cut)])
    assert "is not a workbook" in findings(tmp_path / "a.xlsx")[0].problem


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    out = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False})
    for name, rows in sheets.items():
        sheet = out.add_worksheet(name)
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    out.close()
    return path


SOUND: dict[str, list[list[Any]]] = {
    "instance": [
        ["key", "value"],
        ["format", 1],
        ["money.step", "0.01"],
        ["settings", "{gap: 0.1%}"],
        ["periods", "[2026, 2027]"],
    ],
    "categories": [["id", "label", "subsidy"], ["c", "Industry: new", True], ["d", None, "1"]],
    "needs_list": [["id", "category", "tiers"], ["w", "c", "[{width: 0.5}, {width: 0.5, factor: 2}]"]],
    "rules": [["id", "type", "sentence", "of", "min", "periods"], ["r", "bound", "At least # 5", "{sum: money}", 5, "total"]],
    "counties": [
        ["county", "population", "name", "code", "deep_poverty"],
        ["A", "100", 5, "007", True],
        [None] * 5,
        ["B", 200, "B", 12, 0],
    ],
    "needs": [["county", "need", "people"], ["A", "w", 10]],
}


def test_a_workbook_typed_by_hand(tmp_path: Path) -> None:
    instance = read(book(tmp_path / "a.xlsx", SOUND))
    assert instance.settings.money.step == 0.01 and instance.settings.settings.gap == 0.001
    assert instance.settings.categories["c"].label == "Industry: new" and instance.settings.categories["d"].subsidy
    assert instance.settings.needs["w"].tiers[1].factor == 2
    assert instance.settings.rules[0].sentence == "At least # 5" and instance.settings.rules[0].periods == "total"
    counties = instance.tables["counties"]
    assert counties["population"].tolist() == [100, 200] and counties["name"].tolist() == ["5", "B"]
    assert counties["code"].tolist() == ["007", "12"] and counties["deep_poverty"].tolist() == [1, 0]
    assert instance.row_number("counties", 1) == 4


FAULTS: list[tuple[str, list[list[Any]], tuple[str, int | str | None, str | None, str]]] = [
    ("counties", [["county"], [513221]], ("sheet counties", 2, "county", "is a number, but identifiers are texts")),
    ("counties", [["county", "population"], ["A", -1]], ("sheet counties", 2, "population", "is negative")),
    ("counties", [["county", "county"], ["A", "B"]], ("sheet counties", 1, "county", "stands twice in the header")),
    ("instance", [["key", "value"], ["titel", "x"]], ("a.xlsx", "sheet instance, row 2", "titel", "'titel' is not known here")),
    ("instance", [["key", "value"], ["money.step", 1], ["money.step", 2]], ("sheet instance", 3, "key", "stands twice")),
    ("instance", [["a", "b"]], ("sheet instance", 1, None, "does not begin with the columns key and value")),
    ("instance", [["key", "value"], ["periods", "[1, 2"]], ("sheet instance", 2, "value", "cannot be read as YAML")),
    ("categories", [["id", "label"], ["c", "x"], ["c", "y"]], ("sheet categories", 3, "id", "stands already above")),
    (
        "categories",
        [["id", "labl"], ["c", "x"], ["d", ""]],
        ("a.xlsx", "sheet categories, row 2", "categories.c.labl", "'labl' is not known here"),
    ),
    ("categories", [["id", "label"], ["c", "x"], ["", "y"]], ("sheet categories", 3, "id", "is blank")),
    ("categories", [["id"], ["c"], [5]], ("a.xlsx", "sheet categories, row 3", "categories.5", "'5' is not a text")),
    (
        "rules",
        [["id", "type", "sentence", "keep"], ["r", "pairs", "s", "some"]],
        ("a.xlsx", "sheet rules, row 2", "rules.r.keep", "is not one of"),
    ),
    ("countys", [["a"]], ("sheet countys", None, None, "is not part of an instance")),
]


@pytest.mark.parametrize(("sheet", "rows", "expected"), FAULTS)
def test_faults_in_a_workbook(
    tmp_path: Path, sheet: str, rows: list[list[Any]], expected: tuple[str, int | str | None, str | None, str]
) -> None:
    sheets = {k: v for k, v in SOUND.items() if k not in ("needs", "needs_list", "counties" if sheet == "countys" else "")}
    found = findings(book(tmp_path / "a.xlsx", {**sheets, sheet: rows}))
    first = next(f for f in found if f.file == expected[0])
    assert (first.row, first.column) == expected[1:3] and expected[3] in first.problem
    assert first.mend


def test_missing_sheets(tmp_path: Path) -> None:
    found = findings(book(tmp_path / "a.xlsx", {"needs": SOUND["needs"]}))
    assert {f.file for f in found} == {"sheet instance", "sheet counties"}


def test_other_sheets_are_left_alone_with_a_warning(tmp_path: Path) -> None:
    instance = read(book(tmp_path / "a.xlsx", {**SOUND, "my notes": [["anything"]]}))
    assert [(w.file, w.severity) for w in instance.warnings] == [("sheet my notes", "warning")]


def test_what_does_not_fit_into_a_workbook(tmp_path: Path) -> None:
    instance = Instance.from_frames(settings={}, counties=pd.DataFrame({"county": ["A", "B"], "name": ["x", "y" * 40000]}))
    with pytest.raises(InstanceError, match=r"sheet counties, row 3, column name: .* is longer than a cell"):
        instance.to_workbook(tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


def test_the_same_instance_gives_the_same_bytes(two: Instance, tmp_path: Path) -> None:
    two.to_workbook(tmp_path / "a.xlsx")
    two.to_workbook(tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_columns_have_their_unit_and_meaning_as_comments(two: Instance, tmp_path: Path) -> None:
    two.to_workbook(tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["counties"]
    assert sheet["B1"].value == "population" and "persons" in sheet["B1"].comment.text
