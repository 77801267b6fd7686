"""Data cards: the README of each shipped instance as a page."""

from __future__ import annotations

import re
from pathlib import Path

INSTANCES = Path(__file__).resolve().parents[1] / "instances"
LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")


def names() -> list[str]:
    """The shipped instances."""
    return sorted(file.parent.name for file in INSTANCES.glob("*/README.md"))


def page(name: str) -> str:
    """The card of an instance; links to files beside it become plain words, since the site does not hold them."""
    text = (INSTANCES / name / "README.md").read_text(encoding="utf-8")
    return LINK.sub(r"\1", text)
