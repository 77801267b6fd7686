"""Groups: names, filters, column=value, and unknown cells."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.findings import InstanceError
from optimizer.instance.groups import parse_filter, select

FRAME = pd.DataFrame(
    {
        "county": ["A", "B", "C", "D"],
        "province": ["P", "Q", "P", None],
        "income": [5.0, 9.0, np.nan, 7.0],
        "key_county": [1.0, 0.0, 1.0, 0.0],
        "industries": ["tea;silk", "tea", None, "iron ; silk"],
        "code": ["01", "1", "2", "2"],
    }
)
GROUPS = {"south": {"province": "P", "unknown": "no"}, "both": {"province": ["P", "Q"], "key_county": 1, "unknown": "no"}}
CASES: list[tuple[Any, str]] = [
    (None, "ABCD"),
    ("all", "ABCD"),
    ("south", "AC"),
    ("both", "AC"),
    ({"county": ["A", "D"]}, "AD"),
    ({"county": "A"}, "A"),
    ("county=A|B", "AB"),
    ("county=A|B,key_county=1", "A"),
    ({"income": {"min": 6}, "unknown": "no"}, "BD"),
    ({"income": {"min": 6, "max": 7}, "unknown": "no"}, "D"),
    ({"income": {"min": 6}, "unknown": "yes"}, "BCD"),
    ({"income": [5, 9], "unknown": "no"}, "AB"),
    ({"key_county": True}, "AC"),
    ({"key_county": "1"}, "AC"),
    ("key_county=1.0", "AC"),
    ({"key_county": "x"}, ""),
    ({"industries": "tea", "unknown": "no"}, "AB"),
    ({"industries": ["iron", "silk"], "unknown": "no"}, "AD"),
    ({"code": "1"}, "B"),
    ({"code": "01"}, "A"),
    ({"code": 2}, "CD"),
    ({"code": 2.0}, "CD"),
    ({"province": "P", "unknown": "yes"}, "ACD"),
    ("province=P,unknown=no", "AC"),
]


@pytest.mark.parametrize(("group", "counties"), CASES)
def test_select(group: Any, counties: str) -> None:
    for frame in (FRAME, FRAME.set_index("county")):
        mask = select(frame, group, GROUPS)
        assert "".join(FRAME["county"][mask]) == counties


def test_unknown_cells_are_an_error_that_counts_them() -> None:
    with pytest.raises(InstanceError, match=r"blank in 1 rows \(rows 5\).*unknown: no"):
        select(FRAME, {"province": "P"}, {})
    with pytest.raises(InstanceError) as caught:
        select(FRAME, {"province": "P", "income": {"min": 1}, "provnce": 1}, {})
    assert [f.column for f in caught.value.findings] == ["province", "income", "provnce"]
    assert caught.value.findings[2].mend == "Perhaps 'province' is meant"


def test_unknown_groups() -> None:
    with pytest.raises(InstanceError, match=r"'souht' is not a group\. Perhaps 'south' is meant"):
        select(FRAME, "souht", GROUPS)


def test_a_group_that_cannot_be_read() -> None:
    with pytest.raises(InstanceError, match="'province=' cannot be read"):
        select(FRAME, "province=", GROUPS)


def test_filters_as_text() -> None:
    assert parse_filter("need=water, province=甘肃省|四川省") == {"need": "water", "province": ["甘肃省", "四川省"]}
    assert parse_filter("scope=province=甘肃省") == {"scope": "province=甘肃省"}
    for text in ("", "need", "need=", "=water", "a=1,a=2", "unknown=no"):
        with pytest.raises(ValueError, match=r"\w"):
            parse_filter(text)
