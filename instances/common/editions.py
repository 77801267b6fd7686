"""Editions for benchmarks: ten times as many counties, or three periods. Neither is shipped."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

JITTER = 0.05
COPY_NOTE = "SYNTHETIC: counties copied with a suffix, amounts jittered by 5 %"


def suffixed(values: pd.Series, suffix: str) -> pd.Series:
    """Append a suffix to every entry that is not blank."""
    return values.where(values.isna() | (values.astype(str) == ""), values.astype(str) + suffix)


def copy_of(tables: dict[str, pd.DataFrame], number: int, seed: int) -> dict[str, pd.DataFrame]:
    """Return copy `number` of an instance: identifiers and places with a suffix, amounts jittered by 5 %."""
    if number == 0:
        return tables
    random, suffix = np.random.default_rng([seed, number]), f"-{number:02d}"
    copies = {}
    for name, table in tables.items():
        frame = table.copy()
        for column in ("county", "donor", "project", "exclusive", "requires", "of", "province", "prefecture", "bloc",
                       "city"):
            if column in frame:
                frame[column] = suffixed(frame[column], suffix)
        if name == "budgets":
            frame["scope"] = suffixed(frame["scope"], suffix)
        for column in ("population", "rural_population", "income", "people", "cost", "money", "amount"):
            if column in frame and name in ("counties", "needs", "projects", "donors"):
                factor = 1 + JITTER * (2 * random.random(len(frame)) - 1)
                frame[column] = (frame[column] * factor).round().clip(lower=1)
        copies[name] = frame
    people = copies["needs"][copies["needs"]["need"] == "income"].set_index("county")["people"]
    copies["counties"]["at_risk"] = copies["counties"]["county"].map(people).to_numpy()
    return copies


def scaled(tables: dict[str, pd.DataFrame], times: int, seed: int) -> dict[str, pd.DataFrame]:
    """Return the tables copied `times` times, the first copy unchanged."""
    copies = [copy_of(tables, number, seed) for number in range(times)]
    return {name: pd.concat([copy[name] for copy in copies]).reset_index(drop=True) for name in tables}


def growing_needs(needs: pd.DataFrame, periods: list[int]) -> pd.DataFrame:
    """Split `people` by period: 3 % new cases of lasting needs a year (assumed), yearly needs unchanged."""
    frame = needs.copy()
    lasting = frame["relapse"].notna()
    for number, period in enumerate(periods):
        frame[f"people@{period}"] = np.where(lasting, np.floor(frame["people"] * 1.03**number), frame["people"]).astype(int)
    return frame.drop(columns="people")[["county", "need", *(f"people@{p}" for p in periods), "relapse", "unit_cost"]]


def titled(settings: str, note: str) -> str:
    """Add a note to the instance's title, so that no edition is taken for the shipped one."""
    return re.sub(r"^title: (.*)$", rf"title: \1 — {note}", settings, count=1, flags=re.MULTILINE)
