"""Ideals: the largest outcome of each unit were the plan made for it alone, all rules kept.

One program is loaded and only its objective changes: each solve goes on from the point of the last, some fifty steps of
the primal simplex method away. A unit that some point gives what the bounds of its columns allow at most needs no solve.

An ideal is a proved upper bound. Up to `WHOLE` columns of whole numbers it is the optimum with them (or the bound that
`NODES` nodes leave); past that the whole numbers are relaxed, since hundreds of integer programs take hours: the ideal is
then no less than any plan can reach, the same for every plan of the instance, and the shares are no larger than true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.arrays import Floats
from optimizer.engine.derive import ExtraRows
from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.program import Program
from optimizer.engine.session import RawResult, Session, method_for
from optimizer.engine.units import UnitOutcomes
from optimizer.model.equity.bargaining import Share
from optimizer.model.outcomes import unit_outcomes

WHOLE = 200  # columns of whole numbers up to which ideals are solved with them
NODES = 2_000
PRIMAL = {"simplex_strategy": 4}  # another objective leaves the point feasible: the primal simplex method goes on from it
CLOSE = 1e-9  # share by which what a point reaches may lack of a bound and still be called it
Ideals = Mapping[tuple[str, str], Mapping[str, float]]


@dataclass(eq=False)
class _Search:
    """The ideals of one outcome as they are found; nan where not yet."""

    session: Session
    outcomes: UnitOutcomes
    most: Floats
    found: Floats

    def read(self, x: Floats) -> None:
        """Units that have as much as their columns allow at a point."""
        ends = np.flatnonzero(np.isfinite(self.most))
        top = self.most[ends]
        there = self.outcomes.at(x)[ends] >= top - CLOSE * np.maximum(1.0, np.abs(top))
        self.found[ends[there]] = top[there]

    def ask(self, weight: Floats, whole: bool, first: bool = False) -> RawResult:
        """The largest Σ weight·outcome; ``first``: there is no point yet to go on from."""
        vector = np.asarray(self.outcomes.matrix.T @ weight).ravel()
        self.session.set_objective(vector, "max", float(weight @ self.outcomes.constant))
        if whole:
            result = self.session.solve("mip", node_limit=NODES)
        elif first:
            result = self.session.solve("lp", method=method_for(self.session.n_rows))
        else:
            result = self.session.solve("lp", options=PRIMAL)
        if result.status is Status.INTERRUPTED:
            raise KeyboardInterrupt
        return result


def ideals_of(program: Program, outcomes: UnitOutcomes) -> Floats | None:
    """The ideal of each unit, in the outcome's unit; None where no plan keeps the rules.

    Raises
    ------
    SolveError : an outcome can grow without limit, or a solve fails
    """
    whole = 0 < int(program.integer.sum()) <= WHOLE
    most = _most(program, outcomes)
    search = _Search(Session(program), outcomes, most, np.full(len(outcomes), np.nan))
    first = search.ask(np.zeros(len(outcomes)), whole, first=True)  # any plan to go on from
    if first.status in (Status.INFEASIBLE, Status.LIMIT_WITHOUT_PLAN):
        return None
    if first.x is not None:
        search.read(first.x)
    for unit in range(len(outcomes)):
        if np.isnan(search.found[unit]):
            result = search.ask(np.eye(1, len(outcomes), unit)[0], whole)
            if not np.isfinite(result.bound):
                raise SolveError(f"The ideal of {outcomes.labels[unit]} cannot be found ({result.status}): what it could have "
                                 "alone has no limit, or the solver fails.")
            search.found[unit] = min(result.bound, most[unit])
            if result.x is not None:
                search.read(result.x)
    return search.found


def _most(program: Program, outcomes: UnitOutcomes) -> Floats:
    """What the bounds of the columns allow each unit at most."""
    entries = outcomes.matrix.tocoo()
    ends = np.where(entries.data > 0, program.col_upper[entries.col], program.col_lower[entries.col])
    real = entries.data != 0
    top = np.bincount(entries.row[real], weights=(entries.data * ends)[real], minlength=len(outcomes))
    return np.where(np.isnan(top), np.inf, top + outcomes.constant)


def with_shares(program: Program, shares: Sequence[Share], known: Ideals) -> tuple[Program, Ideals]:
    """The program with each share column held below every unit's share of its ideal, and the ideals.

    Parameters
    ----------
    known : ideals found before, which a program with tighter rules keeps
    """
    ideals = dict(known)
    rows: list[ExtraRows] = []
    for share in shares:
        outcomes = unit_outcomes(share.of, program.n_columns)
        if share.key not in ideals:
            found = ideals_of(program, outcomes)
            ideals[share.key] = {} if found is None else dict(zip(outcomes.labels, found.tolist(), strict=True))
        if share.column >= 0:
            rows.append(_rows(share, outcomes, ideals[share.key]))
    return program.extended(rows=rows) if rows else program, ideals


def _rows(share: Share, outcomes: UnitOutcomes, ideals: Mapping[str, float]) -> ExtraRows:
    """outcome[u] / ideal[u] − share ≥ 0"""
    ideal = np.array([ideals.get(label, 0.0) for label in outcomes.labels])
    at = np.flatnonzero(ideal > 0)
    scaled = sparse.diags_array(1 / ideal[at]) @ outcomes.matrix[at]
    column = sparse.csr_matrix((np.full(len(at), -1.0), (np.arange(len(at)), np.full(len(at), share.column))), shape=scaled.shape)
    keys = pd.DataFrame({share.of.unit: np.array(outcomes.labels, object)[at]})
    return ExtraRows(f"share_of_ideal_{share.name}", keys, sparse.csr_matrix(scaled + column), -outcomes.constant[at] / ideal[at])
