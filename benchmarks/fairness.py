"""``python -m benchmarks.fairness [--instance DIR,DIR] [--all] [--workers N]``: seconds of the price of fairness.

Each sense of fair, and the plan that reaches most people before them: seconds of its plan (from building to the audit), how
it ended, its gap, and the price. The small instance is solved with everything free; the national one with pairs and
projects held as in the first plan, money alone moving (``--all``: with everything free too).
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

import optimizer as opt
from benchmarks.cases import INSTANCES

SMALL, NATIONAL = INSTANCES / "zhejiang-sichuan", INSTANCES / "national"
BAR = 900.0  # seconds of the national table


def lines_of(folder: Path, *, hold_selection: bool, workers: int) -> list[str]:
    """One line for each sense, then the whole."""
    began = time.perf_counter()
    with ExitStack() as stack:
        executor = stack.enter_context(ProcessPoolExecutor(workers, get_context("spawn"))) if workers > 1 else None
        found = opt.price_of_fairness(opt.read(folder), hold_selection=hold_selection, executor=executor, workers=workers,
                                      within=BAR)
    seconds = time.perf_counter() - began
    lines = [f"{folder.name}, {'pairs and projects held' if hold_selection else 'everything free'}",
             f"{'sense':20} {'seconds':>9} {'ended':>12} {'gap %':>9} {'price %':>9}"]
    for row in found.table.to_dict("records"):
        plan = found.plans.get(str(row["plan"]))
        spent = f"{sum(plan.claims.seconds.values()):9.1f}" if plan is not None else f"{'-':>9}"
        gap, price = (f"{'-':>9}" if pd.isna(row[name]) else f"{row[name]:9.3f}" for name in ("gap_percent", "price_percent"))
        lines.append(f"{row['plan']:20} {spent} {str(row['status'])[:12]:>12} {gap} {price}")
    bar = f" (bar {BAR:.0f} s)" if folder == NATIONAL else ""
    return [*lines, f"{'the whole table':20} {seconds:9.1f} s{bar}", ""]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description="The price of fairness, in seconds.")
    parser.add_argument("--instance", default=f"{SMALL},{NATIONAL}", metavar="DIRS", help="folders, separated by commas")
    parser.add_argument("--all", action="store_true", help="the national instance with everything free, too")
    parser.add_argument("--workers", type=int, default=2, help="senses solved side by side")
    options = parser.parse_args()
    for folder in map(Path, options.instance.split(",")):
        for hold in ([True, False] if options.all else [True]) if folder == NATIONAL else [False]:
            print(*lines_of(folder, hold_selection=hold, workers=options.workers), sep="\n", flush=True)


if __name__ == "__main__":
    main()
