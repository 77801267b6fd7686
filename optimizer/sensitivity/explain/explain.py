"""Why is there no plan, and what is the cheapest way out? Why did nothing move?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import pandas as pd

from optimizer.engine.arrays import Ints
from optimizer.engine.conflicts import Conflicts, Together, places
from optimizer.engine.elastic import released
from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.progress import Progress, Quiet
from optimizer.instance.check import check
from optimizer.instance.counting import count
from optimizer.instance.findings import Finding, InstanceError, listed, near
from optimizer.instance.instance import Instance
from optimizer.sensitivity.explain.binding import binding
from optimizer.sensitivity.explain.clauses import Named, named_clauses
from optimizer.sensitivity.explain.explanation import BINDING_COLUMNS, CONFLICT_COLUMNS, Explanation
from optimizer.sensitivity.explain.mending import ways_out
from optimizer.sensitivity.explain.parted import Parted, conflicts_by_part
from optimizer.sensitivity.explain.stated import Stated
from optimizer.sensitivity.explain.telling import conflict_rows
from optimizer.solve import solve

SECONDS = 600.0
PART = 0.5
WAYS, WAYS_OF_LARGE = 5, 2
OTHERS = "those that share a rule with these in the same place, or join far places, are left; each way out below ends all"
TRIED = 0.7  # share of the time left in which a plan of a large instance is looked for
NOT_SETTLED = ("nothing conflicts while pairs and projects may be taken in parts; with whole ones the time was over before a "
               "plan was found, or a proof that there is none; give it more with --time-limit")
ROUGH = 0.01  # gap of the plan that shows that a large instance has one


def explain(
    instance: Instance, *, keep: Iterable[str] = (), ways: int | None = None, plans: int | None = None,
    time_limit: float = SECONDS, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> Explanation:
    """Why an instance has no plan and the cheapest ways out; what binds, if it has one.

    Parameters
    ----------
    keep : rules, or limits by KEY (``budget.central``, ``counties.partners_max``), that must not give way, beside the
        rules of priority ``keep``
    ways : how many ways out to look for (default: 5, of a large instance 2)
    plans : for how many of them, from the cheapest on, to make the plan (default: all of a small instance, none of a
        large one, whose repaired instances are proved by the linear relaxation)
    time_limit : seconds for the search of conflicts and ways out

    Raises
    ------
    InstanceError : the instance has faults other than that it has no plan, or ``keep`` names nothing
    SolveError : the solver failed
    """
    progress = progress or Quiet()
    deadline = time.monotonic() + time_limit
    progress.stage("check")
    reasons = _reasons(instance)
    progress.stage("build")
    stated = Stated.of(instance)
    _known(keep, instance, named_clauses(instance, stated.program))
    ways = ways if ways is not None else WAYS if stated.small else WAYS_OF_LARGE
    progress.stage("conflicts")
    until = time.monotonic() + PART * time_limit  # the rest of the time is for ways out
    parted = None if stated.small else conflicts_by_part(
        stated.program, named_clauses(instance, stated.program, keep), deadline=until, threads=stated.threads)
    if parted is not None and parted.found:
        return _explained_by_part(stated, keep, parted, reasons, ways, plans, deadline, progress, should_stop)
    stated, found = _conflicts(stated, keep, until, stated.small)
    if not found.found and found.complete and not stated.small:
        solvable = _solvable(instance, TRIED * (deadline - time.monotonic()), progress, should_stop)
        if solvable is None:
            nothing = pd.DataFrame(columns=CONFLICT_COLUMNS), (), pd.DataFrame(columns=BINDING_COLUMNS)
            return Explanation(None, reasons, (), *nothing, False, NOT_SETTLED)
        if not solvable:
            stated, found = _conflicts(stated, keep, deadline, True)
    named = named_clauses(instance, stated.program, keep)
    if not found.found and found.complete:
        progress.stage("what binds")
        return Explanation(True, (), (), pd.DataFrame(columns=CONFLICT_COLUMNS), (), binding(stated, named))
    rows, unsettled = _rows(stated, named, found, deadline)
    progress.stage("ways out")
    made = ways_out(stated, named, most=ways, plans=plans, deadline=deadline, should_stop=should_stop)
    return Explanation(False if found.found else None, reasons, found.found, rows, made, pd.DataFrame(columns=BINDING_COLUMNS),
                       found.complete, found.why_not, unsettled)


def _explained_by_part(stated: Stated, keep: Iterable[str], parted: Parted, reasons: tuple[Finding, ...], ways: int,
                       plans: int | None, deadline: float, progress: Progress,
                       should_stop: Callable[[], bool] | None) -> Explanation:
    """The answer on a large instance some of whose parts have no plan by themselves."""
    named = named_clauses(stated.instance, stated.program, keep)
    by_name = {one.name: one for one in named}
    parted = replace(parted, found=tuple(sorted(parted.found, key=lambda one: (len(one.conflict.members), one.conflict.members))))
    rows = [row for number, one in enumerate(parted.found, 1) for row in conflict_rows(number, one.conflict, by_name, one.at)]
    unsettled = tuple(number for number, one in enumerate(parted.found, 1) if not one.conflict.minimal)
    progress.stage("ways out")
    made = ways_out(stated, named, most=ways, plans=plans, deadline=deadline, should_stop=should_stop, parted=parted)
    why = OTHERS if parted.settled else "the time limit ended the search"
    return Explanation(False, reasons, tuple(one.conflict for one in parted.found), pd.DataFrame(rows, columns=CONFLICT_COLUMNS),
                       made, pd.DataFrame(columns=BINDING_COLUMNS), False, why, unsettled)


def _solvable(instance: Instance, seconds: float, progress: Progress, should_stop: Callable[[], bool] | None) -> bool | None:
    """Whether a large instance whose relaxation has a point has a plan; a rough one will do. None: not settled in time."""
    gap = max(float(instance.settings.settings.gap), ROUGH)
    try:
        solve(instance.with_({"settings.gap": gap, "settings.time_limit": seconds}), progress=progress, should_stop=should_stop)
    except SolveError as error:
        status = None if error.outcome is None else error.outcome.status
        if status is Status.LIMIT_WITHOUT_PLAN:
            return None
        if status is not Status.INFEASIBLE:
            raise
        return False
    return True


def _conflicts(stated: Stated, keep: Iterable[str], deadline: float, whole: bool) -> tuple[Stated, Conflicts]:
    """The conflicts of an instance; equity rules add the rows that a point breaks until there is a conflict or none."""
    clauses = [one.clause for one in named_clauses(stated.instance, stated.program, keep)]
    while True:
        together = Together(stated.program, clauses, whole=whole, deadline=deadline, threads=stated.threads)
        found = together.conflicts()
        if found.found or not found.complete or together.point is None:
            break
        cut = stated.with_cuts(together.point)
        if cut is None:
            return stated, found
        stated = cut
        clauses = [one.clause for one in named_clauses(stated.instance, stated.program, keep)]
    if found.complete and stated.compiled.cutting:
        found = Conflicts(found.found, False, "equity rules are looked at only where all else holds")
    return stated, found


def _reasons(instance: Instance) -> tuple[Finding, ...]:
    """What counting proves; faults of another kind are raised."""
    faults = [finding for finding in check(instance) if finding.severity == "error"]
    proofs = set(count(instance, sound=False)) if faults else set()
    if not proofs.issuperset(faults):
        raise InstanceError(faults)
    return tuple(faults)


def _known(keep: Iterable[str], instance: Instance, named: list[Named]) -> None:
    """Refuse names to keep that are neither rules nor limits."""
    rules = [rule.id for rule in instance.settings.rules]
    names = {*rules, *(one.name for one in named), *(one.rule for one in named)}
    wrong = [name for name in keep if name not in names and not any(one.name.startswith(f"{name}.") for one in named)]
    if wrong:
        raise InstanceError([
            Finding("--keep", None, None, name, "is neither a rule nor a limit of this instance",
                    near(name, sorted(names), "Write one of " + listed(sorted(names), 20))) for name in wrong])


def _rows(stated: Stated, named: list[Named], found: Conflicts, deadline: float) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """conflicts.csv: conflicts of a relaxation by their places, parts that have nothing in common by themselves."""
    by_name = {one.name: one for one in named}
    rows: list[dict[str, object]] = []
    unsettled: list[int] = []
    number = 0
    for conflict in found.found:
        mine = [by_name[name].clause for name in conflict.members]
        parts: list[dict[str, Ints]] = []
        if not conflict.whole and mine:
            others = [one.clause for one in named if one.name not in conflict.members]
            parts = places(released(stated.program, others), mine, max(deadline - time.monotonic(), 1.0))
        parts = [part for part in parts if set(part) == set(conflict.members)] or [{}]
        for part in parts:
            number += 1
            unsettled += [] if conflict.minimal else [number]
            rows += conflict_rows(number, conflict, by_name, part)
    return pd.DataFrame(rows, columns=CONFLICT_COLUMNS), tuple(unsettled)
