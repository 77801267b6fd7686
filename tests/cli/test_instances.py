"""``new``, ``check``, ``convert`` and ``export``."""

import pandas as pd
import pytest

from optimizer.instance.instance import read
from optimizer.instance.template import write_template


def test_a_template_is_sound_and_can_be_solved(optimizer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert optimizer("new", "mine", "--json").json["written"] == ["mine"]
    assert optimizer("check", "mine").status == 0
    assert optimizer("solve", "mine").status == 0
    assert (tmp_path / "plans" / "mine" / "plan.json").is_file()


@pytest.mark.parametrize("arguments", [["mine", "--xlsx"], ["mine.xlsx"]])
def test_a_template_as_a_workbook_says_the_same(optimizer, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    assert optimizer("new", *arguments, "--json").json["written"] == ["mine.xlsx"]
    assert optimizer("check", "mine.xlsx").status == 0
    book, folder = read("mine.xlsx"), read(write_template(tmp_path / "folder"))
    assert book.raw_settings == folder.raw_settings
    for name, table in folder.tables.items():
        pd.testing.assert_frame_equal(book.tables[name], table, check_like=True)


def test_new_overwrites_nothing(optimizer, two):
    ran = optimizer("new", two)
    assert ran.status == 2
    assert (two / "donors.csv").is_file()


def test_a_sound_instance(optimizer, two):
    ran = optimizer("check", two)
    assert ran.status == 0
    assert "sound. 2 counties, 4 rows of needs, 2 donors, 2 projects, 2 periods." in ran.out
    assert optimizer("check", two, "--json").json == []


def test_every_problem_at_once(optimizer, two):
    (two / "counties.csv").write_text("county,population\nA,-1\nA,5\n", encoding="utf-8")
    (two / "needs.csv").write_text("county,need,people\nA,water,many\n", encoding="utf-8")
    ran = optimizer("check", two, "--out", "found")
    assert ran.status == 2
    assert "counties.csv, row 2, column population" in ran.out
    assert "needs.csv, row 2, column people: 'many'" in ran.out
    told = optimizer("check", two, "--json").json
    assert {"file", "row", "column", "value", "problem", "mend"} <= set(told[0])
    written = pd.read_csv("found/findings.csv")
    assert len(written) == len(told) == sum(line.count("csv, row") for line in ran.out.splitlines())


def test_a_check_of_a_scenario_and_changes(optimizer, two):
    assert optimizer("check", two, "--scenario", "less", "--set", "budget.central=5").status == 0
    ran = optimizer("check", two, "--set", "needs.people[need=water]=-5")
    assert ran.status == 2
    assert "-5" in ran.out


def test_quiet_leaves_warnings_out(optimizer, two):
    (two / "notes.csv").write_text("a,b\n", encoding="utf-8")
    assert "warning" in optimizer("check", two).out
    assert optimizer("check", two, "--quiet").out == ""


def test_there_and_back_without_loss(optimizer, two):
    assert optimizer("convert", two, "book.xlsx").status == 0
    assert optimizer("convert", "book.xlsx", "--out", "back").status == 0
    assert read("back").equals(read(two))


def test_conversion_applies_what_is_asked(optimizer, two, decisions):
    asked = ["--scenario", "less", "--decisions", decisions, "--set", "donors.money=x2"]
    assert optimizer("convert", two, "less", *asked).status == 0
    there = read("less")
    assert there.settings.streams["central"].budget == {2026: 360, 2027: 270}
    assert there.tables["donors"]["money"].tolist() == [200, 120]
    assert there.tables["pairs"].set_index(["donor", "county"])["status"].to_dict()["D1", "A"] == "lock"


def test_nothing_is_overwritten_unasked(optimizer, two):
    assert optimizer("convert", two, "book.xlsx").status == 0
    ran = optimizer("convert", two, "book.xlsx")
    assert ran.status == 2
    assert "--force" in ran.err
    assert optimizer("convert", two, "book.xlsx", "--force").status == 0
    assert optimizer("convert", two, two, "--force").status == 2
    assert optimizer("convert", two).status == 2
    assert optimizer("convert", two, "a", "--out", "b").status == 2


@pytest.mark.parametrize("ending", ["mps", "lp"])
def test_the_model_for_other_solvers(optimizer, two, ending):
    ran = optimizer("export", two, f"models/two.{ending}", "--json")
    assert ran.status == 0
    assert (two.parent / ran.json["written"][0]).stat().st_size > 1000
    assert optimizer("export", two, f"models/two.{ending}").status == 2
    assert optimizer("export", two, "--out", f"models/two.{ending}", "--force").status == 0
    if ending == "mps":
        assert "transfer[central,A,infrastructure,2026]" in (two.parent / "models" / "two.mps").read_text(encoding="utf-8")
    else:
        assert (two.parent / "models" / "two.lp.names.csv").is_file()


def test_a_model_that_cannot_be_written(optimizer, two):
    ran = optimizer("export", two, "two.txt")
    assert ran.status == 2
    assert "neither .mps nor .lp" in ran.err
    (two / "needs.csv").write_text("county,need,people\nC,water,5\n", encoding="utf-8")
    assert optimizer("export", two, "two.mps").status == 2
    assert not (two.parent / "two.mps").exists()
