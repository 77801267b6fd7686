"""One planted fault for each clause: exactly that clause fails, and says where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from optimizer.plan.audit import CLAUSES

FAULTS: dict[str, Callable[[Any], None]] = {}
A26, B26 = "county == 'A' and period == 2026", "county == 'B' and period == 2026"


def fault(clause: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Name the clause that a planted fault breaks; several faults may break one."""
    def note(plant: Callable[[Any], None]) -> Callable[[Any], None]:
        FAULTS[f"{clause}:{plant.__name__}"] = plant
        return plant

    return note


# form


@fault("columns")
def money_column_missing(case):
    case.tables["funds"] = case.tables["funds"].drop(columns="money")


@fault("columns")
def table_missing(case):
    del case.tables["unspent"]


@fault("numbers")
def blank_money(case):
    case.put("funds", A26, money=float("nan"))


@fault("numbers")
def infinite_money(case):
    case.put("support", "donor == 'D1'", money=float("inf"))


@fault("identifiers")
def unknown_county(case):
    case.put("coverage", "county == 'B' and need == 'work' and period == 2026", county="C")


@fault("identifiers")
def unknown_period(case):
    case.put("support", "donor == 'D1' and period == 2027", period=2028)


@fault("keys")
def row_twice(case):
    case.add("funds", ("central", "A", "infrastructure", 2026, 190))


@fault("words")
def unknown_status(case):
    case.put("pairings", "donor == 'D1' and county == 'A'", status="gone")


# amounts


@fault("money_steps")
def half_a_step(case):
    """0.5 more of support and of placed money: whole in nothing but the sums that are checked elsewhere."""
    case.settings["money"]["step"] = 20
    case.drop("rules", "rule == 'half'")
    case.settings["rules"] = [rule for rule in case.settings["rules"] if rule["id"] != "half"]


@fault("whole_people")
def half_a_person(case):
    """600.5 people in need, of whom 300.5 are claimed to be reached: half a person too many, told by its own clause."""
    case.put("coverage", "county == 'B' and need == 'work' and period == 2026", built=200.5, covered=200.5, gap=99.5)


@fault("signs")
def negative_lapse(case):
    """401 paid of 400: the balance is kept by a negative lapse."""
    case.settings["streams"]["central"]["budget"][2026] = 399
    case.put("streams", "period == 2026", budget=399, lapsed=-1)


@fault("zero_rows")
def row_of_nothing(case):
    case.add("funds", ("central", "B", "infrastructure", 2027, 0))


# streams


@fault("stream_reach")
def pays_a_county_outside(case):
    case.settings["streams"]["central"]["counties"] = {"county": "A"}


@fault("stream_categories")
def pays_a_category_it_is_not_for(case):
    case.settings["streams"]["collaboration"]["categories"] = ["infrastructure"]


@fault("stream_rows")
def other_budget(case):
    case.put("streams", "period == 2026", budget=410)


@fault("stream_rows")
def stream_row_missing(case):
    case.drop("streams", "period == 2027")


@fault("stream_spent")
def spent_is_less(case):
    case.put("streams", "period == 2026", spent=399)


@fault("stream_budget")
def lapses_more_than_is_left(case):
    case.put("streams", "period == 2027", lapsed=1)


@fault("stream_budget")
def spends_more_than_the_budget(case):
    case.settings["streams"]["central"]["budget"][2026] = 390
    case.put("streams", "period == 2026", budget=390)


@fault("stream_carried_in")
def carried_in_from_nowhere(case):
    case.settings["streams"]["central"]["budget"][2027] = 290
    case.put("streams", "period == 2027", budget=290, carried_in=10)


@fault("stream_carry")
def carries_too_much(case):
    case.settings["streams"]["central"]["budget"] = {2026: 450, 2027: 250}
    case.put("streams", "period == 2026", budget=450, carried_out=50)
    case.put("streams", "period == 2027", budget=250, carried_in=50)


@fault("stream_carry")
def carries_beyond_the_horizon(case):
    case.settings["streams"]["central"]["budget"][2027] = 310
    case.put("streams", "period == 2027", budget=310, carried_out=10)


@fault("stream_least")
def spends_too_little(case):
    case.settings["streams"]["central"]["budget"][2026] = 1000
    case.put("streams", "period == 2026", budget=1000, lapsed=600)


@fault("support_placed")
def support_not_placed(case):
    """A second donor stream gives what is placed under the first."""
    case.settings["streams"]["second"] = {"kind": "pairing"}
    case.given("donors", "D1", stream="collaboration")
    case.given("donors", "D2", stream="second")


# accounts


