"""What can conflict in an instance, by the names that planners use: rules, budgets, limits in tables, locks.

What stands in no clause always holds: accounts, coverage, prerequisites, and that nothing is below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from optimizer.engine.arrays import Ints
from optimizer.engine.conflicts import Clause
from optimizer.engine.family import Family
from optimizer.engine.program import Program
from optimizer.instance.instance import Instance
from optimizer.instance.settings import BandRule, BoundRule, ShareRule

Kind = Literal["scale", "share", "count", "switch", "fixed"]
LIMITS = {  # family: (side, clause, KEY, sentence, kind)
    "partners_of_county": (("lower", "counties.partners_min", "each county has its least number of partners", "count"),
                           ("upper", "counties.partners_max", "no county has more partners than its limit", "count")),
    "counties_of_donor": (("lower", "donors.pairs_min", "each donor has its least number of counties", "count"),
                          ("upper", "donors.pairs_max", "no donor has more counties than its limit", "count")),
    "load_of_donor": (("upper", "donors.load_max", "no donor carries more load than its limit", "scale"),),
    "donor_money": (("lower", "donors.least_money", "each donor gives what it has committed itself to", "scale"),
                    ("upper", "donors.money", "no donor gives more than its money", "scale")),
    "support_least": (("lower", "pairs.least_support", "a chosen pair carries its least support", "scale"),),
    "prerequisite": (("upper", "projects.requires", "a project starts only after those it requires", "fixed"),),
    "exclusive_group": (("upper", "projects.exclusive", "at most one project of an exclusive group starts", "fixed"),),
    "partner_sector": (("upper", "projects.partner_sector", "a project that needs a partner's sector starts only with one",
                        "fixed"),),
    "money_decision": (("lower", "decisions", "money is given as it was decided", "fixed"),
                       ("upper", "decisions", "money is given as it was decided", "fixed")),
}


@dataclass(frozen=True, eq=False)
class Named:
    """A clause in planners' words.

    Parameters
    ----------
    clause : its bounds in the program; its name is that of a rule's end (``rule.floor.min``) or the KEY of what it holds.
    rule : the rule, or the KEY, as tables name it.
    sentence : what it asks.
    kind : how it gives way: ``scale`` by a share, ``share`` (the level of a share rule), ``count`` in whole numbers,
        ``switch`` only by being switched off, ``fixed`` not at all.
    index : the keys of its bounds, one row each, in the clause's order.
    priority : higher gives way later.
    keep : never gives way.
    """

    clause: Clause
    rule: str
    sentence: str
    kind: Kind
    index: pd.DataFrame
    priority: int = 0
    keep: bool = False

    @property
    def name(self) -> str:
        """The clause's name."""
        return self.clause.name

    @property
    def field(self) -> str:
        """The last word of the name: a rule's end, a column."""
        return self.name.rpartition(".")[2]


def named_clauses(instance: Instance, program: Program, keep: Iterable[str] = ()) -> list[Named]:
    """Every clause of an instance's program that may conflict with others.

    Parameters
    ----------
    keep : rules or names of clauses that never give way, beside the rules of priority ``keep``
    """
    kept = set(keep)
    out: dict[str, Named] = {}
    for one in (*_rules(instance, program), *_budgets(program), *_limits(program), *_locks(program)):
        if len(one.clause):
            held = one.keep or any(one.rule == name or one.name.startswith(f"{name}.") or one.name == name for name in kept)
            out[one.name] = Named(one.clause, one.rule, one.sentence, one.kind, one.index, one.priority, held)
    return list(out.values())


def _rules(instance: Instance, program: Program) -> Iterator[Named]:
    """The hard rules in force, each end of a range by itself."""
    rules = {rule.id: rule for rule in instance.settings.rules if rule.active and rule.hard}
    for rule in rules.values():
        mine = [family for family in program.rows if _owner(family.name, rules) == rule.id]
        priority = 0 if rule.priority == "keep" else int(rule.priority)
        if isinstance(rule, BoundRule) and not rule.or_zero:
            ends: tuple[tuple[str, str, Kind], ...] = (("min", "lower", "scale"), ("max", "upper", "scale"))
        elif isinstance(rule, BandRule):
            ends = (("low", "lower", "scale"), ("high", "upper", "scale"))
        elif isinstance(rule, ShareRule) and rule.increase_over is None:
            ends = (("min", "lower", "share"), ("max", "upper", "share"))
        else:
            ends = ()
        for end, side, kind in ends:
            rows = _sided(program, mine, side)
            negative = getattr(program, f"row_{side}")[rows] < 0  # a loosening by shares would tighten it
            yield _named(program, f"rule.{rule.id}.{end}", rule.id, rule.sentence, "switch" if negative.any() else kind,
                         {side: rows}, priority, rule.priority == "keep")
        if not ends:
            name, how = _whole_rule(rule, program, mine)
            both = {"lower": _sided(program, mine, "lower"), "upper": _sided(program, mine, "upper")}
            yield _named(program, name, rule.id, rule.sentence, how, both, priority, rule.priority == "keep")


