"""Columns of exact numbers: the decimals as written, added and compared without rounding.

A plan's amounts are decimals (money in steps, shares, unit costs). Their binary neighbours do not add up exactly, so
everything here counts in whole numbers over one denominator a column: fast enough for every row of a national plan,
and never off by a bit. Where a number is not a decimal (the amount of a scalable project), the numerator is a
`Fraction`; the arithmetic is the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

Number = int | Fraction
FEW = 2000  # rows up to which a dictionary finds its way ten times as quickly as an index of tables


def fraction(value: float | int | Fraction) -> Fraction:
    """The decimal as written: ``fraction(0.1)`` is 1/10."""
    if isinstance(value, Fraction):
        return value
    return Fraction(repr(float(value)))


@dataclass(frozen=True, eq=False)
class Exact:
    """A column of exact numbers, ``numerators / denominator``.

    Attributes
    ----------
    numerators : object array of ``int`` (or ``Fraction``), one an entry
    denominator : positive whole number, common to the column
    """

    numerators: np.ndarray
    denominator: int = 1

    @classmethod
    def of(cls, values: Iterable[Any]) -> Exact:
        """Read floats as the decimals they print as; a blank (NaN) counts as 0, an infinity is a ValueError."""
        array = np.asarray(values, dtype=float)
        codes, unique = pd.factorize(np.where(np.isnan(array), 0.0, array))
        decimals = [Decimal(repr(float(value))) for value in unique]
        places = max((-int(number.as_tuple().exponent) for number in decimals), default=0)
        places = max(places, 0)
        whole = np.empty(len(decimals), dtype=object)
        whole[:] = [int(number.scaleb(places)) for number in decimals]
        return cls(whole[codes] if len(array) else np.empty(0, dtype=object), 10**places)

    @classmethod
    def whole(cls, values: Iterable[Any]) -> Exact:
        """A column of Python whole numbers or fractions."""
        listed = list(values)
        out = np.empty(len(listed), dtype=object)
        out[:] = listed
        return cls(out, 1)

    @classmethod
    def constant(cls, value: float | int | Fraction, count: int) -> Exact:
        """The same number ``count`` times."""
        number = fraction(value)
        out = np.empty(count, dtype=object)
        out[:] = number.numerator
        return cls(out, number.denominator)

    def __len__(self) -> int:
        return len(self.numerators)

    def __getitem__(self, chosen: Any) -> Exact:
        return Exact(self.numerators[chosen], self.denominator)

    def at(self, position: int) -> Fraction:
        """One entry."""
        return Fraction(self.numerators[position]) / self.denominator

    def over(self, denominator: int) -> np.ndarray:
        """Numerators over another denominator, a multiple of this one."""
        return self.numerators if denominator == self.denominator else self.numerators * (denominator // self.denominator)

    def __add__(self, other: Exact) -> Exact:
        common = math.lcm(self.denominator, other.denominator)
        return Exact(self.over(common) + other.over(common), common)

    def __sub__(self, other: Exact) -> Exact:
        common = math.lcm(self.denominator, other.denominator)
        return Exact(self.over(common) - other.over(common), common)

    def __mul__(self, other: Exact) -> Exact:
        return Exact(self.numerators * other.numerators, self.denominator * other.denominator)

    def times(self, factor: float | int | Fraction) -> Exact:
        """Every entry times one number."""
        number = fraction(factor)
        return Exact(self.numerators * number.numerator, self.denominator * number.denominator)

    def floor(self) -> np.ndarray:
        """Largest whole numbers not above the entries, as an object array."""
        return np.asarray(self.numerators // self.denominator)

    def least(self, other: Exact) -> Exact:
        """Entry by entry the smaller of two columns."""
        common = math.lcm(self.denominator, other.denominator)
        return Exact(np.minimum(self.over(common), other.over(common)), common)

    def most(self, other: Exact) -> Exact:
        """Entry by entry the larger of two columns."""
        common = math.lcm(self.denominator, other.denominator)
        return Exact(np.maximum(self.over(common), other.over(common)), common)

    def below(self, other: Exact) -> np.ndarray:
        """Where an entry is smaller than the other's (boolean)."""
        common = math.lcm(self.denominator, other.denominator)
        return np.asarray(self.over(common) < other.over(common), dtype=bool)

    def positive(self) -> np.ndarray:
        """Where an entry is above 0 (boolean)."""
        return np.asarray(self.numerators > 0, dtype=bool)

    def nonzero(self) -> np.ndarray:
        """Where an entry is not 0 (boolean)."""
        return np.asarray(self.numerators != 0, dtype=bool)

    def total(self) -> Fraction:
        """The sum of all entries."""
        return Fraction(sum(self.numerators.tolist(), start=0)) / self.denominator

    def sum_by(self, codes: np.ndarray, groups: int) -> Exact:
        """Sums by group: ``codes`` are group positions, -1 = in none."""
        return self._by(np.add, codes, groups)

    def max_by(self, codes: np.ndarray, groups: int) -> Exact:
        """Largest entries by group, 0 for a group without any: ``codes`` are group positions, -1 = in none."""
        return self._by(np.maximum, codes, groups)

    def _by(self, joined: np.ufunc, codes: np.ndarray, groups: int) -> Exact:
        out = np.zeros(groups, dtype=object)
        codes = np.asarray(codes)
        inside = np.flatnonzero(codes >= 0)
        if len(inside):
            order = inside[np.argsort(codes[inside], kind="stable")]
            sorted_codes = codes[order]
            starts = np.flatnonzero(np.r_[True, sorted_codes[1:] != sorted_codes[:-1]])
            out[sorted_codes[starts]] = joined.reduceat(self.numerators[order], starts)
        return Exact(out, self.denominator)

    def floats(self) -> np.ndarray:
        """The nearest floats; decimals come back as they were written."""
        return np.asarray([_nearest(n, self.denominator) for n in self.numerators.tolist()], dtype=float)

    def ratio(self, other: Exact) -> np.ndarray:
        """Nearest floats of the quotients; NaN where the other is 0."""
        top = (self.numerators * other.denominator).tolist()
        low = (other.numerators * self.denominator).tolist()
        return np.asarray([_quotient(a, b) if b else math.nan for a, b in zip(top, low, strict=True)], dtype=float)