@fault("account")
def money_from_nowhere(case):
    case.add("unspent", ("A", "industry", 2026, 0.5, "reserve"))


@fault("account")
def project_paid_twice_in_the_instance(case):
    """Direct support of one need is moved to another need of the same county, in another account."""
    case.settings["needs"]["work"]["category"] = "infrastructure"


@fault("reserve")
def reserve_of_a_whole_step(case):
    case.put("coverage", "county == 'A' and need == 'work' and period == 2026", direct_cost=69)
    case.put("coverage", "county == 'A' and need == 'work' and period == 2026", direct=69, covered=69, gap=331)
    case.add("unspent", ("A", "industry", 2026, 1, "reserve"))
    fewer_people(case)


@fault("unspent")
def unspent_though_forbidden(case):
    case.put("coverage", "county == 'A' and need == 'work' and period == 2026", direct_cost=69, direct=69, covered=69, gap=331)
    case.add("unspent", ("A", "industry", 2026, 1, "unspent"))
    fewer_people(case)


def fewer_people(case):
    """One person less of A, work, 2026 in every number that counts them."""
    case.put("criteria", "criterion == 'coverage'", value=3034, gap=1, gap_percent=100 / 3034)
    case.put("criteria", "criterion == 'gap'", value=1566)
    case.put("criteria", "criterion == 'coverage_share'", value=(2300 / 3200 + 734 / 1400) / 2)
    case.claims.update(objective=3034.0, gap=1.0)


# pairs


@fault("pair_candidates")
def no_candidate(case):
    case.inputs["pairs"] = [row for row in case.inputs["pairs"] if (row["donor"], row["county"]) != ("D2", "A")]


@fault("pair_locks")
def locked_but_not_chosen(case):
    case.given("pairs", "D2/B", status="lock")
    case.put("pairings", "donor == 'D2' and county == 'B'", locked=1)


@fault("pair_forbids")
def forbidden_but_chosen(case):
    case.given("pairs", "D2/A", status="forbid")


@fault("pair_status")
def new_pair_called_kept(case):
    case.put("pairings", "donor == 'D2' and county == 'A'", status="kept")


@fault("pair_status")
def ended_pair_not_listed(case):
    case.drop("pairings", "status == 'ended' and donor == 'D1'")


@fault("pair_columns")
def other_fit(case):
    case.put("pairings", "donor == 'D1' and county == 'B'", fit=0.9)


@fault("pair_columns")
def other_money_of_a_pair(case):
    case.put("pairings", "donor == 'D1' and county == 'B'", money=199)


@fault("partners")
def too_few_partners(case):
    case.given("counties", "A", partners_min=2, partners_max=2)


@fault("partners")
def too_many_partners(case):
    case.given("counties", "B", partners_min=0, partners_max=0)


@fault("donor_pairs")
def too_few_counties(case):
    case.given("donors", "D1", pairs_min=2, pairs_max=2)


@fault("donor_load")
def overloaded(case):
    case.given("donors", "D1", load_max=0.5)


@fault("support_pairs")
def support_without_a_pair(case):
    """D1 gives B in 2027 what is said to come from D2, which is not paired with B."""
    case.put("support", "donor == 'D1' and period == 2027", money=50)
    case.add("support", ("D2", "B", 2027, 50))
    case.given("donors", "D2", money=110)
    case.put("pairings", "donor == 'D1' and county == 'B'", money=150)
    case.put("pairings", "donor == 'D2' and county == 'B'", money=50)
    case.put("criteria", "criterion == 'fit'", value=220 - 0.4 * 50)


@fault("support_limits")
def below_the_least_support(case):
    case.given("pairs", "D2/A", least_support=61)


@fault("support_limits")
def above_the_most_support(case):
    case.given("pairs", "D2/A", most_support=59)


@fault("donor_money")
def gives_more_than_it_has(case):
    """D2 gives 10 to B as well, though its 60 are with A."""
    case.given("counties", "B", partners_max=2)
    case.given("donors", "D2", pairs_max=2)
    case.put("support", "donor == 'D1' and period == 2026", money=90)
    case.add("support", ("D2", "B", 2026, 10))
    case.put("pairings", "donor == 'D1' and county == 'B'", money=190)
    case.put("pairings", "donor == 'D2' and county == 'B'", status="kept", money=10)
    case.put("criteria", "criterion == 'fit'", value=216)
    case.put("criteria", "criterion == 'fit_pairs'", value=1.7)
    case.put("criteria", "criterion == 'disruption'", value=1)
    case.put("rules", "rule == 'change'", value=1, slack=1)


