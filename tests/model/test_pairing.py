"""Partners, donors' limits and load, support along chosen pairs, locks, and what pairs are worth."""

from __future__ import annotations

import pytest
from small_cases import INF, case, rows

from optimizer.engine.outcome import Status

NEEDS = rows("county,need,people,unit_cost", "A,work,1000,1", "B,work,1000,2")
PAIRED = {
    "counties": rows("county", "A", "B"), "needs": NEEDS, "donors": rows("donor,money", "D,40", "E,30"),
    "pairs": rows("donor,county,fit", "D,A,0.1", "D,B,0.2", "E,A,0.3", "E,B,0.4"),
}
NO_BUDGET = {"central": {"budget": 0}}


def paired(streams=None, periods=None, **tables):
    return case({**PAIRED, **tables}, streams=streams or NO_BUDGET, periods=periods or [2026])


def test_pairs_are_whole_and_support_is_not():
    stated = paired()
    assert stated.column("pair[D,A]") == (0, 1, True)
    assert stated.column("support[D,A,2026]") == (0, 40, False)
    assert stated.program.switch[stated.program.column("support[D,A,2026]")] == stated.program.column("pair[D,A]")


def test_partners_of_a_county_lie_between_least_and_most():
    stated = paired(counties=rows("county,partners_min,partners_max", "A,1,2", "B,0,1"))
    assert stated.row("partners_of_county[A]").terms == {"pair[D,A]": 1, "pair[E,A]": 1}
    assert (stated.row("partners_of_county[A]").low, stated.row("partners_of_county[A]").high) == (1, 2)
    assert (stated.row("partners_of_county[B]").low, stated.row("partners_of_county[B]").high) == (-INF, 1)


@pytest.mark.parametrize(("limits", "value"), [("0,1", 55), ("0,2", 70), ("1,1", 55)])
def test_partners_by_hand(limits, value):
    """A turns money into people one to one, B two to one: with one partner a county D helps A, E helps B."""
    stated = paired(counties=rows("county,partners_min,partners_max", f"A,{limits}", f"B,{limits}"))
    assert stated.best().value == value


def test_a_county_that_must_be_paired_needs_a_candidate():
    stated = paired(counties=rows("county,partners_min", "A,0", "B,1"), pairs=rows("donor,county", "D,A"))
    assert stated.best().status is Status.INFEASIBLE


def test_counties_without_a_need_are_paired_all_the_same():
    stated = case({"counties": rows("county,partners_min", "A,1"), "donors": rows("donor", "D"),
                   "pairs": rows("donor,county,fit", "D,A,0.7")})
    assert stated.best("fit_pairs").value == 0.7
    assert stated.columns("support") == []


@pytest.mark.parametrize(("limits", "bounds", "value"), [(",1", (-INF, 1), 70), ("1,", (1, INF), 70), ("2,2", (2, 2), 70)])
def test_counties_of_a_donor(limits, bounds, value):
    stated = paired(donors=rows("donor,money,pairs_min,pairs_max", f"D,40,{limits}", "E,30,,"),
                    counties=rows("county,partners_max", "A,2", "B,2"))
    row = stated.row("counties_of_donor[D]")
    assert row.terms == {"pair[D,A]": 1, "pair[D,B]": 1}
    assert (row.low, row.high) == bounds
    assert stated.names("counties_of_donor") == ["counties_of_donor[D]"]
    assert stated.best().value == value


def test_load_fits_the_donors_capacity():
    stated = paired(donors=rows("donor,money,load_max", "D,40,3", "E,30,"),
                    pairs=rows("donor,county,load", "D,A,2", "D,B,1.5", "E,A,1", "E,B,1"))
    row = stated.row("load_of_donor[D]")
    assert row.terms == {"pair[D,A]": 2, "pair[D,B]": 1.5}
    assert (row.low, row.high) == (-INF, 3)
    chosen = stated.best().family("pair")
    assert not {"D,A", "D,B"} <= set(chosen)


def test_support_flows_only_along_a_chosen_pair_and_up_to_most():
    stated = paired(pairs=rows("donor,county,most_support", "D,A,25", "D,B,", "E,B,"))
    row = stated.row("support_most[D,A,2026]")
    assert row.terms == {"support[D,A,2026]": 1, "pair[D,A]": -25}
    assert (row.low, row.high) == (-INF, 0)
    assert stated.row("support_most[D,B,2026]").terms["pair[D,B]"] == -40
    assert stated.best().value == 25 + 15  # one partner each: D gives A 25 people, E gives B 15


