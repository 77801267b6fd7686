"""From a question to its front, by the method that its kind allows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.outcome import Status, relative_gap
from optimizer.engine.program import Floats, Program
from optimizer.methods.levels import Ask
from optimizer.methods.pareto.epsilon import Reached
from optimizer.methods.pareto.every import Known, Limits, every_point
from optimizer.methods.pareto.front import Front
from optimizer.methods.pareto.linear import Weigher, chain
from optimizer.methods.pareto.mixed import nondominated, spread_points
from optimizer.methods.pareto.outer import Before, between
from optimizer.methods.pareto.question import Kind, Question

POINTS = 11  # of a mixed problem, unless more or fewer are asked for
TOLERANCE = 0.01  # share of each range within which three and more criteria of a linear program are approximated


def front_of(
    program: Program, names: Sequence[str], ask: Ask, limits: Limits | None = None, *, points: int | None = None,
    tolerance: float = TOLERANCE, known: Front | None = None, by_asking: bool = False,
) -> Front:
    """The front of a program under two or more of its criteria.

    Parameters
    ----------
    ask : how one objective over a program is answered (mixed problems)
    points : how many points of a mixed problem; other kinds know how many there are
    tolerance : for three and more criteria of a continuous problem, as a share of each range
    known : a front of the same question to go on from
    by_asking : whether the program says too little by itself and every question must go through ``ask``: it is then
        treated like a mixed problem

    Raises
    ------
    ValueError : criteria that cannot be asked together, or a front that belongs to another question
    SolveError : there is no front: infeasible, unbounded, or nothing was found within the limits
    """
    question, limits = Question.of(program, names), limits or Limits()
    if known is not None and known.fingerprint != question.fingerprint:
        raise ValueError("the front to go on from belongs to another instance, other settings or other criteria")
    if by_asking:
        return _mixed(question, limits, ask, points or POINTS, known)
    if question.kind is Kind.INTEGER:
        return _integer(question, limits, known)
    if question.kind is Kind.MIXED:
        return _mixed(question, limits, ask, points or POINTS, known)
    weigher = Weigher(question, limits)
    return _edges(question, weigher, known) if question.size == 2 else _enclosed(question, weigher, tolerance, known)


# -- integer ------------------------------------------------------------------------------------------------------------


def _integer(question: Question, limits: Limits, known: Front | None) -> Front:
    found = every_point(question, limits, None if known is None else _known(question, known))
    rows: list[dict[Any, Any]] = [] if known is None else known.subproblems.to_dict("records")
    for (least, corner), answer in found.answers:
        value = math.inf if answer.status is Status.INFEASIBLE else math.nan if answer.costs is None else answer.costs[least]
        rows.append(_asked_row(question, least, np.array(corner), answer.status, float(value), answer.bound, answer.seconds,
                               answer.message))
    costs = [(y, x, Status.OPTIMAL, y) for y, x in zip(found.costs, found.x, strict=True)]
    return _front(question, costs, not found.why_not, found.why_not, found.why_not, pd.DataFrame(rows))


def _known(question: Question, known: Front) -> Known:
    """Points and settled questions of a front, as costs."""
    costs = _costs(question, known)
    closed = []
    for row in known.subproblems.to_dict("records"):
        if row["status"] in (Status.OPTIMAL, Status.INFEASIBLE):
            least = question.names.index(row["best"])
            limits = _limits(question, row)
            value = math.inf if row["status"] == Status.INFEASIBLE else question.sign[least] * float(row["value"])
            closed.append((least, tuple(map(float, limits)), value))
    return Known(tuple(costs), (known.x or (None,) * len(costs)), tuple(closed))


def _limits(question: Question, row: dict[Any, Any]) -> Floats:
    given = [row.get(f"limit_{name}") for name in question.names]
    return np.array([np.inf if v is None or pd.isna(v) else s * float(v) for v, s in zip(given, question.sign, strict=True)])


def _asked_row(question: Question, least: int, limits: Floats, status: Status, value: float, bound: float, seconds: float,
               message: str) -> dict[str, Any]:
    """One line of the account: the criterion made as good as can be, limits that the others had to be better than."""
    sign = question.sign
    shown = {f"limit_{name}": float(sign[k] * limits[k]) if np.isfinite(limits[k]) else math.nan
             for k, name in enumerate(question.names)}
    return {"best": question.names[least], **shown, "status": str(status),
            "value": float(sign[least] * value) if math.isfinite(value) else math.nan,
            "bound": float(sign[least] * bound) if math.isfinite(bound) else math.nan, "seconds": seconds, "message": message}


# -- mixed --------------------------------------------------------------------------------------------------------------


def _mixed(question: Question, limits: Limits, ask: Ask, points: int, known: Front | None) -> Front:
    before = () if known is None else _reached(question, known)
    answers, why = spread_points(question, ask, points, lambda: limits.over(0), before)
    best = nondominated([a.costs for a in answers if a.costs is not None], question.apart)
    rows = [_asked_row(question, a.least, a.limits, a.status, math.nan if a.costs is None else float(a.costs[a.least]), a.bound,
                       a.seconds, a.message)
            | {f"reached_{name}": math.nan if a.costs is None else float(question.values(a.costs)[k])
               for k, name in enumerate(question.names)} for a in answers]
    chosen = []
    for y in best:
        answer = next(a for a in answers if a.costs is y)
        bound = np.full(question.size, np.nan)
        bound[answer.least] = answer.bound
        chosen.append((y, answer.x, answer.status, bound))
    asked = f"points of a mixed problem: between them there may be others ({len(best)} found, {points} asked for)"
    only = len(best) == 1 and not why and _best_in_all(question, answers, best[0])
    reason = "" if only else f"{why}; {asked}" if why else asked
    front = _front(question, chosen, only, reason, why, pd.DataFrame(rows), kind=Kind.MIXED)
    corners = pd.DataFrame([question.values(a.corner) for a in answers if a.bound > -math.inf], columns=list(question.names))
    return replace(front, unreachable=corners.replace([np.inf, -np.inf], np.nan))


def _best_in_all(question: Question, answers: Sequence[Reached], y: Floats) -> bool:
    """Whether one point is proved to be the best in every criterion: then no other plan is nondominated."""
    proved = [max((a.bound for a in answers if a.least == k and a.alone), default=-math.inf) for k in range(question.size)]
    return bool((y <= np.array(proved) + question.apart).all())


def _reached(question: Question, known: Front) -> tuple[Reached, ...]:
    """Answers of a front that was written; what proved nothing is asked again."""
    out = []
    for row in known.subproblems.to_dict("records"):
        status, least = Status(row["status"]), question.names.index(row["best"])
        if not status.proved and status is not Status.INFEASIBLE:
            continue
        values = np.array([row[f"reached_{name}"] for name in question.names], dtype=float)
        costs = None if np.isnan(values).any() else question.sign * values
        bound = math.inf if status is Status.INFEASIBLE else question.sign[least] * float(row["bound"])
        out.append(Reached(least, _limits(question, row), status, bound, costs, None, float(row["seconds"]), str(row["message"])))
    return tuple(out)


# -- continuous ---------------------------------------------------------------------------------------------------------


def _edges(question: Question, weigher: Weigher, known: Front | None) -> Front:
    before: list[tuple[Floats, bool]] = []
    if known is not None:
        proved = [*known.edges["proved"].astype(bool), True] if len(known.edges) else [True]
        before = list(zip(_costs(question, known), proved, strict=True))
    found = chain(question, weigher, before)
    points = [(y, x, Status.OPTIMAL, y) for y, x in zip(found.costs, found.x, strict=True)]
    front = _front(question, points, not found.why_not, found.why_not, found.why_not, _weighings(question, weigher, known),
                   ordered=True)
    values = question.values(np.array(found.costs))
    edges = [{"from": n + 1, "to": n + 2, "rate": float((b[1] - a[1]) / (b[0] - a[0])), "proved": sure}
             for n, (a, b, sure) in enumerate(zip(values, values[1:], found.proved, strict=False))]
    return replace(front, edges=pd.DataFrame(edges, columns=["from", "to", "rate", "proved"]))


def _enclosed(question: Question, weigher: Weigher, tolerance: float, known: Front | None) -> Front:
    before = None
    if known is not None:
        normals = known.halfspaces[list(question.names)].to_numpy(float) * question.sign
        before = Before(_costs(question, known), normals, known.halfspaces["least"].to_numpy(float))
    found = between(question, weigher, tolerance, before)
    points = [(y, x, Status.OPTIMAL, np.full(question.size, np.nan)) for y, x in zip(found.costs, found.x, strict=True)]
    why = found.why_not or f"an approximation within {100 * found.error:.3g} % of each range ({100 * tolerance:g} % asked for)"
    front = _front(question, points, False, why, found.why_not, _weighings(question, weigher, known))
    half = pd.DataFrame(found.normals * question.sign, columns=list(question.names))
    return replace(front, halfspaces=half.assign(least=found.least), error=None if math.isinf(found.error) else found.error)


def _costs(question: Question, known: Front) -> Floats:
    """The points of a front as costs."""
    return np.asarray(question.sign * known.points[list(question.names)].to_numpy(float))


def _weighings(question: Question, weigher: Weigher, known: Front | None) -> pd.DataFrame:
    before = [] if known is None else known.subproblems.to_dict("records")
    return pd.DataFrame([*before, *(
        {f"asked_{name}": w.asked[k] for k, name in enumerate(question.names)}
        | {"status": str(w.status), "value": w.value, "seconds": w.seconds, "message": w.message} for w in weigher.log)])


# -- all ----------------------------------------------------------------------------------------------------------------

Row = tuple[Floats, Floats | None, Status, Floats]


def _front(question: Question, rows: Sequence[Row], complete: bool, why_not: str, stopped: str, subproblems: pd.DataFrame, *,
           ordered: bool = False, kind: Kind | None = None) -> Front:
    """Points in the order of their first criterion, from its best value on."""
    if not ordered:
        rows = sorted(rows, key=lambda row: tuple(row[0]))
    table = []
    for n, (y, _, status, bound) in enumerate(rows, start=1):
        values, bounds = question.values(y), question.values(bound)
        known = np.flatnonzero(np.isfinite(bounds))
        gap = relative_gap(float(values[known[0]]), float(bounds[known[0]])) if len(known) else math.nan
        table.append({"point": n, **dict(zip(question.names, map(float, values), strict=True)), "status": str(status), "gap": gap,
                      **{f"bound_{name}": float(b) for name, b in zip(question.names, bounds, strict=True)}})
    criteria = {name: {"sense": c.sense, "unit": c.unit} for name, c in zip(question.names, question.linear, strict=True)}
    resolution = {name: 0.0 if step > 0 else float(apart) for name, step, apart in
                  zip(question.names, question.step, question.apart, strict=True)}
    return Front(pd.DataFrame(table), criteria, str(kind or question.kind), complete, why_not, stopped, subproblems, resolution,
                 question.fingerprint, x=tuple(row[1] for row in rows))
