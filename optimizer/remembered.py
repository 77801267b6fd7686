"""The best plan with the levels that its search has bounded: what plans of another kind are measured by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from optimizer.engine.outcome import Outcome, Status
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.progress import Progress
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Answered, Ask, Reached
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.search.drive import Found
from optimizer.search.limits import Limits
from optimizer.solve import Session, by_instance


@dataclass(eq=False)
class Remembered:
    """The best plan of a session, and the end of a method of another kind with the levels of the best plan said of it.

    Attributes
    ----------
    plan, reached, point : of the instance's own method, once `solve` has found them
    """

    session: Session
    plan: Plan | None = None
    reached: Reached | None = None
    point: Floats | None = None

    def solve(self, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None) -> Plan:
        """The plan of the instance's own method; its levels are remembered."""
        self.plan = self.session.solve(method=self._remembered, progress=progress, should_stop=should_stop)
        self.point = self.session.last_point
        return self.plan

    def _remembered(
        self, instance: Instance, built: Compiled, ask: Ask, start: Floats | None, limits: Limits, whole: bool
    ) -> Reached:
        reached = by_instance(instance, built, ask, start, limits, whole)
        if not whole:
            self.reached = reached
        return reached

    def answered(self, program: Program, linear: Linear, found: Found) -> Reached:
        """The end of another method, whose plan is bounded by what no plan of the instance's own method can exceed."""
        assert self.reached is not None
        if found.x is None:
            return Reached(program, linear, None, (Answered(self.reached.levels[0].criterion, found),), {})
        levels = tuple(_level(level, program, found.outcome.status, found.x) for level in self.reached.levels)
        return Reached(program, linear, found.x, levels, self.reached.ranges)


def _level(level: Answered, program: Program, status: Status, x: Floats) -> Answered:
    """A level as the best plan's search has bounded it, with what a point makes of it."""
    known = program.criteria.get(level.criterion)
    outcome: Outcome = level.found.outcome
    value = outcome.objective if known is None else known.at(x[: len(known.vector)])
    outcome = replace(outcome, status=status, objective=value)
    return Answered(level.criterion, replace(level.found, x=x, basis=None, outcome=outcome))
