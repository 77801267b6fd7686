"""The audit of a plan's tables, clause by clause."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.instance import Instance
from optimizer.plan.audit.books import Books
from optimizer.plan.audit.claims import Claims, audit_claims
from optimizer.plan.audit.clauses import CLAUSES
from optimizer.plan.audit.criteria import Criteria, audit_criteria
from optimizer.plan.audit.decisions import audit_decisions
from optimizer.plan.audit.ledger import audit_ledger
from optimizer.plan.audit.measure import Meter
from optimizer.plan.audit.pairing import audit_pairing, pair_candidates
from optimizer.plan.audit.projects import audit_projects, project_starts
from optimizer.plan.audit.report import AuditReport, Tallies
from optimizer.plan.audit.rules import audit_rules
from optimizer.plan.audit.state import audit_state, work_out
from optimizer.plan.audit.tables import read_tables


def audit(instance: Instance, tables: Mapping[str, pd.DataFrame], claims: object = None) -> AuditReport:
    """Recompute every account, state, rule and criterion of a plan and say how each clause holds.

    Nothing but the instance and the tables is read; all numbers are rationals, each the decimal it is written as.

    Parameters
    ----------
    instance : the effective instance, all changes applied
    tables : ``funds``, ``streams``, ``support``, ``pairings``, ``projects``, ``coverage``, ``unspent``, ``criteria``
        and ``rules``, as in a plan folder
    claims : what the solver says, as a mapping (``plan.json``) or an object with such attributes: ``status``,
        ``objective``, ``bound``, ``gap``, ``rounding`` (proofs by rule and index, passed on), ``ranges``

    Returns
    -------
    AuditReport
        One check a clause. While the form of a table is wrong, clauses that would read it are not looked at.
    """
    data: Data = instance.data
    tallies = Tallies({clause: _unit(data, clause) for clause in CLAUSES})
    read = read_tables(tables, data, tallies)
    if read is not None:
        _contents(Books(data, read), Claims.of(claims), tallies)
    return tallies.report()


def _unit(data: Data, clause: str) -> str:
    unit = CLAUSES[clause][0]
    return data.settings.money.unit if unit == "money" else unit


def _contents(books: Books, claims: Claims, tallies: Tallies) -> None:
    """Every clause on what well-formed tables say."""
    project_starts(books, tallies)
    pair_candidates(books, tallies)
    if tallies.failed(("project_starts", "pair_candidates")):
        return  # the instance says nothing of what such a start costs, or such a pair brings
    audit_ledger(books, tallies)
    audit_pairing(books, tallies)
    audit_projects(books, tallies)
    state = work_out(books)
    audit_state(books, state, tallies)
    audit_decisions(books, tallies)
    meter = Meter(books, state, claims.ideals)
    judged = audit_rules(meter, tallies, claims.rounding)
    points = judged.points if judged.complete else Fraction(0)
    audit_criteria(Criteria(meter, points, claims.ranges), judged.complete, tallies)
    audit_claims(meter, claims, tallies)
