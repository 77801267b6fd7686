"""What continuity costs: the best plan that ends at most n of today's partnerships, for several n."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.progress import Progress
from optimizer.instance.counting import count
from optimizer.instance.findings import Finding, InstanceError, raise_if_errors
from optimizer.instance.instance import Instance
from optimizer.instance.settings import parse_settings
from optimizer.plan.plan import Plan
from optimizer.solve import Session

COLUMNS = ["n", "value", "bound", "gap_percent", "coverage", "ended", "new", "status"]
RULE = "at_most_ended"
COMPARABLE = ("single", "lexicographic")  # methods whose first level means the same whatever else is asked


def changes(
    instance: Instance, ns: Sequence[int], *, progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None, time_limit: float = math.inf, known: Plan | None = None,
) -> pd.DataFrame:
    """The best plan that ends at most n existing pairs, for each n: a curve that never falls.

    One session answers all; each plan is the start for the next n. A plan that keeps more is a plan for a larger n too, and
    the bound of a larger n holds for a smaller one, so value and bound are carried over where they say more.
    A plan of the instance that is known stands wherever it ends no more and is better.

    Parameters
    ----------
    ns : how many existing pairs may end, whole numbers of at least 0
    time_limit : seconds for each n
    known : a plan of the instance

    Returns
    -------
    n, value and bound (of the method's first criterion), gap_percent, coverage (of all plans, whatever the criterion),
    ended, new (pairs), status (of the solve; rows ``infeasible`` and ``limit_without_plan`` have no figures, and 0 pairs)

    Raises
    ------
    InstanceError : the instance has errors (a proof that so few changes are impossible is no error), no existing pairs, or
        an n is negative
    """
    wanted = sorted({int(n) for n in ns})
    if wanted and wanted[0] < 0:
        raise _refused(str(wanted[0]), "is a negative number of changes", "Name whole numbers of at least 0")
    if not (instance.data.pairs["existing"] == 1).any():
        raise _refused(None, "no pair is marked as existing, so none can end", "Fill in the column existing of pairs")
    session = Session(instance, progress=progress)
    rows: list[dict[str, Any]] = []
    best: Plan | None = None
    for n in wanted:
        found = _best(session, with_limit(instance, n), progress, should_stop, time_limit)
        if isinstance(found, str):
            rows.append({"n": n, "ended": 0, "new": 0, "status": found})
            continue
        if _comparable(instance):
            others = (best, known if known is not None and _ended(known) <= n else None)
            best = max((found, *(one for one in others if one is not None)), key=_goodness)
        else:
            best = found
        rows.append(_row(n, best, found))
        if should_stop is not None and should_stop():
            break
    sense = best.outcome.sense if best is not None else "max"
    return _carried(pd.DataFrame(rows, columns=COLUMNS), sense, _comparable(instance))


def with_limit(instance: Instance, n: int) -> Instance:
    """The instance with one rule more: at most ``n`` existing pairs end."""
    names = {rule.id for rule in instance.settings.rules}
    name = next(text for text in (RULE, *(f"{RULE}_{k}" for k in range(len(names) + 1))) if text not in names)
    rule = {"id": name, "type": "pairs", "sentence": f"At most {n} existing partnerships end", "max_changed": n}
    raw: dict[str, Any] = {**instance.raw_settings, "rules": [*(instance.raw_settings.get("rules") or ()), rule]}
    settings, findings = parse_settings(raw)
    raise_if_errors(findings)
    assert settings is not None
    return instance.replaced(settings=settings, raw_settings=MappingProxyType(raw))


def _best(
    session: Session, instance: Instance, progress: Progress | None, should_stop: Callable[[], bool] | None, limit: float
) -> Plan | str:
    """The plan of one question, or in a word why there is none."""
    try:
        return session.solve(instance, progress=progress, should_stop=should_stop, time_limit=limit)
    except SolveError as error:
        if error.outcome is None or error.outcome.status not in (Status.INFEASIBLE, Status.LIMIT_WITHOUT_PLAN):
            raise
        return str(error.outcome.status)
    except InstanceError as error:
        if set(error.findings) <= set(count(instance, sound=False)):
            return str(Status.INFEASIBLE)  # counting proves it
        raise


def _row(n: int, plan: Plan, asked: Plan) -> dict[str, Any]:
    """The figures of the plan shown; bound and status are those of the question that was asked."""
    values = plan.criteria.set_index("criterion")["value"]
    return {"n": n, "value": plan.outcome.objective, "bound": asked.outcome.bound,
            "coverage": float(values.get("coverage", np.nan)), "ended": _ended(plan),
            "new": int((plan.pairings["status"] == "new").sum()), "status": asked.outcome.status}


def _ended(plan: Plan) -> int:
    """How many of today's pairs a plan ends."""
    return int((plan.pairings["status"] == "ended").sum())


def _goodness(plan: Plan) -> float:
    """The value of the first level, larger the better."""
    value = plan.outcome.objective
    return -math.inf if value is None else value if plan.outcome.sense == "max" else -value


def _comparable(instance: Instance) -> bool:
    return instance.settings.method.type in COMPARABLE


def _carried(table: pd.DataFrame, sense: str, comparable: bool) -> pd.DataFrame:
    """Bounds of larger n brought down to smaller ones, then the gaps."""
    out = table.astype(dict.fromkeys(("value", "bound", "gap_percent", "coverage", "ended", "new"), "float64"))
    sign = 1.0 if sense == "max" else -1.0
    solved = out["value"].notna()
    if comparable:
        bounds = (sign * out.loc[solved, "bound"])[::-1].cummin()[::-1]
        out.loc[solved, "bound"] = sign * bounds
    gap = (sign * (out["bound"] - out["value"])).clip(lower=0.0)
    size = out["value"].abs()
    out["gap_percent"] = np.where(gap == 0, 0.0, np.where(size > 0, 100 * gap / size.where(size > 0, 1.0), np.nan))
    out.loc[~solved, "gap_percent"] = np.nan
    return out



def _refused(value: str | None, problem: str, mend: str) -> InstanceError:
    return InstanceError([Finding("changes", None, None, value, problem, mend)])


__all__ = ["changes", "with_limit"]
