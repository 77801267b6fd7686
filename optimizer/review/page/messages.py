"""Every sentence of page and workbook, in English and in Simplified Chinese, from one table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh")
PLACE = re.compile(r"\{(\w+)(?::([^|}]*)\|([^}]*))?\}")


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """``{key: {language: text}}``; `{n}` in a text is a value, `{n:county|counties}` one of two words by that number."""
    text = files(__package__).joinpath("messages.csv").read_text(encoding="utf-8")
    return {row["key"]: {language: row[language] for language in LANGUAGES} for row in csv.DictReader(io.StringIO(text))}


def message(key: str, lang: str, **values: Any) -> str:
    """A message with its values put in."""
    def value(found: re.Match[str]) -> str:
        given = values[found[1]]
        if found[2] is None:
            return f"{given:,}" if isinstance(given, int) else str(given)
        return found[2] if given == 1 else found[3]

    return PLACE.sub(value, messages()[key][lang])


def worded(prefix: str, key: str, lang: str) -> str:
    """The message of a key that data forms, or its plain words where there is no such message."""
    return message(prefix + key, lang) if prefix + key in messages() else key.replace("_", " ")
