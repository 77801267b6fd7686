"""From tables to algebra: families of variables, terms and rows of one Pyomo model.

Every clause of the model is a function that states rows by tables: *terms* (a table with one row for each term:
its keys, a column and a coefficient) are gathered under the keys of an *index* (a table with one row for each
constraint). Pyomo holds the variables and the constraints; expressions are handed to it as ready linear ones,
because building them term by term costs several times as much.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from optimizer.engine.cutting import Cutting

if TYPE_CHECKING:
    from optimizer.model.equity.bargaining import Share
    from optimizer.model.outcomes import Outcome

CONSTANT = -1  # the "column" of a term that is a number


@dataclass(frozen=True, eq=False)
class Columns:
    """A family of variables: one column of the program for each row of ``keys``.

    ``block`` is the county the column belongs to (-1 = none), ``stage`` the order in which the search settles an
    integer family (0 = continuous), ``switch`` the global number of the binary that switches the column on (-1 = none).
    """

    name: str
    keys: pd.DataFrame
    first: int
    lower: np.ndarray
    upper: np.ndarray
    integer: bool
    block: np.ndarray
    stage: int
    switch: np.ndarray
    money: bool

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def numbers(self) -> np.ndarray:
        return np.arange(self.first, self.first + len(self.keys))

    def terms(self, coefficient: float | np.ndarray = 1.0) -> Terms:
        """Each column of the family times ``coefficient``."""
        return Terms(self.keys, self.numbers, np.broadcast_to(np.asarray(coefficient, float), len(self.keys)))


@dataclass(frozen=True, eq=False)
class Rows:
    """A family of constraints: one row of the program for each row of ``keys``.

    Row n holds the entries ``start[n]:start[n+1]`` of ``column`` and ``value``; lower ≤ Σ value·x[column] ≤ upper.
    """

    name: str
    keys: pd.DataFrame
    role: str
    start: np.ndarray
    column: np.ndarray
    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms of linear expressions: ``coefficient`` × the program's ``column``, with keys that say where each belongs."""

    keys: pd.DataFrame
    column: np.ndarray
    coefficient: np.ndarray

    def __len__(self) -> int:
        return len(self.column)

    def where(self, mask: np.ndarray | pd.Series) -> Terms:
        chosen = np.asarray(mask, bool)
        return Terms(self.keys[chosen].reset_index(drop=True), self.column[chosen], self.coefficient[chosen])

    def times(self, factor: float | np.ndarray | pd.Series) -> Terms:
        return Terms(self.keys, self.column, self.coefficient * np.asarray(factor, float))

    def keyed(self, **columns: Any) -> Terms:
        """The same terms with keys added or replaced."""
        return Terms(self.keys.assign(**columns), self.column, self.coefficient)

    def at(self, positions: np.ndarray, keys: pd.DataFrame) -> Terms:
        """Terms taken by position (repeats allowed) under new keys."""
        return Terms(keys.reset_index(drop=True), self.column[positions], self.coefficient[positions])

    @staticmethod
    def constants(keys: pd.DataFrame, values: np.ndarray | pd.Series) -> Terms:
        return Terms(keys, np.full(len(keys), CONSTANT), np.asarray(values, float))

    @staticmethod
    def concat(parts: Sequence[Terms]) -> Terms:
        given, parts = parts, [part for part in parts if len(part)]
        if not parts:  # no terms, but under the keys they would have
            return given[0] if given else Terms(pd.DataFrame(), np.empty(0, int), np.empty(0))
        return Terms(
            pd.concat([part.keys for part in parts], ignore_index=True) if len(parts) > 1 else parts[0].keys,
            np.concatenate([part.column for part in parts]),
            np.concatenate([part.coefficient for part in parts]),
        )


