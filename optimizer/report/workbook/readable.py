"""Tables of a plan in a reader's words: names beside codes, labels for identifiers, units in the headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.columns import FILES, FIT_PART, MONEY, all_columns
from optimizer.report.figures.names import Names

Column = tuple[str, str, np.ndarray | pd.Series]  # key, header, cells
UNITLESS = ("", "see unit", "period", "1/0")
CODED = {"county": "counties", "donor": "donors", "project": "projects"}
WORDS = {"status": "status", "kind": "kind", "role": "role", "sense": "sense", "outcome": "outcome", "indicator": "indicator",
         "level": "level"}


def readable(names: Names, table: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A table of the plan folder and its headers.

    Returns
    -------
    (DataFrame, headers) : columns keep their keys; ``county``, ``donor`` and ``project`` are followed by ``… name``
    """
    columns: list[Column] = []
    for name in FILES[table]:
        columns += _columns(names, name, FILES[table][name].unit, _told(names, frame) if name == "sentence" else frame[name])
    for name in all_columns(table, frame)[len(FILES[table]):]:  # parts of the fit
        columns.append((name, f"{names.say('head.fit')}: {names.column(name.removeprefix(FIT_PART))}", frame[name]))
    if table == "rules":  # the rule in words first, its identifier last
        columns.sort(key=lambda column: {"sentence": 0, "rule": 2}.get(column[0], 1))
    return _framed(columns, len(frame))


def _told(names: Names, rules: pd.DataFrame) -> pd.Series:
    """The sentence of each row's rule."""
    return rules["rule"].map({rule: names.sentence(str(rule)) for rule in rules["rule"].unique()})


