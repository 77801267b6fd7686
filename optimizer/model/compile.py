"""From Pyomo to arrays: the model compiled once into a Program.

Nearly every row is a ready ``LinearExpression``; its coefficients are read straight off. Any other row (an analyst's
own, added through ``extend``) goes through Pyomo's own ``generate_standard_repn``. Measured on 900,000 nonzeros this
takes a fifth of the time of ``LinearStandardFormCompiler`` and keeps unused and fixed columns, ranges and row names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression
from pyomo.repn import generate_standard_repn
from scipy import sparse

from optimizer.engine.cutting import Cutting
from optimizer.engine.program import Linear as Criterion
from optimizer.engine.program import Program
from optimizer.engine.ratio import Ratio
from optimizer.engine.units import UnitOutcomes
from optimizer.model.algebra import CONSTANT, Algebra, Columns, Linear, Rows, Terms, collection_paused
from optimizer.model.equity.ideals import Ideals, with_shares
from optimizer.model.outcomes import unit_outcomes


@dataclass(frozen=True, eq=False)
class Compiled:
    """A program with what the search needs to know of its families.

    ``role`` of each row family (``budget``, ``account``, ``switch``, ``rule`` …); ``money``: which columns are amounts
    of money that a plan gives in whole steps; ``unknown`` names rows that came from outside the instance; ``outcomes``
    are those of the units that equity looks at, by criterion or rule; ``cutting`` are conditions that need further rows;
    ``ideals``: by outcome and units, the largest outcome of each unit alone, where a criterion or rule reads it.
    """

    program: Program
    role: dict[str, str]
    money: np.ndarray
    unknown: tuple[str, ...]
    outcomes: dict[str, UnitOutcomes] = field(default_factory=dict)
    cutting: tuple[Cutting, ...] = ()
    ideals: Ideals = field(default_factory=dict)


def compile_model(model: Algebra) -> Compiled:
    """Compile the Pyomo model; components added after :func:`build` become families of their own."""
    with collection_paused():
        return _with_ideals(model, _compile(model), {})


def _with_ideals(model: Algebra, made: Compiled, known: Ideals) -> Compiled:
    """The program with the rows that need ideals; they are found here, where the program is whole."""
    if not model.shares:
        return made
    program, ideals = with_shares(made.program, model.shares, known)
    return replace(made, program=program, ideals=ideals, outcomes=_outcomes(model, program))


def compile_numbers(model: Algebra, known: Ideals | None = None) -> Compiled:
    """The same program straight from the numbers of the clauses, for a model stated without Pyomo.

    ``known`` are ideals to keep, where the rules are only tighter than those they were found under.
    """
    columns, rows = list(model.columns.values()), list(model.rows.values())
    starts = np.concatenate([[0], np.cumsum([len(family.column) for family in rows])])
    indptr = np.concatenate([family.start[:-1] + start for family, start in zip(rows, starts, strict=False)] + [starts[-1:]])
    matrix = sparse.csr_matrix(
        (_joined(rows, "value"), _joined(rows, "column").astype(np.int64), indptr), shape=(len(indptr) - 1, model.width)
    )
    col_block = _joined(columns, "block").astype(np.int64)
    program = Program.build(
        columns=[(family.name, family.keys) for family in columns], rows=[(family.name, family.keys) for family in rows],
        matrix=matrix, row_lower=_joined(rows, "lower"), row_upper=_joined(rows, "upper"),
        col_lower=_joined(columns, "lower"), col_upper=_joined(columns, "upper"), integer=_each(columns, "integer").astype(bool),
        criteria={name: _vector(c, model.width) for name, c in model.criteria.items()},
        col_block=col_block, row_block=_row_blocks(matrix, col_block), col_stage=_each(columns, "stage").astype(np.int64),
        switch=_joined(columns, "switch").astype(np.int64),
    )
    made = Compiled(program, {row.name: row.role for row in rows}, _each(columns, "money").astype(bool), (),
                    _outcomes(model, program), tuple(model.cutting))
    return _with_ideals(model, made, known or {})


def _outcomes(model: Algebra, program: Program) -> dict[str, UnitOutcomes]:
    return {name: unit_outcomes(of, program.n_columns) for name, of in model.outcomes.items()}


def _joined(families: Sequence[Columns] | Sequence[Rows], name: str) -> np.ndarray:
    return np.concatenate([getattr(family, name) for family in families] + [np.empty(0)])


def _each(families: Sequence[Columns], name: str) -> np.ndarray:
    """One value of a family for each of its columns."""
    return np.concatenate([np.full(len(family), getattr(family, name)) for family in families] + [np.empty(0)])


def _compile(model: Algebra) -> Compiled:
    assert model.pyomo is not None
    column_families = [(family.name, family.keys) for family in model.columns.values()]
    variables = list(model.variables)
    known = {id(variable) for variable in variables} if len(list(model.pyomo.component_objects(pyo.Var))) > len(
        model.columns) else None
    if known is not None:
        for component in model.pyomo.component_objects(pyo.Var, active=True):
            if component.local_name not in model.columns:
                extra = list(component.values())
                column_families.append((component.local_name, pd.DataFrame({"index": [str(v.index()) for v in extra]})))
                variables.extend(extra)
    number = {id(variable): n for n, variable in enumerate(variables)}
    rows, families, unknown = _Rows(number), [], []
    for component in model.pyomo.component_objects(pyo.Constraint, active=True):
        data = [component[key] for key in component]
        for constraint in data:
            rows.add(constraint)
        made = model.rows.get(component.local_name)
        if made is None:
            unknown.append(component.local_name)
        keys = made.keys if made is not None else pd.DataFrame({"index": [str(c.index()) for c in data]})
        families.append((component.local_name, keys))
    extra_columns = len(variables) - len(model.variables)
    lower, upper, integer = _bounds(variables)
    switch = np.concatenate([f.switch for f in model.columns.values()] + [np.full(extra_columns, -1)])
    matrix = rows.matrix(len(variables))
    col_block = np.concatenate([f.block for f in model.columns.values()] + [np.full(extra_columns, -1)])
    program = Program.build(
        columns=column_families, rows=families, matrix=matrix,
        row_lower=np.asarray(rows.lower, float), row_upper=np.asarray(rows.upper, float),
        col_lower=lower, col_upper=upper, integer=integer,
        criteria={name: _vector(c, len(variables)) for name, c in model.criteria.items()},
        col_block=col_block, row_block=_row_blocks(matrix, col_block),
        col_stage=np.concatenate([np.full(len(f), f.stage) for f in model.columns.values()] + [np.zeros(extra_columns, int)]),
        switch=switch,
    )
    money = np.concatenate([np.full(len(f), f.money) for f in model.columns.values()] + [np.zeros(extra_columns, bool)])
    roles = {row.name: row.role for row in model.rows.values()}
    return Compiled(program, roles, money, tuple(unknown), _outcomes(model, program), tuple(model.cutting))


class _Rows:
    """Rows gathered in the order in which they are met."""

    def __init__(self, number: dict[int, int]) -> None:
        self.number = number
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.variables: list[list[object]] = []
        self.values: list[list[float]] = []

    def add(self, constraint: object) -> None:
        body = constraint.body  # type: ignore[attr-defined]
        shift = 0.0
        if type(body) is LinearExpression:
            self.variables.append(body.linear_vars)
            self.values.append(body.linear_coefs)
            if body.constant is not None:  # an analyst's own sum may carry one; those of the clauses are 0
                shift = float(pyo.value(body.constant))
        else:
            form = generate_standard_repn(body)
            if not form.is_linear():
                raise ValueError(f"{constraint.name} is not linear")  # type: ignore[attr-defined]
            self.variables.append(list(form.linear_vars))
            self.values.append([float(value) for value in form.linear_coefs])
            shift = float(pyo.value(form.constant))
        low, top = constraint.lb, constraint.ub  # type: ignore[attr-defined]
        self.lower.append(-np.inf if low is None else low - shift)
        self.upper.append(np.inf if top is None else top - shift)

    def matrix(self, columns: int) -> sparse.csr_matrix:
        lengths = np.fromiter(map(len, self.values), dtype=np.int64, count=len(self.values))
        total = int(lengths.sum())
        number = self.number
        at = np.fromiter((number[id(v)] for v in chain.from_iterable(self.variables)), dtype=np.int64, count=total)
        value = np.fromiter(chain.from_iterable(self.values), dtype=float, count=total)
        out = sparse.csr_matrix((value, at, np.concatenate([[0], np.cumsum(lengths)])), shape=(len(self.values), columns))
        out.sum_duplicates()
        return out


def _row_blocks(matrix: sparse.csr_matrix, col_block: np.ndarray) -> np.ndarray:
    """The block all columns of a row lie in; -1 for rows that link blocks (or are empty)."""
    filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
    out = np.full(matrix.shape[0], -1)
    if len(filled):
        block, start = col_block[matrix.indices], matrix.indptr[filled]
        low, top = np.minimum.reduceat(block, start), np.maximum.reduceat(block, start)
        out[filled] = np.where(low == top, low, -1)
    return out


def _bounds(variables: list[object]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower and upper bounds and integrality; a variable that an analyst has fixed is held at its value."""
    read: list[Any] = variables
    low = np.array([v.value if v.fixed else -np.inf if v.lb is None else v.lb for v in read], dtype=float)
    top = np.array([v.value if v.fixed else np.inf if v.ub is None else v.ub for v in read], dtype=float)
    integer = np.array([not v.is_continuous() for v in read], dtype=bool)
    return low, top, integer


def _vector(criterion: Linear, columns: int) -> Criterion:
    vector, constant = _dense(criterion.terms, columns)
    if criterion.below is None:
        return Criterion(criterion.sense, vector, constant, criterion.unit)  # type: ignore[arg-type]
    below, below_constant = _dense(criterion.below, columns)
    return Ratio(criterion.sense, vector, constant, criterion.unit, below, below_constant)  # type: ignore[arg-type]


def _dense(terms: Terms, columns: int) -> tuple[np.ndarray, float]:
    real = terms.column != CONSTANT
    vector = np.bincount(terms.column[real], weights=terms.coefficient[real], minlength=columns)
    return vector, float(terms.coefficient[~real].sum())
