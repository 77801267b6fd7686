"""Plans nearly as good as the best and as different from it, and from each other, as can be.

Modelling to generate alternatives (Brill, "The use of optimization models in public-sector planning", 1979): the
criterion is held near its optimum and the distance from the plans known so far becomes the criterion. Distances over
choices are Hamming distances, linear in binaries; of several known plans the nearest counts (max-min), as in "hop, skip,
jump" (Brill, Chang & Hopkins 1982) but by distance. Over amounts the distance is Σ |amount − amount before|, which is
convex, so that making it large is not a linear program; it is climbed by linearisation, each step of which is exact and
never goes down (the gradient inequality), from a direction that favours what has had nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Bools, ExtraColumns, ExtraRows, Floats, Linear, Program
from optimizer.methods.levels import Ask
from optimizer.search.drive import Found

CLIMBS = 3  # linearisations of a distance over amounts
ALSO_FAR = 1e-3  # weight of the mean distance beside that from the nearest plan
UNUSED = 1e-2  # weight of a direction where the linearisation has none


def differing_choices(program: Program, chosen: Bools, known: Sequence[Floats], ask: Ask, start: Floats | None) -> tuple[
    Program, Linear, Found
]:
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


def _hamming(chosen: Bools, point: Floats) -> Linear:
    """How many of the chosen binaries differ from a point: Σ_{was 1} (1 − x) + Σ_{was 0} x."""
    size = len(chosen)
    ones = chosen & (np.resize(point, size) > 0.5)
    return Linear("max", np.where(ones, -1.0, np.where(chosen, 1.0, 0.0)), float(ones.sum()), "choices")


def differing_amounts(program: Program, cells: sparse.csr_matrix, known: Sequence[Floats], ask: Ask, start: Floats | None) -> tuple[
    Program, Linear, Found
]:
    """The point whose amounts (``cells`` @ x) differ much from those of the known points, climbed by linearisation."""
    width = cells.shape[1]
    amounts = [np.asarray(cells @ point[:width]) for point in known]
    used = sum(amounts, start=np.zeros(cells.shape[0]))
    favoured = np.where(used > np.median(used), -1.0, 1.0)
    weight, best = favoured, None
    for _ in range(CLIMBS):
        linear = toward(program, cells, weight)
        found = ask(program, linear, start)
        if found.x is None:
            break
        now = np.asarray(cells @ found.x[:width])
        nearest = min(float(np.abs(now - before).sum()) for before in amounts)
        if best is not None and nearest <= best[0] * (1 + 1e-6):
            break
        best, start = (nearest, linear, found), found.x
        signs = sum((np.sign(np.round(now - before, 6)) for before in amounts), start=np.zeros(len(now)))
        weight = signs / len(amounts) + UNUSED * favoured * (signs == 0)
    return (program, linear, found) if best is None else (program, best[1], best[2])


def toward(program: Program, cells: sparse.csr_matrix, weight: Floats) -> Linear:
    """Σ weight × amount of each cell, to be made large."""
    vector = np.asarray(cells.T @ weight)
    return Linear("max", np.concatenate([vector, np.zeros(program.n_columns - len(vector))]), 0.0, "weighted money")
