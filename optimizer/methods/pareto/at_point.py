"""The plan of one point of a front: a method that holds every criterion but the first where the point has it.

The best of each criterion alone is known from the front, so nothing is asked twice: one question remains, for the best
of the first criterion with the others held. They are held with a little room, for a plan in whole steps rarely meets a
point of the front exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.engine.outcome import Outcome, Status, relative_gap
from optimizer.engine.program import Floats, Program
from optimizer.methods.levels import Answered, Ask, Reached, held
from optimizer.methods.pareto.front import Front
from optimizer.search.drive import Found

ROOM = 1e-9  # share of a value by which a plan may fall short of its point, for rounding errors
STEPS = 1e-3  # share of the range of a criterion over the front that whole steps may take


@dataclass(frozen=True, eq=False)
class AtPoint:
    """One point of a front.

    Attributes
    ----------
    front, point : the point by its number (1 = first)
    broken : how the points of soft rules were made few, if they were
    """

    front: Front
    point: int
    broken: Found | None = None

    @property
    def x(self) -> Floats | None:
        """The point of the program; None where the front was read from files."""
        return self.front.x[self.point - 1]

    def tolerance(self, name: str) -> float:
        """What a criterion may lack of its best over the front, in its unit."""
        value, ideal, nadir = float(self.front.points[name].iloc[self.point - 1]), self.front.ideal[name], self.front.nadir[name]
        steps = STEPS * abs(ideal - nadir) if self.front.resolution[name] > 0 else 0.0
        return abs(value - ideal) + steps + ROOM * abs(value)

    def reached(self, program: Program, ask: Ask) -> Reached | None:
        """The point as the end of a method; None where the front does not say the best of each criterion."""
        first, x = self.front.names[0], self.x
        if x is None:
            return None
        answered = list[Answered]()
        if self.broken is not None:
            program = held(program, "broken", program.criteria["broken"], self.broken.outcome.objective, 0.0)
            answered.append(Answered("broken", self.broken))
        for name in self.front.names[1:]:
            best = self._best(name)
            if best is None:
                return None
            program = held(program, name, program.criteria[name], best.objective, self.tolerance(name))
            answered.append(Answered(name, Found(best, x, {})))
        found = ask(program, program.criteria[first], x)
        end = x if found.x is None else found.x
        return Reached(program, program.criteria[first], end, (*answered, Answered(first, found)), {})

    def _best(self, name: str) -> Outcome | None:
        """The best of a criterion over the front with what is proved of it; None where that is not known."""
        front, value = self.front, self.front.ideal[name]
        bound = value
        if front.kind == "mixed":
            told = front.subproblems
            alone = told[(told["best"] == name) & told[[f"limit_{other}" for other in front.names]].isna().all(axis=1)]
            if not len(alone):
                return None
            bound = float(alone["bound"].iloc[0])
        elif front.stopped:
            return None
        gap = relative_gap(value, bound)
        status = Status.OPTIMAL if gap <= ROOM else Status.WITHIN_GAP
        return Outcome(status, value, bound, gap, 0.0, 0, "max" if front.criteria[name]["sense"] == "max" else "min")
