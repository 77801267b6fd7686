"""A rule as a sentence in the reader's language, made from its own fields: what is counted, of what, between which ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

from optimizer.instance.settings import (
    BandRule,
    BoundRule,
    EquityRule,
    ExitRule,
    Measure,
    PairsRule,
    RuleBase,
    ShareRule,
)
from optimizer.instance.settings_sections import LABELS

if TYPE_CHECKING:
    from optimizer.report.figures.names import Names

Write = Callable[[float], str]
BLANK = re.compile("(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")  # a blank parts Chinese from numbers, not from Chinese
#: Filters of a measure in the order in which they are said.
ORDER = ("period", "donor", "county", "need", "category", "sector", "project", "existing")
#: Forms whose value is in the unit of their outcome; the others are pure numbers.
IN_UNITS = ("maximin", "leximin", "cvar", "range", "mad", "gini_absolute")


def rule_words(names: Names, rule: RuleBase) -> str:
    """The sentence of a rule, its periods behind it."""
    said = TYPES[type(rule)](names, rule)
    if rule.periods in ("last", "total"):
        said = names.say(f"rule.{rule.periods}", said=said)
    elif not isinstance(rule.periods, str):
        said = names.say("rule.in", said=said, periods=names.listed([names.period(period) for period in rule.periods]))
    return BLANK.sub("", said[:1].upper() + said[1:])


def _bound(names: Names, rule: BoundRule) -> str:
    what, write = measured(names, rule.of), _unit(names, rule.of)
    ends = [end for end in (rule.min, rule.max) if end is not None]
    if rule.per == ("people",):
        what, write = names.say("rule.of_people", what=what), percent
    elif rule.per:
        part = all(0 <= end <= 1 for end in ends)
        per = " × ".join(names.column(column) for column in rule.per)
        what, write = names.say("rule.of_column" if part else "rule.per_column", what=what, per=per), percent if part else write
    said = _every(names, rule.each) + _limit(names, what, rule.min, rule.max, write)
    return names.say("rule.or_zero", said=said) if rule.or_zero else said


def _share(names: Names, rule: ShareRule) -> str:
    whole, own = measured(names, rule.whole), rule.part.filters
    extra = [key for key, value in rule.part.filters.items() if rule.whole.filters.get(key) != value]
    inside = rule.part.sum == rule.whole.sum and rule.part.column == rule.whole.column
    inside = inside and all(own.get(key) == value for key, value in rule.whole.filters.items())
    if rule.increase_over is not None:
        whole = names.say("rule.increase", whole=whole, against=names.say(f"against.{rule.increase_over}"))
    parts = [names.say(f"rule.extra.{key}", value=_value(names, key, own[key])) for key in extra]
    parts += [names.say("rule.any", column=names.column(rule.part_each))] if rule.part_each is not None else []
    if inside and parts:
        what = names.say("rule.share", whole=whole, part=names.listed(parts))
    else:
        what = names.say("rule.ratio", whole=whole, part=measured(names, rule.part))
    said = _every(names, rule.each) + _limit(names, what, rule.min, rule.max, percent)
    return names.say("rule.from", said=said, n=f"{rule.from_:,}") if rule.from_ else said


def _band(names: Names, rule: BandRule) -> str:
    what, against = measured(names, rule.of), names.say(f"against.{rule.to}")
    ends = {end: value for end, value in (("low", rule.low), ("high", rule.high)) if value is not None}
    if len(ends) == 2:
        said = names.say("rule.band", what=what, against=against, **{end: percent(value) for end, value in ends.items()})
    else:
        said = _limit(names, what, rule.low, rule.high, lambda v: names.say("rule.times", share=percent(v), against=against))
    said = _every(names, rule.each) + said
    return names.say("rule.scaled", said=said) if rule.scaled else said


def _pairs(names: Names, rule: PairsRule) -> str:
    said = [names.say("rule.keep")] if rule.keep == "all" else []
    said += [names.say("rule.changed", n=f"{rule.max_changed:,}")] if rule.max_changed is not None else []
    if rule.min_gain is not None:
        said.append(names.say("rule.gain", column=names.column(rule.column), gain=f"{rule.min_gain:g}"))
    return names.say("rule.and").join(said)


def _exit(names: Names, rule: ExitRule) -> str:
    some = rule.threshold if isinstance(rule.threshold, tuple) else ()
    ends = sorted({each.value for each in some}) or [float(rule.threshold)]  # type: ignore[arg-type]  # a number or a list
    counties = names.say("rule.exit.every") if rule.at_least == "all" else names.say("rule.exit.some", n=f"{rule.at_least:,}")
    needs = names.listed([names.need(need) for need in rule.needs]) or names.say("rule.exit.any")
    told = percent(ends[0]) if len(ends) == 1 else names.say("rule.exit.range", least=percent(ends[0]), most=percent(ends[-1]))
    said = names.say(f"rule.exit.{rule.combine}", counties=counties, needs=needs, threshold=told, per=names.column(rule.per))
    return said if rule.by is None else names.say("rule.by", said=said, period=names.period(rule.by))


def _equity(names: Names, rule: EquityRule) -> str:
    outcome, form = rule.outcome or "covered_share", str(rule.equity)
    over = names.say(f"over.{rule.over}") if rule.over in ("counties", "donors") else names.column(rule.over)
    key = "rule.worst" if form == "maximin" else "rule.equity"
    what = names.say(key, outcome=names.term("outcome", outcome), over=over, form=names.term("form", form))
    plain: Write = lambda value: f"{value:,g}"  # noqa: E731
    units: dict[str, Write] = {"covered_share": percent, "money": _money(names), "loss": _money(names),
                               "money_per_head": lambda value: f"{value:,g} {names.currency}"}
    return _limit(names, what, rule.min, rule.max, units.get(outcome, plain) if form in IN_UNITS else plain)


TYPES: dict[type[RuleBase], Callable[[Names, Any], str]] = {
    BoundRule: _bound, ShareRule: _share, BandRule: _band, PairsRule: _pairs, ExitRule: _exit, EquityRule: _equity,
}


def measured(names: Names, measure: Measure) -> str:
    """What a measure counts, with its filters."""
    filters = measure.filters
    if measure.sum == "projects" and measure.column not in (None, "cost"):
        what = names.say("rule.column.projects", column=names.column(str(measure.column)))
    elif measure.sum == "pairs" and measure.column is not None:
        what = names.say("rule.column.pairs", column=names.column(measure.column))
    elif measure.sum == "money" and "stream" in filters:
        what = _value(names, "stream", filters["stream"])
    else:
        what = names.say(f"rule.sum.{'cost' if measure.column == 'cost' else measure.sum}")
    if measure.weighted:
        what = names.say("rule.weighted", what=what)
    kinds = {"category": "kind"} if measure.sum == "projects" else {}
    found = [(kinds.get(key, key), _value(names, key, filters[key])) for key in ORDER if key in filters]
    parts = [names.say(f"rule.part.{key}", value=value) for key, value in found]
    if not parts:
        return what
    told = reduce(lambda one, more: names.say("rule.parts", one=one, more=more), parts)
    return names.say("rule.filtered", what=what, parts=told)


def _value(names: Names, key: str, value: Any) -> str:
    """What a filter names: labels, names of places, a group in words."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    known: dict[str, Callable[[str], str]] = {"stream": names.stream, "category": names.category, "need": names.need,
                                             "sector": lambda one: names.term("sector", one), "period": names.period}
    if key in known:
        return names.listed([known[key](str(one)) for one in values])
    if key == "project":
        titles = names.plan.data.projects["name"].to_dict()
        return names.listed([str(titles.get(one, one)) for one in values])
    if key in ("county", "donor"):
        return names.listed([names.members(one, key) for one in values])
    return names.say("rule.existing" if str(value) in ("1", "True") else "rule.not_existing")


