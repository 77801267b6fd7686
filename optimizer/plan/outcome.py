"""The outcome of a solved plan in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlanOutcome:
    """How good a plan is known to be.

    Attributes
    ----------
    status : outcome in FORMAT's words, such as ``optimal`` or ``within_gap``
    criterion, sense, unit : the first level's criterion
    objective : its value on the whole-unit plan
    bound : no plan is better than this
    gap : distance between the two in ``unit``; never negative
    gap_percent : the same in percent of the objective (None where the objective is 0 and the gap is not)
    method : ``single``, ``weighted`` or ``lexicographic``
    """

    status: str
    criterion: str
    objective: float | None
    bound: float | None
    gap: float | None
    gap_percent: float | None
    unit: str
    sense: str
    method: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
