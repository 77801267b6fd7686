"""Equity rule: an equity criterion held to a bound."""

from __future__ import annotations

from optimizer.instance.data import Data
from optimizer.instance.settings import EquityRule
from optimizer.model.algebra import Algebra
from optimizer.model.equity import state_bound


def state_equity(model: Algebra, data: Data, rule: EquityRule) -> None:
    """The value of the equity form lies between ``min`` and ``max``; the rows are those of the form."""
    state_bound(model, data, rule)
