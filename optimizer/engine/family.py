"""Families: contiguous runs of rows or columns that share a clause or decision, named on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Family:
    """Rows or columns ``start:stop`` of one clause.

    Parameters
    ----------
    name : the clause or decision, such as ``stream_budget``.
    keys : one row for each member, in order; no columns for a clause without an index.
    start, stop : positions in the program.
    """

    name: str
    keys: pd.DataFrame
    start: int
    stop: int

    def __post_init__(self) -> None:
        if len(self.keys) != self.stop - self.start:
            raise ValueError(f"{self.name}: {len(self.keys)} keys for {self.stop - self.start} members")

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def positions(self) -> NDArray[np.int64]:
        """The positions of the members."""
        return np.arange(self.start, self.stop)

    def names(self) -> list[str]:
        """The full names of all members, in order: ``clause[key,key]``, or ``clause`` without keys."""
        if not self.keys.shape[1]:
            return [self.name] * len(self)
        texts = [[str(value) for value in self.keys.iloc[:, k].tolist()] for k in range(self.keys.shape[1])]
        return [f"{self.name}[{','.join(parts)}]" for parts in zip(*texts, strict=True)]

    def name_of(self, position: int) -> str:
        """The full name of the member at a position of the program."""
        if not self.keys.shape[1]:
            return self.name
        return f"{self.name}[{','.join(str(value) for value in self.keys.iloc[position - self.start])}]"

    def index_of(self, position: int) -> str:
        """The index text of a member without the clause (``A,2026``; empty without keys)."""
        return self.name_of(position)[len(self.name) :].removeprefix("[").removesuffix("]")

    def position(self, name: str) -> int:
        """Position of a member by full name; KeyError if it is not here."""
        return self._lookup[name]

    @cached_property
    def _lookup(self) -> dict[str, int]:
        return dict(zip(self.names(), range(self.start, self.stop), strict=True))

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "keys": self.keys, "start": self.start, "stop": self.stop}


class _Part(Family):
    """Members picked from a larger family; their keys are cut out only when somebody asks for names.

    A search makes thousands of sub-programs and reads no name of them.
    """

    def __init__(self, whole: Family, picked: NDArray[np.int64], start: int) -> None:
        for field, value in (("name", whole.name), ("start", start), ("stop", start + len(picked))):
            object.__setattr__(self, field, value)
        object.__setattr__(self, "_whole", whole)
        object.__setattr__(self, "_picked", picked)

    def __getattr__(self, attribute: str) -> Any:
        if attribute != "keys" or "_whole" not in self.__dict__:
            raise AttributeError(attribute)
        keys = self.__dict__["_whole"].keys.iloc[self.__dict__["_picked"]].reset_index(drop=True)
        object.__setattr__(self, "keys", keys)
        return keys

    def __reduce__(self) -> tuple[Any, ...]:
        return Family, (self.name, self.keys, self.start, self.stop)


def renumbered(families: Iterable[tuple[str, pd.DataFrame]]) -> tuple[Family, ...]:
    """Families put one after the other."""
    made: list[Family] = []
    start = 0
    for name, keys in families:
        made.append(Family(name, keys, start, start + len(keys)))
        start += len(keys)
    return tuple(made)


def cut(families: Sequence[Family], keep: NDArray[np.int64]) -> tuple[Family, ...]:
    """The families of the positions in `keep` (ascending), renumbered; empty ones go."""
    if not families or len(keep) == families[-1].stop:
        return tuple(families)
    edges = np.searchsorted(keep, [family.start for family in families] + [families[-1].stop]).tolist()
    return tuple(
        _Part(family, keep[low:high] - family.start, low)
        for family, low, high in zip(families, edges[:-1], edges[1:], strict=True)
        if high > low
    )


def position_of(families: Sequence[Family], name: str) -> int:
    """Position of a full name among families of which several may share a clause name."""
    clause = name.partition("[")[0]
    for family in families:
        if family.name == clause:
            try:
                return family.position(name)
            except KeyError:
                continue
    raise KeyError(name)
