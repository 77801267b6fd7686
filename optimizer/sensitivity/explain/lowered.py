"""Rules that conflicts can only switch off, at the level that they could still be held to: lowered in place of given up.

The level is the best that the criterion behind the rule reaches once the rule is off and all else of the way out is done.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optimizer.engine.outcome import SolveError
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.instance.settings import EquityRule, ExitRule
from optimizer.sensitivity.explain.changes import Change
from optimizer.sensitivity.explain.eased import restated
from optimizer.sensitivity.explain.words import number_text, quoted_rule, rounded, share_text, value_text
from optimizer.solve import Session

NAME = "level-of-a-rule"
LEAST = 1e-6
ROOM = 1e-4  # share of the best level by which another level is easier to hold in whole steps


@dataclass(frozen=True)
class Softer:
    """A change in the place of a switch, and the next easier one, where whole steps need it."""

    change: Change
    easier: Change


def softer(instance: Instance, off: Instance, change: Change, *, whole: bool, time_limit: float,
           should_stop: Callable[[], bool] | None = None) -> Softer | None:
    """A level in the place of a switch that turns an equity or exit rule off; None where there is none to speak of.

    Parameters
    ----------
    instance, off : as given, and repaired with the rule switched off
    whole : whether to make the plan that is best by the rule's criterion; else the linear relaxation is asked
    time_limit : seconds for it
    """
    rule = next((one for one in instance.settings.rules if one.id == change.rule), None)
    if change.unit != "switch" or time_limit <= 0:
        return None
    if isinstance(rule, EquityRule) and (rule.min is None) != (rule.max is None):
        end = "min" if rule.min is not None else "max"
        fields = {key: value for key, value in _raw(instance, rule.id).items() if key not in RULE_FIELDS}
        best = _best(off, {**fields, "sense": "max" if end == "min" else "min"}, whole, time_limit, should_stop)
        return None if best is None else _of_equity(rule, end, best)
    if isinstance(rule, ExitRule) and _alone(instance, rule):
        on = off.with_({f"rule.{rule.id}.active": True, f"rule.{rule.id}.at_least": 0})
        by = rule.by if rule.by is not None else instance.data.periods[-1]
        best = _best(on, {"sense": "max", "of": {"sum": "exited", "period": int(by)}}, whole, time_limit, should_stop)
        return None if best is None else _of_exit(instance, rule, best)
    return None


RULE_FIELDS = ("id", "type", "sentence", "source", "active", "priority", "hard", "price", "periods", "min", "max")


def _raw(instance: Instance, rule: str) -> dict[str, Any]:
    return next(dict(one) for one in instance.raw_settings["rules"] if one["id"] == rule)


def _alone(instance: Instance, rule: ExitRule) -> bool:
    """Whether what counts as exited is what this rule says, for every county."""
    others = [one for one in instance.settings.rules if isinstance(one, ExitRule) and one.active and one.id != rule.id]
    return not others and isinstance(rule.threshold, int | float)


def _best(instance: Instance, criterion: dict[str, Any], whole: bool, time_limit: float,
          should_stop: Callable[[], bool] | None) -> float | None:
    """The best value of a criterion: of a plan, or of the linear relaxation."""
    raw = dict(instance.raw_settings)
    criteria = {**raw.get("criteria", {}), NAME: criterion}
    method = {"type": "single", "levels": [{"criterion": NAME}]}
    try:
        session = Session(restated(instance, {**raw, "criteria": criteria, "method": method}))
        value = session.solve(should_stop=should_stop, time_limit=time_limit).outcome.objective if whole else \
            session.relax().value
    except (SolveError, InstanceError):  # not every form that can be held to a bound can be aimed at
        return None
    return value if value is not None and math.isfinite(value) else None


def _of_equity(rule: EquityRule, end: str, best: float) -> Softer | None:
    before, low = float(getattr(rule, end)), end == "min"
    if before <= LEAST or best <= LEAST or (best >= before if low else best <= before):
        return None  # nothing of it can be held, or it could be held all along
    show = share_text if before <= 1 else number_text
    out = []
    for room in (0.0, ROOM):
        after = rounded(best * (1 - room if low else 1 + room), down=low)
        verb = "Lower the least" if low else "Raise the most"
        sentence = f"{verb} of {quoted_rule(rule.id, rule.sentence)} from {show(before)} to {show(after)}"
        out.append(Change(rule.id, "", before, after, after / before - 1, "level", sentence,
                          ((f"rule.{rule.id}.{end}", value_text(after)),)))
    return Softer(*out)


def _of_exit(instance: Instance, rule: ExitRule, best: float) -> Softer | None:
    every = len(instance.data.counties) if rule.at_least == "all" else int(rule.at_least)
    most = min(math.floor(best + LEAST), every - 1)
    if most < 1:
        return None
    out = []
    for after in (most, most - 1):
        sentence = f"Ask {quoted_rule(rule.id, rule.sentence)} for {after:,} counties in place of {every:,}"
        out.append(Change(rule.id, "", float(every), float(after), float(after - every), "number", sentence,
                          ((f"rule.{rule.id}.at_least", str(after)),)))
    return Softer(*out)
