"""Equity forms: one function each, giving the linear expression to optimise or the rows that bound it.

A form takes an :class:`~optimizer.model.outcomes.Outcome` and may add columns and rows. Further forms are added to
``FORMS`` and ``BOUNDS``; everything else reads those two tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.model.algebra import Algebra, Linear, Terms
from optimizer.model.outcomes import Outcome, outcome
from optimizer.model.rules.common import state_rule

NO_KEYS = pd.DataFrame(index=range(1))


def maximin(model: Algebra, name: str, of: Outcome) -> Linear:
    """The worst unit's outcome: max z with z ≤ outcome[u] for all u (min z with z ≥ outcome[u] where low is good).

    Rawls's difference principle as a linear program; Chen & Hooker, "A guide to formulating fairness in an
    optimization model", Annals of Operations Research (2023), section on maximin.
    """
    worst = model.declare(f"worst_{name}", NO_KEYS, lower=-np.inf)
    each = Terms(of.units, np.full(len(of.units), worst.first), np.ones(len(of.units)))
    high = of.better == "high"
    model.state(f"worst_of_{name}", of.units, [each, of.terms.times(-1)],
                upper=0.0 if high else None, lower=None if high else 0.0, role="equity")
    return Linear(name, "max" if high else "min", worst.terms(), "")


FORMS: dict[str, Callable[[Algebra, str, Outcome], Linear]] = {"maximin": maximin}


def bound_maximin(model: Algebra, data: Data, rule: Any, of: Outcome) -> None:
    """Every unit's outcome is at least ``min`` (high outcomes) or at most ``max`` (low ones)."""
    state_rule(model, rule, "", of.units, [of.terms], lower=rule.min, upper=rule.max)


BOUNDS: dict[str, Callable[[Algebra, Data, Any, Outcome], None]] = {"maximin": bound_maximin}


def outcome_of(model: Algebra, data: Data, given: Any) -> Outcome:
    """The outcome that a criterion or a rule names (share of need covered over counties by default)."""
    return outcome(model, data, given.outcome or "covered_share", given.over or "counties")
