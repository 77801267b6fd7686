"""Outcomes, criteria and the method: names they use, what this version offers, what can never act."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.checks.equity import OUTCOMES, equity_fields
from optimizer.instance.checks.rules import measure_filters
from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import amount, near
from optimizer.instance.findings import Finding
from optimizer.instance.settings import BoundRule, Criterion, ExitRule, Level

BUILT_IN = frozenset({
    "coverage", "coverage_share", "gap", "spend", "exited", "fit", "fit_pairs", "disruption", "broken",
})
TOGETHER = ("weighted", "goal", "reference")
PAIRED = {"support", "pairs"}


def check(view: View) -> Iterator[Finding]:
    """Outcomes and criteria first, then the method."""
    yield from _outcomes_and_criteria(view)
    yield from _method(view)


def _outcomes_and_criteria(view: View) -> Iterator[Finding]:
    for name, outcome in view.settings.outcomes.items():
        if name in OUTCOMES:
            yield view.setting("outcomes", name, None, None, "is the name of a built-in outcome", "Choose another name")
        yield from measure_filters(view, ("outcomes", name), "of", outcome.of)
    used = {level.criterion for level in view.settings.method.levels}
    for name, criterion in view.settings.criteria.items():
        path = ("criteria", name)
        if name in BUILT_IN:
            yield view.setting(*path, None, None, "is the name of a built-in criterion", "Choose another name")
        if criterion.of is not None:
            yield from measure_filters(view, path, "of", criterion.of)
        else:
            yield from equity_fields(view, path, criterion, "error" if name in used else "warning")


def _method(view: View) -> Iterator[Finding]:
    method, criteria = view.settings.method, view.settings.criteria
    known = BUILT_IN | frozenset(criteria)
    seen: set[str] = set()
    for level in method.levels:
        name = level.criterion
        if name not in known:
            yield view.setting("method", "levels", "criterion", name, "is no criterion of this instance",
                               f"{near(name, known)} Correct it, or declare it under criteria.")
        if name in seen:
            yield view.setting("method", "levels", "criterion", name, "stands twice", "Take one of the two out")
        seen.add(name)
    if method.type in TOGETHER and not any(level.weight > 0 for level in method.levels):
        yield view.setting("method", "levels", "weight", None, "no level has a weight above 0", "Give one a weight")
    for level in method.levels:
        yield from _level(view, level)
    rules = view.settings.rules
    exits = any(isinstance(rule, ExitRule) and rule.active for rule in rules)
    counts = "exited" in seen or any(_counts_exits(criteria[n]) for n in seen & set(criteria))
    counts |= any(isinstance(r, BoundRule) and r.active and r.of.sum == "exited" for r in rules)
    if counts and not exits:
        yield view.setting("method", "levels", "criterion", "exited", "no active rule of type exit says when a county has exited",
                           "Add one, with needs and threshold")
    if "broken" in seen and not any(rule.active and not rule.hard for rule in rules):
        yield view.setting("method", "levels", "criterion", "broken", "there is no soft rule that could be broken",
                           "Take the level out, or give a rule a price", "warning")
    for rule in rules:
        if isinstance(rule, BoundRule) and rule.active and rule.of.sum in PAIRED and not view.size("donors"):
            yield view.setting("rules", rule.id, "of", rule.of.sum, f"there are no donors, so this is always {amount(0)}",
                               f"Fill in {view.file('donors')}, or switch the rule off", "warning")


def _level(view: View, level: Level) -> Iterator[Finding]:
    """The fields of a level that its method or its criterion cannot do without, or does not read."""
    kind, name = view.settings.method.type, level.criterion
    declared = view.settings.criteria.get(name)
    if declared is not None and declared.sense == "min" and _counts_exits(declared):
        yield view.setting("criteria", name, "sense", "min",
                           "would hold down the counties that exit, which can only be asked for",
                           "Write max, or make the money that exits cost small")
    form = None if declared is None else declared.equity
    at = f"levels ({name})"
    if kind in TOGETHER and form == "leximin":
        yield view.setting("method", at, "criterion", name, f"is leximin, which is no number that a {kind} method could add up",
                           "Use type lexicographic, or the form maximin, cvar or owa")
    if kind in ("goal", "reference"):
        if level.target is None:
            yield view.setting("method", at, "target", None, f"is missing: a {kind} method needs one for each level",
                               "Write what this criterion should reach, in its own unit")
        elif kind == "goal" and level.target == 0 and level.range is None:
            yield view.setting("method", at, "range", None, "is missing: nothing divides what is missed of a target of 0",
                               "Write how much of this criterion counts as one point")
        if kind == "reference" and level.weight == 0:
            yield view.setting("method", at, "weight", "0", "leaves the criterion at 0 points, and no plan can then do better",
                               "Take the level out, or give it a weight")
    elif level.target is not None:
        yield view.setting("method", at, "target", amount(level.target), f"is not read by a {kind} method",
                           "Take it out, or use type goal or reference", "warning")
    if level.worst is not None and form != "leximin":
        yield view.setting("method", at, "worst", amount(level.worst), "is for criteria with the form leximin", "Take it out")


def _counts_exits(criterion: Criterion) -> bool:
    return criterion.of is not None and criterion.of.sum == "exited"
