"""``optimizer solve``: what it writes, where, and what it says."""

import json

import pandas as pd
import pytest

from optimizer.plan import Plan


def test_the_worked_example_is_solved_written_and_told(optimizer, two):
    ran = optimizer("solve", two)
    assert ran.status == 0
    plan = Plan.read("plans/two-counties")
    assert plan.outcome.status == "optimal"
    assert plan.outcome.bound == pytest.approx(3035)
    for words in ("Two counties", "million yuan go to 2 counties", "7 million yuan from central",
                  "person-needs are covered", "optimality is proved",
                  "0 kept, 2 new, 2 ended", "2 projects of 2", "The audit holds", "The plan lies in plans"):
        assert words in ran.out
    assert ran.err == "", "nothing but the result in a pipe"


def test_json_is_the_whole_of_standard_output(optimizer, two, tmp_path):
    ran = optimizer("solve", two, "--json", "--out", tmp_path / "here")
    told = ran.json
    assert ran.status == told["exit"] == 0
    assert told["plan"] == str(tmp_path / "here")
    written = Plan.read(tmp_path / "here")
    assert (told["status"], told["objective"], told["criterion"]) == ("optimal", written.outcome.objective, "coverage")
    assert told["money"] == {"central": 700, "collaboration": 320}
    assert told["pairs"] == {"kept": 0, "new": 2, "ended": 2}
    assert told["projects"] == 2
    assert told["audit"]["passed"] is True
    assert sum(row["covered"] for row in told["people"]) == written.coverage["covered"].sum() > 3000


def test_quiet_prints_only_where_the_plan_lies(optimizer, two, tmp_path):
    ran = optimizer("solve", two, "--quiet")
    assert (ran.status, ran.out.strip(), ran.err) == (0, str(tmp_path / "plans" / "two-counties"), "")


def test_verbose_logs_to_standard_error(optimizer, two):
    ran = optimizer("solve", two, "--json", "--verbose")
    assert ran.json["exit"] == 0
    assert ran.err.strip()


def test_a_scenario_has_a_plan_of_its_own(optimizer, two):
    ran = optimizer("solve", two, "--scenario", "less")
    assert ran.status == 0
    assert "Central money cut by a tenth" in ran.out
    told = json.loads((two.parent / "plans" / "two-counties-less" / "plan.json").read_text(encoding="utf-8"))
    assert told["scenario"] == "less"
    assert told["changes"] == [["budget.central", "-10%"]]
    assert Plan.read("plans/two-counties-less").streams.set_index("stream")["budget"].loc["central"].tolist() == [360, 270]


def test_scenario_then_decisions_then_set_from_left_to_right(optimizer, two, decisions):
    ran = optimizer("solve", two, "--set", "budget.central=x2", "--set", "budget.central.2027=100", "--scenario", "less",
                    "--decisions", decisions, "--out", "it")
    assert ran.status == 0
    plan = Plan.read("it")
    assert plan.streams.set_index("stream")["budget"].loc["central"].tolist() == [720, 100]
    assert [key for key, _ in plan.instance.changes] == ["budget.central", "budget.central", "budget.central.2027"]
    pairs = plan.pairings.set_index(["donor", "county"])
    assert pairs.loc[("D1", "A"), "status"] == "kept"
    assert pairs.loc[("D1", "A"), "locked"] == 1

    freed = optimizer("solve", two, "--decisions", decisions, "--set", "pairs.status[donor=D1,county=A]=free", "--out", "free")
    assert freed.status == 0
    assert set(Plan.read("free").pairings["status"]) == {"new", "ended"}


def test_limits_are_changes_that_the_plan_records(optimizer, two):
    ran = optimizer("solve", two, "--time-limit", "33", "--gap", "0.5", "--threads", "1", "--seed", "7", "--out", "it")
    assert ran.status == 0
    settings = Plan.read("it").instance.settings.settings
    assert (settings.time_limit, settings.gap, settings.threads, settings.seed) == (33, 0.005, 1, 7)
    with_sign = optimizer("solve", two, "--gap", "0.5%", "--out", "sign")
    assert with_sign.status == 0
    assert Plan.read("sign").instance.settings.settings.gap == 0.005


def test_a_plan_is_replaced_and_anything_else_is_not(optimizer, two, plan):
    assert optimizer("solve", two, "--out", plan, "--set", "budget.central=x2").status == 0
    assert Plan.read(plan).outcome.objective > 3035
    ran = optimizer("solve", two, "--out", two)
    assert ran.status == 2
    assert "is not a plan" in ran.err
    assert (two / "counties.csv").is_file()


def test_the_same_command_writes_the_same_plan(optimizer, two):
    for place in ("one", "two"):
        assert optimizer("solve", two, "--out", place).status == 0
    files = sorted(path.relative_to(two.parent / "one") for path in (two.parent / "one").rglob("*") if path.is_file())
    assert len(files) > 15
    for file in files:
        if file.name != "run.json":
            assert (two.parent / "one" / file).read_bytes() == (two.parent / "two" / file).read_bytes(), file


@pytest.mark.parametrize(("arguments", "words"), [
    (["--scenario", "les"], "Perhaps 'less' is meant"),
    (["--set", "budget.central"], "KEY=VALUE"),
    (["--set", "budget.centrale=1"], "Perhaps 'central' is meant"),
    (["--decisions", "none.csv"], "does not exist"),
    (["--gap", "small"], "'small' is not a number of percent"),
    (["--gap", "200"], "gap"),
    (["--threads", "0"], "threads"),
])
def test_a_wrong_option_is_told_with_its_mend(optimizer, two, arguments, words):
    ran = optimizer("solve", two, *arguments)
    assert ran.status == 2
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not (two.parent / "plans").exists()


def test_all_wrong_changes_are_told_at_once(optimizer, two):
    ran = optimizer("solve", two, "--set", "budget.west=1", "--set", "rule.none.active=0")
    assert ran.status == 2
    assert "west" in ran.err
    assert "none" in ran.err


def test_names_are_text(optimizer, two):
    text = "county,name,population,partners_min\nA,[red]=1+1<b>,100000,1\nB,,80000,1\n"
    (two / "counties.csv").write_text(text, encoding="utf-8")
    assert optimizer("solve", two, "--out", "it").status == 0
    page = (two.parent / "it" / "report.html").read_text(encoding="utf-8")
    assert "=1+1<b>" not in page
    assert pd.read_csv(two.parent / "it" / "inputs" / "counties.csv")["name"].iloc[0] == "[red]=1+1<b>"
