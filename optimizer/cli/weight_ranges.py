"""``weight-ranges``: how far weights can move until another plan is better."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import guarded
from optimizer.cli.plans import must_be_plan
from optimizer.cli.solving import GapOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice


@guarded
def weight_ranges(
    plan: opt.PlanArg,
    again: Annotated[bool, typer.Option("--solve-again", help="Let pairs and projects change with the weights too: an integer "
                                        "program for each step.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the tables [weight-ranges/NAME].")] = None,
    time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Say how far weights of criteria and needs can move until another plan is better, and what the plan covers under others.

    Without --solve-again pairs and projects are held as the plan has them. The time limit holds for each step.
    """
    from dataclasses import replace

    from optimizer.cli.stop import Stop
    from optimizer.plan.plan import Plan
    from optimizer.sensitivity.weights.weights_range import weight_ranges as ranges_of

    voice = Voice(machine, verbose, quiet)
    must_be_plan(plan)
    read = Plan.read(plan)
    settings = {"time_limit": time_limit, "gap": percent(gap), "threads": threads}
    read = replace(read, instance=opt.with_settings(read.instance, settings))
    folder = out if out is not None else Path("weight-ranges") / opt.instance_name(plan)
    with Stop() as stop:
        found = ranges_of(read, solve_again=again, should_stop=stop)
    found.write(folder)
    voice.say(*found.sentences)
    voice.say(f"The tables lie in {folder}: weight_ranges.csv, beyond.csv, headlines.csv.")
    voice.result({"table": found.table.to_dict("records"), "beyond": found.beyond.to_dict("records"),
                  "headlines": found.headlines.to_dict("records"), "folder": str(folder)}, brief=str(folder))