def _whole_rule(rule: Any, program: Program, mine: list[Family]) -> tuple[str, Kind]:
    """Name and kind of a rule that gives way as a whole, or by a number that it names."""
    families = {family.name.removeprefix(f"rule_{rule.id}_") for family in mine}
    if rule.type == "pairs" and rule.max_changed is not None and families == {"changed"}:
        return f"rule.{rule.id}.max_changed", "count"
    return f"rule.{rule.id}.active", "switch"


def _owner(family: str, rules: Iterable[str]) -> str:
    """The rule that a family of rows belongs to; the longest name that fits."""
    text = family.removeprefix("rule_") if family.startswith("rule_") else ""
    fits = [rule for rule in rules if text == rule or text.startswith(f"{rule}_")]
    return max(fits, key=len, default="")


def _budgets(program: Program) -> Iterator[Named]:
    """Budgets and least spends by stream."""
    for family, side, key, words in (("stream_budget", "upper", "budget", "{} pays no more than its budget"),
                                     ("stream_least", "lower", "budgets.least", "{} pays at least its least spend")):
        keys = program.rows_of(family)
        for stream, rows in keys.groupby("stream", sort=False) if len(keys) else ():
            yield _named(program, f"{key}.{stream}", f"{key}.{stream}", words.format(stream), "scale",
                         {side: rows.index.to_numpy()})


def _limits(program: Program) -> Iterator[Named]:
    """Limits that stand in tables, and what projects ask of one another."""
    for family, ends in LIMITS.items():
        mine = [one for one in program.rows if one.name == family]
        if family == "money_decision":
            both = {side: _sided(program, mine, side) for side in ("lower", "upper")}
            yield _named(program, "decisions", "decisions", ends[0][2], "fixed", both)
            continue
        for side, name, words, kind in ends:
            yield _named(program, name, name, words, kind, {side: _sided(program, mine, side)})  # type: ignore[arg-type]
    for one in program.rows:
        if one.name.startswith("resource_capacity_"):
            keys = program.rows_of(one.name)
            for resource, rows in keys.groupby("resource", sort=False):
                yield _named(program, f"resources.capacity.{resource}.{one.name.removeprefix('resource_capacity_')}",
                             f"resources.{resource}", f"projects use no more {resource} than there is", "scale",
                             {"upper": rows.index.to_numpy()})


def _locks(program: Program) -> Iterator[Named]:
    """Pairs and projects that are locked, pairs that are forbidden."""
    for name, family, words in (("pairs.lock", "pair", "locked pairs are chosen"),):
        at = program.columns_of(family).index.to_numpy()
        yield _named(program, name, name, words, "switch", {"col_lower": at[program.col_lower[at] > 0]})
        banned = at[program.col_upper[at] <= 0]
        yield _named(program, "pairs.forbid", "pairs.forbid", "forbidden pairs are not chosen", "fixed", {"col_upper": banned})
    locked = np.concatenate([program.columns_of(family).index.to_numpy(dtype=np.int64) for family in ("start", "started")])
    rows = [_sided(program, [one for one in program.rows if one.name == family], "lower")
            for family in ("started_once", "amount_total", "started_scalable")]
    yield _named(program, "projects.lock", "projects.lock", "locked projects start", "switch",
                 {"lower": np.concatenate(rows), "col_lower": locked[program.col_lower[locked] > 0]})


def _sided(program: Program, families: list[Family], side: str) -> Ints:
    """Rows of families that are bounded on a side."""
    rows = np.concatenate([family.positions for family in families] + [np.empty(0, np.int64)])
    return np.asarray(rows[np.isfinite(getattr(program, f"row_{side}")[rows])], dtype=np.int64)


def _named(program: Program, name: str, rule: str, sentence: str, kind: Kind, at: dict[str, Ints], priority: int = 0,
           keep: bool = False) -> Named:
    """A clause with the keys of its bounds; ``at``: positions by side, rows' sides without ``row_``."""
    sides = {side if side.startswith("col") else f"row_{side}": np.asarray(found, dtype=np.int64) for side, found in at.items()}
    order = ("row_lower", "row_upper", "col_lower", "col_upper")
    keys = [_keys(program, side, sides[side]) for side in order if side in sides and len(sides[side])]
    index = pd.concat(keys, ignore_index=True) if keys else pd.DataFrame()
    return Named(Clause(name, **sides), rule, sentence, kind, index, priority, keep)


def _keys(program: Program, side: str, positions: Ints) -> pd.DataFrame:
    """Keys of rows or columns, one row each; what a family does not know is left out."""
    families = program.rows if side.startswith("row") else program.columns
    parts = [family.keys.iloc[inside - family.start] for family in families
             if len(inside := positions[(positions >= family.start) & (positions < family.stop)])]
    order = np.argsort(np.argsort(positions, kind="stable"), kind="stable")
    return pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)
