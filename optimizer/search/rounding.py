"""From a fractional point to whole steps, without breaking a row.

1. With the integers held, the linear program again, every row drawn in by as much as rounding its columns could move it.
2. Scalable amounts are taken down to whole steps and held; the program again over what remains.
3. A flow rounding takes every amount of money to its floor or ceiling, and every total that the rows of the money flow
   (budgets, accounts, donors) or nested rules speak of as well: a network, so that a whole point exists
   (`engine.network`).

Where the margins leave no point they are given back row by row at a price. Where no flow rounding fits either, the
caller asks an integer program over the amounts (`search.exact_steps`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.network import round_flow
from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Bools, ExtraColumns, Floats, Ints, Linear, Program
from optimizer.engine.session import Basis, Method, Session, method_for

FLOW = ("budget", "account", "placed", "donor_money")
COUNTED = "counted"
LOOSE = 4.0  # times what rounding moves in a row that only counts: projects' losses move what stands beside it as well
NEAR = 1e-6
BASIC = 1  # HiGHS's code
GIVE_BACK = 100.0  # price of a unit of margin against a unit of the criterion's largest coefficient
LEVEL = "level_"  # rows that hold what an earlier criterion reached
LARGE = 20_000  # columns from which a program under such rows is given to the interior point: its old basis is far away


@dataclass(frozen=True, eq=False)
class Whole:
    """What rounding needs to know of the columns of a program.

    Attributes
    ----------
    money : columns that must be multiples of ``step``
    unit : cost of one unit of a scalable amount, whose money must be whole steps (0: another column)
    least : least amount of such a column if it is not zero
    give : how far rounding may move each column
    role : of each row family
    """

    step: float
    money: Bools
    unit: Floats
    least: Floats
    give: Floats
    role: dict[str, str]


def round_point(
    program: Program, linear: Linear, x: Floats, whole: Whole, *, threads: int = 1, basis: Basis | None = None
) -> Floats:
    """Round ``x``, feasible and with whole integers, to whole steps; ``basis``: of the program with its integers held.

    Raises
    ------
    SolveError : the program has no point with these integers
    """
    basis = None if basis is None or len(basis.rows) != program.n_rows else basis  # rows were added since
    needed, filled = _needed(program, x, basis)
    part, columns, rows = program.restricted(needed, filled)
    short = replace(whole, money=whole.money[columns], unit=whole.unit[columns], least=whole.least[columns],
                    give=whole.give[columns])
    start = None if basis is None else Basis(basis.columns[columns], basis.rows[rows])
    out = np.zeros(program.n_columns)
    out[columns] = _rounded_part(part, replace(linear, vector=linear.vector[columns]), x[columns], short, threads, start)
    return out


def _needed(program: Program, x: Floats, basis: Basis | None) -> tuple[Bools, Bools]:
    """Columns that the held integers leave a say (or that are basic), and rows that hold some of them or ask for something."""
    zero = program.integer & (np.round(x) == 0)
    switched = program.switch >= 0
    idle = zero.copy()
    idle[switched] |= zero[program.switch[switched]] & (program.col_lower[switched] <= 0)
    needed = ~idle if basis is None else ~idle | (basis.columns == BASIC)
    filled = np.asarray(np.diff(program.matrix[:, np.flatnonzero(needed)].indptr) > 0)
    return needed, filled | (program.row_lower > 0) | (program.row_upper < 0)


def _rounded_part(program: Program, linear: Linear, x: Floats, whole: Whole, threads: int, basis: Basis | None) -> Floats:
    low, high = program.col_lower.copy(), program.col_upper.copy()
    held = program.integer
    low[held] = high[held] = np.round(x[held])
    lp = _DrawnIn(program, linear, whole, threads, basis)
    point, dual = lp.solve(low, high)
    scaled = whole.unit > 0
    if scaled.any():
        amounts = _whole_amounts(point[scaled], whole.unit[scaled], whole.least[scaled], whole.step)
        low[scaled] = high[scaled] = amounts
        point, dual = lp.solve(low, high)
    point = np.where(program.integer | scaled, np.where(scaled, low, np.round(point)), point)
    return _to_steps(program, linear, point, dual, whole, lp.nested)


def _whole_amounts(amount: Floats, unit: Floats, least: Floats, step: float) -> Floats:
    """Amounts taken down so that amount × unit is a whole number of steps; up where they would fall below their least."""
    steps = np.floor(amount * unit / step + NEAR)
    short = (amount > NEAR) & (steps * step / unit < least - NEAR)
    steps[short] = np.ceil(least[short] * unit[short] / step - NEAR)
    return np.asarray(steps * step / unit)


def roles(program: Program, role: dict[str, str]) -> np.ndarray:
    """The role of each row of a program, by its family's."""
    out = np.full(program.n_rows, "", dtype=object)
    for family in program.rows:
        out[family.start : family.stop] = role.get(family.name, "")
    return out


