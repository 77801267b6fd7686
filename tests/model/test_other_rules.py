"""Rules on pairs, exits and equity; soft rules of every kind are priced by what they declared."""

from __future__ import annotations

import pytest
from small_cases import INF, case, rows

from optimizer.engine.outcome import Status

T2, T3 = [2026, 2027], [2026, 2027, 2028]
PAIRED = {
    "counties": rows("county", "A", "B"), "needs": rows("county,need,people,unit_cost", "A,work,1000,1", "B,work,1000,1"),
    "donors": rows("donor,money", "D,40", "E,30"),
    "pairs": rows("donor,county,fit,existing", "D,A,0.5,1", "D,B,0.7,0", "E,A,0.8,0", "E,B,0.6,1"),
}


def pairs(**rule):
    return case(PAIRED, rules=[{"type": "pairs", **rule}], streams={"central": {"budget": 0}})


@pytest.mark.parametrize(("rule", "low"), [({"max_changed": 1}, 1), ({"keep": "all"}, 2), ({"max_changed": 0}, 2)])
def test_few_existing_pairs_end(rule, low):
    stated = pairs(**rule)
    row = stated.row("rule_r_changed")
    assert row.terms == {"pair[D,A]": 1, "pair[E,B]": 1}
    assert (row.low, row.high) == (low, INF)


@pytest.mark.parametrize(("rule", "fit"), [({"max_changed": 2}, 0.7 + 0.8), ({"keep": "all"}, 0.5 + 0.6)])
def test_history_by_hand(rule, fit):
    assert pairs(**rule).best("fit_pairs").value == pytest.approx(fit)


def test_one_change_cannot_swap_two():
    """A turns to E for 0.8; then B must keep E for 0.6, though D would be worth 0.7."""
    assert pairs(max_changed=1).best("fit_pairs").value == pytest.approx(0.8 + 0.6)


@pytest.mark.parametrize(("gain", "barred"), [
    (0.05, {}), (0.1, {}), (0.2, {"B": ["D"]}), (0.3, {"B": ["D"]}), (0.31, {"A": ["E"], "B": ["D"]}),
])
def test_a_new_pair_needs_a_gain_compared_as_decimals(gain, barred):
    """Gains: E–A 0.8 − 0.5 = 0.3 (not 0.30000000000000004), D–B 0.7 − 0.6 = 0.1 (not 0.09999999999999998)."""
    stated = pairs(min_gain=gain)
    assert stated.names("rule_r_gain") == [f"rule_r_gain[{c}]" for c in barred]
    for county, donors in barred.items():
        assert stated.row(f"rule_r_gain[{county}]").terms == {f"pair[{d},{county}]": 1 for d in donors}
        assert stated.row(f"rule_r_gain[{county}]").high == 0


def test_soft_rules_on_pairs_are_priced():
    stated = pairs(keep="all", min_gain=0.4, price=2)
    assert stated.goal("broken") == {"broken_r_changed": 2, "broken_r_gain[A]": 2, "broken_r_gain[B]": 2}
    assert stated.row("rule_r_changed").terms["broken_r_changed"] == 1
    assert stated.row("rule_r_gain[A]").terms["broken_r_gain[A]"] == -1


# -- exit

POOR = {"counties": rows("county,rural_population,west", "A,1000,1", "B,1000,0", "C,1000,0"),
        "needs": rows("county,need,people,unit_cost", "A,water,50,1", "A,work,30,1", "B,water,40,1", "C,water,25,1")}


def exits(tables=None, periods=None, more=(), criterion=None, **rule):
    settings = {"periods": periods} if periods else {}
    return case({**POOR, **(tables or {})}, rules=[{"type": "exit", "threshold": 0.02, **rule}, *more], **settings)


def test_a_county_counts_as_exited_only_if_each_gap_is_small():
    stated = exits(at_least=1)
    assert stated.columns("exited") == ["exited[A,2026]", "exited[B,2026]", "exited[C,2026]"]
    row = stated.row("rule_r_counts[A,water,2026]")
    assert row.terms == {"reach[A,water,1,2026]": 1, "exited[A,2026]": -30}  # 50 people, 20 may stay
    assert (row.low, row.high) == (0, INF)
    assert stated.row("rule_r_counts[A,work,2026]").terms == {"reach[A,work,1,2026]": 1, "exited[A,2026]": -10}
    assert stated.row("rule_r_number[2026]").terms == {f"exited[{c},2026]": 1 for c in "ABC"}
    assert stated.row("rule_r_number[2026]").low == 1


def test_the_sum_of_gaps():
    stated = exits(at_least=1, combine="sum")
    assert stated.row("rule_r_counts[A,2026]").terms == {
        "reach[A,water,1,2026]": 1, "reach[A,work,1,2026]": 1, "exited[A,2026]": -60}


def test_only_the_needs_named():
    assert exits(at_least=1, needs=["work"]).names("rule_r_counts") == ["rule_r_counts[A,work,2026]"]


