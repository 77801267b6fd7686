"""Coverage: who is reached, who stays covered, what projects build (MODEL.md, clause 3)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.decisions import per_start, position


def state_coverage(model: Algebra, data: Data) -> None:
    held_from_reach(model, data)
    built_from_projects(model, data)
    people_in_need(model, data)


def shifted(terms: Terms) -> Terms:
    """Terms of the period before, under the keys of the next."""
    return terms.keyed(period=terms.keys["period"] + 1) if len(terms) else terms


def kept_share(data: Data, keys: pd.DataFrame) -> np.ndarray:
    """1 − ρ of each county and need in ``keys``."""
    relapse = data.needs.drop_duplicates(["county", "need"])[["county", "need", "relapse"]]
    return 1.0 - keys[["county", "need"]].merge(relapse, on=["county", "need"], how="left")["relapse"].to_numpy(float)


def held_from_reach(model: Algebra, data: Data) -> None:
    """People held in a tier are those held before, less relapse, and those newly reached (lasting needs, T > 1).

    held[i,k,j,t] ≤ (1−ρ)·held[i,k,j,t−1] + reach[i,k,j,t]   (people); the tier does not refill
    """
    held = model.terms_of("held")
    if not len(held):
        return
    before = shifted(held.times(kept_share(data, held.keys)))
    model.state("held_from_reach", model.columns["held"].keys,
                [held, before.times(-1), model.terms_of("reach").times(-1)], upper=0.0, role="coverage")


def built_from_projects(model: Algebra, data: Data) -> None:
    """People covered through projects are at most those kept from before and those whose effect counts now.

    lasting: built[i,k,t] ≤ (1−ρ)·built[i,k,t−1] + Σ effects that begin in t; yearly: built[i,k,t] ≤ Σ effects serving t
    """
    built = model.terms_of("built")
    if not len(built):
        return
    lasting = built.keys["need"].map({name: need.kind == "lasting" for name, need in data.settings.needs.items()})
    kept = built.where(lasting)
    before = shifted(kept.times(kept_share(data, kept.keys)))
    effects = per_start(model, data.served, data.served["people"].to_numpy(float))
    model.state("built_from_projects", model.columns["built"].keys,
                [built, before.times(-1), effects.times(-1)], upper=0.0, role="coverage")


def covered_terms(model: Algebra, data: Data) -> Terms:
    """People covered: Σ_j held + built; where a need is yearly or there is one period, held is what is reached."""
    reach = model.terms_of("reach")
    if len(model.terms_of("held")):
        unheld = position(model, "held", reach.keys) < 0
        reach = reach.where(unheld)
    return Terms.concat([reach, model.terms_of("held"), model.terms_of("built")])


def people_in_need(model: Algebra, data: Data) -> None:
    """No more people are covered than are in need.

    Σ_j held[i,k,j,t] + built[i,k,t] ≤ people[i,k,t]
    """
    model.state("people_in_need", data.needs[["county", "need", "period"]], [covered_terms(model, data)],
                upper=data.needs["people"].to_numpy(float), role="coverage")
