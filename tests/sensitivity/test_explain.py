"""Why there is no plan: conflicts proved and smallest, ways out that work, what must be kept left alone."""

from __future__ import annotations

import importlib
import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import optimize
from tiny_worlds import world

import optimizer as opt
from optimizer.engine.elastic import released
from optimizer.engine.outcome import Outcome, SolveError, Status
from optimizer.sensitivity.explain import stated as stated_module
from optimizer.sensitivity.explain.clauses import named_clauses
from optimizer.sensitivity.explain.stated import Stated
from optimizer.sensitivity.explain.telling import sentences
from optimizer.sensitivity.explain.words import names_of
from tests.extent import few

FLOOR = {"id": "floor", "type": "bound", "sentence": "Every county gets at least 60", "of": {"sum": "money"}, "each": "county",
         "min": 60}
INDUSTRY = {"id": "industry", "type": "share", "sentence": "At least 40 % goes to industry", "min": "40%",
            "part": {"sum": "money", "category": "industry"}, "whole": {"sum": "money"}}
WATER = {"id": "water", "type": "bound", "sentence": "At least 70 get water in A", "min": 70,
         "of": {"sum": "covered", "need": "water", "county": "A"}}


def instance(rules=(), budget=100, counties=("A", "B"), **tables):
    settings = {
        "format": 1, "money": {"unit": "10k_yuan", "yuan": 10000, "label": "万元", "step": 1}, "periods": [2026],
        "needs": {"water": {"kind": "lasting", "category": "infra"}, "work": {"kind": "yearly", "category": "industry"}},
        "categories": {"infra": {}, "industry": {}}, "streams": {"central": {"budget": budget}, "pairing": {"kind": "pairing"}},
        "rules": list(rules), "pairs": {"candidates": "all"},
    }
    needs = pd.DataFrame([{"county": c, "need": k, "people": 100, "unit_cost": 1.0} for c in counties for k in ("water", "work")])
    frames = {"counties": pd.DataFrame({"county": counties, "population": 1000}), "needs": needs} | tables
    return opt.Instance.from_frames(settings=settings, **frames)


def members(found):
    return {frozenset(conflict.members) for conflict in found.found}


def works(way):
    """Whether a way out has a plan that passes its audit, made anew."""
    return opt.solve(way.instance).audit.passed


def test_conflicts_and_ways_out_of_three_rules_and_a_budget():
    found = opt.explain(instance([FLOOR, INDUSTRY, WATER]))
    assert found.feasible is False and found.complete
    assert members(found) == {frozenset({"rule.floor.min", "budget.central"}),
                              frozenset({"rule.industry.min", "rule.water.min", "budget.central"})}
    assert "120 万元" in found.reasons[0].problem
    assert list(found.conflicts.columns) == ["conflict", "rule", "index", "sentence"]
    assert list(found.ways_out.columns) == ["rank", "rule", "index", "from", "to", "change", "unit", "sentence"]
    assert found.ways[0].sets == (("budget.central", "130"),)  # 70 of water and 60 for B
    assert all(works(way) for way in found.ways)
    costs = [way.cost for way in found.ways]
    assert costs == sorted(costs) and costs[0] == pytest.approx(0.3)


def test_a_way_out_is_no_larger_than_it_must_be():
    """One step less of the budget, and there is no plan again."""
    for way in opt.explain(instance([FLOOR, INDUSTRY, WATER]), ways=1, plans=0).ways:
        assert opt.explain(way.instance.with_({"budget.central": "129"}), plans=0).feasible is False


def test_what_must_be_kept_is_left_alone():
    rules = [FLOOR, INDUSTRY, WATER | {"priority": "keep"}]
    found = opt.explain(instance(rules), keep=["budget.central"])
    assert found.ways
    assert all({"industry", "floor"} >= {change.rule for change in way.changes} for way in found.ways)
    assert all(works(way) for way in found.ways)
    assert opt.explain(instance([FLOOR | {"priority": "keep"}]), keep=["budget"]).ways == ()
    with pytest.raises(opt.InstanceError, match="floor"):
        opt.explain(instance([FLOOR]), keep=["floors"])


