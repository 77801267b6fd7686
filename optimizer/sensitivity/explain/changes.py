"""From how far clauses give way to changes of the instance: KEY and VALUE, with the sentence that a planner reads.

Levels are rounded outward, so that what was found still fits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.arrays import Floats
from optimizer.engine.program import Program
from optimizer.instance.data import Data
from optimizer.instance.instance import Instance
from optimizer.sensitivity.explain.clauses import Named
from optimizer.sensitivity.explain.ways import Loosening

DIGITS = 4
MOST_NAMED = 6


@dataclass(frozen=True)
class Change:
    """One change of a way out.

    Parameters
    ----------
    rule : the rule, or the KEY of what is changed, as conflicts name it.
    index : what in it is changed (``county=A|B``); empty for all of it.
    before, after : the level, in ``unit``; switches are 1 and 0.
    change : relative for levels (−0.12 = 12 % lower), absolute for numbers of partners and switches.
    unit : of the levels, in words.
    sentence : what to do.
    changes : KEY and VALUE of ``--set``.
    """

    rule: str
    index: str
    before: float
    after: float
    change: float
    unit: str
    sentence: str
    changes: tuple[tuple[str, str], ...]


def changes_of(instance: Instance, program: Program, named: Mapping[str, Named], way: Loosening,
               levels: Mapping[str, float]) -> list[Change]:
    """The changes that a loosening asks for.

    Parameters
    ----------
    levels : new levels of share rules, read off the point of the loosening, by clause
    """
    out: list[Change] = []
    for name, by in way.by.items():
        one = named[name]
        if name in levels:
            out.append(_share(instance, one, levels[name]))
        elif name.startswith("rule."):
            out.append(_rule(instance, program, one, by))
        else:
            out.extend(_table(instance, program, one, by))
    return out


def _rule(instance: Instance, program: Program, one: Named, by: Floats) -> Change:
    """A level of a rule lowered or raised, or the rule switched off."""
    rule = next(rule for rule in instance.settings.rules if rule.id == one.rule)
    key = f"rule.{one.rule}.{one.field}"
    if one.kind == "switch":
        off = ((f"rule.{one.rule}.active", "false"),)
        return Change(one.rule, "", 1.0, 0.0, -1.0, "switch", f"Switch off {_quoted(one)}", off)
    before = float(getattr(rule, one.field))
    if one.kind == "count":
        after = before + math.ceil(float(by.max()) - 1e-6)
        sentence = f"Raise {one.field} of {_quoted(one)} from {before:g} to {after:g}"
        return Change(one.rule, "", before, after, after - before, "number", sentence, ((key, f"{after:g}"),))
    low = one.field in ("min", "low")
    after = rounded(before * (1 - by.max() if low else 1 + by.max()), down=low)
    unit, show = _unit(instance, rule)
    where = _for_each(rule)
    size = np.abs(_right_sides(program, one)).sum() * abs(after - before) / before
    whole = f", {_number(size)} {unit.split(' per ')[0]} in all" if where and "%" not in unit else ""
    verb = "Lower the least" if low else "Raise the most"
    if rule.type == "band":
        show, unit = (lambda x: f"{x:.4g} × the baseline"), "× baseline"
    sentence = f"{verb} of {_quoted(one)}{where} from {show(before)} to {show(after)} ({_percent(after / before - 1)}{whole})"
    return Change(one.rule, "", before, after, after / before - 1, unit, sentence, ((key, _value(after)),))


def _share(instance: Instance, one: Named, level: float) -> Change:
    """A share lowered or raised."""
    rule = next(rule for rule in instance.settings.rules if rule.id == one.rule)
    before, low = float(getattr(rule, one.field)), one.field == "min"
    after = min(max(rounded(level, down=low), 0.0), 1.0)
    verb = "Lower the least share" if low else "Raise the largest share"
    sentence = f"{verb} of {_quoted(one)} from {_percent_of(before)} to {_percent_of(after)}"
    return Change(one.rule, "", before, after, after / before - 1, "share", sentence,
                  ((f"rule.{one.rule}.{one.field}", _value(after)),))


def _table(instance: Instance, program: Program, one: Named, by: Floats) -> Iterator[Change]:
    """Limits in tables, budgets and locks: the rows that give way."""
    data, used = instance.data, np.flatnonzero(by > 0)
    if one.name.startswith("budget."):
        yield from _budget(instance, program, one, by)
    elif one.name.startswith("budgets.least."):
        yield _least(instance, one, float(by.max()))
    elif one.name in ("pairs.lock", "projects.lock"):
        yield _unlocked(one, one.index.iloc[used])
    elif one.kind == "count":
        yield from _numbers(data, program, one, by)
    else:
        yield from _amounts(data, program, one, by)


def _budget(instance: Instance, program: Program, one: Named, by: Floats) -> Iterator[Change]:
    """A budget raised: all of it by one factor, or the scopes and periods that lack money."""
    stream, step, unit = one.name.removeprefix("budget."), instance.data.step, _money(instance)
    bound = _right_sides(program, one)
    used = np.flatnonzero(by > 0)
    if len(used) == len(by) and np.ptp(by) <= 1e-9 and len(by) > 1:
        factor = _factor(1 + float(by.max()))
        total = float(bound.sum())
        sentence = (f"Raise the budget of {stream} by {_percent(factor - 1, sign=False)} (from {_number(total)} to "
                    f"{_number(total * factor)} {unit})")
        yield Change(one.rule, "", total, total * factor, factor - 1, unit, sentence, ((f"budget.{stream}", f"x{factor:.10g}"),))
        return
    for row in used:
        keys = one.index.iloc[row]
        before = float(bound[row])
        after = math.ceil(before * (1 + by[row]) / step - 1e-6) * step
        scope = str(keys["scope"])
        several = len(instance.data.periods) > 1
        place = f".{keys['period']}" if several else ""
        place += f"[{scope}]" if "=" in scope else "" if scope == "all" else f"[scope={scope}]"
        where = f" for {scope.partition('=')[2] or scope}" if scope != "all" else ""
        where += f" in {keys['period']}" if several else ""
        index = ";".join(([f"scope={scope}"] if scope != "all" else []) + ([f"period={keys['period']}"] if several else []))
        share = after / before - 1 if before else math.inf
        sentence = (f"Raise the budget of {stream}{where} by {_percent(share, sign=False)} (from {_number(before)} to "
                    f"{_number(after)} {unit})")
        yield Change(one.rule, index, before, after, share, unit, sentence, ((f"budget.{stream}{place}", _value(after)),))


def _least(instance: Instance, one: Named, share: float) -> Change:
    """The least spend of a stream, which stands in its settings or in its budgets."""
    stream = one.name.removeprefix("budgets.least.")
    table = instance.tables["budgets"]
    factor = max(0.0, math.floor((1 - share) * 1e4 + 1e-6) / 1e4)
    listed = len(table) > 0 and (table["stream"] == stream).any() and "least" in table
    key = f"budgets.least[stream={stream}]" if listed else f"stream.{stream}.least_spend"
    sentence = f"Lower the least spend of {stream} by {_percent(1 - factor, sign=False)}"
    return Change(one.rule, "", 1.0, factor, factor - 1, "× least spend", sentence, ((key, f"x{factor:g}"),))


def _unlocked(one: Named, rows: pd.DataFrame) -> Change:
    """Locks taken off."""
    if one.name == "pairs.lock":
        names = [f"{row['donor']}–{row['county']}" for row in rows.to_dict("records")]
        keys = [(f"pairs.status[donor={row['donor']},county={row['county']}]", "free") for row in rows.to_dict("records")]
        index = ";".join(f"donor={row['donor']},county={row['county']}" for row in rows.to_dict("records"))
    else:
        names = list(dict.fromkeys(str(project) for project in rows["project"]))
        keys = [(f"projects.status[project={'|'.join(names)}]", "free")]
        index = f"project={'|'.join(names)}"
    words = "pair" if one.name == "pairs.lock" else "project"
    sentence = f"Unlock the {words}{'s' if len(names) > 1 else ''} {_some(names)}"
    return Change(one.rule, index, float(len(names)), 0.0, -float(len(names)), f"locked {words}s", sentence, tuple(keys))


def _numbers(data: Data, program: Program, one: Named, by: Floats) -> Iterator[Change]:
    """Least and most numbers of partners and counties, in whole numbers; rows that change alike together."""
    table, column = one.name.split(".")
    entity = {"counties": "county", "donors": "donor"}[table]
    bound, low = _right_sides(program, one), column.endswith("_min")
    frame = pd.DataFrame({"of": one.index[entity], "before": bound, "by": np.ceil(by - 1e-6)})
    for _, rows in frame[frame["by"] > 0].groupby(["before", "by"], sort=False):
        names = [str(name) for name in rows["of"]]
        before, step = float(rows["before"].iloc[0]), float(rows["by"].iloc[0])
        after = max(before - step, 0.0) if low else before + step
        what = {"partners_min": "least number of partners", "partners_max": "largest number of partners",
                "pairs_min": "least number of counties", "pairs_max": "largest number of counties"}[column]
        sentence = f"{'Lower' if low else 'Raise'} the {what} of {_places(data, entity, names)} from {before:g} to {after:g}"
        yield Change(one.rule, f"{entity}={'|'.join(names)}", before, after, after - before, "number", sentence,
                     ((f"{one.name}[{entity}={'|'.join(names)}]", f"{after:g}"),))


def _amounts(data: Data, program: Program, one: Named, by: Floats) -> Iterator[Change]:
    """Money, load and capacities: the rows that give way, those of several periods together."""
    low = not len(one.clause.row_upper)
    resource = one.name.startswith("resources.")
    keys = ["resource", "scope", "of"] if resource else [key for key in one.index.columns if key != "period"]
    frame = one.index.assign(before=_level(data, program, one), by=by)
    unit = "units" if resource or one.name == "donors.load_max" else _money(data.instance)
    for at, rows in frame[frame["by"] > 0].groupby(keys, sort=False):
        share, before = float(rows["by"].max()), float(rows["before"].max())
        after = rounded(before * (1 - share if low else 1 + share), down=low)
        named = dict(zip(keys, at if isinstance(at, tuple) else (at,), strict=True))
        filters = {key: value for key, value in named.items() if not (key == "of" and named.get("scope") == "all")}
        text = ",".join(f"{key}={value}" for key, value in filters.items())
        column = "resources.capacity" if resource else one.name
        words = {"donors.money": "the money", "donors.least_money": "the committed money", "donors.load_max": "the largest load",
                 "pairs.least_support": "the least support"}.get(one.name, "the capacity")
        who = " ".join(str(value) for key, value in filters.items() if key != "scope")
        sentence = (f"{'Lower' if low else 'Raise'} {words} of {who} from {_number(before)} to {_number(after)} {unit} "
                    f"({_percent(after / before - 1)})")
        yield Change(one.rule, text, before, after, after / before - 1, unit, sentence, ((f"{column}[{text}]", _value(after)),))


def _level(data: Data, program: Program, one: Named) -> Floats:
    """The level that a row of a table stands for; that of least support is the coefficient of its pair."""
    if one.name != "pairs.least_support":
        return _right_sides(program, one)
    return np.asarray(np.maximum(-program.matrix[one.clause.row_lower].min(axis=1).toarray().ravel(), 0.0), dtype=np.float64)


def _right_sides(program: Program, one: Named) -> Floats:
    clause = one.clause
    return np.concatenate([program.row_lower[clause.row_lower], program.row_upper[clause.row_upper]])


# -- words ---------------------------------------------------------------------------------------------------------------


def rounded(value: float, *, down: bool) -> float:
    """A level to four digits, outward."""
    if value <= 0 or not math.isfinite(value):
        return max(value, 0.0)
    power = 10.0 ** (DIGITS - 1 - math.floor(math.log10(value)))
    scaled = value * power
    near = round(scaled)
    whole = near if abs(scaled - near) < 1e-6 else math.floor(scaled) if down else math.ceil(scaled)
    return float(f"{whole / power:.{DIGITS}g}")


def _factor(value: float) -> float:
    return math.ceil(value * 1e6 - 1e-3) / 1e6


def _value(value: float) -> str:
    return f"{value:.12g}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:,.4g}"


def _percent(share: float, sign: bool = True) -> str:
    if not math.isfinite(share):
        return "from nothing"
    text = f"{100 * abs(share):.3g} %"
    return text if not sign else f"{'−' if share < 0 else '+'}{text}"


def _percent_of(share: float) -> str:
    return f"{100 * share:.4g} %"


def _money(instance: Instance) -> str:
    money = instance.settings.money
    return money.label or money.unit


def _unit(instance: Instance, rule: Any) -> tuple[str, Callable[[float], str]]:
    """Unit of a bound's level and how it is written."""
    of = getattr(rule, "of", None)
    per = tuple(getattr(rule, "per", ()))
    if per == ("people",):
        return "% of the people in need", lambda x: f"{100 * x:.4g} % of the people in need"
    base = "units" if of is None else {
        "money": _money(instance), "support": _money(instance), "pairs": "pairs", "projects": of.column or "projects",
        "covered": "people", "gap": "people", "exited": "counties",
    }[of.sum]
    unit = f"{base} per {' × '.join(per)}" if per else base
    return unit, lambda x: f"{_number(x)} {unit}"


def _for_each(rule: Any) -> str:
    each = getattr(rule, "each", "all")
    return "" if each == "all" else f" for each {each}"


def _quoted(one: Named) -> str:
    return f"rule {one.rule} (“{one.sentence.rstrip('.')}”)"


def _places(data: Data, entity: str, names: list[str]) -> str:
    words = {"county": ("county", "counties"), "donor": ("donor", "donors")}[entity]
    if len(names) == 1:
        return f"{words[0]} {names[0]}"
    return f"{len(names)} {words[1]} ({_some(names)})"


def _some(names: list[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
