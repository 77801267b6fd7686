"""A range of money as a planner writes it, and money in millions of yuan."""

from __future__ import annotations

from fractions import Fraction

from optimizer.instance.changes import parse_value
from optimizer.instance.instance import Instance
from optimizer.sensitivity.asked import refused

YUAN_A_MILLION = 1e6


def factor_of(given: str | float, total: float) -> float:
    """``"80%"``, ``"-20%"`` and ``"x0.8"`` as shares of the money there is; a plain number is money.

    Raises
    ------
    InstanceError : it is none of these
    """
    factor = parse_value(given).factor
    if factor is not None:
        return float(factor)
    text = str(given).strip()
    try:
        return float(Fraction(text.removesuffix("%").strip())) / 100 if text.endswith("%") else float(Fraction(text)) / total
    except (ValueError, ZeroDivisionError):
        raise refused(f"'{given}' is no budget", "Write 80%, -20%, x0.8 or an amount of money", "command line") from None


def million_of(instance: Instance) -> float:
    """One million yuan in the instance's unit of money."""
    return YUAN_A_MILLION / instance.settings.money.yuan
