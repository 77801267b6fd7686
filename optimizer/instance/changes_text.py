"""KEY, VALUE and VARY as text: what scenarios, ``--set``, ``--vary`` and Python write.

::

    KEY    = "budget." STREAM ["." PERIOD] ["[" FILTER "]"]
           | "rule." ID "." FIELD | "need." ID "." FIELD | "stream." ID "." FIELD | "criterion." ID "." FIELD
           | "weight." CRITERION | "method." FIELD | "settings." FIELD | "pairs.candidates"
           | TABLE "." COLUMN ["[" FILTER "]"]
    VALUE  = NUMBER | NUMBER "%" | "x" NUMBER | ("+"|"-") NUMBER "%" | true | false | TEXT
    VARY   = KEY "=" VALUE ":" VALUE ":" POINTS | KEY "=" VALUE {"," VALUE}
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from optimizer.instance.findings import near, shown
from optimizer.instance.groups import parse_filter
from optimizer.instance.normal import plain
from optimizer.instance.schema import TABLES

Section = Literal["budget", "rule", "need", "stream", "criterion", "weight", "method", "settings", "candidates", "table"]
ENTRY_WORDS = ("rule", "need", "stream", "criterion")
WORDS = ("budget", *ENTRY_WORDS, "weight", "method", "settings")
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_FACTOR = re.compile(rf"[x×]\s*({_NUMBER})")
_RELATIVE = re.compile(rf"([+-])\s*({_NUMBER})\s*%")
_SHARE = re.compile(rf"({_NUMBER})\s*%")
_PLAIN = re.compile(rf"[+-]?{_NUMBER}")


@dataclass(frozen=True)
class Key:
    """What is changed.

    Parameters
    ----------
    text : the key as written
    section : what kind of key it is
    name : stream, rule, need, criterion or table; empty for ``method`` and ``settings``
    field : field or column; empty for ``budget`` and ``weight``
    period : the period of a budget, or None for all
    filter : the FILTER in brackets
    """

    text: str
    section: Section
    name: str = ""
    field: str = ""
    period: int | None = None
    filter: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """What it becomes: ``given`` itself, or the present value times ``factor``."""

    given: Any
    factor: Decimal | None = None


class ChangeError(ValueError):
    """A change that cannot be made: the problem, and what to do."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem}. {mend}")
        self.problem, self.mend = problem, mend


def parse_key(text: str) -> Key:
    """Take a KEY apart.

    Raises
    ------
    ValueError : with a sentence on what is wrong and what may be meant
    """
    head, bracket, rest = text.strip().partition("[")
    if bracket and not rest.endswith("]"):
        raise ValueError("the bracket of the filter is not closed at the end")
    condition = parse_filter(rest[:-1]) if bracket else {}
    first, _, tail = head.strip().partition(".")
    if not tail:
        raise ValueError("it has the form budget.STREAM, rule.ID.FIELD, settings.FIELD or TABLE.COLUMN")
    if head.strip() == "pairs.candidates":
        return _unfiltered(Key(text, "candidates", "pairs", "candidates"), condition)
    if first == "budget":
        return _budget_key(text, tail, condition)
    if first in ENTRY_WORDS:
        name, _, wanted = tail.partition(".")
        if not wanted or "." in wanted:
            raise ValueError(f"it has the form {first}.ID.FIELD")
        return _unfiltered(Key(text, first, name, wanted), condition)  # type: ignore[arg-type]
    if first == "weight":
        return _unfiltered(Key(text, "weight", tail), condition)
    if first in ("method", "settings"):
        return _unfiltered(Key(text, first, "", tail), condition)  # type: ignore[arg-type]
    if first in TABLES:
        return Key(text, "table", first, tail, None, condition)
    otherwise = "Keys begin with " + ", ".join(WORDS) + " or the name of a table"
    raise ChangeError(f"matches nothing: no key begins with {shown(first)}", near(first, [*WORDS, *TABLES], otherwise))


def _budget_key(text: str, tail: str, condition: Mapping[str, Any]) -> Key:
    name, dot, period = tail.partition(".")
    if dot and not re.fullmatch(r"-?\d+", period):
        raise ValueError(f"{shown(period)} is not a period; the form is budget.STREAM.PERIOD")
    return Key(text, "budget", name, "", int(period) if dot else None, condition)


def _unfiltered(key: Key, condition: Mapping[str, Any]) -> Key:
    if condition:
        raise ValueError("a filter in brackets is for budgets and columns of tables only")
    return key


