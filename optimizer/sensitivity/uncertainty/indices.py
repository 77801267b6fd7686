"""Which uncertain figure matters most: Sobol' indices or Morris' elementary effects, through SALib.

I. M. Sobol', "Sensitivity estimates for nonlinear mathematical models", Mathematical Modelling and Computational Experiment
1 (1993), in the estimators of A. Saltelli et al., Computer Physics Communications 181 (2010); M. D. Morris, "Factorial
sampling plans for preliminary computational experiments", Technometrics 33 (1991). Rows that draw for themselves count
together as the figure that their key names.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from optimizer.engine.progress import Progress, Quiet
from optimizer.instance.findings import Finding, InstanceError, OptimizerError
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.sensitivity.uncertainty.journal import Asked, Files, found_by
from optimizer.sensitivity.uncertainty.runs import Again
from optimizer.sensitivity.uncertainty.specification import Given, Specification, specified
from optimizer.sensitivity.whatif.asking import CtrlC
from optimizer.sensitivity.whatif.executors import place_of

Kind = Literal["sobol", "morris"]
KINDS: tuple[Kind, ...] = ("sobol", "morris")
LEVELS = 4  # levels of Morris' grid, laid between the 1st and the 99th percentile of each figure
EDGE = 0.01
FILES = Files(None, "influence_runs.csv", "influence_choices.csv", "influence.json", "influence_plan", "influence_start.npy")


class MissingSalibError(OptimizerError):
    """SALib is not installed."""


class InterruptedStudyError(OptimizerError):
    """The draws of an index were not all evaluated."""

    exit_status = 4


@dataclass(frozen=True, eq=False)
class Influence:
    """How much each uncertain figure moves a criterion.

    Attributes
    ----------
    table : key and, for Sobol', first (share of the variance due to it alone), first_conf, total (with all interactions),
        total_conf; for Morris, mu_star (mean absolute elementary effect), mu_star_conf, mu, sigma (NaN where rows draw for
        themselves), in the criterion's unit over the figure's whole range; the largest first. ``conf``: half the width of
        the 95 % interval
    kind, criterion, of : what was asked: the index, the criterion, and whether the plan is kept or made anew
    runs : how many draws were evaluated
    """

    table: pd.DataFrame
    kind: Kind
    criterion: str
    of: str
    runs: int

    def write(self, folder: str | Path) -> Path:
        """Write ``influence.csv``."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        self.table.to_csv(place / "influence.csv", index=False, lineterminator="\n")
        return place


