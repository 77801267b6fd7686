"""Cards for notebooks: a heading, sentences and short tables as HTML, with every name escaped, in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from optimizer.report.text import number

ROWS = 12  # a card is to be seen at a glance; the table itself is one attribute away
LONGEST = 400
# Colours are those of the page around the card, so that it reads in light and in dark. The classes ending in
# ``_ignore`` keep a notebook from typesetting dollar signs in names as mathematics.
CLASSES = "optimizer-card tex2jax_ignore mathjax_ignore"
STYLE = (
    ".optimizer-card{color:inherit;max-width:64em;overflow-x:auto}"
    ".optimizer-card h4{margin:.2em 0 .4em}.optimizer-card p{margin:.2em 0}"
    "div.optimizer-card table{border-collapse:collapse;margin:.6em 0;color:inherit;background:transparent}"
    "div.optimizer-card caption{text-align:left;font-weight:600;padding:.2em 0}"
    "div.optimizer-card table th,div.optimizer-card table td{padding:.15em .7em;text-align:left!important;"
    "color:inherit;max-width:40em;border-bottom:1px solid rgba(128,128,128,.35);vertical-align:bottom;white-space:normal}"
    "div.optimizer-card table .figure{text-align:right!important;font-variant-numeric:tabular-nums}"
    "div.optimizer-card table td.figure{white-space:nowrap}"
    ".optimizer-card .more{opacity:.75}"
)


class Figure(str):
    """A number that has its unit or its sign already; it stands at the right of its cell."""

    __slots__ = ()


Cell = str | float | int | None


@dataclass(frozen=True)
class Rows:
    """A table of a card.

    Attributes
    ----------
    caption : what the table is
    heads : headings, each with its unit
    rows : texts, figures, or numbers that are written as people read them (None and NaN: a dash)
    more : where the rest is, said only where rows are left out
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    more: str = ""


def card(title: str, sentences: Iterable[str] = (), tables: Iterable[Rows] = ()) -> str:
    """One card as HTML; tables without rows are left out."""
    said = "".join(f"<p>{text(sentence, longest=None)}</p>" for sentence in sentences if sentence)
    held = "".join(_table(table) for table in tables if len(table.rows))
    return f'<div class="{CLASSES}"><style>{STYLE}</style><h4>{text(title)}</h4>{said}{held}</div>'


def text(value: object, longest: int | None = LONGEST) -> str:
    """Text from anywhere: escaped, kept apart from the direction of the text around it, cut where it is very long."""
    plain = "".join(letter if letter.isprintable() else " " for letter in str(value))
    if longest is not None and len(plain) > longest:
        plain = plain[: longest - 1] + "…"
    return f"<bdi>{escape(plain, quote=True)}</bdi>"


def _table(table: Rows) -> str:
    right = [all(_is_figure(row[n]) for row in table.rows) for n in range(len(table.heads))]
    heads = "".join(_cell("th", head, side) for head, side in zip(table.heads, right, strict=True))
    body = "".join(
        "<tr>" + "".join(_cell("td", cell, side) for cell, side in zip(row, right, strict=True)) + "</tr>"
        for row in table.rows[:ROWS]
    )
    left = len(table.rows) - ROWS
    more = f'<p class="more">{text(f"… and {left:,} more rows" + (f" in {table.more}" if table.more else ""))}</p>'
    return (f"<table><caption>{text(table.caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
            + (more if left > 0 else ""))


def _cell(tag: str, cell: Cell, right: bool) -> str:
    place = ' class="figure"' if right else ""
    return f"<{tag}{place}>{text(cell) if isinstance(cell, str) else number(cell)}</{tag}>"


def _is_figure(cell: Cell) -> bool:
    return not isinstance(cell, str) or isinstance(cell, Figure)


def given(value: object) -> str:
    """A cell of a table of texts; empty where it is missing."""
    return "" if value is None or value is pd.NA or value != value else str(value)
