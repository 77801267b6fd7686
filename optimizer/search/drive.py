"""The search for a good whole point of a large program, beside a bound that says how good it is.

1. *Relax*: the linear relaxation by delayed columns gives the bound and the prices of linking rows.
2. *First stage* (pairs): a master problem with every block's gain as a concave curve, improved by neighbourhoods.
3. *Later stages* (projects): with the first stage held, the relaxed point again, then block by block.
4. *Polish*: neighbourhoods of the whole program, until the gap asked for.

Small programs go straight to the solver and are proved optimal.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.outcome import Outcome, Status, relative_gap
from optimizer.engine.program import Bools, Floats, Linear, Program
from optimizer.engine.progress import Progress, Quiet
from optimizer.engine.session import Basis, Method, RawResult, Session
from optimizer.engine.single_rows import with_single_rows_in_bounds
from optimizer.search.bound import block_bound
from optimizer.search.candidates import Candidates
from optimizer.search.first_stage import FirstStage
from optimizer.search.held import Held
from optimizer.search.limits import Limits
from optimizer.search.neighbourhood import Neighbourhoods
from optimizer.search.polish import whole_master
from optimizer.search.problem import Problem
from optimizer.search.relaxation import ROUNDS, Relaxation, Relaxer
from optimizer.search.sequence import settle

LARGE = 20_000  # columns from which a linear program from scratch is given to the interior point
SMALL = 1500  # integer columns up to which the solver alone is asked for a proof
FIRST_PLAN_NODES = 500
FIRST_PLAN_SECONDS = 60.0  # a first plan may take this much past the time limit; none at all would be worse
TURNS, FIRST_ROUNDS, TURN_ROUNDS, POLISH_TURNS = 24, 40, 60, 6


@dataclass(frozen=True, eq=False)
class Found:
    """The best point found (None without one), its value and a bound, in the criterion's own sense.

    ``basis``: of the program with the integers of ``x`` held, where a linear program over the rest was solved last.
    ``dual``: of its rows, where that linear program is the whole question: no integer is left open, or all that are follow
    from its columns.
    """

    outcome: Outcome
    x: Floats | None
    seconds: dict[str, float]
    message: str = ""
    basis: Basis | None = None
    dual: Floats | None = None


class Stopwatch:
    """Seconds by stage, and word of each stage to whoever follows the progress."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.seconds, self._name, self._since = progress, dict[str, float](), "", time.monotonic()

    def stage(self, name: str) -> None:
        now = time.monotonic()
        if self._name:
            self.seconds[self._name] = self.seconds.get(self._name, 0.0) + now - self._since
        self._name, self._since = name, now
        if name:
            self.progress.stage(name)


def search(program: Program, linear: Linear, limits: Limits, progress: Progress | None = None,
           start: Floats | None = None, relaxer: Relaxer | None = None) -> Found:
    """The best point of ``program`` under a criterion, with a proved bound.

    Parameters
    ----------
    start : a point whose integers are worth trying first, such as the plan before a change
    relaxer : a relaxation that is loaded already and holds this very problem
    """
    problem = Problem.of(program, linear) if relaxer is None else relaxer.problem
    run = _Run(problem, linear, limits, progress or Quiet())
    drawn = with_single_rows_in_bounds(program)
    movable = program.integer & (drawn.col_upper > drawn.col_lower)
    if program.integer.any() and not movable.any():
        return run.decided(drawn)
    if int(movable.sum()) <= SMALL or int(program.col_block.max(initial=-1)) < 1:
        return run.direct(start)
    return run.decomposed(start, relaxer)


