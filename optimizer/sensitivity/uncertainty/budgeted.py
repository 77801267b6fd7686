"""Pairs and projects that hold up when some effects fall short or some costs rise, and what that costs.

The rows in which effects and costs stand are protected against any Γ of them (`counterpart`); needs and budgets are as
given. Money and the people reached directly follow once pairs and projects are known: what is robust is the selection, and
what is guaranteed for it is what one distribution of money reaches whatever Γ figures of each row turn out worse. All plans
aim at the first level of the method alone, once the points of soft rules are as few as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.progress import Progress
from optimizer.instance.data import Data
from optimizer.instance.findings import Finding, raise_if_errors
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Answered, Ask, Reached
from optimizer.model.answer import unit_costs
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.remembered import Remembered
from optimizer.search.limits import Limits
from optimizer.sensitivity.uncertainty.anew import BROKEN, by_first_level, fewest_broken, first_criterion, has_soft_rules
from optimizer.sensitivity.uncertainty.counterpart import Share, protected_program
from optimizer.sensitivity.uncertainty.decided import decided
from optimizer.sensitivity.uncertainty.scenario_program import SELECTION
from optimizer.solve import Session, by_instance

FIGURES = ("guaranteed", "bound", "as_given", "price", "price_percent", "guaranteed_nominal", "gap_percent")


@dataclass(frozen=True, eq=False)
class Protected:
    """What protection costs and guarantees, Γ by Γ.

    Attributes
    ----------
    table : gamma, guaranteed (the criterion, whatever Γ figures of each row turn out worse; before whole steps of money),
        bound (on that), as_given (the plan's value on the figures as given), price, price_percent (given up against the best
        plan on the figures as given), guaranteed_nominal (what that best plan guarantees), gap_percent of the plan. NaN where
        nothing holds against so many
    plans : gamma → the plan, in whole steps and audited on the data as given; none for a gamma that no plan holds against
    nominal : the best plan on the figures as given
    """

    table: pd.DataFrame
    plans: Mapping[float, Plan]
    nominal: Plan

    def write(self, folder: str | Path) -> Path:
        """Write ``price_of_robustness.csv`` and every plan in a folder of its own."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        self.table.to_csv(place / "price_of_robustness.csv", index=False, lineterminator="\n")
        self.nominal.write(place / "nominal")
        for gamma, plan in self.plans.items():
            plan.write(place / f"gamma-{gamma:g}")
        return place


