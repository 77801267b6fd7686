"""Coverage counted in full: rows for criteria that could gain from people who are reached and not counted.

The clauses of `optimizer.model.coverage` say how many people are covered at most; that is enough wherever more is better.
An index of inequality may want fewer in the counties that stand well, and would then find them on paper alone: dear
tiers paid before cheap ones, effects of projects left out. These rows take that away. Over several periods they hold
for yearly needs; for lasting needs, whose tiers remember, they are not stated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.engine.program import Bools, Floats, Program
from optimizer.instance.data import Data
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.coverage import covered_terms
from optimizer.model.decisions import PROJECT_STAGE, per_start, position

KEYS = ["county", "need", "period"]
BINARY_ROWS = ("tier_entered", "tier_filled", "built_in_full", "need_met")
ONE = 1.0  # people are whole in the plan: a full tier and a built effect may each be short of the model's by less than one


def count_in_full(model: Algebra, data: Data) -> None:
    """State the rows, once."""
    if "tier_full" in model.columns:
        return
    tiers_in_order(model, data)
    effects = _effects(model, data)
    built_in_full(model, data, effects)
    counted(model, data, effects)


def _memoryless(data: Data) -> pd.DataFrame:
    """county, need, period, people: where coverage depends on the period alone."""
    if len(data.periods) == 1:
        return data.needs[[*KEYS, "people"]]
    return data.needs.loc[(data.needs["kind"] == "yearly").to_numpy(), [*KEYS, "people"]]


def tiers_in_order(model: Algebra, data: Data) -> None:
    """A tier is entered only where the one before it is full (``tier_full`` ∈ {0,1}).

    reach[i,k,j+1,t] ≤ width_{j+1}·people·tier_full[i,k,j,t]  and  reach[i,k,j,t] ≥ (width_j·people − 1)·tier_full[i,k,j,t]
    """
    tiers = data.tiers.merge(_memoryless(data), on=KEYS).sort_values([*KEYS, "tier"], ignore_index=True)
    room = (tiers["width"] * tiers["people"]).to_numpy(float)
    same = (tiers[KEYS].to_numpy(object)[1:] == tiers[KEYS].to_numpy(object)[:-1]).all(axis=1)
    at = np.flatnonzero(same)
    keys = tiers.loc[at, ["county", "need", "tier", "period"]].reset_index(drop=True)
    full = model.declare("tier_full", keys, upper=1.0, integer=True, stage=PROJECT_STAGE)
    after = tiers.loc[at + 1, ["county", "need", "tier", "period"]].reset_index(drop=True)
    reach = model.columns["reach"].terms()
    first = model.columns["reach"].first
    entered = reach.at(position(model, "reach", after) - first, keys)
    filled = reach.at(position(model, "reach", keys) - first, keys)
    model.state("tier_entered", keys, [entered, full.terms(-room[at + 1])], upper=0.0, role="counted")
    model.state("tier_filled", keys, [filled, full.terms(-np.maximum(room[at] - ONE, 0.0))], lower=0.0, role="counted")


@dataclass(frozen=True, eq=False)
class _Effects:
    """What projects do for each county, need and period of ``index``: terms, and the least and most they can add up to."""

    index: pd.DataFrame
    terms: Terms
    low: np.ndarray
    high: np.ndarray

    @property
    def people(self) -> np.ndarray:
        return self.index["people"].to_numpy(float)

    @property
    def slope(self) -> np.ndarray:
        """Of min(people, ·) between the least and the most."""
        wide = self.high - self.low
        gain = np.minimum(self.people, self.high) - np.minimum(self.people, self.low)
        return np.where(wide > 0, gain / np.where(wide > 0, wide, 1.0), 0.0)

    @property
    def fixed(self) -> np.ndarray:
        """What slope · (Σ effects) lacks of the line between the two ends."""
        return np.asarray(np.minimum(self.people, self.low) - self.slope * self.low)

    def sloped(self) -> Terms:
        """slope · Σ effects."""
        keys = self.terms.keys[KEYS]
        part = keys.merge(self.index[KEYS].assign(slope=self.slope), on=KEYS, how="left")["slope"].fillna(0.0)
        return Terms(keys, self.terms.column, self.terms.coefficient * part.to_numpy(float))


def _effects(model: Algebra, data: Data) -> _Effects:
    """Over everything that depends on its period alone and that projects could not serve without limit."""
    served = data.served.reset_index(drop=True)
    terms = per_start(model, served, served["people"].to_numpy(float))
    low, high = _bounds(model)
    sums = terms.keys[KEYS].assign(low=terms.coefficient * low[terms.column], high=terms.coefficient * high[terms.column])
    index = _memoryless(data).merge(sums.groupby(KEYS, as_index=False)[["low", "high"]].sum(), on=KEYS, how="left")
    index = index.fillna({"low": 0.0, "high": 0.0})
    index = index[np.isfinite(index["high"]).to_numpy()].reset_index(drop=True)
    return _Effects(index[[*KEYS, "people"]], terms, index["low"].to_numpy(float), index["high"].to_numpy(float))


def built_in_full(model: Algebra, data: Data, effects: _Effects) -> None:
    """Effects of projects all count, unless nobody is left in need (``met`` ∈ {0,1}): then money may come on top for nothing.

    built[i,k,t] ≥ line(Σ effects) − 1 − min(people, high)·met[i,k,t]  and  covered[i,k,t] ≥ (people − 2)·met[i,k,t], where
    the effects lie between low and high whatever is chosen and line is min(people, ·) at both and straight between
    """
    some = effects.high > 0
    index = effects.index.loc[some, KEYS].reset_index(drop=True)
    met = model.declare("met", index, upper=1.0, integer=True, stage=PROJECT_STAGE)
    most = np.minimum(effects.people, effects.high)[some]
    model.state("built_in_full", index, [model.terms_of("built"), effects.sloped().times(-1), met.terms(most)],
                lower=effects.fixed[some] - ONE, role="counted")
    enough = np.maximum(effects.people[some] - 2 * ONE, 0.0)
    model.state("need_met", index, [covered_terms(model, data), met.terms(-enough)], lower=0.0, role="counted")


def counted(model: Algebra, data: Data, effects: _Effects) -> None:
    """No fewer are covered than effects and money reach at the least favourable: what linear programs know of the above.

    covered[i,k,t] ≥ line(Σ effects) + Σ_j cost_j·reach_j · (min(people, high + Σ_j width_j·people) − min(people, high))
    / Σ_j cost_j·width_j·people − 2: what is reached is concave in effects and money, so that a plane below it at the four
    ends is below it everywhere
    """
    index = effects.index
    tiers = data.tiers.assign(at_cost=data.tiers["width"] * data.tiers["cost"]).groupby(KEYS, as_index=False)[
        ["width", "at_cost"]].sum()
    direct = index.merge(tiers, on=KEYS, how="left").fillna({"width": 0.0, "at_cost": 0.0})
    people, most = effects.people, np.minimum(effects.people, effects.high)
    whole = direct["at_cost"].to_numpy(float) * people
    more = np.minimum(people, effects.high + direct["width"].to_numpy(float) * people) - most
    rate = np.where(whole > 0, more / np.where(whole > 0, whole, 1.0), 0.0)
    reach = model.columns["reach"]
    cost = reach.keys.merge(data.tiers, on=["county", "need", "tier", "period"], how="left")["cost"].to_numpy(float)
    each = reach.keys.merge(index[KEYS].assign(rate=rate), on=KEYS, how="left")["rate"].fillna(0.0).to_numpy(float)
    model.state("counted", index[KEYS], [covered_terms(model, data), effects.sloped().times(-1), reach.terms(-cost * each)],
                lower=effects.fixed - 2 * ONE, role="counted")


def _bounds(model: Algebra) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of all columns declared so far."""
    families = list(model.columns.values())
    return np.concatenate([f.lower for f in families]), np.concatenate([f.upper for f in families])


