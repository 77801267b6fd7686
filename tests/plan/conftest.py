"""Small instances for tests of plans: a maker, the worked example of the format and its optimal choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Claims, Level, Plan, assemble

WORKED: dict[str, Any] = {
    "format": 1, "title": "Two counties", "money": {"unit": "10k_yuan", "yuan": 10000, "label": "万元", "step": 1},
    "periods": [2026, 2027],
    "needs": {
        "water": {"kind": "lasting", "category": "infrastructure",
                  "tiers": [{"width": 0.5, "factor": 1}, {"width": 0.5, "factor": 2}]},
        "work": {"kind": "yearly", "category": "industry"},
    },
    "categories": {"infrastructure": {}, "industry": {}},
    "streams": {"central": {"budget": {2026: 400, 2027: 300}, "carry": "10%"}, "collaboration": {"kind": "pairing"}},
    "rules": [{"id": "industry", "type": "share", "sentence": "At least 40 % of central money goes to industry", "min": "40%",
               "part": {"sum": "money", "stream": "central", "category": "industry"},
               "whole": {"sum": "money", "stream": "central"}}],
    "method": {"type": "single", "levels": [{"criterion": "coverage"}]},
}
TABLES = {
    "counties": "county,population,partners_min|A,100000,1|B,80000,1",
    "needs": "county,need,people,relapse,unit_cost|A,water,1000,0.1,0.5|B,water,600,0,0.5|A,work,400,,1|B,work,300,,1",
    "donors": "donor,money,pairs_max,sectors|D1,100,1,tea|D2,60,1,",
    "pairs": "donor,county,fit,existing|D1,A,0.6,1|D1,B,0.8,0|D2,A,0.5,0|D2,B,0.4,1",
    "projects": "project,county,category,sector,cost,upkeep,partner_sector|"
                "PA,A,infrastructure,,200,0,|PB,B,industry,tea,90,10,tea",
    "effects": "project,need,people|PA,water,600|PB,work,200",
}


def rows(text: str) -> pd.DataFrame:
    """A table from ``a,b|1,2``: cells as text."""
    header, *lines = text.split("|")
    return pd.DataFrame([line.split(",") for line in lines], columns=header.split(","))


def make(settings: dict[str, Any] | None = None, **tables: str) -> Instance:
    """An instance from settings and tables written as text."""
    return Instance.from_frames(settings=settings or {}, **{name: rows(text) for name, text in tables.items()})


def worked_choices() -> Choices:
    """The optimal plan that the format writes out."""
    return Choices.of(
        transfers=[
            ("central", "A", "infrastructure", 2026, 190), ("central", "A", "industry", 2026, 70),
            ("central", "B", "infrastructure", 2026, 50), ("central", "B", "industry", 2026, 90),
            ("central", "A", "infrastructure", 2027, 125), ("central", "A", "industry", 2027, 165),
            ("central", "B", "industry", 2027, 10),
        ],
        placed=[
            ("collaboration", "A", "infrastructure", 2026, 60), ("collaboration", "B", "infrastructure", 2026, 100),
            ("collaboration", "A", "infrastructure", 2027, 60), ("collaboration", "B", "industry", 2027, 100),
        ],
        support=[("D1", "B", 2026, 100), ("D1", "B", 2027, 100), ("D2", "A", 2026, 60), ("D2", "A", 2027, 60)],
        pairs=[("D1", "B"), ("D2", "A")], starts=[("PA", 2026, 1), ("PB", 2026, 1)],
        direct=[
            ("A", "water", 2026, 50), ("B", "water", 2026, 150), ("A", "work", 2026, 70), ("A", "water", 2027, 185),
            ("A", "work", 2027, 165), ("B", "work", 2027, 100),
        ],
    )


@pytest.fixture
def maker() -> Callable[..., Instance]:
    return make


@pytest.fixture
def example() -> Instance:
    return make(WORKED, **TABLES)


@pytest.fixture
def example_choices() -> Choices:
    return worked_choices()


@pytest.fixture
def example_plan(example: Instance) -> Plan:
    return assemble(example, worked_choices(), Claims(levels=(Level("coverage", "max", 3035.0, 3035.0),)))


@pytest.fixture
def example_parts() -> tuple[dict[str, Any], dict[str, str]]:
    return dict(WORKED), dict(TABLES)
