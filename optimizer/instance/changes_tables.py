"""Changes to tables: budgets by scope and period, and any column of any table, on the rows that a FILTER names."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.instance.cells import typed_column
from optimizer.instance.changes_text import ChangeError, Key, Value, refuse_share
from optimizer.instance.filled import filled
from optimizer.instance.findings import listed, near, shown
from optimizer.instance.folder import number_text
from optimizer.instance.groups import matching, select
from optimizer.instance.schema import SPLIT, TABLES, Column
from optimizer.instance.settings_values import to_number

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance


def changed_budgets(key: Key, value: Value, budgets: pd.DataFrame, mask: np.ndarray, instance: Instance) -> pd.DataFrame:
    if key.period is not None:
        mask = mask & (budgets["period"] == key.period).to_numpy()
        if not mask.any():
            known = sorted({int(p) for p in budgets.loc[budgets["stream"] == key.name, "period"].dropna()})
            raise ChangeError(
                f"names the period {key.period}, for which {key.name} has no budget", "Write one of " + listed(known)
            )
    if key.filter:
        mask = mask & _matches(_budget_view(budgets), key.filter, "budgets", instance)
        if not mask.any():
            raise ChangeError(
                "matches no budget",
                f"Scopes of {key.name} are " + listed(budgets.loc[budgets["stream"] == key.name, "scope"].unique()),
            )
    refuse_share(value, "a budget")
    column = TABLES["budgets"].column("amount")
    return _set_cells(budgets, "amount", column, mask, value, key)


def _budget_view(budgets: pd.DataFrame) -> pd.DataFrame:
    """Budgets with the columns that scopes such as ``province=甘肃省`` name."""
    view = budgets.copy()
    for column in {scope.partition("=")[0] for scope in budgets["scope"].dropna() if "=" in scope}:
        if column not in view:
            view[column] = [
                scope.partition("=")[2] if isinstance(scope, str) and scope.startswith(column + "=") else "-"
                for scope in budgets["scope"]
            ]
    return view


def changed_table(key: Key, value: Value, tables: Mapping[str, pd.DataFrame], instance: Instance) -> pd.DataFrame:
    table, frame = TABLES[key.name], tables[key.name]
    if key.field in table.key:
        raise ChangeError(f"changes {key.field}, by which the rows of {key.name} are known", "Change the file itself")
    column = table.column(key.field)
    if column is None and key.field not in frame.columns:
        names = [c.name for c in table.columns if c.name not in table.key] + [c for c in frame.columns if table.column(c) is None]
        raise ChangeError(
            f"matches nothing: {key.name} has no column {shown(key.field)}",
            near(key.field, names, "Write one of " + listed(names, 40)),
        )
    if column is not None and not column.is_text and column.kind not in ("share", "number"):
        refuse_share(value, f"{key.name}.{key.field}")
    if not len(frame):
        raise ChangeError(f"matches nothing: the table {key.name} has no rows", "Change another table")
    mask = matched_rows(key, tables, instance)
    targets = column_targets(key, frame, column)
    if value.factor is not None:
        targets = [t for t in targets if t not in frame.columns or frame.loc[mask, t].notna().any()] or targets[:1]
    for target in targets:
        frame = _set_cells(frame, target, column, mask, value, key)
    return frame


def matched_rows(key: Key, tables: Mapping[str, pd.DataFrame], instance: Instance) -> np.ndarray:
    """Mask of the rows of a table that a key names; ChangeError if there is none."""
    mask = np.ones(len(tables[key.name]), dtype=bool)
    if key.filter:
        view = _view(key.name, tables)
        mask = _matches(view, key.filter, key.name, instance)
        if not mask.any():
            raise ChangeError(*_nothing_matches(view, key))
    return mask


def column_targets(key: Key, frame: pd.DataFrame, column: Column | None) -> list[str]:
    """The columns that a key means: its own, and those of single periods where it names none."""
    if SPLIT.fullmatch(key.field) or column is None or not column.split:
        return [key.field]
    splits = [c for c in frame.columns if c.startswith(key.field + "@")]
    return [key.field] * (key.field in frame.columns or not splits) + splits


def _matches(view: pd.DataFrame, condition: Mapping[str, Any], name: str, instance: Instance) -> np.ndarray:
    return np.asarray(select(view, condition, instance.settings.groups, where=name))


def _view(name: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A table with its defaults, and with the columns of the project, county or donor it names."""
    view = filled(tables, name)
    for other in ("projects", "counties", "donors"):
        key = TABLES[other].key[0]
        if other == name or not len(tables[other]):
            continue
        looked_up = filled(tables, other).drop_duplicates(key).set_index(key)
        if name == "effects" and other == "projects":
            view["county"] = view["county"].fillna(view[key].map(looked_up["county"]))
        if key in view:
            added = [c for c in looked_up.columns if c not in view]
            view = pd.concat([view, looked_up[added].reindex(view[key]).set_axis(view.index)], axis=1)
    return view


