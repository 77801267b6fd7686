"""Everything that is wrong with an instance, at once: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from optimizer.instance.checks import (
    coverage,
    filters,
    magnitudes,
    names,
    projects,
    ranges,
    reads,
    references,
    rules,
    scenarios,
    streams,
    times,
)
from optimizer.instance.checks.view import View
from optimizer.instance.counting import count
from optimizer.instance.findings import Finding

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

STRUCTURE: tuple[Callable[[View], Iterator[Finding]], ...] = (
    references.check, ranges.check, times.check, filters.check, streams.check, coverage.check, projects.check, rules.check,
    reads.check,
)
SENSE: tuple[Callable[[View], Iterator[Finding]], ...] = (magnitudes.check, names.check, scenarios.check)


def check(instance: Instance) -> list[Finding]:
    """All findings on an instance, errors first.

    Parameters
    ----------
    instance : an instance that could be read (what cannot be read raises :class:`InstanceError` there)

    Returns
    -------
    list of Finding
        ``error``: the instance cannot be solved as it stands; ``warning``: it can, but look at this. Many findings of
        one kind in one column are cut after the first ten, and the rest is counted.
    """
    view = View(instance)
    found = [finding for one in STRUCTURE for finding in one(view)]
    sound = not any(finding.severity == "error" for finding in found)
    found += [finding for one in SENSE for finding in one(view)]
    found += count(instance, sound)
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda finding: finding.severity != "error")
