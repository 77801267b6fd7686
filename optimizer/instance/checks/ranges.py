"""Numbers that are possible one by one, but not together: points far from all others, a least above its most.

Reading has seen to each number by itself (negative, infinite, beyond a share, not whole).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import amount
from optimizer.instance.findings import Finding

ORDER = (  # (table, low, default, high, default)
    ("counties", "partners_min", 0.0, "partners_max", 1.0), ("donors", "pairs_min", 0.0, "pairs_max", np.inf),
    ("projects", "least", 0.0, "most", 1.0),
)
ORDER_PERIODS = (("pairs", "least_support", 0.0, "most_support", np.inf), ("donors", "least_money", 0.0, "money", 0.0))


def check(view: View) -> Iterator[Finding]:
    """Places on the map, numbers that start at 1, and pairs of bounds in one row."""
    yield from _coordinates(view)
    yield from _from_one(view)
    yield from _order(view)


def _from_one(view: View) -> Iterator[Finding]:
    for table, column in (("projects", "lasts"), ("tiers", "tier")):
        yield from view.cells(table, column, view.number(table, column) < 1, "is below 1", "Write a whole number of 1 or more.")


def _coordinates(view: View) -> Iterator[Finding]:
    for table in ("counties", "donors"):
        lon, lat = view.number(table, "lon"), view.number(table, "lat")
        yield from _stray_points(view, table, lon, lat)
        half = np.isnan(lon) != np.isnan(lat)
        for column, values in (("lon", lon), ("lat", lat)):
            yield from view.cells(table, column, half & np.isnan(values), "is blank though the other coordinate is there",
                                  "Write both or neither.", "warning")


def _stray_points(view: View, table: str, lon: np.ndarray, lat: np.ndarray) -> Iterator[Finding]:
    """Points that would lie among the others if their two numbers changed places, or that are 0, 0."""
    good = np.isfinite(lon) & np.isfinite(lat)
    if good.sum() < 4:
        return
    mid = np.median(lon[good]), np.median(lat[good])
    if abs(mid[0] - mid[1]) < 30:
        return
    here = np.hypot(lon - mid[0], lat - mid[1])
    there = np.hypot(lat - mid[0], lon - mid[1])
    swapped = good & (here > 50) & (there < here / 2) & (np.abs(lat) <= 90)
    yield from view.cells(table, "lon", swapped, "lies far from all other points; longitude and latitude seem to be swapped",
                          lambda i: f"Write lon {lat[i]:g} and lat {lon[i]:g}, if that is what is meant.")
    zero = good & (lon == 0) & (lat == 0) & (here > 30)
    yield from view.cells(table, "lon", zero, "the point 0, 0 lies in the Gulf of Guinea",
                          "Leave both cells blank if the place is unknown.")


def _order(view: View) -> Iterator[Finding]:
    for table, low, low_default, high, high_default in ORDER:
        yield from _ordered(view, table, low, low_default, high, high_default)
    for table, low, low_default, high, high_default in ORDER_PERIODS:
        yield from _ordered_by_period(view, table, low, low_default, high, high_default)
    yield from _support_beyond_means(view)


def _ordered(view: View, table: str, low: str, low_default: float, high: str, high_default: float) -> Iterator[Finding]:
    least, most = view.number(table, low, low_default), view.number(table, high, high_default)
    yield from view.cells(table, low, least > most, lambda i: f"is more than {high}, which is {amount(most[i])}",
                          f"Raise {high} or lower {low}.")


def _ordered_by_period(
    view: View, table: str, low: str, low_default: float, high: str, high_default: float
) -> Iterator[Finding]:
    """One finding a row, at the first period in which the least is above the most."""
    least, most = view.periodic(table, low, low_default), view.periodic(table, high, high_default)
    bad = least > most
    columns = view.written(table, low)
    if not columns or not bad.any():
        return
    first = bad.argmax(axis=1)
    at = np.array([f"{low}@{p}" if f"{low}@{p}" in columns else columns[0] for p in view.periods], dtype=object)
    for column in dict.fromkeys(at):
        yield from view.cells(
            table, str(column), bad.any(axis=1) & (at[first] == column),
            lambda i: f"is more than {high} in {view.periods[first[i]]}, which is {amount(most[i, first[i]])}",
            f"Raise {high} or lower {low}.",
        )


def _support_beyond_means(view: View) -> Iterator[Finding]:
    """Pairs that could never be chosen: the donor has less than the least support."""
    if not view.size("pairs"):
        return
    money = dict(zip(view.text("donors", "donor"), view.periodic("donors", "money", 0.0), strict=True))
    least = view.periodic("pairs", "least_support", 0.0)
    donors = view.text("pairs", "donor")
    means = np.array([money.get(d, np.full(least.shape[1], np.inf)) for d in donors]).reshape(least.shape)
    beyond = (least > means).any(axis=1)
    locked = (view.text("pairs", "status") == "lock").to_numpy()
    columns = view.written("pairs", "least_support") or ["donor"]
    for mask, severity in ((beyond & locked, "error"), (beyond & ~locked, "warning")):
        yield from view.cells(
            "pairs", columns[0], mask,
            lambda i: f"is more than donor {donors[i]} has ({amount(float(means[i].min()))}): the pair can never be chosen",
            "Lower least_support, or correct the donor's money in " + view.file("donors") + ".", severity,  # type: ignore[arg-type]
        )
