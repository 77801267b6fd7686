"""YAML: scalars without surprises, duplicate keys, faults with their lines, hostile texts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.instance.yamltext import dump_flow, dump_yaml, load_yaml

SCALARS: list[tuple[str, Any]] = [
    ("no", "no"),
    ("yes", "yes"),
    ("on", "on"),
    ("true", True),
    ("False", False),
    ("012", "012"),
    ("062901", "062901"),
    ("0", 0),
    ("-5", -5),
    ("1e5", 1e5),
    ("1.5e-3", 0.0015),
    (".5", 0.5),
    ("1_000", "1_000"),
    ("1:30", "1:30"),
    ("2026-01-01", "2026-01-01"),
    ("10%", "10%"),
    ("-10%", "-10%"),
    ("~", None),
    ("null", None),
    ("0x1F", "0x1F"),
    ("none", "none"),
    ("'12'", "12"),
    ("+3", 3),
    ("1.", 1.0),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars(text: str, value: Any) -> None:
    got, _, findings = load_yaml(f"a: {text}", "f.yaml")
    assert not findings
    assert got == {"a": value} and type(got["a"]) is type(value)


def test_duplicate_keys_are_told_with_both_lines() -> None:
    _, _, findings = load_yaml("a: 1\nb:\n  c: 1\n  c: 2\na: 2\n", "f.yaml")
    assert [(f.row, f.value) for f in findings] == [(5, "a"), (4, "c")] or [(f.row, f.value) for f in findings] == [
        (4, "c"),
        (5, "a"),
    ]
    assert "line 1" in next(f for f in findings if f.value == "a").problem


def test_faults_of_syntax_have_their_line() -> None:
    value, _, findings = load_yaml("a: 1\nb: [1, 2\nc: 3\n", "f.yaml")
    assert value is None and len(findings) == 1 and findings[0].row == 3


def test_lines_of_keys() -> None:
    _, lines, _ = load_yaml("a:\n  - {b: 1}\n  - c:\n      2026: 3\n", "f.yaml")
    assert lines["a", 0, "b"] == 2 and lines["a", 1, "c", 2026] == 4


HOSTILE = [
    "a: !!python/object/apply:os.system ['true']",
    "a: !!python/name:os.system",
    "a: !own 1",
    "a: &a [*a]",
    "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
    "[" * 5000,
    "? [a, b]\n: 1",
    "a: \x00",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_findings(text: str) -> None:
    _, _, findings = load_yaml(text, "f.yaml")
    assert findings and all(f.file == "f.yaml" for f in findings)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_what_is_written_reads_back(value: Any) -> None:
    for text in (dump_flow(value), dump_yaml(value)):
        got, _, findings = load_yaml(text, "f.yaml")
        assert not findings
        assert got == value


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=4))
def test_flow_text_is_one_line(value: dict[str, str]) -> None:
    assert "\n" not in dump_flow(value)
