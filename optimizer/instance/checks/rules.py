"""Rules: the names they use, what they can be parted by, what this version offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from optimizer.instance.checks.equity import equity_fields
from optimizer.instance.checks.filters import match
from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import near, some
from optimizer.instance.findings import Finding
from optimizer.instance.schema import TABLES
from optimizer.instance.settings import (
    BandRule,
    BoundRule,
    EquityRule,
    ExitRule,
    Measure,
    PairsRule,
    ShareRule,
)

CLAIMS_RULES = ("proportional", "cea", "cel", "talmud")
KNOWN_BY = {
    "money": ("stream", "county", "category"), "support": ("donor", "county"), "pairs": ("donor", "county"),
    "projects": ("project", "county", "category", "sector"), "covered": ("need", "county"), "gap": ("need", "county"),
    "exited": ("county",),
}


def check(view: View) -> Iterator[Finding]:
    """Every rule; of one that is switched off only a warning."""
    for rule in view.settings.rules:
        path = ("rules", rule.id)
        severity = "error" if rule.active else "warning"
        found: list[Finding] = [*_periods(view, path, rule.periods)]
        if isinstance(rule, BoundRule):
            found += [*measure_filters(view, path, "of", rule.of), *_each(view, path, "each", rule.each, rule.of)]
            found += _per(view, path, rule)
            found += _exits_held_down(view, path, [("of", rule.of, rule.max)])
        elif isinstance(rule, ShareRule):
            found += _exits_held_down(view, path, [("part", rule.part, rule.max), ("whole", rule.whole, rule.min)])
            found += [*measure_filters(view, path, "part", rule.part), *measure_filters(view, path, "whole", rule.whole)]
            found += [*_each(view, path, "each", rule.each, rule.part, rule.whole), *_increase(view, path, rule)]
            if rule.part_each is not None:
                found += _each(view, path, "part_each", rule.part_each, rule.part)
        elif isinstance(rule, BandRule):
            found += [*measure_filters(view, path, "of", rule.of), *_each(view, path, "each", rule.each, rule.of)]
            found += _baseline(view, path, rule)
        elif isinstance(rule, ExitRule):
            found += _exit(view, path, rule)
        elif isinstance(rule, PairsRule):
            found += _pairs(view, path)
        elif isinstance(rule, EquityRule):
            found += equity_fields(view, path, rule, "error")
        yield from (f if severity == "error" or f.severity == "warning" else _softened(f) for f in found)


def _exits_held_down(
    view: View, path: tuple[str, str], ends: Iterable[tuple[str, Measure, object]]
) -> Iterator[Finding]:
    """A county is counted as exited where that helps the plan, so rules can ask for exits but not against them."""
    for field, measure, limit in ends:
        if measure.sum == "exited" and limit is not None:
            yield view.setting(*path, field, "exited", "counties that exit can be asked for, not held down",
                               "Take this limit out, or ask for the fewer exits through the money that they cost")


def _softened(finding: Finding) -> Finding:
    """The fault of a rule that is switched off."""
    return Finding(finding.file, finding.row, finding.column, finding.value, f"{finding.problem} (the rule is switched off)",
                   finding.mend, "warning")


def measure_filters(view: View, path: tuple[str, str], field: str, measure: Measure) -> Iterator[Finding]:
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


def _no_categories(view: View, path: tuple[str, str], parted: str, *measures: Measure) -> Iterator[Finding]:
    """The factor method shares money by stream and county; it has no categories."""
    if parted == "category" or any("category" in measure.filters for measure in measures):
        yield view.setting(*path, None, "category", "the factor method shares money by stream and county, not by category",
                           "Leave the category out, or compare with last year's money")


def _increase(view: View, path: tuple[str, str], rule: ShareRule) -> Iterator[Finding]:
    if rule.increase_over is not None and {rule.part.sum, rule.whole.sum} != {"money"}:
        yield view.setting(*path, "increase_over", rule.increase_over, "is about money, but part or whole count something else",
                           "Write {sum: money, …} in both")
    if rule.increase_over == "factor":
        yield from _no_categories(view, path, rule.part_each or rule.each, rule.part, rule.whole)
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
    if rule.to in CLAIMS_RULES:
        yield from _estate(view, path, rule)
        return
    if rule.to == "factor":
        yield from _no_categories(view, path, rule.each, rule.of)
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


def _estate(view: View, path: tuple[str, str], rule: BandRule) -> Iterator[Finding]:
    """A claims rule shares one budget among counties whose claims are known."""
    parted = [name for name in ("stream", "category") if rule.each == name] + ["category"] * ("category" in rule.of.filters)
    if parted:
        yield view.setting(*path, None, parted[0], f"a claims rule shares one budget by county, not by {parted[0]}",
                           f"Leave the {parted[0]} out, or compare with last year's money")
    budgets = view.text("budgets", "stream")
    named = {str(w) for w in _listed(rule.of.filters["stream"])} if "stream" in rule.of.filters else set(budgets.dropna())
    for stream in sorted(named):
        scopes = view.text("budgets", "scope")[(budgets == stream).to_numpy()].nunique()
        if scopes > 1:
            yield view.setting(*path, "of", stream, f"has {scopes:,} budgets that cannot pay each other's counties, but a claims "
                               "rule shares one", "Name a stream with a single scope in of: {sum: money, stream: …}")
    if not view.size("counties"):
        return
    blank = np.isnan(view.number("counties", "claim")) & match(view, "counties", rule.of.filters.get("county")).mask
    if blank.any():
        lost = list(view.text("counties", "county")[blank].dropna())
        yield view.setting(*path, "to", rule.to, f"the claim is unknown for {len(lost):,} counties that the rule reads "
                           f"({some(lost)})",
                           f"Fill in claim in {view.file('counties')} (0 for none), or keep them out by a filter")


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
