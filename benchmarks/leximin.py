"""``python -m benchmarks.leximin [--instance DIR] [--part held,free]``: leximin of the national instance, level by level.

- *held*: pairs and projects as in the plan that reaches most people, so that money alone is left (saturation): the worst 100
  counties, then all of them.
- *free*: pairs and projects open too (ordered sums): the first ten levels, each proved to within 1 %.

The outcome is the share of need covered in each county. Seconds are those of the levels, after building and compiling.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np

import optimizer as opt
from benchmarks.cases import INSTANCES
from optimizer.engine.program import Floats, Linear, Program
from optimizer.fairness.price import Sense
from optimizer.fairness.question import asked_for, held_selection
from optimizer.instance.instance import Instance
from optimizer.instance.settings import Level
from optimizer.methods.leximin import Leximin, leximin
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.search.drive import Found, search
from optimizer.search.limits import Limits

GAP, TEN, SECONDS = 0.01, 10, 600.0  # of the levels with everything free: what each may lack, how many, in how long
HUNDRED, HUNDRED_SECONDS, ALL_SECONDS = 100, 120.0, 1200.0  # with pairs and projects held
FAIR: dict[str, str] = {"equity": "leximin", "outcome": "covered_share", "over": "counties"}
NAME = "fair_leximin"


def levels_of(instance: Instance, most: int | None, gap: float, seconds: float) -> tuple[Leximin, float]:
    """Leximin over the counties' shares of need covered: what was reached, and the seconds of the levels alone."""
    data = asked_for(instance, Sense("leximin", FAIR), "0%").data
    built = compile_numbers(build(data, pyomo=False))
    limits = Limits(gap=gap, deadline=time.monotonic() + seconds, threads=os.cpu_count() or 1)

    def ask(program: Program, linear: Linear, start: Floats | None) -> Found:
        return search(program, linear, limits, start=start)

    began = time.perf_counter()
    done = leximin(built.program, built.outcomes[NAME], Level(criterion=NAME), ask, None, limits, most=most)
    return done, time.perf_counter() - began


def held(instance: Instance) -> list[str]:
    """The lines about levels with pairs and projects held."""
    base = instance.with_decisions(held_selection(opt.solve(asked_for(instance, None, "0%"))))
    lines = []
    for most, bar in ((HUNDRED, HUNDRED_SECONDS), (None, ALL_SECONDS)):
        done, seconds = levels_of(base, most, 0.0, bar)
        proved = sum(len(level.units) for level in done.levels if level.proved)
        wanted = "all counties" if most is None else f"the worst {most} counties"
        lines.append(f"held  {wanted:24} {seconds:8.1f} s (bar {bar:.0f} s)  {proved} counties proved, "
                     f"at {len(done.levels)} levels")
    return lines


def free(instance: Instance) -> list[str]:
    """The lines about the first levels with everything free, one a level."""
    done, seconds = levels_of(instance, TEN, GAP, SECONDS)
    proved = sum(level.proved for level in done.levels)
    lines = [f"free  {TEN} levels{'':15} {seconds:8.1f} s (bar {SECONDS:.0f} s)  {proved} proved to within {100 * GAP:g} %"]
    for level in done.levels:
        means = np.array([level.total, level.bound]) / level.level
        lines.append(f"      level {level.level:2}: share {level.value:.6f}; mean of the {level.level} worst {means[0]:.6f}, "
                     f"bound {means[1]:.6f}, apart {100 * level.gap:.3f} %")
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leximin", description="Leximin, level by level.")
    parser.add_argument("--instance", type=Path, default=INSTANCES / "national", metavar="DIR")
    parser.add_argument("--part", default="free,held", metavar="NAMES", help="free, held, or both (default)")
    options = parser.parse_args()
    parts = {"free": free, "held": held}
    wanted = options.part.split(",")
    if unknown := set(wanted) - set(parts):
        parser.error(f"{', '.join(sorted(unknown))}: only free and held can be measured")
    instance = opt.read(options.instance)
    for name in wanted:
        print(*parts[name](instance), sep="\n", flush=True)


if __name__ == "__main__":
    main()
