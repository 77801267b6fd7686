"""Rules, criteria, outcomes and the method: names they use, what this version offers, what can never act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from optimizer.instance.checks.filters import match
from optimizer.instance.checks.view import View, amount, near, some
from optimizer.instance.findings import Finding
from optimizer.instance.schema import TABLES
from optimizer.instance.settings import (
    BandRule,
    BoundRule,
    Criterion,
    EquityFields,
    EquityRule,
    ExitRule,
    Measure,
    PairsRule,
    ShareRule,
)

BUILT_IN = frozenset({
    "coverage", "coverage_share", "gap", "spend", "exited", "fit", "fit_pairs", "disruption", "broken",
})
OUTCOMES = frozenset({"covered_share", "gap_per_1000", "money", "money_per_head", "loss", "burden"})
METHODS = ("single", "weighted", "lexicographic")
EQUITY = ("maximin",)
BASELINES = ("last", "factor")
PAIRED = {"support", "pairs"}
KNOWN_BY = {
    "money": ("stream", "county", "category"), "support": ("donor", "county"), "pairs": ("donor", "county"),
    "projects": ("project", "county", "category", "sector"), "covered": ("need", "county"), "gap": ("need", "county"),
    "exited": ("county",),
}


def check(view: View) -> Iterator[Finding]:
    """Rules first, then outcomes, criteria and the method."""
    for rule in view.settings.rules:
        path = ("rules", rule.id)
        severity = "error" if rule.active else "warning"
        found: list[Finding] = [*_periods(view, path, rule.periods)]
        if isinstance(rule, BoundRule):
            found += [*_measure(view, path, "of", rule.of), *_each(view, path, "each", rule.each, rule.of)]
            found += _per(view, path, rule)
        elif isinstance(rule, ShareRule):
            found += [*_measure(view, path, "part", rule.part), *_measure(view, path, "whole", rule.whole)]
            found += [*_each(view, path, "each", rule.each, rule.part, rule.whole), *_increase(view, path, rule)]
            if rule.part_each is not None:
                found += _each(view, path, "part_each", rule.part_each, rule.part)
        elif isinstance(rule, BandRule):
            found += [*_measure(view, path, "of", rule.of), *_each(view, path, "each", rule.each, rule.of)]
            found += _baseline(view, path, rule)
        elif isinstance(rule, ExitRule):
            found += _exit(view, path, rule)
        elif isinstance(rule, PairsRule):
            found += _pairs(view, path)
        elif isinstance(rule, EquityRule):
            found += _equity(view, path, rule, "error")
        yield from (f if severity == "error" or f.severity == "warning" else _softened(f) for f in found)
    yield from _outcomes_and_criteria(view)
    yield from _method(view)


def _softened(finding: Finding) -> Finding:
    """The fault of a rule that is switched off."""
    return Finding(finding.file, finding.row, finding.column, finding.value, f"{finding.problem} (the rule is switched off)",
                   finding.mend, "warning")


def _measure(view: View, path: tuple[str, str], field: str, measure: Measure) -> Iterator[Finding]:
    """Every filter of a measure names something."""
    section, entry = path
    pools = {"stream": "streams", "category": "categories", "need": "needs", "project": "projects"}
    for key, wanted in measure.filters.items():
        where = f"{field}.{key}"
        if key in pools:
            known = view.identifiers(pools[key])
            for name in _listed(wanted):
                if str(name) not in known and not (key == "project" and isinstance(wanted, Mapping)):
                    if key == "project" and str(name) in view.settings.groups:
                        continue
                    yield view.setting(section, entry, where, name, f"is no {key} of this instance", near(str(name), known))
        elif key == "period":
            for period in _listed(wanted):
                if str(period) not in {str(p) for p in view.periods}:
                    yield view.setting(section, entry, where, period, "is no period of this instance",
                                       f"The periods are {', '.join(map(str, view.periods))}")
        elif key == "sector":
            sectors = frozenset(view.text("projects", "sector").dropna())
            for name in _listed(wanted):
                if str(name) not in sectors:
                    yield view.setting(section, entry, where, name, "is the sector of no project", near(str(name), sectors),
                                       "warning")
        elif key in ("county", "donor"):
            yield from _group(view, path, where, "counties" if key == "county" else "donors", wanted)
    if measure.periods is not None:
        yield from _periods(view, path, measure.periods)


def _group(view: View, path: tuple[str, str], where: str, table: str, wanted: Any) -> Iterator[Finding]:
    section, entry = path
    found = match(view, table, wanted)
    text = None if isinstance(wanted, Mapping) else str(wanted)
    for problem, mend in found.problems:
        yield view.setting(section, entry, where, text, problem, mend)
    if not found.problems and not found.mask.any():
        yield view.setting(section, entry, where, text, f"matches none of {table}, so the rule or criterion counts nothing",
                           "Correct the filter", "warning")
    if found.unknown.any() and found.says is None and not (isinstance(wanted, str) and wanted in view.settings.groups):
        yield view.setting(section, entry, where, text, f"the filter reads blank cells of {int(found.unknown.sum()):,} {table}",
                           "Fill them in, or add 'unknown: no' or 'unknown: yes' to the filter")


def _listed(wanted: Any) -> list[Any]:
    if isinstance(wanted, Mapping):
        return []
    return list(wanted) if isinstance(wanted, (list, tuple)) else [wanted]


def _periods(view: View, path: tuple[str, str], periods: Any) -> Iterator[Finding]:
    if isinstance(periods, tuple):
        for period in periods:
            if period not in view.periods:
                yield view.setting(*path, "periods", period, "is no period of this instance",
                                   f"The periods are {', '.join(map(str, view.periods))}")


def _each(view: View, path: tuple[str, str], field: str, each: str, *measures: Measure) -> Iterator[Finding]:
    """A rule can have a row for each value only of what its sums are known by."""
    for measure in measures:
        names = KNOWN_BY[measure.sum]
        columns: set[str] = set(names)
        for key, table in (("county", "counties"), ("donor", "donors"), ("project", "projects")):
            if key in names:
                frame = view.frame(table)
                columns |= {c for c in map(str, frame.columns) if frame[c].dtype.kind not in "fiub"}
                columns |= {c.name for c in TABLES[table].columns if c.is_text}
        if each != "all" and each not in columns:
            offered = frozenset(columns | {"all"})
            yield view.setting(*path, field, each, f"is nothing by which {measure.sum} can be parted",
                               f"{near(each, offered)} Text columns of counties can be used too.")
            return


def _per(view: View, path: tuple[str, str], rule: BoundRule) -> Iterator[Finding]:
    if "people" in rule.per and len(rule.per) > 1:
        yield view.setting(*path, "per", ", ".join(rule.per), "multiplies people in need with a column",
                           "Write people alone, or columns of counties such as population")


def _increase(view: View, path: tuple[str, str], rule: ShareRule) -> Iterator[Finding]:
    if rule.increase_over is not None and {rule.part.sum, rule.whole.sum} != {"money"}:
        yield view.setting(*path, "increase_over", rule.increase_over, "is about money, but part or whole count something else",
                           "Write {sum: money, …} in both")
    if rule.increase_over == "factor" and view.settings.factor is None:
        yield view.setting(*path, "increase_over", "factor", "there is no factor method in this instance", "Add the block factor")
    if rule.increase_over == "last" and not view.size("baseline"):
        yield view.setting(*path, "increase_over", "last", "last year's money is unknown",
                           f"Fill in {view.file('baseline')}, or switch the rule off")


def _baseline(view: View, path: tuple[str, str], rule: BandRule) -> Iterator[Finding]:
    """The baseline of a band has to exist, and to be known for each county it reads."""
    if rule.of.sum != "money":
        yield view.setting(*path, "of", rule.of.sum, "has no baseline: last year and the factor method are about money",
                           "Write {sum: money, …}")
        return
    if rule.to not in BASELINES:
        yield view.setting(*path, "to", rule.to, f"is not offered by this version; offered: {', '.join(BASELINES)}",
                           "Name one of these, or switch the rule off")
        return
    if rule.to == "factor":
        if view.settings.factor is None:
            yield view.setting(*path, "to", "factor", "there is no factor method in this instance", "Add the block factor")
        return
    if not view.size("counties"):
        return
    rows = np.ones(view.size("baseline"), dtype=bool)
    for key in ("stream", "category"):
        wanted = _listed(rule.of.filters.get(key))
        if key in rule.of.filters:
            rows &= view.text("baseline", key).isin([str(w) for w in wanted]).to_numpy()
    known = set(view.text("baseline", "county")[rows].dropna())
    counties = view.text("counties", "county")
    read = match(view, "counties", rule.of.filters.get("county")).mask
    lost = list(counties[read & ~counties.isin(known).to_numpy()].dropna())
    if lost:
        yield view.setting(
            *path, "to", "last", f"last year's money is unknown for {len(lost):,} of {int(read.sum()):,} counties that the rule "
            f"reads ({some(lost)})",
            f"Add their rows to {view.file('baseline')} (0 if they had none), or keep them out by a filter",
        )


def _exit(view: View, path: tuple[str, str], rule: ExitRule) -> Iterator[Finding]:
    known = view.identifiers("needs")
    for need in rule.needs:
        if need not in known:
            yield view.setting(*path, "needs", need, "is no need of this instance", near(need, known))
    if rule.by is not None and rule.by not in view.periods:
        yield view.setting(*path, "by", rule.by, "is no period of this instance",
                           f"The periods are {', '.join(map(str, view.periods))}")
    if isinstance(rule.at_least, int) and rule.at_least > view.size("counties"):
        yield view.setting(*path, "at_least", rule.at_least, f"is more than the {view.size('counties'):,} counties there are",
                           "Lower it, or write all")
    if isinstance(rule.threshold, tuple):
        taken = np.zeros(view.size("counties"), dtype=bool)
        for n, part in enumerate(rule.threshold):
            yield from _group(view, path, f"threshold.{n + 1}.where", "counties", part.where)
            taken |= match(view, "counties", part.where).mask
        if not taken.all():
            without = list(view.text("counties", "county")[~taken].dropna())
            yield view.setting(*path, "threshold", None, f"no threshold holds for {len(without):,} counties ({some(without)})",
                               "Add a threshold whose where matches them")


def _pairs(view: View, path: tuple[str, str]) -> Iterator[Finding]:
    if not view.size("pairs") and view.settings.pairs.candidates == "none":
        yield view.setting(*path, None, None, "there are no candidate pairs, so the rule does nothing",
                           f"Fill in {view.file('pairs')}, or switch the rule off", "warning")


def _equity(view: View, path: tuple[str, str], fields: EquityFields, severity: Any) -> Iterator[Finding]:
    if fields.equity not in EQUITY:
        yield view.setting(*path, "equity", fields.equity, f"is not offered by this version; offered: {', '.join(EQUITY)}",
                           "Name one of these, or take it out", severity)
    outcomes = OUTCOMES | view.identifiers("outcomes")
    if fields.outcome is not None and fields.outcome not in outcomes:
        yield view.setting(*path, "outcome", fields.outcome, "is no outcome", near(fields.outcome, outcomes))
    if fields.over == "donors" and not view.size("donors"):
        yield view.setting(*path, "over", "donors", "there are no donors", "Write counties, or a text column of counties")
    columns = frozenset(map(str, view.frame("counties").columns)) | {"counties", "donors"}
    if fields.over not in columns:
        yield view.setting(*path, "over", fields.over, "is neither counties, donors nor a column of counties",
                           near(fields.over, columns))


def _outcomes_and_criteria(view: View) -> Iterator[Finding]:
    for name, outcome in view.settings.outcomes.items():
        if name in OUTCOMES:
            yield view.setting("outcomes", name, None, None, "is the name of a built-in outcome", "Choose another name")
        yield from _measure(view, ("outcomes", name), "of", outcome.of)
    used = {level.criterion for level in view.settings.method.levels}
    for name, criterion in view.settings.criteria.items():
        path = ("criteria", name)
        if name in BUILT_IN:
            yield view.setting(*path, None, None, "is the name of a built-in criterion", "Choose another name")
        if criterion.of is not None:
            yield from _measure(view, path, "of", criterion.of)
        else:
            yield from _equity(view, path, criterion, "error" if name in used else "warning")


def _method(view: View) -> Iterator[Finding]:
    method, criteria = view.settings.method, view.settings.criteria
    if method.type not in METHODS:
        yield view.setting("method", None, "type", method.type, f"is not offered by this version; offered: {', '.join(METHODS)}",
                           "Name one of these")
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
    if method.type == "weighted" and not any(level.weight > 0 for level in method.levels):
        yield view.setting("method", "levels", "weight", None, "no level has a weight above 0", "Give one a weight")
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


def _counts_exits(criterion: Criterion) -> bool:
    return criterion.of is not None and criterion.of.sum == "exited"
