"""Figures as planners write them."""

from __future__ import annotations

NOTHING = 1e-12  # share of a value below which a difference from it is rounding


def figure(value: float, digits: int = 6) -> str:
    """A number with so many digits that count, large ones in full: ``1,397,174`` and never ``1.39717e+06``."""
    text = f"{value:,.{digits}g}"
    return f"{value:,.0f}" if "e+" in text else text


def remainder(value: float, part: float) -> float:
    """``value - part``; 0 where what is left is no more than rounding, as ``-1.46e-13`` of 394."""
    left = value - part
    return 0.0 if abs(left) <= NOTHING * abs(value) else left
