"""Roots and logarithms of fractions to a stated number of digits."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

DIGITS = 50
#: Worked with are so many digits more: differences of nearly equal numbers lose some.
GUARD = 40
WORK = Context(prec=DIGITS + GUARD, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX)
_ROUND = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX)


def decimal(value: Fraction) -> Decimal:
    """A fraction to the working precision."""
    return WORK.divide(Decimal(value.numerator), Decimal(value.denominator))


def rounded(value: Decimal) -> Fraction:
    """A result, rounded to ``DIGITS`` significant digits."""
    return Fraction(_ROUND.plus(value))


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """base ** exponent for base > 0; a base of 0 with an exponent above 0 gives 0."""
    return WORK.power(base, exponent) if base else Decimal(0)


def weighted_mean(values: list[Decimal], weights: tuple[int, ...]) -> Decimal:
    """Σ w·v / Σ w."""
    top = Decimal(0)
    for value, weight in zip(values, weights, strict=True):
        top = WORK.add(top, WORK.multiply(Decimal(weight), value))
    return WORK.divide(top, Decimal(sum(weights)))
