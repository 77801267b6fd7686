"""Points of the unit cube at which the uncertain figures are drawn.

Latin hypercube: M. D. McKay, R. J. Beckman and W. J. Conover, "A comparison of three methods for selecting values of
input variables in the analysis of output from a computer code", Technometrics 21 (1979): every one of ``runs`` equal
slices of each figure's distribution is drawn from exactly once.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.stats import qmc

Sampling = Literal["lhs", "random"]
SAMPLINGS: tuple[Sampling, ...] = ("lhs", "random")


def unit_points(runs: int, width: int, sampling: Sampling, seed: int) -> np.ndarray:
    """``runs`` points of the unit cube of ``width`` dimensions: runs × width.

    Raises
    ------
    ValueError : the sampling is neither ``lhs`` nor ``random``, or there are no runs
    """
    if runs < 1:
        raise ValueError("at least one run is needed")
    if sampling not in SAMPLINGS:
        raise ValueError(f"sampling is one of {', '.join(SAMPLINGS)}, not {sampling}")
    generator = np.random.default_rng(seed)
    if sampling == "random":
        return generator.random((runs, width))
    return np.asarray(qmc.LatinHypercube(d=width, rng=generator).random(runs))
