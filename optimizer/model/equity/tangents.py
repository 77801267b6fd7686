"""Concave and convex functions of outcomes by tangents, one column for the function of each unit.

A function of one variable lies on one side of its tangents, and so does its perspective s·f(u/s), which is as concave
or convex as f and scales with (u, s) (Boyd & Vandenberghe, *Convex Optimization*, 2004, section 3.2.6):

    s·f(u/s) ≤ f'(r)·u + (f(r) − r·f'(r))·s   for every r > 0 where f is concave (≥ where it is convex)

Tangents unit by unit lose far less than tangents of the whole sum: each point where one is needed serves its unit alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.arrays import Floats, Ints
from optimizer.engine.derive import ExtraRows

LEAST = 1e-7  # share of the largest ratio below which no tangent touches: slopes would be past what a solver can read


@dataclass(frozen=True)
class Power:
    """(r^(1−α) − 1)/(1−α), ln r where α = 1: concave, 0 and of slope 1 at r = 1 (Atkinson 1970)."""

    alpha: float
    concave: bool = True

    def value(self, r: Floats) -> Floats:
        """The function; at 0 its limit, which is −inf for α ≥ 1."""
        with np.errstate(divide="ignore"):
            if self.alpha == 1:
                return np.asarray(np.log(r))
            return np.asarray((np.power(r, 1 - self.alpha) - 1) / (1 - self.alpha))

    def slope(self, r: Floats) -> Floats:
        """Its derivative."""
        return np.asarray(np.power(r, -self.alpha))


@dataclass(frozen=True)
class Entropy:
    """r·ln r: convex (Theil 1967)."""

    concave: bool = False

    def value(self, r: Floats) -> Floats:
        """The function; 0 at 0."""
        return np.asarray(r * np.log(np.where(r > 0, r, 1.0)))

    def slope(self, r: Floats) -> Floats:
        """Its derivative."""
        return np.asarray(np.log(r) + 1)


Curve = Power | Entropy


@dataclass(frozen=True, eq=False)
class Tangents:
    """The tangents of one criterion or rule (`optimizer.engine.cutting.Cutting`).

    Attributes
    ----------
    name : the criterion or rule
    units : their keys
    curve : the function
    outcome, image : the columns of each unit's outcome and of s·f(outcome/s)
    share : weights that add up to 1
    scale : the column s (-1: s = 1)
    least : the smallest ratio at which a tangent touches
    tolerance : how far the mean of the images may lie past the true one, as a share of ``scale``, or for s = 1 of the
        outcome that, had by all, were as good
    """

    name: str
    units: pd.DataFrame
    curve: Curve
    outcome: Ints
    image: Ints
    share: Floats
    scale: int
    least: Floats
    tolerance: float

    @property
    def _side(self) -> float:
        return 1.0 if self.curve.concave else -1.0

    @property
    def columns(self) -> Ints:
        """The columns of the images."""
        return self.image

    def excess(self, x: Floats) -> float:
        """By how many times its tolerance the mean of the images lies past the true one."""
        read = self._read(x)
        if read is None:
            return 0.0
        ratio, _, past = read
        return float(self.share @ np.maximum(past, 0.0)) / (self.tolerance * self._unit(ratio))

    def worth(self, vector: Floats, x: Floats) -> float:
        """What the tolerance of the images' mean is worth in an objective; images count there by their shares."""
        read = self._read(x)
        if read is None:
            return 0.0
        price = float(np.max(np.abs(vector[self.image]) / self.share, initial=0.0, where=self.share > 0))
        return price * self._scale(x) * self.tolerance * self._unit(read[0])

    def repaired(self, x: Floats) -> Floats:
        """``x`` with every image on the function (on its last tangent where the ratio is smaller than any that touches)."""
        read = self._read(x)
        if read is None:
            return x
        ratio, touch, _ = read
        out = x.copy()
        out[self.image] = self._scale(x) * self._tangent(touch, ratio)
        return out

    def cut(self, x: Floats) -> ExtraRows | None:
        """Tangents at ``x``, of the units whose image lies past the function by more than their part."""
        read = self._read(x)
        if read is None or self.excess(x) <= 1.0:
            return None
        ratio, touch, past = read
        chosen = np.flatnonzero(past > 0.1 * self.tolerance * self._unit(ratio))
        return self.rows(chosen, touch[chosen]) if len(chosen) else None

    def _scale(self, x: Floats) -> float:
        return 1.0 if self.scale < 0 else max(float(x[self.scale]), 0.0)

    def _read(self, x: Floats) -> tuple[Floats, Floats, Floats] | None:
        """Ratios, where their tangents touch, and how far the images lie past these; None where nothing is shared out."""
        scale = self._scale(x)
        if scale <= 1e-12:
            return None
        ratio = np.maximum(x[self.outcome], 0.0) / scale
        touch = np.maximum(ratio, self.least)
        return ratio, touch, self._side * (x[self.image] / scale - self._tangent(touch, ratio))

    def _tangent(self, touch: Floats, ratio: Floats) -> Floats:
        """The tangent at ``touch``, read at ``ratio``."""
        return self.curve.value(touch) + self.curve.slope(touch) * (ratio - touch)

    def _unit(self, ratio: Floats) -> float:
        """What the tolerance is a share of, in images: 1 under a scale; else what 100 % of the equal outcome would change."""
        if self.scale >= 0 or not isinstance(self.curve, Power):
            return 1.0
        mean = float(self.share @ self.curve.value(np.maximum(ratio, self.least)))
        return max((1 - self.curve.alpha) * mean + 1, 1e-12)  # equal outcome to the power 1 − α

    def rows(self, chosen: Ints, touch: Floats) -> ExtraRows:
        """The tangents of the chosen units at these ratios."""
        slope = self.curve.slope(touch)
        rest = self.curve.value(touch) - touch * slope
        size = np.maximum(np.maximum(1.0, np.abs(slope)), np.abs(rest))
        at = np.arange(len(chosen))
        entries, row, column = [1 / size, -slope / size], [at, at], [self.image[chosen], self.outcome[chosen]]
        if self.scale >= 0:
            entries, row, column = [*entries, -rest / size], [*row, at], [*column, np.full(len(at), self.scale)]
        columns = np.concatenate(column)
        matrix = sparse.csr_matrix(
            (np.concatenate(entries), (np.concatenate(row), columns)), shape=(len(chosen), int(columns.max(initial=0)) + 1))
        limit = np.zeros(len(at)) if self.scale >= 0 else rest / size
        keys = self.units.iloc[chosen].reset_index(drop=True).assign(touch=touch)
        name = f"tangent_{self.name}"
        return (ExtraRows(name, keys, matrix, upper=limit) if self.curve.concave
                else ExtraRows(name, keys, matrix, lower=limit))