def _nothing_matches(view: pd.DataFrame, key: Key) -> tuple[str, str]:
    """Which condition matches no row, and what may be meant."""
    for column, wanted in key.filter.items():
        if column == "unknown" or column not in view:
            continue
        for item in wanted if isinstance(wanted, list) else [wanted]:
            if not matching(view[column], item, column).any():
                values = view[column].dropna().unique().tolist()
                hint = "Write one of " + listed(values_shown(values)) if values else f"Column {column} is blank throughout"
                return f"matches nothing: no row of {key.name} has {column}={item}", near(str(item), values_shown(values), hint)
    return f"matches nothing: no row of {key.name} meets all conditions at once", "Leave one condition out"


def values_shown(values: list[Any]) -> list[str]:
    """Values of a column as they are written in files."""
    return [number_text(v) if isinstance(v, float) else str(v) for v in values]


def _set_cells(frame: pd.DataFrame, name: str, column: Column | None, mask: np.ndarray, value: Value, key: Key) -> pd.DataFrame:
    """A copy of ``frame`` with new cells in one column, checked like cells that were read."""
    text = column.is_text if column is not None else not pd.api.types.is_numeric_dtype(frame[name].dtype)
    blank = pd.Series([None] * len(frame), index=frame.index, dtype="str" if text else "float64")
    cells = frame[name] if name in frame.columns else blank
    if text:
        new: pd.Series = cells.mask(mask, _text_cell(value.given))
    elif value.factor is not None:
        new = cells.mask(mask, _multiplied(_present(frame, name, column, cells, key), mask, value.factor))
    else:
        new = cells.mask(mask, _number_cell(value.given, column))
    typed, findings = typed_column(
        new, column or (Column(name, "text") if text else Column(name, "number")), key.name, name, np.arange(2, len(frame) + 2)
    )
    if findings:
        raise ChangeError(f"makes {key.name}.{name} wrong: {shown(findings[0].value)} {findings[0].problem}", findings[0].mend)
    if column is not None and column.required and value.given in (None, ""):
        raise ChangeError(f"empties {key.name}.{name}, which is needed", "Write a value")
    out = frame.copy()
    out[name] = typed if isinstance(typed, pd.Series) else pd.Series(typed, index=frame.index)
    return out


def _present(frame: pd.DataFrame, name: str, column: Column | None, cells: pd.Series, key: Key) -> pd.Series:
    """What holds now: the cell, else the plain column where the key names a period, else the default."""
    if name == key.field and SPLIT.fullmatch(name) and column is not None and column.name in frame.columns:
        cells = cells.fillna(frame[column.name])
    return cells if column is None or column.default is None else cells.fillna(float(column.default))


def _multiplied(cells: pd.Series, mask: np.ndarray, factor: Decimal) -> pd.Series:
    """Products of the cells that are meant, in decimal arithmetic, so that 400 × 1.1 is 440."""
    numbers = cells.to_numpy(dtype=float).copy()
    meant = mask & ~np.isnan(numbers)
    if not meant.any():
        raise ChangeError("multiplies cells that are all blank", "Write a plain number, or fill the cells in")
    values, where = np.unique(numbers[meant], return_inverse=True)
    products = np.array([float(Decimal(repr(v)) * factor) if np.isfinite(v) else v for v in values.tolist()])
    numbers[meant] = products[where]
    return pd.Series(numbers, index=cells.index)


def _text_cell(given: Any) -> str | None:
    if given is None or given == "":
        return None
    if isinstance(given, (list, tuple)):
        return ";".join(str(item) for item in given)
    if isinstance(given, (bool, dict)):
        raise ChangeError("is not a text", "Write a text")
    return str(given)


def _number_cell(given: Any, column: Column | None) -> float:
    if given is None or given == "":
        return float("nan")
    if isinstance(given, bool) or (isinstance(given, str) and given.strip().lower() in ("true", "false")):
        if column is not None and column.kind != "flag":
            raise ChangeError("is no number", "Write a number")
        return float(str(given).strip().lower() == "true")
    if column is not None and column.infinite and str(given).strip().lower() == "inf":
        return float("inf")
    try:
        return to_number(given)
    except ValueError as error:
        raise ChangeError(
            str(error).replace(shown(given), "").strip() or "is no number",
            "Write a number, a share such as 55%, a factor such as x1.1 or a relative change such as +10%",
        ) from error
