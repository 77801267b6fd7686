"""Candidate pairs: which donor may be joined to which county, at what fit, distance and support.

A donor–county combination is a candidate if it has a row in ``pairs`` or is made by ``pairs.candidates``; a row
overrides what is made.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.filled import by_period, filled, over_periods
from optimizer.instance.fit import Ground, with_fit
from optimizer.instance.groups import select
from optimizer.instance.settings import Settings

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


def great_circle(lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray) -> np.ndarray:
    """Great-circle distance in km between points in degrees (haversine formula)."""
    lon1, lat1, lon2, lat2 = (np.radians(x) for x in (lon1, lat1, lon2, lat2))
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def made_pairs(settings: Settings, donors: pd.DataFrame, counties: pd.DataFrame) -> np.ndarray:
    """Codes (donor position × number of counties + county position) of the combinations that blocs make."""
    blocs = settings.pairs.candidates
    if blocs == "none":
        return np.empty(0, dtype=np.int64)
    if blocs == "all":
        return np.arange(len(donors) * len(counties), dtype=np.int64)
    codes = [
        (
            np.flatnonzero(select(donors.reset_index(), bloc.donors, settings.groups))[:, None] * len(counties)
            + np.flatnonzero(select(counties.reset_index(), bloc.counties, settings.groups))[None, :]
        ).ravel()
        for bloc in blocs
    ]
    return np.unique(np.concatenate(codes)).astype(np.int64) if codes else np.empty(0, dtype=np.int64)


def candidate_pairs(
    tables: dict[str, pd.DataFrame], settings: Settings, donors: pd.DataFrame, counties: pd.DataFrame,
    donor_money: np.ndarray, needed_money: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All candidate pairs and their support limits by period.

    Parameters
    ----------
    donor_money : array (donors, periods), money
    needed_money : array (counties,), money that would meet every need once; used by the fit part ``means``

    Returns
    -------
    pairs : donor, county, stream, fit, load, distance, existing, since, status and extra columns
    pair_money : pair (row number), donor, county, period, least, most (money)
    """
    given, periods = filled(tables, "pairs"), tuple(settings.periods)
    known = given["donor"].isin(donors.index) & given["county"].isin(counties.index)
    given = given[known].reset_index(drop=True)
    donor_code = np.asarray(donors.index.get_indexer(pd.Index(given["donor"])), dtype=np.int64)
    given_code = donor_code * len(counties) + counties.index.get_indexer(pd.Index(given["county"]))
    made = np.setdiff1d(made_pairs(settings, donors, counties), given_code)
    pairs = _with_made_rows(given, made, donors, counties)
    code = np.concatenate([np.asarray(given_code, dtype=np.int64), made])
    order = np.argsort(code, kind="stable")
    pairs = pairs.iloc[order].reset_index(drop=True)
    donor_at, county_at = np.divmod(code[order], len(counties))
    pairs.insert(2, "stream", donors["stream"].to_numpy()[donor_at])
    distance = great_circle(
        donors["lon"].to_numpy(float)[donor_at], donors["lat"].to_numpy(float)[donor_at],
        counties["lon"].to_numpy(float)[county_at], counties["lat"].to_numpy(float)[county_at],
    )
    pairs["distance"] = pairs["distance"].fillna(pd.Series(distance, index=pairs.index))
    if settings.pairs.fit is not None:
        ground = Ground(pairs, donors, counties, donor_at, county_at, donor_money, needed_money, periods[0])
        pairs = with_fit(ground, settings.pairs.fit)
    means = donor_money[donor_at]
    least = by_period(pairs, "least_support", periods, 0.0)
    most = np.minimum(by_period(pairs, "most_support", periods, np.inf), means)
    keys = pd.DataFrame({"pair": np.arange(len(pairs)), "donor": pairs["donor"], "county": pairs["county"]})
    return pairs, over_periods(keys, periods, least=least, most=most)


def _with_made_rows(given: pd.DataFrame, made: np.ndarray, donors: pd.DataFrame, counties: pd.DataFrame) -> pd.DataFrame:
    """The rows given, then a row of defaults for each combination made."""
    if not len(made):
        return given
    donor_at, county_at = np.divmod(made, len(counties))
    rows = pd.DataFrame({
        "donor": donors.index.to_numpy()[donor_at], "county": counties.index.to_numpy()[county_at],
        "fit": 0.0, "load": 1.0, "existing": 0.0, "status": "free",
    })
    return pd.concat([given, rows], ignore_index=True) if len(given) else rows.reindex(columns=given.columns)
