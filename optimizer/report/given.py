"""Folders named with ``--with``: what each holds is told by its content, not by its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.instance.findings import Finding, InstanceError
from optimizer.methods.pareto.front import Front
from optimizer.plan.plan import Plan
from optimizer.plan.reading import is_plan, read_plan


@dataclass(frozen=True, eq=False)
class Result:
    """The tables of one folder of results.

    Attributes
    ----------
    kind : sensitivity, curve, tornado, sweep, front, fairness or recommend
    name : of the folder
    table : the table that tells the kind
    more : further tables or an account, by name
    """

    kind: str
    name: str
    table: pd.DataFrame
    more: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Given:
    """Everything that was named: results in order, and other plans by the names of their folders."""

    results: tuple[Result, ...] = ()
    plans: tuple[tuple[str, Plan], ...] = ()

    def of(self, kind: str) -> list[Result]:
        """The results of one kind."""
        return [result for result in self.results if result.kind == kind]


#: File that tells a kind → (kind, columns that must be in it). In this order: a tornado's folder has the runs of a sweep too.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sensitivity.csv": ("sensitivity", ("tier", "kind", "index", "value", "price_up", "price_down", "low", "high", "unit")),
    "curve.csv": ("curve", ("budget", "factor", "value", "low", "high", "price_per_million", "tier")),
    "tornado.csv": ("tornado", ("rank", "key", "low", "high", "value_low", "value_high", "change_low", "change_high", "swing")),
    "runs.csv": ("sweep", ("run", "status", "exit")),
    "front.csv": ("front", ("point", "status")),
    "fairness.csv": ("fairness", ("plan", "status", "coverage", "price_percent", "gain", "lose")),
    "recommendations.csv": ("recommend", ("county", "rank", "donor", "fit", "people_change", "price_low", "price_high")),
}
TEXT = frozenset({"county", "donor", "index", "key", "status", "plan", "displaces", "error", "low", "high"})


def read_given(folders: Sequence[str | Path]) -> Given:
    """Read the folders.

    Raises
    ------
    InstanceError : a folder is none of those that can be shown, or a file of it is broken; each is named
    """
    results: list[Result] = []
    plans: list[tuple[str, Plan]] = []
    for folder in map(Path, folders):
        name = folder.resolve().name
        if is_plan(folder):
            plans.append((name, read_plan(folder)))
            continue
        file = next((file for file in KINDS if (folder / file).is_file()), None)
        if file is None:
            problem = "does not exist" if not folder.exists() else "holds neither a plan nor results that a report can show"
            known = ", ".join(kind for kind, _ in KINDS.values())
            raise InstanceError(
                [
                    Finding(
                        "--with",
                        None,
                        None,
                        str(folder),
                        problem,
                        f"Name a folder of a plan, or one that was written by: {known}",
                    )
                ]
            )
        kind, columns = KINDS[file]
        table = _table(folder / file, columns, text=kind != "sensitivity" and kind != "curve")
        results.append(Result(kind, name, table, _more(kind, folder)))
    return Given(tuple(results), tuple(plans))


def _table(file: Path, columns: tuple[str, ...], text: bool) -> pd.DataFrame:
    """A CSV file with the columns that its kind needs; identifiers as text."""
    names = TEXT if text else TEXT - {"low", "high"}
    kinds = dict.fromkeys(names, str)
    table: pd.DataFrame = _guarded(file, lambda: pd.read_csv(file, encoding="utf-8-sig", dtype=kinds, low_memory=False))
    missing = [column for column in columns if column not in table]
    if missing:
        raise _broken(file, f"lacks the columns {', '.join(missing)}")
    return table


def _more(kind: str, folder: Path) -> dict[str, Any]:
    """What lies beside the table and is shown too."""
    if kind == "front":
        return {"front": _guarded(folder / "front.json", lambda: Front.read(folder))}
    if kind in ("sweep", "tornado"):
        note = folder / "sweep.json"
        return {"note": _guarded(note, lambda: json.loads(note.read_text(encoding="utf-8")))} if note.is_file() else {}
    return {}


def _guarded(file: Path, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except FileNotFoundError as error:
        raise _broken(file, "is missing") from error
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise _broken(file, f"cannot be read ({' '.join(str(error).split())[:120]})") from error


def _broken(file: Path, problem: str) -> InstanceError:
    return InstanceError([Finding(str(file), None, None, None, problem, "Write the folder again with the command that made it")])
