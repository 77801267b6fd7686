"""Runs under draws of the uncertain figures: the plan as it is, and the plan made anew, draw by draw."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from optimizer.engine.outcome import SolveError, Status
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.plan.choices import Choices
from optimizer.plan.indicators import covered_by_county
from optimizer.plan.plan import Plan
from optimizer.sensitivity.uncertainty.decided import Key, chosen_at, decided, numbers_of, values_at
from optimizer.sensitivity.uncertainty.fixed import kept_under
from optimizer.sensitivity.uncertainty.specification import Specification
from optimizer.sensitivity.whatif.asking import DIED
from optimizer.sensitivity.whatif.worker import Job, Stop, forget, prepared, signalled

Again = Literal["model", "plan", "lp", "no"]
AGAIN: tuple[Again, ...] = ("model", "plan", "lp", "no")


@dataclass(frozen=True)
class Run:
    """One draw and what came of it.

    Attributes
    ----------
    number : from 1 on
    drawn : key → the value drawn, or the mean over its rows
    kept : figure → value of the plan as it is: every criterion, ``short``, ``overdrawn``, ``rules_broken``
    counties : county → share of weighted need that the plan as it is covers
    again : criterion → value of the plan made anew (or of the linear program)
    status : how making it anew ended, ``kept only`` where it was not asked for
    gap : percent that the new plan may be short of the best
    chosen : ("pair", donor, county) and ("project", project) → how much of it the new plan takes (0 to 1)
    error : why there is no new plan, empty if there is one
    """

    number: int
    drawn: dict[str, float]
    kept: dict[str, float]
    counties: dict[str, float]
    again: dict[str, float] = field(default_factory=dict)
    status: str = "kept only"
    gap: float = float("nan")
    chosen: dict[Key, float] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Study:
    """What all runs share.

    Attributes
    ----------
    specification, choices : the uncertain figures, and the plan that is kept
    again : how a plan is made anew under each draw
    job : the instance as given and the point that every new plan starts from, so that a run depends on its draw alone
    """

    specification: Specification
    choices: Choices
    again: Again
    job: Job


Batch = tuple[tuple[int, np.ndarray], ...]


def answered(study: Study, batch: Batch, stop: Stop | None = None) -> list[Run]:
    """The runs of a batch of (number, point of the unit cube); those that a stop leaves open are missing."""
    out, stop = list[Run](), stop or signalled
    for number, point in batch:
        try:
            run = _run(study, number, point, stop)
        except Exception as error:  # whatever it was, the other runs go on
            forget()
            run = Run(number, {}, {}, {}, status=str(Status.FAILED), error=f"{type(error).__name__}: {error}")
        if stop():  # cut short: not what this run would have come to
            break
        out.append(run)
    return out


def died(batch: Batch) -> list[Run]:
    """The runs of a batch whose worker died over it."""
    return [Run(number, {}, {}, {}, status=str(Status.FAILED), error=DIED) for number, _ in batch]


def _run(study: Study, number: int, point: np.ndarray, stop: Stop) -> Run:
    began = time.monotonic()
    values = study.specification.drawn(point)
    drawn = {key: float(np.mean(numbers)) for key, numbers in values.items()}
    try:
        instance = study.specification.under(values)
        kept = kept_under(study.choices, instance)
    except (InstanceError, ValueError) as error:  # a draw that no table can hold, or that takes away what was chosen
        return Run(number, drawn, {}, {}, status="refused", error=" ".join(str(error).split()))
    figures = _criteria(kept.plan) | {"short": kept.short, "overdrawn": kept.overdrawn, "rules_broken": float(len(kept.broken))}
    run = Run(number, drawn, figures, shares(kept.plan), seconds=time.monotonic() - began)
    if study.again == "no":
        return run
    try:
        again = _anew(study, instance, stop)
    except SolveError as error:
        status = error.outcome.status if error.outcome is not None else Status.FAILED
        again = {"status": str(status), "error": " ".join(str(error).split())}
    except InstanceError as error:
        again = {"status": "infeasible", "error": " ".join(str(error).split())}
    return Run(number, drawn, figures, run.counties, **again, seconds=time.monotonic() - began)  # type: ignore[arg-type]


def _anew(study: Study, instance: Instance, stop: Stop) -> dict[str, object]:
    """What is decided under the draw: by the model, as an audited plan, or by its linear program."""
    if study.again == "model":
        built = numbers_of(instance)
        reached = decided(instance, built, study.job.start)
        assert reached.x is not None
        outcome = reached.levels[0].found.outcome
        return {"again": values_at(built.program, reached.x), "status": str(outcome.status), "gap": 100 * outcome.gap,
                "chosen": chosen_at(built.program, reached.x)}
    session, asked = prepared(study.job, instance, rewound=True)
    if study.again == "lp":
        found = session.relax(asked)
        name = session.instance.settings.method.levels[0].criterion
        return {"again": {name: found.value}, "status": "relaxed", "chosen": chosen_at(found.program, found.x)}
    plan = session.solve(asked, should_stop=stop)
    gap = plan.outcome.gap_percent
    return {"again": _criteria(plan), "status": plan.outcome.status, "gap": float("nan") if gap is None else gap,
            "chosen": chosen_in(plan)}


def chosen_in(plan: Plan) -> dict[Key, float]:
    """The pairs and projects of a plan."""
    pairs = plan.pairings[plan.pairings["status"] != "ended"]
    out: dict[Key, float] = {("pair", str(d), str(c)): 1.0 for d, c in zip(pairs["donor"], pairs["county"], strict=True)}
    return out | {("project", str(p)): 1.0 for p in plan.projects.loc[plan.projects["amount"] > 0, "project"]}


def shares(plan: Plan) -> dict[str, float]:
    """Share of weighted need covered by county; counties without need are left out."""
    table = covered_by_county(plan.data, plan.coverage)
    table = table[table["people"] > 0]
    return dict(zip(table.index.astype(str), (table["covered"] / table["people"]).tolist(), strict=True))


def _criteria(plan: Plan) -> dict[str, float]:
    rows = plan.criteria.drop_duplicates("criterion")
    return dict(zip(rows["criterion"].astype(str), rows["value"].astype(float), strict=True))
