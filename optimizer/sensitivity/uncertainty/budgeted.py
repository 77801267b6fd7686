"""Pairs and projects that hold up when some effects fall short: the robust counterpart with a budget of uncertainty.

D. Bertsimas and M. Sim, "The price of robustness", Operations Research 52 (2004). Uncertain are the coefficients of the
projects in the rows ``built[i,k,t] ≤ (1−ρ)·built[i,k,t−1] + Σ effect[p]·start[p]``: the people that project p brings to
need k of county i may fall from ``effect`` to ``(1 − loss)·effect``, for at most Γ (``gamma``) of the projects in each row.
Γ may be a fraction. The row is protected by the dual of what it can lose at most:

    built ≤ … + Σ effect·start − Γ·z − Σ q[p],   z + q[p] ≥ loss·effect[p]·start[p],   z, q ≥ 0

Unit costs, needs and money are as given, and money follows once the projects are known: what is robust is the selection.
All plans aim at the first level of the method alone, once the points of soft rules are as few as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.engine.progress import Progress
from optimizer.instance.data import Data
from optimizer.instance.findings import Finding, raise_if_errors
from optimizer.instance.instance import Instance
from optimizer.methods.levels import Answered, Ask, Reached
from optimizer.model.answer import unit_costs
from optimizer.model.compile import Compiled
from optimizer.plan.plan import Plan
from optimizer.search.limits import Limits
from optimizer.sensitivity.uncertainty.anew import BROKEN, Nominal, by_first_level, fewest_broken, first_criterion, has_soft_rules
from optimizer.sensitivity.uncertainty.decided import decided
from optimizer.sensitivity.uncertainty.scenario_program import SELECTION
from optimizer.solve import Session, by_instance

PROTECTED = "built_from_projects"
Loss = float | Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Protected:
    """What protection costs and guarantees, Γ by Γ.

    Attributes
    ----------
    table : gamma, guaranteed (the criterion, whatever Γ effects of each row fall short; before whole steps of money), bound
        (on that), as_given (the plan's value on the effects as given), price, price_percent (given up against the best plan
        on the effects as given), guaranteed_nominal (what that best plan guarantees), gap_percent of the plan
    plans : gamma → the plan, in whole steps and audited on the data as given
    nominal : the best plan on the effects as given
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
    instance: Instance, loss: Loss = 0.3, gammas: Sequence[float] = (0, 1, 2), *, progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Protected:
    """Plans whose pairs and projects hold up when up to Γ effects on each need of each county fall short.

    Parameters
    ----------
    loss : share of its effect that a project may lack; one number, or project → number (0 where it is not named)
    gammas : how many effects may fall short in each row: 0 = the best plan as given, the number of projects = all of them

    Raises
    ------
    InstanceError : a loss is no share, a gamma is negative, or the first criterion is not linear
    SolveError : there is no plan
    """
    _sound(instance, loss, gammas)
    instance = by_first_level(instance)
    session = Session(instance, progress=progress)
    name = first_criterion(instance, session.compiled)
    nominal = Nominal(session)
    first = nominal.solve()
    at = _selection(session.compiled.program)
    sign = 1.0 if session.compiled.program.criteria[name].sense == "max" else -1.0
    before, rows, plans = _objective(first), [], dict[float, Plan]()
    for gamma in gammas:
        counterpart = protected_program(session.compiled.program, instance.data, loss, float(gamma))
        best = _solved(instance, session.compiled, counterpart, name, nominal.point)
        assert best.x is not None
        chosen = _in_steps(best.x[: session.compiled.program.n_columns], session.compiled.program, instance.data)
        plan = session.solve(method=_Held(nominal, at, chosen).method, progress=progress, should_stop=should_stop)
        plans[float(gamma)] = plan
        given_up = sign * (before - _objective(plan))
        rows.append({
            "gamma": float(gamma), "guaranteed": _guaranteed(instance, session.compiled, counterpart, name, at, chosen),
            "bound": best.levels[0].found.outcome.bound, "as_given": _objective(plan), "price": given_up,
            "price_percent": 100 * given_up / abs(before) if before else 0.0,
            "guaranteed_nominal": _guaranteed(instance, session.compiled, counterpart, name, at, nominal.point),
            "gap_percent": plan.outcome.gap_percent,
        })
    return Protected(pd.DataFrame(rows), plans, first)


def protected_program(program: Program, data: Data, loss: Loss, gamma: float) -> Program:
    """The program with the robust counterpart of every row on people covered through projects."""
    lost = pd.Series(loss if isinstance(loss, Mapping) else dict.fromkeys(data.projects.index, loss), dtype=float)
    share = np.zeros(program.n_columns)
    for family in program.columns:
        if family.name in ("start", "amount") and len(family.keys):
            share[family.start : family.stop] = lost.reindex(family.keys["project"]).fillna(0.0).to_numpy(float)
    keys = program.rows_of(PROTECTED)
    entries = program.matrix[keys.index.to_numpy()].tocoo() if len(keys) else sparse.coo_matrix((0, program.n_columns))
    row, column = keys.index.to_numpy()[entries.row] if len(keys) else entries.row, entries.col
    deviation = -entries.data * share[column]
    uncertain = deviation > 0
    row, column, deviation = row[uncertain], column[uncertain], deviation[uncertain]
    if not len(row):
        return program
    affected, of = np.unique(row, return_inverse=True)
    terms = np.arange(len(row))
    z = sparse.csr_matrix((np.full(len(affected), gamma), (affected, np.arange(len(affected)))),
                          shape=(program.n_rows, len(affected)))
    q = sparse.csr_matrix((np.ones(len(row)), (row, terms)), shape=(program.n_rows, len(row)))
    names = [program.row_name(int(at)) for at in affected]
    block = program.row_block[affected]
    which = pd.DataFrame({"row": [names[n] for n in of], "column": [program.column_name(int(c)) for c in column]})
    width = program.n_columns
    matrix = sparse.csr_matrix(
        (np.concatenate([-deviation, np.ones(2 * len(row))]),
         (np.tile(terms, 3), np.concatenate([column, width + of, width + len(affected) + terms]))),
        shape=(len(row), width + len(affected) + len(row)))
    columns = [ExtraColumns("protection", pd.DataFrame({"row": names}), z, block=block),
               ExtraColumns("protection_of", which, q, block=block[of])]
    return program.extended(columns, [ExtraRows("protected", which, matrix, lower=0.0, block=block[of])])


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
    """The criterion of the robust counterpart with a selection held."""
    assert point is not None
    low, high = counterpart.col_lower.copy(), counterpart.col_upper.copy()
    low[at] = high[at] = point[at]
    reached = _solved(instance, built, counterpart.with_bounds(col_lower=low, col_upper=high), name, None)
    assert reached.x is not None
    return counterpart.criteria[name].at(reached.x)


@dataclass(frozen=True, eq=False)
class _Held:
    """The instance's own method with pairs and projects held."""

    nominal: Nominal
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


def _sound(instance: Instance, loss: Loss, gammas: Sequence[float]) -> None:
    findings = []
    shares = dict(loss) if isinstance(loss, Mapping) else {"": loss}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            findings.append(Finding("loss", None, name or None, str(share), "is no share between 0 and 1", "Write 30%"))
        if name and name not in instance.data.projects.index:
            findings.append(Finding("loss", None, name, None, "is no project of the instance", "Name one of projects"))
    if not gammas or any(gamma < 0 for gamma in gammas):
        findings.append(Finding("gamma", None, None, None, "is missing or below 0", "Write how many effects may fall short"))
    raise_if_errors(findings)
