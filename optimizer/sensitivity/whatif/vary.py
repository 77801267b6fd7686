"""Which runs a sweep makes: the full grid of some keys, or a table with one row for each run.

A key is a KEY of the instance format; a value is what ``--set`` takes. Numbers are absolute, factors are texts such as
``x1.1`` or ``+10%`` (`optimizer.times` makes a list of them). The last key of a grid moves quickest, so that neighbouring
runs ask neighbouring questions.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.instance.changes import apply_changes, parse_vary
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.folder import number_text
from optimizer.instance.instance import Instance
from optimizer.instance.normal import plain

Asked = Mapping[str, Any] | Sequence[Mapping[str, Any]] | pd.DataFrame | str | Path


@dataclass(frozen=True)
class Grid:
    """The runs of a sweep.

    Attributes
    ----------
    keys : every KEY that some run changes
    runs : for each run, KEY → VALUE in the order of ``keys``; a key that a run leaves alone is missing
    """

    keys: tuple[str, ...]
    runs: tuple[Mapping[str, Any], ...]

    def __len__(self) -> int:
        return len(self.runs)

    def cells(self, run: int) -> list[str]:
        """The values of a run as texts, one for each key; empty where the run leaves it alone."""
        return [text_of(self.runs[run][key]) if key in self.runs[run] else "" for key in self.keys]

    @property
    def digest(self) -> str:
        """SHA-256 of the keys and of every value, to tell one sweep from another."""
        whole = [list(self.keys), *(self.cells(run) for run in range(len(self)))]
        return hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()


def grid_of(asked: Asked, instance: Instance) -> Grid:
    """The runs that are asked for.

    Parameters
    ----------
    asked : KEY → values (their full grid; one value alone counts as a list of one), or a table of runs: a list of
        mappings, a data frame or a CSV file with one column for each KEY, where a blank leaves the key alone

    Raises
    ------
    InstanceError : a key matches nothing, or none of its values can be given to it; or there are no runs
    """
    grid = _product(asked) if isinstance(asked, Mapping) else _table(asked)
    if not grid.runs or not grid.keys:
        raise InstanceError([Finding("sweep", None, None, None, "asks for no run", "Give at least one key with values")])
    _every_key_fits(grid, instance)
    return grid


def parsed_varies(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Every ``KEY=FROM:TO:POINTS`` or ``KEY=A,B`` of a command line as KEY → values.

    Raises
    ------
    InstanceError : with all that are written otherwise, and keys that are named twice
    """
    out: dict[str, tuple[str, ...]] = {}
    found: list[Finding] = []
    for text in texts:
        try:
            key, values = parse_vary(text)
            if key in out:
                raise ValueError(f"{key} is varied twice")
            out[key] = values
        except ValueError as error:
            mend = "Write KEY=FROM:TO:POINTS or KEY=A,B,C, for example budget.central=x0.5:x2:61"
            found.append(Finding("--vary", None, text, None, str(error), mend))
    if found:
        raise InstanceError(found)
    return out


def _product(asked: Mapping[str, Any]) -> Grid:
    keys = tuple(str(key) for key in asked)
    values = [_values(given) for given in asked.values()]
    return Grid(keys, tuple(dict(zip(keys, chosen, strict=True)) for chosen in itertools.product(*values)))


def _values(given: Any) -> list[Any]:
    """The values of one key; a single one is a list of one."""
    given = plain(given)
    if isinstance(given, str | int | float) or given is None:
        return [given]
    return [plain(value) for value in given]


def _table(asked: Sequence[Mapping[str, Any]] | pd.DataFrame | str | Path) -> Grid:
    if isinstance(asked, str | Path):
        rows = _read(Path(asked))
    elif isinstance(asked, pd.DataFrame):
        rows = [{str(key): value for key, value in row.items()} for row in asked.to_dict("records")]
    else:
        rows = [{str(key): value for key, value in row.items()} for row in asked]
    keys = tuple(dict.fromkeys(key for row in rows for key in row))
    runs = [{key: plain(row[key]) for key in keys if key in row and not _blank(row[key])} for row in rows]
    return Grid(tuple(key for key in keys if any(key in run for run in runs)), tuple(runs))


def _read(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; a row that is longer than the header is refused."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for number, row in enumerate(rows, start=2):
        if None in row:
            raise InstanceError([Finding(file.name, number, None, None, "has more cells than the header",
                                         "Put values that hold a comma in quotes")])
    return rows


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value) or (isinstance(value, str) and not value.strip())


def text_of(value: Any) -> str:
    """A value as it stands in ``runs.csv``: numbers in their shortest form, truth values as 1 and 0, lists as JSON."""
    if isinstance(value, bool | int | float):
        return number_text(float(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _every_key_fits(grid: Grid, instance: Instance) -> None:
    """Refuse keys that match nothing. One value that can be given is enough: the others may fail in their own runs."""
    findings: list[Finding] = []
    for key in grid.keys:
        first: InstanceError | None = None
        for value in {text_of(run[key]): run[key] for run in grid.runs if key in run}.values():
            try:
                apply_changes(instance, [(key, value)], "sweep")
                first = None
                break
            except InstanceError as error:
                first = first or error
        findings += [] if first is None else first.findings
    if findings:
        raise InstanceError(findings)
