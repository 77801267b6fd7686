"""Scenarios: each is applied once, so that a key which matches nothing is found before anyone asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import near
from optimizer.instance.findings import Finding, InstanceError


def check(view: View) -> Iterator[Finding]:
    """``from`` names a scenario and runs in no circle; every change of every scenario can be made."""
    scenarios = view.settings.scenarios
    broken: set[str] = set()
    for name, scenario in scenarios.items():
        if scenario.from_ is not None and scenario.from_ not in scenarios:
            broken.add(name)
            yield view.setting("scenarios", name, "from", scenario.from_, "is no scenario of this instance",
                               near(scenario.from_, frozenset(scenarios)))
        chain = [name]
        while (before := scenarios[chain[-1]].from_) in scenarios and before is not None:
            if before in chain:
                broken.update(chain)
                if min(chain) == name or before != name:
                    yield view.setting("scenarios", name, "from", before,
                                       f"scenarios run in a circle: {' → '.join([*chain, before])}", "Take one 'from' out")
                break
            chain.append(before)
    told: set[tuple[str | None, str | None, str]] = set()
    for name in scenarios:
        if name in broken:
            continue
        try:
            view.instance.scenario(name)
        except InstanceError as error:
            for finding in error.findings:
                key = (finding.column, finding.value, finding.problem)
                if key not in told:
                    told.add(key)
                    what = f"{finding.column}: {finding.problem}" if finding.column else finding.problem
                    yield replace(view.setting("scenarios", name, None, finding.value, what, finding.mend), row=None)
