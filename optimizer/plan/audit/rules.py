"""rules.csv against how the audit finds every rule to stand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from optimizer.instance.settings import RuleBase
from optimizer.plan.audit.cells import cells
from optimizer.plan.audit.exact import UnknownValueError, exact, spells
from optimizer.plan.audit.measure import Meter
from optimizer.plan.audit.report import Tallies
from optimizer.plan.audit.standing import TYPES, Standing

ZERO = Fraction(0)


class Claimed(NamedTuple):
    """A row of rules.csv."""

    rule: str
    label: str
    hard: float
    value: float
    low: float
    high: float
    slack: float
    broken_by: float
    status: str


@dataclass(frozen=True)
class Judgement:
    """What rules come to: the points of soft rules, and whether every rule could be worked out."""

    points: Fraction
    complete: bool


def audit_rules(meter: Meter, tallies: Tallies, proofs: Mapping[tuple[str, str], str]) -> Judgement:
    """Verify every row of rules.csv; ``proofs`` are the solver's claims on rows called ``rounding``."""
    frame = meter.books.tables.rules
    columns = ("rule", "index", "hard", "value", "min", "max", "slack", "broken_by", "status")
    claimed = {(row[0], row[1]): Claimed(*row) for row in cells(frame, *columns)}
    points, complete, seen = ZERO, True, set[tuple[str, str]]()
    for rule in meter.data.settings.rules:
        if not rule.active:
            seen |= {key for key in claimed if key[0] == rule.id}
            _inactive(rule, claimed, tallies)
            continue
        try:
            standings = TYPES[rule.type](meter, rule)
        except UnknownValueError as unknown:
            tallies["known_values"].margin(-1, f"rule {rule.id}", str(unknown))
            seen |= {key for key in claimed if key[0] == rule.id}
            complete = False
            continue
        tallies["known_values"].holds(True, f"rule {rule.id}")
        for standing in standings:
            key = (rule.id, standing.names[0])
            if key not in claimed and standing.names[1]:
                key = (rule.id, standing.names[1])
            seen.add(key)
            _row(rule, standing, claimed.get(key), meter, tallies, proofs)
            if not rule.hard and not standing.off:
                points += exact(rule.price or 0.0) * standing.broken_by
    for key in claimed.keys() - seen:
        tallies["rule_rows"].margin(-1, _at(*key), "no rule has such a row")
    return Judgement(points, complete)


def _at(rule: str, index: str) -> str:
    return f"rule {rule}" + (f", {index}" if index else "")


def _inactive(rule: RuleBase, claimed: Mapping[tuple[str, str], Claimed], tallies: Tallies) -> None:
    for key, row in claimed.items():
        if key[0] == rule.id:
            tallies["rule_status"].holds(row.status == "off", _at(*key), f"called {row.status}, but it is not active")


def _row(
    rule: RuleBase, standing: Standing, row: Claimed | None, meter: Meter, tallies: Tallies,
    proofs: Mapping[tuple[str, str], str],
) -> None:
    """One row: listed, its numbers, its status, and whether a hard rule holds."""
    at = _at(rule.id, standing.names[1] or standing.names[0])
    tallies["rule_rows"].holds(row is not None or standing.off, at, "the row is missing")
    if row is not None:
        tallies["rule_rows"].holds((row.hard == 1) == rule.hard, at, f"hard is {row.hard:g}")
        if not standing.off:
            _numbers(standing, row, at, tallies)
        tallies["rule_status"].holds(*_status(rule, standing, row, at))
    if standing.off or not rule.hard:
        return
    missed = standing.broken_by
    if missed and row is not None and row.status == "rounding":
        allowed = meter.books.step * standing.amounts
        proof = proofs.get((rule.id, row.label)) or "the solver's claim"
        tallies["rule_rounding"].margin(
            allowed - missed, f"{at} (proof: {proof})",
            f"missed by {float(missed):g}, a step for each of {standing.amounts} amounts is {float(allowed):g}")
    else:
        margin = -missed if missed else (standing.slack or ZERO)
        tallies["rule_hard"].margin(margin, at, f"broken by {float(missed):g}")


def _status(rule: RuleBase, standing: Standing, row: Claimed, at: str) -> tuple[bool, str, str]:
    if standing.off:
        right: tuple[str, ...] = ("off",)
    elif not standing.broken_by:
        right = ("holds",)
    else:
        right = ("broken", "rounding") if rule.hard else ("broken",)
    return row.status in right, at, f"called {row.status}, should be {' or '.join(right)}"


def _numbers(standing: Standing, row: Claimed, at: str, tallies: Tallies) -> None:
    """Value, limits, slack and what the row is broken by."""
    _same(tallies, "rule_values", row.value, standing.value, at, "value")
    _same(tallies, "rule_limits", row.low, standing.low, at, "min")
    _same(tallies, "rule_limits", row.high, standing.high, at, "max")
    _same(tallies, "rule_slack", row.slack, standing.slack, at, "slack")
    _same(tallies, "rule_broken_by", row.broken_by, standing.broken_by, at, "broken_by")


def _same(tallies: Tallies, clause: str, claimed: float, true: Fraction | None, at: str, what: str) -> None:
    """Note whether a number of the table is what it should be; a blank stands for None."""
    tally = tallies[clause]
    if true is None or math.isnan(claimed):
        good = true is None and math.isnan(claimed)
        tally.holds(good, at, f"{what} {'is blank' if true is not None else 'should be blank'}")
    elif spells(claimed, true):
        tally.holds(True, at)
    else:
        tally.equal(exact(claimed), true, at, what)
