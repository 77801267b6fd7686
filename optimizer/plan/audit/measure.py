"""Measures, evaluated by the audit itself on the plan's rows.

Flows add up over periods; stocks are summed by period weight. A measure of covered people or gaps reads the state
that the audit has worked out, not the plan's own columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from optimizer.instance.settings import Measure
from optimizer.plan.audit.books import Books
from optimizer.plan.audit.cells import by_name, text
from optimizer.plan.audit.exact import UnknownValueError, exact, known, summed, times
from optimizer.plan.audit.exits import exited_counties
from optimizer.plan.audit.state import Key, State

STOCKS = frozenset({"covered", "gap", "exited"})
TABLES = {"county": "counties", "donor": "donors", "project": "projects"}
ONE, ZERO = Fraction(1), Fraction(0)


class Row(NamedTuple):
    """One sum: the values of the columns it is grouped by, and its period (None = over all periods, or timeless)."""

    units: tuple[str, ...]
    period: int | None


@dataclass(frozen=True, eq=False)
class Atoms:
    """What a measure adds up, column by column; ``period`` is missing where the parts have none."""

    columns: Mapping[str, list[Any]]
    values: list[Fraction]

    def chosen(self, keep: Sequence[bool]) -> Atoms:
        return Atoms(
            {name: [v for v, k in zip(values, keep, strict=True) if k] for name, values in self.columns.items()},
            [v for v, k in zip(self.values, keep, strict=True) if k],
        )


def listed(value: Any) -> list[Any]:
    """A scalar or a sequence as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


