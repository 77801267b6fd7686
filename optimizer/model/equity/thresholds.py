"""Equity up to a threshold, efficiency past it: Hooker–Williams and Chen–Hooker.

Hooker & Williams, "Combining equity and utilitarianism in a mathematical programming model", Management Science 58 (2012):
a unit within Δ of the worst counts as if it were the worst, one further up by what it has past that. V. X. Chen & Hooker,
"Combining leximax fairness and efficiency in a mathematical programming model", European J. of OR 299 (2022): the k-th of
a sequence of functions, which looks at the k − 1 worst units one by one.

What a unit can gain past the threshold is taken from the extent of its own outcome: with one number for all units the
relaxation says next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.engine.arrays import Floats
from optimizer.instance.settings import EquityFields
from optimizer.model.algebra import Algebra, Columns, Linear, Terms
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.equity.extent import extent, turned
from optimizer.model.equity.ordered import worst_sum
from optimizer.model.equity.units import NO_KEYS, Units, number, one, units_of
from optimizer.model.outcomes import Outcome


@dataclass(frozen=True, eq=False)
class _Gains:
    """Utilities of the units (−outcome where low is good), the worst of them, and what each has past the threshold."""

    units: Units
    sign: float
    low: Floats
    high: Floats
    worst: Columns
    gain: Columns
    past: Columns


def hooker_williams(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """[(W−1)·Δ + W·worst + Σ w·max(0, u − worst − Δ)] / W, W = Σ w; of −u, and turned round, where low is good."""
    threshold, whole = float(fields.threshold or 0.0), float(of.weight.sum())
    gains = _gains(model, name, of, fields)
    past = one(gains.gain.terms(gains.units.share))
    value = Terms.concat([one(gains.worst.terms()), past, number(threshold * (1 - 1 / whole))])
    return Linear(name, "max" if gains.sign > 0 else "min", value.times(gains.sign), of.measured_in)


def chen_hooker(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """The k-th function of the sequence over n (k = ``m``); one after the other they are levels of a lexicographic method.

    F_k = Σ_{i<k} (n−i+1)·u_(i) + (n−k+1)·min(u_(1) + Δ, u_(k)) + Σ_{i≥k} max(0, u_(i) − u_(1) − Δ); F_1 is Hooker–Williams.

    Published is a sequence in which stage k has the k − 1 worst units fixed, so that the first sum is a number. Here no
    unit is fixed: that sum is Σ_{j<k−1} S_j + (n−k+2)·S_{k−1} with S_j the sum of the j worst, each a linear program
    (`worst_sum`), and the n − k + 1 others are chosen:

    edge ≤ u + (…)·(1 − upper[u]),  edge ≤ worst + Δ,  past[u] ≤ upper[u],  Σ upper = n − k + 1
    """
    count = len(of.units)
    place = min(int(fields.m or 1), count)
    if place == 1:
        return hooker_williams(model, name, of, fields)
    threshold, rest = float(fields.threshold or 0.0), count - place + 1
    gains = _gains(model, name, of, fields)
    units, sign, keys = gains.units, gains.sign, of.units
    most = min(float(gains.high.min()) + threshold, float(np.sort(gains.high)[place - 1]))  # of the edge
    edge = model.declare(f"edge_{name}", NO_KEYS, lower=-np.inf, upper=most)
    upper = model.declare(f"upper_{name}", keys, upper=1.0, integer=True, stage=RULE_STAGE)
    apart = np.maximum(most - gains.low, 0.0)
    model.state(f"edge_of_{name}", keys, [units.spread(edge), units.each(-sign), upper.terms(apart)], upper=apart, role="equity")
    model.state(f"edge_threshold_{name}", NO_KEYS, [edge.terms(), gains.worst.terms(-1.0)], upper=threshold, role="equity")
    model.state(f"past_upper_{name}", keys, [gains.past.terms(), upper.terms(-1.0)], upper=0.0, role="equity")
    model.state(f"upper_count_{name}", NO_KEYS, [one(upper.terms())], lower=rest, upper=rest, role="equity")
    parts = [one(gains.worst.terms(count if place == 2 else 1.0)), one(edge.terms(rest)), one(gains.gain.terms())]
    if place > 2:
        _exactly_worst(gains, name)
        parts += [worst_sum(units, f"{name}~{j}", j, lowest=sign > 0).times(sign * (rest + 1 if j == place - 1 else 1))
                  for j in range(2, place)]
    return Linear(name, "max" if sign > 0 else "min", Terms.concat(parts).times(sign / count), of.measured_in)


def _gains(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> _Gains:
    """gain[u] ≤ u − worst − Δ·past[u],  gain[u] ≤ most of u·past[u],  worst ≤ u,  past[u] whole.

    A unit either counts past the threshold, or gains nothing; one that cannot get past it has no choice.
    """
    threshold, sign = float(fields.threshold or 0.0), 1.0 if of.better == "high" else -1.0
    units = units_of(model, of, fields)
    low, high = turned(*extent(model, of), sign)
    most = np.maximum(high - low.min() - threshold, 0.0)
    worst = model.declare(f"worst_{name}", NO_KEYS, lower=float(low.min()), upper=float(high.min()))
    gain = model.declare(f"gain_{name}", of.units, upper=most)
    past = model.declare(f"past_{name}", of.units, upper=(most > 0).astype(float), integer=True, stage=RULE_STAGE)
    model.state(f"worst_of_{name}", of.units, [units.each(sign), units.spread(worst, -1.0)], lower=0.0, role="equity")
    model.state(f"gain_past_{name}", of.units,
                [gain.terms(), units.each(-sign), units.spread(worst), past.terms(threshold)], upper=0.0, role="equity")
    model.state(f"gain_if_past_{name}", of.units, [gain.terms(), past.terms(-most)], upper=0.0, role="equity")
    return _Gains(units, sign, low, high, worst, gain, past)


def _exactly_worst(gains: _Gains, name: str) -> None:
    """The worst is no less than some unit has: needed where gains weigh more than the worst itself.

    worst ≥ u − (…)·(1 − last[u]),  Σ last = 1
    """
    units, model = gains.units, gains.units.model
    last = model.declare(f"last_{name}", units.of.units, upper=1.0, integer=True, stage=RULE_STAGE)
    apart = gains.high - gains.low.min()
    model.state(f"worst_is_{name}", units.of.units, [units.spread(gains.worst), units.each(-gains.sign), last.terms(-apart)],
                lower=-apart, role="equity")
    model.state(f"last_count_{name}", NO_KEYS, [one(last.terms())], lower=1.0, upper=1.0, role="equity")