def parse_value(value: Any) -> Value:
    """Take a VALUE apart: ``x1.1`` and ``+10%`` multiply, everything else replaces."""
    value = plain(value)
    if isinstance(value, str):
        text = value.strip()
        if match := _FACTOR.fullmatch(text):
            return Value(value, Decimal(match[1]))
        if match := _RELATIVE.fullmatch(text):
            part = Decimal(match[2]) / 100
            return Value(value, 1 + part if match[1] == "+" else 1 - part)
    return Value(value)


def refuse_share(value: Value, what: str) -> None:
    """Refuse a percentage without a sign for what is no share: ``90%`` would be 0.9 of a unit.

    Raises
    ------
    ChangeError : with the factor that may be meant
    """
    match = _SHARE.fullmatch(value.given.strip()) if isinstance(value.given, str) else None
    if match:
        factor = f"x{(Decimal(match[1]) / 100).normalize():f}"
        raise ChangeError(f"sets {what}, which is no share, to {value.given.strip()}",
                          f"Write {factor} for {value.given.strip()} of what it is now, or an amount")


def parse_change(text: str) -> tuple[str, str]:
    """``KEY=VALUE`` as (KEY, VALUE)."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == "=" and depth <= 0:
            key, value = text[:at].strip(), text[at + 1 :].strip()
            if key and value:
                return key, value
            break
    raise ValueError(f"{shown(text)} is not written as KEY=VALUE, for example budget.central=+10%")


def parse_vary(text: str) -> tuple[str, tuple[str, ...]]:
    """``KEY=FROM:TO:POINTS`` or ``KEY=A,B,C`` as the key and its values.

    Both ends count among the points; the ends must be of one kind (plain, ``%``, signed ``%`` or ``x``).

    Raises
    ------
    ValueError : with a sentence on what is wrong
    """
    key, values = parse_change(text)
    parse_key(key)
    if values.count(":") == 2 and not values.startswith(("[", "{")):
        first, last, points = (part.strip() for part in values.split(":"))
        if not re.fullmatch(r"\d+", points) or int(points) < 2:
            raise ValueError(f"{shown(points)} is not a number of points; write FROM:TO:POINTS with at least 2 points")
        return key, tuple(_range(first, last, int(points)))
    if ":" in values and not values.startswith(("[", "{")):
        raise ValueError(f"{shown(values)} is written neither as FROM:TO:POINTS nor as A,B,C")
    listed = [part.strip() for part in _split_outside(values)]
    if not all(listed):
        raise ValueError(f"{shown(values)} has an empty value between its commas")
    return key, tuple(listed)


def _split_outside(text: str) -> Iterable[str]:
    """Parts between commas that stand in no bracket."""
    depth, start = 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "[{") - (sign in "]}")
        if sign == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _range(first: str, last: str, points: int) -> list[str]:
    kinds: list[tuple[re.Pattern[str], Any, Any]] = [
        (_FACTOR, lambda m: Fraction(m[1]), lambda v: "x" + _decimal(v)),
        (_PLAIN, lambda m: Fraction(m[0]), _decimal),
    ]
    signed = re.compile(rf"(?:([+-])\s*({_NUMBER})|0)\s*%")
    if any(text.startswith(("+", "-")) and text.endswith("%") for text in (first, last)):
        kinds.append(
            (signed, lambda m: Fraction((m[1] or "") + (m[2] or "0")), lambda v: ("+" if v >= 0 else "") + _decimal(v) + "%")
        )
    else:
        kinds.append((_SHARE, lambda m: Fraction(m[1]), lambda v: _decimal(v) + "%"))
    for pattern, number, written in kinds:
        low, high = pattern.fullmatch(first), pattern.fullmatch(last)
        if low and high:
            a, b = number(low), number(high)
            return [written(a + (b - a) * n / (points - 1)) for n in range(points)]
    raise ValueError(
        f"{shown(first)} and {shown(last)} are not two numbers of one kind (both plain, both %, both +/-% or both x)"
    )


def _decimal(value: Fraction) -> str:
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def times(factors: Any) -> list[str]:
    """Factors for a sweep: each present value times each of ``factors`` (any sequence or array of numbers), to 12 digits."""
    return ["x" + _decimal(Fraction(f"{float(factor):.12g}")) for factor in plain(factors)]


def flat_changes(changes: Mapping[str, Any], groups: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Any]]:
    """``{"budget.central": v}`` and ``budget={"central": v}`` as one list of (KEY, VALUE)."""
    out = [(str(key), value) for key, value in changes.items()]
    for word, entries in groups.items():
        for name, value in entries.items():
            if word in ENTRY_WORDS and isinstance(value, Mapping):
                out.extend((f"{word}.{name}.{part}", inner) for part, inner in value.items())
            elif word == "budget" and isinstance(value, Mapping):
                out.extend((f"budget.{name}.{part}", inner) for part, inner in value.items())
            else:
                out.append((f"{word}.{name}", value))
    return out
