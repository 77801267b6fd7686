"""A front: its points as a table, what is proved of it, and its two files."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.program import Floats

FORMAT = 1
POINTS, ACCOUNT = "front.csv", "front.json"


@dataclass(frozen=True, eq=False)
class Front:
    """What `pareto` answers.

    Attributes
    ----------
    points : point, one column for each criterion (in its own sense), status, gap (share of the first criterion), and
        ``bound_CRITERION``: no plan that is as good in the others has a better value of it
    criteria : sense and unit by name
    kind : ``integer``, ``continuous`` or ``mixed``
    complete : whether every nondominated point is in the table (or lies on its edges), and is proved to be one
    why_not : why it is not complete; empty if it is
    stopped : what limit or failure cut the work short; empty where everything asked for was done
    ideal, nadir : best and worst value of each criterion over the points
    resolution : differences of a criterion below this count as none
    subproblems : one row for each problem solved: what was asked and how it ended
    edges : two criteria of a continuous problem: from, to, rate (change of the second for one more of the first), proved
    unreachable : corners; no plan is better than a corner in every criterion at once (empty cells: no limit)
    halfspaces : three and more criteria of a continuous problem: Σ coefficient × criterion ≥ least for every plan
    error : the same: share of each range within which the points are proved to approximate the front; else None
    fingerprint : of the program and the criteria
    x : the point of the program of each row, None where it was read from a file
    """

    points: pd.DataFrame
    criteria: Mapping[str, Mapping[str, str]]
    kind: str
    complete: bool
    why_not: str
    stopped: str
    subproblems: pd.DataFrame
    resolution: Mapping[str, float]
    fingerprint: str
    edges: pd.DataFrame = field(default_factory=pd.DataFrame)
    unreachable: pd.DataFrame = field(default_factory=pd.DataFrame)
    halfspaces: pd.DataFrame = field(default_factory=pd.DataFrame)
    error: float | None = None
    x: tuple[Floats | None, ...] = ()
    plan_of: Callable[[int], Any] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, point: int) -> Any:
        """The audited plan of a point (1 = first), made when it is asked for.

        Raises
        ------
        IndexError : there is no such point
        ValueError : the front was read from files, without its instance
        """
        if not 1 <= point <= len(self):
            raise IndexError(f"there is no point {point}; the front has 1 to {len(self)}")
        if self.plan_of is None:
            raise ValueError("this front was read without its instance; give it to pareto(…, continued=…) for plans")
        return self.plan_of(point)

    @property
    def names(self) -> list[str]:
        """The criteria in order."""
        return list(self.criteria)

    @property
    def ideal(self) -> dict[str, float]:
        """Best value of each criterion over the points."""
        return {name: self._end(name, best=True) for name in self.names}

    @property
    def nadir(self) -> dict[str, float]:
        """Worst value of each criterion over the points."""
        return {name: self._end(name, best=False) for name in self.names}

    def _end(self, name: str, *, best: bool) -> float:
        column = self.points[name]
        return float(column.max() if (self.criteria[name]["sense"] == "max") == best else column.min())

    def shares(self) -> Floats:
        """Points as shares of the ranges: 0 ideal, 1 nadir (0 where both are equal)."""
        ideal, nadir = (np.array([end[name] for name in self.names]) for end in (self.ideal, self.nadir))
        size = nadir - ideal
        values = self.points[self.names].to_numpy(float)
        return np.asarray(np.where(size != 0, (values - ideal) / np.where(size != 0, size, 1.0), 0.0))

    @property
    def knee(self) -> int | None:
        """The point that bulges furthest towards the ideal from the plane through the ends (I. Das, "On characterizing
        the knee of the Pareto curve based on Normal-Boundary Intersection", Structural Optimization 18, 1999).

        None where no point lies on the ideal's side of that plane.
        """
        if len(self) < 3:
            return None
        bulge = 1.0 - self.shares().sum(axis=1)
        return None if bulge.max() <= 1e-9 else int(self.points["point"].iloc[int(bulge.argmax())])

    # -- files -----------------------------------------------------------------------------------------------------

    def account(self) -> dict[str, Any]:
        """What ``front.json`` holds."""
        return {
            "format": FORMAT, "kind": self.kind, "criteria": {k: dict(v) for k, v in self.criteria.items()},
            "complete": self.complete, "why_not": self.why_not, "stopped": self.stopped, "points": len(self),
            "ideal": self.ideal, "nadir": self.nadir, "knee": self.knee, "resolution": dict(self.resolution),
            "error": self.error, "fingerprint": self.fingerprint,
            "edges": _records(self.edges), "unreachable": _records(self.unreachable),
            "halfspaces": _records(self.halfspaces), "subproblems": _records(self.subproblems),
        }

    def write(self, folder: str | Path) -> Path:
        """Write ``front.csv`` and ``front.json``."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        self.points.to_csv(place / POINTS, index=False, lineterminator="\n", encoding="utf-8")
        text = json.dumps(self.account(), indent=1, ensure_ascii=False, allow_nan=False)
        (place / ACCOUNT).write_text(text + "\n", encoding="utf-8")
        return place

    @classmethod
    def read(cls, folder: str | Path) -> Front:
        """Read a front that was written.

        Raises
        ------
        ValueError : the files are not those of a front
        OSError : they cannot be read
        """
        place = Path(folder)
        try:
            told = json.loads((place / ACCOUNT).read_text(encoding="utf-8"))
            points = pd.read_csv(place / POINTS)
            if told["format"] != FORMAT or not set(told["criteria"]) <= set(points):
                raise ValueError("it is of another format")
            return cls(
                points, told["criteria"], told["kind"], bool(told["complete"]), str(told["why_not"]), str(told["stopped"]),
                pd.DataFrame(told["subproblems"]), told["resolution"], str(told["fingerprint"]), pd.DataFrame(told["edges"]),
                pd.DataFrame(told["unreachable"]), pd.DataFrame(told["halfspaces"]), told["error"], (None,) * len(points),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{place} does not hold a front: {error}") from error


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
