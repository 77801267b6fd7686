"""A small world of three counties and two donors whose outcomes are easily worked out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Claims, Level, Plan, assemble

BASE: dict[str, Any] = {
    "periods": {1: 1, 2: 0.5}, "categories": {"c": {}},
    "needs": {"n": {"category": "c", "kind": "yearly", "weight": 2}},
    "streams": {"s": {"budget": 400}, "east": {"kind": "pairing"}},
    "pairs": {"candidates": "all"},
}
TABLES = {
    "counties": "county,province,population,claim,jobs,partners_max|A,west,100,50,3.1,2|B,west,200,10,1.2,2|C,mid,300,,0.1,2",
    "needs": "county,need,people,unit_cost|A,n,40,1|B,n,60,1|C,n,80,1",
    "donors": "donor,money,revenue|D,60,100|E,60,400",
}


def rows(text: str) -> pd.DataFrame:
    """A table from ``a,b|1,2``: cells as text."""
    header, *lines = text.split("|")
    return pd.DataFrame([line.split(",") for line in lines], columns=header.split(","))


@pytest.fixture
def world() -> Callable[..., Instance]:
    def made(settings: dict[str, Any] | None = None, **tables: str) -> Instance:
        given = {**TABLES, **tables}
        return Instance.from_frames(settings={**BASE, **(settings or {})}, **{name: rows(text) for name, text in given.items()})

    return made


@pytest.fixture
def plan_of(world: Callable[..., Instance]) -> Callable[..., Plan]:
    """A plan that gives A 30 and 12, B 10 and 0, C 40 and 20, of which D brings A 10 of the first."""

    def made(settings: dict[str, Any] | None = None, **tables: str) -> Plan:
        choices = Choices.of(
            transfers=[("s", "A", "c", 1, 20), ("s", "A", "c", 2, 12), ("s", "B", "c", 1, 10), ("s", "C", "c", 1, 40),
                       ("s", "C", "c", 2, 20)],
            placed=[("east", "A", "c", 1, 10)], support=[("D", "A", 1, 10)], pairs=[("D", "A")],
            direct=[("A", "n", 1, 30), ("A", "n", 2, 12), ("B", "n", 1, 10), ("C", "n", 1, 40), ("C", "n", 2, 20)],
        )
        claims = Claims(status="limit", levels=(Level("coverage", "max", 192.0, 540.0),))
        return assemble(world(settings, **tables), choices, claims)

    return made
