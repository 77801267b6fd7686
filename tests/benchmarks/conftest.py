"""The worked example of the format as a folder, and the benchmarks importable from the root."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

SETTINGS = """\
format: 1
title: Two counties
money: {unit: 10k_yuan, yuan: 10000, label: 万元, step: 1}
periods: [2026, 2027]
needs:
  water: {kind: lasting, category: infrastructure}
  work: {kind: yearly, category: industry}
categories: {infrastructure: {}, industry: {}}
streams:
  central: {budget: {2026: 400, 2027: 300}, carry: 10%}
  collaboration: {kind: pairing}
method: {type: single, levels: [{criterion: coverage}]}
scenarios:
  less: {label: Central money cut by a tenth, set: {budget.central: -10%}}
"""
TABLES = {
    "counties": "county,name,population,partners_min\nA,甲县,100000,1\nB,乙县,80000,1\n",
    "needs": "county,need,people,relapse,unit_cost\nA,water,1000,0.1,0.5\nB,water,600,0,0.5\nA,work,400,,1\nB,work,300,,1\n",
    "donors": "donor,money,pairs_max,sectors\nD1,100,1,tea\nD2,60,1,\n",
    "pairs": "donor,county,fit,existing\nD1,A,0.6,1\nD1,B,0.8,0\nD2,A,0.5,0\nD2,B,0.4,1\n",
    "projects": "project,county,category,sector,cost,upkeep,partner_sector\n"
    "PA,A,infrastructure,,200,0,\nPB,B,industry,tea,90,10,tea\n",
    "effects": "project,need,people\nPA,water,600\nPB,work,200\n",
}


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instance that is solved in a blink."""
    place = tmp_path_factory.mktemp("benchmarks") / "two-counties"
    place.mkdir()
    (place / "instance.yaml").write_text(SETTINGS, encoding="utf-8")
    for name, text in TABLES.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place