def readable_indicators(names: Names, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The table of indicators and its headers."""
    groups = [names.say("level.all") if by == "county" else group_name(names, by, group)
              for by, group in zip(frame["by"], frame["group"], strict=True)]
    bys = _mapped(frame["by"], lambda by: names.say("by.county") if by == "county" else names.column(by))
    columns: list[Column] = [("by", head(names, "by"), bys), ("group", head(names, "group"), np.array(groups, dtype=object))]
    for name in ("outcome", "indicator", "before", "after"):
        columns += _columns(names, name, "", frame[name])
    columns.append(("unit", head(names, "unit"), _mapped(frame["unit"], lambda unit: _indicator_unit(names, unit))))
    return _framed(columns, len(frame))


def _indicator_unit(names: Names, unit: str) -> str:
    """A unit of indicators: money per head in the instance's own currency, squares as such."""
    inner = unit[1:-2] if unit.startswith("(") else unit
    word = names.say("unit.head", currency=names.currency) if inner == "yuan per head" else names.unit(inner)
    return word if inner == unit else names.say("unit.squared", unit=word)


def readable_distribution(names: Names, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The distribution table and its headers."""
    columns: list[Column] = []
    for key in map(str, frame.columns):
        prefix, _, name = key.partition(":")
        cells: pd.Series | np.ndarray = frame[key]
        if name:
            label = names.stream(name) if prefix == "stream" else names.category(name)
            columns.append((key, f"{label} ({names.money})", cells))
            continue
        if key in ("province", "prefecture"):
            cells = np.array(names.places(key, frame[key]), dtype=object)
        elif key == "level":
            cells = _mapped(frame[key], lambda level: names.level(level))
        elif key == "name":
            cells = _place_names(names, frame)
        told = {"money": names.money, "currency": names.currency}
        heading = names.level(key) if key in ("province", "prefecture") else names.say(f"head.distribution.{key}", **told)
        columns.append((key, heading, cells))
    return _framed(columns, len(frame))


def _place_names(names: Names, frame: pd.DataFrame) -> np.ndarray:
    """Names of counties and of the places that subtotals are of."""
    out = np.array(names.counties(frame["county"]), dtype=object)
    for level in ("all", "province", "prefecture"):
        rows = (frame["level"] == level).to_numpy()
        if rows.any():
            out[rows] = names.say("level.all") if level == "all" else names.places(level, frame.loc[rows, level])
    return out


def head(names: Names, column: str, unit: str = "") -> str:
    """Header of a column, its unit behind it."""
    text = names.say(f"head.{column}")
    return text if unit in UNITLESS else f"{text} ({names.money if unit == MONEY else names.unit(unit)})"


def group_name(names: Names, by: str, group: str) -> str:
    """A place, or a flag that is set or not."""
    if by in ("province", "prefecture", "region"):
        return names.places(by, [group])[0]
    return names.say("book.yes" if group == "1" else "book.no")


def _columns(names: Names, name: str, unit: str, cells: pd.Series) -> list[Column]:
    if name in CODED:
        known = names.counties if name == "county" else names.donors if name == "donor" else None
        titles = known(cells) if known else cells.map(names.plan.data.projects["name"]).fillna(cells)
        return [(name, names.say(f"head.{name}.code"), cells.to_numpy(dtype=object)),
                (f"{name} name", names.say(f"head.{name}"), np.array(titles, dtype=object))]
    return [(name, head(names, name, unit), _cells(names, name, cells))]


def _cells(names: Names, name: str, cells: pd.Series) -> np.ndarray | pd.Series:
    """Cells of a column, identifiers as words."""
    plain: dict[str, Callable[[str], str]] = {
        "stream": names.stream, "category": names.category, "need": names.need, "unit": names.unit, "criterion": names.criterion,
        "sector": lambda value: names.term("sector", value), "scope": lambda value: index_words(names, value),
        "index": lambda value: index_words(names, value), "locked": lambda value: names.say("book.yes" if value else "book.no"),
        "hard": lambda value: names.say("book.yes" if value else "book.no"),
    }
    if name in plain:
        return _mapped(cells, plain[name], parted=name in ("stream", "category", "need"))
    if name in WORDS and not pd.api.types.is_numeric_dtype(cells.dtype):
        return _mapped(cells, lambda value: names.term(WORDS[name], value))
    return cells


def _mapped(cells: Iterable[Any], word: Callable[[Any], str], parted: bool = False) -> np.ndarray:
    """Each value as a word; where two of them have one word, the identifier stands behind it."""
    values = list(cells)
    found = {value: "" if value is None or value != value or value == "" else word(value) for value in dict.fromkeys(values)}
    if parted and len(set(found.values())) < len(found):
        shared = [text for text in found.values() if list(found.values()).count(text) > 1]
        found = {value: f"{text} ({value})" if text in shared else text for value, text in found.items()}
    return np.array([found[value] for value in values], dtype=object)


def index_words(names: Names, index: str) -> str:
    """What a row of a rule or a budget speaks of (``county=A;period=2026``), in names."""
    if index == "all":
        return names.say("level.all")
    told = []
    for part in filter(None, index.split(";")):
        key, equals, value = part.partition("=")
        if key == "scope" and value:
            told.append(index_words(names, value))
        elif key == "county" and value in names.plan.data.counties.index:
            told.append(f"{names.counties([value])[0]} {value}")
        elif key == "donor" and value in names.plan.data.donors.index:
            told.append(f"{names.donors([value])[0]} {value}")
        elif key in ("province", "prefecture", "region"):
            told.append(names.places(key, [value])[0])
        elif key == "sector":
            told.append(names.term("sector", value))
        else:
            told.append(_labelled(names, key, value) if equals else part)
    return " · ".join(told)


def _labelled(names: Names, key: str, value: str) -> str:
    """The label of a stream, category or need; a period as it is; anything else with its key."""
    labels: dict[str, tuple[Any, Callable[[str], str]]] = {
        "stream": (names.plan.data.streams, names.stream), "category": (names.settings.categories, names.category),
        "need": (names.settings.needs, names.need),
    }
    if key in labels and value in labels[key][0]:
        return labels[key][1](value)
    if key == "period":
        return names.say("book.horizon") if value == "horizon" else value
    return f"{names.column(key)} {value}"


def _framed(columns: list[Column], rows: int) -> tuple[pd.DataFrame, list[str]]:
    frame = pd.DataFrame({key: np.asarray(cells) for key, _, cells in columns}, index=range(rows))
    return frame, [header for _, header, _ in columns]
