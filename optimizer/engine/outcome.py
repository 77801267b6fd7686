"""How a solve ended, told apart so that nobody reads a limit as "infeasible".

A limit with a plan, a limit without one, a proof of infeasibility, an unbounded model and a failure of ours are
different answers and lead to different exit statuses of the command line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Sense = Literal["max", "min"]

OBJECTIVE_TOLERANCE = 1e-6
"""Absolute difference of bound and objective that still counts as proved optimal (HiGHS's ``mip_abs_gap``)."""

RELATIVE_TOLERANCE = 1e-9
"""The same as a share of the objective."""


class Status(StrEnum):
    """The end of a solve.

    ``OPTIMAL`` is proved; ``WITHIN_GAP`` is proved within the gap asked for; ``LIMIT`` and ``INTERRUPTED`` have a
    feasible point; ``LIMIT_WITHOUT_PLAN`` has none (also after Ctrl-C); ``FAILED`` is the solver's or our fault.
    """

    OPTIMAL = "optimal"
    WITHIN_GAP = "within_gap"
    LIMIT = "limit"
    INTERRUPTED = "interrupted"
    INFEASIBLE = "infeasible"
    LIMIT_WITHOUT_PLAN = "limit_without_plan"
    UNBOUNDED = "unbounded"
    FAILED = "failed"

    @property
    def has_plan(self) -> bool:
        """Whether a feasible point comes with this status."""
        return self in (Status.OPTIMAL, Status.WITHIN_GAP, Status.LIMIT, Status.INTERRUPTED)

    @property
    def proved(self) -> bool:
        """Whether the point is proved best, within the gap asked for."""
        return self in (Status.OPTIMAL, Status.WITHIN_GAP)


_EXIT = {
    Status.OPTIMAL: 0,
    Status.WITHIN_GAP: 0,
    Status.FAILED: 1,
    Status.UNBOUNDED: 2,
    Status.INFEASIBLE: 3,
    Status.LIMIT: 4,
    Status.INTERRUPTED: 4,
    Status.LIMIT_WITHOUT_PLAN: 5,
}


def exit_status(status: Status) -> int:
    """Exit status of the command line: 0 done, 1 our fault, 2 the input's, 3 infeasible, 4 limit, 5 limit, no plan."""
    return _EXIT[status]


def relative_gap(objective: float, bound: float) -> float:
    """Distance of objective and bound as a share of the objective (infinite where either is missing).

    Zero where the two agree to `OBJECTIVE_TOLERANCE` or `RELATIVE_TOLERANCE`.
    """
    if not (math.isfinite(objective) and math.isfinite(bound)):
        return math.inf
    distance = abs(bound - objective)
    if distance <= max(OBJECTIVE_TOLERANCE, RELATIVE_TOLERANCE * abs(objective)):
        return 0.0
    return distance / abs(objective) if objective else math.inf


@dataclass(frozen=True)
class Outcome:
    """What one solve achieved, in the criterion's own unit.

    Parameters
    ----------
    status : how it ended.
    objective : value of the best point (nan without one).
    bound : no plan can be better than this (±inf where nothing is proved).
    gap : ``|bound - objective| / |objective|``, a share (0.001 = 0.1 %).
    seconds : wall clock.
    nodes : branch-and-bound nodes.
    sense : "max" or "min".
    """

    status: Status
    objective: float
    bound: float
    gap: float
    seconds: float
    nodes: int
    sense: Sense

    @property
    def exit_status(self) -> int:
        """Exit status of the command line for this outcome."""
        return exit_status(self.status)


class SolveError(Exception):
    """A solve ended without a plan, or HiGHS refused what it was given.

    Parameters
    ----------
    message : one sentence for the user.
    outcome : the outcome, where a solve got that far.
    """

    def __init__(self, message: str, outcome: Outcome | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome

    @property
    def exit_status(self) -> int:
        """Exit status of the command line: the outcome's, or 1."""
        return 1 if self.outcome is None else self.outcome.exit_status
