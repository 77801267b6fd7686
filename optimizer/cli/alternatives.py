"""``alternatives``: plans nearly as good as the best that differ from it as much as they can."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import explained, guarded, refused
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice, table
from optimizer.sensitivity.figures import figure


class Differ(StrEnum):
    """What alternatives differ in."""

    PAIRS = "pairs"
    PROJECTS = "projects"
    MONEY = "money"


@guarded
def alternatives(
    instance: opt.InstanceArg,
    within: Annotated[str, typer.Option("--within", metavar="DISTANCE",
                                        help="What an alternative may lose against the best plan: a percentage such as 1%, or "
                                             "an amount.")] = "1%",
    count: Annotated[int, typer.Option("--count", min=1, help="How many alternatives to look for.")] = 5,
    differ: Annotated[Differ, typer.Option("--differ", help="What they should differ in.")] = Differ.PAIRS,
    directions: Annotated[list[str] | None, typer.Option(
        "--direction", metavar="COLUMN=VALUE", show_default=False,
        help="With money: +province=A for as much money there as can be, -category=industry for as little. With pairs and "
             "projects: whose choices should differ. One alternative each; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the plans and alternatives.csv [alternatives/NAME].")] = None,
    force: opt.ForceOption = False, time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None,
    seed: SeedOption = None, scenario: opt.ScenarioOption = None, changes: opt.SetOption = None,
    decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False, verbose: opt.VerboseOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Find plans nearly as good as the best that differ from it, and from each other, as much as they can.

    Each is a whole, audited plan in a folder of its own; alternatives.csv says what each loses and how much it differs.
    The time limit holds for each plan.
    """
    from optimizer.alternatives import alternatives as found_by
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for

    voice = Voice(machine, verbose, quiet)
    _distance(within)
    folder = out if out is not None else Path("alternatives") / opt.instance_name(instance, scenario)
    opt.writable(folder, force, [instance])
    asked = opt.effective(instance, scenario, decisions, changes)
    asked = opt.with_settings(asked, {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed})
    voice.findings(asked.warnings)
    with Stop() as stop, progress_for(verbose=verbose, quiet=quiet) as progress, explained(asked, stop):
        found = found_by(asked, within, count, differ.value, directions, progress=progress, should_stop=stop)
    folder.mkdir(parents=True, exist_ok=True)
    for number, plan in enumerate((found.best, *found.plans)):
        plan.write(folder / ("best" if number == 0 else f"alternative-{number}"))
    found.table.to_csv(folder / "alternatives.csv", index=False, lineterminator="\n")
    names = [str(name) for name in found.table]
    voice.say(*table([_heading(name) for name in names],
                     [tuple(_cell(name, value) for name, value in zip(names, row, strict=True))
                      for row in found.table.itertuples(index=False)]))
    if found.ended:
        voice.say(f"{len(found.plans)} alternatives: {found.ended}.")
    voice.say(f"The plans lie in {folder}: best, and {len(found.plans)} alternatives.")
    voice.result({"table": found.table.to_dict("records"), "ended": found.ended, "folder": folder}, brief=str(folder))


def _distance(text: str) -> None:
    number = text.strip().removesuffix("%").strip()
    try:
        good = float(number) >= 0
    except ValueError:
        good = False
    if not good:
        raise refused("command line", text, "is no distance (--within)", "Write --within 1% or an amount such as --within 500")


def _heading(name: str) -> str:
    """A column of the table as a planner reads it; shares are told in percent."""
    kind, _, criterion = name.partition(".")
    if criterion:
        return f"{criterion} lost" if kind == "loss" else "in percent"
    shares = {what.value: f"{what} that differ" for what in Differ}
    return {"alternative": "plan", "nearest": "from the nearest plan", **shares}.get(name, name)


def _cell(name: str, value: object) -> str:
    if not isinstance(value, float):
        return {"within_gap": "within gap"}.get(str(value), "best" if name == "alternative" and value == 0 else str(value))
    if math.isnan(value):
        return "–"
    if name in [*Differ, "nearest"]:
        return f"{100 * value:.1f} %"
    return f"{value:z.3f} %" if name.startswith("loss_percent.") else figure(round(value, 6) + 0.0)
