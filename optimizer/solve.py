"""The main job on one page: instance → program → solution → whole-unit plan → audit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.beginning import Modelled, Start, point_of
from optimizer.engine.derive import ExtraRows
from optimizer.engine.export import write_lp, write_mps
from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.progress import Progress, Quiet
from optimizer.engine.session import RawResult
from optimizer.instance.check import check
from optimizer.instance.data import Data, rebudgeted
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.methods.cuts import Refined
from optimizer.methods.levels import Ask, Reached
from optimizer.methods.lexicographic import Ordered
from optimizer.methods.quotients import with_quotients
from optimizer.methods.run import ordered_levels, reached_by
from optimizer.methods.worst_sums import with_sum
from optimizer.model.answer import decisions_of
from optimizer.model.build import build
from optimizer.model.compile import Compiled, compile_model, compile_numbers
from optimizer.model.patch import with_budgets
from optimizer.model.restate import Restating, restating
from optimizer.model.settling import Settling
from optimizer.plan.assemble import assemble
from optimizer.plan.choices import Choices
from optimizer.plan.choices import Level as Claimed
from optimizer.plan.plan import Plan
from optimizer.search.drive import Found, search
from optimizer.search.limits import Limits
from optimizer.search.problem import Problem
from optimizer.search.relaxation import Mark, Relaxer
from optimizer.statements import Stages, claims_of, only_missed, proved, with_status
from optimizer.tightening import ROUNDS as TIGHTENINGS
from optimizer.tightening import drawn_in
from optimizer.whole_steps import Steps

Extend = Callable[[Any], None]
Changes = Mapping[str, Any] | Instance | None
Method = Callable[[Instance, Compiled, Ask, Floats | None, Limits, bool], Reached]
START_SECONDS = 60.0  # for making a point of a plan to begin with, whatever the search is given
ROOM_TO_ROUND = 0.7  # share of the gap asked for that the search may use up; the rest is for whole steps


def solve(
    instance: Instance, *, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
    extend: Extend | None = None, start: Start | None = None,
) -> Plan:
    """The allocation plan of an instance, audited.

    Parameters
    ----------
    progress : follows stages, bound and best plan; says nothing by default
    should_stop : asked now and then; True ends the search with the best plan so far
    extend : an analyst's own constraints, added to the Pyomo model; the plan says that the audit does not know them
    start : decisions to begin with, such as ``plan.choices`` of a plan made under other criteria, or ``session.modelled``;
        left aside where they break a hard rule of this instance

    Raises
    ------
    InstanceError : the instance has errors, all of them listed
    SolveError : there is no plan; ``outcome`` tells infeasible, unbounded, a limit and a failure apart
    """
    session = Session(instance, progress=progress, extend=extend)
    if start is not None:
        session.begin_with(start)
    return session.solve(progress=progress, should_stop=should_stop)


def model(instance: Instance) -> Any:
    """The Pyomo ConcreteModel of an instance, with the first level's criterion as its objective."""
    return build(instance.data).pyomo


