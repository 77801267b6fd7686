"""The limits of a plan that a planner can move: budgets, rules, donors' limits, resources, a county's money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.family import Family
from optimizer.engine.program import Floats
from optimizer.instance.data import Data
from optimizer.instance.settings import BandRule, BoundRule, PairsRule, ShareRule
from optimizer.model.algebra import Algebra
from optimizer.model.compile import Compiled
from optimizer.model.patch import with_budgets
from optimizer.sensitivity.prices.directions import Direction
from optimizer.sensitivity.prices.prices import TIGHT
from optimizer.sensitivity.prices.question import Question

KINDS = {"budget": "budget", "rule": "rule", "resource": "resource", "donor": "donor", "donor_money": "donor",
         "pairing": "county", "decision": "decision", "account": "county"}
STREAMS = ("stream_budget", "stream_least")


@dataclass(frozen=True, eq=False)
class Limit:
    """One limit.

    Attributes
    ----------
    kind, index : as ``sensitivity.csv`` writes them
    clause, side : the family of its rows, and ``least`` or ``most``
    keys : of its row
    value, slack : where it stands, and what is left of it
    direction : how the program's bounds move for one more unit of it
    unit : what ``value`` is counted in
    movable : False where only whole decisions that are held stand in it, so that no price can be told
    """

    kind: str
    index: str
    clause: str
    side: str
    keys: dict[str, object]
    value: float
    slack: float
    direction: Direction
    unit: str
    movable: bool = True


def text_of(keys: dict[str, object]) -> str:
    """An index as the plan's tables write it."""
    return ";".join(f"{name}={value}" for name, value in keys.items())


def limits_of(asked: Question, data: Data, point: Floats, algebra: Algebra) -> list[Limit]:
    """Every limit, in the order of the program's rows; rules as a whole after their rows.

    Parameters
    ----------
    point : values of columns and rows at the optimum
    algebra : that the program was compiled from
    """
    program = asked.program
    n = program.n_columns
    free = (program.col_lower < program.col_upper).astype(float)
    movable = abs(program.matrix) @ free > 0
    found: list[Limit] = []
    for family in program.rows:
        if family.name == "amount_total":
            found += _most_of_projects(asked, family, point)
        kind = KINDS.get(asked.compiled.role.get(family.name, ""))
        if kind is None or _soft(data, family.name):
            continue
        records = family.keys.to_dict("records")
        for row, keys in zip(range(family.start, family.stop), records, strict=True):
            named = {str(name): value for name, value in keys.items()}
            found += _of_row(asked, data, family, row, kind, named, point[n + row], bool(movable[row]))
    return _with_budget_moves(found, asked, data, algebra) + list(_whole_rules(found, data))


def _of_row(
    asked: Question, data: Data, family: Family, row: int, kind: str, keys: dict[str, object], activity: float, movable: bool
) -> Iterator[Limit]:
    program, k = asked.program, asked.program.n_columns + row
    low, high = float(program.row_lower[row]), float(program.row_upper[row])
    unit = _unit(data, family.name, keys)
    if kind == "resource":
        keys = {key: value for key, value in keys.items() if key != "county"}
    name = family.name.removeprefix("rule_") if kind == "rule" else ""
    index = f"{name}[{text_of(keys)}]" if name and keys else name or text_of(keys)
    if family.name == "account":
        yield Limit(kind, index, family.name, "money", keys, 0.0, 0.0, Direction({k: -1.0}, {k: -1.0}), unit, movable)
        return  # money from outside, of which a plan knows none
    if low == high:
        yield Limit(kind, index, family.name, "equal", keys, low, 0.0, Direction({k: 1.0}, {k: 1.0}), unit, movable)
        return
    both = np.isfinite(low) and np.isfinite(high)
    if np.isfinite(low):
        suffix = " min" if both else ""
        yield Limit(kind, index + suffix, family.name, "least", keys, low, _room(activity - low, low), Direction.of_lower(k),
                    unit, movable)
    if np.isfinite(high):
        suffix = " max" if both else ""
        yield Limit(kind, index + suffix, family.name, "most", keys, high, _room(high - activity, high), Direction.of_upper(k),
                    unit, movable)


def _most_of_projects(asked: Question, family: Family, point: Floats) -> Iterator[Limit]:
    """The most of each scalable project: its row, and the bound of each of its columns, move together."""
    program, n = asked.program, asked.program.n_columns
    columns: dict[object, list[int]] = {}
    for amounts in program.columns:
        if amounts.name == "amount":
            for j, project in zip(range(amounts.start, amounts.stop), amounts.keys["project"], strict=True):
                columns.setdefault(project, []).append(j)
    for row, project in zip(range(family.start, family.stop), family.keys["project"], strict=True):
        most = float(program.row_upper[row])
        if np.isfinite(most):
            moved = {n + row: 1.0, **{j: 1.0 for j in columns.get(project, []) if np.isfinite(program.col_upper[j])}}
            keys = {"project": project}
            yield Limit("project", f"{text_of(keys)} most", family.name, "most", keys, most, _room(most - point[n + row], most),
                        Direction(upper=moved), "units")