class _DrawnIn:
    """The linear program with drawn-in rows, loaded once; margins that leave no point are given back at a price.

    Under rows that hold a level, margins nearly always leave none, and to prove that takes minutes at national scale: there
    the price is asked at once.
    """

    def __init__(self, program: Program, linear: Linear, whole: Whole, threads: int, basis: Basis | None) -> None:
        self.program, self.whole = program, whole
        self.nested = nested_rows(program, whole)
        cost = Linear("max", linear.vector if linear.sense == "max" else -linear.vector)
        self.rows = np.flatnonzero(margins(program, whole, self.nested) > 0)
        self.session = Session(_elastic(program, self.rows, cost), "round", threads=threads)
        self.counted = COUNTED in roles(program, whole.role)
        self.under_level = any(family.name.startswith(LEVEL) for family in program.rows)
        self.solved = basis is not None and not (self.under_level and program.n_columns > LARGE)
        if self.solved and basis is not None:
            self.session.set_basis(basis)

    def solve(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """The optimum within these bounds of the columns, and its duals."""
        program, n = self.program, self.program.n_columns
        bounded = program.with_bounds(col_lower=low, col_upper=high)
        self.session.set_col_bounds(np.arange(n), low, high)
        for loose in (LOOSE, np.inf) if self.counted else (LOOSE,):
            (row_low, row_high), margin = drawn_in(bounded, self.whole, self.nested, loose)
            self.session.set_row_bounds(np.arange(program.n_rows), row_low, row_high)
            back = np.tile(margin[self.rows], 2)
            for room in (back,) if self.under_level else (0.0 * back, back):
                self.session.set_col_bounds(np.arange(n, n + len(back)), 0.0 * back, room)
                method: Method = "simplex" if self.solved else "ipx" if self.under_level else method_for(program.n_rows)
                result = self.session.solve("lp", method=method)
                if result.status is Status.OPTIMAL and result.x is not None and result.row_dual is not None:
                    self.solved = True
                    return result.x[:n], result.row_dual
        # never called infeasible: with other integers there may be a point
        raise SolveError("no point with these integers takes whole steps", replace(result.outcome, status=Status.FAILED))


def _elastic(program: Program, rows: Ints, cost: Linear) -> Program:
    """The program with two columns for each row that may have a margin, which give it back."""
    price = -GIVE_BACK * max(float(np.abs(cost.vector).max(initial=1.0)), 1.0)
    back = sparse.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(program.n_rows, len(rows)))
    keys = pd.DataFrame(index=range(len(rows)))
    columns = [
        ExtraColumns(f"given_back_{side}", keys, matrix=sign * back, upper=0.0,
                     criteria={"round": np.full(len(rows), price)})
        for side, sign in (("up", 1.0), ("down", -1.0))
    ]
    return replace(program, criteria={"round": cost}).extended(columns)


def margins(program: Program, whole: Whole, nested: Bools) -> Floats:
    """How much rounding its columns could move each row outside the money flow."""
    role = roles(program, whole.role)
    moving = np.where(program.col_lower == program.col_upper, 0.0, whole.give)
    margin = np.where(np.isin(role, FLOW) | nested, 0.0, np.asarray(abs(program.matrix) @ moving))
    margin[np.isin(role, ("direct", "coverage", COUNTED, "switch", "project", "pairing", "donor", ""))] = 0.0
    margin[program.row_lower == program.row_upper] = 0.0
    room = np.where(np.isfinite(program.row_lower) & np.isfinite(program.row_upper),
                    (program.row_upper - program.row_lower) / 2, np.inf)
    return np.asarray(np.minimum(margin, room))


def drawn_in(
    program: Program, whole: Whole, nested: Bools, loose: float = LOOSE
) -> tuple[tuple[Floats, Floats], Floats]:
    """Bounds of rows drawn in by what rounding could move them; those of the money flow only to whole steps.

    Rows that only count (integers that follow hold them) give way by ``loose`` times as much: the plan's own figures are
    counted anew.
    """
    margin = margins(program, whole, nested)
    role = roles(program, whole.role)
    wide = np.zeros(program.n_rows)
    counted = role == COUNTED
    wide[counted] = np.inf if np.isinf(loose) else loose * (abs(program.matrix[counted]) @ whole.give)
    low, high = program.row_lower + margin - wide, program.row_upper - margin + wide
    flow = np.isin(role, FLOW)
    return _whole_bounds(program, whole, flow | nested, program.col_lower == program.col_upper, low, high), margin