@dataclass(eq=False)
class Algebra:
    """The Pyomo model under construction, with the tables that name its columns and rows.

    With ``pyomo`` None the same clauses give numbers only: what changes of an instance mean for a program that is
    loaded already.
    """

    pyomo: pyo.ConcreteModel | None = field(default_factory=lambda: pyo.ConcreteModel(name="allocation"))
    columns: dict[str, Columns] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)
    criteria: dict[str, Linear] = field(default_factory=dict)
    variables: list[object] = field(default_factory=list)
    width: int = 0
    points: list[Terms] = field(default_factory=list)  # what broken soft rules cost
    blocks: dict[str, int] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # of equity criteria and rules, by name or id
    cutting: list[Cutting] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)  # of ideals, which the finished program gives
    reads_budgets: bool = False  # whether coefficients depend on budgets, so that other budgets are another model

    def declare(
        self, name: str, keys: pd.DataFrame, *, upper: float | np.ndarray | None = None, lower: float | np.ndarray = 0.0,
        integer: bool = False, stage: int = 0, switch: np.ndarray | None = None, money: bool = False,
    ) -> Columns:
        """Add a family of variables, lower ≤ x ≤ upper (0 and none by default), indexed by ``keys``."""
        keys = keys.reset_index(drop=True)
        lows = np.array(np.broadcast_to(np.asarray(lower, float), len(keys)))
        tops = np.array(np.broadcast_to(np.asarray(np.inf if upper is None else upper, float), len(keys)))
        columns = Columns(
            name, keys, self.width, lows, tops, integer, self.block_of(keys), stage,
            np.full(len(keys), -1) if switch is None else np.asarray(switch, int), money,
        )
        if self.pyomo is not None:
            self._add_variables(columns)
        self.width += len(keys)
        self.columns[name] = columns
        return columns

    def _add_variables(self, columns: Columns) -> None:
        """Hand a family of variables to Pyomo."""
        assert self.pyomo is not None
        domain = pyo.Integers if columns.integer else pyo.Reals
        keys = columns.keys
        family = pyo.Var(index_tuples(keys), domain=domain) if len(keys.columns) else pyo.Var(domain=domain)
        self.pyomo.add_component(columns.name, family)
        made = list(family.values())
        for variable, low, top in zip(made, columns.lower.tolist(), columns.upper.tolist(), strict=True):
            variable.lb = low if low > -np.inf else None
            variable.ub = top if top < np.inf else None
        self.variables.extend(made)

    def state(
        self, name: str, index: pd.DataFrame, terms: Sequence[Terms], *,
        lower: float | np.ndarray | pd.Series | None = None, upper: float | np.ndarray | pd.Series | None = None,
        role: str = "",
    ) -> None:
        """Add a family of rows: lower ≤ Σ terms ≤ upper for each row of ``index``.

        Terms belong to the row whose keys they share; terms that match no row are left out (the index says where
        the clause applies). ``role`` marks rows that the search treats alike (``budget``, ``account``, ``switch``).
        """
        index = index.reset_index(drop=True)
        parts = [_placed(part, index) for part in terms if len(part)]
        row, column, value = (
            (np.concatenate([part[n] for part in parts]) if parts else np.empty(0)) for n in range(3)
        )
        count = len(index)
        row, column = row.astype(int), column.astype(int)
        shift = np.bincount(row[column == CONSTANT], weights=value[column == CONSTANT], minlength=count)
        real = (column != CONSTANT) & (value != 0)
        row, column, value = _summed(row[real], column[real], value[real])
        low = _limits(lower, count, -np.inf) - shift
        top = _limits(upper, count, np.inf) - shift
        if not count:
            return
        rows = Rows(name, index, role, np.searchsorted(row, np.arange(count + 1)), column, value, low, top)
        self.rows[name] = rows
        if self.pyomo is not None:
            self._add_constraints(rows)

    def _add_constraints(self, rows: Rows) -> None:
        """Hand a family of rows to Pyomo as ready linear expressions."""
        assert self.pyomo is not None
        index = rows.keys
        at = index_tuples(index)
        family = pyo.Constraint(at) if len(index.columns) else pyo.Constraint()
        self.pyomo.add_component(rows.name, family)
        variables, columns, values = self.variables, rows.column.tolist(), rows.value.tolist()
        ends = rows.start.tolist()
        for n, (key, lo, hi) in enumerate(zip(at, rows.lower.tolist(), rows.upper.tolist(), strict=True)):
            a, b = ends[n], ends[n + 1]
            body = LinearExpression(
                constant=0.0, linear_coefs=values[a:b], linear_vars=[variables[j] for j in columns[a:b]]
            )
            family.add(key if len(index.columns) else None, _relation(lo, body, hi))

    def block_of(self, keys: pd.DataFrame) -> np.ndarray:
        """The block (county) each column lies in, by its county or its project's; -1 where it has none."""
        key = next((name for name in ("county", "project") if name in keys.columns), None)
        if key is None or not len(keys):
            return np.full(len(keys), -1)
        code, names = pd.factorize(keys[key])
        counties = names if key == "county" else [self.home.get(str(name)) for name in names]
        return np.asarray([self.blocks.get(str(name), -1) for name in counties] + [-1], int)[code]

    def set_objective(self, name: str) -> None:
        """Make a criterion the Pyomo objective, for those who look at the model or hand it to another solver."""
        if self.pyomo is None:
            return
        criterion = self.criteria[name]
        real = criterion.terms.column != CONSTANT
        body = LinearExpression(
            constant=float(criterion.terms.coefficient[~real].sum()),
            linear_coefs=criterion.terms.coefficient[real].tolist(),
            linear_vars=[self.variables[j] for j in criterion.terms.column[real].tolist()],
        )
        sense = pyo.maximize if criterion.sense == "max" else pyo.minimize
        self.pyomo.add_component("objective", pyo.Objective(expr=body, sense=sense))

    def terms_of(self, name: str) -> Terms:
        """The terms of a family, none if the instance has no such decision."""
        family = self.columns.get(name)
        return family.terms() if family is not None else Terms.concat([])


