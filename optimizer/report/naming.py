"""Words for what a plan names by identifiers: criteria, outcomes, units, places, and the indexes of rules and prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from optimizer.instance.settings import EquityFields, Measure
from optimizer.plan.plan import Plan
from optimizer.report.figures.names import Names
from optimizer.report.figures.words import in_language, spelled, term
from optimizer.report.messages import Messages

CHANGE = re.compile(r"[x+-]?\d+(\.\d+)?%?")  # a number, a factor or a relative change
PLACES = ("province", "prefecture", "region")


class Naming(Names):
    """Names of a plan's things in one language, beyond those that figures need."""

    def __init__(self, plan: Plan, t: Messages) -> None:
        super().__init__(plan, t.lang)
        self.t = t

    @property
    def base(self) -> str:
        """The unit of money per head and of incomes."""
        return self.currency

    def either(self, key: str, name: str) -> str:
        """The word for a name, or the name spelled out."""
        return self.t(f"{key}.{name}") if self.t.known(f"{key}.{name}") else spelled(name)

    def unit(self, unit: str) -> str:
        """A unit of criteria, rules and prices."""
        if " per " in unit:
            over, _, under = unit.partition(" per ")
            return self.t("unit.per", over=self.unit(over), under=self.unit(under))
        if " × " in unit:
            return " × ".join(self.unit(part) for part in unit.split(" × "))
        if unit == self.settings.money.unit:
            return self.money
        rule, dot, name = unit.rpartition(".")
        if dot and any(each.id == rule for each in self.settings.rules):
            return self.t("unit.field", field=self.field(name))
        return self.either("unit", unit) if self.t.known(f"unit.{unit}") else self.column(unit)

    def field(self, name: str) -> str:
        """A number of a rule, such as ``min``."""
        return self.either("field", name)

    def sector(self, name: str) -> str:
        """A sector, as the figures call it."""
        return term(self.lang, "sector", name)

    def group(self, by: str, value: object) -> str:
        """A group of counties: a place, or a flag that is set or not."""
        if by in PLACES:
            return self.places(by, [value])[0]
        return self.t("group.flag" if str(value) == "1" else "group.not", flag=self.column(by))

    def criterion(self, name: str) -> str:
        """A criterion in words: its label, the built-in one's words, its form, or the sentence of its rule."""
        settings = self.settings
        own = settings.criteria.get(name)
        if own is not None:
            if own.label:
                return in_language(own.label, self.lang)
            return self.equity(own) if own.equity is not None else self.measure(own.of)
        if any(rule.id == name for rule in settings.rules):
            return self.sentence(name)
        return self.either("criterion", name)

    def equity(self, fields: EquityFields) -> str:
        """An equity form over an outcome."""
        form, outcome = self.either("form", str(fields.equity)), self.outcome(fields.outcome or "covered_share")
        return self.t("equity", form=form, outcome=outcome, over=self._over(fields.over))

    def _over(self, over: str) -> str:
        """The units of an equity form."""
        plain = over in ("counties", "donors") or (self.chinese and over not in self.settings.labels)
        return self.either("over", over) if plain else self.level(over)

    def scenario(self, name: str) -> str:
        """A scenario by its label, or by what it changes where the label is not in the reader's language."""
        found = self.settings.scenarios.get(name)
        if found is None:
            return name
        if found.label and (own := self.quoted(found.label)):
            return own
        first = [self.scenario(found.from_)] if found.from_ else []
        changes = [self.change(key, value) for key, value in found.set.items()]
        return self.t.listed([*first, *changes]) or spelled(name)

    def change(self, key: str, value: Any) -> str:
        """A change in words: what is changed, and to what."""
        return self.t("change", what=self.key(key), value=self._changed(key, value))

    def _changed(self, key: str, value: Any) -> str:
        if key.endswith(".active"):
            return self.t("value.True" if str(value) in ("1", "True", "true") else "value.False")
        if isinstance(value, list | tuple):
            levels = [self.criterion(str(one["criterion"])) if isinstance(one, Mapping) and "criterion" in one else str(one)
                      for one in value]
            return self.t("list.then").join(levels)
        text = str(value)
        if key in ("method.type", "pairs.candidates") and self.t.known(f"method.{text}"):
            return self.t(f"method.{text}")
        return text.replace("-", "−").replace("x", "×") if CHANGE.fullmatch(text) else text

    def key(self, key: str) -> str:
        """A KEY such as ``needs.unit_cost[need=housing]`` in words."""
        head, _, rest = key.partition("[")
        first, _, second = head.partition(".")
        where = self.index(rest.rstrip("]").replace(",", ";")) if rest else ""
        name, _, field = second.rpartition(".")
        words = self._key(first, second, name, field)
        return f"{words} · {where}" if where else words

    def _key(self, first: str, second: str, name: str, field: str) -> str:
        if first == "budget":
            stream, _, period = second.partition(".")
            words = self.t("key.budget", stream=self.value("stream", stream))
            return f"{words} · {self.value('period', period)}" if period else words
        if first == "rule":
            known = any(each.id == name for each in self.settings.rules)
            return f"{self.field(field)}{self.t('list.open')}{self.sentence(name) if known else name}{self.t('list.close')}"
        if first == "weight":
            return self.t("key.weight", criterion=self.criterion(second))
        if first in ("need", "stream", "criterion"):
            owner = self.criterion(name) if first == "criterion" else self.value(first, name)
            return self.t("key.table", table=owner, column=self.field(field))
        if first in ("method", "settings", "pairs"):
            return self.either("setting" if first == "settings" else f"key.{first}", second)
        if self.t.known(f"table.name.{first}"):
            return self.t("key.table", table=self.t(f"table.name.{first}"), column=self.column(second))
        return f"{first}.{second}"

    def outcome(self, name: str) -> str:
        """An outcome, the built-in ones in words."""
        return self.either("outcome", name)

    def measure(self, measure: Measure | None) -> str:
        """A sum in words, its filters behind it."""
        if measure is None:
            return ""
        what = self.t(f"measure.{measure.sum}")
        told = [] if measure.column is None else [self.column(measure.column)]
        told += [self._filter(key, value) for key, value in measure.filters.items() if value is not None]
        return f"{what}{self.t('list.open')}{self.t.listed(told)}{self.t('list.close')}" if told else what

    def _filter(self, key: str, value: Any) -> str:
        if isinstance(value, str):
            return self.value(key, value)
        if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
            return self.t.listed([self.value(key, part) for part in value])
        return self.column(key)

    def value(self, key: str, value: str) -> str:
        """What an identifier of a kind is called, such as a county or a stream."""
        data, settings = self.plan.data, self.settings
        if key == "stream" and value in data.streams:
            return self.stream(value)
        if key == "category" and value in settings.categories:
            return self.category(value)
        if key == "need" and value in settings.needs:
            return self.need(value)
        if key in ("county", "donor") and value in (data.counties if key == "county" else data.donors).index:
            return f"{(self.counties if key == 'county' else self.donors)([value])[0]} ({value})"
        if key == "project":
            names, (name, _, field) = data.projects["name"].to_dict(), value.partition(" ")
            return f"{names.get(name, name)} ({name})" + (f" · {self.field(field)}" if field else "")
        if key == "period" and value.lstrip("-").isdigit():
            return self.period(value)
        if key in PLACES:
            return self.places(key, [value])[0]
        return self.either("value", value)

    def index(self, index: str) -> str:
        """``stream=central;scope=all;period=2021`` in words."""
        parts: list[tuple[str, str]] = []
        for part in filter(None, index.split(";")):
            key, _, value = part.partition("=")
            if "=" in value:  # scope=province=P
                key, _, value = value.partition("=")
            parts.append((key, value))
        scope = dict(parts).get("scope", "")
        if "of" in dict(parts):  # scope=county;of=A: the value of a column
            parts = [(scope if key == "of" else key, value) for key, value in parts if key != "scope"]
        plain = {("scope", "all"), ("all", "all"), ("all", ""), ("period", "horizon")}
        if len(self.plan.data.periods) == 1:
            plain.add(("period", str(self.plan.data.periods[0])))
        return " · ".join(self.value(key, value) for key, value in parts if (key, value) not in plain)