class Meter:
    """Evaluates measures over one plan.

    Parameters
    ----------
    books : instance and plan
    state : people covered, as worked out by the audit
    ideals : (outcome, units) → unit → what it could have alone: claimed, since the audit knows no solver
    """

    def __init__(
        self, books: Books, state: Mapping[Key, State], ideals: Mapping[tuple[str, str], Mapping[str, float]] | None = None,
    ) -> None:
        self.ideals = ideals or {}
        self.books, self.data, self.state = books, books.data, state
        self._made: dict[tuple[str, str | None, bool], Atoms] = {}

    # -- what is counted

    def atoms(self, measure: Measure) -> Atoms:
        """The parts of a measure that its filters let through."""
        key = (measure.sum, measure.column, bool(measure.weighted))
        if key not in self._made:
            self._made[key] = self._weighed(measure, COUNTED[measure.sum](self, measure))
        atoms = self._made[key]
        keep = [True] * len(atoms.values)
        for name, wanted in measure.filters.items():
            inside = self.admitted(name, wanted)
            keep = [k and value in inside for k, value in zip(keep, atoms.columns[name], strict=True)]
        return atoms if all(keep) else atoms.chosen(keep)

    def _weighed(self, measure: Measure, atoms: Atoms) -> Atoms:
        """Values times the column the measure names (``cost`` of projects is counted as money already)."""
        if measure.column is None or (measure.sum == "projects" and measure.column == "cost"):
            return atoms
        if measure.sum in ("pairs", "support") and measure.column in self.data.pairs:
            given = self.data.pairs[measure.column].tolist()
            at = [self.books.pair_rows[key] for key in zip(atoms.columns["donor"], atoms.columns["county"], strict=True)]
            factors = [known(given[row], "pairs.csv", measure.column) for row in at]
        else:
            name = "project" if measure.sum == "projects" else "county"
            factors = self.column(name, measure.column, atoms.columns[name])
        return Atoms(atoms.columns, [times(v, f) for v, f in zip(atoms.values, factors, strict=True)])

    def column(self, name: str, column: str, ids: Iterable[str]) -> list[Fraction]:
        """A numeric column of counties, donors or projects for the identifiers given."""
        given = by_name(getattr(self.data, TABLES[name])[column])
        return [known(given[i], f"{TABLES[name]}.csv, {i}", column) for i in ids]

    def admitted(self, name: str, wanted: Any) -> frozenset[Any]:
        """The values that a filter lets through."""
        if name == "period":
            return frozenset(int(value) for value in listed(wanted))
        if name == "existing":
            return frozenset(Fraction(int(value)) for value in listed(wanted))
        if name not in TABLES:
            return frozenset(str(value) for value in listed(wanted))
        table: pd.DataFrame = getattr(self.data, TABLES[name])
        if isinstance(wanted, list | tuple):
            every: set[Any] = set()
            for part in wanted:
                every |= self.admitted(name, part)
            return frozenset(every)
        if isinstance(wanted, str) and wanted in table.index and wanted not in self.data.settings.groups:
            return frozenset([wanted])
        return frozenset(table.index[self.data.group_mask(wanted, TABLES[name])])

    @cached_property
    def exited(self) -> Mapping[tuple[str, int], bool]:
        return exited_counties(self.books, self.state)

    # -- rows and sums

    def rows(self, measure: Measure, each: Sequence[str], periods: Any) -> list[Row]:
        """The rows of a rule: each combination of units, in each period it speaks of."""
        combinations: list[tuple[str, ...]] = [()]
        for name in each:
            combinations = [(*c, unit) for c in combinations for unit in self.units(measure, name)]
        spans = self.spans(measure, periods)
        return [Row(units, period) for units in combinations for period in spans]

    def spans(self, measure: Measure, periods: Any) -> list[int | None]:
        """The periods that have a row of their own; ``[None]`` = one row over all of them."""
        chosen = measure.periods if measure.periods is not None else periods
        if measure.sum == "pairs" or chosen == "total":
            return [None]
        spans = [self.data.periods[-1]] if chosen == "last" else (
            list(self.data.periods) if chosen == "each" else [int(period) for period in listed(chosen)])
        if "period" in measure.filters:
            inside = self.admitted("period", measure.filters["period"])
            spans = [period for period in spans if period in inside]
        return list(spans)

    def units(self, measure: Measure, name: str) -> list[str]:
        """The values of a column for which there is a row."""
        filters = measure.filters
        if name in TABLES:
            table: pd.DataFrame = getattr(self.data, TABLES[name])
            inside = self.admitted(name, filters[name]) if name in filters else None
            return [str(i) for i in table.index if inside is None or i in inside]
        plain: dict[str, Iterable[str]] = {
            "category": self.data.settings.categories, "need": self.data.settings.needs, "stream": self.data.streams,
        }
        if name in plain:
            return [one for one in plain[name] if name not in filters or one in self.admitted(name, filters[name])]
        key, given = self._grouping(name, MEMBERS[measure.sum])
        ids = self.units(measure, key)
        values = sorted({str(given[i]) for i in ids if not pd.isna(given[i])})
        return [v for v in values if name not in filters or v in self.admitted(name, filters[name])]

    def _grouping(self, name: str, members: Iterable[str]) -> tuple[str, Mapping[str, Any]]:
        """Which table's text column ``name`` is, and its cells."""
        for key in members:
            table: pd.DataFrame = getattr(self.data, TABLES[key])
            if name in table.columns:
                return key, by_name(table[name])
        raise UnknownValueError(f"no table has the column {name}")

    def labels(self, name: str, columns: Mapping[str, list[Any]]) -> list[Any]:
        """The value of a grouping column for each part."""
        if name in columns:
            return columns[name]
        key, given = self._grouping(name, [k for k in TABLES if k in columns])
        return [given[i] for i in columns[key]]

    def sums(self, measure: Measure, each: Sequence[str], timed: bool) -> dict[Row, Fraction]:
        """Sums by the columns ``each`` and, if ``timed``, by period; over all periods stocks count by their weight."""
        return self.grouped(self.atoms(measure), measure.sum in STOCKS, each, timed)

    def grouped(self, atoms: Atoms, stock: bool, each: Sequence[str], timed: bool) -> dict[Row, Fraction]:
        names = [self.labels(name, atoms.columns) for name in each]
        units: Iterable[tuple[Any, ...]] = zip(*names, strict=True) if names else [()] * len(atoms.values)
        periods = atoms.columns.get("period", [None] * len(atoms.values))
        weight = self.books.period_weight
        if timed:
            return summed([Row(unit, period) for unit, period in zip(units, periods, strict=True)], atoms.values)
        values = atoms.values
        if stock and "period" in atoms.columns and any(w != 1 for w in weight.values()):
            values = [times(value, weight[period]) for value, period in zip(values, periods, strict=True)]
        return summed([Row(unit, None) for unit in units], values)

    def counted(self, measure: Measure, each: Sequence[str], timed: bool) -> dict[Row, int]:
        """How many amounts each sum has."""
        atoms = self.atoms(measure)
        ones = Atoms(atoms.columns, [ONE] * len(atoms.values))
        return {row: int(count) for row, count in self.grouped(ones, False, each, timed).items()}

    def total(self, measure: Measure) -> Fraction:
        """A measure as one number, over the periods it names (all, if it names none)."""
        spans = self.named(measure)
        if spans is None:
            return self.sums(measure, (), False).get(Row((), None), ZERO)
        sums = self.sums(measure, (), True)
        return sum((sums.get(Row((), period), ZERO) for period in spans), ZERO)

    def named(self, measure: Measure) -> list[int | None] | None:
        """The periods that a measure itself names, one by one; None if it is summed over all of them."""
        return None if measure.periods in (None, "each", "total") else self.spans(measure, "each")

    # -- denominators

    def per(
        self, measure: Measure, per: Sequence[str], each: Sequence[str], timed: bool, skip_blank: bool = False,
        spans: Sequence[int | None] | None = None,
    ) -> dict[Row, Fraction]:
        """Σ over the units of each row of the product of the columns ``per``; ``people`` = people in need.

        Yuan columns (income) are turned into money. A unit with a blank cell is left out if ``skip_blank``, else an
        error. People are those of ``spans`` where it names periods; else of all, by period weight if not ``timed``.
        """
        key = "donor" if tuple(each) == ("donor",) else "county"
        ids = self.units(measure, key)
        if skip_blank:
            blank = getattr(self.data, TABLES[key])[[name for name in per if name != "people"]].isna().any(axis=1)
            ids = [i for i in ids if not blank[i]]
        product = dict.fromkeys(ids, ONE)
        for name in per:
            if name != "people":
                unit = exact(self.data.yuan) if name == "income" else ONE
                product = {i: product[i] * v / unit for i, v in zip(ids, self.column(key, name, ids), strict=True)}
        if "people" not in per:
            plain = Atoms({key: ids}, list(product.values()))
            return self.grouped(plain, False, each, False)
        wanted = self.admitted("need", measure.filters["need"]) if "need" in measure.filters else None
        rows = [(k, s) for k, s in self.state.items() if k[0] in product and (wanted is None or k[1] in wanted)
                and (spans is None or k[2] in spans)]
        atoms = Atoms(
            {"county": [k[0] for k, _ in rows], "need": [k[1] for k, _ in rows], "period": [k[2] for k, _ in rows]},
            [times(times(product[k[0]], s.people), s.weight if measure.weighted else ONE) for k, s in rows],
        )
        return self.grouped(atoms, spans is None, each, timed)