def test_a_chosen_pair_carries_its_least_support():
    stated = paired(pairs=rows("donor,county,least_support,status", "D,A,5,", "D,B,18,lock"),
                    counties=rows("county,partners_max", "A,1", "B,1"))
    row = stated.row("support_least[D,B,2026]")
    assert row.terms == {"support[D,B,2026]": 1, "pair[D,B]": -18}
    assert (row.low, row.high) == (0, INF)
    assert stated.column("pair[D,B]") == (1, 1, True)
    assert stated.best().value == 22 + 9


def test_a_pair_that_cannot_carry_its_least_support_is_not_chosen():
    stated = paired(pairs=rows("donor,county,least_support,most_support", "D,A,10,0"))
    assert stated.columns("support") == []
    assert stated.best("fit_pairs").family("pair") == {}


def test_forbidden_pairs_are_not_chosen():
    stated = paired(pairs=rows("donor,county,status", "D,A,forbid", "D,B,free"))
    assert stated.column("pair[D,A]") == (0, 0, True)
    assert stated.best().value == 20


def test_a_donor_gives_between_its_commitment_and_its_money():
    stated = paired(donors=rows("donor,money,least_money", "D,40,10", "E,30,0"), periods=[2026, 2027])
    row = stated.row("donor_money[D,2027]")
    assert row.terms == {"support[D,A,2027]": 1, "support[D,B,2027]": 1}
    assert (row.low, row.high) == (10, 40)
    assert stated.row("donor_money[E,2026]").low == -INF
    assert stated.best("spend").value == 20


def test_money_may_differ_by_period():
    stated = paired(donors=rows("donor,money,money@2027", "D,40,10"), pairs=rows("donor,county", "D,A"), periods=[2026, 2027])
    assert stated.row("support_most[D,A,2027]").terms["pair[D,A]"] == -10
    assert stated.best().value == 50


def test_donors_limits_hold_without_candidates_too():
    assert paired(donors=rows("donor,money,least_money", "D,40,10"), pairs=[]).best().status is Status.INFEASIBLE
    assert paired(donors=rows("donor,money,pairs_min", "D,40,1"), pairs=[]).best().status is Status.INFEASIBLE


def test_support_is_placed_on_the_categories_of_its_stream():
    stated = paired(streams={"central": {"budget": 0}, "east": {"kind": "pairing", "categories": ["industry"]},
                             "help": {"kind": "pairing"}},
                    donors=rows("donor,money,stream", "D,40,east", "E,30,help"))
    row = stated.row("support_placed[east,A,2026]")
    assert row.terms == {"placed[east,A,industry,2026]": 1, "support[D,A,2026]": -1}
    assert (row.low, row.high) == (0, 0)
    assert stated.row("support_placed[help,A,2026]").terms["support[E,A,2026]"] == -1


def test_support_that_finds_nothing_to_do_is_not_given():
    stated = paired(streams={"central": {"budget": 50}, "east": {"kind": "pairing", "categories": ["infra"]}})
    assert stated.best().value == 50
    assert stated.best("fit").value == 0


def test_every_combination_is_a_candidate_if_the_instance_says_so():
    stated = case({**PAIRED, "pairs": rows("donor,county,fit", "D,A,0.5")}, pairs={"candidates": "all"}, streams=NO_BUDGET)
    assert stated.columns("pair") == ["pair[D,A]", "pair[D,B]", "pair[E,A]", "pair[E,B]"]


def test_fit_is_weighted_by_the_money_that_flows():
    stated = paired(counties=rows("county,partners_max", "A,2", "B,2"))
    assert stated.goal("fit") == {"support[D,A,2026]": 0.1, "support[D,B,2026]": 0.2, "support[E,A,2026]": 0.3,
                                  "support[E,B,2026]": 0.4}
    assert stated.goal("fit_pairs") == {"pair[D,A]": 0.1, "pair[D,B]": 0.2, "pair[E,A]": 0.3, "pair[E,B]": 0.4}
    assert stated.best("fit").value == pytest.approx(0.2 * 40 + 0.4 * 30)
    assert stated.best("fit_pairs").value == pytest.approx(1.0)


def test_disruption_counts_existing_pairs_that_end():
    stated = paired(pairs=rows("donor,county,existing", "D,A,1", "D,B,0", "E,B,1"),
                    donors=rows("donor,money,pairs_max", "D,40,1", "E,30,"))
    assert stated.goal("disruption") == {"pair[D,A]": -1, "pair[E,B]": -1, "": 2}
    assert stated.best("disruption").value == 0
