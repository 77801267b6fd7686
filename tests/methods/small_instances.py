"""Two or three counties, two donors and a few projects: instances whose plans can be solved in a second."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd

from optimizer.instance.instance import Instance

SETTINGS: dict[str, Any] = {
    "format": 1, "money": {"unit": "10k_yuan", "yuan": 10000, "label": "万元", "step": 1}, "periods": [2026],
    "needs": {"water": {"kind": "lasting", "category": "infrastructure"}, "work": {"kind": "yearly", "category": "industry"}},
    "categories": {"infrastructure": {}, "industry": {}},
    "streams": {"central": {"budget": 400}, "collaboration": {"kind": "pairing"}},
    "criteria": {"fair": {"equity": "leximin", "outcome": "covered_share"}},
}
TABLES = {
    "counties": "county,population,province,partners_min|A,100000,P,1|B,80000,P,1|C,90000,Q,0",
    "needs": "county,need,people,unit_cost|A,water,1000,0.5|B,water,600,0.4|C,water,800,0.8|A,work,400,1|B,work,300,1|"
             "C,work,500,1",
    "donors": "donor,money,pairs_max|D1,60,1|D2,40,2",
    "pairs": "donor,county,fit|D1,A,0.6|D1,B,0.8|D2,A,0.5|D2,B,0.4|D2,C,0.9",
    "projects": "project,county,category,cost|PA,A,infrastructure,150|PB,B,industry,90|PC,C,industry,120",
    "effects": "project,need,people|PA,water,500|PB,work,200|PC,work,300",
}


def rows(text: str) -> pd.DataFrame:
    header, *lines = text.split("|")
    return pd.DataFrame([line.split(",") for line in lines], columns=header.split(","))


def small(method: dict[str, Any] | None = None, **settings: Any) -> Instance:
    whole = copy.deepcopy(SETTINGS) | settings
    if method is not None:
        whole["method"] = method
    return Instance.from_frames(settings=whole, **{name: rows(text) for name, text in TABLES.items()})


def levels(*given: dict[str, Any], kind: str = "lexicographic") -> dict[str, Any]:
    return {"type": kind, "levels": list(given)}
