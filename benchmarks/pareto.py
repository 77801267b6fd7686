"""``python -m benchmarks.pareto [2kp50] [2kp100]``: knapsacks of two criteria with one worker and two, and pyaugmecon 2.

The numbers of points and the cases are those of pyaugmecon's data folder (left out with a note where it is not
installed). G. Mavrotas, K. Florios, "An improved version of the augmented ε-constraint method (AUGMECON2)", Applied
Mathematics and Computation 219 (2013).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib import util
from multiprocessing import get_context
from typing import Any

import highspy
import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Linear, Program
from optimizer.methods.pareto.every import Limits, every_point
from optimizer.methods.pareto.question import Question

Rows = tuple[str, str]
#: Weights, capacities, profits, and how many points the front has.
CASES: dict[str, tuple[Rows, tuple[float, float], Rows, int]] = {
    "2kp50": (
        (
        "84 49 68 20 97 74 60 30 13 95 19 41 17 95 73 12 66 55 75 20 56 80 59 66 25 70 95 96 62 74 31 59 21 85 45 97 23 53 51 "
        "95 58 68 62 45 83 82 47 15 52 72",
        "19 96 93 64 72 91 32 96 44 76 69 82 51 38 52 22 83 27 70 56 29 89 86 48 13 95 66 94 16 44 67 90 48 29 90 54 77 28 "
        "100 86 51 62 40 54 21 55 50 62 51 77",
        ),
        (1445.0, 1502.5),
        (
        "21 69 26 92 77 30 96 80 60 61 52 92 19 10 63 34 100 60 11 12 37 100 74 17 60 69 49 69 49 59 17 21 74 85 83 41 29 63 "
        "56 38 66 92 25 84 89 21 46 94 96 92",
        "24 92 53 25 10 31 83 34 64 69 95 40 59 87 13 94 53 52 61 53 78 34 89 32 28 56 52 40 41 59 35 96 72 55 100 44 90 66 "
        "59 22 72 25 36 16 56 91 61 56 66 53",
        ),
        35,
    ),
    "2kp100": (
        (
        "94 74 77 74 29 11 73 80 81 82 75 42 44 57 20 20 99 95 52 81 68 16 79 30 16 90 21 49 70 78 77 21 84 19 65 38 25 43 99 "
        "75 80 10 44 26 21 74 20 22 81 89 15 35 24 16 43 75 25 76 48 75 15 23 10 81 81 67 58 77 49 16 65 74 14 41 74 74 17 12 "
        "95 29 75 61 59 37 75 90 17 79 15 88 76 93 98 80 33 39 96 71 39 49",
        "55 10 97 73 69 23 62 47 90 62 96 88 95 61 94 16 91 61 27 18 96 77 14 36 17 56 83 41 52 69 97 45 94 45 47 28 82 13 82 "
        "39 28 41 55 12 50 32 97 87 36 11 20 37 87 91 19 22 89 54 20 78 52 35 18 96 54 10 39 17 51 40 25 84 54 31 97 37 63 39 "
        "60 87 63 37 13 31 84 90 84 57 21 64 63 21 95 83 81 45 68 89 100 14",
        ),
        (2732.0, 2753.0),
        (
        "57 94 59 83 82 91 42 84 85 18 94 18 31 27 31 42 58 57 55 97 79 10 34 100 98 45 19 77 56 25 60 22 84 89 12 46 20 85 "
        "42 94 20 65 27 34 27 91 17 56 23 89 18 11 91 79 14 99 45 73 81 96 51 96 63 40 93 87 71 54 74 15 32 57 70 62 12 71 57 "
        "97 48 33 42 15 39 91 17 63 81 49 60 90 87 25 15 30 76 76 53 59 40 59",
        "20 19 20 66 48 100 13 87 62 73 53 79 17 93 78 22 85 86 56 56 44 86 94 93 57 31 20 35 70 79 58 24 84 12 17 43 35 47 "
        "92 38 93 50 27 100 36 30 23 22 56 73 55 32 75 42 82 80 55 48 93 28 26 42 96 93 16 39 46 80 24 87 37 73 81 38 98 13 "
        "91 85 17 59 58 56 93 66 64 17 10 33 28 97 25 42 17 23 37 46 52 33 26 90",
        ),
        121,
    ),
}


def knapsack(name: str) -> Program:
    """One of the cases."""
    weights, profits = (np.array([line.split() for line in lines], float) for lines in (CASES[name][0], CASES[name][2]))
    n = weights.shape[1]
    return Program.build(
        [("x", pd.DataFrame({"j": range(n)}))], [("capacity", pd.DataFrame({"i": range(2)}))], sparse.csr_matrix(weights),
        row_lower=np.full(2, -np.inf), row_upper=np.array(CASES[name][1]), col_lower=np.zeros(n), col_upper=np.ones(n),
        integer=np.ones(n, bool), criteria={f"profit{k}": Linear("max", row) for k, row in enumerate(profits)},
    )


def ours(name: str, workers: int, executor: Executor | None = None) -> tuple[float, int]:
    """Seconds and points."""
    began = time.perf_counter()
    found = every_point(Question.of(knapsack(name), ["profit0", "profit1"]), Limits(workers=workers, executor=executor))
    return time.perf_counter() - began, 0 if found.why_not else len(found.costs)


def in_processes(name: str) -> tuple[float, int]:
    """The same with two worker processes, their start included."""
    began = time.perf_counter()
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        points = ours(name, 2, pool)[1]
    return time.perf_counter() - began, points


def theirs(name: str) -> tuple[float, int]:
    """Seconds and points of pyaugmecon 2 with HiGHS and one worker."""
    from pyaugmecon import PyAugmecon  # type: ignore[import-not-found]
    from pyaugmecon.config import PyAugmeconConfig  # type: ignore[import-not-found]
    from pyaugmecon.example_models import kp_model  # type: ignore[import-not-found]

    quiet: dict[str, Any] = {"write_csv": False, "progress_bar": False, "log_to_console": False}
    began = time.perf_counter()
    config = PyAugmeconConfig(name=name, mode="exact", solver_name="highs", workers=1, **quiet)
    result = PyAugmecon(kp_model(name, 2), config).solve()
    return time.perf_counter() - began, int(result.count)


def by_hand(name: str) -> tuple[float, int]:
    """Seconds and points of AUGMECON 2 written out over highspy: the ends of the front, then one question for each point.

    The second profit's slack counts a thousandth of its range in the objective, so that no point is weakly dominated, and says
    how far the next question may jump.
    """
    began, program = time.perf_counter(), knapsack(name)
    solver, n = highspy.Highs(), program.n_columns
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    profits = [program.criteria[f"profit{k}"].vector for k in range(2)]
    index, free = np.arange(n + 1, dtype=np.int32), highspy.kHighsInf
    for _ in range(n):
        solver.addVar(0.0, 1.0)
    solver.addVar(0.0, free)  # the slack
    solver.changeColsIntegrality(n, index[:n], np.array([highspy.HighsVarType.kInteger] * n))
    for weight, capacity in zip(program.matrix.toarray(), program.row_upper, strict=True):
        solver.addRow(-free, float(capacity), n, index[:n], weight)
    solver.addRow(-free, free, n, index[:n], profits[0])
    solver.addRow(-free, free, n + 1, index, np.append(profits[1], -1.0))
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)

    def best(objective: np.ndarray, slack: float, least: float, level: float | None) -> np.ndarray:
        solver.changeColsCost(n + 1, index, np.append(objective, slack))
        solver.changeRowBounds(2, least, free)
        solver.changeRowBounds(3, *((-free, free) if level is None else (level, level)))
        solver.run()
        return np.array(solver.getSolution().col_value)

    most = round(float(profits[0] @ best(profits[0], 0.0, -free, None)[:n]))
    low = round(float(profits[1] @ best(profits[1], 0.0, most, None)[:n]))
    high = round(float(profits[1] @ best(profits[1], 0.0, -free, None)[:n]))
    points, level = 0, low
    while level <= high:
        points, level = points + 1, level + int(best(profits[0], 1e-3 / (high - low), -free, level)[n] + 1e-6) + 1
    return time.perf_counter() - began, points


def main(names: Sequence[str] = ()) -> None:
    """Measure and print."""
    there = util.find_spec("pyaugmecon") is not None
    for name in names or CASES:
        runs = [("one worker", ours(name, 1)), ("AUGMECON 2 by hand, one", by_hand(name)), ("two threads", ours(name, 2)),
                ("two processes", in_processes(name))]
        if there:
            runs.append(("pyaugmecon, one worker", theirs(name)))
        for what, (seconds, points) in runs:
            print(f"{name:8} {what:24} {seconds:8.2f} s  {runs[0][1][0] / seconds:5.2f} ×  {points} of {CASES[name][3]} points",
                  flush=True)
    if not there:
        print("pyaugmecon is not installed (it needs Python 3.12): nothing to compare with")


if __name__ == "__main__":
    main(sys.argv[1:])
