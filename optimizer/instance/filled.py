"""Tables with every default written in and every period split out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from optimizer.instance.schema import TABLES

Array = np.ndarray


def filled(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """The table ``name`` with every plain column of the schema present and blanks replaced by defaults.

    Extra columns are kept as they are. A column without a default keeps its blanks (unknown). Columns that may
    be split by period are left to :func:`by_period`, but the plain column is filled here too.
    """
    frame = tables[name].reset_index(drop=True).copy()
    for column in TABLES[name].columns:
        if column.name not in frame.columns:
            text = column.kind in ("id", "text", "list", "choice")
            frame[column.name] = pd.Series([None] * len(frame), dtype="str" if text else "float64")
        if isinstance(column.default, (int, float, str)):
            frame[column.name] = frame[column.name].fillna(column.default)
    return frame


def in_order(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with their rows in the order of their keys: the order in which they were written means nothing."""
    out = dict(tables)
    for name, table in TABLES.items():
        keys = [key for key in table.key if key in out[name].columns]
        if keys and len(out[name]) > 1:
            out[name] = out[name].sort_values(keys, kind="stable", ignore_index=True)
    return out


def by_period(
    given: pd.DataFrame, column: str, periods: Sequence[int], default: float | Array | None = None
) -> Array:
    """Values of a splittable column, shape (rows, periods); blank = ``default`` or NaN.

    ``column@2026`` holds for its period; the plain column holds for every period that is not split out.
    """
    plain = given[column].to_numpy(float) if column in given else np.full(len(given), np.nan)
    out = np.repeat(plain[:, None], len(periods), axis=1)
    for t, period in enumerate(periods):
        name = f"{column}@{period}"
        if name in given:
            split = given[name].to_numpy(float)
            out[:, t] = np.where(np.isnan(split), out[:, t], split)
    if default is not None:
        fallback = np.broadcast_to(np.asarray(default, float).reshape(-1, 1) if np.ndim(default) == 1
                                   else np.asarray(default, float), out.shape)
        out = np.where(np.isnan(out), fallback, out)
    return out


def over_periods(keys: pd.DataFrame, periods: Sequence[int], **values: Array) -> pd.DataFrame:
    """Long form: one row for each row of ``keys`` and period, with ``values`` of shape (rows, periods)."""
    count = len(periods)
    out = keys.loc[keys.index.repeat(count)].reset_index(drop=True)
    out["period"] = np.tile(np.asarray(periods, int), len(keys))
    for name, value in values.items():
        out[name] = np.asarray(value).reshape(-1)
    return out


def split_list(cells: pd.Series) -> list[tuple[str, ...]]:
    """Lists in cells, ``a;b`` → ``("a", "b")``; blank → ``()``."""
    return [
        tuple(part.strip() for part in str(cell).split(";") if part.strip()) if isinstance(cell, str) else ()
        for cell in cells
    ]