def test_bands_that_must_be_kept_grow_with_the_budget_they_are_stated_in():
    """A may have 60 % of whatever there is, and needs 70: the band stays as it is and 117 of money is enough."""
    band = {"id": "band", "type": "band", "sentence": "Between 80 % and 120 % of last year, with the budget", "to": "last",
            "each": "county", "low": 0.8, "high": 1.2, "scaled": True, "of": {"sum": "money"}, "priority": "keep"}
    last = pd.DataFrame([{"county": county, "stream": "central", "money": 50, "year": 2025} for county in ("A", "B")])
    found = opt.explain(instance([band, WATER | {"priority": "keep"}], budget=40, baseline=last))
    assert [way.sets for way in found.ways] == [(("budget.central", "117"),)]
    assert works(found.ways[0])


def test_bands_grow_with_the_budget_where_a_rule_begins_above_last_years():
    """Under twice the budget there is a rule more, on the increase; the band is stated in the budget all the same."""
    band = {"id": "band", "type": "band", "sentence": "Between 80 % and 120 % of last year, with the budget", "to": "last",
            "each": "county", "low": 0.8, "high": 1.2, "scaled": True, "of": {"sum": "money"}, "priority": "keep"}
    increase = {"id": "increase", "type": "share", "increase_over": "last", "sentence": "40 % of what is more goes to A",
                "min": "40%", "part": {"sum": "money", "stream": "central", "county": "A"},
                "whole": {"sum": "money", "stream": "central"}}
    last = pd.DataFrame([{"county": county, "stream": "central", "money": 50, "year": 2025} for county in ("A", "B")])
    found = opt.explain(instance([band, increase, WATER | {"priority": "keep"}], budget=90, baseline=last), ways=1)
    assert [way.sets for way in found.ways] == [(("budget.central", "117"),)]
    assert works(found.ways[0])


def test_a_lower_priority_gives_way_first_however_far():
    spending = {**FLOOR, "id": "spending", "each": "all", "min": 500, "sentence": "At least 500 are spent"}
    rules = [FLOOR | {"priority": 2}, spending]
    found = opt.explain(instance(rules, budget=200), keep=["budget.central"])
    assert [{change.rule for change in way.changes} for way in found.ways] == [{"spending"}]
    cheap = opt.explain(instance([FLOOR | {"priority": 2}, WATER], budget=110))
    assert [change.rule for change in cheap.ways[0].changes] == ["budget.central"]


def test_a_floor_gives_way_in_few_counties_alone():
    """A ceiling holds one county of four below the floor: the floor is eased there, and stands for the others."""
    ceiling = {**WATER, "id": "ceiling", "of": {"sum": "money", "county": "C"}, "sentence": "C gets at most 40", "max": 40,
               "priority": "keep"}
    del ceiling["min"]
    found = opt.explain(instance([FLOOR, ceiling], budget=300, counties=("A", "B", "C", "D")))
    way = found.ways[0]
    assert (way.changes[0].rule, way.changes[0].index) == ("floor", "county=C")
    assert "by 20 万元 in all" in way.changes[0].sentence
    plan = opt.solve(way.instance)
    money = plan.funds.groupby("county")["money"].sum()
    assert money["C"] == 40 and (money.drop("C") >= 60).all()


def test_the_same_rules_conflict_in_two_places_apart():
    ceiling = {**FLOOR, "id": "ceiling", "sentence": "No more than 40 for A and C", "max": 40,
               "of": {"sum": "money", "county": ["A", "C"]}}
    del ceiling["min"]
    found = opt.explain(instance([FLOOR, ceiling], budget=300, counties=("A", "B", "C")), plans=0)
    rows = found.conflicts[found.conflicts["rule"] == "floor"]
    assert sorted(zip(rows["conflict"], rows["index"], strict=True)) == [(1, "county=A;period=2026"), (2, "county=C;period=2026")]


