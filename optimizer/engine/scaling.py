"""Objectives in numbers that a solver can read: its tolerances on prices are absolute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.engine.program import Linear

FEW = 64  # columns up to which an objective speaks of summaries (an index, a mean), through which all else is priced
READABLE = 2.0**14
SMALL = 1e-3


def readable(linear: Linear) -> tuple[Linear, float]:
    """The objective times a power of two, and that factor; 1 where the objective is large enough as it stands.

    An index such as a Gini coefficient moves by 1e-8 when one more person is reached: next to a dual tolerance of 1e-7
    that is nothing, and a simplex method wanders. An objective over many columns is enlarged only if all its coefficients
    are small, as after a criterion was divided by its range.
    """
    largest = float(np.abs(linear.vector).max(initial=0.0))
    few = np.count_nonzero(linear.vector) <= FEW
    if largest == 0.0 or largest > (1.0 if few else SMALL):
        return linear, 1.0
    factor = 2.0 ** np.floor(np.log2((READABLE if few else 1.0) / largest))
    return replace(linear, vector=linear.vector * factor, constant=linear.constant * factor), float(factor)
