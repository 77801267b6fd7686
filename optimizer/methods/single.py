"""One criterion."""

from __future__ import annotations

from optimizer.engine.program import Floats, Program
from optimizer.methods.levels import Answered, Ask, Reached


def single(program: Program, criterion: str, ask: Ask, start: Floats | None) -> Reached:
    """The best point under one criterion."""
    found = ask(program, program.criteria[criterion], start)
    return Reached(program, program.criteria[criterion], found.x, (Answered(criterion, found),), {})
