"""One program for several scenarios: what is decided before it is known which comes about is shared, the rest is not.

The deterministic equivalent of a two-stage program (J. R. Birge and F. Louveaux, "Introduction to Stochastic
Programming", 2nd ed. 2011, ch. 2): the columns of the instance as given come first, those of every scenario behind them,
and a scenario's rows read the shared columns of the instance as given. Columns keep the county they belong to, so that the
search can still take the program apart by counties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Ints, Linear, Program
from optimizer.instance.findings import Finding, InstanceError
from optimizer.model.compile import Compiled

Shared = Literal["selection", "money"]
SELECTION = ("pair", "start", "started", "amount")
#: Families of columns that all scenarios share: pairs and projects, or with them all money that streams and donors pay.
SHARED: Mapping[Shared, tuple[str, ...]] = {
    "selection": SELECTION, "money": (*SELECTION, "transfer", "placed", "support"),
}


@dataclass(frozen=True, eq=False)
class Block:
    """One scenario: its program and where its shared columns lie in it and in the program of the instance as given."""

    name: str
    program: Program
    own: Ints
    given: Ints


def block_of(name: str, built: Compiled, given: Compiled, shared: Shared) -> Block:
    """A scenario as a block.

    With shared money, what a scenario's accounts cannot use stays unspent there: their upper bounds are lifted.

    Raises
    ------
    InstanceError : the scenario has other pairs, projects or streams to decide on, or conditions that are not linear
    """
    if built.cutting or given.cutting:
        problem = "has conditions on equity that are not linear, which plans for several scenarios cannot hold"
        raise InstanceError([Finding(f"scenario {name}", None, None, None, problem, "Switch those rules off")])
    program, pairs = built.program, []
    for family in SHARED[shared]:
        own, there = program.columns_of(family), given.program.columns_of(family)
        at = _index(own).get_indexer(_index(there)) if len(own) and len(there) else np.full(len(there), -1)
        if len(own) != len(there) or (at < 0).any():
            problem = f"changes which columns '{family}' there are to decide on, so that no plan can be shared with it"
            mend = "Lock or forbid pairs and projects in a scenario instead of adding or removing them"
            raise InstanceError([Finding(f"scenario {name}", None, None, None, problem, mend)])
        pairs.append((own.index.to_numpy()[at], there.index.to_numpy()))
    if shared == "money":
        top = program.row_upper.copy()
        for rows in program.rows:
            if built.role.get(rows.name) == "account":
                top[rows.start : rows.stop] = np.inf
        program = program.with_bounds(row_upper=top)
    joined = [np.concatenate([part[side] for part in pairs]).astype(np.int64) for side in (0, 1)]
    return Block(name, program, joined[0], joined[1])


def _index(keys: pd.DataFrame) -> pd.Index:
    return pd.MultiIndex.from_frame(keys) if len(keys.columns) > 1 else pd.Index(keys.iloc[:, 0])


@dataclass(frozen=True, eq=False)
class Joined:
    """The program of all scenarios: parts are theirs, the instance as given first, and where their columns lie in it."""

    program: Program
    parts: tuple[Program, ...]
    places: tuple[Ints, ...]

    def criteria(self, name: str) -> tuple[Linear, ...]:
        """A criterion of each scenario on the whole program."""
        found = [part.criteria[name] for part in self.parts]
        return tuple(replace(linear, vector=_spread(linear.vector, place, self.program.n_columns))
                     for linear, place in zip(found, self.places, strict=True))


def joined(given: Program, blocks: tuple[Block, ...]) -> Joined:
    """The instance as given with a block for each scenario behind it."""
    low, high = given.col_lower.copy(), given.col_upper.copy()
    for block in blocks:
        low[block.given] = np.maximum(low[block.given], block.program.col_lower[block.own])
        high[block.given] = np.minimum(high[block.given], block.program.col_upper[block.own])
    program = given.with_bounds(col_lower=low, col_upper=high)
    places: list[Ints] = [np.arange(given.n_columns)]
    for block in blocks:
        program, place = _added(program, block)
        places.append(place)
    return Joined(program, (given, *(block.program for block in blocks)), tuple(places))


def _added(program: Program, block: Block) -> tuple[Program, Ints]:
    """The program with a block's own columns and rows, and where each of the block's columns lies."""
    part = block.program
    place = np.full(part.n_columns + 1, -1, dtype=np.int64)
    place[block.own] = block.given
    new = np.flatnonzero(place[:-1] < 0)
    place[new] = program.n_columns + np.arange(len(new))
    names = np.asarray(part.column_names(), dtype=object)
    columns = ExtraColumns(
        f"in_{block.name}", pd.DataFrame({"column": names[new]}), lower=part.col_lower[new], upper=part.col_upper[new],
        integer=part.integer[new], block=part.col_block[new], stage=part.col_stage[new],
        switch=place[part.switch[new]],  # -1 reads the last cell, which is -1
    )
    entries = part.matrix.tocoo()
    matrix = sparse.csr_matrix((entries.data, (entries.row, place[entries.col])),
                               shape=(part.n_rows, program.n_columns + len(new)))
    rows = ExtraRows(f"rows_in_{block.name}", pd.DataFrame({"row": part.row_names()}), matrix, lower=part.row_lower,
                     upper=part.row_upper, block=part.row_block)
    return program.extended([columns], [rows]), place[:-1]


def _spread(vector: Floats, place: Ints, width: int) -> Floats:
    return np.bincount(place, weights=vector, minlength=width).astype(np.float64)
