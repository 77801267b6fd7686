"""Groups of counties, donors, projects or pairs: by name, by filter, or as ``column=value``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.findings import Finding, InstanceError, listed, near
from optimizer.instance.schema import LIST_COLUMNS
from optimizer.instance.settings_values import to_filter, to_number

Mask = np.ndarray


def select(frame: pd.DataFrame, group: Any, groups: Mapping[str, Mapping[str, Any]], *, where: str = "instance.yaml") -> Mask:
    """Which rows of ``frame`` a GROUP holds.

    Parameters
    ----------
    frame : the table; an identifier may stand in a column or be the index
    group : None or ``all``; a name in ``groups``; a FILTER; or ``column=value`` (several values parted by ``|``,
        several columns by ``,``)
    groups : the filters that have names
    where : where the group is written, for messages

    Raises
    ------
    InstanceError : unknown group, unknown column, or a blank cell that the filter does not provide for
    """
    if group is None or (isinstance(group, str) and group == "all"):
        return np.ones(len(frame), dtype=bool)
    if isinstance(group, str):
        if group in groups:
            group = groups[group]
        elif "=" in group:
            try:
                group = parse_filter(group)
            except ValueError as error:
                problem = f"cannot be read: {error}"
                raise InstanceError([Finding(where, None, None, group, problem, "Write column=value")]) from error
        else:
            raise InstanceError(
                [
                    Finding(
                        where,
                        None,
                        None,
                        group,
                        "is not a group",
                        near(group, groups, "Write one of " + listed(["all", *groups]) + ", or column=value"),
                    )
                ]
            )
    conditions = dict(group)
    unknown = str(conditions.pop("unknown", ""))
    mask = np.ones(len(frame), dtype=bool)
    findings = []
    for column, wanted in conditions.items():
        cells = _cells(frame, column)
        if cells is None:
            findings.append(
                Finding(
                    where,
                    None,
                    column,
                    None,
                    "is not a column that this filter can use",
                    near(column, frame.columns, "Write one of " + listed(frame.columns, 30)),
                )
            )
            continue
        blank = cells.isna().to_numpy()
        matches = np.asarray(matching(cells, wanted, column)) & ~blank
        if blank.any() and not unknown:
            rows = listed((np.flatnonzero(blank) + 2).tolist(), 5)
            findings.append(
                Finding(
                    where,
                    None,
                    column,
                    None,
                    f"is filtered on but blank in {int(blank.sum())} rows (rows {rows})",
                    "Fill the cells in, or add unknown: no (blank does not match) or unknown: yes",
                )
            )
        mask &= matches | (blank & (unknown == "yes"))
    if findings:
        raise InstanceError(findings)
    return mask


def _cells(frame: pd.DataFrame, column: str) -> pd.Series | None:
    if column in frame.columns:
        return frame[column]
    if frame.index.name == column:
        return pd.Series(frame.index.to_numpy(), index=frame.index)
    return None


def matching(cells: pd.Series, wanted: Any, column: str = "") -> Mask:
    """Which cells have a wanted value: a scalar, one of a list, or between ``min`` and ``max``; blank never does."""
    if isinstance(wanted, Mapping):
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
        low, high = to_number(wanted.get("min", -1e300)), to_number(wanted.get("max", 1e300))
        return np.asarray((numbers >= low) & (numbers <= high))
    values = list(wanted) if isinstance(wanted, (list, tuple)) else [wanted]
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return np.asarray(cells.isin(_numbers(values)))
    texts = {_as_text(value) for value in values}
    if column in LIST_COLUMNS:
        return np.fromiter(
            (isinstance(cell, str) and not texts.isdisjoint(part.strip() for part in cell.split(";")) for cell in cells),
            dtype=bool,
            count=len(cells),
        )
    return np.asarray(cells.isin(list(texts)))


def _numbers(values: list[Any]) -> list[float]:
    """Wanted values as numbers; a word never equals a number."""
    out = []
    for value in values:
        try:
            out.append(to_number(int(value) if isinstance(value, bool) else value))
        except ValueError:
            continue
    return out


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def parse_filter(text: str) -> dict[str, Any]:
    """``need=water,province=A|B`` as a FILTER.

    Raises
    ------
    ValueError : a part without ``=``, or a column named twice
    """
    out: dict[str, Any] = {}
    for part in text.split(","):
        column, sign, value = part.partition("=")
        column = column.strip()
        if not sign or not column or not value.strip():
            raise ValueError(f"'{part.strip()}' is not written as column=value")
        if column in out:
            raise ValueError(f"column {column} stands twice; several values are parted by |")
        values = [item.strip() for item in value.split("|")]
        out[column] = values if len(values) > 1 else values[0]
    return to_filter(out)
