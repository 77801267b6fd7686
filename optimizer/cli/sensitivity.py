"""``sensitivity``: what every limit of a plan is worth and what every choice would need to change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import explained, guarded
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice

if TYPE_CHECKING:
    from optimizer.sensitivity.prices.report import Sensitivity

SHOWN = {"budget": 12, "rule": 12, "resource": 4, "donor": 6, "project": 6}  # sentences printed of each kind, dearest first


def printed(found: Sensitivity) -> list[str]:
    """The sentences that are printed: prices, then what solving again shows, then what it could not tell."""
    from optimizer.sensitivity.prices.told import shows

    sentences: list[str] = []
    for kind, count in SHOWN.items():
        part = found.of(kind)
        part = part[part["tier"] != "solved"]
        worth = part[["price_up", "price_down", "reduced"]].abs().max(axis=1).fillna(0.0)
        first = part.loc[worth.sort_values(ascending=False, kind="stable").index]
        sentences += first[(worth.loc[first.index] > 0) | (kind == "budget")]["sentence"].head(count).tolist()
    again = found.table[found.table["tier"] == "solved"]["sentence"].tolist()
    shown = [sentence for sentence, row in zip(again, found.solved.to_dict("records"), strict=True) if shows(row)]
    return [*sentences, *shown, *found.notes]


@guarded
def sensitivity(
    instance: opt.InstanceArg,
    made: Annotated[Path | None, typer.Option("--plan", metavar="PLAN", show_default=False,
                                              help="A plan that 'solve' wrote of this instance, instead of solving it.")] = None,
    again: Annotated[list[str] | None, typer.Option(
        "--again", metavar="KEY[=STEP]", show_default=False,
        help="Solve again with this number a step up and a step down, such as budget.central or "
             "donors.pairs_max[donor=D1]=1. May be repeated [budgets and hard rules].")] = None,
    most: Annotated[int, typer.Option("--most", min=0, help="How many numbers to solve again when none is named.")] = 10,
    step: Annotated[str, typer.Option("--step", metavar="PERCENT", help="Share by which a number without STEP is moved.")] = "1%",
    criterion: Annotated[str | None, typer.Option("--criterion", metavar="ID", show_default=False,
                                                  help="A level of the method, if not the first.")] = None,
    within: Annotated[float, typer.Option("--within", metavar="SECONDS", min=1.0,
                                          help="Time for the report, the plan aside; what is not known by then is said to be "
                                               "so.")] = 240.0,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the tables [sensitivity/NAME].")] = None,
    force: opt.ForceOption = False, time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None,
    seed: SeedOption = None, scenario: opt.ScenarioOption = None, changes: opt.SetOption = None,
    decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False, verbose: opt.VerboseOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Say what every budget, rule, donor's limit and resource is worth, and what each choice would need to change.

    sensitivity.csv has a sentence for each; sensitivity.xlsx holds it with the three reports that Excel's Solver gives.
    Prices are exact where nothing must be whole, and else for the plan's selection of pairs and projects; --again solves anew.
    """
    from optimizer.cli.against import plan_given
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.sensitivity.prices.report import sensitivity as reported

    voice = Voice(machine, verbose, quiet)
    folder = out if out is not None else Path("sensitivity") / opt.instance_name(instance, scenario)
    opt.writable(folder, force, [instance])
    share = float((percent(step) or "1%").removesuffix("%")) / 100
    asked = opt.effective(instance, scenario, decisions, changes)
    limits = {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed}
    asked = opt.with_settings(asked, limits)
    voice.findings(asked.warnings)
    plan = plan_given(made, instance, bool(scenario or changes or decisions), limits)
    with Stop() as stop, progress_for(verbose=verbose, quiet=quiet) as progress, explained(asked, stop):
        found = reported(asked if plan is None else plan, again=again or None, most=most, step=share, criterion=criterion,
                         time_limit=within, progress=progress, should_stop=stop)
    found.write(folder)
    voice.say(*(f"{sentence}." for sentence in printed(found)))
    voice.say(f"All of it lies in {folder}: begin with sensitivity.xlsx.")
    voice.result({"criterion": found.criterion, "tier": found.tier, "value": found.value,
                  "notes": found.notes,
                  "table": found.table.to_dict("records"), "solved": found.solved.to_dict("records"), "folder": folder},
                 brief=str(folder))
