"""The optimum of a world by the clauses as numbers alone: quicker than a whole plan, for properties of the program."""

from __future__ import annotations

from dataclasses import dataclass

from tiny_worlds import World

from optimizer.engine.program import Program
from optimizer.engine.session import Session
from optimizer.instance.instance import Instance
from optimizer.methods.levels import held
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers


@dataclass(frozen=True)
class Value:
    """Outcome, points of soft rules, and coverage held to the fewest points."""

    status: str
    points: float
    coverage: float


def program_of(instance: Instance) -> Program:
    return compile_numbers(build(instance.data, pyomo=False)).program


def value(given: World | Instance) -> Value:
    """The value of an instance; that of a world is worked out once, however often a test asks for it."""
    if isinstance(given, Instance):
        return _value(given)
    key = repr((given.settings, given.tables))
    if key not in _known:
        _known[key] = _value(given.instance())
    return _known[key]


_known: dict[str, Value] = {}


def _value(instance: Instance) -> Value:
    program, points = program_of(instance), 0.0
    if any(rule.active and not rule.hard for rule in instance.settings.rules):
        broken = Session(program, "broken").solve("mip")
        if broken.x is None:
            return Value(str(broken.status), 0.0, 0.0)
        points = broken.objective
        program = held(program, "broken", program.criteria["broken"], points, 1e-6)
    best = Session(program, "coverage").solve("mip")
    return Value(str(best.status), points, best.objective if best.x is not None else 0.0)
