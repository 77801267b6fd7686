"""``fairness``: what each meaning of fair costs."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import explained, guarded
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice


@guarded
def fairness(
    instance: opt.InstanceArg,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the tables and the picture [fairness/NAME].")] = None,
    outcome: Annotated[str, typer.Option("--outcome", metavar="OUTCOME", help="What the senses look at.")] = "covered_share",
    over: Annotated[str, typer.Option("--over", metavar="UNITS", help="counties, donors or a text column.")] = "counties",
    tolerance: Annotated[str, typer.Option("--tolerance", metavar="PERCENT",
                                           help="How far each sense may stay from its best, to reach more people; of an "
                                                "inequality a share of what it is without it, for its best may be 0.")] = "1%",
    hold_selection: Annotated[bool, typer.Option("--hold-selection", help="Keep the pairs and projects of the plan that "
                                                 "reaches most people and move money alone: quicker, prices no less than "
                                                 "the true ones.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Senses solved side by side.")] = 1,
    within: Annotated[float, typer.Option("--within", min=1.0, metavar="SECONDS",
                                          help="For the whole table; senses that need less leave more to the others.")] = 900.0,
    plans: Annotated[bool, typer.Option("--plans", help="Write the plan of each sense too.")] = False,
    time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None, seed: SeedOption = None,
    scenario: opt.ScenarioOption = None, changes: opt.SetOption = None, decisions: opt.DecisionsOption = None,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Price every sense of fair: the people given up for it, how its plan fares under the others, who gains and loses."""
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.fairness import price_of_fairness

    voice = Voice(machine, verbose, quiet)
    folder = out if out is not None else Path("fairness") / opt.instance_name(instance, scenario)
    asked = opt.effective(instance, scenario, decisions, changes)
    asked = opt.with_settings(asked, {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed})
    voice.findings(asked.warnings)
    with ExitStack() as stack:
        executor = None if workers == 1 else stack.enter_context(ProcessPoolExecutor(workers, get_context("spawn")))
        stop = stack.enter_context(Stop())
        progress = stack.enter_context(progress_for(verbose=verbose, quiet=quiet))
        stack.enter_context(explained(asked, stop))
        found = price_of_fairness(asked, outcome=outcome, over=over, tolerance=tolerance, hold_selection=hold_selection,
                                  executor=executor, workers=workers, within=within, progress=progress, should_stop=stop)
    found.write(folder, plans=plans)
    voice.say(*(_sentence(row) for row in found.table.to_dict("records")))
    voice.say(f"The tables and the picture lie in {folder}: fairness.csv, counties.csv, fairness.svg.")
    voice.result({"table": found.table.to_dict("records"), "folder": str(folder)}, brief=str(folder))


def _sentence(row: dict[Any, Any]) -> str:
    """What one plan costs, in words."""
    if math.isnan(row["coverage"]):
        return f"{row['plan']}: {row['status']}"
    if row["price"] == 0 and row["gain"] == row["lose"] == 0:
        return f"{row['plan']}: {row['coverage']:,.0f} person-periods"
    ended = ""
    if row["status"] in ("limit", "interrupted"):
        apart = "" if math.isnan(row["gap_percent"]) else f", at most {row['gap_percent']:.1f} % from it"
        known = f"; the plan of {row['fairer']} is fairer in this sense" if row["fairer"] else ""
        ended = f" (not proved to be the fairest{apart}{known})"
    return (f"{row['plan']}{ended}: gives up {row['price_percent']:z.2f} % of the people reached; {row['gain']:.0f} counties "
            f"gain, {row['lose']:.0f} lose")
