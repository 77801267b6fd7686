"""How rules stand, by rows worked out by hand on the worked example."""

from __future__ import annotations

from fractions import Fraction

import pytest

from optimizer.plan.audit.books import Books
from optimizer.plan.audit.clauses import CLAUSES
from optimizer.plan.audit.exact import UnknownValueError
from optimizer.plan.audit.measure import Meter
from optimizer.plan.audit.report import Tallies
from optimizer.plan.audit.standing import TYPES
from optimizer.plan.audit.state import Tier, fill, work_out
from optimizer.plan.audit.tables import read_tables

CENTRAL = {"sum": "money", "stream": "central"}
LAST = [{"county": "A", "stream": "central", "money": 200}, {"county": "B", "stream": "central", "money": 100}]


def meter_of(case) -> Meter:
    data = case.instance.data
    tables = read_tables(case.tables, data, Tallies({name: unit for name, (unit, _) in CLAUSES.items()}))
    books = Books(data, tables)
    return Meter(books, work_out(books))


def standings(case, **rule):
    """Index, value, low and high of every row; None for a row that is off."""
    case.settings["rules"] = [{"id": "r", "sentence": "a rule", **rule}]
    meter = meter_of(case)
    given = meter.data.settings.rules[0]
    return {(s.names[1] or s.names[0]): None if s.off else (s.value, s.low, s.high) for s in TYPES[given.type](meter, given)}


@pytest.fixture
def wide(worked):
    """The worked example with columns to divide and group by, and last year's money."""
    worked.given("counties", "A", income=5000, rural_population=80000, region="east")
    worked.given("counties", "B", income=4000, rural_population=20000, region="west")
    worked.inputs["baseline"] = [dict(row) for row in LAST]
    return worked


def test_bound_per_county_over_the_horizon(wide):
    rows = standings(wide, type="bound", of={"sum": "money"}, each="county", per=["population"], periods="total", min=0.004)
    least = Fraction(4, 1000)
    assert rows == {"county=A": (Fraction(670, 100000), least, None), "county=B": (Fraction(350, 80000), least, None)}


def test_bound_per_people_counts_stocks_by_period_weight(wide):
    wide.settings["periods"] = {2026: 1, 2027: 0.5}
    rows = standings(wide, type="bound", of={"sum": "gap"}, each="need", per=["people"], periods="total", max=0.5)
    half = Fraction(1, 2)
    assert rows == {"need=water": (Fraction(600 + 150, 2400), None, half), "need=work": (Fraction("547.5") / 1050, None, half)}


def test_income_is_turned_into_money(wide):
    rows = standings(wide, type="bound", of={"sum": "money"}, per=["income", "population"], periods=[2026], max=0.01)
    assert rows == {"period=2026": (Fraction(560, 82000), None, Fraction(1, 100))}


def test_nothing_at_all_is_allowed_with_or_zero(wide):
    wide.settings["rules"] = [{"id": "r", "sentence": "a rule", "type": "bound", "min": 160, "or_zero": 1,
                               "of": {"sum": "money", "category": "infrastructure", "county": "B"}}]
    meter = meter_of(wide)
    some, none = TYPES["bound"](meter, meter.data.settings.rules[0])
    assert (some.value, some.broken_by, some.slack) == (150, 10, 0)
    assert (none.value, none.broken_by, none.slack) == (0, 0, None)


def test_filters_take_identifiers_lists_groups_and_conditions(wide):
    wide.settings["groups"] = {"poor": {"income": {"max": 4500}}}
    for county in ("B", ["B"], "poor", {"region": "west"}, {"income": {"min": 3000, "max": 4000}}):
        rows = standings(wide, type="bound", of={"sum": "money", "county": county}, periods="last", min=0)
        assert rows == {"period=2027": (110, 0, None)}


def test_projects_count_amounts_columns_and_cost_by_period(wide):
    wide.given("projects", "PA", jobs=7)
    wide.given("projects", "PB", jobs=2)
    of = {"sum": "projects", "column": "jobs"}
    assert standings(wide, type="bound", of=of, periods="total", min=0) == {"": (9, 0, None)}
    of = {"sum": "projects", "column": "cost", "sector": "tea"}
    assert standings(wide, type="bound", of=of, min=0) == {"period=2026": (90, 0, None), "period=2027": (10, 0, None)}


