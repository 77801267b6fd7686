"""Who has exited: uncovered people of the named needs over a county column, against a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from optimizer.instance.settings import ExitRule
from optimizer.plan.audit.exact import exact, known
from optimizer.plan.audit.state import Key, State

if TYPE_CHECKING:
    from optimizer.plan.audit.books import Books


def exit_rules(books: Books) -> list[ExitRule]:
    """The active exit rules."""
    return [rule for rule in books.data.settings.rules if isinstance(rule, ExitRule) and rule.active]


def limits(books: Books, rule: ExitRule) -> dict[str, Fraction]:
    """Threshold × per of each county the rule speaks of (the first ``where`` that holds)."""
    names = [str(county) for county in books.data.counties.index]
    shares: dict[str, Fraction] = {}
    if isinstance(rule.threshold, int | float):
        shares = dict.fromkeys(names, exact(rule.threshold))
    else:
        for case in rule.threshold:
            for n in np.flatnonzero(books.data.group_mask(case.where, "counties")).tolist():
                shares.setdefault(names[n], exact(case.value))
    per = books.data.counties[rule.per].to_dict()
    return {county: share * known(per[county], f"counties.csv, {county}", rule.per) for county, share in shares.items()}


def uncovered(state: Mapping[Key, State], rule: ExitRule) -> dict[tuple[str, int], Fraction]:
    """Largest or summed gap over the rule's needs, by county and period; all needs if it names none."""
    out: dict[tuple[str, int], Fraction] = {}
    for (county, need, period), people in state.items():
        if rule.needs and need not in rule.needs:
            continue
        before = out.get((county, period), Fraction(0))
        out[county, period] = before + people.gap if rule.combine == "sum" else max(before, people.gap)
    return out


def passed(books: Books, state: Mapping[Key, State], rule: ExitRule) -> dict[tuple[str, int], bool]:
    """Whether each county the rule speaks of has passed; with ``stay``, only if it passes to the end."""
    gaps = uncovered(state, rule)
    out: dict[tuple[str, int], bool] = {}
    for county, limit in limits(books, rule).items():
        later = True
        for period in reversed(books.data.periods):
            good = gaps.get((county, period), Fraction(0)) <= limit
            later = good and (later or not rule.stay)
            out[county, period] = later
    return out


def exited_counties(books: Books, state: Mapping[Key, State]) -> dict[tuple[str, int], bool]:
    """Counties that pass every exit rule that speaks of them, by period; those of which none speaks have not exited."""
    out: dict[tuple[str, int], bool] = {}
    for rule in exit_rules(books):
        for key, good in passed(books, state, rule).items():
            out[key] = out.get(key, True) and good
    return out
