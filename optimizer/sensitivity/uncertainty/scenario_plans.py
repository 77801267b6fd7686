"""Plans made for several scenarios at once, and what that costs on the data as given.

Pairs and projects (and with ``shared="money"`` what every stream and donor pays to whom) are decided before it is known
which scenario comes about; the rest follows in each scenario. The data as given are one of the scenarios, always. All
plans aim at the first level of the method alone, once the points of soft rules are as few as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Floats, Linear, Program
from optimizer.engine.progress import Progress
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Answered, Ask, Reached, held
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.remembered import Remembered
from optimizer.search.limits import Limits
from optimizer.sensitivity.uncertainty.anew import BROKEN, by_first_level, fewest_broken, first_criterion, has_soft_rules
from optimizer.sensitivity.uncertainty.decided import decided, numbers_of
from optimizer.sensitivity.uncertainty.measures import MEASURES, Measure, measure_of, measured
from optimizer.sensitivity.uncertainty.scenario_program import SHARED, Block, Shared, block_of, joined
from optimizer.solve import Session

AS_GIVEN = "as_given"


@dataclass(frozen=True, eq=False)
class RobustPlan:
    """A plan made for several scenarios beside the best one on the data as given.

    Attributes
    ----------
    plan : the robust plan on the data as given, in whole steps and audited
    nominal : the best plan on the data as given
    table : scenario, probability, best (of a plan made for it alone), kept_nominal, kept_robust (value where what is shared
        is that of either plan and the rest is decided for the scenario; NaN where that leaves nothing), regret_nominal,
        regret_robust; before whole steps of money, in the unit of the first level's criterion. Where searches end within a
        gap, a plan for a scenario alone is the best found, and a regret may be below 0 by that gap
    measure, shared, alpha : what was asked
    value, bound : the measure that the program reached, and what no plan can better
    value_nominal : the measure of the nominal plan; NaN where it has no value in some scenario
    price, price_percent : what the robust plan gives up on the data as given, plan against plan
    """

    plan: Plan
    nominal: Plan
    table: pd.DataFrame
    measure: Measure
    shared: Shared
    alpha: float
    value: float
    bound: float
    value_nominal: float
    price: float
    price_percent: float

    def write(self, folder: str | Path) -> Path:
        """Write ``scenarios.csv`` and the two plans, ``robust`` and ``nominal``."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        self.table.to_csv(place / "scenarios.csv", index=False, lineterminator="\n")
        self.plan.write(place / "robust")
        self.nominal.write(place / "nominal")
        return place


