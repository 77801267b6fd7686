"""Numbers, names and lists of names as a planner reads them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import Any

import numpy as np

NEAR = 3  # names offered for one that is not known


def number(value: float) -> str:
    """A number as a planner writes it: no noise, no exponent for ordinary sizes."""
    value = float(value)
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def amount(value: float) -> str:
    """A number for reading, with thousands parted: 12,345.6."""
    if not np.isfinite(value):
        return number(value)
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.4g}"


def shown(value: Any) -> str:
    """A cell as text, short enough for a message."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    is_number = isinstance(value, (int, float, np.floating, np.integer)) and not isinstance(value, bool)
    text = number(float(value)) if is_number else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 donor``, ``16 donors``, ``1,024 counties``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def some(names: Collection[str | None], most: int = 4) -> str:
    """A few names and how many more: ``A, B, C, D and 84 more``."""
    known = [name for name in names if name is not None]
    given = sorted(known) if isinstance(names, (set, frozenset)) else list(dict.fromkeys(known))
    text = ", ".join(given[:most])
    return f"{text} and {len(given) - most:,} more" if len(given) > most else text


def near(name: str, candidates: frozenset[str] | Sequence[str]) -> str:
    """``Perhaps 'A' or 'B' is meant.`` for a name that is not among ``candidates``; else what there is."""
    pool = sorted(candidates)
    if not pool:
        return "None is defined."
    plain = name.strip().casefold()
    close = [c for c in pool if c.casefold() == plain or c.lstrip("0") == plain.lstrip("0") != ""]
    if not close:
        short = [c for c in pool if c[:1] == name[:1]] if len(pool) > 2000 else pool
        close = get_close_matches(name, short, n=NEAR, cutoff=0.6)
        best = max((SequenceMatcher(None, name, c).ratio() for c in close), default=0.0)
        close = [c for c in close if SequenceMatcher(None, name, c).ratio() > best - 0.15]
    if close:
        return "Perhaps " + " or ".join(f"'{c}'" for c in close[:NEAR]) + " is meant."
    return f"Known: {some(pool)}."
