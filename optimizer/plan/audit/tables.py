"""The plan's tables: their form, and their rows as exact numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.plan.audit.exact import column, exact
from optimizer.plan.audit.report import Tallies


@dataclass(frozen=True)
class Form:
    """What a table of the plan must look like.

    ``names`` are columns that hold identifiers and the list they are from, ``steps`` money in whole steps, ``exact``
    other money and numbers, ``people`` whole numbers; ``blank`` columns may be blank; ``amount`` is the column
    without which a row would be left out.
    """

    key: tuple[str, ...]
    names: Mapping[str, str]
    steps: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] | None = None
    amount: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        return (*self.steps, *self.exact, *self.people)


FIT_PART = "fit_"  # columns of pairings.csv that begin so repeat a part of the fit
AT = {"county": "counties", "category": "categories", "period": "periods"}
STATUSES = ("holds", "rounding", "broken", "off")

FORMS: dict[str, Form] = {
    "funds": Form(
        ("stream", "county", "category", "period"), {"stream": "streams", **AT}, steps=("money",), amount=("money",)
    ),
    "streams": Form(
        ("stream", "scope", "period"), {"stream": "streams", "period": "periods"},
        steps=("carried_in", "spent", "carried_out"), exact=("budget", "lapsed"), text=("scope",),
        amount=("budget", "carried_in", "spent", "carried_out", "lapsed"),
    ),
    "support": Form(
        ("donor", "county", "period"), {"donor": "donors", "county": "counties", "period": "periods"},
        steps=("money",), amount=("money",),
    ),
    "pairings": Form(
        ("donor", "county"), {"donor": "donors", "county": "counties"}, steps=("money",),
        exact=("locked", "fit", "load"), blank=("distance",), words={"status": ("kept", "new", "ended")},
    ),
    "projects": Form(
        ("project", "start"), {"project": "projects", "start": "periods", "county": "counties",
                               "category": "categories"},
        exact=("amount", "cost", "tail", "own"), text=("sector",), amount=("amount",),
    ),
    "coverage": Form(
        ("county", "need", "period"), {"county": "counties", "need": "needs", "period": "periods"},
        steps=("direct_cost",), exact=("people", "gap"), people=("carried", "built", "direct", "covered"),
    ),
    "unspent": Form(
        ("county", "category", "period", "kind"), AT, exact=("money",), amount=("money",),
        words={"kind": ("reserve", "unspent")},
    ),
    "criteria": Form(
        ("criterion", "role"), {}, blank=("level", "value", "modelled_value", "bound", "gap", "gap_percent", "last", "factor"),
        text=("criterion", "unit"), words={"role": ("objective", "bounded", "indicator"), "sense": ("max", "min", "")},
    ),
    "rules": Form(
        ("rule", "index"), {}, blank=("value", "min", "max", "slack", "broken_by"),
        text=("rule", "index", "sentence", "unit"), exact=("hard",), words={"status": STATUSES},
    ),
}


class Fund(NamedTuple):
    stream: str
    county: str
    category: str
    period: int
    money: Fraction


class Support(NamedTuple):
    donor: str
    county: str
    period: int
    money: Fraction


class StreamRow(NamedTuple):
    stream: str
    scope: str
    period: int
    budget: Fraction
    carried_in: Fraction
    spent: Fraction
    carried_out: Fraction
    lapsed: Fraction


class Started(NamedTuple):
    project: str
    start: int
    county: str
    category: str
    sector: str
    amount: Fraction
    cost: Fraction
    tail: Fraction
    own: Fraction


class Covered(NamedTuple):
    county: str
    need: str
    period: int
    people: Fraction
    carried: Fraction
    built: Fraction
    direct: Fraction
    direct_cost: Fraction
    covered: Fraction
    gap: Fraction


class Unspent(NamedTuple):
    county: str
    category: str
    period: int
    money: Fraction
    kind: str


@dataclass(frozen=True)
class Tables:
    """A plan's tables as rows of exact numbers; pairings, criteria and rules stay frames with tidy text."""

    funds: tuple[Fund, ...]
    streams: tuple[StreamRow, ...]
    support: tuple[Support, ...]
    pairings: pd.DataFrame
    projects: tuple[Started, ...]
    coverage: tuple[Covered, ...]
    unspent: tuple[Unspent, ...]
    criteria: pd.DataFrame
    rules: pd.DataFrame

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The chosen pairs."""
        rows = self.pairings[self.pairings["status"] != "ended"]
        return list(zip(rows["donor"].tolist(), rows["county"].tolist(), strict=True))


def read_tables(tables: Mapping[str, pd.DataFrame], data: Data, tallies: Tallies) -> Tables | None:
    """Verify the form of every table and read it; None if the form does not allow it."""
    known = known_names(data)
    frames: dict[str, pd.DataFrame] = {}
    for name, form in FORMS.items():
        frame = _with_columns(name, tables.get(name), form, tallies)
        if frame is not None:
            frames[name] = _tidy(name, frame, form, known, tallies)
    if tallies.failed(("columns", "numbers", "identifiers", "keys", "words")):
        return None
    for name, form in FORMS.items():
        _amounts(name, frames[name], form, data, tallies)
    return Tables(
        funds=_rows(Fund, frames["funds"]), streams=_rows(StreamRow, frames["streams"]),
        support=_rows(Support, frames["support"]), pairings=frames["pairings"],
        projects=_rows(Started, frames["projects"]), coverage=_rows(Covered, frames["coverage"]),
        unspent=_rows(Unspent, frames["unspent"]), criteria=frames["criteria"], rules=frames["rules"],
    )


def known_names(data: Data) -> dict[str, frozenset[Any]]:
    """The identifiers of the instance."""
    return {
        "streams": frozenset(data.streams), "counties": frozenset(data.counties.index),
        "categories": frozenset(data.settings.categories), "periods": frozenset(data.periods),
        "donors": frozenset(data.donors.index), "projects": frozenset(data.projects.index),
        "needs": frozenset(data.settings.needs),
    }


def _with_columns(name: str, frame: pd.DataFrame | None, form: Form, tallies: Tallies) -> pd.DataFrame | None:
    if frame is None:
        tallies["columns"].margin(-1, f"{name}.csv", "the table is missing")
        return None
    wanted = {*form.key, *form.names, *form.numbers, *form.blank, *form.text, *(form.words or {})}
    missing = sorted(wanted - set(frame.columns))
    tallies["columns"].holds(not missing, f"{name}.csv", f"columns missing: {', '.join(missing)}")
    return None if missing else frame


def _tidy(
    name: str, frame: pd.DataFrame, form: Form, known: Mapping[str, frozenset[Any]], tallies: Tallies
) -> pd.DataFrame:
    """The table with text as text, periods as whole numbers and numbers as floats."""
    out = pd.DataFrame(index=range(len(frame)))
    for column_name in frame.columns:
        values = frame[column_name]
        part = name == "pairings" and str(column_name).startswith(FIT_PART)
        if part or column_name in form.numbers or column_name in form.blank or form.names.get(column_name) == "periods":
            out[column_name] = _numbers(name, column_name, values, column_name in form.blank, tallies)
        else:
            out[column_name] = np.asarray(["" if pd.isna(v) else str(v) for v in values.tolist()], dtype=object)
    for column_name, list_name in form.names.items():
        _identifiers(name, column_name, out[column_name], known[list_name], tallies)
        if list_name == "periods" and not tallies.failed(("numbers",)):
            out[column_name] = out[column_name].astype("int64")
    for column_name, allowed in (form.words or {}).items():
        wrong = ~out[column_name].isin(allowed).to_numpy()
        _note(tallies, "words", name, column_name, out, wrong, f"must be one of {', '.join(w for w in allowed if w)}")
    _note(tallies, "keys", name, "/".join(form.key), out, out.duplicated(list(form.key)).to_numpy(), "occurs twice")
    return out


def _numbers(name: str, column_name: str, values: pd.Series, blank: bool, tallies: Tallies) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(float, na_value=np.nan)
    else:
        numbers = np.asarray([_number(cell) for cell in values.tolist()], float)
    wrong = np.isinf(numbers) if blank else ~np.isfinite(numbers)
    frame = pd.DataFrame({column_name: values.to_numpy(dtype=object)})
    _note(tallies, "numbers", name, column_name, frame, wrong, "is not a finite number")
    return numbers


def _number(cell: Any) -> float:
    """A cell as a number: blank = NaN, no number = infinite."""
    if cell is None or cell == "" or cell != cell:
        return np.nan
    try:
        number = float(cell)
    except (TypeError, ValueError):
        return np.inf
    return np.inf if math.isnan(number) else number


def _identifiers(name: str, column_name: str, values: pd.Series, known: frozenset[Any], tallies: Tallies) -> None:
    wrong = ~values.isin(list(known)).to_numpy()
    _note(tallies, "identifiers", name, column_name, values.to_frame(), wrong, "is not in the instance")


def _note(
    tallies: Tallies, clause: str, name: str, column_name: str, frame: pd.DataFrame, wrong: np.ndarray, what: str
) -> None:
    """Count the rows of a table under a clause; name the first wrong one."""
    tally = tallies[clause]
    tally.count += len(frame) - int(wrong.sum())
    if tally.worst is None and len(frame) and not wrong.any():
        tally.worst, tally.where = Fraction(0), f"{name}.csv"
    for row in np.flatnonzero(wrong).tolist():
        shown = "/".join(str(frame[part].iloc[row]) for part in column_name.split("/"))
        tally.margin(-1, f"{name}.csv, row {row + 1}, column {column_name}", f"{shown!r} {what}")


def _amounts(name: str, frame: pd.DataFrame, form: Form, data: Data, tallies: Tallies) -> None:
    """Whole steps, whole people, no negative amounts, no rows of zero."""
    step = exact(data.step)
    for column_name in form.numbers:
        values = frame[column_name].tolist()
        signs = tallies["signs"]
        for row, value in enumerate(values):
            if value < 0:
                signs.margin(exact(value), _place(name, form, frame, row), f"{column_name} is negative")
        signs.count += len(values) - sum(1 for v in values if v < 0)
        if column_name in form.steps:
            _whole(tallies, "money_steps", step, name, form, frame, column_name)
        elif column_name in form.people:
            _whole(tallies, "whole_people", Fraction(1), name, form, frame, column_name)
    if form.amount and len(frame):
        zero = (frame[list(form.amount)] == 0).all(axis=1).to_numpy()
        _note(tallies, "zero_rows", name, "/".join(form.amount), frame, zero, "is a row of nothing")


def _whole(
    tallies: Tallies, clause: str, unit: Fraction, name: str, form: Form, frame: pd.DataFrame, column_name: str
) -> None:
    tally, good = tallies[clause], 0
    for row, value in enumerate(column(frame, column_name)):
        rest = value % unit
        if rest == 0:
            good += 1
        else:
            tally.margin(-min(rest, unit - rest), _place(name, form, frame, row),
                         f"{column_name} {float(value)!r} is not a multiple of {float(unit):g}")
    tally.count += good
    if good and tally.worst is None:
        tally.worst, tally.where = Fraction(0), f"{name}.csv"


def _place(name: str, form: Form, frame: pd.DataFrame, row: int) -> str:
    return f"{name}.csv, " + ";".join(f"{key}={frame[key].iloc[row]}" for key in form.key)


def _rows(kind: Any, frame: pd.DataFrame) -> tuple[Any, ...]:
    """Rows of ``frame`` as tuples of ``kind``; fields annotated Fraction become exact numbers."""
    lists = [
        column(frame, name) if "Fraction" in str(annotation) else frame[name].tolist()
        for name, annotation in kind.__annotations__.items()
    ]
    return tuple(map(kind._make, zip(*lists, strict=True)))
