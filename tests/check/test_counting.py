"""Arithmetic that proves infeasibility, told in money and people; never where a plan exists."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.instance.counting import count
from optimizer.instance.counts.network import Network
from optimizer.instance.instance import Instance
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from tests.extent import MORE

SETTINGS = {
    "periods": [2026],
    "needs": {"water": {"category": "building"}},
    "categories": {"building": {}, "work": {}},
    "streams": {"central": {"budget": 1000}},
}


def instance(rules=(), streams=None, kinds=None, unspent="forbid", periods=(2026,), **tables):
    base = {
        "counties": pd.DataFrame({"county": ["A", "B"], "province": ["P", "Q"], "population": [1000.0, 2000.0]}),
        "needs": pd.DataFrame({"county": ["A", "B"], "need": "water", "people": [100.0, 200.0], "unit_cost": [4.0, 4.0]}),
    }
    chosen = {**SETTINGS, "rules": [{"sentence": "A rule", **r} for r in rules], "settings": {"unspent": unspent}}
    chosen |= {"periods": list(periods)} | ({"streams": streams} if streams else {}) | ({"needs": kinds} if kinds else {})
    return Instance.from_frames(settings=chosen, **{**base, **tables})


def errors(world):
    return [f.sentence() for f in count(world) if f.severity == "error"]


def only(world):
    found = errors(world)
    assert len(found) == 1, found
    return found[0]


def test_floors_above_the_budget():
    floor = {"id": "floor", "type": "bound", "of": {"sum": "money"}, "each": "county", "min": 600}
    assert only(instance([floor])) == (
        "settings, rules.floor: at least 1,200 万元 must be paid to 2 counties (A, B) (rule floor), but at most "
        "1,000 万元 can be (budget of central): 200 万元 too much is demanded. Lower floor, or raise what can be "
        "paid by 200 万元."
    )


def test_floors_above_one_scope_of_a_stream():
    floor = {"id": "floor", "type": "bound", "of": {"sum": "money", "stream": "local"}, "each": "county", "min": 90}
    budgets = pd.DataFrame({"stream": "local", "scope": ["province=P", "province=Q"], "period": 2026.0, "amount": [100.0, 80.0]})
    text = only(instance([floor], streams={"local": {}}, budgets=budgets))
    assert (
        "at least 90 万元 must be paid to county B (rule floor), but at most 80 万元 can be (budget of local for province=Q)"
        in text
    )


def test_floor_on_a_county_that_no_stream_reaches():
    floor = {"id": "floor", "type": "bound", "of": {"sum": "money"}, "each": "county", "min": 10}
    budgets = pd.DataFrame({"stream": ["local"], "scope": ["province=P"], "period": [2026.0], "amount": [100.0]})
    text = only(instance([floor], streams={"local": {}}, budgets=budgets))
    assert "must be paid to county B" in text and "at most 0 万元 can be (no budget, donor or use is open to it)" in text


def test_last_year_above_the_ceiling_of_another_baseline():
    rules = [
        {"id": "past", "type": "band", "of": {"sum": "money"}, "to": "last", "each": "county", "low": 0.9},
        {"id": "top", "type": "bound", "of": {"sum": "money"}, "each": "county", "max": 300},
    ]
    baseline = pd.DataFrame({"county": ["A", "B"], "money": [200.0, 400.0]})
    text = only(instance(rules, baseline=baseline))
    assert "rule past (0.9 × last year's) demands at least 360 万元 for county B, but rule top allows at most 300 万元" in text


def test_band_around_last_year_above_the_band_around_the_factor_method():
    rules = [
        {"id": "past", "type": "band", "of": {"sum": "money", "stream": "central"}, "to": "last", "each": "county", "low": 0.9},
        {
            "id": "near",
            "type": "band",
            "of": {"sum": "money", "stream": "central"},
            "to": "factor",
            "each": "county",
            "high": 1.3,
        },
    ]
    needs = pd.DataFrame({"county": ["A", "B"], "need": "water", "people": 900.0, "unit_cost": 4.0})
    baseline = pd.DataFrame({"county": ["A", "B"], "stream": "central", "money": [600.0, 100.0]})
    world = instance(rules, baseline=baseline, needs=needs)
    raw = {**world.raw_settings, "factor": {"factors": [{"column": "population", "weight": 1}], "streams": ["central"]}}
    world = Instance.from_frames(settings=raw, **{k: v for k, v in world.tables.items() if len(v)})
    text = only(world)
    assert "rule past (0.9 × last year's) demands at least 540 万元 for county A" in text
    assert "rule near (1.3 × the factor method's) allows at most 432.9 万元" in text


def test_least_spend_that_nothing_can_use():
    streams = {"central": {"budget": 5000, "least_spend": 0.8}}
    assert (
        "at least 4,000 万元 must be paid (least spend of central), but at most 1,202 万元 can be (what projects and direct "
        "support can use)" in only(instance(streams=streams))
    )
    assert errors(instance(streams=streams, unspent="allow")) == []


def test_locked_projects_above_the_money():
    projects = pd.DataFrame(
        {
            "project": ["X", "Y"],
            "county": "A",
            "category": "work",
            "cost": [700.0, 900.0],
            "own_share": [0.0, 0.5],
            "status": "lock",
        }
    )
    text = only(instance(projects=projects))
    assert (
        "at least 1,150 万元 must be paid to county A (locked projects), but at most 1,000 万元 can be (budget of central)"
        in text
    )


def test_guarantee_above_what_tiers_and_projects_reach():
    rule = {
        "id": "sure",
        "type": "bound",
        "of": {"sum": "covered", "need": "water"},
        "each": "county",
        "per": ["people"],
        "min": 0.9,
    }
    kinds = {"water": {"category": "building", "tiers": [{"width": 0.5}]}}
    projects = pd.DataFrame({"project": ["X"], "county": ["A"], "category": ["work"], "cost": [1.0]})
    effects = pd.DataFrame({"project": ["X"], "need": ["water"], "people": [45.0]})
    text = only(instance([rule], kinds=kinds, projects=projects, effects=effects))
    assert (
        "rules.sure: county B cannot reach what it demands for water: in B 180 of 200 people must be covered, but direct support "
        "reaches at most 100 and projects 0" in text
    )


def test_guarantee_that_costs_more_than_all_money():
    rule = {
        "id": "sure",
        "type": "bound",
        "of": {"sum": "covered", "need": "water"},
        "each": "county",
        "per": ["people"],
        "min": 0.9,
    }
    text = only(instance([rule]))
    assert (
        "at least 1,080 万元 must be paid to 2 counties (A, B) (coverage guaranteed by rule sure), but at most 1,000 万元 can be"
        in text
    )


def test_coverage_of_the_nation_that_costs_more_than_all_money():
    rule = {"id": "many", "type": "bound", "of": {"sum": "covered"}, "each": "all", "min": 290}
    projects = pd.DataFrame({"project": ["X"], "county": ["A"], "category": ["work"], "cost": [60.0], "status": ["lock"]})
    effects = pd.DataFrame({"project": ["X"], "need": ["water"], "people": [30.0]})
    text = only(instance([rule], projects=projects, effects=effects))
    assert (
        "demands that 290 people are covered in 2026, which costs at least 1,100 万元 with what is locked there, but at most "
        "1,000 万元 can be paid. Lower min, or raise what can be paid by 100 万元" in text
    )


def test_people_left_whatever_is_done():
    rule = {"id": "few", "type": "bound", "of": {"sum": "gap"}, "each": "province", "max": 60}
    kinds = {"water": {"category": "building", "tiers": [{"width": 0.5}]}}
    assert "allows at most 60 uncovered people in Q in 2026, but direct support and projects leave at least 100" in only(
        instance([rule], kinds=kinds)
    )


def test_exits_that_cannot_be():
    rule = {"id": "out", "type": "exit", "needs": ["water"], "per": "population", "threshold": "2%", "at_least": 2}
    kinds = {"water": {"category": "building", "tiers": [{"width": 0.5}]}}
    text = only(instance([rule], kinds=kinds))
    assert (
        "demands that 2 counties exit by 2026, but 2 counties (A, B) cannot: in B at least 100 people stay uncovered, and 40"
        in text
    )


def test_counties_of_one_province_against_the_districts_of_another():
    counties = pd.DataFrame(
        {"county": [f"Y{n:02}" for n in range(88)] + ["G0"], "province": ["云南省"] * 88 + ["甘肃省"], "partners_min": 1.0}
    )
    donors = pd.DataFrame(
        {
            "donor": [f"S{n:02}" for n in range(16)] + ["T"],
            "province": ["上海市"] * 16 + ["天津市"],
            "money": 100.0,
            "pairs_max": 4.0,
        }
    )
    blocs = [{"donors": {"province": a}, "counties": {"province": b}} for a, b in (("上海市", "云南省"), ("天津市", "甘肃省"))]
    world = Instance.from_frames(settings={**SETTINGS, "pairs": {"candidates": blocs}}, counties=counties, donors=donors)
    assert only(world) == (
        "counties: 88 counties of 云南省 (Y00, Y01, Y02, Y03 and 84 more) need 88 partners (partners_min of counties); the 16 "
        "donors eligible for them (S00, S01, S02, S03 and 12 more) take at most 64 (pairs_max of donors). Raise the limits of "
        "donors by 24 in all, widen the candidates, or lower partners_min."
    )


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("pairs_max", 1.0, "pairs_max of donors"),
        ("load_max", 1.5, "load_max of donors"),
        ("money", 70.0, "donors' money of 2026 over least supports"),
    ],
)
def test_what_limits_a_donor(column, value, why):
    counties = pd.DataFrame({"county": ["A", "B"], "partners_min": 1.0})
    donors = pd.DataFrame({"donor": ["D"], "money": [100.0]}).assign(**{column: value})
    pairs = pd.DataFrame({"donor": "D", "county": ["A", "B"], "least_support": 50.0})
    needs = pd.DataFrame({"county": ["A", "B"], "need": "water", "people": 900.0, "unit_cost": 4.0})
    found = errors(instance(counties=counties, donors=donors, pairs=pairs, needs=needs))
    assert any(
        f"2 counties (A, B) need 2 partners (partners_min of counties); the 1 donor eligible for them (D) takes at most 1 ({why})"
        in text
        for text in found
    )


def test_donors_that_must_give_more_than_they_can():
    counties = pd.DataFrame({"county": ["A", "B"]})
    donors = pd.DataFrame({"donor": ["D"], "money": [100.0], "least_money": [80.0], "pairs_max": [1.0]})
    pairs = pd.DataFrame({"donor": "D", "county": ["A", "B"], "most_support": [50.0, 60.0]})
    text = only(instance(counties=counties, donors=donors, pairs=pairs))
    assert "least_money of donors demands at least 80 万元, but most support of donors' pairs allows at most 60 万元" in text


def test_resources_of_locked_projects():
    projects = pd.DataFrame(
        {"project": ["X", "Y", "Z"], "county": "A", "category": "work", "cost": 1.0, "status": ["lock", "lock", "free"]}
    )
    uses = pd.DataFrame({"project": ["X", "Y", "Z"], "resource": "land", "amount": [4.0, 3.0, -2.0]})
    resources = pd.DataFrame({"resource": ["land"], "scope": ["all"], "capacity": [4.0], "unit": ["ha"]})
    text = only(instance(projects=projects, uses=uses, resources=resources))
    assert "'land' is used by locked projects (X, Y): at least 5 ha, but there are at most 4 ha" in text


def test_shares_that_add_up_to_more_than_the_whole_are_a_warning():
    whole = {"sum": "money"}
    rules = [
        {"id": "a", "type": "share", "part": {"sum": "money", "category": "work"}, "whole": whole, "min": 0.6},
        {"id": "b", "type": "share", "part": {"sum": "money", "category": "building"}, "whole": whole, "min": 0.5},
    ]
    projects = pd.DataFrame({"project": ["X"], "county": ["A"], "category": ["work"], "cost": [10.0]})
    (finding,) = count(instance(rules, projects=projects))
    assert (
        finding.severity == "warning"
        and "add up to 1.1: a 0.6, b 0.5; they hold together only where the whole is nothing" in finding.problem
    )


def test_shares_that_add_up_to_more_than_what_has_to_be_spent():
    whole = {"sum": "money", "stream": "central"}
    rules = [
        {"id": "a", "type": "share", "part": {**whole, "category": "work"}, "whole": whole, "min": 0.6},
        {"id": "b", "type": "share", "part": {**whole, "category": "building"}, "whole": whole, "min": 0.5},
    ]
    projects = pd.DataFrame({"project": ["X"], "county": ["A"], "category": ["work"], "cost": [500.0]})
    text = only(instance(rules, streams={"central": {"budget": 1000, "least_spend": 0.7}}, projects=projects))
    assert "add up to 1.1: a 0.6, b 0.5; at least 700 万元 of it have to be spent" in text


def test_soft_rules_only_warn():
    floor = {"id": "floor", "type": "bound", "of": {"sum": "money"}, "each": "county", "min": 600, "price": 2}
    (finding,) = count(instance([floor]))
    assert finding.severity == "warning" and "at least 1,200 万元 must be paid" in finding.problem


def test_decisions_above_the_budget():
    decided = pd.DataFrame(
        {"kind": "money", "county": ["A", "B"], "stream": "central", "decision": "least", "amount": [700.0, 600.0]}
    )
    needs = pd.DataFrame({"county": ["A", "B"], "need": "water", "people": 900.0, "unit_cost": 4.0})
    assert "at least 1,300 万元 must be paid to 2 counties (A, B) (decisions)" in only(
        instance(needs=needs).with_decisions(decided)
    )


def test_carried_money_counts_in_the_next_period():
    floor = {"id": "floor", "type": "bound", "of": {"sum": "money"}, "each": "all", "min": 110, "periods": [2027]}
    streams = {"central": {"budget": 100, "carry": 0.2}}
    assert errors(instance([floor], streams=streams, periods=(2026, 2027))) == []
    streams = {"central": {"budget": 100, "carry": 0.05}}
    assert "demands at least 110 万元 in 2027, but at most 105 万元 can be had" in only(
        instance([floor], streams=streams, periods=(2026, 2027))
    )


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_hoffman_conflicts_are_real_and_complete(seed):
    """The network has a conflict exactly if a linear program finds no circulation."""
    rng = np.random.default_rng(seed)
    size, arcs = int(rng.integers(3, 7)), int(rng.integers(3, 14))
    tail, head = rng.integers(0, size, arcs), rng.integers(0, size, arcs)
    lower = rng.choice([0.0, 0.0, 1.0, 2.5], arcs)
    upper = lower + rng.choice([0.0, 1.0, 3.0, np.inf], arcs)
    network = Network()
    network.block(size - 2)
    network.add(tail, head, lower, upper, "floor", "ceiling", "x")
    conflicts = network.conflicts()
    for conflict in conflicts:
        assert conflict.least > conflict.most
    rows = np.zeros((size, arcs + 1))
    np.add.at(rows, (np.append(tail, 1), np.arange(arcs + 1)), 1.0)
    np.add.at(rows, (np.append(head, 0), np.arange(arcs + 1)), -1.0)
    flow = milp(
        np.zeros(arcs + 1), constraints=LinearConstraint(rows, 0, 0), bounds=Bounds(np.append(lower, 0), np.append(upper, np.inf))
    )
    assert bool(conflicts) == (flow.status == 2)


@pytest.mark.parametrize("first", range(0, 20 * MORE, 10))
def test_whatever_counting_calls_impossible_the_solver_finds_infeasible(world, first):
    for seed in range(first, first + 10):
        made = world(seed)
        if not [f for f in count(made) if f.severity == "error"]:
            continue
        program = compile_numbers(build(made.data, pyomo=False)).program
        answer = milp(
            np.zeros(program.matrix.shape[1]),
            integrality=program.integer.astype(int),
            constraints=LinearConstraint(program.matrix, program.row_lower, program.row_upper),
            bounds=Bounds(program.col_lower, program.col_upper),
        )
        assert answer.status == 2, (seed, errors(made))


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_the_rows_of_a_table_says_nothing(turned):
    """The figures of a county are its own, wherever its row stands: A can be paid and B cannot, in both orders."""
    counties = pd.DataFrame({"county": ["A", "B"], "province": "P", "population": 1000.0, "flag": [1.0, 0.0]})
    floor = {"id": "floor", "type": "bound", "of": {"sum": "money", "county": "flagged"}, "each": "county", "min": 10}
    needs = pd.DataFrame({"county": ["A", "B"], "need": "water", "people": [100.0, 200.0], "unit_cost": [4.0, 4.0]})
    world = Instance.from_frames(
        settings={**SETTINGS, "groups": {"flagged": {"flag": 1}}, "settings": {"unspent": "allow"},
                  "streams": {"central": {"budget": 1000, "counties": "flagged"}}, "rules": [{"sentence": "A rule", **floor}]},
        counties=counties[::-1].reset_index(drop=True) if turned else counties, needs=needs)
    assert errors(world) == []
