"""From how far clauses give way to changes of the instance: KEY and VALUE, with the sentence that a planner reads.

Levels are rounded outward, so that what was found still fits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.arrays import Floats
from optimizer.engine.program import Program
from optimizer.instance.data import Data
from optimizer.instance.instance import Instance
from optimizer.sensitivity.explain.clauses import Named
from optimizer.sensitivity.explain.eased import can_be_eased, few, in_all, levels_by_county, rewritten
from optimizer.sensitivity.explain.ways import Loosening
from optimizer.sensitivity.explain.words import (
    for_each,
    level_unit,
    money_unit,
    number_text,
    percent_text,
    places,
    quoted,
    raised_factor,
    rounded,
    share_text,
    some,
    value_text,
)

MANY = 4  # budgets of one stream, from which on one sentence tells them together


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
    rules : the rules that stand in the place of `rule`, as in ``instance.yaml``, where no KEY says it.
    part : of all that the rule or budget limits, the share that this change is about.
    """

    rule: str
    index: str
    before: float
    after: float
    change: float
    unit: str
    sentence: str
    changes: tuple[tuple[str, str], ...]
    rules: tuple[dict[str, Any], ...] = ()
    part: float = 1.0

    @property
    def cost(self) -> float:
        """What it counts: the relative change (of numbers, one more as a share of what there was), times its part."""
        share = self.change / max(self.before, 1.0) if self.unit == "number" else self.change
        return abs(share) * self.part


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
        return Change(one.rule, "", 1.0, 0.0, -1.0, "switch", f"Switch off {quoted(one)}", off)
    before = float(getattr(rule, one.field))
    if one.kind == "count":
        after = before + math.ceil(float(by.max()) - 1e-6)
        sentence = f"Raise {one.field} of {quoted(one)} from {before:g} to {after:g}"
        return Change(one.rule, "", before, after, after - before, "number", sentence, ((key, f"{after:g}"),))
    low = one.field in ("min", "low")
    unit, show = level_unit(instance, rule)
    verb = "Lower the least" if low else "Raise the most"
    if can_be_eased(instance, one) and few(one, by):
        return _eased(instance, program, one, by, (unit, verb))
    after = rounded(before * (1 - by.max() if low else 1 + by.max()), down=low)
    where = for_each(rule)
    size = np.abs(_right_sides(program, one)).sum() * abs(after - before) / before
    whole = f", {number_text(size)} {unit.split(' per ')[0]} in all" if where else ""
    if "%" in unit and where:
        whole = f", {number_text(size)} people in all"
    if rule.type == "band":
        whole = f", {number_text(size)} {money_unit(instance)} in all"
    sentence = (f"{verb} of {quoted(one)}{where} from {show(before)} to {show(after)} "
                f"({percent_text(after / before - 1)}{whole})")
    return Change(one.rule, "", before, after, after / before - 1, unit, sentence, ((key, value_text(after)),))


def _eased(instance: Instance, program: Program, one: Named, by: Floats, words: tuple[str, str]) -> Change:
    """A rule eased in few counties."""
    rule = next(rule for rule in instance.settings.rules if rule.id == one.rule)
    before = float(getattr(rule, one.field))
    levels = levels_by_county(one, by, before)
    bound = _right_sides(program, one)
    size, (unit, verb) = in_all(one, bound, levels, before), words
    names = [str(county) for county in levels.index]
    of = "people" if "%" in unit else money_unit(instance) if rule.type == "band" else unit.split(" per ")[0]
    after = float(levels.min() if one.field in ("min", "low") else levels.max())
    sentence = f"{verb} of {quoted(one)} in {places(instance.data, 'county', names)} by {number_text(size)} {of} in all"
    share = size / float(np.abs(bound).sum()) * (-1 if one.field in ("min", "low") else 1)
    where, rules = f"county={'|'.join(names)}", rewritten(instance, one, levels)
    return Change(one.rule, where, before, after, share, unit, sentence, (), rules)


