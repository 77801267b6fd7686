"""Equity rule: an equity criterion held to a bound."""

from __future__ import annotations

from optimizer.instance.data import Data
from optimizer.instance.settings import EquityRule
from optimizer.model.algebra import Algebra
from optimizer.model.equity import BOUNDS, outcome_of


def state_equity(model: Algebra, data: Data, rule: EquityRule) -> None:
    """The value of the equity form lies between ``min`` and ``max``; the rows are those of the form."""
    BOUNDS[str(rule.equity)](model, data, rule, outcome_of(model, data, rule))
