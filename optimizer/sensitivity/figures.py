"""Figures as planners write them."""

from __future__ import annotations


def figure(value: float, digits: int = 6) -> str:
    """A number with so many digits that count, large ones in full: ``1,397,174`` and never ``1.39717e+06``."""
    text = f"{value:,.{digits}g}"
    return f"{value:,.0f}" if "e+" in text else text
