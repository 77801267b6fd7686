"""What methods make of several criteria: one number, recomputed from the values of the criteria of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from optimizer.instance.data import Data
from optimizer.instance.settings import Level
from optimizer.plan.choices import Claims
from optimizer.plan.criteria import Value
from optimizer.plan.exact import fraction

EPSILON = Fraction(1, 10_000)  # weight of the sum beside the worst criterion, for a reference point
Part = tuple[Level, Value, Fraction]  # a level, the value of its criterion, what it is divided by


def composite(data: Data, values: Mapping[str, Value], claims: Claims) -> Value | None:
    """The one number of a weighted, goal or reference method; None for other methods."""
    made = COMPOSITES.get(data.settings.method.type)
    if made is None:
        return None
    parts: list[Part] = []
    for level in data.settings.method.levels:
        size = claims.ranges.get(level.criterion, level.range or 1.0)
        parts.append((level, values[level.criterion], fraction(size)))
    return made(parts)


def weighted(parts: list[Part]) -> Value:
    """Σ weight · criterion / range, criteria to be made small counting negative."""
    each = [_sign(value) * fraction(level.weight) * (value.value or Fraction(0)) / size for level, value, size in parts]
    return Value(sum(each, start=Fraction(0)), "max", "points")


def goal(parts: list[Part]) -> Value:
    """Σ weight · what is missing of the target / size."""
    each = [fraction(level.weight) * max(Fraction(0), -_past(level, value)) / size for level, value, size in parts]
    return Value(sum(each, start=Fraction(0)), "min", "points")


def reference(parts: list[Part]) -> Value:
    """The worst of weight · (criterion − aspiration) / range, and a little of their sum."""
    each = [fraction(level.weight) * _past(level, value) / size for level, value, size in parts]
    return Value(min(each) + EPSILON * sum(each, start=Fraction(0)), "max", "points")


def _sign(value: Value) -> int:
    return 1 if value.sense == "max" else -1


def _past(level: Level, value: Value) -> Fraction:
    """How far a criterion is past its target, in its own sense."""
    return _sign(value) * ((value.value or Fraction(0)) - fraction(level.target or 0.0))


COMPOSITES: dict[str, Callable[[list[Part]], Value]] = {"weighted": weighted, "goal": goal, "reference": reference}