class Session:
    """One loaded program, solved again and again under changes, each of which acts on the instance given.

    Parameters
    ----------
    instance : what every change starts from
    extend : an analyst's own constraints, as for :func:`solve`
    """

    def __init__(self, instance: Instance, *, progress: Progress | None = None, extend: Extend | None = None) -> None:
        self.instance, self.extend = instance, extend
        self._watch = Stages(progress or Quiet())
        self._watch.stage("check")
        _refuse(instance, progress)
        self._watch.stage("build")
        self._algebra = build(instance.data)
        if extend is not None:
            extend(self._algebra.pyomo)
        self._watch.stage("compile")
        self.compiled = compile_model(self._algebra)
        self._watch.stage("")
        self._relaxer: Relaxer | None = None
        self._last: Floats | None = None
        self._asked = False
        self.modelled: Modelled | None = None  # what the last plan was before whole steps
        self._origin: tuple[Relaxer, Mark] | None = None
        self._restating: tuple[Restating | None] | None = None

    def solve(
        self, changes: Changes = None, *, progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None, method: Method | None = None, time_limit: float = np.inf,
        known: tuple[Claimed, ...] = (),
    ) -> Plan:
        """The plan under changes (none by default), starting from the last plan found.

        Parameters
        ----------
        changes : KEY → VALUE, or the session's instance as something else has changed it
        method : another way to choose among the plans than the method of the instance
        time_limit : seconds for this solve, where they are fewer than the instance's
        known : levels whose bounds hold for every plan, where ``method`` looks at some of them only

        Raises
        ------
        InstanceError, SolveError : as :func:`solve`
        """
        watch = self._watch if not (self._asked or changes) else Stages(progress or Quiet())
        self._asked = True
        watch.progress = progress or Quiet()
        until = time.monotonic() + time_limit
        watch.stage("build")
        instance, built = self._changed(changes)
        watch.stage("")
        def made(built: Compiled, known: tuple[Claimed, ...] = ()) -> tuple[Plan, Floats, Modelled]:
            return _solved(instance, built, should_stop, watch, self._last, self._loaded, method or by_instance, known, until)

        plan, self._last, self.modelled = made(built, known)
        stated: Instance | None = instance if not built.unknown else None
        for _ in range(TIGHTENINGS):
            stated = None if stated is None else drawn_in(instance, stated, plan)
            if stated is None:
                break
            try:
                tight = compile_numbers(build(stated.data, pyomo=False), built.ideals)
                plan, self._last, self.modelled = made(tight, plan.claims.levels)
            except SolveError:  # drawn in this far they leave no plan: the last one stays, with what it misses
                break
        return plan

    @property
    def last_point(self) -> Floats | None:
        """The last plan as a point of the compiled program, in whole steps; None before the first plan."""
        return self._last

    def begin_with(self, start: Start) -> bool:
        """Begin the next search with these decisions; whether they keep the hard rules of the instance given.

        A search that begins with a plan ends with one that is no worse, but for whole steps.
        """
        self._watch.stage("start")
        settings = self.instance.settings.settings
        limits = Limits(deadline=time.monotonic() + START_SECONDS, threads=settings.threads, seed=settings.seed)
        point = point_of(start, self.instance, self.compiled, limits)
        self._watch.stage("")
        self._last = self._last if point is None else point
        return point is not None

    def rewind(self, point: Floats | None = None) -> None:
        """Forget what was asked so far, so that the next answer depends on its question alone.

        Plans start from ``point``, relaxations from the optimum of the instance given.
        """
        if self._origin is None:
            problem, settings = Problem.of(*_first_level(self.instance, self.compiled)), self.instance.settings.settings
            relaxer = Relaxer(problem, seed=settings.seed, threads=settings.threads)
            relaxer.solve()
            self._origin = relaxer, relaxer.mark()
        (self._relaxer, mark), self._last = self._origin, point
        self._relaxer.rewind(mark)

    def relax(self, changes: Changes = None) -> Relaxed:
        """The linear relaxation of the first level under changes, warm: a bound on what any plan can reach.

        Raises
        ------
        SolveError : the relaxation has no optimum
        """
        instance, built = self._changed(changes)
        program, linear = _first_level(instance, built)
        relaxer = self._loaded(program, linear, instance.settings.settings.threads)
        answer = relaxer.solve()
        if isinstance(answer, RawResult):
            raise SolveError(_no_plan(answer.status), answer.outcome)
        problem = relaxer.problem
        return Relaxed(problem.stated(answer.value), problem.stated(answer.bound), answer.x, answer.dual / problem.scale,
                       program)

    def _changed(self, changes: Changes) -> tuple[Instance, Compiled]:
        """The instance under changes and its program: numbers alone where the change moves nothing else."""
        if not changes:
            return self.instance, self.compiled
        if isinstance(changes, Instance):
            _refuse(changes)
            made = compiled(changes, self.extend) if self.extend else compile_numbers(build(changes.data, pyomo=False))
            return changes, made
        instance = self.instance.with_(changes)
        if self.extend is not None:
            _refuse(instance)
            return instance, compiled(instance, self.extend)
        of_method = all(str(key).startswith(("weight.", "method.")) for key in changes)
        if of_method and _criteria(instance) <= _criteria(self.instance):
            _refuse(instance)
            return instance, self.compiled
        if all(str(key).startswith("budget.") for key in changes):
            patched = self._with_budgets(rebudgeted(self.instance.data, instance))
            if patched is not None:
                return instance, patched
        _refuse(instance)
        return instance, compile_numbers(build(instance.data, pyomo=False))

    def _with_budgets(self, data: Data) -> Compiled | None:
        """The program under other budgets, where only numbers change: by arrays alone, or by stating clauses again."""
        if self._restating is None:
            self._restating = (restating(self._algebra, self.compiled, self.instance.data),)
        quick = self._restating[0] and self._restating[0].of(data)
        return quick or with_budgets(self._algebra, self.compiled, data)

    def _loaded(self, program: Program, linear: Linear, threads: int) -> Relaxer:
        """The relaxation of a program, taken over by the one that is loaded where that can be."""
        problem = Problem.of(program, linear)
        if self._relaxer is None or not self._relaxer.change(problem):
            seed = self.instance.settings.settings.seed
            self._relaxer = Relaxer(problem, seed=seed, threads=threads)
        return self._relaxer


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The linear relaxation: its value, a bound on every plan, its point, the duals of its rows, and the program."""

    value: float
    bound: float
    x: Floats
    dual: Floats
    program: Program


def _first_level(instance: Instance, built: Compiled) -> tuple[Program, Linear]:
    """The program and criterion of the first level; of leximin its own first level, the worst outcome (low ones negated)."""
    name = instance.settings.method.levels[0].criterion
    if name in built.program.criteria:
        return built.program, built.program.criteria[name]
    return with_sum(built.program, built.outcomes[name], 1)


def _criteria(instance: Instance) -> set[str]:
    """Criteria that the method names: all that a method changes in the program."""
    return {level.criterion for level in instance.settings.method.levels}


def _refuse(instance: Instance, progress: Progress | None = None) -> None:
    """Raise everything that check finds wrong; tell the progress what it warns of."""
    findings = check(instance)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise InstanceError(errors)
    for finding in findings:
        (progress or Quiet()).note(finding.sentence())


def compiled(instance: Instance, extend: Extend | None = None) -> Compiled:
    """The program of an instance."""
    algebra = build(instance.data)
    if extend is not None:
        extend(algebra.pyomo)
    return compile_model(algebra)


def _solved(
    instance: Instance, built: Compiled, should_stop: Callable[[], bool] | None, watch: Stages, start: Floats | None,
    loaded: Callable[[Program, Linear, int], Relaxer], method: Method, known: tuple[Claimed, ...] = (),
    until: float = np.inf,
) -> tuple[Plan, Floats, Modelled]:
    """Run the method, go to whole steps, assemble and audit; ``known``: levels whose bounds hold, where ``built`` asks more."""
    settings = instance.settings.settings
    limits = limits_of(instance, until, should_stop)
    start = start if start is not None and len(start) == built.program.n_columns else None

    cuts: list[ExtraRows] = []

    def reach(built: Compiled) -> Reached:
        def ask(program: Program, linear: Linear, point: Floats | None) -> Found:
            relaxer = loaded(program, linear, settings.threads) if program is built.program else None
            found = search(program, linear, limits, watch.progress, point, relaxer)
            for name, seconds in found.seconds.items():
                watch.seconds[name] = watch.seconds.get(name, 0.0) + seconds
            return found

        refined = Refined(ask, built.cutting, limits, cuts, settled=Settling(instance.data))
        exact = max((one.tolerance for one in built.cutting), default=0.0)
        reached = method(instance, built, refined.answering(exact), start, limits, False)
        if reached.x is None:
            found = reached.levels[-1].found
            raise SolveError(_no_plan(found.outcome.status), found.outcome)
        return replace(reached, program=refined.with_rows(reached.program))

    def in_steps(ask: Ask) -> Reached:
        refined = with_quotients(Refined(ask, built.cutting, limits, cuts, whole=True))
        return method(instance, steps.built, refined, None, limits, True)

    steps = Steps(instance, built)
    reached = reach(steps.built)
    watch.stage("whole steps")
    stepped = steps.of(reached, in_steps)
    if stepped is None:  # no whole-unit point keeps every hard rule: those that must be missed have been widened
        reached = reach(steps.built)
        watch.stage("whole steps")
        stepped = steps.of(reached, in_steps)
    if stepped is None:
        raise SolveError("The hard rules leave no plan in whole steps of money, however far each is missed.",
                         reached.levels[-1].found.outcome)
    watch.stage("plan")
    claims = replace(claims_of(instance, built, reached, watch, limits.stop()), rounding=steps.unmet())
    if known:
        levels = tuple(replace(now, bound=was.bound) for now, was in zip(claims.levels, known, strict=True))
        claims = replace(claims, levels=levels)
    choices = Choices.of(**decisions_of(built.program, stepped.x, instance.data.step))
    plan = assemble(instance, choices, claims)
    if not known:
        plan = proved(plan, stepped)
    watch.stage("audit")
    plan = with_status(only_missed(plan), settings.gap).audited()
    watch.stage("")
    plan = replace(plan, claims=replace(plan.claims, seconds=dict(watch.seconds)))
    assert reached.x is not None
    return plan, stepped.x, Modelled.of(built.program, reached.x[: built.program.n_columns])


def limits_of(instance: Instance, until: float = np.inf, should_stop: Callable[[], bool] | None = None) -> Limits:
    """When a search stops: by the instance's settings, at ``until`` (monotonic seconds) or when told to."""
    settings = instance.settings.settings
    deadline = min(until, time.monotonic() + (np.inf if settings.time_limit is None else settings.time_limit))
    return Limits(gap=ROOM_TO_ROUND * settings.gap, deadline=deadline, threads=settings.threads, seed=settings.seed,
                  node_limit=settings.node_limit, stop=should_stop or (lambda: False))


