"""What the recommendations promised that a decision would cost, to be told beside what it came to."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from optimizer.instance.data import Data

Names = Mapping[tuple[str, str], str]  # of a donor, county or project by its kind and identifier
WANTED = ("accept", "lock")


def promises(decisions: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The decisions with promised_low and promised_high: the price that was told of each which overrules the recommendation.

    A pair chosen instead has its own price; a recommended pair that is forbidden that of its cheapest stand-in, unless another
    is chosen in its place. Decisions that overrule nothing, or of which nothing was told, are blank.

    Parameters
    ----------
    decisions : those that stand: kind, donor, county, decision
    table : the recommendations on which was decided
    """
    rows = {(row["donor"], row["county"]): row for row in table.to_dict("records")}
    pairs = decisions[decisions["kind"] == "pair"]
    instead = {county for donor, county, word in pairs[["donor", "county", "decision"]].itertuples(index=False)
               if word in WANTED and not rows.get((donor, county), {}).get("chosen", False)}
    low, high = [], []
    for kind, donor, county, word in decisions[["kind", "donor", "county", "decision"]].itertuples(index=False):
        row, ends = rows.get((donor, county)) if kind == "pair" else None, (math.nan, math.nan)
        if row is not None and word in WANTED and not row["chosen"]:
            ends = float(row["price_low"]), float(row["price_high"])
        elif row is not None and word == "forbid" and row["chosen"] and county not in instead:
            ends = float(row["adds"] if math.isnan(row["adds_low"]) else row["adds_low"]), float(row["adds"])
        low.append(ends[0])
        high.append(ends[1])
    return decisions.assign(promised_low=low, promised_high=high)


def names_of(data: Data, decisions: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Names of the donors, counties and projects that decisions are about, where they have one besides their identifier."""
    out: dict[tuple[str, str], str] = {}
    for kind, table in (("donor", data.donors), ("county", data.counties), ("project", data.projects)):
        for key in set(decisions[kind].dropna()) & set(table.index) if "name" in table else ():
            name = table.at[key, "name"]
            if isinstance(name, str) and name not in ("", str(key)):
                out[kind, str(key)] = name
    return out


__all__ = ["Names", "names_of", "promises"]
