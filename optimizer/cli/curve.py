"""``curve``: the best value as a function of the money."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import explained, guarded
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice


@guarded
def curve(
    instance: opt.InstanceArg,
    budget: Annotated[str, typer.Option("--budget", metavar="STREAM[,STREAM]", show_default=False,
                                        help="Streams (central) or KEYs (budget.central.2026) whose budgets grow together.")],
    low: Annotated[str, typer.Option("--from", metavar="MONEY", help="80%, -20%, or the money of them all.")] = "80%",
    high: Annotated[str, typer.Option("--to", metavar="MONEY", help="The other end.")] = "120%",
    tolerance: Annotated[str, typer.Option("--tolerance", metavar="PERCENT",
                                           help="How far apart the bounds may be between two points.")] = "0.1%",
    exact: Annotated[bool, typer.Option("--exact", help="Find every linear piece.")] = False,
    integers: Annotated[bool, typer.Option("--integers", help="Solve whole plans too: a band between plans and bounds.")] = False,
    selection: Annotated[bool, typer.Option("--selection", help="Also: the curve with the pairs and projects of the plan at the "
                                            "instance's own budgets held.")] = False,
    points: Annotated[int, typer.Option("--points", min=2, help="Budgets at which plans and shares are compared.")] = 5,
    nested: Annotated[bool, typer.Option("--nested", help="Also: what it costs that no county gets less when the budget "
                                         "grows.")] = False,
    anchor: Annotated[str | None, typer.Option("--nested-from", metavar="MONEY", show_default=False,
                                               help="The budget from which on, up and down, nobody loses [--from].")] = None,
    plans: Annotated[bool, typer.Option("--plans", help="With --integers: write every plan too.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the tables and the picture [curve/NAME].")] = None,
    time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None, seed: SeedOption = None,
    scenario: opt.ScenarioOption = None, changes: opt.SetOption = None, decisions: opt.DecisionsOption = None,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Draw the best value over the money: what the next million buys and for whom, and where returns fall off.

    Without --integers pairs and projects may be taken in parts, so that the curve is what no plan exceeds. The time limit
    holds for each whole plan.
    """
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.sensitivity.curves.curve import budget_curve

    voice = Voice(machine, verbose, quiet)
    folder = out if out is not None else Path("curve") / opt.instance_name(instance, scenario)
    share = percent(tolerance)
    assert share is not None
    asked = opt.effective(instance, scenario, decisions, changes)
    asked = opt.with_settings(asked, {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed})
    voice.findings(asked.warnings)
    keys = [name if "." in name else f"budget.{name}" for name in _names(budget)]
    with Stop() as stop, progress_for(verbose=verbose, quiet=quiet) as progress, explained(asked, stop):
        found = budget_curve(asked, keys, low, high, float(share.removesuffix("%")) / 100, exact, integers, points=points,
                             nested=anchor if anchor is not None else nested, selection=selection, progress=progress,
                             should_stop=stop)
    found.write(folder, plans=plans)
    voice.say(*found.sentences)
    voice.say(f"The tables and the picture lie in {folder}: curve.csv, next.csv, curve.svg.")
    voice.result({"table": found.table.to_dict("records"), "next": found.next.to_dict("records"),
                  "sentences": list(found.sentences), "complete": found.complete, "folder": str(folder)}, brief=str(folder))


def _names(text: str) -> list[str]:
    """Names parted by commas that stand in no bracket."""
    out, depth = [""], 0
    for sign in text:
        depth += (sign == "[") - (sign == "]")
        if sign == "," and depth == 0:
            out.append("")
        else:
            out[-1] += sign
    return [name.strip() for name in out if name.strip()]
