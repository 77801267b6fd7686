"""What solving again shows, in words: effects larger than its gaps, and of the rest how large they are at most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.sensitivity.prices.again import NOT_SOLVED, Key
from optimizer.sensitivity.prices.question import SOLVED
from optimizer.sensitivity.prices.sentences import Words, number

EXACT = 1e-9  # share of the criterion below which the gaps leave nothing open
SIDES = (("raising", "price_up", "up", 1.0, 1), ("lowering", "price_down", "down", -1.0, 0))
Row = dict[Any, Any]


def rows_of(solved: pd.DataFrame, words: Words, criterion: str) -> list[Row]:
    """Rows of ``sensitivity.csv`` for what was solved again."""
    return [_row(row, words, criterion) for row in solved.to_dict("records")]


def notes_of(solved: pd.DataFrame, words: Words) -> tuple[str, ...]:
    """What solving again could not tell: the numbers whose effects lie within the gaps, and those without time."""
    quiet: list[Row] = []
    open_: list[str] = []
    undone: list[str] = []
    for row in solved.to_dict("records"):
        if not any(_done(row, side) for side in SIDES):
            undone.append(row["key"])
        elif not shows(row):
            if any(np.isnan(_most(row, side)) for side in SIDES if _done(row, side)):
                open_.append(row["key"])
            else:
                quiet.append(row)
    notes = []
    if quiet:
        most = max(_most(row, side) for row in quiet for side in SIDES if _done(row, side))
        names = ", ".join(row["key"] for row in quiet)
        notes.append(f"Solved again with these a step up and down, no effect larger than the gaps of the solves "
                     f"({_amount(most, words)} at most) could be told: {names}")
    if open_:
        notes.append(f"Solved again with these a step up and down, no effect could be told, for want of a bound on some of the "
                     f"plans: {', '.join(open_)}")
    if undone:
        notes.append(f"Not solved again, the time being over or no plan found: {', '.join(undone)}")
    return tuple(notes)


def shows(row: Row) -> bool:
    """Whether solving again shows an effect larger than its gaps one way at least, or that there is none at all."""
    return any(_done(row, side) and not _within_gaps(row, side) for side in SIDES)


def dearest_first(keys: Iterable[Key], rows: Iterable[Row]) -> list[Key]:
    """Budgets, the largest first, then the numbers of rules by what a step of each does at the prices known already.

    Parameters
    ----------
    rows : of ``sensitivity.csv``, with the prices for the selection
    """
    worth = {f"rule.{row['index']}": max(abs(row["price_up"]), abs(row["price_down"])) for row in rows if row["kind"] == "rule"}

    def place(key: Key) -> tuple[bool, float]:
        size = key.value if key.kind == "budget" else key.step * worth.get(key.key, 0.0)
        return key.kind != "budget", 0.0 if np.isnan(size) else -size

    return sorted(keys, key=place)


def _row(row: Row, words: Words, criterion: str) -> Row:
    value, step = float(row["value"]), float(row["step"])
    unit = f"{words.asked.linear.unit or criterion} per {row['unit']}"
    return {"tier": SOLVED, "kind": row["kind"], "index": row["key"], "value": value, "slack": np.nan,
            "price_up": row["price_up"], "price_down": row["price_down"], "low": value - step, "high": value + step,
            "reduced": np.nan, "unit": unit, "sentence": f"{row['key']}, solved again: {_said(row, words)}"}


def _said(row: Row, words: Words) -> str:
    by = words.amount(float(row["step"]), row["unit"])
    quiet = [side for side in SIDES if _done(row, side) and _within_gaps(row, side)]
    if len(quiet) == len(SIDES):
        return _quiet(row, SIDES, words, f"could be told, raising or lowering it by {by}")
    return "; ".join(_side(row, side, words, by) for side in SIDES)


def _quiet(row: Row, sides: Sequence[tuple[str, str, str, float, int]], words: Words, told: str) -> str:
    """How large an effect may be that the gaps hide; any, where a plan has no bound."""
    most = [_most(row, side) for side in sides]
    if np.isnan(most).any():
        return f"no effect {told}: some of the plans have no bound"
    return f"no effect larger than {_amount(max(most), words)} {told} ({_gaps(row, sides)})"


def _side(row: Row, side: tuple[str, str, str, float, int], words: Words, by: str) -> str:
    way, price, _, sign, place = side
    if not _done(row, side):
        status = row["status"].split("; ")[place]
        return f"{way} it by {by}: {'not solved (the time was over)' if status == NOT_SOLVED else status.replace('_', ' ')}"
    if _within_gaps(row, side):
        return f"{way} it by {by}: {_quiet(row, [side], words, 'could be told')}"
    step = sign * float(row["step"])
    low, high = sorted(abs(step * row[f"{price}_{end}"]) for end in ("low", "high"))  # both to one side: else within the gaps
    open_ = "" if high - low <= EXACT * abs(row["criterion"]) else f" (between {number(low)} and {number(high)} by the gaps)"
    return f"{way} it by {by} would {words.change(step * row[price])}{open_}"


def _done(row: Row, side: tuple[str, str, str, float, int]) -> bool:
    return not np.isnan(row[side[1]])


def _within_gaps(row: Row, side: tuple[str, str, str, float, int]) -> bool:
    """Whether the gaps leave open which way the criterion moves."""
    low, high = row[f"{side[1]}_low"], row[f"{side[1]}_high"]
    return bool(low <= 0 <= high and _most(row, side) > EXACT * abs(row["criterion"])) or bool(np.isnan(low) or np.isnan(high))


def _most(row: Row, side: tuple[str, str, str, float, int]) -> float:
    """The largest effect that the gaps leave possible."""
    return float(row["step"] * np.maximum(abs(row[f"{side[1]}_low"]), abs(row[f"{side[1]}_high"])))  # NaN where one is


def _gaps(row: Row, sides: Iterable[tuple[str, str, str, float, int]]) -> str:
    """The gaps of some solves and of the plan."""
    gaps = [row["gap"], *(row[f"gap_{side[2]}"] for side in sides)]
    return f"gaps up to {100 * max(gaps):.2g} %"


def _amount(most: float, words: Words) -> str:
    unit = words.asked.linear.unit
    return f"{number(most)} {unit}" if unit else f"{number(most)} in {words.asked.criterion}"
