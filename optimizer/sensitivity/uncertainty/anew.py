"""A method of another kind in the place of the instance's own: its point, with the instance's own levels said of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from optimizer.engine.outcome import Outcome, Status
from optimizer.engine.program import Floats, Linear, Program
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Answered, Ask, Reached, held
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.search.drive import Found
from optimizer.search.limits import Limits
from optimizer.solve import Session, by_instance

BROKEN = "broken"


@dataclass(eq=False)
class Nominal:
    """The best plan on the data as given, and the levels that its search has bounded."""

    session: Session
    plan: Plan | None = None
    reached: Reached | None = None
    point: Floats | None = field(default=None)

    def solve(self) -> Plan:
        """The plan of the instance's own method; its levels are remembered."""
        self.plan = self.session.solve(method=self._remembered)
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
        """The end of another method, whose plan is bounded by what no plan on the data as given can exceed."""
        assert self.reached is not None
        if found.x is None:
            return Reached(program, linear, None, (Answered(self.reached.levels[0].criterion, found),), {})
        levels = tuple(self._level(level, program, found.outcome.status, found.x) for level in self.reached.levels)
        return Reached(program, linear, found.x, levels, self.reached.ranges)

    def _level(self, level: Answered, program: Program, status: Status, x: Floats) -> Answered:
        known = program.criteria.get(level.criterion)
        outcome: Outcome = level.found.outcome
        value = outcome.objective if known is None else known.at(x[: len(known.vector)])
        return Answered(level.criterion, replace(level.found, x=x, basis=None, outcome=replace(outcome, status=status,
                                                                                              objective=value)))


def by_first_level(instance: Instance) -> Instance:
    """The instance with the first level of its method as its only one, so that plans are compared by what both aim at."""
    method = instance.settings.method
    if method.type == "single" and len(method.levels) == 1:
        return instance
    return instance.with_({"method.type": "single", "method.levels": [{"criterion": method.levels[0].criterion}]})


def has_soft_rules(instance: Instance) -> bool:
    """Whether points of soft rules are made few before the first level."""
    settings = instance.settings
    named = any(level.criterion == BROKEN for level in settings.method.levels)
    return not named and any(rule.active and not rule.hard for rule in settings.rules)


def fewest_broken(program: Program, points: Linear | None, ask: Ask) -> Program:
    """The program with the points of soft rules held at the fewest there can be; as it is where there are none."""
    found = None if points is None else ask(program, points, None)
    if points is None or found is None or found.x is None:
        return program
    return held(program, BROKEN, points, found.outcome.objective, 0.0)


def first_criterion(instance: Instance, built: Compiled) -> str:
    """The criterion of the first level, which has to be linear.

    Raises
    ------
    InstanceError : it is a quotient or an order of outcomes
    """
    name = instance.settings.method.levels[0].criterion
    linear = built.program.criteria.get(name)
    if linear is None or type(linear) is not Linear:
        problem = "is no linear criterion, so that plans for several cases cannot be built on it"
        raise InstanceError([Finding("instance.yaml", None, "method.levels", name, problem, "Put coverage, for example, first")])
    return name
