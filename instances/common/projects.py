"""Synthetic project proposals, drawn county by county from the catalogue with a fixed seed.

Each county has its own random stream, keyed by its identifier, so that one county more or less changes no
other county's projects.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .catalogue import (
    COMMITTED,
    DELAYED,
    EXCLUSIVE,
    KINDS,
    MEAN_COST,
    PARTNER_SHARE,
    REQUIRES,
    SECTOR_LABELS,
    UNDER_WAY,
    Kind,
)

SPREAD = 0.75
"""Standard deviation of the logarithm of cost around its kind's size."""


@dataclass(frozen=True)
class Catalogue:
    """The tables that projects make."""

    projects: pd.DataFrame
    effects: pd.DataFrame
    uses: pd.DataFrame


def proposals(county: pd.Series, per_county: float) -> int:
    """Number of proposals: more in larger counties, 5 to 34."""
    return int(np.clip(round(per_county * (0.3 + 0.7 * np.sqrt(county["population"] / 300_000))), 5, 34))


def draw(county: pd.Series, donor_sectors: list[str], seed: int, per_county: float, late: bool) -> list[dict[str, Any]]:
    """Draw one county's proposals; sizes are still relative to each other."""
    key = str(county.name)
    random = np.random.default_rng([seed, zlib.crc32(key.encode())])
    odds = np.array([kind.weight for kind in KINDS])
    local = county["industries"]
    rows: list[dict[str, Any]] = []
    for number in range(1, proposals(county, per_county) + 1):
        kind = KINDS[random.choice(len(KINDS), p=odds / odds.sum())]
        sector = str(random.choice(local)) if random.random() < 0.85 else str(random.choice(list(SECTOR_LABELS)))
        size = kind.size * np.exp(random.normal(-SPREAD**2 / 2, SPREAD))
        size *= np.clip(county["population"] / 400_000, 0.3, 1.4) ** 0.5
        chance = random.random(8)
        industry = kind.category == "industry"
        partner = industry and county["partnered"] == 1 and sector in donor_sectors and chance[0] < PARTNER_SHARE
        rows.append({
            "project": f"{key}-P{number:02d}", "county": key, "kind": kind, "size": size,
            "sector": sector if industry else "", "partner_sector": sector if partner else "",
            "own_share": kind.own if chance[1] < 0.5 else 0.0,
            "most": int(random.integers(2, 6)) if chance[2] < kind.scalable else 1,
            "scalable": int(chance[2] < kind.scalable), "value": float(np.exp(random.normal(0.08, 0.35))),
            "delay": int(late and chance[3] < DELAYED),
            "stage": "proposed" if partner else stage(chance[4]),
            "depends": chance[5] < REQUIRES, "alternative": chance[6] < EXCLUSIVE,
        })
    return linked(rows)


def stage(chance: float) -> str:
    """Under way, committed or proposed."""
    return "under way" if chance < UNDER_WAY else "committed" if chance < UNDER_WAY + COMMITTED else "proposed"


def linked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join some projects to the one before: as prerequisite, or as an alternative of which one may start."""
    for number, row in enumerate(rows):
        row["requires"], row["exclusive"] = "", row.get("exclusive", "")
        before = rows[number - 1] if number else None
        if before is None or row["stage"] != "proposed":
            continue
        single = not row["scalable"] and not before["scalable"]
        if row["depends"]:
            row["requires"] = before["project"]
        elif row["alternative"] and single and before["stage"] == "proposed" and not before["exclusive"]:
            row["exclusive"] = before["exclusive"] = f"{row['county']}-E{number:02d}"
    return rows


def reach(kind: Kind, need: str, cost: float, value: float, own: float, unit_cost: float, people: int) -> int:
    """People a whole project reaches: its money over the first-tier unit cost, at most 40 % of the need."""
    return int(min(max(1.0, kind.effects[need] * cost * (1 - 0.5 * own) * value / unit_cost), max(1, 0.4 * people)))


def name_of(row: dict[str, Any], county_name: str) -> str:
    """A readable name that says that the proposal is synthetic."""
    label = SECTOR_LABELS.get(row["sector"], "")
    return f"{county_name}{label}{row['kind'].title}（模拟{row['project'][-2:]}）"


def make_projects(counties: pd.DataFrame, donor_sectors: dict[str, list[str]], needs: pd.DataFrame, *, seed: int,
                  per_county: float, late: bool) -> Catalogue:
    """Return projects, effects and uses of every county.

    Parameters
    ----------
    donor_sectors : dict
        Sectors that the donors of a bloc have, by bloc.
    needs : pandas.DataFrame
        The `needs` table (people and first-tier unit cost).
    per_county : float
        Proposals of a county of 300,000 people.
    late : bool
        Some projects take effect one period later (editions of several periods).
    """
    rows = [row for _, county in counties.iterrows()
            for row in draw(county, donor_sectors.get(county["bloc"], []), seed, per_county, late)]
    scale = MEAN_COST / float(np.mean([row["size"] for row in rows]))
    people = needs.set_index(["county", "need"])["people"].to_dict()
    unit = needs.set_index(["county", "need"])["unit_cost"].to_dict()
    names = counties["name"].to_dict()
    projects, effects, uses = [], [], []
    for row in rows:
        kind: Kind = row["kind"]
        total = max(12, min(4000, round(row["size"] * scale)))
        cost = max(6, round(total / row["most"])) if row["scalable"] else total
        projects.append({
            "project": row["project"], "county": row["county"], "name": name_of(row, names[row["county"]]),
            "category": kind.category, "sector": row["sector"], "cost": cost,
            "upkeep": round(kind.upkeep * cost), "delay": row["delay"], "own_share": row["own_share"],
            "scalable": row["scalable"], "least": 0, "most": row["most"], "requires": row["requires"],
            "exclusive": row["exclusive"], "partner_sector": row["partner_sector"],
            "status": "free" if row["stage"] == "proposed" else "lock", "stage": row["stage"],
            "jobs": round(kind.jobs * cost / 100),
        })
        for need in kind.effects:
            key = (row["county"], need)
            effects.append({"project": row["project"], "need": need,
                            "people": reach(kind, need, cost, row["value"], row["own_share"], unit[key], people[key])})
        for resource, amount in kind.uses.items():
            uses.append({"project": row["project"], "resource": resource,
                         "amount": round(amount * cost / 100, 2)})
    frame = pd.DataFrame(projects)
    locked = frame["status"] == "lock"
    frame.loc[locked, ["scalable", "most", "delay"]] = (0, 1, 0)
    frame.loc[frame["requires"].map(frame.set_index("project")["scalable"]).fillna(0) == 1, "requires"] = ""
    return Catalogue(frame, pd.DataFrame(effects), pd.DataFrame(uses))
