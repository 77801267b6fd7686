"""What the audit says: one check for each clause, with the number of rows looked at and the worst of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from optimizer.plan.audit.exact import DIGITS, plain


@dataclass(frozen=True)
class Check:
    """How one clause stands.

    Attributes
    ----------
    clause : name of the clause, a key of :data:`optimizer.plan.audit.CLAUSES`
    count : rows verified
    worst : least margin over the rows in ``unit``: what is to spare where the clause holds, less than 0 where it is
        missed (for an equality, minus the difference); None if there was nothing to verify
    unit : of ``worst``
    where : the place of the worst row and, if it fails, what is wrong there
    failed : rows that fail
    """

    clause: str
    count: int
    worst: Fraction | None
    unit: str
    where: str
    failed: int = 0

    @property
    def passed(self) -> bool:
        return self.failed == 0

    def sentence(self) -> str:
        """One line for people."""
        if self.passed:
            return f"{self.clause}: holds in all of {self.count} rows"
        return f"{self.clause}: fails in {self.failed} of {self.count} rows; worst: {self.where}"


@dataclass(frozen=True)
class AuditReport:
    """The verdict on a plan: it passes only if every clause holds in every row."""

    checks: tuple[Check, ...]
    digits: int = DIGITS

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)

    def __getitem__(self, clause: str) -> Check:
        for check in self.checks:
            if check.clause == clause:
                return check
        raise KeyError(clause)

    def to_dict(self) -> dict[str, Any]:
        """The content of ``audit.json``."""
        return {
            "passed": self.passed,
            "checks": [
                {
                    "clause": check.clause,
                    "count": check.count,
                    "failed": check.failed,
                    "worst": None if check.worst is None else plain(check.worst),
                    "unit": check.unit,
                    "where": check.where,
                }
                for check in self.checks
            ],
            "digits": self.digits,
        }


@dataclass
class Tally:
    """Counts the rows of one clause and keeps the worst."""

    clause: str
    unit: str
    count: int = 0
    failed: int = 0
    worst: Fraction | None = None
    where: str = ""

    def margin(self, margin: Fraction | int, where: str, wrong: str = "") -> None:
        """Note a row with ``margin`` to spare (it fails below 0)."""
        self.count += 1
        fails = margin < 0
        self.failed += fails
        if self.worst is None or margin < self.worst:
            self.worst = Fraction(margin)
            self.where = f"{where}: {wrong}" if fails and wrong else where

    def equal(self, claimed: Fraction | int, true: Fraction | int, where: str, what: str = "") -> None:
        """Note a row in which ``claimed`` must equal ``true``."""
        if claimed == true:
            self.count += 1
            if self.worst is None:
                self.worst, self.where = Fraction(0), where
            return
        wrong = f"{what + ' ' if what else ''}{_text(claimed)} should be {_text(true)}"
        self.margin(-abs(Fraction(claimed) - Fraction(true)), where, wrong)

    def holds(self, fact: bool, where: str, wrong: str = "") -> None:
        """Note a row that is right or wrong."""
        if fact:
            self.count += 1
            if self.worst is None:
                self.worst, self.where = Fraction(0), where
        else:
            self.margin(-1, where, wrong)

    def check(self) -> Check:
        return Check(self.clause, self.count, self.worst, self.unit, self.where, self.failed)


@dataclass
class Tallies:
    """One tally for each clause, in the order of the clauses."""

    units: Mapping[str, str]
    made: dict[str, Tally] = field(default_factory=dict)

    def __getitem__(self, clause: str) -> Tally:
        if clause not in self.made:
            self.made[clause] = Tally(clause, self.units[clause])
        return self.made[clause]

    def failed(self, clauses: Iterable[str]) -> bool:
        return any(self[clause].failed for clause in clauses)

    def report(self) -> AuditReport:
        return AuditReport(tuple(self[clause].check() for clause in self.units))


def _text(value: Fraction | int) -> str:
    number = plain(Fraction(value))
    return str(number) if isinstance(number, int) else f"{number:.12g}"
