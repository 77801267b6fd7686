"""Conflicts in words: every place in the table, a few of them in the sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from optimizer.engine.arrays import Ints
from optimizer.engine.conflicts import Conflict
from optimizer.sensitivity.explain.clauses import Named

SUCH_AS = 3
MOST_TOLD = 4  # conflicts in words, but for those that have nothing in common with these
PLACES = {"county": "counties", "donor": "donors", "project": "projects", "scope": "scopes", "province": "provinces"}


def conflict_rows(number: int, conflict: Conflict, named: dict[str, Named], at: dict[str, Ints]) -> list[dict[str, Any]]:
    """Rows of conflicts.csv: one for each member, or for each of its places where it has several.

    Parameters
    ----------
    at : by member, which of its bounds conflict; of those not said, none is named
    """
    out: list[dict[str, Any]] = []
    for name in conflict.members:
        one = named[name]
        index = one.index.iloc[at[name]] if name in at else one.index
        if name not in at or len(one.index) == 1 or index.columns.empty:
            texts = [""]
        else:
            texts = list(dict.fromkeys(index_text(index.iloc[[n]]) for n in range(len(index))))
        out += [{"conflict": number, "rule": one.rule, "index": text, "sentence": one.sentence} for text in texts]
    return out


def sentences(conflicts: pd.DataFrame, unsettled: Collection[int] = (),
              names: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> list[str]:
    """One paragraph for each conflict, its members one a line; conflicts of the same members in several places together.

    After the first few, those that have a rule or limit in common with one that was told are counted only.

    Parameters
    ----------
    unsettled : numbers of conflicts of which not every member was tried
    names : by key (``county``, …), what identifiers are called
    """
    alike: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for number, rows in conflicts.groupby("conflict", sort=True):
        members = tuple(dict.fromkeys(zip(rows["rule"], rows["sentence"], strict=True)))
        alike.setdefault(members, []).append(int(str(number)))
    out: list[str] = []
    told, left = set[tuple[str, str]](), 0
    for place, (members, numbers) in enumerate(alike.items()):
        if place >= MOST_TOLD and told & set(members):
            left += len(numbers)
            continue
        told.update(members)
        which = f"Conflict {numbers[0]}" if len(numbers) == 1 else f"Conflicts {numbers[0]} to {numbers[-1]}"
        apart = "" if len(numbers) == 1 else f" in each of {len(numbers)} places"
        out.append(f"{which}: this cannot be held even alone{apart}:" if len(members) == 1 else
                   f"{which}: these cannot hold together{apart}, " + (
                       "of which perhaps fewer conflict already (time ran out):" if set(numbers) & set(unsettled)
                       else "and without any one of them the rest can:"))
        rows = conflicts[conflicts["conflict"].isin(numbers)]
        for rule, sentence in members:
            texts = rows.loc[(rows["rule"] == rule) & (rows["sentence"] == sentence), "index"]
            out.append(f"  - {rule}: {sentence.rstrip('.')}{_where(list(dict.fromkeys(text for text in texts if text)), names)}")
    if left:
        have = "conflict has" if left == 1 else "conflicts have"
        out.append(f"{left} more {have} a rule or limit of these in common with them: see conflicts.csv.")
    return out


def index_text(keys: pd.DataFrame) -> str:
    """``county=A;period=2026`` of one row of keys; keys that it does not have are left out."""
    row = keys.iloc[0]
    return ";".join(f"{key}={_plain(row[key])}" for key in keys.columns if pd.notna(row[key]))


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _where(texts: Sequence[str], names: Mapping[str, Mapping[str, str]]) -> str:
    """`` (in 45 counties, such as A, B, C)``: the places of a member, by the key that tells most of them apart."""
    if not texts:
        return ""
    if len(texts) == 1:
        pairs = [pair.split("=", 1) for pair in texts[0].split(";") if "=" in pair and not pair.startswith("stream=")]
        told = [names.get(key, {}).get(value, value.rpartition("=")[2]) for key, value in pairs]
        return f" ({', '.join(told)})" if told else ""
    keys: dict[str, list[str]] = {}
    for text in texts:
        for key, value in (pair.split("=", 1) for pair in text.split(";") if "=" in pair):
            if value not in keys.setdefault(key, []):
                keys[key].append(value)
    key = next((key for key in PLACES if len(keys.get(key, ())) > 1), "")
    known = names.get(key, {})
    told = [known.get(name, name.rpartition("=")[2]) for name in keys[key]] if key else list(texts)
    rest = len(told) - SUCH_AS
    return f" (in {len(told)} {PLACES.get(key, 'places')}{', such as' if rest > 0 else ':'} {', '.join(told[:SUCH_AS])})"
