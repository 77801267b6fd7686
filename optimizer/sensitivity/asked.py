"""What a curve or a range is asked of: the one linear criterion that the method of an instance makes best first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.engine.outcome import Outcome, Status
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.ratio import Ratio
from optimizer.engine.session import RawResult
from optimizer.instance.check import check
from optimizer.instance.counting import count
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance
from optimizer.instance.settings import Settings
from optimizer.methods.goal import GOAL, size_of
from optimizer.methods.levels import held, ranges_of
from optimizer.methods.run import TOGETHER, with_composite
from optimizer.model.compile import Compiled
from optimizer.search.drive import Found
from optimizer.search.problem import Problem
from optimizer.search.relaxation import Relaxation, Relaxer


def refused(problem: str, mend: str, where: str = "instance") -> InstanceError:
    """An error about what cannot be asked of this instance."""
    return InstanceError([Finding(where, None, None, None, problem, mend)])


def stated(instance: Instance) -> None:
    """Raise the errors of an instance, but for those that only say that its money does not go round.

    Raises
    ------
    InstanceError : with every other error
    """
    errors = [finding for finding in check(instance) if finding.severity == "error"]
    if errors and not set(count(instance, sound=False)).issuperset(errors):
        raise InstanceError(errors)


def fractional(program: Program) -> Program:
    """The program without whole numbers."""
    return program.with_bounds(integer=np.zeros(program.n_columns, bool))


def whole_decisions(program: Program) -> bool:
    """Whether some column must be whole and can still move."""
    return bool((program.integer & (program.col_lower < program.col_upper)).any())


@dataclass(frozen=True, eq=False)
class Asked:
    """A program with the criterion that is made best.

    Attributes
    ----------
    program, linear, name : the criterion is one of the program's, called ``name``
    ranges : what a method of several criteria divides each by
    """

    program: Program
    linear: Linear
    name: str
    ranges: Mapping[str, float]


def asked_of(
    settings: Settings, built: Compiled, program: Program, point: Program, *, ranges: Mapping[str, float] | None = None,
    broken: float = 0.0,
) -> Asked:
    """The criterion that the method makes best first, with no more points of soft rules than ``broken``.

    Parameters
    ----------
    built : what ``program`` came from
    program : the compiled program, perhaps with more columns and rows
    point : the same at fixed budgets, where ranges that nobody states are found, whole numbers left aside
    ranges : those that are known already

    Raises
    ------
    InstanceError : the criterion is not linear, or soft rules must be broken
    """
    settings_ = settings.method
    if built.cutting:
        raise refused(f"has conditions that hold through rows found one by one ({', '.join(c.name for c in built.cutting)}), "
                      "so that prices would speak of another program", "Leave them out, or ask with whole plans (integers)")
    names = [level.criterion for level in settings_.levels]
    for name in names:
        if name not in program.criteria or isinstance(program.criteria[name], Ratio):
            raise refused(f"makes {name} best, which is not a linear criterion", "Ask for a linear one, such as coverage or a "
                          "maximin, with --set method.levels, or ask with whole plans (integers)")
    program = _with_broken(settings, program, broken)
    if settings_.type not in TOGETHER:
        return Asked(program, program.criteria[names[0]], names[0], {})
    if settings_.type == GOAL:
        sizes = {level.criterion: size_of(level) for level in settings_.levels}
    elif ranges:
        sizes = dict(ranges)
    else:
        sizes, _ = ranges_of(fractional(point), settings_.levels, relaxed_ask, None)
    program = with_composite(settings, program, sizes)
    return Asked(program, program.criteria[settings_.type], settings_.type, sizes)


def _with_broken(settings: Settings, program: Program, points: float) -> Program:
    """The program in which soft rules are broken by no more than so many points, where it has soft rules."""
    if not any(rule.active and not rule.hard for rule in settings.rules):
        return program
    return held(program, "broken", program.criteria["broken"], points, 0.0)


def relaxed_ask(program: Program, linear: Linear, start: Floats | None) -> Found:
    """An answer by the linear program alone."""
    problem = Problem.of(program, linear)
    answer = Relaxer(problem).solve()
    if isinstance(answer, RawResult):
        return Found(answer.outcome, None, {})
    value, bound = problem.stated(answer.value), problem.stated(answer.bound)
    return Found(Outcome(Status.OPTIMAL, value, bound, 0.0, 0.0, 0, linear.sense), answer.x, {})


@dataclass(frozen=True, eq=False)
class Optimum:
    """The optimum of a linear program, as something that was made large: a criterion to be made small counts negative.

    ``x`` and ``dual`` are full length; ``dual`` prices rows in the same terms.
    """

    value: float
    bound: float
    x: Floats
    dual: Floats


class Warm:
    """Linear programs that differ in bounds and costs, solved one after another on one loaded model."""

    def __init__(self, *, seed: int = 0, threads: int = 1) -> None:
        self._seed, self._threads = seed, threads
        self._relaxer: Relaxer | None = None
        self.solves = 0

    def solve(self, program: Program, linear: Linear) -> Optimum | None:
        """The optimum; None without a point.

        Raises
        ------
        InstanceError : the criterion can grow without limit
        """
        problem = Problem.of(program, linear)
        if self._relaxer is None or not self._relaxer.change(problem):
            self._relaxer = Relaxer(problem, seed=self._seed, threads=self._threads)
        self.solves += 1
        answer = self._relaxer.solve()
        if isinstance(answer, Relaxation):
            sign = problem.sign
            return Optimum(sign * problem.stated(answer.value), sign * problem.stated(answer.bound), answer.x,
                           answer.dual / problem.scale)
        if answer.status is Status.UNBOUNDED:
            raise refused("has a criterion that can grow without limit", "Give it a budget or a ceiling")
        return None


def share(distance: float, value: float) -> float:
    """A distance as a share of a value; 0 where there is none, infinite where the value is 0."""
    if distance <= 0:
        return 0.0
    return distance / abs(value) if value else math.inf
