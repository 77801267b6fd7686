"""Badly known figures: what a plan comes to over many draws of them, and what would be decided under each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.program import Floats
from optimizer.engine.progress import Progress, Quiet
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.sensitivity.uncertainty.fixed import choices_of
from optimizer.sensitivity.uncertainty.overlap import Overlap, overlap
from optimizer.sensitivity.uncertainty.runs import AGAIN, Again, Run, chosen_in, run_all, shares
from optimizer.sensitivity.uncertainty.sampling import Sampling, unit_points
from optimizer.sensitivity.uncertainty.specification import Given, specified
from optimizer.solve import Session

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
KEPT = "plan kept"
ANEW = {"model": "solved again, before whole steps of money", "plan": "solved again", "lp": "linear program, solved again",
        "no": ""}
BATCHES_PER_WORKER = 4


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What many draws show.

    Attributes
    ----------
    plan : the plan on the figures as given
    runs : run, one column for each uncertain key (the mean over its rows), ``kept.FIGURE`` of the plan as it is,
        ``again.CRITERION`` of the plan made anew, status, gap (percent), error, seconds
    selection : kind, donor, county, project, in_plan (1/0), share (of the runs with an answer that choose it; of linear
        programs the mean part chosen), runs
    distribution : figure, what (plan kept, or how it was solved again), as_given (the plan's), mean, sd, p5 … p95, least,
        most, runs, unit
    counties : county, as_given, mean, p5, p95: share of weighted need that the plan as it is covers
    overlap : the plan's coverage if effects of projects on one need overlap wholly
    sampling, seed : how the draws were made
    """

    plan: Plan
    runs: pd.DataFrame
    selection: pd.DataFrame
    distribution: pd.DataFrame
    counties: pd.DataFrame
    overlap: Overlap
    sampling: Sampling
    seed: int

    def write(self, folder: str | Path) -> Path:
        """Write ``runs.csv``, ``selection.csv``, ``distribution.csv``, ``counties.csv``, ``overlap.csv`` and
        ``uncertainty.svg``.
        """
        from optimizer.sensitivity.uncertainty.picture import draw

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for name in ("runs", "selection", "distribution", "counties"):
            getattr(self, name).to_csv(place / f"{name}.csv", index=False, lineterminator="\n")
        self.overlap.needs.to_csv(place / "overlap.csv", index=False, lineterminator="\n")
        draw(self, place / "uncertainty.svg")
        return place


