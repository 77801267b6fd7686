"""Exact numbers: every figure is taken as the decimal it is written as.

``Fraction(repr(x))`` is the decimal that the shortest spelling of the float ``x`` names, so 0.1 is one tenth and
not its binary neighbour. Sums, products and quotients of such numbers are rationals and are kept so.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

import pandas as pd

Key = TypeVar("Key", bound=Hashable)

#: Digits to which roots and logarithms are evaluated; nothing rational is ever rounded.
DIGITS = 50
#: A rational without a finite decimal is written as a float; this is what such a spelling may be off, relatively.
SPELLING = Fraction(1, 10**12)


@lru_cache(maxsize=1 << 18)
def exact(value: float) -> Fraction:
    """The decimal that ``value`` is written as.

    Raises
    ------
    ValueError
        If ``value`` is not a finite number.
    """
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is not a finite number")
    return Fraction(int(number)) if number.is_integer() else Fraction(repr(number))


def exact_or_none(value: float | None) -> Fraction | None:
    """As :func:`exact`; ``None`` for a blank."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return exact(value)


class UnknownValueError(ValueError):
    """A blank cell that a rule or criterion reads."""


def known(value: float | None, where: str, name: str) -> Fraction:
    """As :func:`exact`, for a cell that must not be blank.

    Raises
    ------
    UnknownValueError
        If it is blank.
    """
    number = exact_or_none(value)
    if number is None:
        raise UnknownValueError(f"{where}, column {name}: is blank")
    return number


def column(frame: pd.DataFrame, name: str) -> list[Fraction]:
    """A column of numbers without blanks, as decimals."""
    return [exact(value) for value in frame[name].tolist()]


def times(a: Fraction, b: Fraction) -> Fraction:
    """a · b; most amounts and weights are 1, for which nothing is worked out."""
    if a == 1:
        return b
    return a if b == 1 else a * b


def agrees(claimed: Fraction, true: Fraction) -> bool:
    """Whether ``claimed`` is ``true``, or the float that spells a ``true`` value without a finite decimal."""
    if claimed == true:
        return True
    return not is_decimal(true) and abs(claimed - true) <= SPELLING * max(abs(true), Fraction(1))


def spells(claimed: float, true: Fraction) -> bool:
    """As :func:`agrees` for a number as a table has it; quick where it is the float nearest to ``true``."""
    return float(true) == claimed or agrees(exact(claimed), true)


def is_decimal(value: Fraction) -> bool:
    """Whether a float spells ``value`` exactly: a decimal of at most 15 significant digits."""
    return exact(float(value)) == value


def floor(value: Fraction) -> int:
    """The greatest whole number not above ``value``."""
    return value.numerator // value.denominator


def whole_times(a: Fraction, b: Fraction) -> int:
    """a · b rounded down, for amounts that are not negative."""
    return a.numerator * b.numerator // (a.denominator * b.denominator)


def whole_parts(a: Fraction, b: Fraction) -> int:
    """a / b rounded down, for amounts that are not negative; b > 0."""
    return a.numerator * b.denominator // (a.denominator * b.numerator)


def total(values: Iterable[Fraction]) -> Fraction:
    """Sum of rationals; whole numbers are summed as such first because that is several times faster."""
    whole, parts = 0, Fraction(0)
    for value in values:
        if value.denominator == 1:
            whole += value.numerator
        else:
            parts += value
    return parts + whole if parts else Fraction(whole)


def summed(keys: Iterable[Key], values: Sequence[Fraction]) -> dict[Key, Fraction]:
    """Sums by key; counted in whole numbers over a common denominator, several times faster than in fractions."""
    scale = common_denominator(values)
    if scale is None:
        exact_sums: dict[Key, Fraction] = defaultdict(Fraction)
        for key, value in zip(keys, values, strict=True):
            exact_sums[key] += value
        return exact_sums
    sums: dict[Key, int] = defaultdict(int)
    for key, value in zip(keys, values, strict=True):
        sums[key] += value.numerator * (scale // value.denominator)
    return defaultdict(Fraction, {key: Fraction(value, scale) for key, value in sums.items()})


def common_denominator(values: Iterable[Fraction], most: int = 10**18) -> int | None:
    """The least common denominator; None if it is above ``most`` (amounts of scalable projects have many)."""
    scale = 1
    for denominator in {value.denominator for value in values}:
        scale = math.lcm(scale, denominator)
        if scale > most:
            return None
    return scale


def plain(value: Fraction) -> int | float:
    """A number for a report: whole if it is whole, else the nearest float."""
    return value.numerator if value.denominator == 1 else float(value)


def spell(value: Fraction) -> str:
    """A number for a sentence."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.12g}"
