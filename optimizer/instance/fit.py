"""How well a donor and a county fit: a weighted sum of named parts, each one function with its formula and source.

A part is worked out for every candidate pair from what the tables say, lies between 0 and 1, and is kept beside the sum
as ``fit_PART``. Where the data it needs are blank it is unknown (NaN here), counts 0, and ``check`` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.instance.filled import split_list

Array = np.ndarray
DIGITS = 6
TERRAIN = "terrain"  # numeric columns whose name begins so, in both tables, say what the land is like


@dataclass(frozen=True, eq=False)
class Ground:
    """What parts of the fit are worked out from.

    Attributes
    ----------
    pairs : a row for each candidate pair, distance filled in
    donors, counties : indexed by identifier, every column of the format filled, extra columns kept
    donor_at, county_at : place of each pair's donor and county in these tables
    donor_money : (donors, periods), money
    needed_money : (counties,), money that would meet every need once
    first : the first period
    """

    pairs: pd.DataFrame
    donors: pd.DataFrame
    counties: pd.DataFrame
    donor_at: Array
    county_at: Array
    donor_money: Array
    needed_money: Array
    first: int

    def shared(self, donor_column: str, county_column: str) -> tuple[Array, Array, Array, list[str]]:
        """Lists of donors and counties as 0/1 tables over all names listed: (donors, n), (counties, n), common (pairs), names."""
        lists = [split_list(frame[column]) if column in frame else [()] * len(frame)
                 for frame, column in ((self.donors, donor_column), (self.counties, county_column))]
        names = sorted({name for cells in lists for cell in cells for name in cell})
        give, take = (_members(cells, names) for cells in lists)
        return give, take, (give @ take.T)[self.donor_at, self.county_at], names


def means(ground: Ground) -> Array:
    """1 − |rank of the donor's money − rank of the county's need|, ranks between 0 (least) and 1 (most).

    The strongest donors for the neediest counties: the distance is assumed; that means are to match the depth of poverty
    is what the Guiding Opinion on East–West Cooperation (General Offices, December 2016) asks of partnerships.
    """
    donor, county = _percentile(ground.donor_money[:, 0]), _percentile(ground.needed_money)
    return np.asarray(1 - np.abs(donor[ground.donor_at] - county[ground.county_at]))


def sectors(ground: Ground) -> Array:
    """Share of the county's industries in which the donor is strong: |S_d ∩ S_i| / |S_i|.

    Tversky's ratio model of likeness (Psychological Review 84, 1977) with weight on what the county has and the donor has
    not; industrial cooperation is the first task of the Guiding Opinion of 2016.
    """
    return _share_of_county(ground, "sectors", "industries")


def distance(ground: Ground) -> Array:
    """Nearness: 1 − distance / longest distance among the candidates.

    Exchange falls with distance (Tinbergen, Shaping the World Economy, 1962); that it falls in a straight line is assumed.
    """
    km = ground.pairs["distance"].to_numpy(float)
    longest = np.nanmax(km, initial=0.0)
    return np.asarray(1 - km / longest) if longest > 0 else np.where(np.isnan(km), np.nan, 1.0)


def existing(ground: Ground) -> Array:
    """1 for a partnership of today, else 0: what is changed has to be built up anew (assumed)."""
    return ground.pairs["existing"].to_numpy(float)


def years(ground: Ground) -> Array:
    """Years that a partnership of today has lasted, over the longest of any candidate; 0 for a new one.

    Attachment between organisations grows with their years (Levinthal and Fichman, Administrative Science Quarterly 33,
    1988); that it grows in a straight line is assumed.
    """
    now = ground.pairs["existing"].to_numpy(float) == 1
    lasted = np.maximum(ground.first - ground.pairs["since"].to_numpy(float), 0.0)
    longest = np.nanmax(np.where(now, lasted, 0.0), initial=0.0)
    return np.where(now, lasted / (longest if longest > 0 else 1.0), 0.0)


def labour(ground: Ground) -> Array:
    """Share of the county's workers away from home who are at this donor: workers_di / Σ_d workers_di over the candidates.

    ``workers`` is a column of pairs (persons). Migrants follow those who went before (Munshi, Quarterly Journal of
    Economics 118, 2003); labour cooperation is a task of the Guiding Opinion of 2016.
    """
    if not _numeric(ground.pairs, "workers"):
        return np.full(len(ground.pairs), np.nan)
    workers = ground.pairs["workers"].to_numpy(float)
    away = np.bincount(ground.county_at, weights=np.nan_to_num(workers), minlength=len(ground.counties))[ground.county_at]
    return np.asarray(workers / np.where(away > 0, away, 1.0))


def terrain(ground: Ground) -> Array:
    """Likeness of the land: 1 − |x_d − x_i| / range, mean over numeric columns ``terrain…`` that donors and counties share.

    Gower's coefficient for measured characters (Biometrics 27, 1971), unknown ones left out; the range is over all donors
    and counties. That crops and building methods carry over between like lands is assumed.
    """
    columns = [c for c in ground.counties.columns if str(c).startswith(TERRAIN)
               and _numeric(ground.counties, c) and _numeric(ground.donors, c)]
    total, known = np.zeros(len(ground.pairs)), np.zeros(len(ground.pairs))
    for column in columns:
        there, here = ground.donors[column].to_numpy(float), ground.counties[column].to_numpy(float)
        both = np.concatenate([there, here])
        wide = np.nanmax(both) - np.nanmin(both) if np.isfinite(both).any() else 0.0
        apart = np.abs(there[ground.donor_at] - here[ground.county_at]) / (wide if wide > 0 else 1.0)
        total += np.nan_to_num(1 - apart, nan=0.0)
        known += ~np.isnan(apart)
    return np.where(known > 0, total / np.maximum(known, 1.0), np.nan)


def language(ground: Ground) -> Array:
    """Share of the county's ``languages`` that are spoken at the donor: |L_d ∩ L_i| / |L_i|.

    A common language eases exchange (Melitz and Toubal, Journal of International Economics 93, 2014).
    """
    return _share_of_county(ground, "languages", "languages")


def ethnicity(ground: Ground) -> Array:
    """Share of the county's ``ethnicities`` that live at the donor too: |E_d ∩ E_i| / |E_i|.

    Ties of origin carry trade and migrants (Rauch and Trindade, Review of Economics and Statistics 84, 2002).
    """
    return _share_of_county(ground, "ethnicities", "ethnicities")


def mutual(ground: Ground) -> Array:
    """What the donor gains: share of the sectors it lacks that the county has, |W_d ∩ S_i| / |W_d|.

    W_d is the donor's list ``wants`` or, where that is blank, every sector named in the instance that is not among its own.
    After Michaely's complementarity of what one side supplies and the other lacks (Trade Preferential Agreements in Latin
    America, World Bank, 1996), on lists instead of shares of trade.
    """
    strong, local, _, names = ground.shared("sectors", "industries")
    wanted = _members(split_list(ground.donors["wants"]), names) if "wants" in ground.donors else np.zeros_like(strong)
    listed = np.zeros(len(ground.donors))
    if "wants" in ground.donors:
        listed = np.array([len(set(cell)) for cell in split_list(ground.donors["wants"])], dtype=float)
    told = listed > 0
    lacks = np.where(told[:, None], wanted, (1 - strong) * (strong.sum(axis=1) > 0)[:, None])
    size = np.where(told, listed, lacks.sum(axis=1))
    known = (told | (strong.sum(axis=1) > 0))[ground.donor_at] & (local.sum(axis=1) > 0)[ground.county_at]
    share = (lacks @ local.T)[ground.donor_at, ground.county_at] / np.maximum(size, 1.0)[ground.donor_at]
    return np.where(known, share, np.nan)


@dataclass(frozen=True)
class Part:
    """One part of the fit: how it is worked out, what it reads, and what it says in a few words."""

    made: Callable[[Ground], Array]
    reads: str
    label: str


PARTS: Mapping[str, Part] = {
    "means": Part(means, "money of donors, people and unit_cost of needs", "donor's means against the county's need"),
    "sectors": Part(sectors, "sectors of donors, industries of counties", "county's industries in which the donor is strong"),
    "distance": Part(distance, "distance of pairs, or lon and lat of donors and counties", "nearness"),
    "existing": Part(existing, "existing of pairs", "partnership of today"),
    "years": Part(years, "since of existing pairs", "years of the partnership"),
    "labour": Part(labour, "workers of pairs", "county's workers away from home who are at the donor"),
    "terrain": Part(terrain, "columns terrain… of donors and counties", "likeness of the land"),
    "language": Part(language, "languages of donors and counties", "county's languages that the donor speaks"),
    "ethnicity": Part(ethnicity, "ethnicities of donors and counties", "county's ethnicities that live at the donor"),
    "mutual": Part(mutual, "wants or sectors of donors, industries of counties", "what the county has that the donor lacks"),
}
ALWAYS_MADE = ("means", "sectors", "distance", "existing")  # no column of pairs takes their place


def known_parts(pairs: pd.DataFrame) -> list[str]:
    """Names that ``pairs.fit`` may give a weight: the parts made here, and numeric columns of pairs."""
    return list(dict.fromkeys([*PARTS, *(str(c) for c in pairs.columns if _numeric(pairs, c))]))


def part_value(ground: Ground, part: str) -> Array:
    """A part for each candidate pair, NaN where it is unknown.

    A numeric column of pairs is taken as it stands; it also takes the place of a part of its name that is not one of
    ``means sectors distance existing``.
    """
    if part in ALWAYS_MADE or (part in PARTS and not _numeric(ground.pairs, part)):
        return PARTS[part].made(ground)
    return ground.pairs[part].to_numpy(float)


def with_fit(ground: Ground, weights: Mapping[str, float]) -> pd.DataFrame:
    """The pairs with ``fit``, the weighted sum of its parts, and each part as ``fit_PART``; what is unknown counts 0."""
    values = {part: np.nan_to_num(part_value(ground, part)) for part in weights}
    fit = np.zeros(len(ground.pairs))
    for part, weight in weights.items():
        fit = fit + weight * values[part]
    return ground.pairs.assign(**{f"fit_{part}": value for part, value in values.items()}, fit=np.round(fit, DIGITS))


def unknown(ground: Ground, weights: Mapping[str, float]) -> dict[str, int]:
    """For each part with gaps, how many candidate pairs it is unknown for."""
    counts = {part: int(np.isnan(part_value(ground, part)).sum()) for part in weights}
    return {part: count for part, count in counts.items() if count}


def _percentile(values: Array) -> Array:
    """Rank of each value between 0 (least) and 1 (most); ties share their mean rank."""
    ranks = pd.Series(values).rank(method="average").to_numpy()
    return np.asarray((ranks - 1) / max(len(values) - 1, 1))


def _members(cells: Sequence[tuple[str, ...]], names: Sequence[str]) -> Array:
    """1 where a list holds a name; shape (lists, names)."""
    at = {name: n for n, name in enumerate(names)}
    out = np.zeros((len(cells), len(names)))
    for row, cell in enumerate(cells):
        out[row, [at[name] for name in cell if name in at]] = 1.0
    return out


def _share_of_county(ground: Ground, donor_column: str, county_column: str) -> Array:
    """Share of what the county lists that the donor lists too; unknown where either list is blank."""
    give, take, common, _ = ground.shared(donor_column, county_column)
    size, given = take.sum(axis=1)[ground.county_at], give.sum(axis=1)[ground.donor_at]
    return np.where((size > 0) & (given > 0), common / np.maximum(size, 1.0), np.nan)


def _numeric(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and frame[column].dtype.kind in "fiu"


__all__ = ["PARTS", "Ground", "Part", "known_parts", "part_value", "unknown", "with_fit"]