@dataclass(frozen=True, eq=False)
class Linear:
    """A criterion: Σ terms, to be made large (``max``) or small (``min``)."""

    name: str
    sense: str
    terms: Terms
    unit: str
    below: Terms | None = None  # a quotient: Σ terms / Σ below


def index_tuples(keys: pd.DataFrame) -> list[object]:
    """The Pyomo index of each row of ``keys``: a tuple, or the bare value of a single key."""
    if not len(keys.columns):
        return [None] * len(keys)
    lists = [keys[name].tolist() for name in keys.columns]
    return lists[0] if len(lists) == 1 else list(zip(*lists, strict=True))


def lookup(index: pd.DataFrame, keys: pd.DataFrame) -> np.ndarray:
    """Position in ``index`` of each row of ``keys`` by the columns of ``index``; -1 where there is none.

    ``index`` must not repeat a row.
    """
    if not len(index.columns):
        return np.zeros(len(keys), dtype=int)
    total_index, total_keys = np.zeros(len(index), np.int64), np.zeros(len(keys), np.int64)
    known = np.ones(len(keys), bool)
    for name in index.columns:
        values = pd.Index(pd.unique(index[name]))
        code = values.get_indexer(pd.Index(keys[name]))
        known &= code >= 0
        total_index = total_index * len(values) + values.get_indexer(pd.Index(index[name]))
        total_keys = total_keys * len(values) + code
    order = np.argsort(total_index, kind="stable")
    if not len(order):
        return np.full(len(keys), -1)
    at = np.minimum(np.searchsorted(total_index[order], total_keys), len(order) - 1)
    found = known & (total_index[order][at] == total_keys)
    return np.where(found, order[at], -1)


def _placed(terms: Terms, index: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row = lookup(index, terms.keys)
    kept = row >= 0
    return row[kept], terms.column[kept], terms.coefficient[kept]


def _summed(row: np.ndarray, column: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entries in order of row and column, those of the same place added up."""
    order = np.lexsort((column, row))
    row, column, value = row[order], column[order], value[order]
    if len(row) < 2:
        return row, column, value
    new = np.concatenate([[True], (row[1:] != row[:-1]) | (column[1:] != column[:-1])])
    if new.all():
        return row, column, value
    return row[new], column[new], np.add.reduceat(value, np.flatnonzero(new))


def _limits(given: float | np.ndarray | pd.Series | None, count: int, absent: float) -> np.ndarray:
    return np.array(np.broadcast_to(np.asarray(absent if given is None else given, float), count))


def _relation(low: float, body: LinearExpression, top: float) -> tuple[object, ...]:
    if low == top:
        return (body, low)
    return (None if low == -np.inf else low, body, None if top == np.inf else top)


@contextmanager
def collection_paused() -> Iterator[None]:
    """Pause Python's garbage collector: building many small objects is half as fast with it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
