"""The worked example of the format passes, with the values that the format names."""

from __future__ import annotations

from fractions import Fraction

import pytest

from optimizer.plan.audit import CLAUSES
from optimizer.plan.audit.books import Books
from optimizer.plan.audit.clauses import CLAUSES as UNITS
from optimizer.plan.audit.criteria import Criteria
from optimizer.plan.audit.measure import Meter
from optimizer.plan.audit.report import Tallies
from optimizer.plan.audit.state import work_out
from optimizer.plan.audit.tables import read_tables


def books_of(case):
    """The case as the clauses read it."""
    data = case.instance.data
    tables = read_tables(case.tables, data, Tallies({name: unit for name, (unit, _) in UNITS.items()}))
    return Books(data, tables)


def test_the_worked_plan_passes(worked):
    report = worked.audit()
    assert report.failures == ()
    assert report.passed


def test_the_enriched_plan_passes_and_uses_every_clause_but_three(rich):
    report = rich.audit()
    assert [check.sentence() for check in report.failures] == []
    unused = {check.clause for check in report.checks if check.count == 0}
    assert unused == {"reserve", "unspent", "decided_pairs", "decided_projects", "decided_money"}


def test_every_clause_is_reported_once(worked):
    assert [check.clause for check in worked.audit().checks] == list(CLAUSES)


@pytest.mark.parametrize(("key", "state"), [
    (("A", "water", 2026), (0, 600, 100)), (("A", "water", 2027), (90, 540, 370)),
    (("B", "water", 2026), (0, 0, 300)), (("B", "water", 2027), (300, 0, 0)),
    (("A", "work", 2026), (0, 0, 70)), (("A", "work", 2027), (0, 0, 165)),
    (("B", "work", 2026), (0, 200, 0)), (("B", "work", 2027), (0, 200, 100)),
])
def test_people_follow_from_money_and_projects(worked, key, state):
    people = work_out(books_of(worked))[key]
    assert (people.carried, people.built, people.direct) == state


@pytest.mark.parametrize(("name", "value"), [
    ("coverage", 3035), ("spend", 1020), ("gap", 1565), ("fit", 220), ("fit_pairs", Fraction(13, 10)), ("disruption", 2),
    ("coverage_share", Fraction(621875, 1000000)), ("exited", 0), ("maximin", Fraction(11, 18)),
])
def test_criteria_are_recomputed(worked, name, value):
    books = books_of(worked)
    assert Criteria(Meter(books, work_out(books)), Fraction(0), {})(name).value == value


def test_the_report_says_by_how_much_each_clause_holds(worked):
    report = worked.audit()
    assert report["donor_money"].worst == 0
    assert report["coverage_sums"].worst == 0
    assert report["rule_hard"].worst == 0
    written = report.to_dict()
    assert written["passed"] is True
    assert written["digits"] == 50
    assert {"clause", "count", "worst", "unit", "where"} <= set(written["checks"][0])
