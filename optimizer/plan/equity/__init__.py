"""Equity forms evaluated on the outcomes of a plan: exact where they are rational, else to fifty digits.

Every form is a function of the units' outcomes (:class:`Units`) and the fields of the criterion or rule, and gives its
value, or None where it is not defined. To add one, write the function in the module of its idea and name it in
``FORMS``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from optimizer.instance.settings import EquityFields
from optimizer.plan.equity.bargaining import kalai
from optimizer.plan.equity.inequality import gini, gini_absolute, hoover, mcloone, mean_deviation, relative_range
from optimizer.plan.equity.ordered import cvar, maximin, owa
from optimizer.plan.equity.thresholds import chen_hooker, hooker_williams
from optimizer.plan.equity.units import Units
from optimizer.plan.equity.welfare import alpha_fairness, atkinson, nash, theil

__all__ = ["FORMS", "INEQUALITY", "Units", "boundless", "kalai", "sense_of", "unit_of_form"]

FORMS: dict[str, Callable[[Units, EquityFields], Fraction | None]] = {
    "maximin": maximin,
    "leximin": maximin,  # an order and not a number: reported is its first level, the worst unit
    "cvar": cvar,
    "owa": owa,
    "gini": gini,
    "gini_absolute": gini_absolute,
    "hoover": hoover,
    "mad": mean_deviation,
    "range": relative_range,
    "mcloone": mcloone,
    "atkinson": atkinson,
    "alpha": alpha_fairness,
    "nash": nash,
    "theil": theil,
    "hooker_williams": hooker_williams,
    "chen_hooker": chen_hooker,
}
#: Indices of inequality: 0 where all are equal, made small whichever way the outcome is good.
INEQUALITY = frozenset({"gini", "gini_absolute", "hoover", "mad", "range", "atkinson", "theil"})
#: Forms without a unit: quotients of outcomes.
PURE = frozenset({"gini", "hoover", "range", "mcloone", "atkinson", "theil", "kalai"})


def sense_of(form: str, better: str) -> str:
    """``max`` or ``min``: indices of inequality are made small, McLoone's large, all others as the outcome is good."""
    if form in INEQUALITY:
        return "min"
    return "max" if form == "mcloone" or better == "high" else "min"


def unit_of_form(form: str, unit: str) -> str:
    """The unit of a form's value over an outcome in ``unit``."""
    if form in PURE:
        return "index"
    return f"welfare of {unit}" if form in ("alpha", "nash") else unit


def boundless(form: str, units: Units, value: Fraction | None) -> bool:
    """Whether a form has no value because it is worse than any number: mean log welfare where a unit has nothing."""
    return value is None and form in ("alpha", "nash") and len(units) > 0