def test_share_of_each_sector_only_from_enough_candidates(wide):
    part = {"sum": "projects", "column": "cost"}
    rule = {"type": "share", "part": part, "whole": part, "part_each": "sector", "periods": "total", "max": "50%"}
    assert standings(wide, **rule, **{"from": 2}) == {"sector=tea": (100, None, 150)}
    assert standings(wide, **rule, **{"from": 3}) == {"sector=tea": None}
    by_region = {**rule, "each": "region", "from": 1}
    assert standings(wide, **by_region) == {"region=east;sector=tea": (0, None, 100), "region=west;sector=tea": (100, None, 50)}


def test_share_of_an_increase_only_where_there_is_one(wide):
    rule = {"type": "share", "part": {**CENTRAL, "county": "A"}, "whole": CENTRAL, "min": "55%", "increase_over": "last"}
    assert standings(wide, **rule) == {"period=2026": (60, 55, None), "period=2027": (90, 0, None)}
    wide.inputs["baseline"][0]["money"] = 300
    assert standings(wide, **rule) == {"period=2026": None, "period=2027": None}


def test_band_around_last_year_scaled_to_the_budget(wide):
    rule = {"type": "band", "of": CENTRAL, "to": "last", "each": "county", "low": 0.9, "high": 1.1}
    assert standings(wide, **rule)["county=A;period=2026"] == (260, 180, 220)
    scaled = standings(wide, **rule, scaled=1)
    assert scaled["county=A;period=2026"] == (260, 240, Fraction(880, 3))
    assert scaled["county=B;period=2027"] == (10, 90, 110)


def test_a_county_without_a_baseline_has_no_band(wide):
    del wide.inputs["baseline"][1]
    rows = standings(wide, type="band", of=CENTRAL, each="county", low=0.5, periods="total")
    assert rows == {"county=A": (550, 200, None), "county=B": None}


def test_the_whole_is_taken_before_its_parts(wide):
    wide.inputs["baseline"] += [{"county": "A", "stream": "central", "category": "industry", "money": 60},
                                {"county": "A", "stream": "central", "category": "infrastructure", "money": 90}]
    rule = {"type": "band", "each": "county", "low": 1, "periods": [2026]}
    assert standings(wide, of=CENTRAL, **rule)["county=A;period=2026"] == (260, 200, None)
    assert standings(wide, of={**CENTRAL, "category": "industry"}, **rule)["county=A;period=2026"] == (70, 60, None)
    wide.inputs["baseline"][0] = {"county": "A", "stream": "collaboration", "category": "industry", "money": 5}
    assert standings(wide, of={"sum": "money"}, **rule)["county=A;period=2026"] == (320, 155, None)


@pytest.mark.parametrize(("factor", "money"), [
    ({"column": "population", "weight": 1}, (222, 178)),
    ({"column": "income", "weight": 1, "direction": "low", "scale": "population"}, (0, 400)),
    ({"column": "partners_min", "weight": 1, "direction": "low", "scale": "population"}, (222, 178)),
])
def test_factor_method_by_largest_remainder(wide, factor, money):
    wide.settings["factor"] = {"streams": ["central"], "factors": [factor]}
    rows = standings(wide, type="band", of=CENTRAL, to="factor", each="county", low=1, periods=[2026])
    assert tuple(row[1] for row in rows.values()) == money


def test_a_tie_of_remainders_goes_to_the_earlier_county(wide):
    wide.settings["streams"]["central"]["budget"] = 401
    wide.settings["factor"] = {"factors": [{"column": "partners_min", "weight": 1}]}
    rows = standings(wide, type="band", of=CENTRAL, to="factor", each="county", low=1, periods=[2026])
    assert [row[1] for row in rows.values()] == [201, 200]


def test_a_blank_factor_is_an_error(wide):
    wide.given("counties", "B", income=float("nan"))
    wide.settings["factor"] = {"factors": [{"column": "income", "weight": 1}]}
    with pytest.raises(UnknownValueError, match=r"counties\.csv, B, column income"):
        standings(wide, type="band", of=CENTRAL, to="factor", each="county", low=1)