def _share(instance: Instance, one: Named, level: float) -> Change:
    """A share lowered or raised."""
    rule = next(rule for rule in instance.settings.rules if rule.id == one.rule)
    before, low = float(getattr(rule, one.field)), one.field == "min"
    after = min(max(rounded(level, down=low), 0.0), 1.0)
    verb = "Lower the least share" if low else "Raise the largest share"
    sentence = f"{verb} of {quoted(one)} from {share_text(before)} to {share_text(after)}"
    return Change(one.rule, "", before, after, after / before - 1, "share", sentence,
                  ((f"rule.{one.rule}.{one.field}", value_text(after)),))


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
    stream, unit = one.name.removeprefix("budget."), money_unit(instance)
    bound = _right_sides(program, one)
    used = np.flatnonzero(by > 0)
    if len(used) == len(by) and np.ptp(by) <= 1e-9 and len(by) > 1:
        factor = raised_factor(1 + float(by.max()))
        total = float(bound.sum())
        sentence = (f"Raise the budget of {stream} by {percent_text(factor - 1, sign=False)} (from {number_text(total)} to "
                    f"{number_text(total * factor)} {unit})")
        yield Change(one.rule, "", total, total * factor, factor - 1, unit, sentence, ((f"budget.{stream}", f"x{factor:.10g}"),))
        return
    raised = [_raised(instance, stream, one.index.iloc[row], float(bound[row]), float(by[row])) for row in used]
    if len(raised) < MANY:
        for where, index, before, after, key in raised:
            share = after / before - 1 if before else math.inf
            sentence = (f"Raise the budget of {stream}{where} by {percent_text(share, sign=False)} "
                        f"(from {number_text(before)} to {number_text(after)} {unit})")
            part = before / float(bound.sum()) if before else 1.0
            yield Change(one.rule, index, before, after, share, unit, sentence, ((key, value_text(after)),), part=part)
        return
    before, after = sum(entry[2] for entry in raised), sum(entry[3] for entry in raised)
    names = [entry[0].removeprefix(" for ") for entry in raised]
    sentence = (f"Raise the budget of {stream} in {len(raised)} of {len(bound)} places ({some(names)}) by "
                f"{number_text(after - before)} {unit} in all ({percent_text(after / before - 1)} there)")
    yield Change(one.rule, "|".join(entry[1] for entry in raised), before, after, after / before - 1, unit, sentence,
                 tuple((entry[4], value_text(entry[3])) for entry in raised), part=before / float(bound.sum()))


def _raised(instance: Instance, stream: str, keys: pd.Series, before: float, by: float) -> tuple[str, str, float, float, str]:
    """Words for the place of one budget, its index, its amount before and after, and the KEY that sets it."""
    step = instance.data.step
    after = math.ceil(before * (1 + by) / step - 1e-6) * step
    scope, several = str(keys["scope"]), len(instance.data.periods) > 1
    place = f".{keys['period']}" if several else ""
    place += f"[{scope}]" if "=" in scope else "" if scope == "all" else f"[scope={scope}]"
    where = f" for {scope.partition('=')[2] or scope}" if scope != "all" else ""
    where += f" in {keys['period']}" if several else ""
    index = ";".join(([f"scope={scope}"] if scope != "all" else []) + ([f"period={keys['period']}"] if several else []))
    return where, index, before, after, f"budget.{stream}{place}"


def _least(instance: Instance, one: Named, share: float) -> Change:
    """The least spend of a stream, which stands in its settings or in its budgets."""
    stream = one.name.removeprefix("budgets.least.")
    table = instance.tables["budgets"]
    factor = max(0.0, math.floor((1 - share) * 1e4 + 1e-6) / 1e4)
    listed = len(table) > 0 and (table["stream"] == stream).any() and "least" in table
    key = f"budgets.least[stream={stream}]" if listed else f"stream.{stream}.least_spend"
    sentence = f"Lower the least spend of {stream} by {percent_text(1 - factor, sign=False)}"
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
    sentence = f"Unlock the {words}{'s' if len(names) > 1 else ''} {some(names)}"
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
        sentence = f"{'Lower' if low else 'Raise'} the {what} of {places(data, entity, names)} from {before:g} to {after:g}"
        yield Change(one.rule, f"{entity}={'|'.join(names)}", before, after, after - before, "number", sentence,
                     ((f"{one.name}[{entity}={'|'.join(names)}]", f"{after:g}"),))


def _amounts(data: Data, program: Program, one: Named, by: Floats) -> Iterator[Change]:
    """Money, load and capacities: the rows that give way, those of several periods together."""
    low = not len(one.clause.row_upper)
    resource = one.name.startswith("resources.")
    keys = ["resource", "scope", "of"] if resource else [key for key in one.index.columns if key != "period"]
    frame = one.index.assign(before=_level(data, program, one), by=by)
    unit = "units" if resource or one.name == "donors.load_max" else money_unit(data.instance)
    if one.name == "donors.money" and len(by) > 1 and by.min() > 0 and np.ptp(by) <= 1e-9:
        factor, total = raised_factor(1 + float(by.max())), float(frame["before"].sum())
        sentence = f"Raise the money of all donors by {percent_text(factor - 1, sign=False)}"
        yield Change(one.rule, "", total, total * factor, factor - 1, unit, sentence, ((one.name, f"x{factor:.10g}"),))
        return
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
        sentence = (f"{'Lower' if low else 'Raise'} {words} of {who} from {number_text(before)} to {number_text(after)} {unit} "
                    f"({percent_text(after / before - 1)})")
        key = f"{column}[{text}]"
        yield Change(one.rule, text, before, after, after / before - 1, unit, sentence, ((key, value_text(after)),))


def _level(data: Data, program: Program, one: Named) -> Floats:
    """The level that a row of a table stands for; that of least support is the coefficient of its pair."""
    if one.name != "pairs.least_support":
        return _right_sides(program, one)
    return np.asarray(np.maximum(-program.matrix[one.clause.row_lower].min(axis=1).toarray().ravel(), 0.0), dtype=np.float64)


def _right_sides(program: Program, one: Named) -> Floats:
    clause = one.clause
    return np.concatenate([program.row_lower[clause.row_lower], program.row_upper[clause.row_upper]])
