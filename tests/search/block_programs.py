"""Random programs of the shape the search works on: blocks, linking rows, candidates with switches, later integers.

Each block may take up to ``most`` partners (binary, stage 1) whose support it spends beside its share of a budget on
projects (integers of stage 2) and on amounts of falling worth. Donors and the budget link the blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Linear, Program
from optimizer.engine.session import RawResult, Session
from optimizer.search.problem import Problem

INF = np.inf


@dataclass
class _Columns:
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    worth: list[float] = field(default_factory=list)
    block: list[int] = field(default_factory=list)
    stage: list[int] = field(default_factory=list)
    switch: list[int] = field(default_factory=list)

    def add(self, low: float, high: float, worth: float, block: int, stage: int = 0, switch: int = -1) -> int:
        for values, value in zip((self.low, self.high, self.worth, self.block, self.stage, self.switch),
                                 (low, high, worth, block, stage, switch), strict=True):
            values.append(value)  # type: ignore[attr-defined]
        return len(self.low) - 1


def program(seed: int, *, blocks: int = 5, donors: int = 6, sense: str = "max", least: bool = True) -> Program:
    """A program with a plan: doing nothing but what ``least`` asks of the first donor is possible."""
    rng = np.random.default_rng(seed)
    ties = rng.random() < 0.5  # a chosen partner gives at least 1
    columns = _Columns()
    rows: list[tuple[dict[int, float], float, float, int]] = []
    budget: dict[int, float] = {}
    supports: list[dict[int, float]] = [{} for _ in range(donors)]
    pairs: list[dict[int, float]] = [{} for _ in range(donors)]
    for b in range(blocks):
        account: dict[int, float] = {}
        switches: dict[int, float] = {}
        for d in range(donors):
            if rng.random() < 0.15 and (b or d):
                continue
            fit, top = float(rng.integers(0, 6)), float(rng.integers(3, 15))
            y = columns.add(0, 1, fit, b, stage=1)
            s = columns.add(0, top, float(rng.choice([0.0, 0.0, 0.3])), b, switch=y)
            rows.append(({s: 1.0, y: -top}, -INF, 0.0, b))
            if ties:
                rows.append(({s: 1.0, y: -1.0}, 0.0, INF, b))
            switches[y], account[s] = 1.0, -1.0
            supports[d][s], pairs[d][y] = 1.0, 1.0
        rows.append((switches, -INF, float(rng.integers(1, 3)), b))
        own = columns.add(0, 40, 0, b)
        account[own], budget[own] = -1.0, 1.0
        for _ in range(int(rng.integers(1, 4))):
            z = columns.add(0, int(rng.integers(1, 3)), float(rng.integers(5, 30)), b, stage=2)
            account[z] = float(rng.integers(4, 16))
        for worth in (2.0, 1.0):
            account[columns.add(0, float(rng.integers(2, 9)), worth + 0.1 * b, b)] = 1.0
        rows.append((account, -INF, 0.0, b))
    more = columns.add(0, 10, -1.7, -1)
    rows.append(({**budget, more: -1.0}, -INF, float(rng.integers(10, 40)), -1))
    for d in range(donors):
        rows.append((supports[d], -INF, float(rng.integers(5, 25)), -1))
        rows.append((pairs[d], 1.0 if least and d == 0 else -INF, float(rng.integers(1, 3)), -1))
    matrix = sparse.lil_matrix((len(rows), len(columns.low)))
    for n, (entries, *_) in enumerate(rows):
        for column, value in entries.items():
            matrix[n, column] = value
    worth_of = np.asarray(columns.worth) * (1.0 if sense == "max" else -1.0)
    return Program.build(
        [("x", pd.DataFrame({"j": range(len(columns.low))}))], [("row", pd.DataFrame({"i": range(len(rows))}))],
        sparse.csr_matrix(matrix), row_lower=np.array([row[1] for row in rows]), row_upper=np.array([row[2] for row in rows]),
        col_lower=np.array(columns.low), col_upper=np.array(columns.high), integer=np.array(columns.stage) > 0,
        criteria={"value": Linear("max" if sense == "max" else "min", worth_of, 3.0)},
        col_block=np.array(columns.block), row_block=np.array([row[3] for row in rows]),
        col_stage=np.array(columns.stage), switch=np.array(columns.switch),
    )


def problem(seed: int, **options: object) -> Problem:
    made = program(seed, **options)  # type: ignore[arg-type]
    return Problem.of(made, made.criteria["value"])


def whole_optimum(asked: Problem) -> RawResult:
    """The solver on the whole program, in the problem's own sense of large is good."""
    return _session(asked).solve("mip")


def relaxed_optimum(asked: Problem) -> RawResult:
    return _session(asked).solve("lp", method="simplex")


def _session(asked: Problem) -> Session:
    return Session(asked.program.with_criteria({"it": Linear("max", asked.cost)}), "it")
