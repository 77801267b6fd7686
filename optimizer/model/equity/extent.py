"""How small and how large an outcome can be: what rows that a binary switches on and off need, and no more than that."""

from __future__ import annotations

import numpy as np

from optimizer.engine.arrays import Floats
from optimizer.model.algebra import CONSTANT, Algebra, lookup
from optimizer.model.outcomes import Outcome


def extent(model: Algebra, of: Outcome) -> tuple[Floats, Floats]:
    """The least and the largest outcome of each unit that the bounds of its columns allow.

    Where a column has no bound, what no outcome exceeds for want of money or people (`Outcome.largest`) stands in; that
    reads budgets, so the model can then not be patched with others.

    Returns
    -------
    low, high : in the outcome's unit, one for each row of ``of.units``
    """
    count = len(of.units)
    lower = np.concatenate([family.lower for family in model.columns.values()] + [np.empty(0)])
    upper = np.concatenate([family.upper for family in model.columns.values()] + [np.empty(0)])
    row = lookup(of.units, of.terms.keys) if len(of.terms) else np.empty(0, int)
    kept = (row >= 0) & (of.terms.coefficient != 0)
    row, column, factor = row[kept], of.terms.column[kept], of.terms.coefficient[kept]
    number = column == CONSTANT
    ends = [np.where(number, 1.0, side[np.where(number, 0, column)]) for side in (lower, upper)]
    at_low = factor * np.where(factor > 0, ends[0], ends[1])
    at_high = factor * np.where(factor > 0, ends[1], ends[0])
    low = np.bincount(row, weights=at_low, minlength=count)
    high = np.bincount(row, weights=at_high, minlength=count)
    if np.any(high > of.largest) or np.any(low < -of.largest):
        model.reads_budgets = True
    return np.maximum(low, -of.largest), np.minimum(high, of.largest)


def turned(low: Floats, high: Floats, sign: float) -> tuple[Floats, Floats]:
    """The extent of sign × outcome, sign being 1 or -1."""
    return (low, high) if sign > 0 else (-high, -low)