@fault("donor_least")
def gives_less_than_it_must(case):
    case.given("donors", "D2", least_money=61)


# projects


@fault("project_starts")
def starts_too_early(case):
    case.given("projects", "PB", starts="2027")


@fault("project_amounts")
def amount_below_least(case):
    case.given("projects", "PA", scalable=1, least=2, most=3)


@fault("project_amounts")
def amount_above_most(case):
    case.given("projects", "PA", scalable=1, least=0, most=0.5)


@fault("project_locks")
def locked_but_not_started(case):
    case.inputs["projects"].append({"project": "PD", "county": "A", "category": "industry", "cost": 5, "status": "lock"})


@fault("project_forbids")
def forbidden_but_started(case):
    case.given("projects", "PB", status="forbid")


@fault("project_requires")
def prerequisite_not_started(case):
    case.given("projects", "PB", requires="PA;PC")


@fault("project_exclusive")
def two_of_a_group(case):
    case.given("projects", "PB", exclusive="one")


@fault("project_partners")
def no_partner_in_the_sector(case):
    case.given("donors", "D1", sectors="steel")


@fault("project_columns")
def other_sector(case):
    case.put("projects", "project == 'PB'", sector="steel")


@fault("project_cost")
def other_cost(case):
    case.put("projects", "project == 'PB'", cost=99)


@fault("project_cost")
def tail_left_out(case):
    case.given("projects", "PA", **{"cost+2": 7})


@fault("resources")
def too_little_land(case):
    case.inputs["resources"][0]["capacity"] = 2


@fault("resources")
def partner_brings_too_few_teachers(case):
    case.inputs["brings"][0]["amount"] = 2


# coverage


@fault("coverage_rows")
def row_missing(case):
    case.drop("coverage", "county == 'B' and need == 'work' and period == 2026")


@fault("coverage_rows")
def other_people(case):
    case.put("coverage", "county == 'B' and need == 'work' and period == 2026", people=301)


@fault("direct_support")
def no_unit_cost(case):
    """Money to B, work, where nothing is known of what it costs: nobody is reached by it."""
    case.given("needs", "B/work", unit_cost=float("nan"))
    case.put("coverage", "county == 'B' and need == 'work' and period == 2027", direct=0, covered=200, gap=100)
    case.put("criteria", "criterion == 'coverage'", value=2935, gap=100, gap_percent=100 * 100 / 2935)
    case.put("criteria", "criterion == 'gap'", value=1665)
    case.put("criteria", "criterion == 'coverage_share'", value=(2300 / 3200 + 635 / 1400) / 2)
    case.claims.update(objective=2935.0, gap=100.0)
    worst = 1000 / 1800
    case.put("criteria", "criterion == 'worst'", value=worst)
    case.put("rules", "rule == 'worst'", value=worst, slack=worst - 0.3)


@fault("coverage_built")
def built_too_many(case):
    case.put("coverage", "county == 'B' and need == 'work' and period == 2026", built=201, covered=201, gap=99)


@fault("coverage_carried")
def nobody_relapses(case):
    case.put("coverage", "county == 'A' and need == 'water' and period == 2027", carried=100, direct=360)
    case.put("coverage", "county == 'A' and need == 'water' and period == 2027", direct=370, covered=1010, gap=-10)
    case.put("coverage", "county == 'A' and need == 'water' and period == 2027", carried=89, covered=999, gap=1)


@fault("coverage_direct")
def reached_too_many(case):
    case.put("coverage", "county == 'B' and need == 'water' and period == 2026", direct=301, covered=301, gap=299)


@fault("coverage_sums")
def covered_is_not_the_sum(case):
    case.put("coverage", "county == 'B' and need == 'water' and period == 2026", covered=310, gap=290)


# decisions


@fault("decided_pairs")
def accepted_pair_not_chosen(case):
    case.decisions = [{"kind": "pair", "donor": "D2", "county": "B", "decision": "accept"}]


@fault("decided_pairs")
def forbidden_pair_chosen(case):
    case.decisions = [
        {"kind": "pair", "donor": "D2", "county": "A", "decision": "accept", "round": 1},
        {"kind": "pair", "donor": "D2", "county": "A", "decision": "forbid", "round": 2},
    ]


@fault("decided_projects")
def forbidden_project_started(case):
    case.decisions = [{"kind": "project", "project": "PB", "decision": "forbid"}]


@fault("decided_money")
def other_than_set(case):
    case.decisions = [{"kind": "money", "stream": "central", "county": "A", "period": 2026, "decision": "set", "amount": 250}]