def test_a_county_with_few_in_need_has_exited_by_itself():
    stated = exits({"needs": rows("county,need,people,unit_cost", "A,water,20,1", "B,water,40,1", "C,water,25,1")}, at_least=1)
    assert stated.names("rule_r_counts") == ["rule_r_counts[B,water,2026]", "rule_r_counts[C,water,2026]"]


@pytest.mark.parametrize(("at_least", "spend"), [(1, 5), (2, 25), (3, 65), ("all", 65)])
def test_exits_by_hand(at_least, spend):
    """C needs 5 people covered, B 20, A 30 of water and 10 of work."""
    assert exits(at_least=at_least).best("spend").value == pytest.approx(spend, abs=1e-5)


def test_all_counties_have_a_row_each():
    stated = exits(at_least="all")
    assert stated.row("rule_r_all[B,2026]").terms == {"exited[B,2026]": 1}
    assert stated.row("rule_r_all[B,2026]").low == 1


@pytest.mark.parametrize(("at_least", "names"), [("all", ["rule_r_all[A,2026]"]), (1, ["rule_r_number[2026]"])])
def test_counties_that_no_threshold_names_are_left_out(at_least, names):
    stated = exits(at_least=at_least, threshold=[{"where": {"west": 1}, "value": 0.03}])
    assert stated.columns("exited") == ["exited[A,2026]"]
    assert stated.row("rule_r_counts[A,water,2026]").terms["exited[A,2026]"] == -20
    assert stated.names(names[0].partition("[")[0]) == names
    assert set(stated.row(names[0]).terms) == {"exited[A,2026]"}


def test_the_first_threshold_that_matches_counts():
    stated = exits(at_least=1, threshold=[{"where": {"west": 1}, "value": 0.03}, {"where": {"west": [0, 1]}, "value": 0.01}])
    assert stated.row("rule_r_counts[A,water,2026]").terms["exited[A,2026]"] == -20
    assert stated.row("rule_r_counts[B,water,2026]").terms["exited[B,2026]"] == -30


def test_by_a_period():
    stated = exits(at_least="all", by=2027, periods=T3)
    assert stated.names("rule_r_all") == [f"rule_r_all[{c},2027]" for c in "ABC"]


def test_exited_counties_stay_out():
    stated = exits(at_least=1, periods=T3)
    row = stated.row("exited_stays[A,2028]")
    assert row.terms == {"exited[A,2028]": 1, "exited[A,2027]": -1}
    assert (row.low, row.high) == (0, INF)
    assert stated.names("exited_stays") == [f"exited_stays[{c},{t}]" for c in "ABC" for t in (2027, 2028)]
    assert exits(at_least=1, periods=T3, stay=0).names("exited_stays") == []


YEARLY = {"needs": rows("county,need,people,unit_cost", "A,work,50,1", "B,work,50,1", "C,work,50,1")}


@pytest.mark.parametrize(("stay", "spend"), [(1, 90), (0, 30)])
def test_staying_out_of_a_yearly_need_costs_each_period(stay, spend):
    assert exits(YEARLY, at_least=1, by=2026, periods=T3, stay=stay).best("spend").value == spend


def test_rules_that_differ_in_staying_ask_each_what_it_asks():
    other = {"id": "s", "type": "exit", "threshold": 0.04, "stay": 0, "at_least": 0}
    stated = exits(YEARLY, at_least=1, by=2026, periods=T3, more=[other])
    assert stated.names("exited_stays") == []
    assert stated.row("rule_r_counts[A,work,2028,2026]").terms == {"reach[A,work,1,2028]": 1, "exited[A,2026]": -30}
    assert stated.row("rule_s_counts[A,work,2028]").terms == {"reach[A,work,1,2028]": 1, "exited[A,2028]": -10}
    assert stated.best("spend").value == 90


def test_a_soft_exit_is_missed_by_counties():
    stated = exits(at_least="all", price=5)
    assert stated.goal("broken") == {f"broken_r_all[{c},2026]": 5 for c in "ABC"}
    number = exits(at_least=3, price=5)
    assert number.goal("broken") == {"broken_r_number[2026]": 5}
    assert number.row("rule_r_number[2026]").terms["broken_r_number[2026]"] == 1


def test_the_criterion_exited_counts_county_periods():
    stated = exits(at_least=0, periods={2026: 1, 2027: 0.5})
    assert stated.goal("exited")["exited[B,2027]"] == 0.5
    assert stated.best("exited").value == pytest.approx(3 * 1.5)


# -- equity

UNEQUAL = {"counties": rows("county,province,population,claim", "A,P,1000,60", "B,P,1000,50", "C,Q,500,"),
           "needs": rows("county,need,people,unit_cost", "A,water,100,1", "B,water,100,2", "C,water,200,4")}


