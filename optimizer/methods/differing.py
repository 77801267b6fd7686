"""Plans nearly as good as the best and as different from it, and from each other, as can be.

Modelling to generate alternatives (Brill, "The use of optimization models in public-sector planning", 1979): the
criterion is held near its optimum and the distance from the plans known so far becomes the criterion. Distances over
choices are Hamming distances, linear in binaries; of several known plans the nearest counts (max-min), as in "hop,
skip, jump" (Brill, Chang & Hopkins 1982) but by distance.

Over amounts the distance is Σ |amount − amount before|, which is convex, so that making it large is no linear program.
The distance from the nearest plan is climbed by linearisation (a step never comes nearer to that plan: the gradient
inequality), from a direction that favours what has had little, from its opposite, and from directions drawn at random.
That gives plans far apart, not a proof of the farthest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Bools, ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.methods.levels import Ask
from optimizer.search.drive import Found

CLIMBS = 3  # linearisations of a distance over amounts
DRAWN = 2  # directions drawn at random
MANY_COLUMNS = 5_000  # past this the first direction that leads away from all known points will do
MOST_DIFFERENT = 2.2  # by how many choices plans can differ at most, as a multiple of those of one of them
SAME = 1e-6
ALSO_FAR = 1e-3  # weight of the mean distance beside that from the nearest plan
UNUSED = 1e-2  # weight of a direction where the linearisation has none


def differing_choices(
    program: Program, chosen: Bools, known: Sequence[Floats], ask: Ask, start: Floats | None
) -> tuple[Program, Linear, Found]:
    """The point whose binaries in ``chosen`` differ most from the nearest of the known points."""
    distances = [_hamming(chosen, point) for point in known]
    if len(distances) == 1:
        return program, distances[0], ask(program, distances[0], start)
    mean = sum((one.vector for one in distances), start=np.zeros(program.n_columns)) / len(distances)
    shift = sum(one.constant for one in distances) / len(distances)
    keys = pd.DataFrame({"from": range(len(distances))})
    rows = sparse.csr_matrix(np.vstack([np.append(-one.vector, 1.0) for one in distances]))
    wide = program.extended([ExtraColumns("nearest", pd.DataFrame(index=range(1)), lower=-np.inf)],
                            [ExtraRows("no_farther", keys, rows, upper=np.array([one.constant for one in distances]))])
    linear = Linear("max", np.append(ALSO_FAR * mean, 1.0), ALSO_FAR * shift, "choices")
    if start is not None:
        start = np.append(start, min(one.at(start) for one in distances))
    return wide, linear, ask(wide, linear, start)


def priced_choices(linear: Linear, chosen: Bools, known: Sequence[Floats], room: float) -> Linear:
    """A criterion, to which each choice that differs from the known points is worth as much of it as may be lost for one.

    What makes this better than the first of the known points loses less than ``room``: all its choices together are worth no
    more. It is a sum over counties like the criterion itself, where a row that holds the criterion near its best ties all
    of them together, which searches of a large program cannot do with.
    """
    sign = 1.0 if linear.sense == "max" else -1.0
    distances = [_hamming(chosen, point) for point in known]
    most = MOST_DIFFERENT * max(1.0, float(np.mean([one.constant for one in distances])))
    mean = sum((one.vector for one in distances), start=np.zeros(len(chosen))) / len(distances)
    shift = sum(one.constant for one in distances) / len(distances)
    worth = most / room
    return Linear("max", sign * worth * linear.vector + mean, sign * worth * linear.constant + shift, "choices")


def _hamming(chosen: Bools, point: Floats) -> Linear:
    """How many of the chosen binaries differ from a point: Σ_{was 1} (1 − x) + Σ_{was 0} x."""
    size = len(chosen)
    ones = chosen & (np.resize(point, size) > 0.5)
    return Linear("max", np.where(ones, -1.0, np.where(chosen, 1.0, 0.0)), float(ones.sum()), "choices")


def differing_amounts(
    program: Program, cells: sparse.csr_matrix, known: Sequence[Floats], ask: Ask, start: Floats | None
) -> tuple[Program, Linear, Found]:
    """The point whose amounts (``cells`` @ x) differ much from those of the known points, climbed by linearisation."""
    amounts = [np.asarray(cells @ point[: cells.shape[1]]) for point in known]
    best: _Climbed | None = None
    last: Found | None = None
    for direction in _directions(amounts):
        last, climbed = _climb(program, cells, amounts, direction, ask, start)
        if climbed is not None and (best is None or climbed.nearest > best.nearest):
            best = climbed
        if last.x is None or (best is not None and best.nearest > SAME and program.n_columns > MANY_COLUMNS):
            break
    assert last is not None
    return (program, toward(program, cells, 0.0 * amounts[0]), last) if best is None else (program, best.linear, best.found)


@dataclass(frozen=True, eq=False)
class _Climbed:
    """A point, the criterion that led to it, and its distance from the nearest of the known ones."""

    nearest: float
    linear: Linear
    found: Found


def _directions(amounts: Sequence[Floats]) -> list[Floats]:
    used = sum(amounts, start=np.zeros(len(amounts[0])))
    favoured = np.where(used > np.median(used), -1.0, 1.0)
    rng = np.random.default_rng(len(amounts))
    return [favoured, -favoured, *rng.choice([-1.0, 1.0], (DRAWN, len(favoured)))]


def _climb(
    program: Program, cells: sparse.csr_matrix, amounts: Sequence[Floats], direction: Floats, ask: Ask, start: Floats | None
) -> tuple[Found, _Climbed | None]:
    """The last answer, and the farthest point of a climb from one direction."""
    weight, best = direction, None
    for _ in range(CLIMBS):
        linear = toward(program, cells, weight)
        found = ask(program, linear, start)
        if found.x is None:
            break
        now = np.asarray(cells @ found.x[: cells.shape[1]])
        away = [float(np.abs(now - before).sum()) for before in amounts]
        if best is not None and min(away) <= best.nearest * (1 + SAME):
            break
        best, start = _Climbed(min(away), linear, found), found.x
        signs = np.sign(np.round(now - amounts[int(np.argmin(away))], 6))
        weight = signs + UNUSED * direction * (signs == 0)
    return found, best


def toward(program: Program, cells: sparse.csr_matrix, weight: Floats) -> Linear:
    """Σ weight × amount of each cell, to be made large."""
    vector = np.asarray(cells.T @ weight)
    return Linear("max", np.concatenate([vector, np.zeros(program.n_columns - len(vector))]), 0.0, "weighted money")