def _nearest(numerator: Number, denominator: int) -> float:
    return numerator / denominator if isinstance(numerator, int) else float(numerator / denominator)


def _quotient(top: Number, low: Number) -> float:
    return top / low if isinstance(top, int) and isinstance(low, int) else float(Fraction(top) / Fraction(low))


def join(columns: Iterable[Exact]) -> Exact:
    """Several columns one below the other."""
    listed = list(columns)
    common = math.lcm(*(column.denominator for column in listed)) if listed else 1
    return Exact(np.concatenate([column.over(common) for column in listed]) if listed else np.empty(0, dtype=object), common)


def codes_of(frame: pd.DataFrame, keys: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Group positions of the rows by ``keys`` and the sorted table of groups."""
    if not len(frame):
        return np.empty(0, dtype=np.int64), frame[keys].iloc[:0].reset_index(drop=True)
    grouped = frame.groupby(keys, sort=True)
    groups = grouped.size().index.to_frame(index=False)
    return np.asarray(grouped.ngroup(), dtype=np.int64), groups


def locate(frame: pd.DataFrame, index: pd.DataFrame, keys: list[str]) -> np.ndarray:
    """Position in ``index`` (unique keys) of each row of ``frame``, -1 where there is none."""
    if not len(frame) or not len(index):
        return np.full(len(frame), -1, dtype=np.int64)
    if len(keys) == 1:
        return np.asarray(pd.Index(index[keys[0]]).get_indexer(pd.Index(frame[keys[0]])), dtype=np.int64)
    if len(frame) + len(index) <= FEW:
        held, asked = (list(zip(*(table[key].tolist() for key in keys), strict=True)) for table in (index, frame))
        places = {row: at for at, row in enumerate(held)}
        if len(places) == len(index) and all(value == value for row in (*held, *asked) for value in row):  # no cell is blank
            return np.asarray([places.get(row, -1) for row in asked], dtype=np.int64)
    return np.asarray(
        pd.MultiIndex.from_frame(index[keys]).get_indexer(pd.MultiIndex.from_frame(frame[keys])), dtype=np.int64
    )
