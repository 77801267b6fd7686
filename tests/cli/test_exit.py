"""Each documented exit status, from real runs where a small one can bring it about."""

import importlib
import math
import signal

import pytest

from optimizer.engine import Outcome, SolveError, Status
from optimizer.instance.instance import read
from optimizer.plan import Claims, Plan


@pytest.fixture
def solver(monkeypatch):
    """Let solving end as a test wants it."""

    def ends(with_):
        def solve(instance, **_):
            if isinstance(with_, BaseException):
                raise with_
            return with_

        monkeypatch.setattr(importlib.import_module("optimizer.solve"), "solve", solve)

    return ends


def no_plan(status):
    return SolveError("It ended so.", Outcome(status, math.nan, math.inf, math.inf, 1.0, 0, "max"))


@pytest.mark.parametrize(("status", "code"), [
    (Status.FAILED, 1), (Status.UNBOUNDED, 2), (Status.INFEASIBLE, 3), (Status.LIMIT_WITHOUT_PLAN, 5),
])
def test_without_a_plan(optimizer, two, solver, status, code):
    solver(no_plan(status))
    ran = optimizer("solve", two)
    assert ran.status == code
    assert "It ended so." in ran.err
    assert not (two.parent / "plans").exists()
    told = optimizer("solve", two, "--json").json
    assert (told["status"], told["exit"]) == (str(status), code)


@pytest.mark.parametrize("status", [Status.LIMIT, Status.INTERRUPTED])
def test_stopped_with_a_plan(optimizer, two, plan, solver, status):
    read_back = Plan.read(plan)
    tables = read_back.tables
    claims = Claims(status=str(status), levels=read_back.claims.levels)
    solver(Plan.of(read_back.instance, tables, claims))
    ran = optimizer("solve", two, "--out", "it")
    assert ran.status == 4
    assert "a better plan may exist" in ran.out
    assert "no plan exceeds 3,035" in ran.out
    assert Plan.read("it").outcome.status == str(status)


def test_infeasible_by_counting_is_told_in_money(optimizer, two):
    with (two / "instance.yaml").open("a", encoding="utf-8") as settings:
        settings.write("groups: {}\n")
    ran = optimizer("solve", two, "--set", "pairs.least_support=90", "--set", "donors.money=10")
    assert ran.status in (2, 3)
    text = (two / "instance.yaml").read_text(encoding="utf-8").replace(
        "rules:\n", "rules:\n  - {id: floor, type: bound, sentence: A floor, each: county, min: 300,\n"
        "     of: {sum: money, stream: central}, periods: each}\n")
    (two / "instance.yaml").write_text(text, encoding="utf-8")
    ran = optimizer("solve", two)
    assert ran.status == 3
    assert "No plan can hold all hard rules; counting proves it" in ran.err
    assert "万元" in ran.err
    told = optimizer("solve", two, "--json").json
    assert (told["status"], told["exit"]) == ("infeasible", 3)
    assert told["findings"]
    assert optimizer("check", two).status == 2


def test_infeasible_by_proof_says_what_to_try(optimizer, two, solver):
    solver(no_plan(Status.INFEASIBLE))
    ran = optimizer("solve", two)
    assert "Hard rules: industry." in ran.err and "optimizer explain" in ran.err
    ran = optimizer("solve", two, "--set", "rule.industry.active=0")
    assert "No rule is active" in ran.err


def test_infeasible_by_the_solver_alone(optimizer, two):
    """Both counties want more than half of the people covered by one project that only one pair can bring."""
    (two / "projects.csv").write_text(
        "project,county,category,cost,requires,exclusive\nPA,A,infrastructure,1,,x\nPB,B,infrastructure,1,,x\n", encoding="utf-8")
    (two / "effects.csv").write_text("project,need,people\nPA,water,1000\nPB,water,600\n", encoding="utf-8")
    (two / "needs.csv").write_text("county,need,people,unit_cost\nA,water,1000,\nB,water,600,\nA,work,400,1\nB,work,300,1\n",
                                   encoding="utf-8")
    text = (two / "instance.yaml").read_text(encoding="utf-8").replace(
        "rules:\n", "rules:\n  - {id: each_some, type: bound, sentence: In each county half have water, each: county, min: 50%,\n"
        "     per: people, of: {sum: covered, need: water}, periods: last}\n")
    (two / "instance.yaml").write_text(text, encoding="utf-8")
    ran = optimizer("solve", two)
    assert ran.status == 3, ran.err
    assert "each_some" in ran.err


def test_the_inputs_fault(optimizer, two):
    (two / "needs.csv").write_text("county,need,people\nA,water,-5\nC,water,7\n", encoding="utf-8")
    ran = optimizer("solve", two)
    assert ran.status == 2
    assert "needs.csv, row 2" in ran.err
    told = optimizer("solve", two, "--json").json
    assert {"file", "row", "column", "value", "problem", "mend"} <= set(told["findings"][0])


def test_our_fault_is_one_sentence_and_the_traceback_for_those_who_ask(optimizer, two, solver):
    solver(RuntimeError("a wheel came\noff"))
    ran = optimizer("solve", two)
    assert ran.status == 1
    assert ran.err.strip().splitlines() == [
        "The optimizer failed (RuntimeError: a wheel came off). This is its fault, not yours; --verbose shows where."]
    told = optimizer("solve", two, "--verbose")
    assert told.status == 1
    assert "Traceback" in told.err


def test_ctrl_c_outside_the_solver_leaves_nothing(optimizer, two, solver):
    solver(KeyboardInterrupt())
    ran = optimizer("solve", two)
    assert ran.status == 5
    assert not (two.parent / "plans").exists()


def test_stopped_before_there_is_a_plan(optimizer, two, monkeypatch):
    def solve(instance, *, progress, should_stop):
        signal.raise_signal(signal.SIGINT)
        assert should_stop()
        raise no_plan(Status.LIMIT_WITHOUT_PLAN)

    monkeypatch.setattr(importlib.import_module("optimizer.solve"), "solve", solve)
    told = optimizer("solve", two, "--json")
    assert (told.status, told.json["status"]) == (5, "interrupted")
    assert "nothing was written" in told.err


def test_a_place_that_cannot_be_written(optimizer, two):
    (two.parent / "plans").write_text("a file", encoding="utf-8")
    ran = optimizer("solve", two)
    assert ran.status == 2
    assert "Traceback" not in ran.err
    assert "plans" in ran.err


def test_status_0_needs_no_patch(optimizer, two):
    assert read(two) is not None
    assert optimizer("solve", two).status == 0