@fault("decided_money")
def less_than_decided(case):
    case.decisions = [{"kind": "money", "county": "B", "decision": "least", "amount": 351}]


@fault("decided_money")
def more_than_decided(case):
    case.decisions = [{"kind": "money", "category": "industry", "decision": "most", "amount": 434}]


# rules


@fault("known_values")
def baseline_of_a_stream_unknown(case):
    """A factor plan over a blank column: nothing can be said about the band."""
    case.settings["factor"] = {"streams": ["central"], "factors": [{"column": "income", "weight": 1}]}
    case.rule(id="like", type="band", of={"sum": "money", "stream": "central"}, to="factor", each="county", low=0.5)


@fault("rule_rows")
def rule_row_missing(case):
    case.drop("rules", "rule == 'water' and index == 'county=B'")


@fault("rule_rows")
def rule_row_of_no_rule(case):
    case.add("rules", ("unheard", "", "", 1, "", 1, 1, float("nan"), 0, 0, "holds"))


@fault("rule_rows")
def soft_rule_called_hard(case):
    case.put("rules", "rule == 'floor'", hard=1)


@fault("rule_values")
def other_value(case):
    case.put("rules", "rule == 'industry' and index == 'period=2027'", value=176)


@fault("rule_limits")
def other_limit(case):
    case.put("rules", "rule == 'steady' and index == 'county=A;period=2026'", max=500)


@fault("rule_slack")
def other_slack(case):
    case.put("rules", "rule == 'industry' and index == 'period=2027'", slack=56)


@fault("rule_broken_by")
def broken_by_less(case):
    case.put("rules", "rule == 'floor' and index == 'period=2026'", broken_by=1)


@fault("rule_status")
def broken_called_holding(case):
    case.put("rules", "rule == 'floor' and index == 'period=2026'", status="holds")


@fault("rule_status")
def inactive_called_holding(case):
    case.put("rules", "rule == 'dead'", status="holds")


@fault("rule_hard")
def hard_rule_broken(case):
    case.put("rules", "rule == 'half'", status="broken")


@fault("rule_hard")
def rounding_of_people(case):
    """A guarantee in people is never called rounded."""
    rules = {rule["id"]: rule for rule in case.settings["rules"]}
    rules["water"]["min"] = 0.75
    case.put("rules", "rule == 'water' and index == 'county=A'", min=0.75, slack=0.25)
    case.put("rules", "rule == 'water' and index == 'county=B'", min=0.75, slack=0, broken_by=0.25, status="broken")


@fault("rule_rounding")
def rounding_by_more_than_a_step(case):
    rules = {rule["id"]: rule for rule in case.settings["rules"]}
    rules["half"]["min"] = 71.5
    case.put("rules", "rule == 'half'", min=71.5, broken_by=1.5)


# criteria


@fault("criterion_rows")
def objective_missing(case):
    case.put("criteria", "criterion == 'coverage'", role="indicator")


@fault("criterion_rows")
def unknown_criterion(case):
    case.put("criteria", "criterion == 'fit'", criterion="fitness")


@fault("criterion_rows")
def other_sense(case):
    case.put("criteria", "criterion == 'gap'", sense="max")


@fault("criterion_values")
def other_criterion_value(case):
    case.put("criteria", "criterion == 'fit'", value=221)


@fault("criterion_bounds")
def bound_below_the_value(case):
    case.put("criteria", "criterion == 'coverage'", bound=3034)
    case.claims["bound"] = 3034.0


@fault("criterion_gaps")
def gap_too_small(case):
    case.put("criteria", "criterion == 'coverage'", bound=3040, gap=5, gap_percent=0.1)
    case.claims.update(bound=3040.0, gap=5.0)


@fault("criterion_baselines")
def other_spending_last_year(case):
    case.put("criteria", "criterion == 'spend'", last=601)


# claims


@fault("claimed_objective")
def other_objective(case):
    case.claims["objective"] = 3036.0


@fault("claimed_status")
def optimal_without_a_bound(case):
    nan = float("nan")
    case.put("criteria", "criterion == 'coverage'", bound=nan, gap=nan, gap_percent=nan)
    case.claims.update(bound=None, gap=None)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught_by_its_clause_alone(rich, name):
    FAULTS[name](rich)
    report = rich.audit()
    clause = name.split(":")[0]
    assert {check.clause: check.where for check in report.failures}.keys() == {clause}, [c.sentence() for c in report.failures]
    assert not report.passed
    assert report[clause].where
    assert report[clause].worst < 0


def test_every_clause_has_a_planted_fault():
    assert {name.split(":")[0] for name in FAULTS} == set(CLAUSES)
