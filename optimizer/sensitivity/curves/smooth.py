"""The curve of the program without whole numbers: points, tangents and pieces, on one loaded program."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from optimizer.engine.outcome import Outcome, SolveError, Status
from optimizer.engine.program import Floats, Linear
from optimizer.instance.instance import Instance
from optimizer.model.compile import Compiled
from optimizer.sensitivity.asked import Asked, Optimum, Warm, asked_of, refused, share, whole_decisions
from optimizer.sensitivity.curves.budget_line import Line
from optimizer.sensitivity.curves.concave import Sandwich, Touch, sandwich
from optimizer.sensitivity.curves.nested import FAMILY, Kept

EDGE = 1e-9  # share by which the ends are drawn in, where a solver might find no plan on the very edge


@dataclass(eq=False)
class Smooth:
    """The best value along a line of budgets, whole numbers left aside.

    Attributes
    ----------
    ends : the factors between which there is a plan
    tier : ``exact`` where nothing has to be whole, ``selection`` where pairs and projects are held, else ``relaxation``
    points : the points of the program at the factors that were asked for by name
    soft : whether it is soft rules that end the curve before the range does
    """

    line: Line
    asked: Asked
    ends: tuple[float, float]
    tier: str
    warm: Warm
    soft: bool = False
    points: dict[float, Floats] = field(default_factory=dict)
    drawn: Sandwich | None = None
    _beside: Warm | None = None

    @classmethod
    def of(
        cls, instance: Instance, built: Compiled, line: Line, ends: tuple[float, float], ranges: Mapping[str, float],
        tier: str = "exact",
    ) -> Smooth:
        """The curve over the part of the range that has a plan; ``tier``: what it is where nothing has to be whole.

        Raises
        ------
        InstanceError : the criterion is not linear, soft rules must be broken all along the range, or whole steps decide
        SolveError : no budget of the range has a plan
        """
        settings = instance.settings
        warm = Warm(seed=settings.settings.seed, threads=settings.settings.threads)
        free = line.at(*ends)
        without = [warm.solve(free, line.scale_as(sense)) for sense in ("min", "max")]
        if without[0] is None or without[1] is None:
            if line.room.any() and warm.solve(line.loosened().at(*ends), line.scale_as("min")) is not None:
                raise refused("has bands so narrow that whole steps of money decide whether there is a plan",
                              "Ask with whole plans (integers)")
            raise SolveError("No budget of this range has a plan (proved).", Outcome(
                Status.INFEASIBLE, math.nan, math.nan, math.inf, 0.0, 0, "max"))
        asked = asked_of(settings, built, line.program, built.program, ranges=ranges)
        on = replace(line, program=asked.program)
        open_ = on.at(*ends)
        inner = [warm.solve(open_, _padded(on.scale_as(sense), open_.n_columns)) for sense in ("min", "max")]
        if inner[0] is None or inner[1] is None:
            raise refused("must break soft rules at every budget of this range, so that its value depends on their points too",
                          "Switch the soft rules off with --set rule.ID.active=0, or ask with whole plans (integers)")
        least, most = (float(answer.x[line.scale]) for answer in inner if answer is not None)
        outer = [float(answer.x[line.scale]) for answer in without if answer is not None]
        soft = least > outer[0] * (1 + EDGE) + EDGE or most < outer[1] * (1 - EDGE) - EDGE
        least = ends[0] if least <= ends[0] * (1 + EDGE) + EDGE else least * (1 + EDGE)
        most = ends[1] if most >= ends[1] * (1 - EDGE) - EDGE else most * (1 - EDGE)
        tier = "relaxation" if whole_decisions(asked.program) else tier
        return cls(on, asked, (least, max(least, most)), tier, warm, soft)

    def follow(self, tolerance: float, factors: Sequence[float], stop: Callable[[], bool]) -> Sandwich:
        """Look along the curve until the bounds are as near as asked for, and at these factors."""
        inside = [factor for factor in factors if self.ends[0] <= factor <= self.ends[1]]
        named = {*inside, *self.ends}

        def touch(factor: float) -> Touch:
            answer = self._at(factor)
            if factor in named:
                self.points[factor] = answer.x
            return Touch(factor, answer.value, answer.bound, self.line.slope(answer.dual), self.line.beyond(answer.dual))

        self.drawn = sandwich(touch, self.ends, tolerance, also=inside, should_stop=stop)
        return self.drawn

    def _at(self, factor: float) -> Optimum:
        answer = self.warm.solve(self.line.at(factor), self.asked.linear)
        if answer is None:
            raise SolveError(f"The linear program at {factor:.6g} times the budget could not be solved.")
        return answer

    def beside(self, factor: float, kept: Kept) -> tuple[float, Floats | None]:
        """The best value where every county keeps what it has, and its point; nan without one."""
        self._beside = self._beside or Warm()
        program = self.line.at(factor).extended(rows=[kept.rows(self.line.program.n_columns)])
        assert program.rows[-1].name == FAMILY
        answer = self._beside.solve(program, self.asked.linear)
        if answer is None:
            return math.nan, None
        return self.sign * answer.value, answer.x

    @property
    def sign(self) -> float:
        """1 where the criterion is made large, -1 where it is made small."""
        return 1.0 if self.asked.linear.sense == "max" else -1.0

    def ceiling(self, factor: float) -> float:
        """What no plan exceeds at a factor, made large; nan outside the curve."""
        if self.drawn is None or not self.ends[0] <= factor <= self.ends[1]:
            return math.nan
        return self.drawn.high(factor)

    def between(self, factor: float) -> tuple[float, float]:
        """Low and high in the criterion's own sense; without whole numbers nothing is known of what plans reach."""
        if self.drawn is None or not self.ends[0] - EDGE <= factor <= self.ends[1] + EDGE:
            return math.nan, math.nan
        top = self.sign * self.drawn.high(factor)
        reached = self.sign * self.drawn.low(factor) if self.tier != "relaxation" else math.nan
        top = math.nan if self.tier == "selection" else top
        return (reached, top) if self.sign > 0 else (top, reached)

    def table(self, drawn: Sandwich, total: float, million: float) -> pd.DataFrame:
        """A row for each point of the curve."""
        touches = drawn.touches
        value = np.array([self.sign * touch.value for touch in touches])
        bound = np.array([self.sign * (touch.bound + touch.beyond) for touch in touches])
        if self.tier == "relaxation" and self.line.room.any():
            value = bound  # what no plan exceeds, where the line is stricter than the true program
        factor = np.array([touch.at for touch in touches])
        price = self.sign * np.array([touch.slope for touch in touches]) / total * million + 0.0  # no -0
        step = np.append(np.diff(value) / np.diff(factor * total) * million, np.nan)
        nothing = np.full(len(value), np.nan)
        reached, bound = (nothing if self.tier == "relaxation" else value), (nothing if self.tier == "selection" else bound)
        low, high = (reached, bound) if self.sign > 0 else (bound, reached)
        apart = [share(gap, at) for gap, at in zip(drawn.apart(), value[:-1], strict=True)]
        return pd.DataFrame({
            "budget": factor * total, "factor": factor, "value": value, "low": low, "high": high,
            "gap": [share(abs(b - v), v) for b, v in zip(bound, value, strict=True)], "price_per_million": price,
            "next_per_million": step, "apart": np.append(apart, np.nan), "tier": self.tier, "status": "optimal",
        })


def _padded(linear: Linear, size: int) -> Linear:
    """A criterion over more columns, which count for nothing."""
    return Linear(linear.sense, np.append(linear.vector, np.zeros(size - len(linear.vector))), linear.constant)


