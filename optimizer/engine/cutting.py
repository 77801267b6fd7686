"""Rows found only when they are needed: what a convex condition says near a point that breaks it."""

from __future__ import annotations

from typing import Protocol

from optimizer.engine.arrays import Floats, Ints
from optimizer.engine.derive import ExtraRows


class Cutting(Protocol):
    """A condition that a program holds through as many rows as needed; each holds for every plan."""

    @property
    def name(self) -> str:
        """The criterion or rule it belongs to."""
        ...

    @property
    def tolerance(self) -> float:
        """How far its value may be from the true one, as a share of what it is relative to."""
        ...

    @property
    def columns(self) -> Ints:
        """The columns that stand for the value of the condition and for nothing else."""
        ...

    def excess(self, x: Floats) -> float:
        """By how many times its tolerance ``x`` breaks it: 1 and less is kept."""
        ...

    def worth(self, vector: Floats, x: Floats) -> float:
        """What its tolerance is worth in an objective ``vector`` near ``x``."""
        ...

    def repaired(self, x: Floats) -> Floats:
        """``x`` with its columns at the true value; whether other rows allow that is not asked."""
        ...

    def cut(self, x: Floats) -> ExtraRows | None:
        """Rows that ``x`` breaks by more than the tolerance; None where it breaks none."""
        ...
