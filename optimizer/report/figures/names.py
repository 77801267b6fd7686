"""Names of a plan's things in the reader's language: labels, places, groups, columns, rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import pandas as pd

from optimizer.instance.settings import RuleBase
from optimizer.instance.settings_sections import LABELS
from optimizer.plan.plan import Plan
from optimizer.report.figures.rule_words import rule_words
from optimizer.report.figures.words import has, in_language, labelled, readable, say, spelled, term, unit_word

OTHER = ("province", "prefecture")  # columns whose names are those of one country


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
        return self._sentences.get(name) or term(self.lang, "criterion", name)

    def sentence(self, rule: str) -> str:
        """The sentence of a rule: the instance's own where it is in the reader's language, else one made from its fields.

        Raises
        ------
        KeyError : there is no such rule
        """
        return self._sentences[rule]

    @property
    def retold(self) -> bool:
        """Whether some rule has its sentence or its source in another language than the reader's."""
        return any(not self.quoted(text) for rule in self.settings.rules for text in (rule.sentence, rule.source) if text)

    @property
    def sentences(self) -> dict[str, str]:
        """Own sentence of a rule → sentence in the reader's language."""
        return {rule.sentence: self._sentences[rule.id] for rule in self.settings.rules}

    @cached_property
    def _sentences(self) -> dict[str, str]:
        return {rule.id: self._sentence(rule) for rule in self.settings.rules}

    def _sentence(self, rule: RuleBase) -> str:
        own = in_language(rule.sentence, self.lang)
        return own if readable(own, self.lang) else rule_words(self, rule)

    @property
    def title(self) -> str:
        """The instance's title where it is in the reader's language, else one made from its counties and periods."""
        own = in_language(self.settings.title, self.lang)
        if not own:
            return self.say("page.title")
        if readable(own, self.lang):
            return own
        periods = self.listed([self.period(period) for period in self.plan.data.periods])
        return self.say("page.title.made", counties=f"{len(self.plan.data.counties):,}", periods=periods)

    def quoted(self, text: str) -> str:
        """A free text of the instance where it is in the reader's language, else nothing."""
        own = in_language(text, self.lang)
        return own if readable(own, self.lang) else ""

    def listed(self, parts: Iterable[str]) -> str:
        """Parts one after the other."""
        return self.say("list.between").join(parts)

    def period(self, label: object) -> str:
        """A period as a year, where it can be one."""
        number = int(str(label))
        return self.say("period.year" if 1900 <= number <= 2200 else "period.other", period=number)

    def column(self, name: str) -> str:
        """A column of the instance's tables: as the instance labels it, in a word that this package knows, or spelled out."""
        label = self.settings.labels.get(name)
        if label is not None:
            return in_language(label, self.lang)
        return self.say(f"level.{name}.other") if name in OTHER and not self.chinese else term(self.lang, "column", name)

    def level(self, name: str) -> str:
        """One unit at which tables are grouped: county, province, prefecture, another column, or the whole."""
        if name in ("county", "all"):
            return self.say(f"level.{name}")
        return self.column(name)

    @property
    def chinese(self) -> bool:
        """Whether places are called as in China: where money is counted in yuan."""
        return self.settings.money.currency == "yuan"

    def members(self, group: object, kind: str) -> str:
        """A group of counties or donors in words: a group by its name or its filter, one unit, or ``column=value``."""
        name = str(group)
        if not isinstance(group, str):
            return self._filtered(group, kind)
        if name in self.settings.groups:
            if has(f"column.{name}"):
                return self._units(self.term("column", name), kind)
            return spelled(name) if readable(spelled(name), self.lang) else self._filtered(self.settings.groups[name], kind)
        column, equals, value = name.partition("=")
        if equals:
            return self._filtered({column: value}, kind)
        return (self.counties if kind == "county" else self.donors)([name])[0]

    def _filtered(self, rule: object, kind: str) -> str:
        """A filter in words: values as they are, flags by their column's name."""
        if not isinstance(rule, Mapping):
            return str(rule)
        return self.listed([self._condition(str(column), value, kind) for column, value in rule.items() if column != "unknown"])

    def _units(self, what: str, kind: str) -> str:
        """``deep poverty`` → ``deep poverty counties``, where the words do not say so already."""
        unit = self.say(f"group.{kind}")
        return what if unit in what else self.say("group.units", what=what, unit=unit)

    def _condition(self, column: str, value: object, kind: str) -> str:
        word = self.column(column)
        if isinstance(value, Mapping):
            ends = {"min": "group.least", "max": "group.most"}
            told = self.listed([self.say(ends[end], what=word, value=f"{at:g}") for end, at in value.items() if end in ends])
            return self.say("group.those", what=told, unit=self.say(f"group.{kind}"))
        if str(value) in ("1", "True", "0", "False"):
            flagged = self._units(word, kind)
            return flagged if str(value) in ("1", "True") else self.say("group.is_not", what=flagged)
        values = list(value) if isinstance(value, list | tuple) else [value]
        return self.listed([each if self.lang == "zh" else f"{word} {each}" for each in self.places(column, values)])

    def unit(self, unit: str) -> str:
        """A unit of a plan's tables in this language."""
        return self.money if unit == self.settings.money.unit else unit_word(self.lang, unit)

    def stream(self, name: str) -> str:
        """Label of a stream; one that the instance does not name, for its donors' money, is called so."""
        if name not in self.settings.streams:
            return self.say("stream.made")
        return labelled(self.lang, "stream", name, self.plan.data.streams[name].label)

    def category(self, name: str) -> str:
        """Label of a category."""
        return labelled(self.lang, "category", name, self.settings.categories[name].label)

    def need(self, name: str) -> str:
        """Label of a need."""
        return labelled(self.lang, "need", name, self.settings.needs[name].label)

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
