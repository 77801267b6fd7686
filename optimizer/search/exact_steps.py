"""Whole steps and whole people exactly: for programs small enough, an integer program over every amount.

Money columns become whole numbers of steps and people whole numbers (the program's rows leave room for what that
leaves over). The optimum is the best whole-unit point there is, with the integers given or with all of them free, and
if there is none, that is proved.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from optimizer.engine.outcome import Status
from optimizer.engine.program import Bools, Floats, Linear, Program
from optimizer.engine.session import RawResult, Session
from optimizer.search.rounding import Whole

FREE, HELD = 400, 4000  # columns up to which all integers are free, or only the amounts
NODES = 20_000


def exact_point(
    program: Program, linear: Linear, x: Floats, whole: Whole, people: Bools, *, seconds: float, seed: int = 0,
    most: int = HELD,
) -> tuple[Floats | None, bool]:
    """The best point in whole steps and whole people, and whether it (or that there is none) is proved.

    Parameters
    ----------
    x : a point whose integers are held where the program is too large to free them
    people : columns that count people
    most : number of amounts and people past which nothing is tried
    """
    movable = int((whole.money | people | (whole.unit > 0)).sum())
    if movable > most:
        return None, False
    free = movable + int(program.integer.sum()) <= FREE
    low, high = program.col_lower.copy(), program.col_upper.copy()
    if not free:
        low[program.integer] = high[program.integer] = np.round(x[program.integer])
    scale = np.where(whole.money, whole.step, np.where(whole.unit > 0, whole.step / np.maximum(whole.unit, 1e-300), 1.0))
    result = _solved(program.with_bounds(col_lower=low, col_upper=high), linear, whole, people, scale, seconds, seed)
    proved = free and result.status in (Status.OPTIMAL, Status.INFEASIBLE)
    return (None if result.x is None else result.x * scale), proved


def _solved(
    program: Program, linear: Linear, whole: Whole, people: Bools, scale: Floats, seconds: float, seed: int
) -> RawResult:
    in_steps = replace(
        program, matrix=sparse.csr_matrix(program.matrix @ sparse.diags(scale)),
        col_lower=program.col_lower / scale, col_upper=program.col_upper / scale,
        integer=program.integer | whole.money | people | (whole.unit > 0),
        criteria={"steps": replace(linear, vector=linear.vector * scale)},
    )
    session = Session(in_steps, "steps", seed=seed)
    return session.solve("mip", time_limit=seconds, node_limit=NODES, gap=1e-9)
