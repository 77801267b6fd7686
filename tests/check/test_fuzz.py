"""Whatever stands in the cells, checking answers with findings and never with anything else.

Continuous integration tries four times as many as ``make test``, ``OPTIMIZER_FUZZ=1000`` more still.
"""

import copy
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optimizer.instance.check import check, check_path
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance
from optimizer.instance.template import write_template
from tests.extent import MORE

FEW = settings(
    max_examples=int(os.environ.get("OPTIMIZER_FUZZ", 15 * MORE)),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # what fails is readable without minutes of shrinking
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
VALUES = st.sampled_from(
    [
        "",
        "0",
        "1",
        "-1",
        "2",
        "0.5",
        "1e9",
        "1e-9",
        "inf",
        "nan",
        "all",
        "none",
        "A01",
        "A02",
        "B01",
        "D1",
        "D2",
        "P1",
        "P2",
        "P3;P4",
        "water",
        "work",
        "industry",
        "central",
        "collaboration",
        "2026",
        "2027;2028",
        "West",
        "province=West",
        "province=",
        "=1+1",
        "a=b,c",
        "lock",
        "forbid",
        "free",
        "county",
        "key",
        "<b>",
        "\u202e",
        "x" * 70,
        "é",
        ";;",
        "tea",
        "horizon",
        "period",
        "land",
        "teachers",
    ]
)
SETTINGS = st.sampled_from(
    [
        None,
        0,
        1,
        -1,
        0.5,
        2,
        1e12,
        "40%",
        "all",
        "each",
        "total",
        "last",
        "county",
        "donor",
        "province",
        "water",
        "wrong",
        "central",
        "key",
        [],
        {},
        ["water"],
        [2026],
        [2027, 2031],
        {"sum": "money"},
        {"sum": "covered", "need": "x"},
        {"sum": "pairs"},
        {"sum": "projects", "column": "cost"},
        {"sum": "exited"},
        {"sum": "support", "donor": ["D1", "D7"]},
        {"province": "West"},
        {"income": {"min": 11000}},
        {"border": 1},
        "population",
        ["population", "income"],
        ["people"],
        "people",
        "maximin",
        "loss",
        "burden",
        "lasting",
        "pairing",
        "allow",
        "factor",
        True,
        "x1.1",
        "-10%",
        "province=Middle",
    ]
)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = write_template(tmp_path_factory.mktemp("fuzz") / "instance")
    (folder / "README.md").unlink()
    tables = {file.stem: pd.read_csv(file, dtype=str, keep_default_na=False) for file in sorted(folder.glob("*.csv"))}
    return tables, yaml.safe_load((folder / "instance.yaml").read_text(encoding="utf-8")), folder


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in nested settings."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in [(*path, key), *places(item, (*path, key))]]


def spoiled(given: Any, path: tuple[Any, ...], value: Any) -> Any:
    out = copy.deepcopy(given)
    at = out
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return out


def answers(instance: Instance) -> None:
    found = check(instance)
    assert all(isinstance(f, Finding) and f.sentence() and f.severity in ("error", "warning") for f in found)


@FEW
@given(data=st.data())
def test_mangled_cells_and_settings_in_memory(template, data):
    tables, plain, _ = template
    tables = {name: frame.copy() for name, frame in tables.items()}
    for _ in range(data.draw(st.integers(1, 5))):
        name = data.draw(st.sampled_from(sorted(tables)))
        frame = tables[name]
        row, column = data.draw(st.integers(0, len(frame) - 1)), data.draw(st.sampled_from(list(frame.columns)))
        frame.loc[row, column] = data.draw(VALUES)
    for _ in range(data.draw(st.integers(0, 2))):
        known = places(plain)
        plain = spoiled(plain, data.draw(st.sampled_from(known)), data.draw(SETTINGS))
    for name in data.draw(st.lists(st.sampled_from(sorted(set(tables) - {"counties"})), max_size=2, unique=True)):
        del tables[name]
    try:
        instance = Instance.from_frames(settings=plain, **tables)
    except InstanceError as error:
        assert error.findings
        return
    answers(instance)


@FEW
@given(data=st.data())
def test_mangled_files(template, tmp_path_factory, data):
    _, _, source = template
    folder: Path = tmp_path_factory.mktemp("case")
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        file = data.draw(st.sampled_from(sorted(folder.iterdir())))
        content = bytearray(file.read_bytes())
        at, length = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 12))
        content[at : at + length] = data.draw(
            st.one_of(st.binary(max_size=8), st.sampled_from([b",", b"\n", b'"', b": ", b"- ", b"\xff\xfe"]))
        )
        file.write_bytes(bytes(content))
    assert all(isinstance(f, Finding) and f.sentence() for f in check_path(folder))