def equity(tables=None, periods=None, settings=None, **rule):
    more = {"periods": periods} if periods else {}
    whole = {"type": "equity", "equity": "maximin", "outcome": "covered_share", **rule}
    return case({**UNEQUAL, **(tables or {})}, rules=[whole], **more, **(settings or {}))


def test_every_unit_reaches_the_least_of_a_high_outcome():
    stated = equity(min=0.05)
    row = stated.row("rule_r[C]")
    assert row.terms == {"reach[C,water,1,2026]": pytest.approx(1 / 200)}
    assert (row.low, row.high) == (0.05, INF)
    assert stated.best().value == 50 + 5 + 10  # guarantees for 5 + 10 + 40 of money; the rest of the money goes to A
    assert equity(min=0.15).best().status is Status.INFEASIBLE  # 15 + 30 + 120 of money


def test_every_unit_stays_below_the_most_of_a_low_outcome():
    stated = equity(outcome="gap_per_1000", over="province", max=130)
    row = stated.row("rule_r[P]")
    assert row.terms == {"reach[A,water,1,2026]": -0.5, "reach[B,water,1,2026]": -0.5}
    assert row.high == 130 - 100
    assert stated.best().status is Status.INFEASIBLE  # Q has 200 of 500 in need, and 25 can be reached


def test_a_ceiling_on_a_high_outcome_asks_for_one_unit_below_it():
    stated = equity(max=0.2)
    assert stated.columns("some_r") == ["some_r[A]", "some_r[B]", "some_r[C]"]
    assert stated.row("rule_r_any").terms == {"some_r[A]": 1, "some_r[B]": 1, "some_r[C]": 1}
    assert stated.row("rule_r_any").low == 1
    tight = equity({"needs": rows("county,need,people,unit_cost", "A,water,10,1", "B,water,10,1", "C,water,10,1")}, max=0.2)
    assert tight.best().value == 22


def test_a_floor_on_a_low_outcome_asks_for_one_unit_above_it():
    easy = {"needs": rows("county,need,people,unit_cost", "A,water,10,1", "B,water,10,1", "C,water,10,1")}
    assert equity(easy, outcome="gap_per_1000", min=8).best().value == 26  # C: 4 of 500 is 8 of 1,000
    assert equity(easy, outcome="loss", min=45).best("spend").value == 0
    assert equity(easy, outcome="loss", min=45).best().value == 30


def test_a_floor_on_the_loss_is_not_met_by_calling_losses_larger():
    stated = equity({"needs": rows("county,need,people,unit_cost", "A,water,100,1", "B,water,100,1", "C,water,1,1")},
                    outcome="loss", min=45, settings={"streams": {"central": {"budget": 200}}})
    assert stated.best().value == 15 + 100 + 1  # A gets 15 of its 60


def test_units_without_a_denominator_are_left_out():
    stated = equity({"needs": UNEQUAL["needs"][:2]}, min=0.1)
    assert stated.names("rule_r") == ["rule_r[A]", "rule_r[B]"]


def test_a_soft_equity_rule_is_missed_once_by_the_worst_unit():
    stated = equity(min=0.3, price=10)
    assert stated.goal("broken") == {"broken_r": 10}
    assert all(stated.row(f"rule_r[{c}]").terms["broken_r"] == 1 for c in "ABC")
    # the worst-off as good as 100 of money can make them: 100x + 200x + 800x = 100
    assert stated.best("broken").value == pytest.approx(10 * (0.3 - 100 / 1100))


def test_loss_is_what_a_claim_lacks():
    stated = equity(outcome="loss", max=30)
    assert stated.columns("loss") == ["loss[A]", "loss[B]"]
    row = stated.row("loss_covers[A]")
    assert row.terms == {"loss[A]": 1, "transfer[central,A,infra,2026]": 1}
    assert (row.low, row.high) == (60, INF)
    assert stated.best("spend").value == 30 + 20


def test_burden_of_donors():
    stated = equity({"donors": rows("donor,money,revenue", "D,40,100", "E,40,"), "pairs": rows("donor,county", "D,A", "E,B")},
                    outcome="burden", over="donors", max=0.1)
    assert stated.names("rule_r") == ["rule_r[D]"]
    assert stated.row("rule_r[D]").terms == {"support[D,A,2026]": 0.01}


def test_an_outcome_of_some_counties_looks_at_those_only():
    own = {"outcomes": {"mine": {"of": {"sum": "money", "county": {"province": "P"}}, "better": "high"}}}
    stated = equity(outcome="mine", min=20, settings=own)
    assert stated.names("rule_r") == ["rule_r[A]", "rule_r[B]"]


def test_people_of_an_outcome_are_those_of_the_periods_it_names():
    own = {"outcomes": {"late": {"of": {"sum": "covered", "periods": "last"}, "per": ["people"], "better": "high"}}}
    stated = equity(outcome="late", min=0.1, settings=own, periods=T2)
    assert stated.row("rule_r[A]").terms == {"held[A,water,1,2027]": 0.01}
