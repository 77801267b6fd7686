"""Welfare and entropy: α-fairness, Nash, Atkinson and Theil, by tangents that are refined where a point lies.

Sources: Atkinson, "On the measurement of inequality" (1970); Mo & Walrand, "Fair end-to-end window-based congestion
control" (2000) for α-fairness; Nash, "The bargaining problem" (1950); Theil, *Economics and Information Theory* (1967).
Tangents lie outside, so a bound from them holds for every plan; the true value is computed from the plan.
"""

from __future__ import annotations

import numpy as np

from optimizer.instance.settings import EquityFields, EquityRule
from optimizer.model.algebra import Algebra, Columns, Linear, Terms
from optimizer.model.equity.tangents import LEAST, Curve, Entropy, Power, Tangents
from optimizer.model.equity.units import NO_KEYS, Units, number, one, units_of
from optimizer.model.outcomes import Outcome

BOUND = 1e-6  # tolerance of tangents that hold a bound: what remains is less than what rounding to whole steps moves
SPREAD = 4.0 ** np.arange(-5, 3)  # ratios to the scale at which the first tangents touch
DECADES = 10.0 ** np.arange(-4, 1)  # parts of the largest outcome at which they touch where there is no scale


def alpha(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Mean welfare Σ w·u^(1−α)/(1−α) / Σ w, Σ w·ln u / Σ w where α = 1; large is good. α = 0 is the mean.

    image[u] ≤ tangents of (u^(1−α) − 1)/(1−α)
    """
    order = float(fields.alpha or 0.0)
    units = units_of(model, of, fields)
    image = _images(units, name, Power(order), None, np.outer(DECADES, of.largest), _tolerance(fields))
    shift = 0.0 if order == 1 else 1 / (1 - order)
    return Linear(name, "max", Terms.concat([one(image.terms(units.share)), number(shift)]), "")


def nash(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Mean of ln u by weight, the logarithm of the Nash product (proportional fairness): α = 1."""
    return alpha(model, name, of, fields.model_copy(update={"alpha": 1.0}))


def atkinson(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Atkinson index 1 − equal / mean, equal = the outcome that, had by all, were as good (by α).

    Σ w·equal·f(u/equal) ≥ 0 with f(r) = (r^(1−α) − 1)/(1−α): equal is at most the true one, and equal to it when made
    large; the tangents of the perspective are linear in (u, equal).
    """
    units = units_of(model, of, fields)
    equal = model.declare(f"equal_{name}", NO_KEYS)
    curve = Power(float(fields.alpha or 0.0))
    image = _images(units, name, curve, equal, np.outer(SPREAD, np.ones(len(of.units))), _tolerance(fields))
    model.state(f"equal_at_most_{name}", NO_KEYS, [one(image.terms(units.share))], lower=0.0, role="equity")
    mean = one(units.mean.terms())
    return Linear(name, "min", Terms.concat([mean, one(equal.terms(-1.0))]), "", mean)


def theil(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Theil index Σ w·(u/mean)·ln(u/mean) / Σ w; jointly convex in outcome and mean once multiplied by the mean.

    image[u] ≥ tangents of mean·h(u/mean), h(r) = r·ln r
    """
    units = units_of(model, of, fields)
    image = _images(units, name, Entropy(), units.mean, np.outer(SPREAD, np.ones(len(of.units))), _tolerance(fields))
    return Linear(name, "min", one(image.terms(units.share)), "", one(units.mean.terms()))


def _tolerance(fields: EquityFields) -> float:
    return BOUND if isinstance(fields, EquityRule) else fields.tolerance


def _images(units: Units, name: str, curve: Curve, scale: Columns | None, touch: np.ndarray, tolerance: float) -> Columns:
    """A column for the function of each unit, with its first tangents at ``touch`` (points × units)."""
    model, of = units.model, units.of
    image = model.declare(f"image_{name}", of.units, lower=-np.inf)
    largest = np.ones(len(of.units)) if scale is not None else np.maximum(of.largest, 1e-9)
    tangents = Tangents(name, of.units, curve, units.outcome.numbers, image.numbers, units.share,
                        -1 if scale is None else scale.first, LEAST * largest, tolerance)
    chosen = np.tile(np.arange(len(of.units)), len(touch))
    first = tangents.rows(chosen, np.maximum(touch.ravel(), tangents.least[chosen]))
    entries = first.matrix.tocoo()
    model.state(f"tangent_{name}", first.keys, [Terms(first.keys.iloc[entries.row], entries.col, entries.data)],
                lower=None if curve.concave else first.lower, upper=first.upper if curve.concave else None, role="equity")
    model.cutting.append(tangents)
    return image