def _money(meter: Meter, _: Measure) -> Atoms:
    rows = meter.books.tables.funds
    return Atoms(
        {"stream": [r.stream for r in rows], "county": [r.county for r in rows], "category": [r.category for r in rows],
         "period": [r.period for r in rows]}, [r.money for r in rows])


def _support(meter: Meter, _: Measure) -> Atoms:
    rows = meter.books.tables.support
    return Atoms({"donor": [r.donor for r in rows], "county": [r.county for r in rows], "period": [r.period for r in rows]},
                 [r.money for r in rows])


def _pairs(meter: Meter, _: Measure) -> Atoms:
    chosen = sorted(meter.books.chosen)
    existing = meter.data.pairs["existing"].tolist()
    flags = [exact(existing[meter.books.pair_rows[key]]) for key in chosen]
    return Atoms({"donor": [d for d, _ in chosen], "county": [c for _, c in chosen], "existing": flags}, [ONE] * len(chosen))


def _projects(meter: Meter, measure: Measure) -> Atoms:
    if measure.column == "cost":
        flows = meter.books.project_flows
        return Atoms({name: [getattr(f, name) for f in flows] for name in ("project", "county", "category", "sector", "period")},
                     [f.money for f in flows])
    amount = meter.books.amount
    projects = meter.data.projects
    columns: dict[str, list[Any]] = {"project": [p for p, _ in amount], "period": [start for _, start in amount]}
    for name in ("county", "category", "sector"):
        given = by_name(projects[name])
        columns[name] = [text(given[p]) for p, _ in amount]
    return Atoms(columns, list(amount.values()))


def _people(what: Callable[[State], Fraction | int]) -> Callable[[Meter, Measure], Atoms]:
    def atoms(meter: Meter, measure: Measure) -> Atoms:
        keys = list(meter.state)
        values = [times(Fraction(what(s)), s.weight if measure.weighted else ONE) for s in meter.state.values()]
        return Atoms({"county": [k[0] for k in keys], "need": [k[1] for k in keys], "period": [k[2] for k in keys]}, values)

    return atoms


def _exited(meter: Meter, _: Measure) -> Atoms:
    passed = [key for key, exited in meter.exited.items() if exited]
    return Atoms({"county": [c for c, _ in passed], "period": [p for _, p in passed]}, [ONE] * len(passed))


COUNTED: dict[str, Callable[[Meter, Measure], Atoms]] = {
    "money": _money, "support": _support, "pairs": _pairs, "projects": _projects,
    "covered": _people(lambda s: s.covered), "gap": _people(lambda s: s.gap), "exited": _exited,
}
#: The tables whose text columns a measure can be grouped by.
MEMBERS: dict[str, tuple[str, ...]] = {
    "money": ("county",), "support": ("county", "donor"), "pairs": ("county", "donor"), "projects": ("county", "project"),
    "covered": ("county",), "gap": ("county",), "exited": ("county",),
}
