"""Conflicts in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from optimizer.engine.arrays import Ints
from optimizer.engine.conflicts import Conflict
from optimizer.sensitivity.explain.clauses import Named

MOST_ROWS = 20


def conflict_rows(number: int, conflict: Conflict, named: dict[str, Named], at: dict[str, Ints]) -> list[dict[str, Any]]:
    """Rows of conflicts.csv: one for each member, or for each of its places where they are few.

    Parameters
    ----------
    at : by member, which of its bounds conflict; all that are not said
    """
    out: list[dict[str, Any]] = []
    for name in conflict.members:
        one = named[name]
        index = one.index.iloc[at[name]] if name in at else one.index
        every = len(index) == len(one.index)
        if len(index) > MOST_ROWS or (every and len(index) == 1) or index.columns.empty:
            texts = ["" if every else f"{len(index)} of {len(one.index)}"]
        else:
            texts = list(dict.fromkeys(index_text(index.iloc[[n]]) for n in range(len(index))))
        out += [{"conflict": number, "rule": one.rule, "index": text, "sentence": one.sentence} for text in texts]
    return out


def sentences(conflicts: pd.DataFrame, unsettled: Collection[int] = ()) -> list[str]:
    """One paragraph for each conflict, its members one a line; conflicts of the same members in several places together.

    ``unsettled``: numbers of conflicts of which not every member was tried.
    """
    alike: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for number, rows in conflicts.groupby("conflict", sort=True):
        members = tuple(dict.fromkeys(zip(rows["rule"], rows["sentence"], strict=True)))
        alike.setdefault(members, []).append(int(str(number)))
    out: list[str] = []
    for members, numbers in alike.items():
        which = f"Conflict {numbers[0]}" if len(numbers) == 1 else f"Conflicts {numbers[0]} to {numbers[-1]}"
        apart = "" if len(numbers) == 1 else f" in each of {len(numbers)} places"
        out.append(f"{which}: this cannot be held even alone{apart}:" if len(members) == 1 else
                   f"{which}: these cannot hold together{apart}, " + (
                       "of which perhaps fewer conflict already (time ran out):" if set(numbers) & set(unsettled)
                       else "and without any one of them the rest can:"))
        rows = conflicts[conflicts["conflict"].isin(numbers)]
        for rule, sentence in members:
            places = [text for text in rows.loc[(rows["rule"] == rule) & (rows["sentence"] == sentence), "index"] if text]
            where = f" [{_some(list(dict.fromkeys(places)))}]" if places else ""
            out.append(f"  - {rule}: {sentence.rstrip('.')}{where}")
    return out


def index_text(keys: pd.DataFrame) -> str:
    """``county=A;period=2026`` of one row of keys; keys that it does not have are left out."""
    row = keys.iloc[0]
    return ";".join(f"{key}={_plain(row[key])}" for key in keys.columns if pd.notna(row[key]))


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _some(places: Sequence[str], most: int = 6) -> str:
    rest = len(places) - most
    return ", ".join(places[:most]) + (f" and {rest} more" if rest > 0 else "")