def protect(
    instance: Instance, loss: Share = 0.3, gammas: Sequence[float] = (0, 1, 2), *, rise: Share = 0.0,
    progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> Protected:
    """Plans whose pairs and projects hold up when up to Γ effects fall short or Γ costs rise.

    Parameters
    ----------
    loss : share of its effect that a project may lack; one number, or project → number (0 where it is not named)
    gammas : how many effects on each need of a county may fall short, and how many costs (of projects, and of direct
        support for a need) in each category of a county may rise in a period: 0 = the best plan as given, the number of
        figures = all of them
    rise : share by which a cost may rise; one number, or project or need → number (0 where it is not named)

    Raises
    ------
    InstanceError : a share or a gamma makes no sense, or the first criterion is not linear
    SolveError : there is no plan on the figures as given
    """
    _sound(instance, loss, rise, gammas)
    instance = by_first_level(instance)
    session = Session(instance, progress=progress)
    name = first_criterion(instance, session.compiled)
    nominal = Remembered(session)
    first = nominal.solve(progress, should_stop)
    at = _selection(session.compiled.program)
    sign = 1.0 if session.compiled.program.criteria[name].sense == "max" else -1.0
    before, rows, plans = _objective(first), [], dict[float, Plan]()
    for gamma in gammas:
        counterpart = protected_program(session.compiled.program, instance.data, loss, rise, float(gamma))
        row = {"gamma": float(gamma), **dict.fromkeys(FIGURES, float("nan")),
               "guaranteed_nominal": _guaranteed(instance, session.compiled, counterpart, name, at, nominal.point)}
        rows.append(row)
        try:
            best = _solved(instance, session.compiled, counterpart, name, nominal.point)
            assert best.x is not None
            chosen = _in_steps(best.x[: session.compiled.program.n_columns], session.compiled.program, instance.data)
            plan = session.solve(method=_Held(nominal, at, chosen).method, progress=progress, should_stop=should_stop)
        except SolveError as error:
            _only_without_plan(error)
            continue
        plans[float(gamma)] = plan
        given_up = sign * (before - _objective(plan))
        row |= {"guaranteed": _guaranteed(instance, session.compiled, counterpart, name, at, chosen),
                "bound": best.levels[0].found.outcome.bound, "as_given": _objective(plan), "price": given_up,
                "price_percent": 100 * given_up / abs(before) if before else 0.0,
                "gap_percent": np.nan if plan.outcome.gap_percent is None else plan.outcome.gap_percent}
    return Protected(pd.DataFrame(rows), plans, first)


def _solved(instance: Instance, built: Compiled, program: Program, name: str, start: Floats | None) -> Reached:
    """The best point of a program that extends the compiled one, by the first criterion."""

    def alone(_: Instance, __: Compiled, ask: Ask, point: Floats | None, limits: Limits, whole: bool) -> Reached:
        linear: Linear = program.criteria[name]
        found = ask(fewest_broken(program, program.criteria[BROKEN] if has_soft_rules(instance) else None, ask), linear, None)
        return Reached(program, linear, found.x, (Answered(name, found),), {})

    return decided(instance, built, start, alone)


def _guaranteed(
    instance: Instance, built: Compiled, counterpart: Program, name: str, at: np.ndarray, point: Floats | None
) -> float:
    """The criterion of the robust counterpart with a selection held; NaN where it cannot be paid in every case."""
    assert point is not None
    low, high = counterpart.col_lower.copy(), counterpart.col_upper.copy()
    low[at] = high[at] = point[at]
    try:
        reached = _solved(instance, built, counterpart.with_bounds(col_lower=low, col_upper=high), name, None)
    except SolveError as error:
        _only_without_plan(error)
        return float("nan")
    assert reached.x is not None
    return counterpart.criteria[name].at(reached.x)


def _only_without_plan(error: SolveError) -> None:
    """Go on where nothing holds against so many; anything else is no answer."""
    if error.outcome is None or error.outcome.status != Status.INFEASIBLE:
        raise error


@dataclass(frozen=True, eq=False)
class _Held:
    """The instance's own method with pairs and projects held."""

    nominal: Remembered
    at: np.ndarray
    chosen: Floats

    def method(
        self, instance: Instance, built: Compiled, ask: Ask, start: Floats | None, limits: Limits, whole: bool
    ) -> Reached:
        low, high = built.program.col_lower.copy(), built.program.col_upper.copy()
        low[self.at] = high[self.at] = self.chosen[self.at]
        fixed = replace(built, program=built.program.with_bounds(col_lower=low, col_upper=high))
        reached = by_instance(instance, fixed, ask, None, limits, whole)
        last = replace(reached.levels[-1].found, x=reached.x)
        return self.nominal.answered(reached.program, reached.linear, last)


def _selection(program: Program) -> np.ndarray:
    parts = [np.arange(family.start, family.stop) for family in program.columns if family.name in SELECTION]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _in_steps(x: Floats, program: Program, data: Data) -> Floats:
    """The point with whole choices, and scalable projects at sizes that cost whole steps, rounded down."""
    unit = unit_costs(program, data)
    scaled = unit > 0
    out = np.where(program.integer, np.round(x), x)
    out[scaled] = np.floor(x[scaled] * unit[scaled] / data.step + 1e-6) * data.step / unit[scaled]
    return out


def _objective(plan: Plan) -> float:
    value = plan.outcome.objective
    assert value is not None
    return value


def _sound(instance: Instance, loss: Share, rise: Share, gammas: Sequence[float]) -> None:
    findings = []
    projects = set(instance.data.projects.index)
    for what, given, known, word in (("loss", loss, projects, "project"),
                                     ("rise", rise, projects | set(instance.settings.needs), "project and no need")):
        for name, share in (given if isinstance(given, Mapping) else {"": given}).items():
            if not 0 <= share <= 1:
                findings.append(Finding(what, None, name or None, str(share), "is no share between 0 and 1", "Write 30%"))
            if name and name not in known:
                findings.append(Finding(what, None, name, None, f"is no {word} of the instance", "Name one that it has"))
    if not gammas or any(gamma < 0 for gamma in gammas):
        mend = "Write how many figures may turn out worse"
        findings.append(Finding("gamma", None, None, None, "is missing or below 0", mend))
    raise_if_errors(findings)
