"""A program whose named clauses give way by scalars: how far each must be loosened until a point exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.arrays import Floats, Ints
from optimizer.engine.derive import ExtraColumns, ExtraRows
from optimizer.engine.program import Program

if TYPE_CHECKING:
    from optimizer.engine.conflicts import Clause


LARGE = 10_000  # rows from which on the first solve is by the interior point; measured on 832 counties


def first_method(program: Program) -> Literal["choose", "ipx"]:
    """How to solve an elastic program from scratch; later questions start from its basis."""
    return "ipx" if program.n_rows > LARGE else "choose"


@dataclass(frozen=True, eq=False)
class Elastic:
    """A program with its clauses loosened.

    Parameters
    ----------
    program : the clauses' bounds are gone and stand again as rows at the end, from `first_row` on, with their slack.
    slack_columns : positions of the scalars, at the end.
    owner : clause of each scalar.
    place : clause and place in it of each row from `first_row` on.
    names : of the clauses.
    """

    program: Program
    slack_columns: Ints
    owner: Ints
    place: tuple[tuple[int, int], ...]
    names: tuple[str, ...]
    first_row: int

    def clause_of(self, scalar: int) -> str:
        """Name of the clause that a scalar loosens."""
        return self.names[int(self.owner[scalar])]

    def clause_of_row(self, row: int) -> str:
        """Name of the clause of a row, counted from `first_row`."""
        return self.names[self.place[row][0]]

    def place_of_row(self, row: int) -> tuple[str, int]:
        """Clause of a row, counted from `first_row`, and which of the clause's bounds it is."""
        clause, position = self.place[row]
        return self.names[clause], position


def released(program: Program, clauses: Sequence[Clause]) -> Program:
    """The program without these clauses: their rows free, their columns from 0 to 1 if whole, else to any size."""
    low, high = program.row_lower.copy(), program.row_upper.copy()
    left, right = program.col_lower.copy(), program.col_upper.copy()
    for clause in clauses:
        low[clause.row_lower], high[clause.row_upper] = -np.inf, np.inf
        left[clause.col_lower] = np.minimum(left[clause.col_lower], 0.0)
        right[clause.col_upper] = np.where(program.integer[clause.col_upper], 1.0, np.inf)
    return program.with_bounds(row_lower=low, row_upper=high, col_lower=left, col_upper=right)


def elastic(
    program: Program, clauses: Sequence[Clause], *, each: bool = False, scale: Mapping[str, Floats] | None = None,
    groups: Mapping[str, Ints] | None = None, moves: Mapping[str, tuple[Floats, Floats]] | None = None,
) -> Elastic:
    """The program with a scalar for each clause, or for `each` bound of it.

    Parameters
    ----------
    scale : by clause, how much one unit of its scalar loosens each of its bounds (default: their own size, at least 1).
    groups : by clause, the scalar that each of its bounds gives way by (default: one for all; `each`: its own).
    moves : by clause, what one unit of its scalar adds to every row's lower and upper bound besides (a budget that other
        rules are stated in).
    """
    parts, lowers, uppers, slack, n = [], [], [], [], program.n_columns
    place: list[tuple[int, int]] = []
    owner: list[int] = []
    sources: list[tuple[Ints, str]] = []
    for number, clause in enumerate(clauses):
        size = 1 + (len(clause) - 1 if each else 0)
        group = np.arange(len(clause)) if each else np.zeros(len(clause), dtype=np.int64)
        if groups and clause.name in groups:
            group = groups[clause.name]
            size = int(group.max(initial=-1)) + 1
        first, at = len(owner), 0
        owner.extend([number] * size)
        for side, positions in _sides(clause):
            if not len(positions):
                continue
            rows, bound = _rows(program, side, positions)
            span = np.arange(at, at + len(positions))
            unit = np.maximum(np.abs(bound), 1.0) if scale is None or clause.name not in scale else scale[clause.name][span]
            sign = 1.0 if side.endswith("lower") else -1.0
            parts.append(rows)
            lowers.append(bound if sign > 0 else np.full(len(bound), -np.inf))
            uppers.append(bound if sign < 0 else np.full(len(bound), np.inf))
            slack.append((first + group[span], sign * unit))
            sources.append((positions, side))
            place.extend((number, int(k)) for k in span)
            at += len(positions)
    count, heights = len(owner), [part.shape[0] for part in parts]
    starts = np.concatenate([[0], np.cumsum(heights)]).astype(int)
    row = np.arange(starts[-1])
    column = np.concatenate([entry[0] for entry in slack]) if slack else np.empty(0, int)
    value = np.concatenate([entry[1] for entry in slack]) if slack else np.empty(0)
    loosen = sparse.csr_matrix((value, (row, column)), shape=(int(starts[-1]), count))
    for name, (low, high) in (moves or {}).items():
        loosen = loosen + _moved(sources, starts, low, high, _scalar(clauses, owner, name), count)
    free = released(program, clauses)
    keys = pd.DataFrame({"scalar": np.arange(count)})
    wide = free.extended([ExtraColumns("loosened", keys)])
    matrix = sparse.hstack([sparse.vstack(parts) if parts else sparse.csr_matrix((0, n)), loosen], format="csr")
    bounds = ExtraRows("clause", pd.DataFrame({"bound": row}), matrix, np.concatenate([*lowers, np.empty(0)]),
                       np.concatenate([*uppers, np.empty(0)]))
    made = replace(wide, criteria={}).extended(rows=[bounds])
    return Elastic(made, np.arange(n, n + count), np.asarray(owner, dtype=np.int64), tuple(place),
                   tuple(clause.name for clause in clauses), program.n_rows)


def _sides(clause: Clause) -> list[tuple[str, Ints]]:
    return [("row_lower", clause.row_lower), ("row_upper", clause.row_upper), ("col_lower", clause.col_lower),
            ("col_upper", clause.col_upper)]


def _rows(program: Program, side: str, positions: Ints) -> tuple[sparse.csr_matrix, Floats]:
    """The bounds at these positions as rows over the columns, and their right-hand sides."""
    bound: Floats = getattr(program, side)[positions]
    if side.startswith("row"):
        return program.matrix[positions], bound
    ones = np.ones(len(positions))
    shape = (len(positions), program.n_columns)
    return sparse.csr_matrix((ones, (np.arange(len(positions)), positions)), shape=shape), bound


def _scalar(clauses: Sequence[Clause], owner: list[int], name: str) -> int:
    """The first scalar of a clause."""
    return owner.index([clause.name for clause in clauses].index(name))


def _moved(
    sources: list[tuple[Ints, str]], starts: Ints, low: Floats, high: Floats, scalar: int, count: int,
) -> sparse.csr_matrix:
    """What a scalar adds to the right-hand sides of rows that are not its own, taken to the left."""
    rows, values = [], []
    for number, (positions, side) in enumerate(sources):
        if side.startswith("row"):
            shift = (low if side == "row_lower" else high)[positions]
            at = np.flatnonzero(shift != 0)
            rows.append(starts[number] + at)
            values.append(-shift[at])
    row = np.concatenate([*rows, np.empty(0, int)]).astype(int)
    value = np.concatenate([*values, np.empty(0)])
    return sparse.csr_matrix((value, (row, np.full(len(row), scalar))), shape=(int(starts[-1]), count))
