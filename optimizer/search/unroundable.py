"""Hard rules on money that no whole number of steps can meet, with the proof, and how far each must be missed.

Two proofs are known. *Arithmetic*: a rule on a sum of amounts whose limits hold no multiple of the step between them,
such as a band of zero width at half a step. *Enumeration*: on programs small enough, the integer program over whole
steps with every decision free has no point; the least total miss, by at most one step for each amount a row sums, is
then found by another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Bools, ExtraColumns, Floats, Ints, Linear, Program
from optimizer.search.exact_steps import exact_point
from optimizer.search.rounding import NEAR, Whole, roles

ENOUGH = 1e-6  # steps by which the least miss is widened, against the solver's tolerance


@dataclass(frozen=True, eq=False)
class Widened:
    """A program whose unroundable rows are widened to what whole steps can meet; ``proof`` by position of the row."""

    program: Program
    proof: dict[int, str]


def between_steps(program: Program, whole: Whole, amount: str) -> Widened:
    """Widen the rules on plain sums of money whose limits hold no whole number of steps.

    Parameters
    ----------
    amount : the step in words, for the proof, such as ``0.01 million yuan``
    """
    rows, size = _plain(program, whole)
    low, high = program.row_lower.copy(), program.row_upper.copy()
    least, most = low[rows] / (size * whole.step), high[rows] / (size * whole.step)
    none = np.isfinite(least) & np.isfinite(most) & (np.ceil(least - NEAR) > np.floor(most + NEAR))
    proof = {}
    for row, scale, a, b in zip(rows[none], size[none], least[none], most[none], strict=True):
        low[row], high[row] = np.floor(a) * scale * whole.step, np.ceil(b) * scale * whole.step
        proof[int(row)] = f"between {a:.10g} and {b:.10g} steps of {amount} there is no whole number"
    return Widened(program.with_bounds(row_lower=low, row_upper=high) if proof else program, proof)


def least_missed(program: Program, x: Floats, whole: Whole, people: Bools, *, seconds: float, seed: int = 0) -> Widened | None:
    """Widen hard rules on money by the least total miss of any point in whole steps; None if that is not proved.

    The caller has the proof that without it there is no such point.
    """
    rows, amounts = _summing(program, whole)
    if not len(rows):
        return None
    finite_low, finite_high = np.isfinite(program.row_lower[rows]), np.isfinite(program.row_upper[rows])
    short, over = rows[finite_low], rows[finite_high]
    top = np.concatenate([amounts[finite_low], amounts[finite_high]]) * whole.step
    at = np.concatenate([short, over])
    sign = np.concatenate([np.ones(len(short)), -np.ones(len(over))])
    slack = sparse.csr_matrix((sign, (at, np.arange(len(at)))), shape=(program.n_rows, len(at)))
    missed = ExtraColumns("missed", pd.DataFrame(index=range(len(at))), matrix=slack, upper=top, criteria={})
    elastic = program.extended([missed])
    n = program.n_columns
    linear = Linear("min", np.concatenate([np.zeros(n), np.ones(len(at))]))
    wider = _lengthened(whole, len(at))
    point, proved = exact_point(elastic, linear, np.append(x, np.zeros(len(at))), wider,
                                np.append(people, np.zeros(len(at), bool)), seconds=seconds, seed=seed)
    if point is None or not proved:
        return None
    miss = point[n:]
    low, high = program.row_lower.copy(), program.row_upper.copy()
    room = np.where(miss > NEAR * whole.step, miss + ENOUGH * whole.step, 0.0)
    np.add.at(low, short, -room[: len(short)])
    np.add.at(high, over, room[len(short):])
    text = (f"an integer program over all {int((whole.money | people).sum() + program.integer.sum())} whole decisions finds no "
            f"point that keeps every hard rule; {miss.sum():.10g} is the least that all rules together must be missed by")
    return Widened(program.with_bounds(row_lower=low, row_upper=high), {int(row): text for row in at[room > 0]})


def _rules(program: Program, whole: Whole) -> tuple[Ints, sparse.csr_matrix]:
    """The rows of hard rules over money and nothing else; a soft one has a column for what it is missed by."""
    at = np.flatnonzero(roles(program, whole.role) == "rule")
    matrix = sparse.csr_matrix(program.matrix[at])
    counts = np.diff(matrix.indptr)
    entry = np.repeat(np.arange(len(at)), counts)
    money = np.bincount(entry, weights=whole.money[matrix.indices], minlength=len(at)) == counts
    use = money & (counts > 0)
    return at[use], matrix[use]


def _summing(program: Program, whole: Whole) -> tuple[Ints, Ints]:
    """Rows of hard rules on money, and how many amounts each sums."""
    rows, matrix = _rules(program, whole)
    return rows, np.diff(matrix.indptr)


def _plain(program: Program, whole: Whole) -> tuple[Ints, Floats]:
    """Those whose amounts all count alike, and the coefficient they share."""
    rows, matrix = _rules(program, whole)
    if not len(rows):
        return rows, np.empty(0)
    first = matrix.data[matrix.indptr[:-1]]
    alike = np.maximum.reduceat(np.abs(matrix.data - np.repeat(first, np.diff(matrix.indptr))), matrix.indptr[:-1]) == 0
    use = alike & (first > 0)
    return rows[use], first[use]


def _lengthened(whole: Whole, more: int) -> Whole:
    """The same for a program with further columns, none of which is rounded."""
    zeros = np.zeros(more)
    return replace(whole, money=np.append(whole.money, np.zeros(more, bool)), unit=np.append(whole.unit, zeros),
                   least=np.append(whole.least, zeros), give=np.append(whole.give, zeros))
