"""Conflicts in words."""

from __future__ import annotations

from collections.abc import Sequence
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


def sentences(conflicts: pd.DataFrame) -> list[str]:
    """One paragraph for each conflict, its members one a line."""
    out: list[str] = []
    for number, rows in conflicts.groupby("conflict", sort=True):
        out.append(f"Conflict {number}: " + ("this cannot be held even alone:" if rows["rule"].nunique() == 1
                                             else "these cannot hold together, and without any one of them the rest can:"))
        for _, group in rows.groupby(["rule", "sentence"], sort=False):
            rule, sentence = str(group["rule"].iloc[0]), str(group["sentence"].iloc[0])
            places = [text for text in group["index"] if text]
            where = f" [{_some(places)}]" if places else ""
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
