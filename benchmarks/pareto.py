"""``python -m benchmarks.pareto``: the 35 points of 2kp50 with one worker and two, beside pyaugmecon 2 where it is installed.

2kp50: G. Mavrotas, K. Florios, "An improved version of the augmented ε-constraint method (AUGMECON2)", Applied Mathematics
and Computation 219 (2013); numbers and front as in pyaugmecon's data folder.
"""

from __future__ import annotations

import time
from importlib import util
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Linear, Program
from optimizer.methods.pareto.every import Limits, every_point
from optimizer.methods.pareto.question import Question

WEIGHTS = (
    "84 49 68 20 97 74 60 30 13 95 19 41 17 95 73 12 66 55 75 20 56 80 59 66 25 70 95 96 62 74 31 59 21 85 45 97 23 53 51 95 58 "
    "68 62 45 83 82 47 15 52 72",
    "19 96 93 64 72 91 32 96 44 76 69 82 51 38 52 22 83 27 70 56 29 89 86 48 13 95 66 94 16 44 67 90 48 29 90 54 77 28 100 86 51 "
    "62 40 54 21 55 50 62 51 77")
CAPACITY = (1445.0, 1502.5)
PROFITS = (
    "21 69 26 92 77 30 96 80 60 61 52 92 19 10 63 34 100 60 11 12 37 100 74 17 60 69 49 69 49 59 17 21 74 85 83 41 29 63 56 38 "
    "66 92 25 84 89 21 46 94 96 92",
    "24 92 53 25 10 31 83 34 64 69 95 40 59 87 13 94 53 52 61 53 78 34 89 32 28 56 52 40 41 59 35 96 72 55 100 44 90 66 59 22 "
    "72 25 36 16 56 91 61 56 66 53")
POINTS = 35


def knapsack() -> Program:
    """2kp50."""
    weights, profits = (np.array([line.split() for line in lines], float) for lines in (WEIGHTS, PROFITS))
    n = weights.shape[1]
    return Program.build(
        [("x", pd.DataFrame({"j": range(n)}))], [("capacity", pd.DataFrame({"i": range(2)}))], sparse.csr_matrix(weights),
        row_lower=np.full(2, -np.inf), row_upper=np.array(CAPACITY), col_lower=np.zeros(n), col_upper=np.ones(n),
        integer=np.ones(n, bool), criteria={f"profit{k}": Linear("max", row) for k, row in enumerate(profits)},
    )


def ours(workers: int) -> tuple[float, int]:
    """Seconds and points."""
    began = time.perf_counter()
    found = every_point(Question.of(knapsack(), ["profit0", "profit1"]), Limits(workers=workers))
    return time.perf_counter() - began, 0 if found.why_not else len(found.costs)


def theirs() -> tuple[float, int]:
    """Seconds and points of pyaugmecon 2 with HiGHS and one worker."""
    from pyaugmecon import PyAugmecon  # type: ignore[import-not-found]
    from pyaugmecon.config import PyAugmeconConfig  # type: ignore[import-not-found]
    from pyaugmecon.example_models import kp_model  # type: ignore[import-not-found]

    quiet: dict[str, Any] = {"write_csv": False, "progress_bar": False, "log_to_console": False}
    began = time.perf_counter()
    config = PyAugmeconConfig(name="2kp50", mode="exact", solver_name="highs", workers=1, **quiet)
    result = PyAugmecon(kp_model("2kp50", 2), config).solve()
    return time.perf_counter() - began, int(result.count)


def main() -> None:
    """Measure and print."""
    one, two = ours(1), ours(2)
    for name, (seconds, points) in (("one worker", one), ("two workers", two)):
        print(f"{name:24} {seconds:8.2f} s  {points} of {POINTS} points")
    print(f"{'two workers are':24} {one[0] / two[0]:8.2f} × as fast")
    if util.find_spec("pyaugmecon") is None:
        print("pyaugmecon is not installed (it needs Python 3.12): nothing to compare with")
        return
    seconds, points = theirs()
    print(f"{'pyaugmecon, one worker':24} {seconds:8.2f} s  {points} of {POINTS} points")


if __name__ == "__main__":
    main()
