"""What plans made for several cases aim at: the first level of the instance's method, soft rules kept as well as can be."""

from __future__ import annotations

from optimizer.engine.program import Linear, Program
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Ask, held
from optimizer.model.compile import Compiled

BROKEN = "broken"


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
