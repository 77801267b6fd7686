"""What must hold of any instance, whatever its numbers."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from numbers_alone import Value, value
from tiny_worlds import World, world

import optimizer as opt
from optimizer.engine.outcome import SolveError
from optimizer.instance.findings import InstanceError
from tests.extent import MORE

few = settings(max_examples=4 * MORE, derandomize=True, deadline=None, database=None,
               phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
fewest = settings(few, max_examples=2 * MORE)
seeds = st.integers(min_value=0, max_value=80)  # so few that properties share worlds, whose values are worked out once
SLACK = 1e-6
#: Rules that become harder to meet, or worth more, as budgets or candidates grow.
SCALING = {"share", "band"}


def drawn(seed: int, **options: object) -> World:
    """A small world that has a plan."""
    made = world(seed, few=True, **options)  # type: ignore[arg-type]
    assume(value(made).status == "optimal")
    return made


def without(made: World, kinds: set[str]) -> World:
    made.settings["rules"] = [rule for rule in made.settings["rules"] if rule["type"] not in kinds]
    return made


def changed(made: World, change: Callable[[World], None]) -> World:
    other = copy.deepcopy(made)
    change(other)
    return other


def no_worse(after: Value, before: Value) -> bool:
    """Fewer points, or as many and at least the coverage."""
    assert after.status == "optimal"
    if after.points < before.points - SLACK:
        return True
    slack = SLACK * max(1.0, abs(before.coverage)) + 2e-4  # points are held to 1e-6
    return after.points <= before.points + SLACK and after.coverage >= before.coverage - slack


def same(one: Value, other: Value) -> bool:
    return no_worse(one, other) and no_worse(other, one)


# -- more is not less


@few
@given(seed=seeds, more=st.sampled_from([1.0, 7.0, 40.0, 500.0]))
def test_more_budget_never_hurts_where_no_rule_scales_with_it(seed, more):
    made = without(world(seed, few=True), SCALING)
    made.settings["streams"]["central"]["least_spend"] = 0
    before = value(made)
    assume(before.status == "optimal")

    def richer(other: World) -> None:
        other.settings["streams"]["central"]["budget"] += more
        other.tables["budgets"][0]["amount"] += more

    assert no_worse(value(changed(made, richer)), before)


@few
@given(seed=seeds)
def test_leaving_out_a_rule_never_hurts(seed):
    made = drawn(seed, rules=2, soft=0.0)
    assume(made.settings["rules"])
    for n in range(len(made.settings["rules"])):
        assert no_worse(value(changed(made, lambda other, n=n: other.settings["rules"].pop(n))), value(made))


@few
@given(seed=seeds, by=st.sampled_from([0.1, 0.5, 0.9]))
def test_relaxing_a_rule_never_hurts(seed, by):
    made = drawn(seed, rules=2)
    ends = [(n, end) for n, rule in enumerate(made.settings["rules"]) for end in ("min", "max", "low", "high") if end in rule]
    assume(ends)

    def relaxed(other: World) -> None:
        for n, end in ends:
            rule = other.settings["rules"][n]
            rule[end] = min(1.0, rule[end] / by) if rule["type"] == "share" and end == "max" else (
                rule[end] / by if end in ("max", "high") else rule[end] * by)

    assert no_worse(value(changed(made, relaxed)), value(made))


@few
@given(seed=seeds)
def test_a_hard_rule_made_soft_never_hurts_beyond_its_points(seed):
    made = drawn(seed, rules=1, soft=0.0)
    assume(made.settings["rules"])
    softened = value(changed(made, lambda other: other.settings["rules"][0].update(price=1.0)))
    assert softened.points <= SLACK
    assert no_worse(softened, value(made))


# -- what is of no use changes nothing


@few
@given(seed=seeds)
def test_a_useless_project_changes_nothing(seed):
    made = without(drawn(seed), {"share"})  # a sector's share counts every project, of use or not
    idle = {"project": "IDLE", "county": "C0", "category": "work", "sector": "tea", "cost": 5.0, "cost+1": 0.0, "upkeep": 1.0,
            "own_share": 0.0, "delay": 0.0, "scalable": 0.0, "status": "free", "jobs": 3.0}
    made.settings["settings"]["unspent"] = "allow"  # nor does money find something to be spent on
    before = value(made)
    assert same(value(changed(made, lambda other: other.tables.setdefault("projects", []).append(idle))), before)


@few
@given(seed=seeds, how=st.sampled_from(["forbidden", "empty-handed"]))
def test_a_useless_pair_changes_nothing(seed, how):
    made = drawn(seed)
    pair = {"donor": "IDLE", "county": "C0", "fit": 0.9, "load": 1.0, "existing": 0.0, "least_support": 0.0,
            "status": "forbid" if how == "forbidden" else "free"}
    donor = {"donor": "IDLE", "money": 50.0 if how == "forbidden" else 0.0, "least_money": 0.0, "pairs_min": 0.0,
             "pairs_max": 1.0}

    def more(other: World) -> None:
        other.tables.setdefault("donors", []).append(donor)
        other.tables.setdefault("pairs", []).append(pair)

    made.tables["counties"][0]["partners_min"] = 0.0
    assume(value(made).status == "optimal")
    without_bands = without(made, SCALING)  # baselines scale with donors' money, useful or not
    assert same(value(changed(without_bands, more)), value(without_bands))


# -- units, order, files

MONEY = {"needs": ["unit_cost"], "tiers": ["unit_cost"], "budgets": ["amount", "least"], "baseline": ["money"],
         "projects": ["cost", "cost+1", "upkeep"], "donors": ["money", "least_money", "revenue"],
         "pairs": ["least_support", "most_support"]}


def in_yuan(made: World) -> World:
    """The same world with money in yuan instead of 10,000 yuan, the step with it."""
    other = copy.deepcopy(made)
    other.settings["money"] = {"unit": "yuan", "yuan": 1, "step": 10000}
    other.settings["streams"]["central"]["budget"] *= 10000
    for table, names in MONEY.items():
        for row in other.tables.get(table, []):
            for name in names:
                if name in row:
                    row[name] *= 10000
    for rule in other.settings["rules"]:
        if rule["type"] == "bound" and rule["of"]["sum"] in ("money", "support"):
            for end in ("min", "max"):
                if end in rule:
                    rule[end] *= 10000
            if "price" in rule:
                rule["price"] /= 10000
        elif rule["type"] in ("share", "band") and "price" in rule:
            rule["price"] /= 10000
    made.settings["money"] = {"unit": "10k_yuan", "yuan": 10000, "step": 1}
    return other


@few
@given(seed=seeds)
def test_money_in_another_unit_changes_nothing(seed):
    made = drawn(seed)
    assert same(value(in_yuan(made)), value(made))


def planned(made: World) -> opt.Plan:
    try:
        return opt.solve(made.instance())
    except (InstanceError, SolveError):
        assume(False)
        raise


TABLES = ("funds", "streams", "support", "pairings", "projects", "coverage", "unspent", "criteria", "rules")


@fewest
@given(seed=seeds)
def test_the_whole_plan_is_as_good_in_another_unit(seed):
    made = drawn(seed)
    one, other = planned(made), planned(in_yuan(made))
    assert one.outcome.objective == pytest.approx(other.outcome.objective, rel=1e-6)
    assert other.audit.passed
    assert (other.funds["money"] % 10000 == 0).all()


@fewest
@given(seed=seeds, order=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(seed, order):
    made = drawn(seed)
    rng = random.Random(order)

    def shuffle(other: World) -> None:
        for rows in other.tables.values():
            rng.shuffle(rows)

    shuffled = changed(made, shuffle)
    one, other = planned(made), planned(shuffled)
    for name in TABLES:
        assert one.tables[name].to_csv() == other.tables[name].to_csv(), name


@fewest
@given(seed=seeds)
def test_the_tables_reproduce_the_objective(seed):
    made = drawn(seed)
    plan = planned(made)
    weights = {name: need.get("weight", 1.0) for name, need in made.settings["needs"].items()}
    periods = made.settings["periods"]
    table = plan.coverage
    count = table["covered"] * table["need"].map(weights) * (table["period"].map(periods) if isinstance(periods, dict) else 1.0)
    assert count.sum() == pytest.approx(plan.criteria.set_index("criterion")["value"]["coverage"])
    soft = {rule["id"]: rule["price"] for rule in made.settings["rules"] if "price" in rule}
    points = (plan.rules["broken_by"].fillna(0.0) * plan.rules["rule"].map(soft).fillna(0.0)).sum()
    assert points == pytest.approx(plan.criteria.set_index("criterion")["value"]["broken"], abs=1e-6)
    paid = plan.funds[plan.funds["stream"].isin(["central", "local"])].groupby(["stream", "period"])["money"].sum()
    spent = plan.streams.groupby(["stream", "period"])["spent"].sum()
    assert paid[paid != 0].to_dict() == spent[spent != 0].to_dict()


@fewest
@given(seed=seeds, cut=st.sampled_from(["-10%", "+25%", "x0.5"]))
def test_a_scenario_and_a_change_equal_an_edited_file(seed, cut):
    made = drawn(seed)
    factor = {"-10%": 0.9, "+25%": 1.25, "x0.5": 0.5}[cut]
    named = changed(made, lambda other: other.settings.update(
        scenarios={"s": {"label": "another budget", "set": {"budget.central": cut, "projects.cost": "x2"}}}))
    edited = changed(made, lambda other: other.settings["streams"]["central"].update(
        budget=other.settings["streams"]["central"]["budget"] * factor))
    for row in edited.tables.get("projects", []):
        row["cost"] *= 2
    set_ = {"budget.central": cut, **({"projects.cost": "x2"} if made.tables.get("projects") else {})}
    if not made.tables.get("projects"):
        named.settings["scenarios"]["s"]["set"] = {"budget.central": cut}
    ways = [named.instance().scenario("s"), made.instance().with_(set_), edited.instance()]
    found = [value(one) for one in ways]
    assert found[0] == found[1] == found[2]
    for name, frame in ways[2].tables.items():
        pd.testing.assert_frame_equal(ways[0].tables[name], frame, check_dtype=False)
