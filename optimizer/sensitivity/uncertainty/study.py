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
from optimizer.instance.folder import write_csv
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.sensitivity.uncertainty.journal import Asked, Files, found_by
from optimizer.sensitivity.uncertainty.overlap import Overlap, overlap
from optimizer.sensitivity.uncertainty.runs import AGAIN, Again, Run, chosen_in, shares
from optimizer.sensitivity.uncertainty.sampling import Sampling, unit_points
from optimizer.sensitivity.uncertainty.specification import Given, specified
from optimizer.sensitivity.whatif.asking import CtrlC
from optimizer.sensitivity.whatif.executors import place_of

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
KEPT = "plan kept"
ANEW = {"model": "solved again, before whole steps of money", "plan": "solved again", "lp": "linear program, solved again",
        "no": ""}


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What many draws show.

    Attributes
    ----------
    plan : the plan on the figures as given
    runs : those that have ended: run, one column for each uncertain key (the mean over its rows), ``kept.FIGURE`` of the plan,
        ``again.CRITERION`` of the plan made anew, status, gap (percent), error, seconds
    selection : kind, donor, county, project, in_plan (1/0), share (of the runs with an answer that choose it; of linear
        programs the mean part chosen), runs
    distribution : figure, what (plan kept, or how it was solved again), as_given (the plan's), mean, sd, p5 … p95, least,
        most, runs, unit
    counties : county, as_given, mean, p5, p95: share of weighted need that the plan as it is covers
    overlap : the plan's coverage if effects of projects on one need overlap wholly
    sampling, seed : how the draws were made
    complete : whether every run has ended, with an answer or without one
    """

    plan: Plan
    runs: pd.DataFrame
    selection: pd.DataFrame
    distribution: pd.DataFrame
    counties: pd.DataFrame
    overlap: Overlap
    sampling: Sampling
    seed: int
    complete: bool = True

    def write(self, folder: str | Path) -> Path:
        """Write ``runs.csv``, ``selection.csv``, ``distribution.csv``, ``counties.csv``, ``overlap.csv`` and
        ``uncertainty.svg``.
        """
        from optimizer.sensitivity.uncertainty.picture import draw

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        write_csv(place / "runs.csv", self.runs)
        for name in ("selection", "distribution", "counties"):
            getattr(self, name).to_csv(place / f"{name}.csv", index=False, lineterminator="\n")
        self.overlap.needs.to_csv(place / "overlap.csv", index=False, lineterminator="\n")
        draw(self, place / "uncertainty.svg")
        return place


def uncertainty(
    instance: Instance, spec: Given, runs: int = 100, sampling: Sampling = "lhs", plan: Plan | None = None, *,
    again: Again = "model", seed: int = 0, executor: Executor | None = None, workers: int = 1, cluster: str | None = None,
    out: str | Path | None = None, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
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
    executor, workers, cluster : where runs are answered, as for `sweep`. What a run finds does not depend on it
    out : folder of ``runs.csv``, which grows as runs end; a study that was interrupted goes on from there

    Returns
    -------
    What the runs show. Those without an answer are recorded with their error; after Ctrl-C, ``complete`` is False.

    Raises
    ------
    InstanceError : the instance or the specification is at fault
    OtherSweepError : ``out`` holds another study
    SolveError : there is no plan on the figures as given
    """
    specification = specified(instance, spec)
    if again not in AGAIN:
        raise ValueError(f"again is one of {', '.join(AGAIN)}, not {again}")
    asked = Asked(specification, unit_points(runs, specification.width, sampling, seed), again, plan)
    files = Files(None if out is None else Path(out))
    with place_of(workers if executor is None else 1, cluster, executor) as place, CtrlC(should_stop) as stop:
        kept, journal = found_by(asked, files, place, progress or Quiet(), stop)
    found = journal.found()
    return Uncertainty(
        kept, journal.table(), _selection(kept, found), _distribution(kept, found, again), _counties(kept, found),
        overlap(kept), sampling, seed, len(found) == runs,
    )


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
