"""Forms that look at units in order, from the worst: the mean of the worst m, and ordered weighted averages.

The sum of the k worst outcomes is a linear program (Ogryczak & Tamir, "Minimizing the sum of the k largest functions in
linear time", 2003; Rockafellar & Uryasev, "Optimization of conditional value-at-risk", 2000):

    Σ of the k smallest u = max_t k·t − Σ_i w_i·d_i,  d_i ≥ t − u_i, d_i ≥ 0   (of the k largest: min_t k·t + Σ w_i·d_i)
"""

from __future__ import annotations

import numpy as np

from optimizer.instance.settings import EquityFields
from optimizer.model.algebra import Algebra, Linear, Terms
from optimizer.model.equity.units import NO_KEYS, Units, one, units_of
from optimizer.model.outcomes import Outcome

WHOLE = 1e-12  # share of the weight of all units that counts as none


def worst_sum(units: Units, name: str, amount: float, *, lowest: bool) -> Terms:
    """The sum of the outcomes of the worst ``amount`` of weight, one expression to be pushed the worst's way.

    Parameters
    ----------
    name : for the two families that it adds
    amount : of weight; all of it or more gives the plain sum
    lowest : whether the worst are the smallest; the expression is at most that sum then, else at least
    """
    weight, model = units.of.weight, units.model
    if amount >= weight.sum() * (1 - WHOLE):
        return units.summed(weight)
    edge = model.declare(f"edge_{name}", NO_KEYS, lower=-np.inf)
    past = model.declare(f"past_{name}", units.of.units)
    sign = 1.0 if lowest else -1.0
    model.state(f"past_edge_{name}", units.of.units, [past.terms(), units.spread(edge, -sign), units.each(sign)], lower=0.0,
                role="equity")
    return Terms.concat([one(edge.terms(amount)), one(past.terms(-sign * weight))])


def cvar(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Mean outcome of the worst ``m`` units (m ≥ 1) or of the worst share ``m`` of them (m < 1), by weight if they have one.

    Conditional value at risk; between two units it takes a part of the next one.
    """
    whole = float(of.weight.sum())
    m = float(fields.m or 1.0)
    amount = min(m if m >= 1 else m * whole, whole)
    high = of.better == "high"
    worst = worst_sum(units_of(model, of, fields), name, amount, lowest=high)
    return Linear(name, "max" if high else "min", worst.times(1 / amount), of.measured_in)


def owa(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Ordered weighted average Σ_k v_k·u_(k) / Σ_k v_k, v not increasing, u_(1) the worst; the last v listed is repeated.

    It is Σ_k (v_k − v_{k+1})·k·(mean of the worst k of n) / Σ_k v_k, one linear program for each step of v (Yager, "On
    ordered weighted averaging aggregation operators", 1988; Ogryczak & Śliwiński, "On solving linear programs with the
    ordered weighted averaging objective", 2003); units with weights of their own share the n slots by weight (WOWA).
    """
    count = len(of.units)
    given = np.asarray(fields.weights or (1.0,), float)
    levels = np.concatenate([given, np.full(max(0, count - len(given)), given[-1])])[:count]
    steps = levels - np.append(levels[1:], 0.0)
    high = of.better == "high"
    units, slot = units_of(model, of, fields), float(of.weight.sum()) / count
    parts = [
        worst_sum(units, f"{name}~{k + 1}", (k + 1) * slot, lowest=high).times(steps[k] / levels.sum() / slot)
        for k in np.flatnonzero(steps > 0)
    ]
    return Linear(name, "max" if high else "min", Terms.concat(parts), of.measured_in)
