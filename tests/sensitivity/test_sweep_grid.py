"""Which runs a sweep makes: grids, tables of runs, keys that match nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sweep_cases import two_counties

import optimizer as opt
from optimizer.sensitivity.whatif.vary import grid_of, parsed_varies


@pytest.fixture(scope="module")
def two() -> opt.Instance:
    return two_counties(120)


def test_the_grid_is_full_and_its_last_key_moves_quickest(two):
    grid = grid_of({"budget.central": [100, 120], "rule.floor.active": [1, 0], "rule.floor.min": 10}, two)
    assert grid.keys == ("budget.central", "rule.floor.active", "rule.floor.min")
    assert [tuple(run.values()) for run in grid.runs] == [(100, 1, 10), (100, 0, 10), (120, 1, 10), (120, 0, 10)]


def test_numbers_are_absolute_and_factors_are_made_by_times(two):
    grid = grid_of({"budget.central": opt.times(np.linspace(0.5, 2, 61))}, two)
    assert len(grid) == 61
    assert [grid.cells(run) for run in (0, 20, 60)] == [["x0.5"], ["x1"], ["x2"]]
    assert grid_of({"budget.central": np.array([60, 120.5])}, two).cells(1) == ["120.5"]


def test_a_range_on_the_command_line_counts_both_ends():
    found = parsed_varies(["budget.central=x0.5:x2:4", "rule.floor.min=10,20", "needs.people[county=A]=-10%:+10%:3"])
    assert found == {"budget.central": ("x0.5", "x1", "x1.5", "x2"), "rule.floor.min": ("10", "20"),
                     "needs.people[county=A]": ("-10%", "+0%", "+10%")}


def test_all_faults_of_a_command_line_are_told_at_once():
    with pytest.raises(opt.InstanceError) as error:
        parsed_varies(["budget.central=1:2:1", "budget.east", "rule.floor.min=1,2", "rule.floor.min=3"])
    assert len(error.value.findings) == 3


TABLE = [{"budget.central": "x2", "rule.floor.min": 10}, {"rule.floor.min": 20}, {}]


@pytest.mark.parametrize("form", ["mappings", "frame", "file"])
def test_a_table_has_one_run_a_row_and_a_blank_leaves_the_key_alone(two, form, tmp_path):
    if form == "file":
        (tmp_path / "runs.csv").write_text("budget.central,rule.floor.min\nx2,10\n,20\n,\n", encoding="utf-8-sig")
    given = {"mappings": TABLE, "frame": pd.DataFrame(TABLE), "file": tmp_path / "runs.csv"}[form]
    grid = grid_of(given, two)
    assert grid.keys == ("budget.central", "rule.floor.min")
    assert [grid.cells(run) for run in range(3)] == [["x2", "10"], ["", "20"], ["", ""]]
    assert grid.runs[2] == {}


def test_a_row_with_more_cells_than_the_header_is_refused(two, tmp_path):
    (tmp_path / "runs.csv").write_text("budget.central\n1,000\n", encoding="utf-8")
    with pytest.raises(opt.InstanceError, match="row 2"):
        grid_of(tmp_path / "runs.csv", two)


@pytest.mark.parametrize("asked", [{"budget.centrall": [1]}, {"rule.none.min": [1]}, {"needs.people[county=Z]": [1]}, {}, []])
def test_keys_that_match_nothing_and_sweeps_of_nothing_are_refused(two, asked):
    with pytest.raises(opt.InstanceError):
        grid_of(asked, two)


def test_one_value_that_fits_is_enough_for_a_key(two):
    assert len(grid_of({"rule.floor.min": ["plenty", 20]}, two)) == 2
    with pytest.raises(opt.InstanceError, match="plenty"):
        grid_of({"rule.floor.min": ["plenty"]}, two)


def test_the_digest_tells_sweeps_apart_and_numbers_from_texts_not(two):
    one = grid_of({"budget.central": [60, 120]}, two).digest
    assert grid_of({"budget.central": ["60", 120.0]}, two).digest == one
    assert grid_of({"budget.central": [60, 121]}, two).digest != one
    assert grid_of({"budget.central": [120, 60]}, two).digest != one
