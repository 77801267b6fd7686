"""``pareto``: the front of an instance under several criteria."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import STOPPED, explained, guarded, refused
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, percent
from optimizer.cli.voice import Voice, table

if TYPE_CHECKING:
    from optimizer.pareto import Front

MOST_ROWS = 25
CriteriaOption = Annotated[str | None, typer.Option("--criteria", metavar="A,B[,C]", show_default=False,
                                             help="Two criteria or more, by name, separated by commas.")]
PointsOption = Annotated[int | None, typer.Option("--points", metavar="N", min=2, show_default=False,
                                                  help="How many points where the front is not finite [11].")]
PlansOption = Annotated[bool, typer.Option("--plans", help="Make, audit and write the plan of every point too.")]
ContinueOption = Annotated[Path | None, typer.Option("--continue", metavar="DIR", show_default=False,
                                                     help="Go on from a front that was interrupted.")]
TimeOption = Annotated[float | None, typer.Option("--time-limit", metavar="SECONDS", show_default=False,
                                                  help="Stop after this many seconds with the points so far.")]
WorkersOption = Annotated[int, typer.Option("--workers", metavar="N", min=1, help="Subproblems solved side by side.")]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                                help="Folder of the front [fronts/NAME or fronts/NAME-SCENARIO].")]


@guarded
def pareto(
    instance: opt.InstanceArg, criteria: CriteriaOption = None, points: PointsOption = None, out: OutOption = None,
    plans: PlansOption = False, go_on: ContinueOption = None, time_limit: TimeOption = None, gap: GapOption = None,
    workers: WorkersOption = 1, threads: ThreadsOption = None, seed: SeedOption = None, scenario: opt.ScenarioOption = None,
    changes: opt.SetOption = None, decisions: opt.DecisionsOption = None, force: opt.ForceOption = False,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Find which values of several criteria can be had together, and write the front as a table and a picture.

    Exit status: 0 everything asked for was found and proved; 2 the input is at fault; 3 no plan can hold all rules;
    4 stopped at a limit or by Ctrl-C, with the points so far; 5 the same without any; 1 our fault.
    """
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.pareto import Front, with_plans
    from optimizer.pareto import pareto as front_of
    from optimizer.report.fronts import draw_front

    voice = Voice(machine, verbose, quiet)
    names = [name.strip() for name in (criteria or "").split(",") if name.strip()]
    if len(names) < 2:
        raise refused("command line", criteria, "are not two criteria or more (--criteria)", "Write --criteria coverage,spend")
    folder = out if out is not None else Path("fronts") / opt.instance_name(instance, scenario)
    if go_on is None or folder.resolve() != go_on.resolve():
        opt.writable(folder, force, [instance])
    asked = opt.effective(instance, scenario, decisions, changes)
    asked = opt.with_settings(asked, {"gap": percent(gap), "threads": threads, "seed": seed})
    voice.findings(asked.warnings)
    began = time.monotonic()
    try:
        before = None if go_on is None else Front.read(go_on)
        with ExitStack() as stack, Stop() as stop, progress_for(verbose=verbose, quiet=quiet) as progress, explained(asked, stop):
            pool = None if workers == 1 else stack.enter_context(ProcessPoolExecutor(workers, get_context("spawn")))
            front = front_of(asked, names, points, continued=before, time_limit=time_limit, workers=workers, executor=pool,
                             progress=progress, should_stop=stop)
            made: dict[int, Any] = {}
            if plans:
                front, made = with_plans(front, None if time_limit is None else time_limit - (time.monotonic() - began))
    except ValueError as error:
        raise refused("command line", criteria, str(error), "Correct --criteria or --continue") from error
    front.write(folder)
    draw_front(front, folder / "front.svg")
    for point, plan in made.items():
        plan.write(folder / "plans" / f"{point:03d}")
    status = STOPPED if front.stopped else 0
    voice.say(*sentences(front), f"The front lies in {folder}: front.csv, front.json, front.svg.")
    voice.result(front.account() | {"front": str(folder), "exit": status}, brief=str(folder))
    if status:
        raise typer.Exit(status)


def sentences(front: Front) -> list[str]:
    """The front for people: its points, whether there are others, the knee."""
    shown = front.points.head(MOST_ROWS)
    columns = [name for name in ("point", *front.names, "status") if name in shown]
    rows = [[f"{value:,.10g}" if isinstance(value, float) else str(value) for value in row]
            for row in shown[columns].itertuples(index=False)]
    lines = table(columns, rows)
    if len(front) > len(shown):
        lines.append(f"  … and {len(front) - len(shown):,} more in front.csv")
    whole = "The front is complete: no other plan is as good in every criterion and better in one (proved)."
    if front.kind == "continuous" and front.complete:
        whole = "The front is complete: these points and the straight lines between neighbours (proved)."
    lines.append(whole if front.complete else f"The front is not complete: {front.why_not}.")
    if front.knee is not None:
        lines.append(f"Knee: point {front.knee}.")
    return lines
