"""The tables of the recommendations, made from a plan and the prices of its pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.review.everyone import CountyPrices
from optimizer.review.frequency import Shares
from optimizer.review.pricing import Priced
from optimizer.review.recommendations import FIT_PART, RECOMMENDATIONS, shaped

SETTLED = 0.01  # share of what a county's plan is worth above which every alternative is out of the question
TOSS_UP = 0.001  # share of it up to which an alternative is as good
SURE = 0.5  # share of near-optimal plans, and of uncertain runs, that must hold a pair for it to be settled
WANTED = 3  # counties listed for each donor
DIGITS = 4
ABOUT = ("name", "province", "prefecture", "region", "lon", "lat")
Prices = Mapping[str, CountyPrices]


def table_of(plan: Plan, prices: Prices, near: Shares | None, runs: Shares | None) -> pd.DataFrame:
    """A row for each county and partner, then for each of its alternatives."""
    rows: list[dict[str, Any]] = []
    given = plan.pairings[plan.pairings["status"] != "ended"].sort_values(["county", "donor"], kind="stable")
    chosen = {str(county): part for county, part in given.groupby("county", sort=True)}
    for county in sorted({*chosen, *prices}):
        known = prices.get(county)
        partners = chosen[county].to_dict("records") if county in chosen else []
        rows += [_partner(row, known) for row in partners]
        for rank, (donor, price) in enumerate(known.alternatives if known is not None else [], start=2):
            rows.append({"county": county, "rank": rank, "donor": donor, "chosen": False, **_priced(price)})
    frame = pd.DataFrame(rows, columns=None if rows else ["county", "donor"])
    pairs = plan.data.pairs
    parts = [str(name) for name in pairs if str(name).startswith(FIT_PART) and str(name) not in RECOMMENDATIONS]
    frame = frame.merge(pairs[["donor", "county", "fit", "distance", "existing", "status", *parts]], on=["donor", "county"],
                        how="left")
    keys = list(zip(frame["donor"].tolist(), frame["county"].tolist(), strict=True))
    for name, shares in (("frequency", near), ("runs_frequency", runs)):
        frame[name] = np.nan if shares is None else [shares.get(key, 0.0) for key in keys]
    frame["existing"] = frame["existing"] == 1
    return shaped(frame, "recommendations")


def _partner(row: Mapping[Any, Any], known: CountyPrices | None) -> dict[str, Any]:
    donor = str(row["donor"])
    binding, gone = ("", None) if known is None else known.chosen.get(donor, ("", None))
    return {"county": str(row["county"]), "rank": 1, "donor": donor, "chosen": True, "money": float(row["money"]),
            "people_change": 0.0, "money_change": 0.0, "fit_change": 0.0, "price_low": 0.0, "price_high": 0.0,
            "price_kind": "exact", "held": "others", "adds": np.nan if gone is None else _round(gone.high),
            "adds_low": np.nan if gone is None else _round(gone.low), "binding": binding}


def _priced(price: Priced) -> dict[str, Any]:
    return {"people_change": _round(price.people_change), "money_change": _round(price.money_change),
            "fit_change": _round(price.fit_change), "money": _round(price.money), "price_low": _round(price.low),
            "price_high": _round(price.high), "price_kind": "exact" if price.exact else "bound", "held": "others",
            "displaces": ";".join(price.displaces), "moves": ";".join(price.moves), "binding": price.binding, "adds": np.nan,
            "replaces": price.replaces}


def _round(value: float) -> float:
    """Short enough to read, and without a minus before nothing."""
    return round(value, DIGITS) + 0.0


def counties_of(plan: Plan, table: pd.DataFrame, prices: Prices) -> pd.DataFrame:
    """A row for each county that may have a partner."""
    data = plan.data
    candidates = data.pairs[data.pairs["status"] != "forbid"].groupby("county").size()
    pairable = data.counties.index[data.counties.index.isin(data.pairs["county"]) | (data.counties["partners_min"] > 0)]
    last = plan.coverage[plan.coverage["period"] == data.periods[-1]].groupby("county")[["people", "covered"]].sum()
    money = plan.support.groupby("county")["money"].sum()
    alternatives = {str(county): part for county, part in table[~table["chosen"]].groupby("county")}
    partners = {str(county): part for county, part in table[table["chosen"]].groupby("county")}
    rows = []
    for county in pairable.tolist():
        about = data.counties.loc[county]
        known, rest = prices.get(county), alternatives.get(county)
        verdict, note = _verdict(known, rest, partners.get(county))
        rows.append({
            "county": county, **{name: about.get(name, "") for name in ABOUT}, "need": float(last["people"].get(county, 0.0)),
            "covered": float(last["covered"].get(county, 0.0)), "money": float(money.get(county, 0.0)), "verdict": verdict,
            "candidates": int(candidates.get(county, 0)), "note": note,
            "worth": np.nan if known is None else _round(abs(known.worth)),
        })
    return shaped(pd.DataFrame(rows), "counties")


def _verdict(known: CountyPrices | None, rest: pd.DataFrame | None, partners: pd.DataFrame | None) -> tuple[str, str]:
    """Whether anybody would change a county's partner, and a remark.

    ``toss_up``: an alternative costs no more than one person in a thousand that the plan reaches in the county (of whatever
    its criterion counts there); ``settled``: none, or every one costs more than one in a hundred, and at least half of the
    near-optimal plans and of the uncertain runs hold its partners, where these were studied; ``clear``: all others that were
    priced; ``unpriced``: nobody knows. How near the best the plan is proved to be has no part in it.
    """
    if known is None:
        return "unpriced", "not priced: the time was over"
    if rest is None:
        return "settled", "no other donor can take its place" if partners is not None else "no donor can be given"
    cheapest = rest.sort_values("price_high", kind="stable").iloc[0]
    worth, low = abs(known.worth), float(rest["price_low"].min())
    note = "" if cheapest["price_high"] >= 0 else f"{cheapest['donor']} instead would be better: the plan is not proved the best"
    if low <= TOSS_UP * worth:
        return "toss_up", note
    if low <= SETTLED * worth:
        return "clear", note
    seldom = partners is not None and bool((partners[["frequency", "runs_frequency"]].min(axis=1) < SURE).any())
    return ("clear", "fewer than half of the plans studied have its partner") if seldom else ("settled", note)


def donors_of(plan: Plan, table: pd.DataFrame, envy: pd.DataFrame) -> pd.DataFrame:
    """A row for each donor: what it gives against its limits, and the counties that it would be cheapest to give it."""
    data = plan.data
    chosen = plan.pairings[plan.pairings["status"] != "ended"]
    count, load = chosen.groupby("donor").size(), chosen.groupby("donor")["load"].sum()
    used = plan.support.groupby("donor")["money"].sum()
    limits = data.donor_money.groupby("donor")[["money", "least_money"]].sum()
    envied = envy[envy["kind"] == "envy"].groupby("donor").size() if len(envy) else pd.Series(dtype=float)
    others = table[~table["chosen"]].sort_values(["price_high", "county"], kind="stable")
    wanted = {str(donor): ";".join(f"{row['county']}={row['price_high']:g}" for row in part.head(WANTED).to_dict("records"))
              for donor, part in others.groupby("donor")}
    rows = [
        {"donor": donor, **{name: about.get(name, "") for name in ("name", "province", "lon", "lat")},
         "pairs": int(count.get(donor, 0)), "pairs_max": about["pairs_max"], "load": float(load.get(donor, 0.0)),
         "load_max": about["load_max"], "money_used": float(used.get(donor, 0.0)),
         "money_limit": float(limits["money"].get(donor, 0.0)), "least_used": float(limits["least_money"].get(donor, 0.0)),
         "wanted": wanted.get(donor, ""), "envy": float(envied.get(donor, 0))}
        for donor, about in ((str(name), row) for name, row in data.donors.iterrows())
    ]
    return shaped(pd.DataFrame(rows), "donors")


def finite(value: float | None) -> float | None:
    """A number that JSON knows."""
    return None if value is None or not math.isfinite(value) else float(value)