def uncertainty(
    instance: Instance, spec: Given, runs: int = 100, sampling: Sampling = "lhs", plan: Plan | None = None, *,
    again: Again = "model", seed: int = 0, executor: Executor | None = None, workers: int = 1,
    progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> Uncertainty:
    """Draw the uncertain figures many times; keep the plan and see how it fares, and make it anew and see what changes.

    Parameters
    ----------
    spec : KEY → distribution, such as ``{"needs.people": "uniform(-20%, +20%) by row"}``; see `distributions`
    runs, sampling, seed : how many draws; ``lhs`` (Latin hypercube) or ``random`` (Monte Carlo); the same seed gives the same
        draws
    plan : the plan to keep; by default the best one on the figures as given
    again : under each draw decide anew by the ``model`` (pairs and projects, before money is put into whole steps), make the
        whole ``plan``, audited, solve the linear program of the first level (``lp``), or none of them (``no``)
    executor, workers : run batches in the workers of an executor; ``workers`` says how many there are. What a run finds
        does not depend on it

    Raises
    ------
    InstanceError : the instance or the specification is at fault
    SolveError : there is no plan on the figures as given
    """
    watch = progress or Quiet()
    stop = should_stop or (lambda: False)
    specification = specified(instance, spec)
    if again not in AGAIN:
        raise ValueError(f"again is one of {', '.join(AGAIN)}, not {again}")
    points = unit_points(runs, specification.width, sampling, seed)
    start: Floats | None = None
    if plan is None:
        session = Session(instance, progress=progress)
        plan = session.solve(progress=progress, should_stop=should_stop)
        start = session.last_point
    found = run_all(specification, choices_of(plan), points, again, start, executor,
                    -(-runs // (BATCHES_PER_WORKER * max(1, workers))), lambda run: watch.stage(f"run {run.number} of {runs}"),
                    stop)
    watch.stage("")
    return Uncertainty(
        plan, _runs(found), _selection(plan, found), _distribution(plan, found, again), _counties(plan, found),
        overlap(plan), sampling, seed,
    )


def _runs(found: Sequence[Run]) -> pd.DataFrame:
    rows = [
        {"run": run.number, **run.drawn, **{f"kept.{name}": value for name, value in run.kept.items()},
         **{f"again.{name}": value for name, value in run.again.items()}, "status": run.status, "gap": run.gap,
         "error": run.error, "seconds": round(run.seconds, 3)}
        for run in found
    ]
    frame = pd.DataFrame(rows)
    last = ["status", "gap", "error", "seconds"]
    return frame[[*(column for column in frame if column not in last), *last]] if len(frame) else frame


def _selection(plan: Plan, found: Sequence[Run]) -> pd.DataFrame:
    """How often each pair and project is chosen, those of the plan and every one chosen in any run."""
    answered = [run for run in found if run.chosen or run.again]
    held = chosen_in(plan)
    keys = sorted({*held, *(key for run in answered for key in run.chosen)})
    county = plan.data.projects["county"]
    rows: list[dict[str, Any]] = []
    for key in keys:
        donor, place, project = (key[1], key[2], "") if key[0] == "pair" else ("", str(county[key[1]]), key[1])
        share = float(np.mean([run.chosen.get(key, 0.0) for run in answered])) if answered else float("nan")
        rows.append({"kind": key[0], "donor": donor, "county": place, "project": project, "in_plan": int(key in held),
                     "share": share, "runs": len(answered)})
    columns = ["kind", "donor", "county", "project", "in_plan", "share", "runs"]
    return pd.DataFrame(rows, columns=columns)


def _distribution(plan: Plan, found: Sequence[Run], again: Again) -> pd.DataFrame:
    units = plan.criteria.drop_duplicates("criterion").set_index("criterion")
    given = {str(name): float(value) for name, value in units["value"].items()}
    money = plan.data.settings.money.unit
    extra = {"short": money, "overdrawn": money, "rules_broken": "rules"}
    rows = []
    for what, figures in ((KEPT, [run.kept for run in found]), (ANEW[again], [run.again for run in found])):
        names = list(dict.fromkeys(name for one in figures for name in one))
        for name in names:
            values = np.array([one[name] for one in figures if np.isfinite(one.get(name, np.nan))])
            row = {"figure": name, "what": what, "as_given": given.get(name, 0.0 if name in extra else np.nan)}
            unit = extra[name] if name in extra else str(units.loc[name, "unit"]) if name in units.index else ""
            rows.append(row | _summary(values) | {"unit": unit})
    return pd.DataFrame(rows)


def _summary(values: Floats) -> dict[str, float]:
    if not len(values):
        return {"mean": np.nan, "sd": np.nan, **{f"p{100 * q:.0f}": np.nan for q in QUANTILES}, "least": np.nan,
                "most": np.nan, "runs": 0}
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
    return {"mean": float(values.mean()), "sd": spread, **{f"p{100 * q:.0f}": float(np.quantile(values, q)) for q in QUANTILES},
            "least": float(values.min()), "most": float(values.max()), "runs": len(values)}


def _counties(plan: Plan, found: Sequence[Run]) -> pd.DataFrame:
    given: Mapping[str, float] = shares(plan)
    rows = []
    for county, share in given.items():
        values = np.array([run.counties[county] for run in found if county in run.counties])
        known = len(values) > 0
        rows.append({"county": county, "as_given": share, "mean": values.mean() if known else np.nan,
                     "p5": np.quantile(values, 0.05) if known else np.nan,
                     "p95": np.quantile(values, 0.95) if known else np.nan})
    return pd.DataFrame(rows, columns=["county", "as_given", "mean", "p5", "p95"])
