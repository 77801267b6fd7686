"""Equity up to a threshold, efficiency past it: Hooker–Williams.

Hooker & Williams, "Combining equity and utilitarianism in a mathematical programming model", Management Science 58 (2012):
a unit within Δ of the worst counts as if it were the worst, one further up by what it has past that.
"""

from __future__ import annotations

import numpy as np

from optimizer.instance.settings import EquityFields
from optimizer.model.algebra import Algebra, Linear, Terms
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.equity.units import NO_KEYS, number, one, units_of
from optimizer.model.outcomes import Outcome


def hooker_williams(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """[(W−1)·Δ + W·worst + Σ w·max(0, u − worst − Δ)] / W, W = Σ w; of −u, and turned round, where low is good.

    gain[u] ≤ u − worst − Δ·past[u],  gain[u] ≤ largest difference·past[u],  worst ≤ u,  past[u] whole: a unit either
    counts past the threshold, or gains nothing.
    """
    threshold, whole = float(fields.threshold or 0.0), float(of.weight.sum())
    sign = 1.0 if of.better == "high" else -1.0
    units = units_of(model, of, fields)
    worst = model.declare(f"worst_{name}", NO_KEYS, lower=-np.inf)
    gain = model.declare(f"gain_{name}", of.units)
    past = model.declare(f"past_{name}", of.units, upper=1.0, integer=True, stage=RULE_STAGE)
    apart = of.largest + float(of.largest.max())
    model.state(f"worst_of_{name}", of.units, [units.each(sign), units.spread(worst, -1.0)], lower=0.0, role="equity")
    model.state(f"gain_past_{name}", of.units,
                [gain.terms(), units.each(-sign), units.spread(worst), past.terms(threshold)], upper=0.0, role="equity")
    model.state(f"gain_if_past_{name}", of.units, [gain.terms(), past.terms(-apart)], upper=0.0, role="equity")
    value = Terms.concat([one(worst.terms()), one(gain.terms(units.share)), number(threshold * (1 - 1 / whole))])
    return Linear(name, "max" if sign > 0 else "min", value.times(sign), of.measured_in)
