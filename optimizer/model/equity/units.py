"""The outcomes of units, and their mean, as columns of the program that several equity forms share.

A row over 800 such columns says what would otherwise take tens of thousands of entries, and each column lies in the
block of its county.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.instance.settings import EquityFields
from optimizer.model.algebra import Algebra, Columns, Terms
from optimizer.model.outcomes import Outcome

NO_KEYS = pd.DataFrame(index=range(1))
DEFINES = "_is"  # a family of rows called so after a family of columns says what these are equal to


@dataclass(frozen=True, eq=False)
class Units:
    """The outcomes of units as columns ``outcome``; ``share`` = weight of each over the weight of all."""

    model: Algebra
    of: Outcome
    outcome: Columns
    label: str

    @property
    def share(self) -> np.ndarray:
        """Weights that add up to 1."""
        return np.asarray(self.of.weight / self.of.weight.sum())

    def each(self, coefficient: float | np.ndarray = 1.0) -> Terms:
        """Coefficient × outcome, under each unit."""
        return self.outcome.terms(coefficient)

    def summed(self, coefficient: np.ndarray) -> Terms:
        """Σ coefficient × outcome, as one expression."""
        return one(self.outcome.terms(coefficient))

    def spread(self, columns: Columns, coefficient: float | np.ndarray = 1.0) -> Terms:
        """One column under every unit."""
        count = len(self.of.units)
        return Terms(self.of.units, np.full(count, columns.first), np.broadcast_to(np.asarray(coefficient, float), count))

    @cached_property
    def mean(self) -> Columns:
        """The mean outcome by weight, as a column.  mean = Σ_u share[u]·outcome[u]"""
        name = f"mean_{self.label}"
        if name not in self.model.columns:
            mean = self.model.declare(name, NO_KEYS, lower=-np.inf)
            self.model.state(name + DEFINES, NO_KEYS, [mean.terms(), self.summed(-self.share)], lower=0.0, upper=0.0,
                             role="equity")
        return self.model.columns[name]


def units_of(model: Algebra, of: Outcome, fields: EquityFields) -> Units:
    """The columns of an outcome, declared where no form has asked for them yet.  outcome[u] = Σ terms of u"""
    plain = f"{fields.outcome or 'covered_share'}_{fields.over}"
    label = plain if fields.weight is None else f"{plain}_by_{fields.weight}"
    # a weight of 0 leaves a unit out, so that other columns may be there under the plain name
    name = next(name for name in (f"outcome_{plain}", f"outcome_{label}", f"outcome_{plain}_of_all")
                if name not in model.columns or model.columns[name].keys.equals(of.units))
    if name not in model.columns:
        columns = model.declare(name, of.units, lower=-np.inf)
        model.state(name + DEFINES, of.units, [columns.terms(), of.terms.times(-1)], lower=0.0, upper=0.0, role="equity")
    return Units(model, of, model.columns[name], label)


def one(terms: Terms) -> Terms:
    """Terms as parts of one expression."""
    return Terms(pd.DataFrame(index=range(len(terms))), terms.column, terms.coefficient)


def number(value: float) -> Terms:
    """A number as a term."""
    return Terms.constants(NO_KEYS, np.array([value]))
