"""The linear program that a plan's prices come from: its selection held, earlier levels held, one criterion."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.engine.session import Session
from optimizer.instance.findings import Finding, InstanceError
from optimizer.methods.cuts import Refined
from optimizer.methods.levels import Ask, held
from optimizer.methods.run import TOGETHER, levels_of, with_composite
from optimizer.methods.worst_sums import with_sum
from optimizer.model.algebra import lookup
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.search.drive import Found
from optimizer.search.limits import Limits

EXACT, SELECTION, SOLVED = "exact", "selection", "solved"
LEVEL = 1e-9  # share of a level by which a later one may fall below it: what a solver's rounding needs


@dataclass(frozen=True, eq=False)
class Question:
    """What is priced.

    Attributes
    ----------
    tier : ``exact`` where no whole decision was free, else ``selection``
    program : the plan's program with whole decisions held at the plan's, and a row for every level held before
    linear, criterion : the criterion and its name
    compiled : the program it came from; its columns and rows stand first
    """

    tier: str
    program: Program
    linear: Linear
    criterion: str
    compiled: Compiled

    @property
    def sign(self) -> float:
        """1 where the criterion is made small, -1 where it is made large."""
        return 1.0 if self.linear.sense == "min" else -1.0


def question(plan: Plan, built: Compiled, criterion: str | None = None, deadline: float = np.inf) -> Question:
    """The linear program of a plan's prices; curved conditions of equity stand in it as the tangents found at its optimum.

    Parameters
    ----------
    built : the plan's instance, compiled
    criterion : a level of the method; the first by default. Levels before it are held at their best for the selection

    Raises
    ------
    InstanceError : the criterion is no level of the method, or a quotient
    SolveError : the selection leaves no plan, or the time was over
    """
    settings = plan.instance.settings
    free = built.program.integer & (built.program.col_lower < built.program.col_upper)
    limits = Limits(deadline=deadline, threads=settings.settings.threads, seed=settings.settings.seed)
    program = _with_selection(plan, built.program, limits) if free.any() else built.program
    refined = Refined(_asked(limits), built.cutting, limits)
    names = [level.criterion for level in levels_of(settings)]
    if any(rule.active and not rule.hard for rule in settings.rules) and "broken" not in names:
        program = _held(program, "broken", program.criteria["broken"], refined, 0.0)
    if settings.method.type in TOGETHER:
        program = with_composite(settings, program, plan.claims.ranges)
        names = [settings.method.type]
    name = names[0] if criterion is None else criterion
    if name not in names:
        raise _refused(f"{name} is no level of the method", f"Name one of {', '.join(names)}")
    for level in levels_of(settings)[:names.index(name)]:
        program, linear = _linear(program, built, level.criterion)
        size = level.tolerance.amount if level.tolerance is not None else 0.0
        relative = level.tolerance is not None and level.tolerance.relative
        program = _held(program, level.criterion, linear, refined, size, relative)
    program, linear = _linear(program, built, name)
    if built.cutting:
        refined(program, linear, None)
        program = refined.with_rows(program)
        linear = replace(linear, vector=np.append(linear.vector, np.zeros(program.n_columns - len(linear.vector))))
    return Question(SELECTION if free.any() else EXACT, program, linear, name, built)


def _linear(program: Program, built: Compiled, name: str) -> tuple[Program, Linear]:
    """A criterion of the program; of leximin its worst outcome."""
    if name not in program.criteria:
        program, linear = with_sum(program, built.outcomes[name], 1)
        return program, linear
    linear = program.criteria[name]
    if isinstance(linear, Ratio):
        raise _refused(f"{name} is a quotient, which no price adds up to", "Name another level with --criterion")
    return program, replace(linear, vector=np.append(linear.vector, np.zeros(program.n_columns - len(linear.vector))))


def _held(program: Program, name: str, linear: Linear, ask: Ask, size: float, relative: bool = False) -> Program:
    """The program with a criterion held at its best, less its tolerance."""
    found = ask(program, linear, None)
    if found.x is None:
        raise SolveError(f"The plan's selection leaves no plan for {name}.", found.outcome)
    best = found.outcome.objective
    return held(program, name, linear, best, (size * abs(best) if relative else size) + LEVEL * abs(best))


def _asked(limits: Limits) -> Ask:
    """Answers by the linear program alone."""

    def ask(program: Program, linear: Linear, start: Floats | None) -> Found:
        session = Session(program.with_criteria({"asked": linear}), "asked", threads=limits.threads, seed=limits.seed)
        result = session.solve("lp", time_limit=limits.left)
        return Found(result.outcome, result.x, {})

    return ask


def _with_selection(plan: Plan, program: Program, limits: Limits) -> Program:
    """The program with pairs and projects held at the plan's, and with them every other whole decision."""
    chosen = selection(plan, program)
    low, high = program.col_lower.copy(), program.col_upper.copy()
    known = np.isfinite(chosen)
    low[known] = high[known] = chosen[known]
    program_held = program.with_bounds(col_lower=low, col_upper=high)
    rest = program.integer & ~known & (low < high)
    if rest.any():
        first = plan.instance.settings.method.levels[0].criterion
        linear = program.criteria.get(first)
        if linear is None or isinstance(linear, Ratio):
            linear = Linear("max", np.zeros(program.n_columns))
        session = Session(program_held.with_criteria({"asked": linear}), "asked", threads=limits.threads, seed=limits.seed)
        result = session.solve("mip", gap=plan.instance.settings.settings.gap, time_limit=limits.left)
        if result.x is None:
            raise SolveError("The plan's pairs and projects leave no plan.", result.outcome)
        low[rest] = high[rest] = np.round(result.x[rest])
    return program.with_bounds(col_lower=low, col_upper=high, integer=np.zeros(program.n_columns, bool))


def selection(plan: Plan, program: Program) -> Floats:
    """The plan's value of every whole decision that its tables name (pairs, starts); nan for all other columns."""
    chosen = np.full(program.n_columns, np.nan)
    pairs = plan.pairings[plan.pairings["status"] != "ended"]
    started = plan.projects[["project", "start"]]
    for family in program.columns:
        table = {"pair": pairs, "start": started, "started": started}.get(family.name)
        if table is not None and len(family):
            at = lookup(family.keys, table[list(family.keys.columns)])
            values = np.zeros(len(family))
            values[at[at >= 0]] = 1.0
            chosen[family.start : family.stop] = values
    return chosen


def _refused(problem: str, mend: str) -> InstanceError:
    return InstanceError([Finding("criterion", None, None, None, problem, mend)])


def clock(time_limit: float | None) -> float:
    """When a time limit ends, on the monotonic clock."""
    return np.inf if time_limit is None else time.monotonic() + time_limit