def _room(slack: float, bound: float) -> float:
    """What is left of a limit; nothing where it is only round-off."""
    return slack if slack > TIGHT * max(1.0, abs(bound)) else 0.0


def _soft(data: Data, family: str) -> bool:
    """Whether rows belong to a rule that may be broken at a price."""
    rule = rule_of(data, family)
    return rule is not None and not rule.hard


def rule_of(data: Data, family: str) -> BoundRule | ShareRule | BandRule | PairsRule | None:
    """The rule that a family of rows belongs to; the longest name that fits."""
    fits = [rule for rule in data.settings.rules
            if rule.active and (family == f"rule_{rule.id}" or family.startswith(f"rule_{rule.id}_"))]
    return max(fits, key=lambda rule: len(rule.id), default=None)  # type: ignore[return-value]


def _unit(data: Data, family: str, keys: dict[str, object]) -> str:
    """What a row is counted in."""
    money = data.settings.money.unit
    if family in (*STREAMS, "donor_money", "money_decision", "account"):
        return money
    if family in ("counties_of_donor", "partners_of_county"):
        return "pairs"
    if family == "load_of_donor":
        return "load"
    if family.startswith("resource_capacity"):
        table = data.resources
        unit = table.loc[table["resource"] == keys["resource"], "unit"]
        return str(unit.iloc[0]) if len(unit) and unit.iloc[0] else str(keys["resource"])
    rule = rule_of(data, family)
    measure = getattr(rule, "of", None) or getattr(rule, "part", None)
    if measure is None:
        return {"exit": "people", "pairs": "pairs"}.get(getattr(rule, "type", ""), "units")
    what = {"money": money, "support": money, "pairs": "pairs", "projects": "projects", "covered": "people", "gap": "people",
            "exited": "counties"}[measure.sum]
    return money if measure.column == "cost" else measure.column or what


def _with_budget_moves(found: list[Limit], asked: Question, data: Data, algebra: Algebra) -> list[Limit]:
    """Budgets with all that follows them: what may be carried over, bands scaled to the budget, increases over last year."""
    carries = any(stream.carry for stream in data.streams.values())
    follows = any(rule.active and (getattr(rule, "scaled", False) or getattr(rule, "increase_over", None))
                  for rule in data.settings.rules)
    if not (carries or follows):
        return found
    out = []
    for limit in found:
        moved = None
        if limit.clause == "stream_budget" and limit.side == "most":
            moved = _budget_direction(asked, with_budgets(algebra, asked.compiled, _one_more(data, limit.keys)))
        out.append(limit if moved is None else replace(limit, direction=moved))
    return out


def _one_more(data: Data, keys: dict[str, object]) -> Data:
    """The data with one more unit of money in a budget."""
    budgets = data.budgets.copy()
    here = np.logical_and.reduce([(budgets[name] == value).to_numpy() for name, value in keys.items()])
    budgets.loc[here, "amount"] += 1.0
    return replace(data, budgets=budgets)


def _budget_direction(asked: Question, after: Compiled | None) -> Direction | None:
    """What bounds move by between two programs; None where more than bounds would change."""
    before = asked.compiled.program
    if after is None or not np.array_equal(before.matrix.data, after.program.matrix.data):
        return None
    n = asked.program.n_columns
    lower: dict[int, float] = {}
    upper: dict[int, float] = {}
    for into, old, new, shift in (
        (lower, before.row_lower, after.program.row_lower, n), (upper, before.row_upper, after.program.row_upper, n),
        (upper, before.col_upper, after.program.col_upper, 0),
    ):
        with np.errstate(invalid="ignore"):
            change = np.where(np.isfinite(old), new - old, 0.0)
        into.update({int(k) + shift: float(change[k]) for k in np.flatnonzero(np.abs(change) > 1e-9)})
    return Direction(lower, upper)


def _whole_rules(found: list[Limit], data: Data) -> Iterator[Limit]:
    """Bounds and bands as a whole: all rows of a rule, moved together by its own number."""
    for rule in data.settings.rules:
        if not (rule.active and rule.hard) or (isinstance(rule, BoundRule) and rule.or_zero):
            continue
        ends = {}
        if isinstance(rule, BoundRule):
            ends = {"least": ("min", rule.min), "most": ("max", rule.max)}
        elif isinstance(rule, BandRule):
            ends = {"least": ("low", rule.low), "most": ("high", rule.high)}
        for side, (name, level) in ends.items():
            rows = [one for one in found if one.kind == "rule" and one.clause == f"rule_{rule.id}" and one.side == side]
            if not level or (len(rows) < 2 and not getattr(rule, "per", ())):
                continue
            lower = {k: one.value / level for one in rows for k in one.direction.lower}
            upper = {k: one.value / level for one in rows for k in one.direction.upper}
            rooms = [one.slack * level / one.value for one in rows if one.value]
            if not rooms:
                continue
            yield Limit("rule", f"{rule.id}.{name}", f"rule_{rule.id}", side, {}, float(level), min(rooms),
                        Direction(lower, upper), f"{rule.id}.{name}", any(one.movable for one in rows))
