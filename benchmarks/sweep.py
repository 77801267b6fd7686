"""``python -m benchmarks.sweep [--instance DIR] [--points N] [--plans N]``: what-if runs on loaded programs.

Two bars. Two processes: the linear relaxation under many budgets on two processes, at least 1.8 times as fast as on one, with
the start of the processes and without it. Warm: one budget more on the loaded linear program, from the change to the value,
at most 1.5 times as long as HiGHS takes for the same model when the new bounds are handed to it by hand.
"""

from __future__ import annotations

import argparse
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import optimizer as opt
from benchmarks.cases import INSTANCES
from benchmarks.clock import timed
from benchmarks.whatif import apart, stream_asked
from optimizer.search.relaxation import Relaxer

FASTER, SLOWER = 1.8, 1.5  # the bars
ASKED = ("+1%", "+2%", "-1%", "+3%", "-2%", "+0.5%", "+1.5%", "-0.5%", "+2.5%")


def two_processes(instance: opt.Instance, points: int, *, relax: bool) -> list[str]:
    """Seconds of the same sweep on one process and on two."""
    vary = {f"budget.{stream_asked(instance)}": opt.times(np.linspace(0.8, 1.25, points))}
    seconds, runs = [], []
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            began = time.perf_counter()
            list(pool.map(time.sleep, [0.5] * workers))  # the processes start
            opt.sweep(instance, {next(iter(vary)): ["x1"] * 2 * workers * 8}, relax=True, executor=pool)  # and load the program
            loaded = time.perf_counter()
            runs.append(opt.sweep(instance, vary, relax=relax, executor=pool))
            seconds.append((time.perf_counter() - began, time.perf_counter() - loaded))
    same = runs[0].table.drop(columns="seconds").equals(runs[1].table.drop(columns="seconds"))
    word = "linear relaxations" if relax else "whole plans"
    whole, warm = (seconds[0][n] / seconds[1][n] for n in (0, 1))
    return [f"{points} {word}: one process {seconds[0][1]:.1f} s, two {seconds[1][1]:.1f} s: {warm:.2f} × (bar {FASTER})",
            f"  with starting and loading {seconds[0][0]:.1f} s and {seconds[1][0]:.1f} s: {whole:.2f} ×; "
            f"the tables are {'the same' if same else 'NOT THE SAME'}; {len(runs[0].failures)} without a plan"]


def warm(instance: opt.Instance) -> list[str]:
    """Seconds of one more budget: by ``session.relax``, by the relaxation alone, and by HiGHS with bounds changed by hand."""
    key, session = f"budget.{stream_asked(instance)}", opt.Session(instance)
    session.relax()
    session.relax({key: "+0.7%"})  # what is found once
    ours = [timed(partial(session.relax, {key: asked})) for asked in ASKED]
    changes = [timed(partial(session._changed, {key: asked}))[0] for asked in ASKED]
    programs = [session._changed({key: asked})[1].program for asked in ASKED]
    assert session._relaxer is not None
    by_hand = _by_hand(session._relaxer, programs)
    mine, raw = (statistics.median(seconds for seconds, _ in found) for found in (ours, by_hand))
    worst = max(apart(one.value, other) for (_, one), (_, other) in zip(ours, by_hand, strict=True))
    return [f"one budget more: session.relax {1000 * mine:.0f} ms (of it the change {1000 * statistics.median(changes):.0f} ms), "
            f"HiGHS by hand {1000 * raw:.0f} ms: {mine / raw:.2f} × (bar {SLOWER}); values {worst:.1g} apart"]


def _by_hand(relaxer: Relaxer, programs: list[Any]) -> list[tuple[float, float]]:
    """Seconds and value of each program's bounds in HiGHS alone, over the same candidates, from the basis before."""
    highs: Any = relaxer._loaded.session._highs
    rows, columns = relaxer._loaded.rows, relaxer._loaded.columns
    out = []
    for program in programs:
        low, high = program.row_lower[rows], program.row_upper[rows]
        least, most = program.col_lower[columns], program.col_upper[columns]
        began = time.perf_counter()
        highs.changeRowsBounds(len(rows), np.arange(len(rows), dtype=np.int32), low, high)
        highs.changeColsBounds(len(columns), np.arange(len(columns), dtype=np.int32), least, most)
        highs.setOptionValue("solver", "simplex")
        highs.setOptionValue("solve_relaxation", True)
        highs.run()
        out.append((time.perf_counter() - began, float(highs.getInfo().objective_function_value)))
    return out


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description="What-if runs on loaded programs.")
    parser.add_argument("--instance", type=Path, default=INSTANCES / "zhejiang-sichuan", metavar="DIR")
    parser.add_argument("--points", type=int, default=100, metavar="N", help="budgets on one and on two processes")
    parser.add_argument("--plans", type=int, default=0, metavar="N", help="the same with whole plans, for so many budgets")
    options = parser.parse_args()
    instance = opt.read(options.instance)
    print(options.instance.name, *warm(instance), sep="\n", flush=True)
    if options.points:
        print(*two_processes(instance, options.points, relax=True), sep="\n", flush=True)
    if options.plans:
        print(*two_processes(instance, options.plans, relax=False), sep="\n", flush=True)


if __name__ == "__main__":
    main()
