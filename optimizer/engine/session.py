"""One loaded HiGHS model that is changed and solved again, instead of being built again.

Signs of duals, the same for both senses:
``row_dual[i]`` is the change of the optimal objective, in its own sense, for one more unit on the active bound of
row i, and ``col_dual = cost - matrix.T @ row_dual`` the same for the active bound of a column. So when maximising, a
binding budget ``row <= b`` has ``row_dual >= 0`` and a column kept out at its lower bound has ``col_dual <= 0``;
when minimising both signs turn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import highspy
import numpy as np

from optimizer.engine.arrays import Floats, Ints, inward
from optimizer.engine.loaded import Basis, LoadedModel, checked
from optimizer.engine.outcome import Status
from optimizer.engine.reading import FEASIBILITY, RawResult, no_bound, read
from optimizer.engine.watch import Ending, Hooks, ProgressCall, SolutionCall, run

__all__ = ["Basis", "RawResult", "Session"]

Kind = Literal["lp", "mip"]
Method = Literal["choose", "simplex", "ipx"]
Option = bool | int | float | str

INTERIOR_ROWS = 80_000
_START_NODES = 500  # nodes spent on completing a partial start, HiGHS's own default


def method_for(rows: int) -> Method:
    """How to solve a large linear program from scratch: the simplex method, past `INTERIOR_ROWS` the interior point.

    Measured on one and three periods of 832 counties: 35,000 rows take the simplex method half as long as the interior
    point with crossover, 130,000 rows take it more than twice as long.
    """
    return "ipx" if rows > INTERIOR_ROWS else "simplex"


class Session(LoadedModel):
    """A Program loaded into HiGHS once, changed by the methods of `LoadedModel`, solved as often as asked.

    Parameters
    ----------
    program : what to load; it is not changed.
    criterion : name of the criterion to start with (None: a zero objective).
    threads, seed : for all solves, unless a solve says otherwise.
    """

    tolerance: float = FEASIBILITY
    """Largest scaled residual with which a point is believed; a search that only reads bounds and prices may raise it."""

    def solve(
        self,
        kind: Kind = "mip",
        *,
        method: Method = "choose",
        time_limit: float = math.inf,
        gap: float = 0.0,
        node_limit: int | None = None,
        threads: int | None = None,
        progress: ProgressCall | None = None,
        on_solution: SolutionCall | None = None,
        should_stop: Callable[[], bool] | None = None,
        log: Callable[[str], None] | None = None,
        options: Mapping[str, Option] | None = None,
    ) -> RawResult:
        """Solve what is loaded. Ctrl-C ends it with the best point so far and is not raised.

        Parameters
        ----------
        kind : "lp" ignores integrality (warm from the last basis with the simplex method); "mip" keeps it.
        method : for LPs; "ipx" is the interior point with crossover, always from scratch.
        time_limit : seconds for this call.
        gap : relative gap at which a MIP counts as done (share).
        node_limit : branch-and-bound nodes; ends a run at the same place on every machine.
        threads : for this call only.
        progress, on_solution, should_stop, log : see `watch.Hooks`; called in the caller's thread.
        options : further HiGHS options for this call only.

        Raises
        ------
        SolveError : HiGHS refused an option (never for how a solve ended: that is the status).
        """
        deadline = time.monotonic() + time_limit
        hooks = Hooks(progress, on_solution, should_stop, log, self._mirror.scale)
        whole = bool(self._mirror.integer.any())
        as_lp = kind == "lp" or not whole
        chosen: dict[str, Option] = {
            "solver": method if as_lp else "choose",
            "solve_relaxation": as_lp and whole,
            "threads": self.threads if threads is None else threads,
            "mip_rel_gap": float(gap),
            "mip_max_nodes": 2**31 - 1 if node_limit is None else int(node_limit),
            **(options or {}),
        }
        with self._options(chosen):
            result = self._lp(method, hooks, deadline) if as_lp else self._mip(hooks, deadline)
            if result.status is Status.UNBOUNDED:
                result = self._told_apart(result, hooks, deadline, mip=not as_lp)
        return result

    def _lp(self, method: Method, hooks: Hooks, deadline: float) -> RawResult:
        began = time.monotonic()
        if method == "ipx":
            self._highs.clearSolver()
        else:
            self._give_basis()
        ending, result = self._run(hooks, deadline, began, mip=False)
        if result.status is Status.FAILED and not ending.stopped and time.monotonic() < deadline:
            # numerical trouble: once more from scratch with the other method
            self._highs.clearSolver()
            self._option("solver", "simplex" if method == "ipx" else "ipx")
            result = self._run(hooks, deadline, began, mip=False)[1]
            self._option("solver", method)
        self._keep_basis()
        return result

    def _mip(self, hooks: Hooks, deadline: float) -> RawResult:
        began = time.monotonic()
        self._keep_basis()
        with self._whole_bounds():
            start = self._take_start(hooks, deadline)
            self._highs.clearSolver()  # a MIP starts from what it was given, not from what happened before
            if start is not None:
                solution = highspy.HighsSolution()
                solution.col_value = start.tolist()
                checked(self._highs.setSolution(solution), "handing over a start", warn=True)
            return self._run(hooks, deadline, began, mip=True, start=start)[1]

    @contextmanager
    def _whole_bounds(self) -> Iterator[None]:
        """Fractional bounds of integer columns rounded inward for a while; see `inward` for why."""
        m = self._mirror
        at = m.fractional_bounds()
        if not len(at):
            yield
            return
        low, high = m.col_lower[at].copy(), m.col_upper[at].copy()
        self.set_col_bounds(at, *inward(low, high))
        try:
            yield
        finally:
            self.set_col_bounds(at, low, high)

    def _take_start(self, hooks: Hooks, deadline: float) -> Floats | None:
        """The start set for this solve, completed where it names only some columns; it serves once."""
        given, self._start = self._start, None
        if given is None:
            return None
        at, values = given
        if at is None:
            return values if len(values) == self.n_columns else None
        return self._completed(at, values, hooks, deadline)

    def _completed(self, at: Ints, values: Floats, hooks: Hooks, deadline: float) -> Floats | None:
        """A full point that agrees with a partial start, found by fixing it; None if there is none quickly.

        HiGHS would do the same, but report bounds of the fixed model as if they were bounds of ours.
        """
        low, high = self._mirror.col_lower[at].copy(), self._mirror.col_upper[at].copy()
        quiet = Hooks(should_stop=hooks.should_stop, log=hooks.log)
        self.set_col_bounds(at, values, values)
        self._highs.clearSolver()
        try:
            with self._options({"mip_max_nodes": _START_NODES}):
                return self._run(quiet, deadline, time.monotonic(), mip=True)[1].x
        finally:
            self.set_col_bounds(at, low, high)

    def _told_apart(self, result: RawResult, hooks: Hooks, deadline: float, mip: bool) -> RawResult:
        """Unbounded only if there is a feasible point at all: the same model with a zero objective says so."""
        m = self._mirror
        cost, sense, offset = m.cost, m.sense, m.offset
        quiet = Hooks(should_stop=hooks.should_stop, log=hooks.log)
        self.set_objective(np.zeros(self.n_columns), sense, 0.0)
        self._highs.clearSolver()
        try:
            trial = self._run(quiet, deadline, time.monotonic() - result.seconds, mip=mip)[1]
        finally:
            self.set_objective(cost, sense, offset)
        return replace(
            trial,
            status=Status.UNBOUNDED if trial.status.has_plan else trial.status,
            x=None,
            row_dual=None,
            col_dual=None,
            objective=math.nan,
            bound=no_bound(sense),
            gap=math.inf,
            message=f"{result.message}; asked for any feasible point: {trial.message}",
        )

    def _run(
        self, hooks: Hooks, deadline: float, began: float, *, mip: bool, start: Floats | None = None
    ) -> tuple[Ending, RawResult]:
        left = max(0.0, deadline - time.monotonic())
        # for LPs HiGHS counts its clock from the first run on, for MIPs from this one
        used = 0.0 if mip else self._highs.getRunTime()
        self._option("time_limit", used + left)
        try:
            ending = run(self._highs, hooks, mip=mip, time_limit=left)
        except BaseException:
            self._reload()  # HiGHS may still be on its way out of the old one
            raise
        seconds = time.monotonic() - began
        result = read(self._highs, self._mirror, ending, mip=mip, seconds=seconds, start=start, tolerance=self.tolerance)
        if ending.abandoned:
            self._reload()
        return ending, result

    @contextmanager
    def _options(self, wanted: Mapping[str, Option]) -> Iterator[None]:
        """Options for a while; what was set before comes back."""
        before: dict[str, Any] = {}
        try:
            for name, value in wanted.items():
                status, old = self._highs.getOptionValue(name)
                checked(status, f"option {name}")
                if old != value:
                    self._option(name, value)
                    before[name] = old
            yield
        finally:
            for name, value in before.items():
                self._option(name, value)