def test_places_go_by_their_names():
    """Identifiers stand behind the names; one place alone is told without the keys of its row."""
    ceiling = {**FLOOR, "id": "ceiling", "sentence": "No more than 40 for A and C", "max": 40,
               "of": {"sum": "money", "county": ["A", "C"]}}
    del ceiling["min"]
    named = pd.DataFrame({"county": ["A", "B", "C"], "name": ["甲县", "乙县", "C"], "population": 1000})
    for counties, told in ((["A", "C"], "(in 2 counties: 甲县 (A), C)"), (["A"], "(甲县 (A), 2026)")):
        rules = [FLOOR, ceiling | {"of": {"sum": "money", "county": counties}, "priority": "keep"}]
        given = opt.Instance.from_frames(settings=dict(instance(rules, budget=300).raw_settings), counties=named,
                                         needs=instance(counties=("A", "B", "C")).tables["needs"])
        found = opt.explain(given, plans=0, ways=1)
        lines = sentences(found.conflicts, found.unsettled, names_of(given.data))
        assert any(line.endswith(told) for line in lines if line.startswith("  - floor")), lines
        assert len(counties) > 1 or "甲县 (A)" in found.ways[0].changes[0].sentence


def test_whole_numbers_alone_conflict():
    """Half of each of two exclusive projects would do, but a half cannot be built."""
    projects = pd.DataFrame({"project": ["PA", "PB"], "county": ["A", "B"], "category": "infra", "cost": 1.0, "exclusive": "x"})
    effects = pd.DataFrame({"project": ["PA", "PB"], "need": "water", "people": [100, 100]})
    half = WATER | {"id": "half", "of": {"sum": "covered", "need": "water"}, "each": "county", "min": 50, "sentence": "Half"}
    needs = pd.DataFrame({"county": ["A", "B"], "need": "water", "people": 100, "unit_cost": np.nan})
    found = opt.explain(instance([half], projects=projects, effects=effects, needs=needs))
    assert members(found) == {frozenset({"rule.half.min", "projects.exclusive"})}
    assert found.found[0].whole
    assert found.ways and all(works(way) for way in found.ways)


def test_partners_are_counted_in_whole_numbers():
    donors = pd.DataFrame({"donor": ["D1", "D2"], "money": 10.0, "pairs_min": 1})
    found = opt.explain(instance(counties=("A",), donors=donors))
    assert members(found) == {frozenset({"counties.partners_max", "donors.pairs_min"})}
    assert {way.sets for way in found.ways} >= {(("counties.partners_max[county=A]", "2"),)}
    assert all(works(way) for way in found.ways)


def test_a_feasible_instance_is_told_what_binds():
    found = opt.explain(instance([INDUSTRY]))
    assert found.feasible and not found.ways and not len(found.conflicts)
    first = found.binding.iloc[0]
    assert (first["rule"], first["worth"]) == ("budget.central", pytest.approx(1.0))


def test_faults_of_another_kind_are_not_explained():
    with pytest.raises(opt.InstanceError):
        opt.explain(instance([FLOOR | {"of": {"sum": "money", "stream": "nowhere"}}]))


def _has_point(program):
    found = optimize.milp(np.zeros(program.n_columns), integrality=program.integer.astype(int),
                          bounds=optimize.Bounds(program.col_lower, program.col_upper),
                          constraints=optimize.LinearConstraint(program.matrix, program.row_lower, program.row_upper))
    assert found.status in (0, 2)
    return found.status == 0


def _tightened(seed):
    """A tiny world with little money and high floors, drawn at random."""
    rng = np.random.default_rng(seed)
    made = world(seed, rules=3, soft=0.1, few=True).instance()
    made = made.with_({"budget.central": f"x{rng.choice([0.05, 0.2, 0.5])}"})
    for rule in made.settings.rules:
        if rule.type == "bound" and rule.min and rng.random() < 0.5:
            made = made.with_({f"rule.{rule.id}.min": "x3"})
    return made


