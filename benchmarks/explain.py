"""``python -m benchmarks.explain [--instance DIR] [--case NAME] [--ways N]``: how long an explanation takes.

The bar: within 60 seconds on two cores, from the start of Python to the tables of conflicts and ways out, where the central
budget is a quarter of what the floors ask for. Floors are of two kinds: money that counties keep of last year's, and people whom
the guarantees reach, at the unit cost of direct support. A third case leaves a tenth of the central budget.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import optimizer as opt
from benchmarks.cases import INSTANCES
from benchmarks.clock import timed

SECONDS, QUARTER, STREAM = 60.0, 0.25, "central"


def main() -> int:
    """Measure and print; 1 if a bar is missed or an answer has no way out."""
    options = _arguments()
    cases = _cases(opt.read(options.instance))
    if options.case is not None:
        cases = {options.case: cases[options.case]}
    return max([_measured(options.instance, name, changes, options.ways) for name, changes in cases.items()])


def _cases(instance: opt.Instance) -> dict[str, list[str]]:
    """The changes of each case, as ``--set`` takes them."""
    band = next(rule for rule in instance.settings.rules if rule.id == "continuity")
    baseline = instance.tables["baseline"]
    kept = float(band.low) * float(baseline.loc[baseline["stream"] == STREAM, "money"].sum())
    levels = {rule.of.filters["need"]: rule.min for rule in instance.settings.rules if rule.id.startswith("guarantee_")}
    needs = instance.tables["needs"]
    reached = float((needs["people"] * needs["unit_cost"] * needs["need"].map(levels).fillna(0.0)).sum())
    print(f"floors: {kept:,.0f} of last year's money, {reached:,.0f} for the guarantees, in {instance.settings.money.label}")
    return {
        "money": ["rule.continuity.scaled=0", f"budget.{STREAM}={QUARTER * kept:.0f}"],
        "guarantees": [f"budget.{STREAM}={QUARTER * reached:.0f}"],
        "tenth": [f"budget.{STREAM}=x0.1"],
    }


def _measured(instance: Path, name: str, changes: list[str], ways: int | None) -> int:
    """One case by the command itself, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "optimizer", "explain", str(instance), "--out", f"{folder}/explain", "--json", "--quiet",
                   *(word for change in changes for word in ("--set", change)),
                   *(() if ways is None else ("--ways", str(ways)))]
        before = _busy()
        wall, done = timed(lambda: subprocess.run(command, capture_output=True, text=True, check=False))
        busy = _busy() - before
    if done.returncode != 3:
        print(f"{name}: exit status {done.returncode} in place of 3\n{done.stderr}")
        return 1
    found = json.loads(done.stdout)
    conflicts = len({row["conflict"] for row in found["conflicts"]})
    told = ", ".join(f"{way['proof']}: {len(way['changes'])} changes" for way in found["ways_out"])
    print(f"{name} ({' '.join(changes)}): {wall:.1f} s, {busy:.1f} s of processor time; {conflicts} conflicts, "
          f"{len(found['ways_out'])} ways out ({told}); within {SECONDS:.0f} s: {'yes' if wall <= SECONDS else 'NO'}")
    return int(wall > SECONDS or not found["ways_out"])


def _busy() -> float:
    """Processor seconds of the processes that were waited for so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explain", description="How long explanations take.")
    parser.add_argument("--instance", type=Path, default=INSTANCES / "national")
    parser.add_argument("--case", choices=["money", "guarantees", "tenth"], default=None, help="one case only")
    parser.add_argument("--ways", type=int, default=None, help="how many ways out, if not the command's own number")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
