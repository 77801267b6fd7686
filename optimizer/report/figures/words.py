"""Words of figures and workbook in two languages."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from optimizer.instance.findings import OptimizerError
from optimizer.report.messages import messages

LANGUAGES = ("en", "zh")
#: A label in both languages: Chinese, a blank, then words in Latin letters.
BOTH = re.compile(r"^([^A-Za-z]*[\u3400-\u9fff][^A-Za-z]*?)\s+([A-Za-z][\x20-\x7e]*)$")

CHINESE, LATIN = re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z]")


@cache
def table() -> dict[str, Mapping[str, str]]:
    """Key → language → message: those of the report, and before them those of figures and workbook."""
    return {**messages(), **own()}


@cache
def own() -> dict[str, dict[str, str]]:
    """Key → language → message of figures and workbook."""
    text = files("optimizer.report.figures").joinpath("words.csv").read_text(encoding="utf-8")
    return {row["key"]: row for row in csv.DictReader(text.splitlines())}


def say(lang: str, key: str, **values: object) -> str:
    """A message in a language, its braces filled.

    Raises
    ------
    OptimizerError : there is no such language
    """
    if lang not in LANGUAGES:
        raise OptimizerError(f"lang is {lang!r}; write one of {', '.join(LANGUAGES)}")
    return table()[key][lang].format(**values)


def has(key: str) -> bool:
    """Whether there is a message of this key."""
    return key in table()


def in_language(label: str, lang: str) -> str:
    """The part of a label that is in the reader's language, where it gives both (``住房 housing``); else the whole label."""
    found = BOTH.match(label)
    return label if found is None else found[1].strip() if lang == "zh" else found[2].strip()


def readable(text: str, lang: str) -> bool:
    """Whether a free text is in a reader's language: one with Chinese for ``zh``, one mostly without for ``en``."""
    chinese = len(CHINESE.findall(text))
    return chinese > 0 if lang == "zh" else chinese <= len(LATIN.findall(text))


def labelled(lang: str, kind: str, name: str, label: str) -> str:
    """A label; where it is not in the reader's language, the word that this package has for the identifier, if any."""
    own = in_language(label, lang)
    if own and (readable(own, lang) or not has(f"{kind}.{name}")):
        return own
    return term(lang, kind, name)


def term(lang: str, kind: str, name: str) -> str:
    """A word that this package knows (a sector, a built-in criterion), else the identifier as words."""
    key = f"{kind}.{name}"
    return say(lang, key) if has(key) else spelled(name)


def unit_word(lang: str, unit: str) -> str:
    """A unit as the tables write it (``10k_yuan``, ``person-periods per population``) in the reader's language."""
    if not unit:
        return ""
    first, per, second = unit.partition(" per ")
    if per and not has(f"unit.{unit}"):
        return say(lang, "unit.per", unit=unit_word(lang, first), per=unit_word(lang, second))
    if " × " in unit:
        return " × ".join(unit_word(lang, part) for part in unit.split(" × "))
    return term(lang, "unit" if has(f"unit.{unit}") else "column", unit)


def phrase(lang: str, criterion: str, unit: str, name: str = "") -> str:
    """A criterion (or another name) with its unit, as the label of an axis."""
    name = name or term(lang, "criterion", criterion)
    return say(lang, "figure.axis", name=name, unit=unit) if unit else name


def spelled(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")
