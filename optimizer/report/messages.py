"""Words of the report in two languages: one table of messages, `messages.csv` (those of figures and workbook beside them)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from optimizer.instance.findings import Finding, InstanceError

LANGUAGES = ("en", "zh")
NAMES = MappingProxyType({"en": "en", "zh": "zh-CN"})  # as HTML writes them


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Key → language → message."""
    text = files("optimizer.report").joinpath("messages.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["key"]: row for row in csv.DictReader(text.splitlines())})


class Messages:
    """The messages of one language.

    Raises
    ------
    InstanceError : there is no such language
    """

    def __init__(self, lang: str) -> None:
        if lang not in LANGUAGES:
            raise InstanceError(
                [Finding("--lang", None, None, lang, "is not a language of the report", f"Write one of {', '.join(LANGUAGES)}")]
            )
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        """A message with its braces filled."""
        return messages()[key][self.lang].format(**values)

    def raw(self, key: str) -> str:
        """A message with its braces as they are."""
        return messages()[key][self.lang]

    def known(self, key: str) -> bool:
        """Whether there is a message of this key."""
        return key in messages()

    def count(self, noun: str, many: float) -> str:
        """``1 county``, ``3 counties``."""
        return self(f"count.{noun}.{'one' if many == 1 else 'many'}", n=f"{many:,.0f}")

    def listed(self, parts: list[str]) -> str:
        """Parts one after the other."""
        return self("list.between").join(parts)
