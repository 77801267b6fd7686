"""Kalai–Smorodinsky: how far each unit is on the way to the best it could have.

Source: Kalai & Smorodinsky, "Other solutions to Nash's bargaining problem", Econometrica 43 (1975); as a criterion, Chen &
Hooker (2023). The ideals are optima of their own, one for each unit, so they are given and not worked out from a plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def kalai(outcomes: Sequence[Fraction], ideals: Sequence[Fraction]) -> Fraction | None:
    """The least share u_i / ideal_i that a unit has of its ideal; units whose ideal is not above 0 are left out.

    Parameters
    ----------
    outcomes, ideals : of the same units in the same order, high being good; None if no unit is left
    """
    shares = [outcome / ideal for outcome, ideal in zip(outcomes, ideals, strict=True) if ideal > 0]
    return min(shares, default=None)