def robust(
    instance: Instance, measure: Measure = "worst", scenarios: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    *, shared: Shared = "selection", alpha: float = 0.9, probabilities: Mapping[str, float] | None = None,
    progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> RobustPlan:
    """The plan that does best over scenarios, by their worst value, largest regret or the mean of the worst values.

    Parameters
    ----------
    measure : ``worst`` (max-min of the first level's criterion), ``regret`` (min-max of what is lost against the best plan
        of each scenario), ``cvar`` (mean of the worst 1 − ``alpha`` of the probability; 0 = the mean)
    scenarios : names of the instance's scenarios (all by default), or name → changes
    shared : ``selection``: pairs and projects are decided beforehand, money follows in each scenario; ``money``: money is
        decided beforehand too and only whom direct support reaches follows
    probabilities : of each scenario and of ``as_given``; equal by default

    Raises
    ------
    InstanceError : the scenarios cannot share decisions, or the criterion is not linear
    SolveError : no plan holds in every scenario
    """
    instance = by_first_level(instance)
    given = _instances(instance, scenarios)
    weights = _weights(given, probabilities)
    _asked(measure, shared, alpha)
    session = Session(instance, progress=progress)
    name = first_criterion(instance, session.compiled)
    nominal = Remembered(session)
    first = nominal.solve(progress, should_stop)
    built = {case: session.compiled if case == AS_GIVEN else numbers_of(one) for case, one in given.items()}
    for case, one in built.items():
        if type(one.program.criteria.get(name)) is not Linear:
            raise InstanceError([Finding(f"scenario {case}", None, "method.levels", name, "does not have this criterion",
                                         "Keep the criterion of the first level in every scenario")])
    blocks = tuple(block_of(case, one, session.compiled, shared) for case, one in built.items() if case != AS_GIVEN)
    sign = 1.0 if session.compiled.program.criteria[name].sense == "max" else -1.0
    best = np.array([sign * _value(given[case], built[case], name, {}, nominal.point) for case in given])
    aim = _Aim(nominal, name, blocks, measure, weights, best, alpha)
    plan = session.solve(method=aim.method, progress=progress, should_stop=should_stop)
    points = {"nominal": nominal.point, "robust": session.last_point}
    kept = {which: np.array([sign * _kept(given[case], built[case], name, blocks, case, point, shared, session)
                             for case in given]) for which, point in points.items()}
    table = pd.DataFrame({"scenario": list(given), "probability": weights, "best": sign * best,
                          **{f"kept_{which}": sign * values for which, values in kept.items()},
                          **{f"regret_{which}": best - values for which, values in kept.items()}})
    turned = 1.0 if measure == "regret" else sign
    before = measure_of(kept["nominal"], measure, weights, best, alpha) if np.isfinite(kept["nominal"]).all() else np.nan
    price = sign * (_objective(first) - _objective(plan))
    percent = 100 * price / abs(_objective(first)) if _objective(first) else 0.0
    return RobustPlan(plan, first, table, measure, shared, alpha, turned * aim.value, turned * aim.bound, turned * before,
                      price, percent)


@dataclass(eq=False)
class _Aim:
    """The measure as a method of a session: it extends whatever program of the data as given it is handed."""

    nominal: Remembered
    criterion: str
    blocks: tuple[Block, ...]
    measure: Measure
    weights: Floats
    best: Floats
    alpha: float
    value: float = float("nan")
    bound: float = float("nan")

    def method(
        self, instance: Instance, built: Compiled, ask: Ask, start: Floats | None, limits: Limits, whole: bool
    ) -> Reached:
        joint = joined(built.program, self.blocks)
        program, aim, mean = measured(joint.program, joint.criteria(self.criterion), self.measure, self.weights, self.best,
                                      self.alpha)
        if has_soft_rules(instance):
            points = joint.criteria(BROKEN)
            vector = sum((weight * one.vector for weight, one in zip(self.weights, points, strict=True)), np.zeros(1))
            vector = np.concatenate([vector, np.zeros(program.n_columns - len(vector))])
            shift = float(sum(weight * one.constant for weight, one in zip(self.weights, points, strict=True)))
            program = fewest_broken(program, Linear("min", vector, shift, "points"), ask)
        found = ask(program, aim, None)
        if found.x is None:
            return self.nominal.answered(program, aim, found)
        if not whole:
            self.value, self.bound = found.outcome.objective, found.outcome.bound
        near = held(program, self.measure, aim, found.outcome.objective, limits.gap * abs(found.outcome.objective))
        then = ask(near, mean, found.x)
        return self.nominal.answered(near, mean, then if then.x is not None else found)


def _kept(
    instance: Instance, built: Compiled, name: str, blocks: tuple[Block, ...], case: str, point: Floats | None,
    shared: Shared, session: Session,
) -> float:
    """Value in a scenario of what a plan has decided beforehand; NaN where nothing follows from it."""
    assert point is not None
    block = next((one for one in blocks if one.name == case), None)
    if block is None:
        program = session.compiled.program
        at = np.flatnonzero(np.isin(_families(program), SHARED[shared]))
        fixed, program = dict(zip(at.tolist(), point[at].tolist(), strict=True)), session.compiled.program
    else:
        fixed, program = dict(zip(block.own.tolist(), point[block.given].tolist(), strict=True)), block.program
    try:
        return _value(instance, built, name, fixed, None, program)
    except SolveError:
        return float("nan")


def _families(program: Program) -> np.ndarray:
    return np.repeat([family.name for family in program.columns], [family.stop - family.start for family in program.columns])


def _value(
    instance: Instance, built: Compiled, name: str, fixed: Mapping[int, float], start: Floats | None,
    program: Program | None = None,
) -> float:
    """The best value of a criterion, with some columns fixed."""
    of = built.program if program is None else program
    low, high = of.col_lower.copy(), of.col_upper.copy()
    at = np.fromiter(fixed, dtype=np.int64, count=len(fixed))
    low[at] = high[at] = np.fromiter(fixed.values(), dtype=float, count=len(fixed))
    of = of.with_bounds(col_lower=low, col_upper=high)

    def alone(_: Instance, made: Compiled, ask: Ask, point: Floats | None, limits: Limits, whole: bool) -> Reached:
        linear: Linear = of.criteria[name]
        found = ask(fewest_broken(of, of.criteria[BROKEN] if has_soft_rules(instance) else None, ask), linear, point)
        return Reached(of, linear, found.x, (Answered(name, found),), {})

    reached = decided(instance, built, start, alone)
    assert reached.x is not None
    return of.criteria[name].at(reached.x)


def _objective(plan: Plan) -> float:
    value = plan.outcome.objective
    assert value is not None
    return value


def _instances(
    instance: Instance, scenarios: Sequence[str] | Mapping[str, Mapping[str, Any]] | None
) -> dict[str, Instance]:
    """The data as given and those of every scenario."""
    names = list(instance.settings.scenarios) if scenarios is None else list(scenarios)
    if not names or AS_GIVEN in names:
        problem = "names no scenario" if not names else f"calls one {AS_GIVEN}, which is the data as given"
        raise InstanceError([Finding("scenarios", None, None, None, problem, "Name scenarios of the instance, or changes")])
    if isinstance(scenarios, Mapping):
        return {AS_GIVEN: instance, **{name: instance.with_(changes) for name, changes in scenarios.items()}}
    return {AS_GIVEN: instance, **{name: instance.scenario(name) for name in names}}


def _weights(given: Mapping[str, Instance], probabilities: Mapping[str, float] | None) -> Floats:
    if probabilities is None:
        return np.full(len(given), 1.0 / len(given))
    values = np.array([float(probabilities.get(name, 0.0)) for name in given])
    if set(probabilities) - set(given) or (values < 0).any() or abs(values.sum() - 1) > 1e-9:
        problem = "are not of these scenarios, or do not add up to 1"
        raise InstanceError([Finding("probabilities", None, None, None, problem, f"Give one for each of {', '.join(given)}")])
    return values


def _asked(measure: str, shared: str, alpha: float) -> None:
    if measure not in MEASURES or shared not in SHARED or not 0 <= alpha < 1:
        problem = f"asks for {measure}, {shared}, {alpha}"
        mend = f"Ask for one of {', '.join(MEASURES)}, one of {', '.join(SHARED)}, and an alpha of at least 0 and below 1"
        raise InstanceError([Finding("robust", None, None, None, problem, mend)])
