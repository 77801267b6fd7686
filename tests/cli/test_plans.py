"""``audit``, ``compare`` and ``report`` on plan folders."""

import pandas as pd
import pytest

from optimizer.plan import Plan


def spoil(plan, table="funds", column="money", by=1):
    frame = pd.read_csv(plan / f"{table}.csv", dtype="str", keep_default_na=False, encoding="utf-8-sig")
    frame.loc[0, column] = str(int(frame.loc[0, column]) + by)
    frame.to_csv(plan / f"{table}.csv", index=False, encoding="utf-8-sig")


def test_a_plan_that_holds(optimizer, plan):
    ran = optimizer("audit", plan)
    assert ran.status == 0
    assert "everything holds" in ran.out
    told = optimizer("audit", plan, "--json").json
    assert told["passed"] is True
    assert len(told["checks"]) > 20
    assert optimizer("audit", plan, "--quiet").out.strip() == "passed"


def test_a_plan_that_was_touched(optimizer, plan):
    spoil(plan)
    ran = optimizer("audit", plan)
    assert ran.status == 1
    assert "the audit FAILS" in ran.out
    told = optimizer("audit", plan, "--json")
    assert told.status == 1
    assert any(check["failed"] for check in told.json["checks"])


def test_inputs_that_were_touched(optimizer, plan):
    with (plan / "inputs" / "counties.csv").open("a", encoding="utf-8") as file:
        file.write("C,,5,\n")
    assert optimizer("audit", plan).status == 1


@pytest.mark.parametrize("command", ["audit", "report"])
def test_what_is_no_plan_is_refused(optimizer, two, command):
    ran = optimizer(command, two)
    assert ran.status == 2
    assert "is not a plan folder" in ran.err
    assert optimizer(command, "nowhere").status == 2


def test_against_the_instance_it_was_made_from(optimizer, two, decisions):
    assert optimizer("solve", two, "--scenario", "less", "--decisions", decisions, "--set", "pairs.status[donor=D2]=free",
                     "--set", "donors.money[donor=D2]=+10%", "--out", "it").status == 0
    assert optimizer("audit", "it", "--against", two).status == 0
    assert optimizer("convert", two, "two.xlsx").status == 0
    assert optimizer("audit", "it", "--against", "two.xlsx").status == 0


def test_against_another_instance(optimizer, two, plan):
    (two / "needs.csv").write_text((two / "needs.csv").read_text(encoding="utf-8").replace("1000", "1001"), encoding="utf-8")
    ran = optimizer("audit", plan, "--against", two)
    assert ran.status == 2
    assert "is not what the plan was made from: needs differ" in ran.err


def test_against_with_a_broken_record(optimizer, two, plan):
    for text in ("{", "[]"):
        (plan / "plan.json").write_text(text, encoding="utf-8")
        assert optimizer("audit", plan, "--against", two).status == 2
        assert optimizer("audit", plan).status == 1


def test_against_an_instance_that_the_changes_do_not_fit(optimizer, two, tmp_path):
    assert optimizer("solve", two, "--set", "rule.industry.min=45%", "--out", "it").status == 0
    text = (two / "instance.yaml").read_text(encoding="utf-8").replace("id: industry", "id: industries")
    (two / "instance.yaml").write_text(text, encoding="utf-8")
    ran = optimizer("audit", "it", "--against", two)
    assert ran.status == 2
    assert "cannot be applied to it" in ran.err


def test_two_plans_side_by_side(optimizer, two, plan):
    assert optimizer("solve", two, "--scenario", "less", "--out", "less").status == 0
    ran = optimizer("compare", plan, "less", "--out", "diff", "--why", "A")
    assert ran.status == 0
    assert "1,020 → 950 万元 (−70)" in ran.out
    assert f"coverage: {Plan.read(plan).outcome.objective:,.0f} →" in ran.out
    assert "甲县 gets" in ran.out
    differences = pd.read_csv("diff/differences.csv")
    assert list(differences.columns) == ["kind", "key", "item", "before", "after", "change", "unit"]
    told = optimizer("compare", plan, "less", "--json", "--why", "B").json
    assert len(told["differences"]) == len(differences)
    assert told["groups"][0]["money_change"] == -70
    assert set(told["why"]) == {"B"}


def test_a_plan_beside_itself(optimizer, plan):
    ran = optimizer("compare", plan, plan)
    assert ran.status == 0
    assert "0 counties get more, 0 less" in ran.out
    assert optimizer("compare", plan, plan, "--json").json["differences"] == []


def test_a_plan_beside_last_year(optimizer, plan):
    ran = optimizer("compare", "last", plan, "--why", "A")
    assert ran.status == 0
    assert "beside last year's money" in ran.out
    assert "甲县 (A)" in ran.out


def test_a_baseline_that_is_not_there(optimizer, plan):
    ran = optimizer("compare", "factor", plan)
    assert ran.status == 2
    assert "factor" in ran.err


def test_a_baseline_named_last_is_told_where_it_goes(optimizer, plan):
    ran = optimizer("compare", plan, "factor")
    assert ran.status == 2
    assert f"optimizer compare factor {plan}" in ran.err


def test_an_unknown_county(optimizer, plan):
    ran = optimizer("compare", "last", plan, "--why", "C")
    assert ran.status == 2
    assert "'C' is not a county of the plan" in ran.err


def test_the_views_are_written_again(optimizer, plan, tmp_path):
    for name in ("plan.xlsx", "report.html"):
        (plan / name).unlink()
    assert optimizer("report", plan).status == 0
    assert "The audit holds" in (plan / "report.html").read_text(encoding="utf-8")
    assert (plan / "plan.xlsx").read_bytes().startswith(b"PK")
    assert optimizer("report", plan, "--out", tmp_path / "views", "--json").json["passed"] is True
    assert sorted(path.name for path in (tmp_path / "views").iterdir()) == ["plan.xlsx", "report.html"]
    assert optimizer("audit", plan).status == 0


def test_views_of_a_spoiled_plan_say_so(optimizer, plan):
    spoil(plan)
    ran = optimizer("report", plan)
    assert ran.status == 1
    assert "FAILS" in ran.out
    assert "The audit FAILS" in (plan / "report.html").read_text(encoding="utf-8")