def _whole_bounds(program: Program, whole: Whole, rows: Bools, fixed: Bools, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Bounds of flow rows in whole steps, inward, what fixed columns spend being rounded up."""
    at = np.where(fixed & ~whole.money, program.col_lower, 0.0)
    spent = program.matrix @ at
    new_low, new_high = low.copy(), high.copy()
    inward_low = np.ceil((low - spent) / whole.step - NEAR) * whole.step + spent
    inward_high = np.floor((high - spent) / whole.step + NEAR) * whole.step + spent
    use = rows & (inward_low <= inward_high)
    new_low[use], new_high[use] = inward_low[use], inward_high[use]
    # an account whose projects cost no whole number of steps: money in is rounded up, the rest is its reserve
    up = rows & ~use
    new_low[up] = new_high[up] = inward_low[up]
    return new_low, new_high


def nested_rows(program: Program, whole: Whole) -> Bools:
    """Rows over money alone, with equal coefficients, whose columns nest with the supply tree (or with the accounts)."""
    role = roles(program, whole.role)
    matrix = program.matrix
    counts = np.diff(matrix.indptr)
    entry_row = np.repeat(np.arange(program.n_rows), counts)
    money = np.bincount(entry_row, weights=whole.money[matrix.indices], minlength=program.n_rows) == counts
    plain = np.bincount(entry_row, weights=matrix.data == 1.0, minlength=program.n_rows) == counts
    asked = np.flatnonzero(money & plain & (counts > 0) & ~np.isin(role, FLOW) & (role != ""))
    asked = asked[np.argsort(-counts[asked], kind="stable")]
    rows = abs(matrix[asked]).sign()
    crossing = _crossing(rows, rows).tolil().rows  # which of the others each row crosses
    nests = [_crossing(rows, abs(matrix[np.flatnonzero(role == name)]).sign()).getnnz(axis=1) == 0
             for name in ("budget", "account")]
    taken: list[set[int]] = [set() for _ in nests]
    out = np.zeros(program.n_rows, bool)
    for n, row in enumerate(asked):
        for fits, members in zip(nests, taken, strict=True):
            if fits[n] and members.isdisjoint(crossing[n]):
                members.add(n)
                out[row] = True
                break
    return out


def _crossing(one: sparse.csr_matrix, other: sparse.csr_matrix) -> sparse.csr_matrix:
    """Where a set of ``one`` is neither inside nor around nor apart from a set of ``other``; sets are rows of ones."""
    shared = (one @ other.T).tocoo()
    sizes, others = np.diff(one.indptr), np.diff(other.indptr)
    cross = (shared.data != sizes[shared.row]) & (shared.data != others[shared.col])
    return sparse.csr_matrix((np.ones(int(cross.sum())), (shared.row[cross], shared.col[cross])), shape=shared.shape)


def _to_steps(program: Program, linear: Linear, x: Floats, dual: Floats, whole: Whole, nested: Bools) -> Floats:
    """Flow rounding of the money columns at ``x``; without the nested rows where with them there is no whole point.

    Raises
    ------
    SolveError : the flow rows alone have no whole point near ``x`` (never called infeasible: others may have one)
    """
    flow = np.isin(roles(program, whole.role), FLOW)
    try:
        return _rounded(program, linear, x, dual, whole, flow | nested)
    except SolveError:
        try:
            return _rounded(program, linear, x, dual, whole, flow)
        except SolveError as error:
            outcome = None if error.outcome is None else replace(error.outcome, status=Status.FAILED)
            raise SolveError("the amounts could not be rounded to whole steps", outcome) from error


def _rounded(program: Program, linear: Linear, x: Floats, dual: Floats, whole: Whole, flow: Bools) -> Floats:
    arcs, rows = np.flatnonzero(whole.money), np.flatnonzero(flow)
    slab = sparse.csr_matrix(program.matrix[rows][:, arcs])
    rest = x.copy()
    rest[arcs] = 0.0
    spent = program.matrix[rows] @ rest
    low, high = (program.row_lower[rows] - spent) / whole.step, (program.row_upper[rows] - spent) / whole.step
    equal = np.abs(high - low) < NEAR
    low[equal] = high[equal] = np.ceil(low[equal] - NEAR)
    sign = 1.0 if linear.sense == "max" else -1.0
    outside = np.where(flow, 0.0, dual)
    gain = (sign * linear.vector - program.matrix.T @ outside)[arcs] * whole.step
    steps = round_flow(x[arcs] / whole.step, slab, low, high, program.col_lower[arcs] / whole.step,
                       program.col_upper[arcs] / whole.step, gain)
    out = x.copy()
    out[arcs] = steps * whole.step
    return out
