"""Rows of a rule judged: slack, what they are broken by, and their status, from exact values and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from optimizer.instance.settings import RuleBase
from optimizer.plan.exact import Exact

COLUMNS = ["rule", "index", "sentence", "hard", "unit", "value", "min", "max", "slack", "broken_by", "status"]


@dataclass(frozen=True, eq=False)
class Judged:
    """Rows of a rule.

    Attributes
    ----------
    labels : the index of each row, ``county=A;period=2026``
    unit : unit of value, min, max, slack and broken_by
    value, low, high : exact numerators; None = no such limit
    scale : what value, low and high are divided by, row by row (None = 1)
    free : rows in which ``low`` is not asked for (nothing at all is allowed too)
    off : rows that the rule does not speak to
    """

    labels: list[str]
    unit: str
    value: Exact
    low: Exact | None = None
    high: Exact | None = None
    scale: Exact | None = None
    free: np.ndarray | None = None
    off: np.ndarray | None = None


def inactive(rule: RuleBase) -> pd.DataFrame:
    blank = dict.fromkeys(("value", "min", "max", "slack", "broken_by"), np.nan)
    return pd.DataFrame([{"rule": rule.id, "index": "", "sentence": rule.sentence, "hard": int(rule.hard), "unit": "",
                          **blank, "status": "off"}])


def judged_frame(rule: RuleBase, rows: Judged, proven: Mapping[tuple[str, str], str]) -> tuple[pd.DataFrame, Fraction]:
    """The rows of one rule as a table, and what they are broken by in all."""
    count = len(rows.labels)
    nothing = Exact.constant(0, count)
    scale = rows.scale if rows.scale is not None else Exact.constant(1, count)
    free = rows.free if rows.free is not None else np.zeros(count, dtype=bool)
    off = rows.off if rows.off is not None else np.zeros(count, dtype=bool)
    missed, spare = nothing, np.full(count, np.nan)
    for limit, sign in ((rows.low, 1), (rows.high, -1)):
        if limit is None:
            continue
        room = (rows.value - limit).times(sign)
        if sign == 1:
            room = Exact(np.where(free, 0, room.numerators), room.denominator)
        missed = missed.most(room.times(-1))
        asked = np.where(free, np.nan, room.most(nothing).ratio(scale)) if sign == 1 else room.most(nothing).ratio(scale)
        spare = np.fmin(spare, asked)
    status = np.where(missed.positive(), "broken", "holds").astype(object)
    if rule.hard:
        claimed = np.array([(rule.id, label) in proven for label in rows.labels], dtype=bool)
        status[claimed & missed.positive()] = "rounding"
    status[off] = "off"
    blank = np.full(count, np.nan)
    numbers = {
        "value": rows.value.ratio(scale), "min": blank if rows.low is None else rows.low.ratio(scale),
        "max": blank if rows.high is None else rows.high.ratio(scale), "slack": spare, "broken_by": missed.ratio(scale),
    }
    frame = pd.DataFrame({"rule": rule.id, "index": rows.labels, "sentence": rule.sentence, "hard": int(rule.hard),
                          "unit": rows.unit, **{name: np.where(off, np.nan, column) for name, column in numbers.items()},
                          "status": status})
    kept = np.flatnonzero(~off & missed.positive())
    broken = sum((missed.at(int(n)) / scale.at(int(n)) for n in kept), start=Fraction(0)) if not rule.hard else Fraction(0)
    return frame, broken
