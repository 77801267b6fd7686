"""Small instances drawn at random in which there is much to choose: every donor may be paired with every county."""

from __future__ import annotations

import numpy as np
import pandas as pd

import optimizer as opt

SECTORS = ("tea", "ore")


def pair_world(seed: int) -> opt.Instance:
    """3 to 5 counties, 3 or 4 donors, some projects that need a partner's sector, limits on pairs, load, money and support."""
    rng = np.random.default_rng(1000 + seed)
    counties, donors = [f"C{n}" for n in range(rng.integers(3, 6))], [f"D{n}" for n in range(rng.integers(3, 5))]
    periods = [2026] if rng.random() < 0.7 else [2026, 2027]
    kinds, needs = ["works", "jobs"], ("water", "work")
    numbers = range(7)
    tables = {
        "counties": pd.DataFrame({
            "county": counties, "population": 1000.0, "province": rng.choice(["P", "Q"], len(counties)),
            "partners_min": 1.0 if rng.random() < 0.6 else 0.0, "partners_max": rng.choice([1.0, 1.0, 2.0], len(counties))}),
        "needs": pd.DataFrame([
            {"county": c, "need": need, "people": float(rng.integers(60, 900)),
             "unit_cost": float(rng.choice([0.4, 0.7, 1.0, 1.6]))} for c in counties for need in needs]),
        "donors": pd.DataFrame({
            "donor": donors, "money": rng.integers(40, 200, len(donors)).astype(float),
            "pairs_max": rng.choice([1.0, 2.0, 3.0], len(donors)), "sectors": rng.choice(SECTORS, len(donors)),
            "load_max": rng.choice([3.0, 4.0, np.nan], len(donors))}),
        "pairs": pd.DataFrame([
            {"donor": d, "county": c, "fit": round(float(rng.random()), 2), "load": float(rng.choice([1, 2])),
             "existing": float(rng.random() < 0.2), "least_support": float(rng.choice([0, 0, 5])),
             "most_support": float(rng.choice([40, 90, np.nan])), "status": str(rng.choice(["free"] * 12 + ["lock", "forbid"]))}
            for d in donors for c in counties]),
        "projects": pd.DataFrame([
            {"project": f"X{n}", "county": str(rng.choice(counties)), "category": str(rng.choice(kinds)),
             "cost": float(rng.integers(10, 80)), "partner_sector": str(rng.choice(SECTORS)) if rng.random() < 0.4 else None}
            for n in numbers]),
        "effects": pd.DataFrame([
            {"project": f"X{n}", "need": str(rng.choice(needs)), "people": float(rng.integers(20, 200))} for n in numbers]),
    }
    rules = [{"id": "jobs", "type": "share", "sentence": "A share for jobs", "part": {"sum": "money", "category": "jobs"},
              "whole": {"sum": "money"}, "min": 0.3}]
    if rng.random() < 0.5:
        rules.append({"id": "ceiling", "type": "bound", "sentence": "No county takes more", "of": {"sum": "support"},
                      "each": "county", "max": 70.0})
    if rng.random() < 0.4:
        rules.append({"id": "kept", "type": "pairs", "sentence": "Few end", "max_changed": 1.0})
    return opt.Instance.from_frames(settings={
        "format": 1, "periods": periods, "money": {"unit": "10k_yuan", "step": 1},
        "needs": {"water": {"kind": "lasting", "category": "works", "tiers": [
            {"width": 0.5, "factor": 1}, {"width": 0.5, "factor": 2}]}, "work": {"kind": "yearly", "category": "jobs"}},
        "categories": {"works": {}, "jobs": {}},
        "streams": {"central": {"budget": 400.0}, "east": {"kind": "pairing"}}, "rules": rules, "settings": {"gap": 0},
        "method": {"type": "single", "levels": [{"criterion": "coverage"}]},
    }, **tables)
