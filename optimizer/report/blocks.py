"""What a page is made of: sections of paragraphs, tables and pictures, in words already, ready for the template."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markupsafe import Markup

from optimizer.report.text import number, percent, signed

LONG = 60  # letters
LONG_TABLE, ON_PAPER = 30, 20  # rows: a longer table is cut on paper, and to how many (the style sheet has the same number)
WORDS = ("text", "quoted")  # kinds of columns that hold words
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take such a text for a formula


class Named(NamedTuple):
    """A name with the identifier, or a remark, that stands small beside it."""

    text: str
    small: str = ""


class Ground(NamedTuple):
    """A kind of figure that something rests on, with its statuses: observed, modelled, assumed or silent (not stated)."""

    what: str
    statuses: tuple[tuple[str, str], ...]  # status, words


@dataclass(frozen=True)
class Column:
    """One column of a table: its head, its unit, how its values are written."""

    head: str
    #: text, quoted (as the instance has it), number, fine (three decimals), plain (as it is), share, percent, signed,
    #: signed_percent
    kind: str = "text"
    unit: str = ""

    @property
    def title(self) -> str:
        """Head and unit in one."""
        return f"{self.head} ({self.unit})" if self.unit else self.head


class Cell(NamedTuple):
    """A cell as the template writes it."""

    text: str
    small: str
    style: str
    mark: str


@dataclass(frozen=True)
class Table:
    """A table: columns, rows of plain values, and what is said of them.

    Attributes
    ----------
    rows : values as they are; text, `Named`, numbers, None where nothing is known
    totals : rows that are sums of others
    marks : (row, column) → status of a cell that is not observed as its column is
    full : rows to download where the page shows fewer; None = the rows shown
    sheet : name of the sheet of the workbook that holds the whole table, where one does
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    notes: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()
    search: bool = False
    wide: bool = False
    totals: frozenset[int] = frozenset()
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    full: Sequence[Sequence[Any]] | None = None
    sheet: str = ""
    block: str = "table"

    def cells(self) -> list[list[Cell]]:
        """The rows as the template writes them."""
        return [
            [
                _cell(value, column.kind, self.marks.get((r, c), ""))
                for c, (value, column) in enumerate(zip(row, self.columns, strict=True))
            ]
            for r, row in enumerate(self.rows)
        ]

    @property
    def cut(self) -> bool:
        """Whether paper shows the first rows only."""
        return len(self.rows) > LONG_TABLE

    @property
    def download(self) -> str:
        """The rows as a ``data:`` address of a CSV file."""
        return csv_address([column.title for column in self.columns], self.rows if self.full is None else self.full)


@dataclass(frozen=True)
class Picture:
    """A figure as SVG text, with its numbers as a ``data:`` address."""

    name: str
    title: str
    svg: str
    download: str
    notes: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()
    block: str = "picture"

    @property
    def svg_markup(self) -> Markup:
        """The drawing for the template: made by the figures of the package, which escape every text in it."""
        return Markup(self.svg)  # noqa: S704


@dataclass(frozen=True)
class Words:
    """Sentences: paragraphs, or points of a list."""

    sentences: tuple[str, ...]
    style: str = "text"  # text, note, list, verdict, warning
    block: str = "words"


Block = Table | Picture | Words


@dataclass(frozen=True)
class Section:
    """A part of the page under one heading; parts without blocks are left out."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def blank(value: Any) -> bool:
    """Whether nothing is known."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _cell(value: Any, kind: str, mark: str) -> Cell:
    if isinstance(value, Named):
        return Cell(value.text, value.small, _width(value.text), mark)
    if kind in WORDS or isinstance(value, str):
        styles = [_width(str(value)), "quoted" if kind == "quoted" else ""] if kind in WORDS else ["n"]
        return Cell("" if blank(value) else str(value), "", " ".join(filter(None, styles)), mark)
    return Cell(written(value, kind), "", "n", mark)


def _width(text: str) -> str:
    """Long texts get a column wide enough to be read."""
    return "long" if len(text) > LONG else ""


def written(value: Any, kind: str) -> str:
    """A number as its column writes it; a dash where nothing is known."""
    if blank(value):
        return "–"
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if kind == "plain":
        return str(value)
    if kind == "share":
        return percent(value)
    if kind in ("signed", "signed_percent"):
        return signed(value) + (" %" if kind == "signed_percent" else "")
    if kind == "percent":
        return f"{number(value)} %"
    return number(value, 3 if kind == "fine" else 1)


def csv_address(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A ``data:`` address of a CSV file that spreadsheets open as it is meant: no text becomes a formula."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow([_plain(head) for head in heads])
    writer.writerows([_plain(value) for value in row] for row in rows)
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(held.getvalue().encode("utf-8-sig")).decode()


def _plain(value: Any) -> str:
    if isinstance(value, Named):
        value = f"{value.text} {value.small}".strip()
    if blank(value):
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(RISKY) else value
    if isinstance(value, float):
        return written(value, "number") if math.isinf(value) else f"{value:.12g}"
    return str(value)
