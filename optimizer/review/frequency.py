"""How sure a pair is: its share of near-optimal plans, and of the runs of an uncertainty study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from optimizer.alternatives import alternatives
from optimizer.engine.progress import Progress
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance

SELECTION = "selection.csv"
Shares = dict[tuple[str, str], float]


def near_optimal(
    instance: Instance, count: int, within: str = "1%", *, progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Shares, int]:
    """Share of the best plan and of up to ``count`` others within a distance of it that hold each pair, and how many they are."""
    found = alternatives(instance, within, count, "pairs", progress=progress, should_stop=should_stop)
    plans = (found.best, *found.plans)
    held: dict[tuple[str, str], int] = {}
    for plan in plans:
        chosen = plan.pairings[plan.pairings["status"] != "ended"]
        for key in zip(chosen["donor"].tolist(), chosen["county"].tolist(), strict=True):
            held[key] = held.get(key, 0) + 1
    return {key: times / len(plans) for key, times in held.items()}, len(plans)


def of_runs(study: str | Path, instance: Instance) -> Shares:
    """Share of the runs of an uncertainty study that choose each pair; pairs chosen in none are missing.

    Parameters
    ----------
    study : the folder that ``optimizer uncertainty`` wrote

    Raises
    ------
    InstanceError : the folder holds no study, or one of another instance
    """
    file = Path(study) / SELECTION
    try:
        table = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        pairs = table[table["kind"] == "pair"]
        shares = {(str(row["donor"]), str(row["county"])): float(row["share"] or "nan") for row in pairs.to_dict("records")}
    except (OSError, ValueError, KeyError) as error:
        raise _refused(str(file), f"cannot be read ({error})", "Name a folder that 'optimizer uncertainty' wrote") from error
    known = set(zip(instance.data.pairs["donor"].tolist(), instance.data.pairs["county"].tolist(), strict=True))
    foreign = sorted(set(shares) - known)
    if foreign:
        raise _refused(str(file), f"names the pair {'>'.join(foreign[0])}, which is no candidate of this instance",
                       "Name the study of this instance")
    return shares


def _refused(file: str, problem: str, mend: str) -> InstanceError:
    return InstanceError([Finding(file, None, None, None, problem, mend)])