def counting_columns(program: Program) -> Bools:
    """The binaries that this module adds: what is decided elsewhere settles them."""
    out = np.zeros(program.n_columns, bool)
    for family in program.columns:
        if family.name in ("tier_full", "met"):
            out[family.start : family.stop] = True
    return out


def counted_truly(program: Program, data: Data, x: Floats) -> Floats:
    """The point with the binaries of this module as its money and projects have them: tiers filled cheapest first."""
    family = {f.name: f for f in (*program.columns, *program.rows)}
    if "tier_full" not in family:
        return x
    out, reach = x.copy(), family["reach"]
    tiers = reach.keys.merge(data.tiers, on=["county", "need", "tier", "period"], how="left")
    tiers = tiers.assign(room=program.col_upper[reach.start : reach.stop], people=x[reach.start : reach.stop])
    tiers = tiers.sort_values([*KEYS, "tier"], ignore_index=True)
    each = [tiers[name] for name in KEYS]
    paid = (tiers["people"] * tiers["cost"]).groupby(each).transform("sum")
    whole = (tiers["room"] * tiers["cost"]).groupby(each).cumsum()
    before = paid - (whole - tiers["room"] * tiers["cost"])
    bought = before / tiers["cost"].where(tiers["cost"] > 0)
    filled = bought.clip(0.0, tiers["room"]).fillna(tiers["room"])
    full = (filled >= tiers["room"] - ONE).set_axis(pd.MultiIndex.from_frame(tiers[["county", "need", "tier", "period"]]))
    last = family["tier_full"]
    out[last.start : last.stop] = full.reindex(pd.MultiIndex.from_frame(last.keys)).to_numpy(float)
    if "built_in_full" in family:
        met, rows = family["met"], family["built_in_full"]
        bare = x.copy()
        bare[met.start : met.stop] = 0.0
        bare[family["built"].start : family["built"].stop] = 0.0
        effects = program.row_lower[rows.start : rows.stop] + ONE - program.matrix[rows.start : rows.stop] @ bare
        keys = pd.MultiIndex.from_frame(met.keys[KEYS])
        money = filled.groupby(each).sum().reindex(keys).fillna(0.0).to_numpy(float)
        people = data.needs.set_index(KEYS)["people"].reindex(keys).to_numpy(float)
        out[met.start : met.stop] = effects + money > people + ONE
    return out
