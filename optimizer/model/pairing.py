"""Pairing: partners, donors' means and load, support only along a chosen pair (MODEL.md, clause 4)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.model.algebra import Algebra, Terms


def state_pairing(model: Algebra, data: Data) -> None:
    partners_of_county(model, data)
    counties_of_donor(model, data)
    load_of_donor(model, data)
    support_most(model, data)
    support_least(model, data)
    donor_money(model, data)
    support_placed(model, data)


def partners_of_county(model: Algebra, data: Data) -> None:
    """A county has between its least and most number of partners.  partners_min ≤ Σ_d pair[d,i] ≤ partners_max"""
    counties = data.counties.reset_index()
    concerned = counties["county"].isin(data.pairs["county"]) | (counties["partners_min"] > 0)
    counties = counties[concerned]
    model.state("partners_of_county", counties[["county"]], [model.terms_of("pair")],
                lower=np.where(counties["partners_min"] > 0, counties["partners_min"], -np.inf),
                upper=counties["partners_max"].to_numpy(float), role="pairing")


def counties_of_donor(model: Algebra, data: Data) -> None:
    """A donor has between its least and most number of counties.  pairs_min ≤ Σ_i pair[d,i] ≤ pairs_max"""
    donors = data.donors.reset_index()
    low = donors["pairs_min"].to_numpy(float)
    top = donors["pairs_max"].fillna(np.inf).to_numpy(float)
    concerned = (low > 0) | (top < np.inf)
    model.state("counties_of_donor", donors.loc[concerned, ["donor"]], [model.terms_of("pair")],
                lower=np.where(low > 0, low, -np.inf)[concerned], upper=top[concerned], role="donor")


def load_of_donor(model: Algebra, data: Data) -> None:
    """The load of a donor's counties fits its capacity.  Σ_i load[d,i]·pair[d,i] ≤ load_max[d]"""
    donors = data.donors.reset_index()
    limited = donors[donors["load_max"].notna()]
    pairs = model.terms_of("pair").times(data.pairs["load"].to_numpy(float))
    model.state("load_of_donor", limited[["donor"]], [pairs], upper=limited["load_max"].to_numpy(float), role="donor")


def _switches(model: Algebra) -> Terms:
    """The pair of each column of ``support``, under the keys of the support."""
    support = model.columns["support"]
    pair = model.columns["pair"]
    return pair.terms().at(support.switch - pair.first, support.keys)


def support_most(model: Algebra, data: Data) -> None:
    """Support flows only along a chosen pair, up to what donor and county can bear.

    support[d,i,t] ≤ most[d,i,t]·pair[d,i]   (money)
    """
    support = model.columns["support"]
    most = data.pair_money.loc[data.pair_money["most"] > 0, "most"].to_numpy(float)
    model.state("support_most", support.keys, [support.terms(), _switches(model).times(-most)], upper=0.0, role="switch")


def support_least(model: Algebra, data: Data) -> None:
    """A chosen pair carries at least its least support.  support[d,i,t] ≥ least[d,i,t]·pair[d,i]   (money)"""
    money = data.pair_money
    least = money[(money["least"] > 0)]
    keys = least[["donor", "county", "period"]].reset_index(drop=True)
    pair = model.columns["pair"].terms().at(least["pair"].to_numpy(int), keys)
    model.state("support_least", keys, [model.terms_of("support"), pair.times(-least["least"].to_numpy(float))],
                lower=0.0, role="switch")


def donor_money(model: Algebra, data: Data) -> None:
    """A donor gives between its commitment and its money in a period.

    least_money[d,t] ≤ Σ_i support[d,i,t] ≤ money[d,t]   (money)
    """
    money = data.donor_money
    model.state("donor_money", money[["donor", "period"]], [model.terms_of("support")],
                lower=np.where(money["least_money"] > 0, money["least_money"], -np.inf),
                upper=money["money"].to_numpy(float), role="donor_money")


def support_placed(model: Algebra, data: Data) -> None:
    """What donors of a pairing stream give a county in a period is placed on its categories.

    Σ_c placed[g,i,c,t] = Σ_d∈g support[d,i,t]   (money)
    """
    support, placed = model.terms_of("support"), model.terms_of("placed")
    stream = support.keys["donor"].map(data.donors["stream"])
    support = support.keyed(stream=stream.to_numpy())
    keys = [part.keys[["stream", "county", "period"]] for part in (support, placed) if len(part)]
    if not keys:
        return
    index = pd.concat(keys).drop_duplicates().sort_values(["stream", "county", "period"], ignore_index=True)
    model.state("support_placed", index, [placed, support.times(-1)], lower=0.0, upper=0.0, role="placed")
