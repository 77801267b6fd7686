"""Everything that is wrong with an instance, at once: where, what, and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from optimizer.instance.checks import (
    coverage,
    filters,
    fit,
    magnitudes,
    methods,
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
from optimizer.instance.findings import Finding, InstanceError

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

STRUCTURE: tuple[Callable[[View], Iterator[Finding]], ...] = (
    references.check, ranges.check, times.check, filters.check, streams.check, fit.check, coverage.check, projects.check,
    rules.check, methods.check, reads.check,
)
SENSE: tuple[Callable[[View], Iterator[Finding]], ...] = (magnitudes.check, names.check)


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
    found += [finding for one in (*SENSE, scenarios.check) for finding in one(view)]
    if sound:
        found += fit.gaps(view, instance.data)
    found += count(instance, sound)
    return _ordered([*instance.warnings, *found])


def check_path(path: str | os.PathLike[str]) -> list[Finding]:
    """All findings on a folder or workbook, whether or not it can be read; errors first.

    Where some cells or settings cannot be read, the rest is checked all the same, but for scenarios and for counting,
    which would prove nothing about an instance that is not known.
    """
    from optimizer.instance.checks.partial import not_told, read_partly
    from optimizer.instance.instance import read

    try:
        return check(read(path))
    except InstanceError as error:
        told = list(error.findings)
    instance = read_partly(path)
    if instance is None:
        return told
    view = View(instance)
    return _ordered([*told, *not_told([finding for one in (*STRUCTURE, *SENSE) for finding in one(view)], told)])


def _ordered(findings: list[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.severity != "error")
