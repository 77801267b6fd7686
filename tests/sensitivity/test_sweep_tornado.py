"""Tornados on counties whose optimum is worked out by hand."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sweep_cases import two_counties

import optimizer as opt
from optimizer.cli.sweep import unit_of_criterion
from optimizer.cli.tornado import sentences
from optimizer.sensitivity.whatif.runs import Runs
from optimizer.sensitivity.whatif.tornado import ranked, usual_keys


def two() -> opt.Instance:
    """With 130 of money: 100 in A, 10 in B."""
    return two_counties(130)


RANGES = {
    "needs.people[county=B]": ("-10%", "+10%"),  # never binds: 110 whatever it is
    "budget.central": (100, 160),                # 70 + 10 = 80; 100 + 20 = 120
    "needs.unit_cost[county=A]": ("x0.5", "x2"),  # at 0.5: 50 buy A, 80 buy 26 in B: 126; at 2: 50 + 10
    "rule.floor.min": (0, 140),                  # 0 changes nothing; 140 is more than there is
}


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> tuple[opt.Tornado, object]:
    folder = tmp_path_factory.mktemp("tornado")
    return opt.tornado(two(), RANGES, out=folder), folder


def test_the_ranking_is_the_one_worked_out_by_hand(found):
    table = found[0].table.set_index("key")
    assert found[0].base == 110 and found[0].criterion == "coverage" and found[0].complete
    assert list(table.index) == ["rule.floor.min", "needs.unit_cost[county=A]", "budget.central", "needs.people[county=B]"]
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table.loc["needs.unit_cost[county=A]", ["value_low", "value_high", "swing"]].tolist() == [126, 60, 66]
    assert table.loc["budget.central", ["change_low", "change_high", "swing"]].tolist() == [-30, 10, 40]
    assert table.loc["needs.people[county=B]", "swing"] == 0


def test_what_the_figures_are_counted_in_is_said(found):
    told = sentences(found[0], unit_of_criterion(two(), "coverage"))
    assert told[0].startswith("Unchanged: coverage 110 weighted person-periods.")
    money = {"sense": "min", "of": {"sum": "money"}}
    settings = dict(two().raw_settings) | {"criteria": {"paid": money, "a_head": money | {"per": ["population"]}}}
    given = opt.Instance.from_frames(settings=settings, **{name: two().tables[name] for name in ("counties", "needs")})
    assert {name: unit_of_criterion(given, name) for name in ("paid", "spend", "a_head")} == {
        "paid": given.settings.money.label, "spend": given.settings.money.label, "a_head": ""}


def test_an_end_without_a_plan_comes_first_and_says_why(found):
    row = found[0].table.iloc[0]
    assert (row["value_low"], row["status_low"], row["status_high"]) == (110, "optimal", "infeasible")
    assert np.isnan(row["value_high"]) and np.isnan(row["swing"])
    assert "140" in row["error_high"] and row["error_low"] == ""


def test_low_and_high_stand_as_they_were_given(found):
    table = found[0].table.set_index("key")
    assert table.loc["budget.central", ["low", "high"]].tolist() == ["100", "160"]
    assert table.loc["needs.unit_cost[county=A]", ["low", "high"]].tolist() == ["x0.5", "x2"]


def test_the_folder_holds_table_picture_and_runs(found):
    tornado, folder = found
    assert {path.name for path in folder.iterdir()} >= {"tornado.csv", "tornado.svg", "runs.csv"}
    read = pd.read_csv(folder / "tornado.csv", dtype={"low": str, "high": str})
    assert read["key"].tolist() == tornado.table["key"].tolist()
    root = ET.parse(folder / "tornado.svg").getroot()
    assert root.tag.endswith("svg") and len(list(root.iter("{http://www.w3.org/2000/svg}path"))) >= 2 * len(RANGES)
    before = (folder / "tornado.svg").read_bytes()
    again = opt.tornado(two(), RANGES, out=folder)  # nothing is solved again
    assert again.runs.table["seconds"].equals(tornado.runs.table["seconds"])
    assert (folder / "tornado.svg").stat().st_size == len(before)


def test_another_criterion_is_ranked_by_its_own_values(found):
    asked = {key: tuple(ends) for key, ends in RANGES.items()}
    spend = ranked(found[0].runs, asked, "spend").table.set_index("key")
    assert spend.loc["budget.central", "swing"] == 60  # 100 … 160, all of it spent
    assert spend.loc["needs.people[county=B]", "swing"] == 0


def test_what_is_proved_of_a_swing_is_what_the_gaps_leave(found):
    """Plans of 60 to 110 and 126 with bounds 10 above: the best ones are at least 126 − 70 = 56 apart."""
    runs = found[0].runs
    table, base = runs.table.copy(), runs.base.copy()
    table["bound"], base["bound"] = table["coverage"] + 10, base["coverage"] + 10
    loose: Runs = replace(runs, table=table, base=base)
    again = ranked(loose, {key: tuple(ends) for key, ends in RANGES.items()}, "coverage").table.set_index("key")
    assert again.loc["needs.unit_cost[county=A]", "swing_proved"] == 56
    assert again.loc["needs.people[county=B]", "swing_proved"] == 0
    assert (found[0].table["swing_proved"].dropna() == found[0].table["swing"].dropna()).all()


def test_the_usual_figures_are_those_that_the_instance_has():
    assert usual_keys(two()) == ["budget.central", "needs.people[need=water]", "needs.unit_cost[need=water]"]
    table = opt.tornado(two(), relax=True).table
    assert set(table["key"]) == set(usual_keys(two()))
    assert set(table["low"]) == {"-10%"} and set(table["high"]) == {"+10%"}


@pytest.mark.parametrize(("ranges", "criterion"), [
    ({"budget.central": (1, 2, 3)}, None), ({"budget.central": 5}, None), ({"budget.east": (1, 2)}, None),
    ({"budget.central": (100, 160)}, "beauty"),
])
def test_what_is_no_range_and_no_criterion_is_refused(ranges, criterion):
    with pytest.raises(opt.InstanceError):
        opt.tornado(two(), ranges, criterion=criterion)
