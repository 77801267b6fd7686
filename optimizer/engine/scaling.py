"""Objectives in numbers that a solver can read: its tolerances on prices are absolute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.engine.program import Floats, Linear

FEW = 64  # columns up to which an objective speaks of summaries (an index, a mean), through which all else is priced
PART = 50  # so it does with one column in this many of a larger program
LITTLE = 1000  # columns below which no column moves an index by next to nothing: what counts in ones stays as it is
READABLE = 2.0**14
SMALL = 1e-3


def readable(linear: Linear) -> tuple[Linear, float]:
    """The objective times a power of two, and that factor; 1 where the objective is large enough as it stands."""
    factor = factor_for(linear.vector)
    if factor == 1.0:
        return linear, 1.0
    return replace(linear, vector=linear.vector * factor, constant=linear.constant * factor), factor


def factor_for(cost: Floats) -> float:
    """The power of two that brings a cost vector to numbers a solver can read.

    An index such as a Gini coefficient moves by 1e-8 when one more person is reached: next to a dual tolerance of 1e-7
    that is nothing, so that a simplex method wanders and ends where the bound it calls proved is none. An objective over
    many columns is enlarged only if most of its coefficients are small, as after a criterion was divided by its range.
    """
    sizes = np.abs(cost[cost != 0])
    largest = float(sizes.max(initial=0.0))
    if largest == 0.0 or largest > 1.0 or (largest == 1.0 and len(cost) < LITTLE):
        return 1.0
    if len(sizes) <= max(FEW, len(cost) // PART):
        return float(2.0 ** np.floor(np.log2(READABLE / largest)))
    usual = float(np.median(sizes))
    return 1.0 if usual > SMALL else float(2.0 ** np.floor(np.log2(min(READABLE / largest, 1.0 / usual))))
