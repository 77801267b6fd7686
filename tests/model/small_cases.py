"""Instances of a handful of rows, the program they make, and its rows and optimum by name."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.outcome import Status
from optimizer.engine.program import Floats, Program
from optimizer.engine.session import Session
from optimizer.instance.data import Data
from optimizer.instance.instance import Instance
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers

INF = float("inf")
BASE: dict[str, Any] = {
    "format": 1, "periods": [2026],
    "needs": {"water": {"kind": "lasting", "category": "infra"}, "work": {"kind": "yearly", "category": "industry"}},
    "categories": {"infra": {}, "industry": {}},
    "streams": {"central": {"budget": 100}},
}


@dataclass(frozen=True)
class Row:
    """A row of the program: coefficient of each column by name, and its bounds."""

    terms: dict[str, float]
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """An optimum: its value and the columns by name."""

    status: Status
    value: float
    x: Floats | None
    program: Program

    def __getitem__(self, name: str) -> float:
        assert self.x is not None
        return round(float(self.x[self.program.column(name)]), 6)

    def family(self, name: str) -> dict[str, float]:
        """Non-zero columns of a family, by the text of their index."""
        out = {}
        for family in self.program.columns:
            if family.name == name:
                for position in range(family.start, family.stop):
                    assert self.x is not None
                    if abs(self.x[position]) > 1e-7:
                        out[family.index_of(position)] = round(float(self.x[position]), 6)
        return out


@dataclass(frozen=True)
class Stated:
    """The program of a case."""

    instance: Instance

    @property
    def data(self) -> Data:
        return self.instance.data

    @cached_property
    def program(self) -> Program:
        return compile_numbers(build(self.data, pyomo=False)).program

    def families(self) -> list[str]:
        return [family.name for family in self.program.rows]

    def names(self, clause: str) -> list[str]:
        """The names of a clause's rows."""
        return [name for family in self.program.rows if family.name == clause for name in family.names()]

    def columns(self, family: str) -> list[str]:
        return [name for one in self.program.columns if one.name == family for name in one.names()]

    def row(self, name: str) -> Row:
        program, at = self.program, self.program.row(name)
        entries = program.matrix[at]
        names = program.column_names()
        terms = {names[j]: float(v) for j, v in zip(entries.indices, entries.data, strict=True)}
        return Row(dict(sorted(terms.items())), float(program.row_lower[at]), float(program.row_upper[at]))

    def column(self, name: str) -> tuple[float, float, bool]:
        """Lower bound, upper bound and whether the column is whole."""
        at = self.program.column(name)
        return float(self.program.col_lower[at]), float(self.program.col_upper[at]), bool(self.program.integer[at])

    def goal(self, criterion: str) -> dict[str, float]:
        """Coefficients of a criterion by column; ``""`` is its constant."""
        linear = self.program.criteria[criterion]
        names = self.program.column_names()
        out = {names[j]: float(linear.vector[j]) for j in np.flatnonzero(linear.vector)}
        return out | ({"": linear.constant} if linear.constant else {})

    def best(self, criterion: str = "coverage", **least: float) -> Point:
        """The optimum under one criterion; points of soft rules cost their number (as if each were worth one unit)."""
        program = self.program
        linear = program.criteria[criterion]
        result = Session(program, criterion).solve("mip")
        value = round(result.objective, 6) if result.x is not None else float("nan")
        assert linear.sense in ("max", "min")
        return Point(result.status, value, result.x, program)


def case(tables: Mapping[str, list[dict[str, Any]]], **settings: Any) -> Stated:
    """A case from tables and from settings that replace those of ``BASE`` key by key."""
    whole = copy.deepcopy(BASE)
    for key, value in settings.items():
        whole[key] = value
    whole["rules"] = [{"id": "r", "sentence": "A rule", **rule} for rule in whole.get("rules", [])]
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}
    return Stated(Instance.from_frames(settings=whole, **frames))


def rows(header: str, *lines: str) -> list[dict[str, Any]]:
    """Rows of a table as text: ``rows("county,population", "A,100", "B,80")``; a blank cell is missing."""
    names = header.split(",")
    return [
        {name: _cell(cell) for name, cell in zip(names, line.split(","), strict=True) if cell != ""} for line in lines
    ]


def _cell(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text
