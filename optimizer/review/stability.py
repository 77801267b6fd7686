"""Stability of a pairing under fit: which donors and counties would rather have each other (Gale and Shapley).

A pair blocks a pairing if it is not chosen and both would gain by it: each has room for it, or would give up a partner that
it wants less (Gale and Shapley, American Mathematical Monthly 69, 1962; pairwise stability with quotas on both sides: Roth,
Econometrica 52, 1984). The plan is made for coverage and not for fit, so blocking pairs are facts to look at and no faults.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.plan.plan import Plan

Array = np.ndarray
TINY = 1e-9
COLUMNS = ["donor", "county", "kind", "donor_gain", "county_gain"]


@dataclass(frozen=True, eq=False)
class Market:
    """Candidate pairs that are not forbidden, what each side thinks of them, and how many each can have.

    Attributes
    ----------
    donor_at, county_at : (pairs,) whole numbers
    donor_wants, county_wants : (pairs,) the larger the better; a pair of 0 or less is not wanted
    size : (pairs, limits) what a pair takes of its donor's limits: one county, its load, its least support in each period
    room : (donors, limits)
    quota : (counties,) most partners
    locked : (pairs,) pairs that nobody can give up
    """

    donor_at: Array
    county_at: Array
    donor_wants: Array
    county_wants: Array
    size: Array
    room: Array
    quota: Array
    locked: Array


@dataclass(frozen=True, eq=False)
class Stability:
    """How far a pairing is from stable.

    Attributes
    ----------
    table : donor, county, kind, donor_gain, county_gain (in fit, over the partner given up, or over nothing where there is
        room). ``blocking``: both gain; ``envy``: the donor that a county would gain most from, where that donor does not
    blocking : number of blocking pairs
    share : share of the counties with a candidate that are in one (0 to 1)
    largest : the largest gain that both sides of a blocking pair have
    fit : sum of fit of the pairing
    reference : donor, county, fit of a stable pairing under the same limits
    reference_fit : its sum of fit
    """

    table: pd.DataFrame
    blocking: int
    share: float
    largest: float
    fit: float
    reference: pd.DataFrame
    reference_fit: float


def stability(plan: Plan, donor_wants: str | None = None) -> Stability:
    """Blocking pairs and envy of a plan, and a stable pairing to compare it with.

    Counties want donors by ``fit``. Limits are partners_max, pairs_max, load_max and the donors' money over least supports;
    least numbers of partners are not looked at.

    Parameters
    ----------
    donor_wants : column of the candidate pairs by which donors want counties; ``fit_mutual`` where it is a part of the fit,
        else ``fit``
    """
    pairs = plan.data.pairs
    column = donor_wants or ("fit_mutual" if "fit_mutual" in pairs else "fit")
    open_ = (pairs["status"] != "forbid").to_numpy()
    market, rows = market_of(plan.data, column, open_), pairs[open_].reset_index(drop=True)
    listed = plan.pairings[plan.pairings["status"] != "ended"]
    chosen = pd.MultiIndex.from_frame(rows[["donor", "county"]]).isin(pd.MultiIndex.from_frame(listed[["donor", "county"]]))
    donor_gain, county_gain = gains(market, chosen)
    blocks = (donor_gain > TINY) & (county_gain > TINY)
    envies = _most_wanted(market, np.where(blocks | ~_held_by_others(market, chosen), -np.inf, county_gain))
    table = rows[["donor", "county"]].assign(kind=np.where(blocks, "blocking", "envy"), donor_gain=donor_gain,
                                             county_gain=county_gain)[blocks | envies]
    table = table.sort_values(["kind", "county", "county_gain", "donor"], ascending=[True, True, False, True], ignore_index=True)
    least = np.minimum(donor_gain, county_gain)[blocks]
    stable = stable_pairs(market)
    return Stability(
        table.round(6)[COLUMNS], int(blocks.sum()),
        len(np.unique(market.county_at[blocks])) / max(len(np.unique(market.county_at)), 1), float(least.max(initial=0.0)),
        float(rows["fit"][chosen].sum()), rows.loc[stable, ["donor", "county", "fit"]].reset_index(drop=True),
        float(rows["fit"][stable].sum()),
    )


def market_of(data: Data, donor_wants: str, open_: Array) -> Market:
    """The market of an instance over the pairs ``open_`` (a mask over its candidates)."""
    pairs, donors = data.pairs[open_], data.donors
    least = data.pair_money["least"].to_numpy(float).reshape(len(data.pairs), len(data.periods))[open_]
    money = data.donor_money["money"].to_numpy(float).reshape(len(donors), len(data.periods))
    limits = donors[["pairs_max", "load_max"]].astype(float).fillna(np.inf).to_numpy()
    return Market(
        donors.index.get_indexer(pd.Index(pairs["donor"])), data.counties.index.get_indexer(pd.Index(pairs["county"])),
        np.nan_to_num(pairs[donor_wants].to_numpy(float)), np.nan_to_num(pairs["fit"].to_numpy(float)),
        np.column_stack([np.ones(len(pairs)), pairs["load"].to_numpy(float), least]), np.column_stack([limits, money]),
        data.counties["partners_max"].to_numpy(float), (pairs["status"] == "lock").to_numpy(),
    )


def gains(market: Market, chosen: Array) -> tuple[Array, Array]:
    """What donor and county would gain by each pair, over what they would give up for it; −inf where they cannot have it.

    A pair that is chosen already is gained by nobody.
    """
    county = _county_gains(market, chosen)
    donor = np.full(len(chosen), -np.inf)
    for at in range(len(market.room)):
        mine = np.flatnonzero(market.donor_at == at)
        if len(mine):
            donor[mine] = _donor_gains(market, mine, mine[chosen[mine]], at)
    return np.where(chosen, -np.inf, donor), np.where(chosen, -np.inf, county)


def _county_gains(market: Market, chosen: Array) -> Array:
    """Over nothing where the county has room, else over the partner it wants least of those that are not locked."""
    count = np.bincount(market.county_at[chosen], minlength=len(market.quota))
    worst = np.full(len(market.quota), np.inf)
    free = chosen & ~market.locked
    np.minimum.at(worst, market.county_at[free], market.county_wants[free])
    over = np.where(market.quota <= 0, np.inf, np.where(count < market.quota, 0.0, worst))
    return np.asarray(market.county_wants - over[market.county_at])


def _donor_gains(market: Market, mine: Array, held: Array, donor: int) -> Array:
    """Over nothing where all limits leave room, else over the one pair given up that makes room and is wanted least."""
    wants, size, room = market.donor_wants[mine], market.size[mine], market.room[donor] * (1 + TINY) + TINY
    used = market.size[held].sum(axis=0)
    gain = np.where((used + size <= room).all(axis=1), wants, -np.inf)
    for one in held[~market.locked[held]]:
        fits = (used - market.size[one] + size <= room).all(axis=1)
        gain = np.where(fits, np.maximum(gain, wants - market.donor_wants[one]), gain)
    return np.asarray(gain)


def _held_by_others(market: Market, chosen: Array) -> Array:
    """Pairs whose donor has a county today that it could have given up for this one."""
    return np.asarray(np.isin(market.donor_at, market.donor_at[chosen & ~market.locked]))


def _most_wanted(market: Market, gain: Array) -> Array:
    """For each county the pair it would gain most by, if any; the first where several are equal."""
    order = np.lexsort((-gain, market.county_at))
    first = np.r_[True, np.diff(market.county_at[order]) != 0] if len(order) else np.zeros(0, dtype=bool)
    out = np.zeros(len(gain), dtype=bool)
    out[order[first]] = True
    return np.asarray(out & (gain > TINY))


def stable_pairs(market: Market) -> Array:
    """A stable pairing, as a mask over the pairs; locked pairs are kept.

    Where both sides want alike, pairs are taken by falling fit as long as both have room: the stable pairing of globally
    ranked pairs (Abraham, Levavi, Manlove and O'Malley, Internet Mathematics 5, 2008), with loads too. Else deferred
    acceptance with the counties proposing (Gale and Shapley 1962; Roth 1984), which is stable where pairs take the same
    room, and where loads differ may leave pairs that block.
    """
    if np.array_equal(market.donor_wants, market.county_wants):
        return _by_falling_fit(market)
    refused = (market.county_wants <= TINY) | (market.donor_wants <= TINY)
    while True:
        asked = _proposals(market, refused & ~market.locked)
        kept = np.zeros(len(asked), dtype=bool)
        for donor in np.unique(market.donor_at[asked]):
            mine = np.flatnonzero(asked & (market.donor_at == donor))
            kept[_best_that_fit(market, mine, donor)] = True
        if np.array_equal(asked, kept):
            return kept
        refused = refused | (asked & ~kept)


def _by_falling_fit(market: Market) -> Array:
    used, partners = np.zeros_like(market.room), np.zeros(len(market.quota))
    kept = np.zeros(len(market.donor_at), dtype=bool)
    for pair in np.lexsort((-market.county_wants, ~market.locked)):
        donor, county = market.donor_at[pair], market.county_at[pair]
        fits = partners[county] < market.quota[county] and (
            used[donor] + market.size[pair] <= market.room[donor] * (1 + TINY) + TINY).all()
        if market.locked[pair] or (fits and market.county_wants[pair] > TINY):
            kept[pair] = True
            used[donor] += market.size[pair]
            partners[county] += 1
    return kept


def _proposals(market: Market, refused: Array) -> Array:
    """Each county's locked pairs, then those it wants most of what has not been refused, up to its quota."""
    order = np.lexsort((-market.county_wants, ~market.locked, market.county_at))
    order = order[~refused[order]]
    county = market.county_at[order]
    rank = np.arange(len(order)) - np.searchsorted(county, county)
    out = np.zeros(len(refused), dtype=bool)
    out[order[(rank < market.quota[county]) | market.locked[order]]] = True
    return out


def _best_that_fit(market: Market, mine: Array, donor: int) -> list[int]:
    """Of the pairs asked of a donor: the locked ones, then by falling want each that still fits."""
    used, kept = np.zeros(market.room.shape[1]), []
    for pair in mine[np.lexsort((-market.donor_wants[mine], ~market.locked[mine]))]:
        if market.locked[pair] or (used + market.size[pair] <= market.room[donor] * (1 + TINY) + TINY).all():
            kept.append(int(pair))
            used = used + market.size[pair]
    return kept


__all__ = ["Market", "Stability", "gains", "market_of", "stability", "stable_pairs"]