def influence(
    instance: Instance, spec: Given, kind: Kind = "sobol", points: int = 64, *, of: Again = "no", criterion: str | None = None,
    plan: Plan | None = None, seed: int = 0, executor: Executor | None = None, workers: int = 1, cluster: str | None = None,
    out: str | Path | None = None, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> Influence:
    """Sobol' or Morris indices of a criterion in the uncertain figures.

    Parameters
    ----------
    spec : KEY → distribution, as for `uncertainty`
    points : base points of Sobol' (a power of two; points × (figures + 2) runs) or trajectories of Morris (points ×
        (figures + 1) runs)
    of : ``no``: of the plan as it is; ``model``, ``plan``, ``lp``: of what is decided anew under each draw
    criterion : by default the one of the first level
    executor, workers, cluster : where draws are evaluated, as for `sweep`
    out : folder of ``influence_runs.csv``, which grows as draws are evaluated; what was interrupted goes on from there

    Raises
    ------
    MissingSalibError : SALib is not installed
    InstanceError : the specification is at fault, or a draw has no answer
    InterruptedStudyError : stopped before every draw was evaluated
    OtherSweepError : ``out`` holds other draws
    """
    sample, analyse = salib_functions(kind)
    specification = specified(instance, spec)
    problem = problem_of(specification)
    cube = sample(problem, points, seed)
    asked = Asked(specification, EDGE + (1 - 2 * EDGE) * cube if kind == "morris" else cube, of, plan)
    with place_of(workers if executor is None else 1, cluster, executor) as place, CtrlC(should_stop) as stop:
        kept, journal = found_by(asked, replace(FILES, folder=None if out is None else Path(out)), place, progress or Quiet(),
                                 stop)
    name, found = criterion or kept.outcome.criterion, journal.found()
    if len(found) < len(cube):
        raise InterruptedStudyError(f"Stopped with {len(found)} of {len(cube)} draws evaluated, and indices need them all.")
    values = np.array([(run.kept if of == "no" else run.again).get(name, np.nan) for run in found])
    if not np.isfinite(values).all():
        missing = len(cube) - int(np.isfinite(values).sum())
        sentence = f"{missing} of {len(cube)} draws have no value of {name}, and indices need them all"
        raise InstanceError([Finding("uncertain figures", None, None, None, sentence, "Narrow the ranges, or name a criterion "
                                     "that every draw has")])
    table = analyse(problem, cube, values, seed)
    return Influence(table, kind, name, "plan kept" if of == "no" else of, len(values))


def problem_of(specification: Specification) -> dict[str, Any]:
    """The figures as SALib wants them, rows grouped under their key."""
    keys = [entry.key for entry in specification.entries for _ in range(entry.rows)]
    problem: dict[str, Any] = {"num_vars": len(keys), "names": [f"{key} {n}" for n, key in enumerate(keys)],
                               "bounds": [[0.0, 1.0]] * len(keys)}
    if len(keys) == len(specification.entries):
        return problem | {"names": keys}
    return problem | {"groups": keys}


def salib_functions(kind: str) -> tuple[Callable[..., np.ndarray], Callable[..., pd.DataFrame]]:
    """How SALib draws the points of an index, and how it reads the index off their values."""
    if kind not in KINDS:
        raise InstanceError([Finding("influence", None, None, kind, "is no kind of index", f"Ask for {' or '.join(KINDS)}")])
    try:
        import SALib.analyze.morris
        import SALib.analyze.sobol
        import SALib.sample.morris
        import SALib.sample.sobol
    except ImportError as error:
        raise MissingSalibError("Indices need SALib: install the package with its extra, optimizer[uncertainty].") from error

    def sobol_points(problem: dict[str, Any], points: int, seed: int) -> np.ndarray:
        return np.asarray(SALib.sample.sobol.sample(problem, points, calc_second_order=False, seed=seed))

    def morris_points(problem: dict[str, Any], points: int, seed: int) -> np.ndarray:
        return np.asarray(SALib.sample.morris.sample(problem, points, num_levels=LEVELS, seed=seed))

    def sobol(problem: dict[str, Any], cube: np.ndarray, values: np.ndarray, seed: int) -> pd.DataFrame:
        spread = float(values.std())
        scaled = (values - values.mean()) / spread if spread > 0 else values * 0.0
        keys = list(dict.fromkeys(problem.get("groups", problem["names"])))
        if spread == 0:  # nothing moves the criterion
            return pd.DataFrame({"key": keys, "first": 0.0, "first_conf": 0.0, "total": 0.0, "total_conf": 0.0})
        got = SALib.analyze.sobol.analyze(problem, scaled, calc_second_order=False, seed=seed)
        table = pd.DataFrame({"key": keys, "first": got["S1"], "first_conf": got["S1_conf"], "total": got["ST"],
                              "total_conf": got["ST_conf"]})
        return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)

    def morris(problem: dict[str, Any], cube: np.ndarray, values: np.ndarray, seed: int) -> pd.DataFrame:
        got = SALib.analyze.morris.analyze(problem, cube, values, num_levels=LEVELS, seed=seed)
        keys = list(dict.fromkeys(problem.get("groups", problem["names"])))
        table = pd.DataFrame({"key": keys, **{name: np.ma.filled(np.ma.asarray(got[name], dtype=float), np.nan)
                                              for name in ("mu_star", "mu_star_conf", "mu", "sigma")}})
        return table.sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)

    return (sobol_points, sobol) if kind == "sobol" else (morris_points, morris)
