"""Docstrings as Markdown."""

from __future__ import annotations

import inspect
import re

FORMULA = re.compile(r"[Σ≤≥∈]| = | ≈ ")
HEADING = re.compile(r"^(?P<name>[A-Z][A-Za-z ]+)\n-{3,}\n", re.MULTILINE)
BULLET = re.compile(r"^\s*[-*] ")


def plain(text: str) -> str:
    """Prose for Markdown: nothing in it is taken for HTML, a link or emphasis; code stays code."""
    parts = re.split(r"(``.+?``|`[^`]+`)", text)
    return "".join(part if part.startswith("`") else _escaped(part) for part in parts)


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_\[\]|#])", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def fenced(text: str) -> str:
    """Text to be shown as it stands."""
    return f"```text\n{text.strip()}\n```"


def clause(doc: str) -> str:
    """A clause's docstring: what it says, then its formula as it stands."""
    first, *rest = re.split(r"\n\s*\n", inspect.cleandoc(doc))
    said, _, formula = first.replace("\n", " ").partition("  ")
    out = [plain(said.strip())]
    out += [fenced(formula)] if formula else []
    for paragraph in rest:
        out.append(fenced(paragraph) if FORMULA.search(paragraph) else plain(paragraph.replace("\n", " ")))
    return "\n\n".join(out)


def numpydoc(doc: str) -> str:
    """A docstring with numpydoc sections: prose, then each section under its name."""
    pieces = HEADING.split(inspect.cleandoc(doc))
    out = [prose(pieces[0])]
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        out.append(f"**{name}**\n\n{fenced(body)}")
    return "\n\n".join(part for part in out if part.strip())


def prose(text: str) -> str:
    """Paragraphs; those that are indented or formulas stay as they stand."""
    out = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        kept = paragraph.startswith("  ") or any(BULLET.match(line) or line.startswith("  ") for line in paragraph.splitlines())
        out.append(fenced(paragraph) if kept else plain(paragraph.replace("\n", " ")))
    return "\n\n".join(out)
