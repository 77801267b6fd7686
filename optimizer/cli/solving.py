"""``solve`` and ``export``: the commands that need the solver or its model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli import decided
from optimizer.cli import options as opt
from optimizer.cli.faults import counted, explained, guarded, refused
from optimizer.cli.voice import Voice
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance

TimeOption = Annotated[float | None, typer.Option("--time-limit", metavar="SECONDS", show_default=False,
                                                  help="Stop after this many seconds with the best plan so far.")]
GapOption = Annotated[str | None, typer.Option("--gap", metavar="PERCENT", show_default=False,
                                               help="Stop once the plan is proved within this many percent of the best.")]
ThreadsOption = Annotated[int | None, typer.Option("--threads", show_default=False, help="Threads of the solver.")]
SeedOption = Annotated[int | None, typer.Option("--seed", show_default=False, help="Seed of the solver's random choices.")]
PlanOut = Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                              help="Folder of the plan [plans/NAME or plans/NAME-SCENARIO].")]


@guarded
def solve(
    instance: opt.InstanceArg, out: PlanOut = None, time_limit: TimeOption = None, gap: GapOption = None,
    threads: ThreadsOption = None, seed: SeedOption = None, scenario: opt.ScenarioOption = None,
    changes: opt.SetOption = None, decisions: opt.DecisionsOption = None, log: decided.LogOption = None,
    recommended: decided.RecommendedOption = None, within: decided.WithinOption = None, machine: opt.JsonOption = False,
    verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Find the best plan, audit it and write it as a folder.

    With --decisions it says what each of them costs.
    Exit status: 0 optimal or within the gap asked for; 2 the input is at fault; 3 no plan can hold all rules;
    4 stopped at a limit or by Ctrl-C, with a plan; 5 the same without one; 1 our fault.
    """
    from optimizer.cli.stop import Stop
    from optimizer.cli.summary import facts, sentences
    from optimizer.engine import Status, exit_status
    from optimizer.engine.progress import progress_for

    voice = Voice(machine, verbose, quiet)
    folder = out if out is not None else Path("plans") / opt.instance_name(instance, scenario)
    replaceable(folder)
    decided.usable(log, decisions, recommended)
    limits = {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed}
    asked = opt.with_settings(opt.effective(instance, scenario, decisions, changes), limits)
    voice.findings(asked.warnings)
    given = decided.reviewed(recommended, instance, asked)
    with Stop() as stop, progress_for(verbose=verbose, quiet=quiet) as progress, explained(asked, stop):
        plan, prices = decided.plan_and_prices(
            asked, lambda: opt.with_settings(opt.effective(instance, scenario, None, changes), limits), within, progress, stop,
            given)
    written = plan.write(folder)
    round_told = decided.logged(log, plan, prices, written)
    status = exit_status(Status(plan.outcome.status))
    voice.say(*sentences(plan), *decided.told(prices), f"The plan lies in {folder}: begin with report.html or plan.xlsx.",
              *round_told)
    voice.result(facts(plan) | decided.for_machines(prices) | {"plan": str(written), "exit": status}, brief=str(written))
    if status:
        raise typer.Exit(status)


@guarded
def export(
    instance: opt.InstanceArg,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", show_default=False,
                                                help="The file to write, .mps or .lp.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The same as FILE.", show_default=False)] = None,
    force: opt.ForceOption = False, scenario: opt.ScenarioOption = None, changes: opt.SetOption = None,
    decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False, verbose: opt.VerboseOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write the model of the first level as MPS or LP, for other solvers to read.

    MPS keeps readable names; LP cannot hold them all, so a table of names is written beside it.
    """
    from optimizer.solve import export as write_model

    voice = Voice(machine, verbose, quiet)
    target = opt.destination(file, out, "file")
    if target.suffix not in (".mps", ".lp"):
        raise refused(str(target), None, "is neither .mps nor .lp", "End the file's name in .mps or .lp")
    opt.writable(target, force, [instance])
    asked = opt.effective(instance, scenario, decisions, changes)
    voice.findings([*asked.warnings, *sound(asked)])
    target.parent.mkdir(parents=True, exist_ok=True)
    files = write_model(asked, target)
    voice.say(f"The model lies in {target}." + "".join(f" Its names stand in {names}." for names in files[1:]))
    voice.result({"written": files}, brief=str(target))


def sound(instance: Instance) -> list[Finding]:
    """The findings on an instance that can be stated as a model; proofs that it has no plan become warnings.

    Raises
    ------
    InstanceError : it cannot be stated
    """
    from optimizer.instance.check import check

    found = check(instance)
    faults = tuple(finding for finding in found if finding.severity == "error")
    if faults and not counted(instance, faults):
        raise InstanceError(found)
    return [replace(finding, severity="warning") for finding in found]


def percent(text: str | None) -> str | None:
    """``0.1`` and ``0.1%`` as the share that ``settings.gap`` takes: ``0.1%``."""
    if text is None:
        return None
    number = text.strip().removesuffix("%").strip()
    try:
        float(number)
    except ValueError:
        raise refused("command line", text, "is not a number of percent (--gap)", "Write --gap 0.1 for 0.1 %") from None
    return f"{number}%"


def replaceable(folder: Path) -> None:
    """Refuse early, not after minutes of solving, to write over something that is not a plan."""
    from optimizer.plan.reading import is_plan

    if folder.exists() and not is_plan(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise refused(str(folder), None, "exists and is not a plan", "Name another folder with --out, or remove it")
