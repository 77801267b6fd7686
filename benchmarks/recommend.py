"""``python -m benchmarks.recommend [--instance DIR] [--plan DIR] [--workers N] [--alternatives N] [--sample N]``.

The bars: every county that may have a partner with five priced alternatives within ten minutes on two cores, reading the plan
(or solving) and exchanges that make the plan better included; at least 90 % of the brackets narrower than 5 % of the price or
ten people. ``--sample`` prices every N-th county only, and says what all would take at the same pace.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import pandas as pd

import optimizer as opt
from benchmarks.cases import INSTANCES
from optimizer.review.everyone import all_prices
from optimizer.review.improve import improved
from optimizer.review.recommend import IMPROVING, task_of

SECONDS, SHARE, NARROW, PEOPLE = 600.0, 0.9, 0.05, 10.0


def main() -> int:
    """Measure and print; 1 if a bar is missed."""
    options = _arguments()
    began, busy = time.perf_counter(), _busy()
    plan = opt.Plan.read(options.plan) if options.plan is not None else opt.solve(opt.read(options.instance))
    task, _ = task_of(plan)
    pairable = sorted(set(plan.data.pairs["county"]))
    done = improved(task, pairable, workers=options.workers, deadline=time.monotonic() + options.improve)
    gain = (done.task.at.value - task.at.value) / task.at.problem.scale
    print(f"{done.exchanges} exchanges of partners and {done.renewals} new choices of one county's projects gain {gain:,.0f}"
          + ("" if done.finished else "; the time for them was over then"))
    task = done.task
    loaded, at_first = time.perf_counter() - began, _busy() - busy
    asked = pairable[:: options.sample]
    prices = all_prices(task, asked, options.alternatives, workers=options.workers)
    wall, cpu = time.perf_counter() - began, _busy() - busy
    rows = [(price.low, price.high, price.exact) for one in prices.values() for _, price in one.alternatives]
    table = pd.DataFrame(rows, columns=["low", "high", "exact"])
    width = table["high"] - table["low"]
    narrow = (width <= NARROW * table["high"].abs()) | (width <= PEOPLE)
    each = (wall - loaded) / max(len(asked), 1)
    whole, work = loaded + each * len(pairable), at_first + (cpu - at_first) / max(len(asked), 1) * len(pairable)
    print(f"{len(asked)} of {len(pairable)} counties, {len(table)} alternatives, {options.workers} processes: "
          f"{wall:.0f} s ({loaded:.0f} s until the first price), {cpu:.0f} s of processor time ({at_first:.0f} s)")
    if options.sample > 1:
        print(f"all {len(pairable)} at this pace: {whole:.0f} s, {work:.0f} s of processor time")
    print(f"within {SECONDS:.0f} s: {'yes' if whole <= SECONDS else 'NO'}")
    print(f"narrow brackets: {narrow.mean():.1%} (bar {SHARE:.0%}); exact: {table['exact'].mean():.1%}; "
          f"widest {width.max():,.0f}; better than the plan: {(table['high'] < -PEOPLE).mean():.1%}")
    return int(whole > SECONDS or narrow.mean() < SHARE)


def _busy() -> float:
    """Processor seconds of this process and its children so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommend", description="Prices of pairs: how long, how sure.")
    parser.add_argument("--instance", type=Path, default=INSTANCES / "national")
    parser.add_argument("--plan", type=Path, default=None, help="a plan of it, instead of solving")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--improve", type=float, default=IMPROVING, metavar="SECONDS", help="0: price the plan as it is")
    parser.add_argument("--alternatives", type=int, default=5)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every N-th county only")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
