"""Small programs of yes-or-no choices drawn at random: every choice listed, each valued by the plan's own forms."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.program import Floats
from optimizer.instance.settings import EquityFields, EquityRule
from optimizer.model.algebra import Algebra, Linear, Terms
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.model.equity import FORMS
from optimizer.model.equity.units import NO_KEYS
from optimizer.model.outcomes import Outcome
from optimizer.plan.equity import FORMS as TRUE
from optimizer.plan.equity import Units

PROJECTS = 7


@dataclass(frozen=True, eq=False)
class Choice:
    """Outcomes base + gain·x of the units, x yes or no, cost·x ≤ budget; whole numbers, so that there are ties."""

    base: np.ndarray
    gain: np.ndarray
    cost: np.ndarray
    budget: float
    better: str
    weight: np.ndarray

    @classmethod
    def drawn(cls, seed: int, units: int, better: str = "high", weighted: bool = False) -> Choice:
        rng = np.random.default_rng(seed)
        gain = rng.integers(0, 4, (units, PROJECTS)) * rng.integers(0, 2, (units, PROJECTS))
        base = rng.integers(0, 3, units)
        if better == "low":
            base, gain = gain.sum(axis=1) + base, -gain
        cost = rng.integers(1, 6, PROJECTS)
        return cls(base, gain, cost, float(cost.sum() // 2), better,
                   rng.integers(1, 4, units).astype(float) if weighted else np.ones(units))

    def outcomes(self) -> list[list[Fraction]]:
        """The outcomes of every choice that the budget pays for."""
        every = (np.array(x) for x in itertools.product((0, 1), repeat=PROJECTS))
        return [[Fraction(int(u)) for u in self.base + self.gain @ x] for x in every if self.cost @ x <= self.budget]

    def values(self, fields: EquityFields) -> list[Fraction]:
        """The true value of each choice of which the form says something."""
        weights = [Fraction(int(w)) for w in self.weight]
        found = [TRUE[str(fields.equity)](Units.of(u, weights, self.better), fields) for u in self.outcomes()]
        return [value for value in found if value is not None]

    def model(self) -> tuple[Algebra, Outcome]:
        model = Algebra(pyomo=None)
        x = model.declare("x", pd.DataFrame({"project": range(PROJECTS)}), upper=1.0, integer=True, stage=1)
        model.state("budget", NO_KEYS, [Terms(NO_KEYS.loc[[0] * PROJECTS].reset_index(drop=True), x.numbers,
                                              self.cost.astype(float))], upper=self.budget, role="budget")
        keys = pd.DataFrame({"county": [f"u{n}" for n in range(len(self.base))]})
        row, column = np.indices(self.gain.shape).reshape(2, -1)
        terms = Terms.concat([Terms(keys.iloc[row].reset_index(drop=True), x.first + column, self.gain.ravel().astype(float)),
                              Terms.constants(keys, self.base.astype(float))])
        largest = np.maximum(self.base, (self.base + np.maximum(self.gain, 0).sum(axis=1))).astype(float)
        of = Outcome("county", keys, terms, self.better, largest, (), self.weight)
        model.outcomes["e"] = of
        every = Terms(NO_KEYS.loc[[0] * len(row)].reset_index(drop=True), x.first + column, self.gain.ravel().astype(float))
        model.criteria["sum"] = Linear("sum", "max" if self.better == "high" else "min", every, "")
        return model, of

    def compiled(self, fields: EquityFields) -> Compiled:
        model, of = self.model()
        model.criteria["e"] = FORMS[str(fields.equity)](model, "e", of, fields)
        return compile_numbers(model)


def fields_of(form: str, **more: Any) -> EquityFields:
    return EquityFields.model_validate({"equity": form, "outcome": "money", **more})


def rule_of(form: str, **more: Any) -> EquityRule:
    given = {"id": "r", "type": "equity", "sentence": "A rule", "equity": form, "outcome": "money"}
    return EquityRule.model_validate({**given, **more})


def value_at(choice: Choice, fields: EquityFields, outcomes: Floats) -> Fraction | None:
    """The true value at a point, whose outcomes are whole."""
    weights = [Fraction(int(w)) for w in choice.weight]
    return TRUE[str(fields.equity)](Units.of([Fraction(round(u)) for u in outcomes], weights, choice.better), fields)
