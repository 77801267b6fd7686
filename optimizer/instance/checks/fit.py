"""Parts of the fit: names that mean nothing, and parts that the data leave unknown."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import counted, near
from optimizer.instance.data import Data, needed_money
from optimizer.instance.findings import Finding
from optimizer.instance.fit import PARTS, Ground, known_parts, unknown


def check(view: View) -> Iterator[Finding]:
    """Parts that are neither made nor a numeric column of pairs."""
    known = known_parts(view.frame("pairs"))
    for part in view.settings.pairs.fit or {}:
        if part not in known:
            meant = near(part, known)
            listed = f"Known: {', '.join(known)}"
            yield view.setting("pairs", "fit", part, None, "is no part of the fit",
                               listed if meant.startswith("Known") else f"{meant} {listed}")


def gaps(view: View, data: Data) -> Iterator[Finding]:
    """Parts that are unknown for some candidate pairs of a sound instance: they count 0 there."""
    weights = view.settings.pairs.fit or {}
    if not weights or not len(data.pairs):
        return
    for part, missing in unknown(ground_of(data), weights).items():
        whole = "all" if missing == len(data.pairs) else f"{missing:,} of"
        reads = PARTS[part].reads if part in PARTS and part not in view.frame("pairs") else f"{part} of pairs"
        yield view.setting(
            "pairs", "fit", part, None, f"is unknown for {whole} {counted(len(data.pairs), 'candidate pair')} and counts 0 there",
            f"Fill in {reads}, or take the part out", "warning",
        )


def ground_of(data: Data) -> Ground:
    """What the fit of an instance is worked out from."""
    pairs, donors, counties = data.pairs, data.donors, data.counties
    money = data.donor_money["money"].to_numpy(float).reshape(len(donors), len(data.periods))
    donor_at, county_at = (index.get_indexer(pd.Index(pairs[name])) for index, name in (
        (donors.index, "donor"), (counties.index, "county")))
    return Ground(pairs, donors, counties, donor_at, county_at, money, needed_money(data.needs, counties, data.periods),
                  data.periods[0])
