"""Changes to ``instance.yaml``: budgets, fields of rules, needs, streams and criteria, weights, method, settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from optimizer.instance.changes_text import ChangeError, Key, Value, refuse_share
from optimizer.instance.findings import listed, near
from optimizer.instance.normal import FREE_TEXT
from optimizer.instance.settings import Criterion, Method, Need, Settings, SolverSettings, Stream
from optimizer.instance.settings_rules import RULE_TYPES
from optimizer.instance.settings_values import to_number
from optimizer.instance.yamltext import load_yaml

#: Fields of a rule that its sentence does not speak of.
UNSAID = frozenset({"sentence", "source", "active", "priority", "hard", "price"})
SECTIONS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "need": ("needs", Need),
    "stream": ("streams", Stream),
    "criterion": ("criteria", Criterion),
}


def yaml_budget(key: Key, value: Value, raw: dict[Any, Any], settings: Settings) -> None:
    """Change the budget of a stream that stands in ``instance.yaml``."""
    refuse_share(value, "a budget")
    stream = _entry(raw, "streams", key.name, "stream")
    budget = stream.get("budget")
    if budget is None:
        kind = "is of kind pairing: its money is what its donors give" if stream.get("kind") == "pairing" else "has no budget"
        raise ChangeError(f"matches nothing: the stream {key.name} {kind}", "Change the money of its donors, or another stream")
    periods = list(settings.periods)
    if key.period is None:
        stream["budget"] = _result(budget, value, "budget")
        return
    if key.period not in periods:
        raise ChangeError(f"matches nothing: {key.period} is not one of the periods", "Write one of " + listed(periods))
    by_period = dict(budget) if isinstance(budget, Mapping) else dict.fromkeys(periods, budget)
    by_period[key.period] = _result(by_period.get(key.period, 0), value, "budget")
    stream["budget"] = by_period


def change_settings(key: Key, value: Value, raw: dict[Any, Any], settings: Settings) -> None:
    """Change one field of ``instance.yaml``."""
    if key.section == "candidates":
        pairs = raw.setdefault("pairs", {})
        _set(pairs, "candidates", value, settings.pairs.candidates)
    elif key.section == "rule":
        _change_rule(key, value, raw, settings)
    elif key.section in SECTIONS:
        section, model = SECTIONS[key.section]
        entry = _entry(raw, section, key.name, key.section)
        _known(key.field, model)
        parsed = getattr(settings, section).get(key.name)
        _set(entry, key.field, value, _attribute(parsed, key.field))
    elif key.section == "weight":
        _change_weight(key, value, raw)
    else:
        model = Method if key.section == "method" else SolverSettings
        _known(key.field, model)
        _set(raw.setdefault(key.section, {}), key.field, value, _attribute(getattr(settings, key.section), key.field))


def _change_rule(key: Key, value: Value, raw: dict[Any, Any], settings: Settings) -> None:
    for n, rule in enumerate(raw.get("rules", [])):
        if isinstance(rule, dict) and rule.get("id") == key.name:
            _known(key.field, RULE_TYPES[str(rule["type"])])
            if key.field in ("id", "type"):
                raise ChangeError(f"changes the {key.field} of a rule", "Switch the rule off (active=0) and write another one")
            parsed = settings.rules[n] if n < len(settings.rules) else None
            before = rule.get(key.field)
            _set(rule, key.field, value, _attribute(parsed, key.field))
            if key.field not in UNSAID and rule.get(key.field) != before:
                rule["sentence"] = _with_change(str(rule.get("sentence", "")), key.field, rule.get(key.field))
            return
    _no_such("rule", key.name, [rule.id for rule in settings.rules])


def _with_change(sentence: str, field: str, value: Any) -> str:
    """A rule's sentence, which may name the number of before, with what stands now behind it: ``… 3 % [threshold: 0.5%]``."""
    kept = re.sub(rf" \[{re.escape(field)}: [^\]]*\]", "", sentence)
    return f"{kept} [{field}: {'none' if value is None else value}]"


def _change_weight(key: Key, value: Value, raw: dict[Any, Any]) -> None:
    levels = raw.setdefault("method", {}).setdefault("levels", [{"criterion": "coverage"}])
    found = [level for level in levels if isinstance(level, dict) and level.get("criterion") == key.name]
    if not found:
        _no_such("level of the method with the criterion", key.name, [level.get("criterion", "") for level in levels])
    for level in found:
        _set(level, "weight", value, 1)


def _entry(raw: dict[Any, Any], section: str, name: str, word: str) -> dict[Any, Any]:
    entries = raw.get(section) or {}
    if name not in entries:
        _no_such(word, name, entries)
    if not isinstance(entries[name], dict):
        entries[name] = {}
    entry: dict[Any, Any] = entries[name]
    return entry


def _no_such(word: str, name: str, names: Iterable[Any]) -> None:
    names = [str(n) for n in names]
    raise ChangeError(
        f"matches nothing: there is no {word} '{name}'", near(name, names, "Known are " + (listed(names) or "none"))
    )


def _known(field: str, model: type[BaseModel]) -> None:
    names = [info.alias or name for name, info in model.model_fields.items()]
    if field not in names:
        raise ChangeError(f"matches nothing: there is no field '{field}'", near(field, names, "Known are " + listed(names, 30)))


def _attribute(parsed: Any, field: str) -> Any:
    """The value that holds now, defaults included."""
    return getattr(parsed, "from_" if field == "from" else field, None)


def _set(entry: dict[Any, Any], field: str, value: Value, now: Any) -> None:
    present = entry.get(field, now)
    result = _result(present, value, field)
    if result is None:
        entry.pop(field, None)
    else:
        entry[field] = result


def _result(present: Any, value: Value, field: str) -> Any:
    """What a field becomes; a factor multiplies numbers, and each number of a mapping by period."""
    if value.factor is None:
        return _as_yaml(value.given, field)
    if isinstance(present, Mapping) and present:
        return {period: _result(amount, value, field) for period, amount in present.items()}
    try:
        return short(Decimal(repr(to_number(present))) * value.factor)
    except ValueError as error:
        problem = f"multiplies {field}, which is {'not set' if present is None else 'no number'}"
        raise ChangeError(problem, "Write a plain value") from error


def short(number: Decimal) -> int | float:
    """A decimal as a whole number where it is one, else as a float."""
    return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else float(number)


def _as_yaml(given: Any, field: str) -> Any:
    """A text that a command line hands over as the number, truth value or list it stands for."""
    if not isinstance(given, str) or field in FREE_TEXT:
        return given
    value, _, findings = load_yaml(given, "value")
    return given if findings or isinstance(value, str) else value
