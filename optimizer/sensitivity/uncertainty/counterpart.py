"""Rows that hold whatever Γ of their uncertain figures turn out worse: the robust counterpart of Bertsimas and Sim.

D. Bertsimas and M. Sim, "The price of robustness", Operations Research 52 (2004). Each row has a budget of uncertainty of
its own: at most Γ of the figures in it go against it, each by a share of itself, and Γ may be a fraction. What the row can
lose at most is a small linear program over the figures; its dual joins the row, so that the row holds in every case:

    effects   built ≤ … + Σ effect·start − Γ·z − Σ q[p],           z + q[p] ≥ loss·effect[p]·start[p]
    costs     money in − Σ cost·start − Σ direct − Γ·z − Σ q ≥ 0,   z + q[p] ≥ rise·cost[p]·start[p],
                                                                    z + q[k] ≥ rise·direct[k]          z, q ≥ 0

Effects stand in the rows on people covered through projects, one for each need of a county. Unit costs of direct support
(all tiers of a need rise together) and costs of projects stand in the accounts, one for each county, category and period.
What an account holds for costs that may rise is kept until they do; it is never more than all of them together may take.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import ExtraColumns, ExtraRows, Ints, Program
from optimizer.instance.data import Data

EFFECTS, COSTS = "built_from_projects", "account"
Share = float | Mapping[str, float]


def protected_program(program: Program, data: Data, loss: Share, rise: Share, gamma: float) -> Program:
    """The program with its rows on effects and costs protected.

    Parameters
    ----------
    loss : share of its effect that a project may lack; one number, or project → number (0 where it is not named)
    rise : share by which a cost may rise; one number, or project or need → number (0 where it is not named)
    gamma : how many figures of each row may turn out worse; at 0 the program is the one given
    """
    if gamma <= 0:
        return program
    program = _protected(program, EFFECTS, _shares(program, data, loss, ("start", "amount")), gamma)
    return _protected(program, COSTS, _shares(program, data, rise, ("start", "amount", "direct")), gamma)


def _shares(program: Program, data: Data, share: Share, families: tuple[str, ...]) -> pd.DataFrame:
    """By column: the uncertain figure that it is multiplied by, and the share of it that may go wrong."""
    names = [*data.projects.index, *data.settings.needs]
    each = pd.Series(share if isinstance(share, Mapping) else dict.fromkeys(names, share), dtype=float)
    out = pd.DataFrame({"figure": "", "share": 0.0}, index=range(program.n_columns))
    for family in program.columns:
        if family.name in families and len(family.keys):
            figure = family.keys["need" if family.name == "direct" else "project"].astype(str).to_numpy()
            at = slice(family.start, family.stop)
            out.iloc[at, 0], out.iloc[at, 1] = figure, each.reindex(figure).fillna(0.0).to_numpy(float)
    return out


def _protected(program: Program, rows: str, shares: pd.DataFrame, gamma: float) -> Program:
    """The program with one family of rows protected; a figure in several columns of a row (starts) counts once in it."""
    keys = program.rows_of(rows)
    entries = program.matrix[keys.index.to_numpy(dtype=np.int64)].tocoo()
    deviation = -entries.data * shares["share"].to_numpy()[entries.col]
    uncertain = deviation > 0
    if not uncertain.any():
        return program
    row, column, deviation = keys.index.to_numpy()[entries.row[uncertain]], entries.col[uncertain], deviation[uncertain]
    affected, of_row = np.unique(row, return_inverse=True)
    figure = pd.MultiIndex.from_arrays([of_row, shares["figure"].to_numpy()[column]])
    item, terms = pd.factorize(figure)
    at = np.asarray(terms.get_level_values(0), dtype=np.int64)
    below = rows == COSTS  # these rows hold from below, the others from above
    sign, width, block = -1.0 if below else 1.0, program.n_columns, program.row_block[affected]
    z = sparse.csr_matrix((np.full(len(affected), sign * gamma), (affected, np.arange(len(affected)))),
                          shape=(program.n_rows, len(affected)))
    q = sparse.csr_matrix((np.full(len(at), sign), (affected[at], np.arange(len(at)))), shape=(program.n_rows, len(at)))
    names = np.array([program.row_name(int(one)) for one in affected], dtype=object)
    which = pd.DataFrame({"row": names[at], "figure": np.asarray(terms.get_level_values(1))})
    size, place = width + len(affected) + len(at), np.arange(len(at))
    matrix = sparse.csr_matrix(
        (np.concatenate([-deviation, np.ones(2 * len(at))]),
         (np.concatenate([item, place, place]), np.concatenate([column, width + at, width + len(affected) + place]))),
        shape=(len(at), size))
    columns = [ExtraColumns(f"protection_{rows}", pd.DataFrame({"row": names}), z, block=block),
               ExtraColumns(f"protection_of_{rows}", which, q, block=block[at])]
    held = [ExtraRows(f"protected_{rows}", which, matrix, lower=0.0, block=block[at])]
    if below:
        held.append(ExtraRows(f"reserve_{rows}", pd.DataFrame({"row": names}), _reserve(matrix, at, gamma, width, len(affected)),
                              upper=0.0, block=block))
    return program.extended(columns, held)


def _reserve(matrix: sparse.csr_matrix, at: Ints, gamma: float, width: int, affected: int) -> sparse.csr_matrix:
    """Γ·z + Σ q ≤ Σ of all deviations: what is kept in an account is kept for its costs."""
    together: sparse.csr_matrix = sparse.csr_matrix((np.ones(len(at)), (at, np.arange(len(at)))), shape=(affected, len(at)))
    deviations = sparse.hstack([matrix[:, :width], sparse.csr_matrix((matrix.shape[0], matrix.shape[1] - width))])
    reserved = sparse.hstack([sparse.csr_matrix((affected, width)), gamma * sparse.identity(affected), together])
    return sparse.csr_matrix(reserved + together @ deviations)
