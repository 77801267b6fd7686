"""Two readings of one plan: what assembling derives and what the audit recomputes are the same, feasible or not."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan.assemble import assemble
from optimizer.plan.audit import CLAUSES, audit
from optimizer.plan.choices import Choices, Claims, Level

NAN = float("nan")
PERIODS = [2026, 2027, 2028]
#: Clauses that a plan drawn at random may fail; every other one says that two readings agree.
MAY_FAIL = {
    "signs", "stream_least", "unspent", "pair_locks", "pair_forbids", "partners", "donor_pairs", "donor_load", "support_pairs",
    "support_limits", "donor_money", "donor_least", "support_placed", "project_locks", "project_forbids", "project_requires",
    "project_exclusive", "project_partners", "project_amounts", "resources", "direct_support", "rule_hard", "stream_reach",
    "stream_categories", "criterion_bounds", "decided_money",
}
RULES = [
    {"id": "floor", "type": "bound", "of": {"sum": "money", "stream": "central"}, "each": "county", "min": 40, "or_zero": 1},
    {"id": "head", "type": "bound", "of": {"sum": "money"}, "each": "region", "per": ["population"], "min": "2%",
     "periods": "total"},
    {"id": "income", "type": "bound", "of": {"sum": "money"}, "per": ["income", "population"], "max": 0.5, "price": 3},
    {"id": "met", "type": "bound", "of": {"sum": "covered", "need": ["water", "house"]}, "each": "county", "per": ["people"],
     "min": "40%", "periods": "last"},
    {"id": "sum", "type": "bound", "of": {"sum": "gap", "weighted": 1}, "max": 900, "periods": "total", "price": 1},
    {"id": "part", "type": "share", "part": {"sum": "money", "category": "industry"}, "whole": {"sum": "money"}, "each": "region",
     "min": "30%", "max": "60%"},
    {"id": "mix", "type": "share", "part": {"sum": "projects", "column": "cost"}, "whole": {"sum": "projects", "column": "cost"},
     "each": "region", "part_each": "sector", "max": "70%", "from": 3},
    {"id": "more", "type": "share", "part": {"sum": "money", "stream": "central", "county": {"region": "west"}},
     "whole": {"sum": "money", "stream": "central"}, "min": "55%", "increase_over": "last", "periods": "total"},
    {"id": "steady", "type": "band", "of": {"sum": "money", "stream": "central"}, "to": "last", "each": "county", "low": 0.7,
     "high": 1.3, "price": 0.1},
    {"id": "scaled", "type": "band", "of": {"sum": "money", "stream": "central"}, "to": "last", "each": "county", "low": 0.7,
     "scaled": 1},
    {"id": "method", "type": "band", "of": {"sum": "money", "stream": "central"}, "to": "factor", "each": "region", "low": 0.8,
     "high": 1.2, "periods": [2027]},
    {"id": "kept", "type": "pairs", "max_changed": 1, "min_gain": 0.1},
    {"id": "out", "type": "exit", "needs": ["water", "house"], "combine": "sum", "at_least": 2,
     "threshold": [{"where": {"region": "west"}, "value": "3%"}, {"where": {"region": "mid"}, "value": "2%"}]},
    {"id": "worst", "type": "equity", "equity": "maximin", "outcome": "covered_share", "min": "20%"},
    {"id": "lost", "type": "equity", "equity": "maximin", "outcome": "gap_per_1000", "over": "region", "max": 50},
    {"id": "burden", "type": "equity", "equity": "maximin", "outcome": "burden", "over": "donors", "max": 0.2},
]
CRITERIA = {
    "west": {"sense": "max", "of": {"sum": "covered", "county": {"region": "west"}}},
    "jobs": {"sense": "max", "of": {"sum": "projects", "column": "jobs"}},
    "far": {"sense": "min", "of": {"sum": "pairs", "column": "distance"}},
    "rate": {"sense": "min", "of": {"sum": "gap", "periods": "last"}, "per": ["population"]},
    "least": {"equity": "maximin", "outcome": "money_per_head"},
}


def settings(draw: random.Random) -> dict[str, object]:
    return {
        "periods": {2026: 1, 2027: 0.9, 2028: 0.8},
        "money": {"unit": "10k_yuan", "step": draw.choice([1, 5, 0.1])},
        "needs": {
            "water": {"kind": "lasting", "category": "building", "weight": "cost",
                      "tiers": [{"width": 0.45, "factor": 1}, {"width": 0.3, "factor": 1.7}]},
            "house": {"kind": "lasting", "category": "building", "weight": 0.7},
            "work": {"kind": "yearly", "category": "industry", "weight": "cost"},
        },
        "categories": {"building": {}, "industry": {}},
        "streams": {"central": {"budget": {2026: 500, 2027: 450, 2028: 620}, "carry": "20%", "least_spend": "10%"},
                    "local": {"categories": ["industry"]}, "east": {"kind": "pairing"}},
        "pairs": {"candidates": "all", "fit": {"sectors": 0.5, "distance": 0.3, "existing": 0.2}},
        "rules": [{"sentence": "a rule", **rule} for rule in RULES], "criteria": CRITERIA,
        "factor": {"streams": ["central"], "factors": [
            {"column": "population", "weight": 0.4},
            {"column": "income", "weight": 0.6, "direction": "low", "scale": "population"}]},
        "method": {"type": draw.choice(["lexicographic", "weighted"]),
                   "levels": [{"criterion": "broken", "weight": 2}, {"criterion": "coverage", "weight": 0.3}]},
        "settings": {"unspent": "allow"},
    }


def frames(draw: random.Random) -> dict[str, pd.DataFrame]:
    counties = [f"0{n}" for n in range(1, 6)]
    donors = ["E1", "E2", "E3"]
    projects = [f"P{n}" for n in range(12)]
    return {
        "counties": pd.DataFrame({
            "county": counties, "population": [draw.randint(500, 3000) for _ in counties],
            "rural_population": [draw.randint(500, 1500) for _ in counties],
            "income": [draw.randint(4000, 9000) for _ in counties], "region": ["west", "west", "mid", "mid", "mid"],
            "lon": [100 + draw.random() for _ in counties], "lat": [30 + draw.random() for _ in counties],
            "industries": ["tea", "tea;ore", None, "ore", "fish"], "partners_max": 2,
        }),
        "needs": pd.DataFrame([
            {"county": c, "need": n, "people@2026": draw.randint(0, 200), "people": draw.randint(20, 250),
             "relapse": draw.choice([0, 0.1, 0.25]) if n != "work" else NAN,
             "unit_cost": draw.choice([0.3, 0.7, 1.1, NAN]) if c != "05" else 0.5}
            for c in counties for n in ("water", "house", "work")]),
        "tiers": pd.DataFrame([
            {"county": "01", "need": "work", "tier": t, "width": 0.3, "unit_cost": 0.4 * t} for t in (1, 2, 3)]),
        "budgets": pd.DataFrame([
            {"stream": "local", "scope": f"region={r}", "period": p, "amount": draw.randint(50, 150)}
            for r in ("west", "mid") for p in PERIODS]),
        "donors": pd.DataFrame({
            "donor": donors, "money": [90, 60, 40], "money@2028": [95.5, NAN, 44], "sectors": ["tea;fish", "ore", None],
            "revenue": [900, 500, NAN], "lon": [118, 119, 120], "lat": [30, 31, 32], "load_max": [2, NAN, 1]}),
        "pairs": pd.DataFrame([
            {"donor": "E1", "county": "01", "existing": 1, "least_support": 5}, {"donor": "E2", "county": "03", "existing": 1}]),
        "projects": pd.DataFrame([
            {"project": p, "county": draw.choice(counties), "category": draw.choice(["building", "industry"]),
             "sector": draw.choice(["tea", "ore", None]), "cost": draw.choice([20, 35.5, 60]), "cost+1": draw.choice([0, 12.3]),
             "cost+2": draw.choice([0, 4]), "upkeep": draw.choice([0, 1.5]), "delay": draw.choice([0, 1]),
             "lasts": draw.choice([NAN, 1, 2]), "own_share": draw.choice([0, 0.15]), "scalable": int(n < 4), "least": 0,
             "most": 3 if n < 4 else 1, "jobs": draw.randint(1, 9), "status": draw.choice(["free", "free", "lock", "forbid"])}
            for n, p in enumerate(projects)]),
        "effects": pd.DataFrame([
            {"project": p, "need": n, "people": draw.randint(5, 60)}
            for p in projects for n in draw.sample(["water", "house", "work"], 2)]),
        "resources": pd.DataFrame([
            {"resource": "land", "scope": "region", "of": None, "per": "horizon", "capacity": 9},
            {"resource": "staff", "scope": "county", "of": None, "per": "period", "capacity": 2}]),
        "uses": pd.DataFrame([{"project": p, "resource": draw.choice(["land", "staff"]), "amount": draw.choice([1, 2.5, -1])}
                              for p in projects]),
        "brings": pd.DataFrame([{"donor": "E1", "county": "01", "resource": "staff", "amount": 3}]),
        "baseline": pd.DataFrame([
            *({"county": c, "stream": "central", "category": None, "money": draw.randint(50, 120)} for c in counties[:4]),
            *({"county": "05", "stream": "central", "category": k, "money": 30} for k in ("building", "industry"))]),
    }


def choices(instance: Instance, draw: random.Random) -> Choices:
    """Whole-unit decisions drawn at random, within what the instance knows."""
    data = instance.data
    step = data.step

    def money(most: int) -> float:
        return round(draw.randint(0, int(most / step)) * step, 9)

    reach = data.reach.merge(data.stream_categories, on="stream")
    transfers = [(s, i, c, p, money(60)) for s, i, c in reach[["stream", "county", "category"]].itertuples(index=False)
                 if data.streams[s].kind == "transfer" for p in PERIODS if draw.random() < 0.6]
    pairs = draw.sample(list(data.pairs[["donor", "county"]].itertuples(index=False, name=None)), 5)
    support = [(d, i, p, money(30)) for d, i in pairs for p in PERIODS]
    placed: dict[tuple[str, str, str, int], float] = {}
    for _, i, p, amount in support:
        key = ("east", i, draw.choice(["building", "industry"]), p)
        placed[key] = round(placed.get(key, 0) + amount, 9)
    starts = []
    for p in data.projects.index:
        if draw.random() < 0.6:
            scalable = data.projects.at[p, "scalable"] == 1
            starts.append((p, draw.choice(PERIODS), draw.choice([0.5, 1.5, 2.2]) if scalable else 1))
    direct = [(i, n, p, money(50))
              for i, n, p in data.tiers[["county", "need", "period"]].drop_duplicates().itertuples(index=False)]
    return Choices.of(transfers=transfers, placed=[(*k, v) for k, v in placed.items()], support=support, pairs=pairs,
                      starts=starts, direct=direct)


@pytest.mark.parametrize("seed", range(12))
def test_assembling_and_auditing_agree_on_plans_drawn_at_random(seed):
    draw = random.Random(seed)
    instance = Instance.from_frames(settings=settings(draw), **frames(draw))
    method = instance.settings.method.type
    levels = (Level("broken", "min", 0.0, 0.0), Level("coverage", "max", 1e6, 1e6))
    if method == "weighted":
        levels = (Level("weighted", "max", 1e3, 1e3), *levels)
    claims = Claims(status="limit", method=method, levels=levels, ranges={"broken": 700.0, "coverage": 350.5})
    plan = assemble(instance, choices(instance, draw), claims)
    report = audit(instance, plan.tables, plan.claims)
    assert [check.sentence() for check in report.failures if check.clause not in MAY_FAIL] == []
    assert report["rule_values"].count > 70
    assert report["criterion_values"].count == len(plan.criteria)
    assert set(CLAUSES) >= MAY_FAIL