@pytest.mark.parametrize("seed", few(1, [17, 27, 22, 34]))
def test_conflicts_of_random_instances_are_those_that_trying_every_set_finds(seed):
    made = _tightened(seed)
    stated = Stated.of(made)
    clauses = [one.clause for one in named_clauses(made, stated.program)]
    bad: list[frozenset[str]] = []
    for size in range(1, len(clauses) + 1):
        for chosen in itertools.combinations(clauses, size):
            names = frozenset(clause.name for clause in chosen)
            out = [clause for clause in clauses if clause.name not in names]
            if not any(known <= names for known in bad) and not _has_point(released(stated.program, out)):
                bad.append(names)
    found = opt.explain(made, ways=1, plans=0)
    assert bad and members(found) == set(bad)
    assert found.ways and all(way.proof == "whole" for way in found.ways)


@pytest.mark.parametrize("seed", few(1, [4, 16]))
def test_every_way_out_of_a_random_instance_has_a_plan(seed):
    made = _tightened(seed)
    found = opt.explain(made, ways=3)
    if found.feasible:
        assert opt.solve(made).audit.passed
        return
    assert found.ways
    assert all(way.plan is not None and way.plan.audit.passed for way in found.ways)


FAIR = {"id": "fair", "type": "equity", "sentence": "In every county at least 80 % are covered", "equity": "maximin",
        "outcome": "covered_share", "min": "80%"}
OUT = {"id": "out", "type": "exit", "sentence": "All counties leave poverty", "needs": ["water"], "per": "population",
       "threshold": "5%", "at_least": "all", "by": 2026}


def test_after_the_first_few_conflicts_those_that_share_a_rule_are_counted_only():
    """Six pairs of rules around one budget, and one pair apart from them."""
    rows = [(n, rule, "", f"What {rule} says") for n in range(1, 7) for rule in (f"r{n}", "budget.central")]
    rows += [(7, rule, "", f"What {rule} says") for rule in ("apart", "far")]
    told = sentences(pd.DataFrame(rows, columns=["conflict", "rule", "index", "sentence"]))
    assert [line.partition(":")[0] for line in told if line.startswith("Conflict")] == [f"Conflict {n}" for n in (1, 2, 3, 4, 7)]
    assert told[-1] == "2 more conflicts have a rule or limit of these in common with them: see conflicts.csv."


def test_an_equity_floor_is_lowered_to_what_money_reaches_rather_than_switched_off():
    """100 of money for 400 in need at 1 each: a quarter of every county's, if all is shared alike."""
    found = opt.explain(instance([FAIR]), keep=["budget.central"])
    (way,) = found.ways
    (change,) = way.changes
    assert (change.rule, change.before) == ("fair", 0.8)
    assert change.after == pytest.approx(0.25, abs=0.01) and change.after <= 0.25
    assert way.sets == (("rule.fair.min", f"{change.after:.12g}"),)
    assert "Lower the least of rule fair" in change.sentence and "80 %" in change.sentence
    assert way.cost == pytest.approx(1 - change.after / 0.8)
    assert works(way)
    with pytest.raises(opt.SolveError):  # and no further than it has to be
        opt.solve(instance([FAIR | {"min": change.after + 0.01}]))


def test_an_exit_rule_asks_for_the_counties_that_can_leave():
    """50 people may be left of 100 in need: 50 of money a county, which is there for two of three."""
    found = opt.explain(instance([OUT], counties=("A", "B", "C")), keep=["budget.central"])
    (way,) = found.ways
    assert way.sets == (("rule.out.at_least", "2"),)
    assert "for 2 counties in place of 3" in way.changes[0].sentence
    assert works(way)


def test_a_rule_of_which_nothing_can_be_held_is_switched_off():
    found = opt.explain(instance([OUT], budget=40, counties=("A", "B")), keep=["budget.central"])
    assert [way.sets for way in found.ways] == [(("rule.out.active", "false"),)]


