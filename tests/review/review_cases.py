"""Recommendations made up for tests of page and workbook: real places, invented fits and prices."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan.outcome import PlanOutcome
from optimizer.review.recommendations import Recommendations, shaped

NATIONAL = Path(__file__).parents[2] / "instances" / "national"
PARTS = {"means": 0.4, "sectors": 0.3, "distance": 0.1, "existing": 0.2}
LIMIT = 6


def places(counties: int, donors: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first counties and donors of the national instance, with names and coordinates."""
    read = {"dtype": {"county": "str", "donor": "str"}, "encoding": "utf-8-sig"}
    some = pd.read_csv(NATIONAL / "counties.csv", **read).head(counties)  # type: ignore[call-overload]
    given = pd.read_csv(NATIONAL / "donors.csv", **read).head(donors)  # type: ignore[call-overload]
    return (some[["county", "name", "province", "prefecture", "region", "lon", "lat"]].fillna({"region": ""}),
            given[["donor", "name", "province", "lon", "lat"]])


def recommended(counties: int = 24, donors: int = 5, alternatives: int = 3, seed: int = 3) -> Recommendations:
    """A recommended partner for each county and some alternatives, prices by rank; part exact, part in brackets."""
    draw = np.random.default_rng(seed)
    some, given = places(counties, donors)
    table = _table(draw, some, given, alternatives)
    chosen = table[table["chosen"]]
    used, many = chosen.groupby("donor")["money"].sum(), chosen["donor"].value_counts()
    some = some.assign(need=draw.integers(2_000, 60_000, counties), money=table[table["chosen"]]["money"].to_numpy() * 3.0,
                       candidates=donors, note="")
    some["covered"] = (some["need"] * draw.uniform(0.4, 0.9, counties)).round()
    some["verdict"] = np.array(["settled", "clear", "toss_up"])[np.arange(counties) % 3]
    limits = given.assign(pairs=given["donor"].map(many).fillna(0).astype(int), pairs_max=float(LIMIT), load=np.nan, envy=0.0,
                          money_used=given["donor"].map(used).fillna(0.0), money_limit=30_000.0, load_max=np.nan, wanted="",
                          least_used=0.0)
    return Recommendations(_plan(some, limits, table), shaped(table, "recommendations"), shaped(some, "counties"),
                           shaped(limits, "donors"), shaped(_stability(table), "stability"), shaped(_today(table), "today"),
                           shaped(_changes(), "changes"), {"title": "Pairings for a test"})


def _table(draw: np.random.Generator, some: pd.DataFrame, given: pd.DataFrame, alternatives: int) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    ids = given["donor"].tolist()
    for at, county in enumerate(some["county"].tolist()):
        order = [ids[(at + step) % len(ids)] for step in range(1 + min(alternatives, len(ids) - 1))]
        for rank, donor in enumerate(order):
            parts = {f"fit_{part}": round(float(draw.uniform(0, 1)), 3) for part in PARTS}
            low = 0.0 if rank == 0 else round(rank * 40 + 10 * float(draw.uniform(0, 9)), 1) + 0.03
            exact = rank % 2 == 1
            rows.append({
                "county": county, "rank": 1 + rank, "donor": donor, "chosen": rank == 0, **parts,
                "fit": sum(weight * parts[f"fit_{part}"] for part, weight in PARTS.items()), "money": 1000.0 + 100 * (at % 9),
                "people_change": -low, "money_change": -10.0 * rank, "fit_change": -0.02 * rank, "price_low": low,
                "price_high": low if exact or rank == 0 else low + 12.5, "price_kind": "exact" if exact or rank == 0 else "bound",
                "held": "others" if exact else "free", "frequency": 0.9 / (1 + rank), "runs_frequency": np.nan,
                "distance": 300.0 + at, "existing": rank == 0 and at % 2 == 0, "adds": 120.0 + at if rank == 0 else np.nan,
                "adds_low": 120.0 + at - (15.0 if at % 4 == 1 else 0.0) if rank == 0 else np.nan,
                "displaces": f"{donor}>{some['county'].iloc[(at + 1) % len(some)]}" if rank == 1 else "", "moves": "",
                "binding": "donor_limit" if at % 4 == 0 and rank == 0 else "", "status": "free",
            })
    return pd.DataFrame(rows)


def _stability(table: pd.DataFrame) -> pd.DataFrame:
    other = table[~table["chosen"]].head(3)
    kinds = ["blocking", "blocking", "envy"][: len(other)]
    return pd.DataFrame({"donor": other["donor"], "county": other["county"], "kind": kinds, "donor_gain": 0.1,
                         "county_gain": 0.2})


def _today(table: pd.DataFrame) -> pd.DataFrame:
    chosen = table[table["chosen"]]
    return pd.DataFrame({"donor": chosen["donor"], "county": chosen["county"], "fit": chosen["fit"], "money": chosen["money"],
                         "status": np.where(chosen["existing"], "kept", "new"),
                         "price": np.where(chosen["existing"], np.nan, 35.0)})


def _changes() -> pd.DataFrame:
    return pd.DataFrame({"n": [0, 1, 2, 5], "value": [90_000.0, 95_000.0, 97_000.0, 98_000.0], "ended": [0, 1, 2, 4],
                         "bound": [90_100.0, 95_100.0, 97_200.0, 98_400.0], "new": [3, 4, 5, 7],
                         "gap_percent": 0.2, "coverage": 0.6})


def _plan(some: pd.DataFrame, given: pd.DataFrame, table: pd.DataFrame) -> Any:
    """What page and workbook read of a plan; nothing is solved here."""
    instance = Instance.from_frames(
        settings={"format": 1, "title": "Pairings for a test", "periods": [2026],
                  "money": {"unit": "10k_yuan", "yuan": 10000, "label": "万元", "step": 1},
                  "needs": {"water": {"kind": "yearly", "category": "infrastructure"}},
                  "categories": {"infrastructure": {}}, "streams": {"collaboration": {"kind": "pairing"}},
                  "pairs": {"candidates": "all", "fit": PARTS}},
        counties=some[["county", "province", "lon", "lat"]].assign(partners_min=1, population=100_000),
        donors=given[["donor", "lon", "lat", "pairs_max"]].assign(money=30_000.0),
        pairs=table[["donor", "county"]].assign(existing=table["existing"].astype(int), least_support=100.0),
    )
    outcome = PlanOutcome("within_gap", "coverage", 1_234_567.0, 1_235_000.0, 433.0, 0.035, "weighted person-periods", "max",
                          "single")
    claims = SimpleNamespace(versions={"optimizer": "0.1.0"})
    return SimpleNamespace(instance=instance, data=instance.data, outcome=outcome, claims=claims)