def test_pairs_that_end_and_new_ones_without_a_gain(wide):
    assert standings(wide, type="pairs", max_changed=1) == {"": (2, None, 1)}
    assert standings(wide, type="pairs", keep="all") == {"": (2, None, 0)}
    assert standings(wide, type="pairs", min_gain=0.1) == {"county=A": (1, None, 0)}
    assert standings(wide, type="pairs", min_gain=0.4) == {"county=A": (1, None, 0)}  # 0.8 is 0.4 + 0.4 exactly
    assert standings(wide, type="pairs", min_gain=0.41) == {"county=A": (1, None, 0), "county=B": (1, None, 0)}


def test_exit_by_largest_or_summed_gap(wide):
    rule = {"type": "exit", "needs": ["water", "work"], "threshold": "1.5%"}
    assert standings(wide, **rule) == {"county=A;period=2027": (1, 1, None), "county=B;period=2027": (1, 1, None)}
    rule["threshold"] = "1.4%"  # 280 of B, where 300 are without water
    assert standings(wide, **rule, by=2026) == {"county=A;period=2026": (1, 1, None), "county=B;period=2026": (0, 1, None)}
    rule["threshold"] = [{"where": {"region": "east"}, "value": "0.3%"}]
    assert standings(wide, **rule) == {"county=A;period=2027": (1, 1, None)}
    assert standings(wide, **rule, combine="sum", at_least=1, by=2026) == {"period=2026": (0, 1, None)}


def test_an_exit_that_stays_looks_ahead(worked):
    worked.given("counties", "A", rural_population=100000)
    worked.given("counties", "B", rural_population=100000)
    rule = {"type": "exit", "needs": ["work"], "threshold": "0.2%", "at_least": 1, "by": 2026}
    assert standings(worked, **rule) == {"period=2026": (1, 1, None)}  # B: 100 and 0 of 200 allowed
    worked.put("funds", "county == 'B' and category == 'industry' and period == 2027 and stream == 'collaboration'", money=1)
    worked.put("coverage", "county == 'B' and need == 'work' and period == 2027", direct_cost=1)
    worked.given("needs", "B/work", **{"people@2027": 402, "people@2026": 300})
    assert standings(worked, **rule) == {"period=2026": (0, 1, None)}
    assert standings(worked, **rule, stay=0) == {"period=2026": (1, 1, None)}


def test_the_worst_outcome_of_counties_regions_and_donors(wide):
    wide.given("donors", "D1", revenue=1000)
    equity = {"type": "equity", "equity": "maximin"}
    assert standings(wide, **equity, outcome="covered_share", min=0.1) == {"": (Fraction(11, 18), Fraction(1, 10), None)}
    west = Fraction(700 * 1000, 80000)
    assert standings(wide, **equity, outcome="gap_per_1000", over="region", max=100) == {"": (west, None, 100)}
    assert standings(wide, **equity, outcome="burden", over="donors", max=1) == {"": (Fraction(1, 5), None, 1)}  # D2 is left out
    assert standings(wide, **equity, outcome="money_per_head", min=0) == {"": (Fraction(350, 80000), 0, None)}
    wide.given("counties", "A", claim=700)
    assert standings(wide, **equity, outcome="loss", max=50) == {"": (30, None, 50)}


def test_money_fills_tiers_cheapest_first_and_people_are_whole():
    tiers = [Tier(Fraction(1, 2), Fraction(3)), Tier(Fraction(1, 4), Fraction(5))]
    assert fill(tiers, [], Fraction(11), 0, Fraction(100)) == ([0, 0], [5, 2])  # 5.5 and 2.75 people, rounded down
    assert fill(tiers, [], Fraction(11), 0, Fraction(17)) == ([0, 0], [5, 0])  # 2 are left, nobody for 5
    assert fill(tiers, [5, 2], Fraction(11), 6, Fraction(100)) == ([5, 0], [0, 0])  # built leaves room for 5
    assert fill(tiers, [2], Fraction(4), 0, Fraction(1)) == ([2, 0], [0, 0])
    assert fill([], [], Fraction(4), 1, Fraction(7)) == ([], [])


def test_people_fall_back_and_new_people_fill_the_cheap_tier_first(worked):
    worked.given("needs", "A/water", relapse=0.35)
    state = work_out(Books(worked.instance.data, meter_of(worked).books.tables))
    assert state["A", "water", 2027][1:4] == (65, 390, 370)  # 435 are free at 0.5, of whom 185 pays 370
