"""What the model can do with an equity form: optimise it, hold it to a bound, from which side, and on what terms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import amount
from optimizer.instance.equity_forms import ALIKE, BOUNDED, INDICES, OPTIMISED, QUOTIENTS
from optimizer.instance.findings import Finding
from optimizer.instance.settings import EquityFields, EquityRule

TOGETHER = ("weighted", "goal", "reference")
LOW = frozenset({"gap_per_1000", "loss", "burden"})


def modelled(view: View, path: tuple[str, str], fields: EquityFields, severity: Any) -> Iterator[Finding]:
    """Whether the model can do what a criterion or a rule asks of a form."""
    form, rule = str(fields.equity), isinstance(fields, EquityRule)
    offered = BOUNDED if rule else OPTIMISED
    if form not in offered:
        done = "as a bound" if rule else "as a criterion"
        yield view.setting(*path, "equity", form, f"is not offered {done} by this version; offered: {', '.join(offered)}",
                           "Name one of these, or take it out", severity)
        return
    if fields.weight is not None and form in ALIKE:
        yield view.setting(*path, "weight", fields.weight, f"cannot be used: {form} is optimised and bounded over units that "
                           "count alike, since which person is the median hangs on single votes",
                           "Leave weight out; as an indicator the form can be weighted", severity)
    if isinstance(fields, EquityRule):
        yield from _bound(view, path, fields, is_low(view, fields))
    elif form in QUOTIENTS and view.settings.method.type in TOGETHER and path[1] in named(view):
        yield view.setting(*path, "equity", form,
                           f"is relative to the {_middle(form)}, which a {view.settings.method.type} method cannot add to other "
                           "criteria",
                           "Use type lexicographic, hold it to a bound in a rule, or name gini_absolute or mad", severity)
    if (form == "nash" or (form in ("alpha", "atkinson") and (fields.alpha or 0.0) >= 1)) and not _floor(view, fields):
        yield view.setting(*path, "equity", form, "breaks down where a unit has nothing (alpha is 1 or more), and no rule keeps "
                           "units above that", "Add a hard equity rule maximin with min above 0, over the same units", severity)


def named(view: View) -> set[str]:
    """The criteria that the method names."""
    return {level.criterion for level in view.settings.method.levels}


def is_low(view: View, fields: EquityFields) -> bool:
    """Whether less of the outcome is better."""
    declared = view.settings.outcomes.get(str(fields.outcome))
    return declared.better == "low" if declared is not None else fields.outcome in LOW


def _bound(view: View, path: tuple[str, str], rule: EquityRule, low: bool) -> Iterator[Finding]:
    """A bound from the side on which the plans that keep it are convex; a quotient's cannot be softened."""
    form = str(rule.equity)
    if form == "maximin":
        return
    small = form in INDICES or low
    wrong, right = ("min", "max") if small else ("max", "min")
    if getattr(rule, wrong) is not None:
        yield view.setting(*path, wrong, amount(getattr(rule, wrong)), f"asks for a {form} on the side of the worse plans",
                           f"Write {right}")
    if form in QUOTIENTS and not rule.hard:
        yield view.setting(*path, "price", amount(rule.price or 0.0), f"cannot soften {form}, which is relative to the "
                           f"{_middle(form)}", "Leave the price out, or name gini_absolute or mad")
    if form in ("mcloone", "kalai") and rule.min is not None and rule.min > 1:
        yield view.setting(*path, "min", amount(rule.min), f"is above 1, and {form} never is", "Lower it")
    if form in INDICES and rule.max is not None and rule.max < 0:
        yield view.setting(*path, "max", amount(rule.max), f"is below 0, and {form} never is", "Raise it")


def _middle(form: str) -> str:
    return "median" if form == "mcloone" else "mean"


def _floor(view: View, fields: EquityFields) -> bool:
    """Whether a hard rule keeps every unit of this outcome above 0."""
    return any(
        isinstance(rule, EquityRule) and rule.active and rule.hard and rule.equity == "maximin" and (rule.min or 0.0) > 0
        and (rule.outcome, rule.over) == (fields.outcome, fields.over)
        for rule in view.settings.rules)
