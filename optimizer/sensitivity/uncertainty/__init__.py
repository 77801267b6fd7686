"""Uncertain figures: draws of them, plans made for them, overlapping effects and wrong registers."""

from optimizer.sensitivity.uncertainty.distributions import Distribution
from optimizer.sensitivity.uncertainty.overlap import Overlap, overlap
from optimizer.sensitivity.uncertainty.study import Uncertainty, uncertainty

__all__ = ["Distribution", "Overlap", "Uncertainty", "overlap", "uncertainty"]
