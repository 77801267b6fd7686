"""McLoone's index: what the units at or below the median have, over what they would have at the median.

The index is Berne & Stiefel's, "The measurement of equity in school finance" (1984); as an integer program Chen & Hooker,
"A guide to formulating fairness in an optimization model", Annals of Operations Research (2023), section on inequality
measures: binaries say which units lie below the median, and the quotient is that of two linear expressions. Both sides
of the median are held, since it could pay to call too small or too large a number the median.
"""

from __future__ import annotations

import numpy as np

from optimizer.engine.family import Family
from optimizer.engine.program import Bools, Floats, Program
from optimizer.instance.settings import EquityFields
from optimizer.model.algebra import Algebra, Columns, Linear, Terms
from optimizer.model.decisions import RULE_STAGE
from optimizer.model.equity.extent import extent
from optimizer.model.equity.units import NO_KEYS, Units, one, units_of
from optimizer.model.outcomes import Outcome

SIDES = ("below", "above", "reach", "within")
EQUAL = 1e-9  # by which outcomes may differ that are one
IS = "_is_"  # after a side: the rows that say what units on it have


def mcloone(model: Algebra, name: str, of: Outcome, fields: EquityFields) -> Linear:
    """Σ over units at or below the median of u / (median × their number); 1 where they are equal. Units count alike.

    under[u] ≤ median,  under[u] ≤ largest median·below[u]: the median counted once for each unit at or below it
    short[u] ≥ median − u: what these lack of it (0 above it).   index = (Σ under − Σ short) / Σ under
    """
    units = units_of(model, of, fields)
    low, high = extent(model, of)
    below, median, most = _median(units, name, low, high)
    under = model.declare(f"under_{name}", of.units, upper=most)
    short = model.declare(f"short_{name}", of.units, upper=np.maximum(most - low, 0.0))
    minus = [Terms(of.units, np.full(len(of.units), column), np.full(len(of.units), -part))
             for column, part in zip(median.column, median.coefficient, strict=True)]
    model.state(f"under_median_{name}", of.units, [under.terms(), *minus], upper=0.0, role="equity")
    model.state(f"under_if_below_{name}", of.units, [under.terms(), below.terms(-most)], upper=0.0, role="equity")
    model.state(f"short_of_median_{name}", of.units, [short.terms(), units.each(), *minus], lower=0.0, role="equity")
    whole = one(under.terms())
    return Linear(name, "max", Terms.concat([whole, one(short.terms(-1.0))]), "", whole)


def _median(units: Units, name: str, low: np.ndarray, high: np.ndarray) -> tuple[Columns, Terms, float]:
    """Which units are at or below the median, the median itself, and the largest it can be.

    Of n units the k-th is the lower middle and the (n+1−k)-th the upper one, k = ⌈n/2⌉; the median lies halfway.
    below[u]: u ≤ lower middle, at least k;  above[u]: u ≥ upper middle, at least k;  every unit is one of them
    """
    model, keys = units.model, units.of.units
    count = len(keys)
    half = (count + 1) // 2
    places = [half - 1] if count % 2 else [half - 1, half]  # from 0
    middle = [model.declare(f"middle{n}_{name}", NO_KEYS, lower=float(np.sort(low)[at]), upper=float(np.sort(high)[at]))
              for n, at in enumerate(places)]
    first, last = middle[0], middle[-1]
    below, above = (model.declare(f"{side}_{name}", keys, upper=1.0, integer=True, stage=RULE_STAGE)
                    for side in ("below", "above"))
    _at_most(units, f"below_is_{name}", first, below, high)
    _at_least(units, f"above_is_{name}", last, above, low)
    model.state(f"sides_{name}", keys, [below.terms(), above.terms()], lower=1.0, role="equity")
    for side in (below, above):
        model.state(f"half_{side.name}", NO_KEYS, [one(side.terms())], lower=float(half), role="equity")
    if len(middle) == 2:
        model.state(f"middle_order_{name}", NO_KEYS, [last.terms(), first.terms(-1.0)], lower=0.0, role="equity")
        _no_further(units, name, first, last, below, above, low, high)
    share = 1 / len(middle)
    return below, Terms.concat([one(column.terms(share)) for column in middle]), float(np.sort(high)[places].mean())


