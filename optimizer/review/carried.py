"""A reviewed plan with the decisions made on it carried out: each by the change of pairs that costs least, then exchanges.

A search from the start would find a plan of other pairs everywhere, as far from the best by chance as the reviewed one is; a
plan carried over differs where decisions ask for it, so that the two say what the decisions cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Floats, Program
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.model.algebra import lookup
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.plan.plan import Plan
from optimizer.review.around import Local, Move
from optimizer.review.everyone import Task
from optimizer.review.improve import held_in, improved
from optimizer.review.recommend import task_of
from optimizer.review.standing import Standing, held_at
from optimizer.sensitivity.prices.question import selection


def carried(
    reviewed: Plan, before: Instance, decisions: pd.DataFrame, program: Program, *, deadline: float = math.inf,
    stop: Callable[[], bool] = lambda: False,
) -> Floats | None:
    """The whole decisions of a reviewed plan once decisions are carried out on it and no exchange makes it better.

    Parameters
    ----------
    before : the instance without decisions
    decisions : those that stand: kind, donor, county, decision
    program : of the instance with decisions, which has no columns for what these forbid
    deadline : for exchanges, on the monotonic clock

    Returns
    -------
    Floats or None : values of the columns of ``program``, NaN for those that need not be whole; None where decisions speak
        of more than pairs, or one cannot be carried out by a change that is priced
    """
    if not (decisions["kind"] == "pair").all():
        return None
    built = compile_numbers(build(before.data, pyomo=False))
    try:
        task, _ = task_of(replace(reviewed, instance=before), built)
    except (InstanceError, SolveError):  # a quotient, or a selection that the undecided instance does not know
        return None
    place = {key: k for k, key in enumerate(zip(task.donor, task.county, strict=True))}
    wanted = {place[donor, county]: word != "forbid" for donor, county, word in
              decisions[["donor", "county", "decision"]].itertuples(index=False) if (donor, county) in place}
    task = replace(task, at=_bounded(task.at, wanted))
    for k in sorted(wanted, key=lambda k: (not wanted[k], k)):  # what is wanted first: it may end what is forbidden
        found = _change(task, k, wanted)
        if found is None:
            return None
        task = replace(task, at=found)
    done = improved(task, sorted(set(task.county)), deadline=deadline, stop=stop).task
    return _moved_over(held_in(done.at, built.program.n_columns), built.program, program)


def _moved_over(values: Floats, source: Program, target: Program) -> Floats:
    """Values of columns of one program for those of another, by family and key; NaN where it has none."""
    out = np.full(target.n_columns, np.nan)
    theirs = {family.name: family for family in source.columns}
    for family in target.columns:
        there = theirs.get(family.name)
        if there is not None and len(family) and len(there):
            at = lookup(there.keys, family.keys)
            out[family.start : family.stop] = np.where(at >= 0, values[there.start + np.maximum(at, 0)], np.nan)
    return out


def _bounded(at: Standing, wanted: dict[int, bool]) -> Standing:
    """The standing under decisions on pairs, by number: wanted or forbidden."""
    low, high = at.open_low.copy(), at.open_high.copy()
    for k, yes in wanted.items():
        low[at.pairs[k]] = high[at.pairs[k]] = float(yes)
    return replace(at, open_low=low, open_high=high)


def _change(task: Task, pair: int, wanted: dict[int, bool]) -> Standing | None:
    """The optimum after the change that brings about, or ends, a pair and costs least; None where there is none."""
    pricer = task.pricer()
    if bool(pricer.moves.chosen[pair]) == wanted[pair]:
        return task.at
    if wanted[pair]:
        against = [k for k in pricer.moves.of_county.get(pricer.moves.county[pair], []) if wanted.get(k) is False]
        found = pricer.bringing(pair, against)
    else:
        found = pricer.ending(pair)
    return None if found is None else _after(task.at, *found)


def _after(at: Standing, local: Local, move: Move) -> Standing | None:
    low, high = at.low.copy(), at.high.copy()
    whole = at.whole[local.columns]
    columns = local.columns[whole]
    low[columns] = high[columns] = np.round(local.values[whole])
    low[at.pairs[list(move.off)]] = high[at.pairs[list(move.off)]] = 0.0
    low[at.pairs[list(move.on)]] = high[at.pairs[list(move.on)]] = 1.0
    try:
        return held_at(at, low, high)
    except SolveError:
        return None


def start_of(plan: Plan, program: Program) -> Floats:
    """The pairs and starts of a plan as a point of a program, from which a search may start; everything else 0."""
    return np.nan_to_num(selection(plan, program))


__all__ = ["carried", "start_of"]
