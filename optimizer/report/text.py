"""Numbers and names as people read them."""

from __future__ import annotations

import math


def number(value: float | None, digits: int = 1) -> str:
    """``1,234.5``; whole numbers without decimals; a dash where nothing is known."""
    if value is None or math.isnan(value):
        return "–"
    if value == round(value) or abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:,.{digits}f}" if abs(value) >= 1 else f"{value:,.3g}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share as ``12.3 %``."""
    return "–" if value is None or math.isnan(value) else f"{100 * value:.{digits}f} %"


def signed(value: float | None, digits: int = 1) -> str:
    """A change with its sign."""
    if value is None or math.isnan(value):
        return "–"
    return ("+" if value > 0 else "") + number(value, digits).replace("-", "−")


def count(many: int, one: str, several: str) -> str:
    """``1 county``, ``3 counties``."""
    return f"{many:,} {one if many == 1 else several}"