def _no_further(
    units: Units, name: str, first: Columns, last: Columns, below: Columns, above: Columns, low: np.ndarray, high: np.ndarray
) -> None:
    """Of an even number: one unit more than half has at least the lower middle, one more at most the upper one."""
    model, keys = units.model, units.of.units
    more, fewer = (model.declare(f"{side}_{name}", keys, upper=1.0, integer=True, stage=RULE_STAGE)
                   for side in ("reach", "within"))
    _at_least(units, f"reach_is_{name}", first, more, low)
    _at_most(units, f"within_is_{name}", last, fewer, high)
    need = len(keys) / 2 + 1
    for extra, side in ((more, above), (fewer, below)):
        model.state(f"{extra.name}_other", keys, [extra.terms(), side.terms()], upper=1.0, role="equity")
        model.state(f"{extra.name}_count", NO_KEYS, [one(extra.terms()), one(side.terms())], lower=need, role="equity")


def _at_most(units: Units, name: str, edge: Columns, chosen: Columns, high: np.ndarray) -> None:
    """u ≤ edge + (…)·(1 − chosen[u])"""
    apart = np.maximum(high - edge.lower[0], 0.0)
    units.model.state(name, units.of.units, [units.each(), units.spread(edge, -1.0), chosen.terms(apart)], upper=apart,
                      role="equity")


def _at_least(units: Units, name: str, edge: Columns, chosen: Columns, low: np.ndarray) -> None:
    """u ≥ edge − (…)·(1 − chosen[u])"""
    apart = np.maximum(edge.upper[0] - low, 0.0)
    units.model.state(name, units.of.units, [units.each(), units.spread(edge, -1.0), chosen.terms(-apart)], lower=-apart,
                      role="equity")


def median_columns(program: Program) -> Bools:
    """The binaries of medians: how the outcomes are ordered settles them."""
    out = np.zeros(program.n_columns, bool)
    for family in _sides(program).values():
        out[family.start : family.stop] = True
    return out


def ranked_truly(program: Program, x: Floats) -> Floats:
    """The point with every unit on the sides of each median on which its outcome lies."""
    rows, sides, out = {family.name: family for family in program.rows}, _sides(program), x.copy()
    for name in [name.removeprefix("below_") for name in sides if name.startswith("below_")]:
        outcome = x[_outcomes(program, rows[f"below{IS}{name}"], sides[f"below_{name}"], name)]
        for side, units in _chosen(outcome).items():
            if (family := sides.get(f"{side}_{name}")) is not None:
                out[family.start : family.stop] = units
    return out


def _chosen(outcome: Floats) -> dict[str, Bools]:
    """Which units are on each side; all that are equal to a middle one lie on its side."""
    order = np.argsort(outcome, kind="stable")
    half = (len(order) + 1) // 2
    low, high = order[half - 1], order[len(order) - half]
    below, above = outcome <= outcome[low] + EQUAL, outcome >= outcome[high] - EQUAL
    reach, within = np.zeros((2, len(order)), bool)
    reach[low], within[high] = not above[low], not below[high]
    return {"below": below, "above": above, "reach": reach, "within": within}


def _sides(program: Program) -> dict[str, Family]:
    """Families of such binaries by name, of every median that the program has."""
    rows = {family.name for family in program.rows}
    return {family.name: family for family in program.columns for side in SIDES
            if family.name.startswith(f"{side}_") and f"{side}{IS}{family.name.removeprefix(side + '_')}" in rows}


def _outcomes(program: Program, rows: Family, side: Family, name: str) -> np.ndarray:
    """The column of each unit's outcome: what its row has besides the edge and the side."""
    own = np.zeros(program.n_columns, bool)
    own[side.start : side.stop] = True
    for family in program.columns:
        if family.name in (f"middle0_{name}", f"middle1_{name}"):
            own[family.start : family.stop] = True
    part = program.matrix[rows.start : rows.stop].tocoo()
    at = ~own[part.col]
    columns = np.empty(len(rows), int)
    columns[part.row[at]] = part.col[at]
    return columns