class _Run:
    """One search: the problem, the limits, and the best point so far."""

    def __init__(self, problem: Problem, linear: Linear, limits: Limits, progress: Progress) -> None:
        self.problem, self.linear, self.limits, self.progress = problem, linear, limits, progress
        self.watch = Stopwatch(progress)
        self.began = time.monotonic()
        self.bound = math.inf
        self.best: Floats | None = None
        self.best_value = -math.inf
        self.basis: Basis | None = None

    # -- straight to the solver ------------------------------------------------------------------------------------

    def decided(self, drawn: Program) -> Found:
        """All whole numbers are decided: a linear program over the rest."""
        self.watch.stage("linear program")
        p = drawn.with_bounds(integer=np.zeros(drawn.n_columns, bool)).with_criteria({"search": Linear("max", self.problem.cost)})
        session = Session(p, "search", threads=self.limits.threads, seed=self.limits.seed)
        method: Method = "ipx" if p.n_columns > LARGE else "choose"
        result = session.solve("lp", method=method, time_limit=self.limits.left, should_stop=self.limits.stop)
        if math.isfinite(result.bound):
            self.bound = result.bound
        if result.x is not None:
            self._keep(result.x)
            self.basis = session.get_basis()
        return replace(self._ended(result), dual=result.row_dual)

    def direct(self, start: Floats | None, until: float = 0.0) -> Found:
        """The solver alone, from a point if there is one."""
        self.watch.stage("integer program")
        shift = self.problem.sign * self.problem.constant * self.problem.scale  # a gap is a share of the value with it
        p = self.problem.program.with_criteria({"search": Linear("max", self.problem.cost, shift)})
        session = Session(p, "search", threads=self.limits.threads, seed=self.limits.seed)
        point = self.best if self.best is not None else start
        if point is not None and len(point) == p.n_columns:
            whole = np.flatnonzero(p.integer)
            if self.best is not None:
                session.set_solution(point)
            else:
                session.set_solution(np.round(point[whole]), whole)
        result = session.solve(
            "mip", time_limit=self.limits.left, gap=self.limits.gap, node_limit=self.limits.node_limit,
            progress=self._tell, should_stop=self.limits.stop,
        )
        if math.isfinite(result.bound):
            self.bound = min(self.bound, result.bound - shift)
        if result.x is not None and result.objective - shift > self.best_value:
            self._keep(result.x)
        return self._ended(result)

    # -- by decomposition ------------------------------------------------------------------------------------------

    def decomposed(self, start: Floats | None, relaxer: Relaxer | None = None) -> Found:
        """Relax, settle the first stage, then the later ones, then polish."""
        self.watch.stage("linear relaxation")
        problem, p = self.problem, self.problem.program
        relaxer = relaxer or Relaxer(problem, seed=self.limits.seed, threads=self.limits.threads)
        candidates = relaxer.candidates
        relaxed = relaxer.solve(time_limit=self.limits.left, stop=self.limits.stop, most=1 if relaxer.large else ROUNDS)
        if isinstance(relaxed, RawResult):
            return self._ended(relaxed)
        self.bound = relaxed.bound
        self._tell(relaxed.bound, math.nan, 0.0)
        if problem.first.any():
            self._in_turns(relaxed, candidates, start)
        else:
            self._prove(relaxed, candidates)
            self.watch.stage("projects")
            self._later_stages(relaxed.x, relaxed.dual, p.col_lower, p.col_upper, candidates.columns(relaxed.listed))
        if self.best is None:
            return self.direct(start)
        if self._open():
            self.watch.stage("polish")
            self._polish(candidates)
        return self._ended(None)

    def _prove(self, relaxed: Relaxation, candidates: Candidates) -> None:
        self.watch.stage("bound")
        self._bounded(self._proof(relaxed, candidates))

    def _proof(self, relaxed: Relaxation, candidates: Candidates) -> float:
        """The bound that knows of whole decisions."""
        return block_bound(self.problem, relaxed, candidates, workers=self.limits.threads, stop=self.limits.over)

    def _bounded(self, bound: float) -> None:
        self.bound = min(self.bound, bound)
        self._tell(self.bound, self.best_value if self.best is not None else math.nan, 0.0)

    def _open(self) -> bool:
        """Whether there is something left to gain and time to look for it."""
        return self._gap() > self.limits.gap and not self.limits.over()

    def _in_turns(self, relaxed: Relaxation, candidates: Candidates, start: Floats | None) -> None:
        """First stage and later stages in turns: each turn improves the first, settles the rest and keeps the best.

        The first turn takes the first stage of a start as it stands. The bound is found beside the first linear program,
        which keeps one processor busy.
        """
        with ThreadPoolExecutor(1) as beside:
            reserve, proof = 0.0, None  # what settling the rest takes is kept back from the time limit
            if start is not None and relaxed.exact:
                self.watch.stage("projects")
                proof = beside.submit(self._proof, relaxed, candidates)
                reserve = self._rest(np.round(start[candidates.switch]), candidates, proof)
                if self._over(reserve):
                    return
            self.watch.stage("pairs")
            first = FirstStage(self.problem, candidates, relaxed, start, self.limits)
            if not first.begin(start):
                if proof is None:
                    self._prove(first.relaxed, candidates)
                return
            for turn in range(TURNS):
                self.watch.stage("pairs")
                first.improve(TURN_ROUNDS if turn else FIRST_ROUNDS, reserve)
                proof = proof or beside.submit(self._proof, first.relaxed, candidates)
                self.watch.stage("projects")
                reserve = self._rest(np.round(first.values()[candidates.switch]), candidates, proof)
                if self._over(reserve) or first.done:
                    return
                first.refresh()

    def _over(self, reserve: float) -> bool:
        return not self._open() or self.limits.left < 2 * reserve

    def _rest(self, chosen: Floats, candidates: Candidates, proof: Future[float]) -> float:
        """Settle everything but the first stage, which is ``chosen``; the seconds that it took."""
        began = time.monotonic()
        p, at = self.problem.program, candidates.switch
        low, high = p.col_lower.copy(), p.col_upper.copy()
        if ((chosen >= low[at]) & (chosen <= high[at])).all():
            low[at] = high[at] = chosen
            kept = candidates.columns(chosen > 0)
            held = Held(self.problem, low, high, kept, self.limits)
            point = held.solve(low, high)
            self._bounded(proof.result())
            if point is not None:
                self._later_stages(*point, low, high, kept, held)
        return time.monotonic() - began

    def _later_stages(self, x: Floats, dual: Floats, low: Floats, high: Floats, kept: Bools, held: Held | None = None) -> None:
        """Settle the remaining integers block by block, then spread the continuous amounts anew."""
        p = self.problem.program
        held = held or Held(self.problem, low, high, kept, self.limits)
        high = np.where(kept, high, np.minimum(high, np.maximum(low, 0.0)))
        x, _ = settle(self.problem, x, dual, low, high, seed=self.limits.seed, workers=self.limits.threads)
        if not self._whole(x).all():
            x = self._with_neighbours(x, low, high, kept)
        if not self._whole(x).all():
            found = self._repair(x, low, high, kept)
            if found is None:
                return
            x = found
        low, high = low.copy(), high.copy()
        low[p.integer] = high[p.integer] = np.round(x[p.integer])
        point = held.solve(low, high)
        if point is not None:
            self._keep(point[0], held)

    def _whole(self, x: Floats) -> Bools:
        p = self.problem.program
        return ~p.integer | (np.abs(x - np.round(x)) <= 1e-6)

    def _with_neighbours(self, x: Floats, low: Floats, high: Floats, kept: Bools) -> Floats:
        """Settle what block by block could not, together with the blocks that share a narrow linking row with it."""
        p = self.problem.program
        hunt = Neighbourhoods(whole_master(self.problem, low, high, kept), self.limits.seed, gap=1e-3, nodes=FIRST_PLAN_NODES)
        columns = hunt.master.columns
        for block in np.unique(p.col_block[~self._whole(x) & kept]):
            if block >= 0 and not self._whole(x)[p.col_block == block].all():
                at, answer = hunt.solved_around(x[columns], int(block))
                if answer is not None:
                    x[columns[at]] = np.where(p.integer[columns[at]], np.round(answer.x), answer.x)
        return x

    def _repair(self, x: Floats, low: Floats, high: Floats, kept: Bools) -> Floats | None:
        """Free the integers that block by block left fractional, with all continuous columns, and ask the solver."""
        p = self.problem.program
        low, high = low.copy(), high.copy()
        held = p.integer & self._whole(x)
        low[held] = high[held] = np.round(x[held])
        part, columns, _ = p.with_bounds(col_lower=low, col_upper=high).restricted(kept)
        session = Session(part.with_criteria({"search": Linear("max", self.problem.cost[columns])}), "search",
                          threads=self.limits.threads, seed=self.limits.seed)
        seconds = max(self.limits.left / 2, 0.0 if self.best is not None else FIRST_PLAN_SECONDS)
        result = session.solve("mip", time_limit=seconds, gap=1e-3, should_stop=self.limits.stop)
        if result.x is None:
            return None
        return _spread(result.x, columns, p.n_columns)

    def _polish(self, candidates: Candidates) -> None:
        """Neighbourhoods of the whole program around the best point, in turns with the linear program over all amounts."""
        assert self.best is not None
        p = self.problem.program
        kept = candidates.columns(np.round(self.best[candidates.switch]) > 0)
        master = whole_master(self.problem, p.col_lower, p.col_upper, kept)
        hunt = Neighbourhoods(master, self.limits.seed, size=12, gap=5e-5, nodes=20, workers=self.limits.threads)
        goal = self.bound - self.limits.gap * abs(self.problem.stated(self.best_value)) * self.problem.scale
        held = Held(self.problem, p.col_lower, p.col_upper, kept, self.limits)
        for _ in range(POLISH_TURNS):
            x = hunt.improve(self.best[master.columns], rounds=10, enough=lambda value: value >= goal, stop=self.limits.over)
            self._keep(_spread(x, master.columns, p.n_columns))
            low, high = p.col_lower.copy(), p.col_upper.copy()
            low[p.integer] = high[p.integer] = np.round(self.best[p.integer])
            point = None if self.limits.over() else held.solve(low, high)
            if point is not None:
                self._keep(point[0], held)
            if not self._open():
                return

    # -- accounts --------------------------------------------------------------------------------------------------

    def _keep(self, x: Floats, held: Held | None = None) -> None:
        value = float(self.problem.cost @ x)
        if value > self.best_value:
            self.basis = None if held is None else held.basis()
            x = np.where(self.problem.program.integer, np.round(x), x)
            self.best, self.best_value = x, value
            self._tell(self.bound, value, 0.0)

    def _gap(self) -> float:
        return relative_gap(self.problem.stated(self.best_value), self.problem.stated(self.bound))

    def _tell(self, bound: float, best: float, seconds: float) -> None:
        self.progress.update(self.problem.stated(bound), self.problem.stated(best), time.monotonic() - self.began)

    def _status(self, result: RawResult | None) -> Status:
        if result is not None and self.best is None:
            return Status.LIMIT_WITHOUT_PLAN if result.status.has_plan else result.status
        gap = self._gap()
        if gap <= 1e-9 or (result is not None and result.status is Status.OPTIMAL and self.limits.gap == 0.0):
            return Status.OPTIMAL
        if gap <= self.limits.gap:
            return Status.WITHIN_GAP
        return Status.INTERRUPTED if self.limits.stop() else Status.LIMIT

    def _ended(self, result: RawResult | None) -> Found:
        self.watch.stage("")
        status = self._status(result)
        objective = self.problem.stated(self.best_value) if self.best is not None else math.nan
        bound = self.problem.stated(self.bound)
        outcome = Outcome(status, objective, bound, relative_gap(objective, bound), time.monotonic() - self.began,
                          0 if result is None else result.nodes, self.linear.sense)
        return Found(outcome, self.best, self.watch.seconds, "" if result is None else result.message, self.basis)


def _spread(x: Floats, columns: np.ndarray, size: int) -> Floats:
    """Values of some columns among all, the others zero."""
    out = np.zeros(size)
    out[columns] = x
    return out
