"""The command line on the worked example of the format."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from optimizer.cli.main import run

SETTINGS = """\
format: 1
title: Two counties
money: {unit: 10k_yuan, yuan: 10000, label: 万元, step: 1}
periods: [2026, 2027]
needs:
  water: {kind: lasting, category: infrastructure, tiers: [{width: 0.5, factor: 1}, {width: 0.5, factor: 2}]}
  work: {kind: yearly, category: industry}
categories: {infrastructure: {}, industry: {}}
streams:
  central: {budget: {2026: 400, 2027: 300}, carry: 10%}
  collaboration: {kind: pairing}
rules:
  - {id: industry, type: share, sentence: At least 40 % of central money goes to industry,
     part: {sum: money, stream: central, category: industry}, whole: {sum: money, stream: central}, min: 40%}
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
    "baseline": "county,money,year\nA,300,2025\nB,60,2025\n",
}
DECISIONS = "kind,donor,county,decision\npair,D1,A,lock\n"


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Ran]


def write_instance(place: Path) -> Path:
    place.mkdir(parents=True)
    (place / "instance.yaml").write_text(SETTINGS, encoding="utf-8")
    for name, text in TABLES.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def optimizer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command in this process."""

    def command(*arguments: object) -> Ran:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["optimizer", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            run()
        printed = capsys.readouterr()
        code = end.value.code
        return Ran(int(code or 0), printed.out, printed.err)

    return command


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The worked example as a folder in the current directory."""
    monkeypatch.chdir(tmp_path)
    return write_instance(tmp_path / "two-counties")


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of the worked example; copy it before changing it."""
    import optimizer as opt

    place = tmp_path_factory.mktemp("solved")
    return opt.solve(opt.read(write_instance(place / "two-counties"))).write(place / "plan")


@pytest.fixture
def plan(solved: Path, tmp_path: Path) -> Path:
    """A plan of the worked example that a test may spoil."""
    return Path(shutil.copytree(solved, tmp_path / "plan"))


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    file = tmp_path / "decided.csv"
    file.write_text(DECISIONS, encoding="utf-8")
    return file
