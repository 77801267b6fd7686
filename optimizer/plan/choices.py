"""What solving hands over: the whole-unit decisions, and what the solver claims about them.

Everything else in a plan is derived from `Choices` by `optimizer.plan.assemble`; `Claims` are repeated in the plan
as claims, never as facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

COLUMNS: dict[str, tuple[str, ...]] = {
    "transfers": ("stream", "county", "category", "period", "money"),
    "placed": ("stream", "county", "category", "period", "money"),
    "support": ("donor", "county", "period", "money"),
    "pairs": ("donor", "county"),
    "starts": ("project", "start", "amount"),
    "direct": ("county", "need", "period", "money"),
}
_NUMBERS = {"period": "int64", "start": "int64", "money": "float64", "amount": "float64"}


@dataclass(frozen=True, eq=False)
class Choices:
    """Whole-unit decisions.

    Attributes
    ----------
    transfers : stream, county, category, period, money (transfer streams; multiples of the step)
    placed : stream, county, category, period, money (pairing streams; multiples of the step)
    support : donor, county, period, money (multiples of the step)
    pairs : donor, county (chosen pairs)
    starts : project, start, amount (1 for an indivisible project)
    direct : county, need, period, money (direct support; multiples of the step)
    """

    transfers: pd.DataFrame
    placed: pd.DataFrame
    support: pd.DataFrame
    pairs: pd.DataFrame
    starts: pd.DataFrame
    direct: pd.DataFrame

    @classmethod
    def of(cls, **tables: pd.DataFrame | list[tuple[Any, ...]]) -> Choices:
        """Make choices from frames or lists of rows; a table not named is empty, rows of zero are dropped."""
        unknown = set(tables) - set(COLUMNS)
        if unknown:
            raise TypeError(f"no such table of choices: {', '.join(sorted(unknown))}; there are {', '.join(COLUMNS)}")
        return cls(**{name: _table(name, tables.get(name, [])) for name in COLUMNS})


def _table(name: str, rows: pd.DataFrame | list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = list(COLUMNS[name])
    frame = rows[columns] if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=columns)
    frame = frame.astype({column: _NUMBERS.get(column, "str") for column in columns})
    for value in ("money", "amount"):
        if value in columns:
            frame = frame[frame[value] != 0]
    keys = [column for column in columns if column not in ("money", "amount")]
    return frame.sort_values(keys, ignore_index=True)


@dataclass(frozen=True)
class Level:
    """What the solver claims of one level of the method.

    Attributes
    ----------
    criterion : the criterion of the level
    sense : ``max`` or ``min``
    modelled_value : value of the model's solution before rounding to whole units
    bound : proven bound; no plan can be better
    """

    criterion: str
    sense: str
    modelled_value: float
    bound: float


@dataclass(frozen=True)
class Claims:
    """The solver's claims about a plan.

    Attributes
    ----------
    status : outcome in FORMAT's words, such as ``optimal`` or ``within_gap``
    method : ``single``, ``weighted``, ``lexicographic``, ``goal`` or ``reference``
    levels : one entry a level, in the order solved
    rounding : (rule, index) of hard rules proven to have no whole-unit plan that meets them, with the proof as text
    seconds : seconds by stage; goes to ``run.json`` only
    started : ISO time; goes to ``run.json`` only
    settings : the solver settings used
    versions : package → version
    scenario : name of the scenario, None = none
    ranges : criterion → what a weighted, goal or reference method divided it by
    leximin : criterion → its levels from the worst on: level, value, total, bound, units, proved
    ideals : (outcome, units) → unit → the largest outcome it could have alone, by the solver's bound; Kalai–Smorodinsky
        is measured against it
    unaudited : sentences on what the audit cannot know, such as an analyst's own constraints
    """

    status: str = "optimal"
    method: str = "single"
    levels: tuple[Level, ...] = ()
    rounding: Mapping[tuple[str, str], str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    started: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    scenario: str | None = None
    ranges: Mapping[str, float] = field(default_factory=dict)
    leximin: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    ideals: Mapping[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)
    unaudited: tuple[str, ...] = ()
