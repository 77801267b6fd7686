"""Rows found only when they are needed: what a convex condition says near a point that breaks it."""

from __future__ import annotations

from typing import Protocol

from optimizer.engine.arrays import Floats
from optimizer.engine.derive import ExtraRows


class Cutting(Protocol):
    """A condition that a program holds through as many rows as needed; each holds for every plan."""

    @property
    def name(self) -> str:
        """The criterion or rule it belongs to."""
        ...

    def cut(self, x: Floats) -> ExtraRows | None:
        """Rows that ``x`` breaks by more than the tolerance; None where it breaks none."""
        ...
