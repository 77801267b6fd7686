"""``tornado``: which figures the answer hangs on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import STOPPED, explained, guarded, refused
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.sweep import STOPPING, ClusterOption, LinearOption, WorkersOption, unit_of_criterion
from optimizer.cli.voice import Voice, table
from optimizer.report.text import number, signed

if TYPE_CHECKING:
    from optimizer.sensitivity.whatif.tornado import Tornado

MOST_ROWS = 25


@guarded
def tornado(
    instance: opt.InstanceArg,
    vary: Annotated[list[str] | None, typer.Option("--vary", metavar="KEY=LOW,HIGH", show_default=False,
                                                   help="One figure with its low and its high value, such as "
                                                        "projects.cost=-20%,+30%. May be repeated. [budgets, donors' money, "
                                                        "needs, unit costs, projects and resources, by --by]")] = None,
    by: Annotated[str, typer.Option("--by", metavar="PERCENT", help="How far the usual figures go down and up.")] = "10",
    criterion: Annotated[str | None, typer.Option("--criterion", metavar="NAME", show_default=False,
                                                  help="What to look at [the first level's criterion].")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the table and the picture; a tornado that was interrupted goes "
                                                  "on there [tornados/NAME or tornados/NAME-SCENARIO].")] = None,
    linear: LinearOption = False, workers: WorkersOption = 1, cluster: ClusterOption = None, time_limit: TimeOption = None,
    gap: GapOption = None, threads: ThreadsOption = None, seed: SeedOption = None, scenario: opt.ScenarioOption = None,
    changes: opt.SetOption = None, decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False,
    verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Solve with each figure low and high, the others as they are, and rank the figures by how far the answer swings."""
    from optimizer.cli.stop import Stop
    from optimizer.sensitivity.whatif.tornado import tornado as ranking
    from optimizer.sensitivity.whatif.tornado import usual_keys
    from optimizer.sensitivity.whatif.vary import parsed_varies

    voice = Voice(machine, verbose, quiet)
    if cluster is not None and workers > 1:
        raise refused("command line", cluster, "is named beside --workers", "Leave one of them out")
    folder = out if out is not None else Path("tornados") / opt.instance_name(instance, scenario)
    asked = opt.effective(instance, scenario, decisions, changes)
    asked = opt.with_settings(asked, {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed})
    voice.findings(asked.warnings)
    ranges = parsed_varies(vary) if vary else dict.fromkeys(usual_keys(asked), (f"-{percent(by)}", f"+{percent(by)}"))
    with Stop(STOPPING) as stop, explained(asked, stop):
        found = ranking(asked, ranges, criterion=criterion, relax=linear, workers=workers, cluster=cluster, out=folder,
                        progress=False if quiet else None, should_stop=stop)
    status = 0 if found.complete else STOPPED
    unit = unit_of_criterion(asked, found.criterion)
    voice.say(*sentences(found, unit), f"The ranking lies in {folder}: tornado.csv, tornado.svg, runs.csv.")
    voice.result({"table": found.table.to_dict("records"), "base": found.base, "criterion": found.criterion,
                  "complete": found.complete, "folder": str(folder), "exit": status}, brief=str(folder))
    if status:
        raise typer.Exit(status)


def sentences(found: Tornado, unit: str = "") -> list[str]:
    """The ranking for people."""
    rows = [
        (row["key"], f"{row['low']} … {row['high']}",
         *(signed(row[f"change_{end}"]) if row[f"change_{end}"] == row[f"change_{end}"] else str(row[f"status_{end}"])
           for end in ("low", "high")), number(row["swing"]))
        for row in found.table.head(MOST_ROWS).to_dict("records")
    ]
    counted = f" {unit}" if unit else ""
    lines = [f"Unchanged: {found.criterion} {number(found.base)}{counted}. Change of {found.criterion} with each figure alone:"]
    lines += table(["figure", "low … high", "at low", "at high", "swing"], rows)
    hidden = int((found.table["swing_proved"] < found.table["swing"] / 2).sum())
    if hidden:
        lines.append(f"  Of {hidden} of these swings less than half is proved: the gaps of their runs hide it (--gap).")
    if not found.complete:
        lines.append("The runs were stopped; the same command goes on from here.")
    return lines
