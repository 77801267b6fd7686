"""Words of figures and workbook in two languages, and names of things in the reader's."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.resources import files

import pandas as pd

from optimizer.instance.findings import OptimizerError
from optimizer.instance.settings_sections import LABELS
from optimizer.plan.plan import Plan
from optimizer.report.messages import messages

LANGUAGES = ("en", "zh")
#: A label in both languages: Chinese, a blank, then words in Latin letters.
BOTH = re.compile(r"^([^A-Za-z]*[\u3400-\u9fff][^A-Za-z]*?)\s+([A-Za-z][\x20-\x7e]*)$")


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
    return term(lang, "unit", unit)


def phrase(lang: str, criterion: str, unit: str, name: str = "") -> str:
    """A criterion (or another name) with its unit, as the label of an axis."""
    name = name or term(lang, "criterion", criterion)
    return say(lang, "figure.axis", name=name, unit=unit) if unit else name


class Names:
    """Names of a plan's things in one language."""

    def __init__(self, plan: Plan, lang: str) -> None:
        self.plan, self.lang, self.settings = plan, lang, plan.instance.settings

    def say(self, key: str, **values: object) -> str:
        """A message in this language."""
        return say(self.lang, key, **values)

    @cached_property
    def money(self) -> str:
        """Unit of money, as the instance labels it or, where it leaves that open, in the reader's language."""
        money = self.settings.money
        return self.say(f"unit.{money.unit}") if LABELS.get(money.unit) == money.label else money.label

    @cached_property
    def currency(self) -> str:
        """Unit of money per head: yuan or what the instance calls its currency."""
        money = self.settings.money
        if money.unit in LABELS:
            return self.say("unit.yuan")
        if money.currency != "yuan":
            return money.currency
        return self.money if money.yuan == 1 else f"{self.money} ÷ {money.yuan:,.0f}"

    def term(self, kind: str, name: str) -> str:
        """A word of an instance that this package knows (a sector, a built-in criterion), else the identifier as words."""
        return term(self.lang, kind, name)

    def criterion(self, name: str) -> str:
        """Label of a criterion, or the word for a built-in one; of a rule held to a bound its sentence."""
        own = self.settings.criteria.get(name)
        if own is not None and own.label:
            return in_language(own.label, self.lang)
        sentences = {rule.id: rule.sentence for rule in self.settings.rules}
        return str(sentences.get(name) or term(self.lang, "criterion", name))

    def unit(self, unit: str) -> str:
        """A unit of a plan's tables in this language."""
        return self.money if unit == self.settings.money.unit else unit_word(self.lang, unit)

    def stream(self, name: str) -> str:
        """Label of a stream; one that the instance does not name, for its donors' money, is called so."""
        if name not in self.settings.streams:
            return self.say("stream.made")
        return in_language(self.plan.data.streams[name].label, self.lang) or spelled(name)

    def category(self, name: str) -> str:
        """Label of a category."""
        return in_language(self.settings.categories[name].label, self.lang) or spelled(name)

    def need(self, name: str) -> str:
        """Label of a need."""
        return in_language(self.settings.needs[name].label, self.lang) or spelled(name)

    def counties(self, keys: Iterable[str]) -> list[str]:
        """Names of counties."""
        return [self._known_counties.get(key, key) for key in keys]

    def donors(self, keys: Iterable[str]) -> list[str]:
        """Names of donors."""
        return [self._known_donors.get(key, key) for key in keys]

    @cached_property
    def _known_counties(self) -> dict[str, str]:
        return self._names(self.plan.data.counties)

    @cached_property
    def _known_donors(self) -> dict[str, str]:
        return self._names(self.plan.data.donors)

    def _names(self, table: pd.DataFrame) -> dict[str, str]:
        """Names by identifier, in English where a reader of English is served and the table has them."""
        known = {str(key): str(name) for key, name in zip(table.index, table["name"].tolist(), strict=True)}
        if self.lang == "en" and "name_en" in table:
            pairs = zip(table.index, table["name_en"].tolist(), strict=True)
            known |= {key: name for key, name in pairs if isinstance(name, str) and name and name != key}
        return known

    def places(self, column: str, values: Iterable[object]) -> list[str]:
        """Values of a column of counties; for readers of English those of its companion ``…_en``, where it is one to one."""
        if column not in self._others:
            self._others[column] = self._other(column)
        other = self._others[column]
        return [other.get(value, str(value)) for value in values]

    @cached_property
    def _others(self) -> dict[str, dict[object, str]]:
        return {}

    def _other(self, column: str) -> dict[object, str]:
        table = self.plan.data.counties
        if self.lang != "en" or f"{column}_en" not in table:
            return {}
        pairs = table[[column, f"{column}_en"]].dropna().drop_duplicates()
        if pairs[column].duplicated().any() or pairs[f"{column}_en"].duplicated().any():
            return {}
        return dict(zip(pairs[column], pairs[f"{column}_en"].astype(str), strict=True))


def spelled(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")
