"""Arithmetic that proves that no plan exists, before any solver runs, told in money and people.

Everything here is a necessary condition: when a finding is an error, no plan exists; when there is none, there may
still be no plan. Soft rules are only warned about.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from optimizer.instance.checks.view import View
from optimizer.instance.counts import guarantees, locked, money, partners, projects, rows, shares
from optimizer.instance.counts.case import Case
from optimizer.instance.findings import Finding, InstanceError

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

COUNTS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    locked.check, partners.check, money.check, guarantees.check, rows.check, projects.check, shares.check,
)


def count(instance: Instance, sound: bool = True) -> list[Finding]:
    """What counting shows to be impossible.

    Parameters
    ----------
    instance : any instance that could be read
    sound : whether the other checks found no error. If they did, an instance that cannot be spelled out or summed is
        passed over: what is wrong with it has been told
    """
    if sound:
        return _counted(instance)
    try:
        with warnings.catch_warnings():  # of arithmetic on tables that do not fit together
            warnings.simplefilter("ignore")
            return _counted(instance)
    except (InstanceError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return []


def _counted(instance: Instance) -> list[Finding]:
    """Hard rules first; if nothing contradicts them, soft rules as if they were hard."""
    view, data = View(instance), instance.data
    hard = _found(Case(view, data))
    if hard or all(rule.hard for rule in instance.settings.rules if rule.active):
        return hard
    return _found(Case(view, data, hard=False))


def _found(case: Case) -> list[Finding]:
    return [finding for one in COUNTS for finding in one(case)]