def _every(names: Names, each: str) -> str:
    if each == "all":
        return ""
    return names.say("rule.every.donor") if each == "donor" else names.say("rule.every", level=names.level(each))


def _limit(names: Names, what: str, low: float | None, high: float | None, write: Write) -> str:
    if low is not None and high is not None:
        return names.say("rule.within", what=what, min=write(low), max=write(high))
    return names.say("rule.least", what=what, min=write(low)) if low is not None else names.say(
        "rule.most", what=what, max=write(float(high or 0.0)))


def percent(value: float) -> str:
    """A share as a rule writes it: ``2.5 %``."""
    return f"{round(100 * value, 6):g} %"


def _money(names: Names) -> Write:
    """Amounts with their unit; in English in millions where the unit is itself a number, such as 10,000 yuan."""
    money = names.settings.money
    if names.lang == "en" and money.unit in LABELS and money.unit != "yuan":
        return lambda value: names.say("amount.million", number=f"{value * money.yuan / 1e6:,.10g}")
    return lambda value: f"{value:,.10g} {names.money}"


def _unit(names: Names, measure: Measure) -> Write:
    """How an amount of a measure is written, with its unit."""
    if measure.sum in ("money", "support") or measure.column == "cost":
        return _money(names)
    if measure.column is not None:
        return lambda value: f"{value:,.10g}"
    unit = names.unit({"pairs": "pairs", "projects": "projects", "exited": "counties"}.get(measure.sum, "people"))
    return lambda value: f"{value:,.10g} {unit}"
