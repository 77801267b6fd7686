"""A plan as a point of a program, so that a search begins with it and ends with nothing worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.engine.derive import ExtraRows
from optimizer.engine.family import Family
from optimizer.engine.program import Bools, Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.instance.instance import Instance
from optimizer.methods.cuts import Refined
from optimizer.methods.refining import Refining
from optimizer.model.answer import TABLES
from optimizer.model.compile import Compiled
from optimizer.model.equity.units import DEFINES
from optimizer.model.settling import Settling
from optimizer.plan.choices import Choices
from optimizer.search.drive import Found, search
from optimizer.search.limits import Limits

KEPT = 1e-6  # by which a bound or a rule may be missed
ENOUGH = 0.01  # share of the last criterion that may be left on the table: whatever is found is improved on
FOLLOWING = ("started", "reach", "held", "built", "unspent", "carried_out")  # columns that follow from a plan's decisions
PARTS = {family: (table, value) for table, (family, value) in TABLES.items()} | {
    "pair": ("pairs", None), "start": ("starts", "amount"), "amount": ("starts", "amount")}


@dataclass(frozen=True, eq=False)
class Modelled:
    """What a method ended with before whole steps, which may keep rows that whole steps cannot.

    Attributes
    ----------
    columns : family of columns → the keys of its members, and their values in the same order
    """

    columns: Mapping[str, tuple[pd.DataFrame, Floats]]

    @classmethod
    def of(cls, program: Program, x: Floats) -> Modelled:
        """A point of a program."""
        return cls({f.name: (f.keys, x[f.start : f.stop].copy()) for f in program.columns})


Start = Choices | Modelled


def point_of(start: Start, instance: Instance, built: Compiled, limits: Limits) -> Floats | None:
    """A point of the instance's program with a plan's money, pairs and projects; None where it does not keep the hard rules.

    What follows from these (people reached, sides of a median, an index) is settled by the program: first people, then
    the integers that they settle, then the first criterion. Of what was modelled people need not be found again.
    """
    levels, rows = instance.settings.method.levels, list[ExtraRows]()
    criteria = [built.program.criteria[level.criterion] for level in levels if level.criterion in built.program.criteria]
    held = (_with_modelled(built.program, start, Settling(instance.data)) if isinstance(start, Modelled)
            else _with_people(built, start, Settling(instance.data), criteria, rows, limits))
    if held is None or not criteria:
        return None

    def ask(program: Program, linear: Linear, start: Floats | None) -> Found:
        return search(program, linear, limits, start=start)

    x = Refined(ask, built.cutting, limits, rows).answering()(held, criteria[0], None).x
    return None if x is None or built.program.violation(x) > KEPT else x


def _with_modelled(program: Program, start: Modelled, settling: Settling) -> Program | None:
    """The program with what the point had of every instance's columns held; None where it does not admit that."""
    x, known = np.zeros(program.n_columns), np.zeros(program.n_columns, bool)
    for family in program.columns:
        had = start.columns.get(family.name)
        if had is not None and family.keys.equals(had[0]):
            x[family.start : family.stop], known[family.start : family.stop] = had[1], True
    if not known[_of_plan(program)].all():
        return None
    own = settling.columns(program)
    x = np.where(own & ~known, settling.point(program, _defined(program, x, known)), x)
    if (known & ((x < program.col_lower - KEPT) | (x > program.col_upper + KEPT))).any():
        return None
    return _held(program, x, _of_plan(program) | own)


def _defined(program: Program, x: Floats, known: Bools) -> Floats:
    """The point with columns that rows say to be sums of others (outcomes, means) at those sums, in their order."""
    rows, out = {family.name: family for family in program.rows}, x.copy()
    for family in program.columns:
        says = rows.get(family.name + DEFINES)
        if says is not None and not known[family.start : family.stop].all():
            out[family.start : family.stop] = 0.0
            sums = program.matrix[says.start : says.stop] @ out
            out[family.start : family.stop] = program.row_lower[says.start : says.stop] - sums
    return out


def _with_people(
    built: Compiled, choices: Choices, settling: Settling, criteria: list[Linear], rows: list[ExtraRows], limits: Limits
) -> Program | None:
    """The program with a plan's decisions held, and the people whom its money and projects reach."""
    program = _with_choices(built.program, choices)

    def most(program: Program) -> Floats | None:
        found = Refining(program, built.cutting, rows, limits).optimum(_people(criteria, program), share=ENOUGH)
        return None if found is None else found.x

    reached = most(settling.relaxed(program)) if program is not None and criteria else None
    if program is None or reached is None:
        return None
    counted = most(_held(program, settling.point(program, reached), settling.columns(program)))
    return None if counted is None else _held(program, counted, settling.columns(program) | _of_plan(program))


def _people(criteria: list[Linear], program: Program) -> Linear:
    """What is asked for while people follow from money: the last criterion, which is the one on people as a rule."""
    last = criteria[-1]
    return last.numerator(program.n_columns) if isinstance(last, Ratio) else last


def _held(program: Program, x: Floats, columns: Bools) -> Program:
    """The program with some columns held as in a point, and without the rows that have no others.

    These hold but for a solver's rounding, which must not make the rest infeasible.
    """
    value = np.clip(np.where(program.integer, np.round(x), x), program.col_lower, program.col_upper)
    low, high = np.where(columns, value, program.col_lower), np.where(columns, value, program.col_upper)
    open_ = np.asarray(np.diff(program.matrix[:, np.flatnonzero(low < high)].indptr) > 0)
    return program.with_bounds(col_lower=low, col_upper=high, row_lower=np.where(open_, program.row_lower, -np.inf),
                               row_upper=np.where(open_, program.row_upper, np.inf))


def _of_plan(program: Program) -> Bools:
    """Columns that every instance has: what else there is stands for indices and rules."""
    out = np.zeros(program.n_columns, bool)
    for family in program.columns:
        out[family.start : family.stop] = family.name in (*PARTS, *FOLLOWING)
    return out


def _with_choices(program: Program, choices: Choices) -> Program | None:
    """The program with money, pairs and projects held as chosen; None where it does not admit one of them."""
    low, high = program.col_lower.copy(), program.col_upper.copy()
    met = dict.fromkeys((table for table, _ in PARTS.values()), 0)
    for family in program.columns:
        if family.name in PARTS:
            table, value = PARTS[family.name]
            chosen = getattr(choices, table)
            values, found = _values(family, chosen, value)
            met[table] += found
            own = slice(family.start, family.stop)
            if (values < low[own] - KEPT).any() or (values > high[own] + KEPT).any():
                return None
            low[own] = high[own] = values
    if any(len(getattr(choices, table)) > found for table, found in met.items()):
        return None
    return program.with_bounds(col_lower=low, col_upper=high)


def _values(family: Family, chosen: pd.DataFrame, value: str | None) -> tuple[Floats, int]:
    """Value of each column, and how many rows of a table of choices have one."""
    names = [name for name in chosen.columns if name != value]
    amounts = pd.Series(1.0 if value is None else chosen[value].to_numpy(float), index=pd.MultiIndex.from_frame(chosen[names]))
    keys = pd.MultiIndex.from_frame(family.keys[names])
    return amounts.reindex(keys).fillna(0.0).to_numpy(float), int(amounts.index.isin(keys).sum())
