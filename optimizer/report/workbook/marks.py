"""Formats by value: what is new or ends, what is broken or at its limit, who gets more and who less."""

from __future__ import annotations

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from optimizer.plan.book import Book
from optimizer.report.figures.names import Names

# Light shades of Okabe & Ito's colours under black letters; never the only sign, since the word or the sign stands there too.
SHADES = {"new": "#D6EAF8", "kept": "#E8F6EF", "ended": "#FAE5D3", "broken": "#F5B7A5", "rounding": "#FCF3CF", "off": "#ECECEC",
          "unspent": "#FAE5D3"}
MORE, LESS = "#0072B2", "#D55E00"
BARS = {"distribution": ("per_head",), "coverage": ("gap",), "support": ("money",), "projects": ("cost",)}


def mark(book: Book, names: Names, sheet: Worksheet, name: str, shown: pd.DataFrame) -> None:
    """Put the formats of one sheet on it."""
    last = len(shown)
    if not last:
        return
    keys = list(map(str, shown.columns))
    for key in BARS.get(name, ()):
        at = keys.index(key)
        sheet.conditional_format(1, at, last, at, {
            "type": "data_bar", "bar_color": "#9CC9E6", "min_type": "num", "min_value": 0})
    for at, key in enumerate(keys):
        if key.endswith(("_change", "_change_percent")):
            for sign, colour in ((">", MORE), ("<", LESS)):
                sheet.conditional_format(1, at, last, at, {
                    "type": "cell", "criteria": sign, "value": 0, "format": book.style(font_color=colour)})
    kind = {"pairings": "status", "rules": "status", "unspent": "kind"}.get(name)
    if kind is not None:
        _shaded(book, names, sheet, keys.index(kind), kind, shown)


def _shaded(book: Book, names: Names, sheet: Worksheet, at: int, kind: str, shown: pd.DataFrame) -> None:
    present = set(shown[kind])
    for value, colour in SHADES.items():
        word = names.term(kind, value)
        if word in present:
            sheet.conditional_format(1, at, len(shown), at, {
                "type": "cell", "criteria": "==", "value": f'"{word}"', "format": book.style(bg_color=colour)})
