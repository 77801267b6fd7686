"""Pairs: existing partnerships are kept, or few of them end, or only for a real gain."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import PairsRule
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.rules.common import state_rule

CLOSE = 1e-6  # gains nearer to the limit than this are compared as decimals


def state_pairs_rule(model: Algebra, data: Data, rule: PairsRule) -> None:
    """At most ``max_changed`` existing pairs end; ``keep: all`` keeps them; a new pair needs ``min_gain``.

    Σ_{existing}(1 − pair) ≤ max_changed;  Σ_{d not better by min_gain} pair[d,i] ≤ 0 for each county with an existing pair
    """
    if not len(data.pairs):
        return
    pair = model.terms_of("pair")
    existing = (data.pairs["existing"] == 1).to_numpy()
    if rule.keep == "all" or rule.max_changed is not None:
        allowed = 0 if rule.keep == "all" else float(rule.max_changed or 0)
        state_rule(model, rule, "changed", pd.DataFrame(index=range(1)), [pair.where(existing)],
                   lower=float(existing.sum()) - allowed)
    if rule.min_gain is not None:
        barred = _barred(data, rule)
        index = pd.DataFrame({"county": sorted(pair.where(barred).keys["county"].unique())}) if barred.any() else pd.DataFrame()
        state_rule(model, rule, "gain", index, [pair.where(barred)], upper=0.0)


def _barred(data: Data, rule: PairsRule) -> np.ndarray:
    """New pairs that do not exceed the best existing pair of their county by ``min_gain``, told exactly where it is close."""
    column = data.pairs[rule.column].astype(float)
    existing = (data.pairs["existing"] == 1).to_numpy()
    of_county = column[existing].groupby(data.pairs.loc[existing, "county"]).max()
    value, best = column.to_numpy(float), data.pairs["county"].map(of_county).to_numpy(float)
    gain = float(rule.min_gain or 0.0)
    short = value - best - gain
    barred = ~existing & (short < 0)
    for row in np.flatnonzero(~existing & (np.abs(short) < CLOSE * (1 + gain))).tolist():
        one, other, least = (Fraction(repr(float(x))) for x in (value[row], best[row], gain))
        barred[row] = one < other + least
    return np.asarray(barred)


def changed_terms(model: Algebra, data: Data) -> Terms:
    """Existing pairs that end: Σ_{existing} (1 − pair)."""
    pair = model.terms_of("pair")
    if not len(pair):
        return pair
    existing = (data.pairs["existing"] == 1).to_numpy()
    kept = pair.where(existing)
    return Terms.concat([Terms.constants(kept.keys, np.ones(len(kept))), kept.times(-1)])
