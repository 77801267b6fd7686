"""Kalai–Smorodinsky: as far as can be on everyone's way to the best that he could have.

Kalai & Smorodinsky, "Other solutions to Nash's bargaining problem", Econometrica 43 (1975); as a program Chen & Hooker, "A
guide to formulating fairness in an optimization model", Annals of Operations Research (2023). The ideals are optima of
the finished program, so the rows that need them are stated once it is compiled (`optimizer.model.equity.ideals`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.instance.settings import EquityFields
from optimizer.model.algebra import Algebra, Linear
from optimizer.model.equity.units import NO_KEYS
from optimizer.model.outcomes import Outcome


@dataclass(frozen=True, eq=False)
class Share:
    """A column that is to be at most every unit's share of its ideal (-1: the ideals are wanted, and no column).

    ``key`` are the outcome and the units, by their names in the instance.
    """

    name: str
    key: tuple[str, str]
    of: Outcome
    column: int = -1


def kalai(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """The least share of its ideal that a unit has: max z with z·ideal[u] ≤ outcome[u] for all u whose ideal is above 0."""
    least = model.declare(f"least_share_{name}", NO_KEYS, lower=-np.inf, upper=1.0)
    model.shares.append(Share(name, key_of(fields), of, least.first))
    model.reads_budgets = True  # other budgets, other ideals
    return Linear(name, "max", least.terms(), "")


def key_of(fields: EquityFields) -> tuple[str, str]:
    """The outcome and the units that an ideal belongs to."""
    return fields.outcome or "covered_share", fields.over or "counties"
