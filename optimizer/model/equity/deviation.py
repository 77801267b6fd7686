"""Inequality as distance: mean deviation, range, Hoover and Gini, absolute or as a share of the mean.

Each gives its amount as a linear expression that is at least the true one and equal to it when made small. An index
relative to the mean is a quotient of two such expressions (`Linear.below`): held to a bound it is linear, made small it
takes a sequence of programs. Forms after Chen & Hooker, "A guide to formulating fairness in an optimization model",
Annals of Operations Research (2023), section on inequality measures.
"""

from __future__ import annotations

import numpy as np

from optimizer.instance.settings import EquityFields, EquityRule
from optimizer.model.algebra import Algebra, Linear, Terms
from optimizer.model.equity.ordered import worst_sum
from optimizer.model.equity.orders import Orders
from optimizer.model.equity.units import NO_KEYS, Units, one, units_of
from optimizer.model.outcomes import Outcome

QUANTILES = 8  # points of the Lorenz curve that the Gini coefficient begins with
BOUND = 1e-6  # share of the mean by which a bound may still be missed when no further row is added


def _below_mean(units: Units, name: str) -> Terms:
    """Σ_u share[u]·max(0, mean − outcome[u]): half of the mean absolute deviation.  short[u] ≥ mean − outcome[u]"""
    model = units.model
    short = model.declare(f"short_{name}", units.of.units)
    model.state(f"short_of_mean_{name}", units.of.units, [short.terms(), units.spread(units.mean, -1.0), units.each()],
                lower=0.0, role="equity")
    return one(short.terms(units.share))


def mad(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Mean absolute deviation Σ w·|u − mean| / Σ w, in the outcome's unit."""
    amount = _below_mean(units_of(model, of, fields), name).times(2.0)
    return Linear(name, "min", amount, of.measured_in)


def hoover(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Hoover (Robin Hood) index Σ w·|u − mean| / (2·Σ w·mean): the share of the whole that would have to move."""
    units = units_of(model, of, fields)
    return Linear(name, "min", _below_mean(units, name), "", one(units.mean.terms()))


def range_(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Relative range (largest − smallest outcome) / mean."""
    units = units_of(model, of, fields)
    top, low = (model.declare(f"{end}_{name}", NO_KEYS, lower=-np.inf) for end in ("largest", "smallest"))
    model.state(f"largest_of_{name}", of.units, [units.spread(top), units.each(-1.0)], lower=0.0, role="equity")
    model.state(f"smallest_of_{name}", of.units, [units.spread(low), units.each(-1.0)], upper=0.0, role="equity")
    return Linear(name, "min", Terms.concat([one(top.terms()), one(low.terms(-1.0))]), "", one(units.mean.terms()))


def gini_absolute(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Half of the mean absolute difference: Σ_ij w_i·w_j·|u_i − u_j| / (2·W²), in the outcome's unit."""
    return Linear(name, "min", _mean_difference(model, name, of, fields), of.measured_in)


def gini(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Gini coefficient Σ_ij w_i·w_j·|u_i − u_j| / (2·W²·mean)."""
    amount = _mean_difference(model, name, of, fields)
    return Linear(name, "min", amount, "", one(units_of(model, of, fields).mean.terms()))


def _mean_difference(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Terms:
    """A column that is at least the absolute Gini index: by quantiles of the Lorenz curve, then by orders of the units.

    The trapezoids under K points S(p_k) of the (convex) curve of lowest sums are no less than the area under it, so
    difference ≥ mean − 2/W·Σ_k c_k·S(p_k) holds for every plan; `Orders` adds the rest as it is needed.
    """
    units = units_of(model, of, fields)
    whole = float(of.weight.sum())
    count = min(len(of.units) - 1, QUANTILES)
    at = np.arange(1, count + 1) / (count + 1)
    difference = model.declare(f"difference_{name}", NO_KEYS)
    sums = [worst_sum(units, f"{name}~{n + 1}", float(p * whole), lowest=True) for n, p in enumerate(at)]
    area = [part.times(2.0 / whole / (count + 1)) for part in sums]  # equal widths: every inner point counts fully
    model.state(f"lorenz_{name}", NO_KEYS,
                [difference.terms(), one(units.mean.terms(1.0 / (count + 1) - 1.0)), *area], lower=0.0, role="equity")
    exact = BOUND if isinstance(fields, EquityRule) else fields.tolerance
    model.cutting.append(Orders(name, of.units, units.outcome.numbers, of.weight, difference.first, exact))
    return one(difference.terms())