def by_instance(
    instance: Instance, built: Compiled, ask: Ask, start: Floats | None, limits: Limits, whole: bool
) -> Reached:
    """The method of the instance over its program; ``whole``: the ask answers in whole steps."""
    settings = instance.settings
    most = ordered_levels(settings)
    outcomes = {name: built.outcomes[name] for name in most}
    ordered = Ordered(outcomes, most, limits, alone=not (built.cutting or whole))
    return reached_by(settings, built.program, ask, start, ordered)


def _no_plan(status: Status) -> str:
    return {
        Status.INFEASIBLE: "No plan can hold all hard rules of this instance (proved).",
        Status.UNBOUNDED: "The criterion can grow without limit: a budget or a ceiling is missing.",
        Status.LIMIT_WITHOUT_PLAN: "The limit was reached before a plan was found; whether there is one is not known.",
    }.get(status, f"Solving failed ({status}).")


def export(instance: Instance, file: str | Path) -> tuple[Path, ...]:
    """Write the first level as ``.mps`` or ``.lp`` for other solvers, with a table of names beside it.

    Raises
    ------
    ValueError : the file is neither
    """
    writers = {".mps": write_mps, ".lp": write_lp}
    path = Path(file)
    if path.suffix not in writers:
        raise ValueError(f"{path.name} ends in neither .mps nor .lp")
    program, linear = _first_level(instance, compiled(instance))
    name = instance.settings.method.levels[0].criterion
    return writers[path.suffix](program.with_criteria({name: linear}), name, path)
