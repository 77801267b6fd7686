"""The worked example of the format: its optimum by enumeration, its plan, its alternative and its scenario."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest
from enumeration import Enumeration, Expr, Statement, added, summed

import optimizer as opt

SETTINGS = {
    "format": 1, "title": "Two counties", "money": {"unit": "10k_yuan", "yuan": 10000, "label": "万元", "step": 1},
    "periods": [2026, 2027],
    "needs": {"water": {"kind": "lasting", "category": "infrastructure",
                        "tiers": [{"width": 0.5, "factor": 1}, {"width": 0.5, "factor": 2}]},
              "work": {"kind": "yearly", "category": "industry"}},
    "categories": {"infrastructure": {}, "industry": {}},
    "streams": {"central": {"budget": {2026: 400, 2027: 300}, "carry": "10%"}, "collaboration": {"kind": "pairing"}},
    "rules": [{"id": "industry", "type": "share", "sentence": "At least 40 % of central money goes to industry",
               "part": {"sum": "money", "stream": "central", "category": "industry"},
               "whole": {"sum": "money", "stream": "central"}, "min": "40%"}],
    "method": {"type": "single", "levels": [{"criterion": "coverage"}]},
    "scenarios": {"less": {"label": "Central money cut by a tenth", "set": {"budget.central": "-10%"}}},
}
TABLES = {
    "counties": "county,population,partners_min A,100000,1 B,80000,1",
    "needs": "county,need,people,relapse,unit_cost A,water,1000,0.1,0.5 B,water,600,0,0.5 A,work,400,,1 B,work,300,,1",
    "donors": "donor,money,pairs_max,sectors D1,100,1,tea D2,60,1,",
    "pairs": "donor,county,fit,existing D1,A,0.6,1 D1,B,0.8,0 D2,A,0.5,0 D2,B,0.4,1",
    "projects": "project,county,category,sector,cost,upkeep,partner_sector PA,A,infrastructure,,200,0, "
                "PB,B,industry,tea,90,10,tea",
    "effects": "project,need,people PA,water,600 PB,work,200",
}


def example(**changes):
    frames = {}
    for name, text in TABLES.items():
        header, *lines = (line.split(",") for line in text.split(" "))
        frames[name] = pd.DataFrame(lines, columns=header).replace("", None)
        for column in frames[name]:
            numeric = pd.to_numeric(frames[name][column], errors="coerce")
            if numeric.notna().any():
                frames[name][column] = numeric
    return opt.Instance.from_frames(settings={**copy.deepcopy(SETTINGS), **changes}, **frames)


def by_enumeration(budget=(400.0, 300.0), ended=2) -> float | None:
    """The example stated row by row, and every pairing and start gone through; ``ended``: existing pairs that may end."""
    s, T = Statement(), (0, 1)
    pair = {(d, i): s.whole("pair", d, i) for d in ("D1", "D2") for i in "AB"}
    start = {(p, t): s.whole("start", p, t) for p in ("PA", "PB") for t in T}
    given = {(d, i, t): s.real("support", d, i, t) for d, i in pair for t in T}
    money = {"D1": 100.0, "D2": 60.0}
    for d in money:
        s.most(summed(pair[d, i] for i in "AB"), 1)
    for i in "AB":
        s.equal(summed(pair[d, i] for d in money), 1)
    for (d, i, _), support in given.items():
        s.most(added((1, support), (-money[d], pair[d, i])), 0)
    for p in ("PA", "PB"):
        s.most(summed(start[p, t] for t in T), 1)
    for t in T:
        s.most(added((1, start["PB", t]), (-1, pair["D1", "B"])), 0)
    s.least(added((1, pair["D1", "A"]), (1, pair["D2", "B"])), 2 - ended)
    carried = s.real("carried", upper=0.1 * budget[0])
    goal: Expr = {}
    reached, spent = {}, {}
    for i, people, relapse in (("A", 1000, 0.1), ("B", 600, 0.0)):
        for t in T:
            parts = []
            for j in (0, 1):
                reach = s.real("reach", i, j, t, upper=people / 2)
                held = s.real("held", i, j, t, upper=people / 2)
                s.most(added((1, held), (-1, reach), (-(1 - relapse), {("held", i, j, t - 1): 1.0} if t else {})), 0)
                parts.append(held)
                spent[i, "infra", t] = added((1, spent.get((i, "infra", t), {})), (0.5 * (j + 1), reach))
            built = s.real("built", i, t, upper=people)
            effect = {("start", "PA", t): 600.0} if i == "A" else {}
            s.most(added((1, built), (-1, effect), (-(1 - relapse), {("built", i, t - 1): 1.0} if t else {})), 0)
            reached[i, t] = summed([*parts, built])
            s.most(reached[i, t], people)
            goal = added((1, goal), (1, reached[i, t]))
    for i, people in (("A", 400), ("B", 300)):
        for t in T:
            direct = s.real("work", i, t)
            built = s.real("hired", i, t)
            s.most(added((1, built), *((-200, start["PB", u]) for u in T if i == "B" and u <= t)), 0)
            s.most(added((1, direct), (1, built)), people)
            spent[i, "industry", t] = direct
            goal = added((1, goal), (1, direct), (1, built))
    spent["A", "infra", 0] = added((1, spent["A", "infra", 0]), (200, start["PA", 0]))
    spent["A", "infra", 1] = added((1, spent["A", "infra", 1]), (200, start["PA", 1]))
    spent["B", "industry", 0] = added((1, spent["B", "industry", 0]), (90, start["PB", 0]))
    spent["B", "industry", 1] = added((1, spent["B", "industry", 1]), (90, start["PB", 1]), (10, start["PB", 0]))
    for t in T:
        central = {(i, c): s.real("central", i, c, t) for i in "AB" for c in ("infra", "industry")}
        placed = {(i, c): s.real("placed", i, c, t) for i in "AB" for c in ("infra", "industry")}
        for i in "AB":
            s.equal(added((1, placed[i, "infra"]), (1, placed[i, "industry"]),
                          *((-1, given[d, i, t]) for d in money)), 0)
            for c in ("infra", "industry"):
                s.equal(added((1, central[i, c]), (1, placed[i, c]), (-1, spent[i, c, t])), 0)
        whole = summed(central.values())
        s.most(added((1, whole), (1 if t == 0 else -1, carried)), budget[t])
        s.least(added((1, central["A", "industry"]), (1, central["B", "industry"]), (-0.4, whole)), 0)
    enumeration = Enumeration(s, 10_000)
    assert enumeration.choices is not None
    return enumeration.best(goal)


@pytest.fixture(scope="module")
def plan():
    return opt.solve(example())


def test_the_optimum_is_that_of_the_enumeration(plan):
    assert by_enumeration() == pytest.approx(3035, abs=1e-4)
    assert plan.claims.levels[0].modelled_value == pytest.approx(3035)
    assert (plan.outcome.status, plan.outcome.objective, plan.outcome.bound) == ("optimal", 3035, pytest.approx(3035))
    assert plan.audit.passed


def test_both_donors_change_counties(plan):
    status = {(d, i): s for d, i, s in plan.pairings[["donor", "county", "status"]].itertuples(index=False)}
    assert status == {("D1", "A"): "ended", ("D1", "B"): "new", ("D2", "A"): "new", ("D2", "B"): "ended"}


def test_both_projects_start_in_the_first_year_and_nothing_is_carried(plan):
    assert plan.projects[["project", "start", "cost"]].to_numpy().tolist() == [["PA", 2026, 200.0], ["PB", 2026, 100.0]]
    assert (plan.streams["carried_out"] == 0).all()
    assert plan.streams["spent"].tolist() == [400.0, 300.0]


def test_the_rule_binds_in_the_first_year(plan):
    row = plan.rules.set_index("index").loc["period=2026"]
    assert (row["value"], row["min"], row["slack"], row["status"]) == (160, 160, 0, "holds")
    assert plan.rules["status"].eq("holds").all()


def test_coverage_by_year_and_by_need(plan):
    by_year = plan.coverage.groupby("period")["covered"].sum()
    assert by_year.to_dict() == {2026: 1270, 2027: 1765}
    water = plan.coverage[plan.coverage["need"] == "water"].set_index(["county", "period"])
    assert water["covered"].to_dict() == {("A", 2026): 700, ("A", 2027): 1000, ("B", 2026): 300, ("B", 2027): 300}
    assert water.loc[("A", 2027), ["carried", "built", "direct"]].tolist() == [90, 540, 370]


def test_support_is_all_that_donors_have(plan):
    assert plan.support["money"].tolist() == [100.0, 100.0, 60.0, 60.0]
    assert plan.support[["donor", "county"]].drop_duplicates().to_numpy().tolist() == [["D1", "B"], ["D2", "A"]]


def test_keeping_both_pairs_rules_the_project_out_and_gives_2735():
    keep = {"id": "keep", "type": "pairs", "sentence": "Pairs are kept", "keep": "all"}
    plan = opt.solve(example(rules=[*SETTINGS["rules"], keep]))
    assert by_enumeration(ended=0) == pytest.approx(2735, abs=1e-4)
    assert plan.claims.levels[0].modelled_value == pytest.approx(2735)
    assert plan.criteria.set_index("criterion")["value"]["coverage"] == 2735
    assert plan.projects["project"].tolist() == ["PA"]
    assert plan.audit.passed


def test_the_scenario_is_the_instance_with_its_changes():
    instance = example()
    less = opt.solve(instance.scenario("less"))
    assert less.claims.levels[0].modelled_value == pytest.approx(by_enumeration((360, 270)), abs=1e-4)
    assert less.claims.levels[0].modelled_value < 3035
    edited = copy.deepcopy(SETTINGS["streams"])
    edited["central"]["budget"] = {2026: 360, 2027: 270}
    same = opt.solve(example(streams=edited))
    for name in ("funds", "support", "pairings", "projects", "coverage", "rules"):
        pd.testing.assert_frame_equal(less.tables[name], same.tables[name])
    assert less.audit.passed
    assert np.isclose(less.streams["budget"].sum(), 630)
