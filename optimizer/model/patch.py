"""What a change of budgets means for a compiled program: only the rows that read a budget are stated again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.instance.data import Data
from optimizer.model.accounts import stream_budget, stream_least
from optimizer.model.algebra import Algebra, Rows, collection_paused
from optimizer.model.compile import Compiled
from optimizer.model.decisions import declare_carry
from optimizer.model.rules.every import STATED

FINE = 1e-9  # of a step: shares of a budget to this count as unrounded


def with_budgets(base: Algebra, compiled: Compiled, data: Data, *, rounded: bool = True) -> Compiled | None:
    """The compiled program under the budgets of ``data``; None if more than numbers would change.

    Parameters
    ----------
    base : the algebra that ``compiled`` came from
    data : the same instance with other budgets, and nothing else
    rounded : False: bands lie around shares of the budget as they are, not around the whole steps that are paid out, so
        that their bounds move straight with it (see `optimizer.model.rules.band.rounding_of`)
    """
    if base.reads_budgets:
        return None
    with collection_paused():
        again = Algebra(pyomo=None, width=base.width, blocks=base.blocks, home=base.home)
        again.columns.update(base.columns)
        carried = base.columns["carried_out"]
        declare_carry(again, data)
        if not again.columns["carried_out"].keys.equals(carried.keys):
            return None
        upper = again.columns["carried_out"].upper
        again.columns["carried_out"] = carried
        stream_budget(again, data)
        stream_least(again, data)
        for rule in data.settings.rules:
            if rule.active and rule.hard and _reads_budgets(rule):
                fine = not rounded and rule.type == "band"
                STATED[rule.type](again, replace(data, step=data.step * FINE) if fine else data, rule)
            elif rule.active and _reads_budgets(rule):
                return None  # a soft rule would declare its columns again
    program = compiled.program
    low, high, entries = program.row_lower.copy(), program.row_upper.copy(), program.matrix.data.copy()
    for rows in again.rows.values():
        place = next((family for family in program.rows if family.name == rows.name), None)
        if place is None or place.stop - place.start != len(rows.keys) or not _same_entries(program, place.start, rows):
            return None
        low[place.start : place.stop], high[place.start : place.stop] = rows.lower, rows.upper
        first = program.matrix.indptr[place.start]
        entries[first : first + len(rows.value)] = rows.value
    col_upper = program.col_upper.copy()
    col_upper[carried.first : carried.first + len(carried)] = upper
    matrix = program.matrix.copy()
    matrix.data = entries
    changed = replace(program, matrix=matrix, row_lower=low, row_upper=high, col_upper=col_upper)
    return replace(compiled, program=changed)


def _reads_budgets(rule: object) -> bool:
    """Whether the rows of a rule depend on the budgets (scaled bands, the factor method, increases, ceilings)."""
    kind = getattr(rule, "type", "")
    return kind == "band" or (kind == "share" and getattr(rule, "increase_over", None) is not None) or (
        kind == "bound" and bool(getattr(rule, "or_zero", False)))


def _same_entries(program: object, first: int, rows: Rows) -> bool:
    """Whether the rows stand on the same columns as in the compiled matrix."""
    matrix = program.matrix  # type: ignore[attr-defined]
    start = matrix.indptr[first : first + len(rows.keys) + 1]
    same = np.array_equal(start - start[0], rows.start)
    return bool(same and np.array_equal(matrix.indices[start[0] : start[-1]], rows.column))
