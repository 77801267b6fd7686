"""Names that could do harm where a table is opened: formulas, HTML, control and direction characters.

Names are always kept and shown as text; this only warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from optimizer.instance.checks.view import View
from optimizer.instance.findings import Finding
from optimizer.instance.schema import TABLES

FORMULA = re.compile(r"^[=+@\t\r]|^-(?!\s*$)")
MARKUP = re.compile(r"<\s*[A-Za-z/!?]|&(#\w+|[A-Za-z]{2,8});|javascript:", re.IGNORECASE)
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
LISTED = {"id", "text", "list", "choice"}


def trouble(name: str) -> str | None:
    """What is odd about a name, or None."""
    if FORMULA.search(name):
        return f"begins with '{name[0]}', which a spreadsheet would take for a formula"
    if MARKUP.search(name):
        return "holds HTML"
    if HIDDEN.search(name):
        code = HIDDEN.search(name)
        return f"holds a character that is not shown (U+{ord(code.group()):04X})" if code else None
    return None


def check(view: View) -> Iterator[Finding]:
    """Text cells of every table, then titles, labels and sentences of the settings."""
    mend = "It is kept and shown as plain text; correct it if it is a slip."
    for table, spec in TABLES.items():
        frame = view.frame(table)
        texts = [c.name for c in spec.columns if c.kind in LISTED and c.name in frame.columns]
        texts += [c for c in view.extra_columns(table) if frame[c].dtype.kind not in "fiub"]
        for column in texts:
            cells = view.text(table, column)
            odd = {x: t for x in pd.unique(cells.dropna()) if (t := trouble(str(x)))}
            if odd:
                yield from view.cells(table, column, cells.isin(odd).to_numpy(), cells.map(odd).__getitem__, mend, "warning")
    for section, entry, field, text in _texts(view):
        if text and (what := trouble(text)):
            yield view.setting(section, entry, field, text, what, mend, "warning")


def _texts(view: View) -> Iterator[tuple[str, str | None, str | None, str | None]]:
    settings = view.settings
    yield "title", None, None, settings.title
    yield "source", None, None, settings.source
    for column, label in settings.labels.items():
        yield "labels", column, None, label
    for section in ("needs", "categories", "streams", "scenarios"):
        for name, entry in getattr(settings, section).items():
            yield section, name, "label", entry.label
    for rule in settings.rules:
        yield "rules", rule.id, "sentence", rule.sentence
        yield "rules", rule.id, "source", rule.source