def test_a_large_instance_is_eased_where_it_conflicts_and_nowhere_else(monkeypatch):
    """Twelve counties in six provinces; one of them cannot take what the floor gives it."""
    monkeypatch.setattr(stated_module, "SMALL", -1)
    names = [f"C{n}" for n in range(12)]
    counties = pd.DataFrame({"county": names, "population": 1000, "province": [f"P{n // 2}" for n in range(12)],
                             "takes": [50.0, *[200.0] * 11]})
    cap = {"id": "cap", "type": "bound", "sentence": "No county gets more than it takes", "of": {"sum": "money"}, "max": 1,
           "each": "county", "per": ["takes"], "priority": "keep"}
    base = instance(budget=5000, counties=names)
    settings = dict(base.raw_settings) | {"rules": [FLOOR, cap]}
    given = opt.Instance.from_frames(settings=settings, counties=counties, needs=base.tables["needs"])
    found = opt.explain(given, ways=1, plans=1)
    assert [set(one.members) for one in found.found] == [{"rule.floor.min", "rule.cap.max"}]
    (way,) = found.ways
    (change,) = way.changes
    assert (change.rule, change.index, change.before) == ("floor", "county=C0", 60)
    assert change.after == pytest.approx(50, abs=0.1)
    assert "in county C0" in change.sentence
    assert way.plan is not None and way.plan.audit.passed


def test_whether_a_large_instance_has_a_plan_may_stay_open(monkeypatch):
    """Nothing conflicts in its relaxation, and the search was stopped before it had a plan: that is told, not raised."""
    def stopped(*_, **__):
        raise SolveError("limit", Outcome(Status.LIMIT_WITHOUT_PLAN, np.nan, np.nan, np.inf, 0.0, 0, "max"))

    monkeypatch.setattr(stated_module, "SMALL", -1)
    monkeypatch.setattr(importlib.import_module("optimizer.sensitivity.explain.explain"), "solve", stopped)
    found = opt.explain(instance([FLOOR], budget=120))
    assert found.feasible is None and not found.complete and found.why_not.startswith("nothing conflicts while")
    assert not found.found and not found.ways and found.binding.empty


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("short", [2, 5])
def test_ways_out_of_a_large_instance_are_measured_in_the_whole(monkeypatch, kept, short):
    """Some provinces have 100 for two floors of 60; that the nation may spend no more than 715 shows in no part of it."""
    monkeypatch.setattr(stated_module, "SMALL", -1)
    names = [f"C{n}" for n in range(12)]
    counties = pd.DataFrame({"county": names, "population": 1000, "province": [f"P{n // 2}" for n in range(12)]})
    budgets = pd.DataFrame([{"stream": "central", "scope": f"province=P{n}", "period": 2026, "amount": 100 if n < short else 200}
                            for n in range(6)])
    most = {"id": "most", "type": "bound", "sentence": "The nation spends no more than 715", "of": {"sum": "money"}, "max": 715}
    base = instance(counties=names)
    settings = dict(base.raw_settings) | {"streams": {"central": {}},
                                          "rules": [FLOOR, most | ({"priority": "keep"} if kept else {})]}
    given = opt.Instance.from_frames(settings=settings, counties=counties, needs=base.tables["needs"], budgets=budgets)
    found = opt.explain(given, ways=2, plans=0)
    assert [set(one.members) for one in found.found] == [{"rule.floor.min", "budget.central"}] * short
    assert found.ways and all(way.proof == "relaxation" and works(way) for way in found.ways)
    assert [way.cost for way in found.ways] == sorted(way.cost for way in found.ways)
    rules = [{change.rule for change in way.changes} for way in found.ways]
    assert {"floor"} in rules and any("budget.central" in names and len(names) == 2 for names in rules)
    (floor,) = (change for way in found.ways for change in way.changes if {one.rule for one in way.changes} == {"floor"})
    assert floor.cost == pytest.approx(20 * short / 720)  # of the money that the floors ask for in all
